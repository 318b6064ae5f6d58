use std::borrow::Cow;

use cashless_domain::{DeadLetterReason, Method};

use super::Settings;
use crate::adapter::text;
use crate::amount;
use crate::form::Form;
use crate::item::Rejection;
use crate::statement::{Channel, Receiver, Said, Statement};

pub(super) fn statement<'v>(form: &'v Form<'_>, settings: &Settings) -> Result<Statement<'v>, Rejection> {
    let merchant = required(form, "merchant_code")?;
    if merchant != settings.merchant_code {
        return Err(Rejection::new(DeadLetterReason::ReceiverNotAllowed, "merchant_code", "not ours"));
    }
    let order = required(form, "order_id")?;
    let status = required(form, "payment_status")?;
    let said = said(status, required(form, "error_code")?);
    let amount = match said {
        Said::Paid => {
            Some(amount::written(required(form, "trans_amount")?).ok_or(amount::no_amount("trans_amount"))?)
        }
        _ => form.get("trans_amount").and_then(amount::written),
    };
    // A digit more or less in the amount, taken from the values beside it, has the same checksum.
    let on_file = settings.amount_on_file(order);
    if settings.has_file() && (on_file.is_none() || amount != on_file.as_deref().and_then(amount::written)) {
        let (reason, problem) = (DeadLetterReason::InvalidAmount, Rejection::OTHER_AMOUNT);
        return Err(Rejection::new(reason, "trans_amount", problem));
    }
    let transaction = match said {
        Said::Paid => Some(required(form, "vt_transaction_id")?),
        _ => form.get("vt_transaction_id"),
    };
    let receiver = Receiver::Merchant(Cow::Borrowed(merchant));
    // Where nothing was paid there may be no transaction yet, only the order.
    let record = format!("{merchant}:{}", transaction.unwrap_or(order));
    Ok(Statement {
        state: text(Some(status)),
        transaction_id: text(transaction),
        amount,
        payer_account: text(form.get("cust_msisdn")),
        invoice: text(form.get("billcode")),
        ..Statement::new(said, record, receiver, Channel::MobileMoney, Method::MobileMoney)
    })
}

fn said(status: &str, error: &str) -> Said<'static> {
    // Codes of our own answers: what we sign for somebody unknown can be read as a result that has one of them.
    let is_ours = matches!(error.trim_start_matches('0'), "1" | "2" | "3");
    match status {
        "1" if error == "00" => Said::Paid,
        "2" | "5" if !is_ours => Said::Failed,
        _ => Said::Pending,
    }
}

fn required<'v>(form: &'v Form<'_>, name: &'static str) -> Result<&'v str, Rejection> {
    form.get(name).ok_or(Rejection::malformed(name, "missing"))
}
