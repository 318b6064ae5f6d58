use std::borrow::Cow;

use cashless_domain::{DeadLetterReason, Method};

use crate::adapter::text;
use crate::amount::signed_amount;
use crate::banks::bin_of;
use crate::item::Rejection;
use crate::statement::{Channel, Direction, Receiver, Said, Statement};
use crate::times;
use crate::tree::{Members, Node};

/// What a version calls its members.
struct Names {
    reference: &'static str,
    when: &'static str,
    /// The second one is asked where the first is empty.
    account: [&'static str; 2],
    virtual_account: &'static str,
    virtual_name: &'static str,
    other_name: &'static str,
    other_account: &'static str,
    other_bank: [&'static str; 2],
}

const V2: Names = Names {
    reference: "reference",
    when: "transactionDateTime",
    account: ["accountNumber"; 2],
    virtual_account: "virtualAccountNumber",
    virtual_name: "virtualAccountName",
    other_name: "counterAccountName",
    other_account: "counterAccountNumber",
    other_bank: ["counterAccountBankId", "counterAccountBankName"],
};

const V1: Names = Names {
    reference: "tid",
    when: "when",
    account: ["bank_sub_acc_id", "subAccId"],
    virtual_account: "virtualAccount",
    virtual_name: "virtualAccountName",
    other_name: "corresponsiveName",
    other_account: "corresponsiveAccount",
    other_bank: ["corresponsiveBankId", "corresponsiveBankName"],
};

/// V2: `data` is one transaction.
pub(super) fn transaction<'v>(
    body: &'v Members<'_>,
    bank: Option<&'v str>,
) -> Result<Statement<'v>, Rejection> {
    no_error(body)?;
    let data = body.object("data").ok_or(Rejection::malformed("data", "not an object"))?;
    row(data, &V2, bank)
}

/// V1: `data` is a list of them.
pub(super) fn transactions<'v>(
    body: &'v Members<'_>,
    bank: Option<&'v str>,
) -> Vec<Result<Statement<'v>, Rejection>> {
    if let Err(rejection) = no_error(body) {
        return vec![Err(rejection)];
    }
    let Some(Node::Array(rows)) = body.get("data") else {
        return vec![Err(Rejection::malformed("data", "not a list"))];
    };
    let rows = rows.iter().map(|element| match element {
        Node::Object(members) => row(members, &V1, bank),
        _ => Err(Rejection::malformed("data", "an element that is no object")),
    });
    rows.collect()
}

fn no_error(body: &Members<'_>) -> Result<(), Rejection> {
    match body.required("error")? {
        "0" => Ok(()),
        _ => Err(Rejection::malformed("error", "not 0")),
    }
}

/// No message says whether a QR code was scanned. The other side of an outgoing transfer stands where the payer would.
fn row<'v>(
    row: &'v Members<'_>,
    names: &'static Names,
    bank: Option<&'v str>,
) -> Result<Statement<'v>, Rejection> {
    let either = |[first, second]: [&'static str; 2]| row.text(first).or(row.text(second));
    let id = row.required("id")?;
    let reference = row.text(names.reference);
    let (is_out, amount) = row.get("amount").and_then(signed_amount).ok_or(Rejection::new(
        DeadLetterReason::InvalidAmount,
        "amount",
        "not whole dong up to 1000000000000000, with a minus sign where money went out",
    ))?;
    let direction = if is_out { Direction::Out } else { Direction::In };
    // All trials have the id 0.
    let (said, record) = match (id, direction) {
        ("0", _) => (Said::Test, format!("0:{}", reference.unwrap_or("")).into()),
        (_, Direction::In) => (Said::Paid, Cow::Borrowed(id)),
        (_, Direction::Out) => (Said::PaidOut, Cow::Borrowed(id)),
    };
    let number = either(names.account).ok_or(Rejection::malformed(names.account[0], "missing"))?;
    let named = || ["bankAbbreviation", "bankName"].into_iter().find_map(|name| bin_of(row.text(name)?));
    let bank = bank.or_else(named).ok_or(Rejection::malformed(
        "bankName",
        "a bank that is not known; name it in the source's setting `bank`",
    ))?;
    let receiver = Receiver::Account { bank: Cow::Borrowed(bank), number: Cow::Borrowed(number) };
    Ok(Statement {
        direction,
        transaction_id: text(Some(id)),
        bank_reference: text(reference),
        virtual_account: text(row.text(names.virtual_account)),
        amount: Some(amount),
        occurred_at: Some(times::date_time(row.required(names.when)?, names.when)?),
        payer_name: text(row.text(names.other_name)),
        payer_account: text(row.text(names.other_account)),
        payer_bank: text(either(names.other_bank)),
        beneficiary_name: text(row.text(names.virtual_name)),
        reason: text(row.text("description")),
        ..Statement::new(said, record, receiver, Channel::BankTransfer, Method::WebTransfer)
    })
}
