use std::borrow::Cow;

use cashless_domain::{DeadLetterReason, Method};

use crate::adapter::text;
use crate::amount;
use crate::banks::bin_of;
use crate::item::Rejection;
use crate::statement::{Channel, Direction, Receiver, Said, Statement};
use crate::times;
use crate::tree::Members;

/// What a product calls the members of a movement on an account.
pub(super) struct Names {
    id: &'static str,
    gateway: &'static str,
    date: &'static str,
    account: &'static str,
    code: &'static str,
    content: &'static str,
    way: &'static str,
    incoming: &'static str,
    outgoing: &'static str,
    amount: &'static str,
    virtual_account: &'static str,
    reference: &'static str,
}

pub(super) const WEBHOOK: Names = Names {
    id: "id",
    gateway: "gateway",
    date: "transactionDate",
    account: "accountNumber",
    code: "code",
    content: "content",
    way: "transferType",
    incoming: "in",
    outgoing: "out",
    amount: "transferAmount",
    virtual_account: "subAccount",
    reference: "referenceCode",
};

pub(super) const BANKHUB: Names = Names {
    id: "transaction_id",
    gateway: "gateway",
    date: "transaction_date",
    account: "account_number",
    code: "payment_code",
    content: "content",
    way: "transfer_type",
    incoming: "credit",
    outgoing: "debit",
    amount: "amount",
    virtual_account: "va",
    reference: "reference_code",
};

/// A movement on a watched account. No message says who paid, or whether a QR code was scanned.
pub(super) fn transfer<'v>(
    body: &'v Members<'_>,
    names: &'static Names,
    bank: Option<&'v str>,
) -> Result<Statement<'v>, Rejection> {
    let id = body.required(names.id)?;
    let way = body.required(names.way)?;
    let said = if way == names.incoming {
        Said::Paid
    } else if way == names.outgoing {
        Said::PaidOut
    } else {
        Said::Pending
    };
    let number = Cow::Borrowed(body.required(names.account)?);
    let bank = bank.or_else(|| body.text(names.gateway).and_then(bin_of)).ok_or(Rejection::malformed(
        names.gateway,
        "a bank that is not known; name it in the source's setting `bank`",
    ))?;
    let receiver = Receiver::Account { bank: Cow::Borrowed(bank), number };
    Ok(Statement {
        transaction_id: text(Some(id)),
        bank_reference: text(body.text(names.reference)),
        virtual_account: text(body.text(names.virtual_account)),
        amount: Some(amount::moved(body, names.amount)?),
        occurred_at: Some(times::date_time(body.required(names.date)?, names.date)?),
        reason: text(body.text(names.content)),
        invoice: text(body.text(names.code)),
        ..Statement::new(said, id, receiver, Channel::BankTransfer, Method::WebTransfer)
    })
}

/// An order at the payment gateway.
pub(super) fn order<'v>(body: &'v Members<'_>, merchant: &'v str) -> Result<Statement<'v>, Rejection> {
    let part = |name| body.object(name).ok_or(Rejection::malformed(name, "missing"));
    let (order, transaction) = (part("order")?, part("transaction")?);
    if order.text("order_currency").is_some_and(|currency| currency != "VND") {
        let path = "order.order_currency";
        return Err(Rejection::new(DeadLetterReason::UnsupportedCurrency, path, "not VND"));
    }
    let notification = body.required("notification_type")?;
    let is_captured = order.text("order_status") == Some("CAPTURED");
    let said = match (notification, transaction.text("transaction_type")) {
        ("ORDER_PAID", Some("PAYMENT")) if is_captured => Said::Paid,
        ("TRANSACTION_VOID", _) => Said::Voided,
        _ => Said::Pending,
    };
    let state = (said != Said::Paid).then_some(notification);
    let direction = if said == Said::Voided { Direction::Out } else { Direction::In };
    let channel = match transaction.text("payment_method") {
        Some("CARD") => Channel::Card,
        _ => Channel::BankTransfer,
    };
    let id = transaction.required("id")?;
    let date = transaction.required("transaction_date")?;
    let receiver = Receiver::Merchant(Cow::Borrowed(merchant));
    Ok(Statement {
        direction,
        state: text(state),
        transaction_id: text(Some(id)),
        amount: Some(
            order
                .text("order_amount")
                .and_then(amount::written)
                .ok_or(amount::no_amount("order.order_amount"))?,
        ),
        occurred_at: Some(times::date_time(date, "transaction.transaction_date")?),
        reason: text(order.text("order_description")),
        invoice: text(order.text("order_invoice_number")),
        ..Statement::new(said, id, receiver, channel, Method::WebPayment)
    })
}
