use std::borrow::Cow;

use cashless_domain::{DeadLetterReason, Method};

use crate::adapter::text;
use crate::amount::amount_of;
use crate::item::Rejection;
use crate::statement::{Channel, Direction, Receiver, Said, Statement};
use crate::tree::Members;

/// The members that tell the state, each with its word for success; flows differ in which they have.
const STATES: [(&str, &str); 3] = [("status", "3"), ("transaction_status", "3"), ("payment_status", "1")];
/// The type of a payment.
const PAYMENT: &str = "13";

pub(super) fn statement<'v>(
    body: &'v Members<'_>,
    ours: Option<&'v str>,
    client: &'v str,
    divisor: i64,
) -> Result<Statement<'v>, Rejection> {
    // Not in every flow; the client is in all of them.
    let merchant = body.text("merchant_ext_id").or(ours).unwrap_or(client);
    if ours.is_some_and(|ours| ours != merchant) {
        let problem = "another merchant than this source's";
        return Err(Rejection::new(DeadLetterReason::ReceiverNotAllowed, "merchant_ext_id", problem));
    }
    if body.text("currency").is_some_and(|currency| currency != "VND") {
        return Err(Rejection::new(DeadLetterReason::UnsupportedCurrency, "currency", "not VND"));
    }
    let state = STATES.iter().find_map(|(name, _)| body.text(name));
    let state = state.ok_or(Rejection::malformed("status", "missing"))?;
    let said = said(body);
    let number = body.required("transaction_sn")?;
    let receiver = Receiver::Merchant(Cow::Borrowed(merchant));
    let is_reversal = matches!(said, Said::Reversed { .. });
    Ok(Statement {
        state: text(Some(state)),
        transaction_id: text(Some(number)),
        amount: amount_of(&said, body.required("amount")?, divisor, "amount")?,
        invoice: text(body.text("reference_id").or(body.text("payment_reference_id"))),
        direction: if is_reversal { Direction::Out } else { Direction::In },
        ..Statement::new(said, number, receiver, Channel::Wallet, Method::WebPayment)
    })
}

fn original(reference: &str) -> Cow<'static, str> {
    Cow::Owned(format!(":reference:{reference}"))
}

/// Success only if every member that tells a state says so, and the type is a payment's where it is told.
fn said(body: &Members<'_>) -> Said<'static> {
    let succeeded =
        STATES.iter().all(|(name, success)| body.text(name).is_none_or(|state| state == *success));
    let is_payment = body.text("transaction_type").is_none_or(|kind| kind == PAYMENT);
    match (succeeded, body.text("refund_reference_id"), is_payment) {
        // What it undoes is named by our reference alone, which is the name of no record: a refund of something unseen.
        (true, Some(_), _) => Said::Reversed { original: body.text("reference_id").map(original) },
        (true, None, true) => Said::Paid,
        _ => Said::Pending,
    }
}
