use std::borrow::Cow;

use cashless_domain::{DeadLetterReason, Method};

use crate::adapter::text;
use crate::amount::amount_of;
use crate::item::Rejection;
use crate::statement::{Channel, Receiver, Said, Statement};
use crate::times;
use crate::tree::Members;

pub(super) fn statement<'v>(
    body: &'v Members<'_>,
    ours: &str,
    auto_capture: bool,
) -> Result<Statement<'v>, Rejection> {
    let partner = body.required("partnerCode")?;
    if partner != ours {
        let problem = "another merchant than this source's";
        return Err(Rejection::new(DeadLetterReason::ReceiverNotAllowed, "partnerCode", problem));
    }
    let code = body.required("resultCode")?;
    let said = match code {
        "0" => Said::Paid,
        // Authorised.
        "9000" if auto_capture => Said::Paid,
        "9000" | "1000" | "7000" | "7002" | "8000" => Said::Pending,
        _ => Said::Failed,
    };
    let number = body.required("transId")?;
    let method = match body.text("payType") {
        Some("qr") => Method::QrPayment,
        _ => Method::WebPayment,
    };
    let record = format!("{partner}:{number}");
    let receiver = Receiver::Merchant(Cow::Borrowed(partner));
    Ok(Statement {
        state: text(Some(code)),
        transaction_id: text(Some(number)),
        amount: amount_of(&said, body.required("amount")?, 1, "amount")?,
        occurred_at: Some(times::unix_millis(body.required("responseTime")?, "responseTime")?),
        is_time_of_message: true,
        reason: text(body.text("orderInfo")),
        invoice: text(body.text("orderId")),
        ..Statement::new(said, record, receiver, Channel::Wallet, method)
    })
}
