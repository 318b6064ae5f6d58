use std::borrow::Cow;

use cashless_domain::{DeadLetterReason, Method};

use crate::adapter::text;
use crate::amount;
use crate::item::Rejection;
use crate::statement::{Channel, Receiver, Said, Statement};
use crate::times;
use crate::tree::Members;

pub(super) fn statement<'v>(data: &'v Members<'_>, bank: &'v str) -> Result<Statement<'v>, Rejection> {
    if data.text("currency").is_some_and(|currency| currency != "VND") {
        return Err(Rejection::new(DeadLetterReason::UnsupportedCurrency, "data.currency", "not VND"));
    }
    let said = if data.required("code")? == "00" { Said::Paid } else { Said::Pending };
    let amount = match said {
        Said::Paid => Some(amount::moved(data, "amount")?),
        _ => data.get("amount").and_then(amount::unsigned_amount),
    };
    let reference = data.required("reference")?;
    // One link can receive several transfers.
    let record = format!("{}:{reference}", data.required("paymentLinkId")?);
    let number = Cow::Borrowed(data.required("accountNumber")?);
    let receiver = Receiver::Account { bank: Cow::Borrowed(bank), number };
    Ok(Statement {
        transaction_id: text(Some(reference)),
        bank_reference: text(Some(reference)),
        virtual_account: text(data.text("virtualAccountNumber")),
        amount,
        occurred_at: Some(times::date_time(
            data.required("transactionDateTime")?,
            "data.transactionDateTime",
        )?),
        payer_name: text(data.text("counterAccountName")),
        payer_account: text(data.text("counterAccountNumber")),
        payer_bank: text(data.text("counterAccountBankId").or(data.text("counterAccountBankName"))),
        beneficiary_name: text(data.text("virtualAccountName")),
        reason: text(data.text("description")),
        invoice: text(data.text("orderCode")),
        ..Statement::new(said, record, receiver, Channel::BankTransfer, Method::QrTransfer)
    })
}
