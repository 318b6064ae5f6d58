use std::borrow::Cow;

use cashless_domain::{DeadLetterReason, Method};

use crate::amount;
use crate::item::Rejection;
use crate::statement::{Channel, Receiver, Said, Statement};
use crate::times;
use crate::tree::{self, Members};

/// Owned, because the members borrow from the text of `data`, and the text is read here.
pub(super) fn statement(data: &str, our_app_id: u64) -> Result<Statement<'static>, Rejection> {
    let data = tree::object(data.as_bytes()).map_err(|_| Rejection::malformed("data", "unreadable"))?;
    // The type in the envelope is not signed; an agreement for later debits (type 2) shows in what it lacks.
    if data.get("zp_trans_id").is_none() && data.get("amount").is_none() {
        return Err(Rejection::malformed("data", Rejection::OTHER_MESSAGE));
    }
    let app_id = data.required("app_id")?;
    if app_id != our_app_id.to_string() {
        return Err(Rejection::new(DeadLetterReason::ReceiverNotAllowed, "data.app_id", "not ours"));
    }
    let transaction = data.required("zp_trans_id")?;
    if !transaction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Rejection::malformed("data.zp_trans_id", "not a whole number"));
    }
    let receiver = Receiver::Merchant(Cow::Borrowed(app_id));
    let record = format!("{app_id}:{transaction}");
    let statement = Statement {
        transaction_id: Some(Cow::Borrowed(transaction)),
        amount: Some(amount::moved(&data, "amount")?),
        occurred_at: Some(times::unix_millis(data.required("server_time")?, "data.server_time")?),
        invoice: invoice(&data),
        ..Statement::new(Said::Paid, record, receiver, Channel::Wallet, Method::WebPayment)
    };
    Ok(statement.into_owned())
}

/// What the merchant put into the order, else the merchant's own number of the order.
fn invoice<'v>(data: &'v Members<'_>) -> Option<Cow<'v, str>> {
    let embedded = data.text("embed_data").and_then(|text| tree::object(text.as_bytes()).ok());
    let invoice = embedded.and_then(|embedded| embedded.text("invoice").map(str::to_owned));
    invoice.map(Cow::Owned).or_else(|| data.text("app_trans_id").map(Cow::Borrowed))
}
