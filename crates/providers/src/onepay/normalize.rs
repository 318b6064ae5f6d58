use std::borrow::Cow;

use cashless_domain::{DeadLetterReason, Method};

use crate::adapter::text;
use crate::amount::amount_of;
use crate::form::Form;
use crate::item::Rejection;
use crate::statement::{Channel, Receiver, Said, Statement};

pub(super) fn statement<'v>(form: &'v Form<'_>, ours: &str) -> Result<Statement<'v>, Rejection> {
    let required = |name: &'static str| form.get(name).ok_or(Rejection::malformed(name, "missing"));
    let merchant = required("vpc_Merchant")?;
    if merchant != ours {
        let problem = "another merchant than this source's";
        return Err(Rejection::new(DeadLetterReason::ReceiverNotAllowed, "vpc_Merchant", problem));
    }
    if form.get("vpc_CurrencyCode").is_some_and(|currency| currency != "VND") {
        return Err(Rejection::new(DeadLetterReason::UnsupportedCurrency, "vpc_CurrencyCode", "not VND"));
    }
    let response = required("vpc_TxnResponseCode")?;
    let said = match response {
        "0" => Said::Paid,
        "300" => Said::Pending,
        _ => Said::Failed,
    };
    // An attempt that never reached a bank may have no number; the merchant's reference names it as well.
    let number = form.get("vpc_TransactionNo").filter(|number| *number != "0");
    let named_by = match number {
        Some(number) => number,
        None if said == Said::Paid => {
            return Err(Rejection::malformed("vpc_TransactionNo", "paid, but without a number"));
        }
        None => required("vpc_MerchTxnRef")?,
    };
    let record = format!("{merchant}:{named_by}");
    let receiver = Receiver::Merchant(Cow::Borrowed(merchant));
    Ok(Statement {
        state: text(Some(response)),
        transaction_id: text(number),
        amount: amount_of(&said, required("vpc_Amount")?, 100, "vpc_Amount")?,
        payer_bank: text(form.get("vpc_AdditionData")),
        reason: text(form.get("vpc_OrderInfo")),
        invoice: text(form.get("vpc_MerchTxnRef")),
        ..Statement::new(said, record, receiver, Channel::Card, Method::WebPayment)
    })
}
