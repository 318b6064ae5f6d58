use std::borrow::Cow;

use cashless_domain::Method;

use crate::adapter::text;
use crate::amount;
use crate::item::Rejection;
use crate::statement::{Channel, Receiver, Said, Statement};
use crate::times;
use crate::tree::Members;

pub(super) fn statement<'v>(members: &'v Members<'_>, bank: &'v str) -> Result<Statement<'v>, Rejection> {
    let (said, _) = said(members)?;
    let number = Cow::Borrowed(members.required("bankaccount")?);
    let receiver = Receiver::Account { bank: Cow::Borrowed(bank), number };
    let (order, content) = (members.text("orderid"), members.text("content"));
    // The account is told whole; only what was paid by a code of VietQR.vn bears its marks.
    let is_qr = said == Said::Paid && (order.is_some() || content.is_some_and(|text| text.contains("VQR")));
    let method = if is_qr { Method::QrTransfer } else { Method::Unknown };
    Ok(Statement {
        transaction_id: text(members.text("transactionid")),
        bank_reference: text(Some(members.required("referencenumber")?)),
        amount: Some(amount::moved(members, "amount")?),
        occurred_at: Some(times::unix_millis(members.required("transactiontime")?, "transactiontime")?),
        reason: text(content),
        invoice: text(order),
        ..Statement::new(said, record(members)?, receiver, Channel::BankTransfer, method)
    })
}

pub(super) fn record(members: &Members<'_>) -> Result<String, Rejection> {
    let (_, kind) = said(members)?;
    let [account, reference] = [members.required("bankaccount")?, members.required("referencenumber")?];
    Ok(format!("{account}:{kind}:{reference}"))
}

fn said(members: &Members<'_>) -> Result<(Said<'static>, &'static str), Rejection> {
    match members.required("transtype")? {
        "C" | "c" => Ok((Said::Paid, "C")),
        "D" | "d" => Ok((Said::PaidOut, "D")),
        _ => Err(Rejection::malformed("transType", "neither C nor D")),
    }
}
