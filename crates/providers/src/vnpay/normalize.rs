use std::borrow::Cow;

use cashless_domain::{DeadLetterReason, Method};

use crate::adapter::text;
use crate::amount::amount_of;
use crate::form::Form;
use crate::item::Rejection;
use crate::statement::{Channel, Receiver, Said, Statement};
use crate::times;

pub(super) fn statement<'v>(form: &'v Form<'_>, tmn_code: Option<&str>) -> Result<Statement<'v>, Rejection> {
    let required = |name: &'static str| form.get(name).ok_or(Rejection::malformed(name, "missing"));
    let merchant = required("vnp_TmnCode")?;
    if tmn_code.is_some_and(|ours| ours != merchant) {
        let problem = "another terminal than this source's";
        return Err(Rejection::new(DeadLetterReason::ReceiverNotAllowed, "vnp_TmnCode", problem));
    }
    let (response, status) = (required("vnp_ResponseCode")?, required("vnp_TransactionStatus")?);
    let said = said(response, status);
    let state = (said != Said::Paid).then(|| Cow::Owned(format!("{response}:{status}")));
    // 0 where nothing was booked: the merchant's reference is unique in its day.
    let number = form.get("vnp_TransactionNo").filter(|number| *number != "0");
    let named_by = match number {
        Some(number) => number,
        None if said == Said::Paid => {
            return Err(Rejection::malformed("vnp_TransactionNo", "paid, but nothing was booked"));
        }
        None => required("vnp_TxnRef")?,
    };
    let card_type = form.get("vnp_CardType");
    let (channel, method) = match card_type {
        Some("QRCODE") => (Channel::BankTransfer, Method::QrPayment),
        Some(_) => (Channel::Card, Method::WebPayment),
        None => (Channel::Unknown, Method::Unknown),
    };
    let pay_date = form.get("vnp_PayDate").map(|date| times::compact(date, "vnp_PayDate")).transpose()?;
    let receiver = Receiver::Merchant(Cow::Borrowed(merchant));
    Ok(Statement {
        state,
        transaction_id: text(number),
        bank_reference: text(form.get("vnp_BankTranNo")),
        amount: amount_of(&said, required("vnp_Amount")?, 100, "vnp_Amount")?,
        occurred_at: pay_date,
        payer_bank: text(form.get("vnp_BankCode")),
        reason: text(form.get("vnp_OrderInfo")),
        invoice: text(form.get("vnp_TxnRef")),
        ..Statement::new(said, format!("{merchant}:{named_by}"), receiver, channel, method)
    })
}

/// 07 is suspected fraud, 01 not finished, 04 debited and not completed: somebody has to look at them.
fn said(response: &str, status: &str) -> Said<'static> {
    match (response, status) {
        ("00", "00") => Said::Paid,
        ("07", _) | (_, "01" | "04" | "07") => Said::Pending,
        ("00", "02") => Said::Failed,
        // Other statuses are not documented enough to say that it came to nothing.
        ("00", _) => Said::Pending,
        _ => Said::Failed,
    }
}
