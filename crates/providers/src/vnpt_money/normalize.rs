use std::borrow::Cow;

use cashless_domain::{DeadLetterReason, Method};

use super::signature::Notice;
use crate::adapter::text;
use crate::amount;
use crate::item::Rejection;
use crate::statement::{Channel, Receiver, Said, Statement};
use crate::times;

pub(super) fn statement<'v>(notice: &'v Notice, our_service: &str) -> Result<Statement<'v>, Rejection> {
    let [_, code, service, order, amount, currency, transaction, _, paid_at, _] = &notice.values;
    let required =
        [(code, "RESPONSE_CODE"), (service, "MERCHANT_SERVICE_ID"), (transaction, "VNPTPAY_TRANSACTION_ID")];
    if let Some((_, path)) = required.into_iter().find(|(value, _)| value.is_empty()) {
        return Err(Rejection::malformed(path, "missing"));
    }
    if service != our_service {
        return Err(Rejection::new(DeadLetterReason::ReceiverNotAllowed, "MERCHANT_SERVICE_ID", "not ours"));
    }
    if !matches!(currency.as_str(), "" | "VND") {
        return Err(Rejection::new(DeadLetterReason::UnsupportedCurrency, "CURRENCY_CODE", "not VND"));
    }
    let (said, amount) = match code.as_str() {
        "00" => (Said::Paid, Some(amount::written(amount).ok_or(amount::no_amount("AMOUNT"))?)),
        _ => (Said::Failed, amount::written(amount)),
    };
    let paid_at = Some(paid_at.as_str()).filter(|text| !text.is_empty());
    let receiver = Receiver::Merchant(Cow::Borrowed(service.as_str()));
    let record = format!("{service}:{transaction}");
    Ok(Statement {
        state: text(Some(code)),
        transaction_id: text(Some(transaction)),
        amount,
        occurred_at: paid_at.map(|text| times::compact(text, "PAY_DATE")).transpose()?,
        invoice: text(Some(order.as_str()).filter(|order| !order.is_empty())),
        // How PAYMENT_METHOD names Mobile Money is documented nowhere.
        ..Statement::new(said, record, receiver, Channel::MobileMoney, Method::MobileMoney)
    })
}
