//! Cash declarations, `schemas/webhooks/declaration.v1.schema.json`: one, or up to 500 under `declarations`.
//!
//! Unlike a payment message, whose unknown members are ignored, a declaration with a member that is not documented is
//! refused: totals are all that may be told here, and whatever else a software would send along may be a person.

use cashless_domain::{
    BusinessDate, CashDeclaration, DeadLetterReason, DeclarationProblem, DeclarationSource, ExportedCashless,
    Method, Timestamp,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Verified;
use super::payload::BATCH_ITEMS_MAX;
use crate::declaring::{Declarer, MonthText};
use crate::event::AHEAD_MICROS_MAX;
use crate::item::{Item, Normalized, Rejection};

type Member<'a> = Option<&'a RawValue>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch<'a> {
    #[serde(borrow)]
    declarations: Vec<&'a RawValue>,
}

/// Every member as it was sent, so that each can be told to be wrong by its own name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declaration<'a> {
    #[serde(borrow, default)]
    institution_id: Member<'a>,
    #[serde(borrow, default)]
    month: Member<'a>,
    #[serde(borrow, default)]
    source: Member<'a>,
    #[serde(borrow, default)]
    version: Member<'a>,
    #[serde(borrow, default)]
    cash_n: Member<'a>,
    #[serde(borrow, default)]
    cash_dong: Member<'a>,
    #[serde(borrow, default)]
    cash_refunds_dong: Member<'a>,
    #[serde(borrow, default)]
    exported_cashless: Member<'a>,
    #[serde(borrow, default)]
    signer_role: Member<'a>,
    #[serde(borrow, default)]
    declared_at: Member<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exported<'a> {
    #[serde(borrow)]
    method: std::borrow::Cow<'a, str>,
    n: i64,
    dong: i64,
}

impl Verified<'_> {
    /// Reads the body as cash declarations: one item each, in their order. A body that cannot be read is one item.
    #[must_use]
    pub fn declarations(&self, declarer: &Declarer<'_>) -> Normalized<CashDeclaration> {
        let unusable = |problem| Normalized::One(item(Err(Rejection::malformed("", problem))));
        let Ok(text) = std::str::from_utf8(self.body) else { return unusable("not UTF-8") };
        let body: &RawValue = match serde_json::from_str(text) {
            Ok(body) => body,
            Err(error) => {
                // The position alone: the parser's own words may quote the body.
                let problem = format!("not JSON at line {} column {}", error.line(), error.column());
                let reason = DeadLetterReason::Malformed;
                return Normalized::One(item(Err(Rejection { reason, path: "", problem: problem.into() })));
            }
        };
        match serde_json::from_str::<Batch<'_>>(body.get()) {
            Ok(Batch { declarations }) if declarations.is_empty() => unusable("no declaration in it"),
            Ok(Batch { declarations }) if declarations.len() > BATCH_ITEMS_MAX => {
                unusable("more than 500 declarations")
            }
            Ok(Batch { declarations }) => {
                Normalized::Batch(declarations.into_iter().map(|one| item(read(one, declarer))).collect())
            }
            Err(_) => Normalized::One(item(read(body, declarer))),
        }
    }
}

/// A declaration moves no money: its dong are in no sum of statements.
fn item(outcome: Result<CashDeclaration, Rejection>) -> Item<CashDeclaration> {
    Item { dong: 0, outcome }
}

fn read(raw: &RawValue, declarer: &Declarer<'_>) -> Result<CashDeclaration, Rejection> {
    let members: Declaration<'_> = serde_json::from_str(raw.get()).map_err(|error| {
        let words = error.to_string();
        // Only the beginning is ours: the rest may be the name of a member that somebody made up.
        let problem = if words.starts_with("unknown field") {
            "a member that is not documented"
        } else if words.starts_with("duplicate field") {
            "a member appears twice"
        } else {
            "not an object of the documented members"
        };
        Rejection::malformed("", problem)
    })?;
    let declared_at = time("declared_at", members.declared_at)?;
    let declaration = CashDeclaration {
        institution_id: text("institution_id", members.institution_id)?,
        month: month(members.month)?,
        source: DeclarationSource::from_name(&text("source", members.source)?).ok_or_else(|| {
            Rejection::malformed("source", "none of system_export, declaration, invoice_total")
        })?,
        version: u32::try_from(whole("version", members.version)?)
            .map_err(|_| Rejection::malformed("version", "not a whole number from 1"))?,
        cash_n: members.cash_n.map(|value| whole("cash_n", Some(value))).transpose()?,
        cash_dong: whole("cash_dong", members.cash_dong)?,
        cash_refunds_dong: match members.cash_refunds_dong {
            None => 0,
            given => whole("cash_refunds_dong", given)?,
        },
        exported_cashless: exported(members.exported_cashless)?,
        signer_role: text("signer_role", members.signer_role)?,
        declared_at,
        recorded_at: declarer.received_at,
        channel: declarer.channel.clone(),
    };
    judge(&declaration, declarer)?;
    Ok(declaration)
}

fn judge(declaration: &CashDeclaration, declarer: &Declarer<'_>) -> Result<(), Rejection> {
    let problems = declaration.problems();
    if let Some(first) = problems.first() {
        let is_amount = |problem: &DeclarationProblem| {
            matches!(problem, DeclarationProblem::OutOfRange(_) | DeclarationProblem::DongWithoutCount)
        };
        let reason =
            if is_amount(first) { DeadLetterReason::InvalidAmount } else { DeadLetterReason::Malformed };
        let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
        return Err(Rejection { reason, path: "", problem: words.join("; ").into() });
    }
    let rejection = |reason, path, problem| Err(Rejection::new(reason, path, problem));
    if declaration.month > declarer.received_at.business_date() {
        return rejection(DeadLetterReason::TimeInFuture, "month", "the month has not begun");
    }
    let ahead = declaration.declared_at.as_micros() - declarer.received_at.as_micros();
    if ahead > AHEAD_MICROS_MAX {
        let problem = "more than five minutes in the future";
        return rejection(DeadLetterReason::TimeInFuture, "declared_at", problem);
    }
    if !declarer.institutions.allow(&declaration.institution_id) {
        let problem = "not an institution that this source may declare for";
        return rejection(DeadLetterReason::ReceiverNotAllowed, "institution_id", problem);
    }
    Ok(())
}

fn given<'a>(path: &'static str, member: Member<'a>) -> Result<&'a str, Rejection> {
    member.map(RawValue::get).ok_or(Rejection::malformed(path, "missing"))
}

fn text(path: &'static str, member: Member<'_>) -> Result<String, Rejection> {
    serde_json::from_str(given(path, member)?).map_err(|_| Rejection::malformed(path, "not a text"))
}

/// A JSON integer, or the same digits as a text: never a fraction, never an exponent.
fn whole(path: &'static str, member: Member<'_>) -> Result<i64, Rejection> {
    let raw = given(path, member)?;
    let digits = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw);
    let is_whole = (1..=18).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_whole.then(|| digits.parse().ok()).flatten()).ok_or(Rejection::new(
        if path == "version" { DeadLetterReason::Malformed } else { DeadLetterReason::InvalidAmount },
        path,
        "not a whole number, 0 or more",
    ))
}

fn time(path: &'static str, member: Member<'_>) -> Result<Timestamp, Rejection> {
    Timestamp::parse_rfc3339(&text(path, member)?)
        .map_err(|_| Rejection::malformed(path, "not a time with an offset (RFC 3339)"))
}

fn month(member: Member<'_>) -> Result<BusinessDate, Rejection> {
    MonthText(&text("month", member)?)
        .first_day()
        .ok_or(Rejection::malformed("month", "not a month as YYYY-MM"))
}

fn exported(member: Member<'_>) -> Result<Vec<ExportedCashless>, Rejection> {
    const PATH: &str = "exported_cashless";
    let Some(raw) = member else { return Ok(Vec::new()) };
    let wrong = |problem| Rejection::malformed(PATH, problem);
    let list: Vec<Exported<'_>> = serde_json::from_str(raw.get())
        .map_err(|_| wrong("not a list of method, n and dong in whole numbers"))?;
    let mut exported = list
        .into_iter()
        .map(|Exported { method, n, dong }| {
            let method = Method::from_name(&method).ok_or(wrong("a method that is not documented"))?;
            Ok(ExportedCashless { method, n, dong })
        })
        .collect::<Result<Vec<_>, Rejection>>()?;
    exported.sort_by_key(|one| one.method);
    Ok(exported)
}
