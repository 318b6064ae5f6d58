//! What a vector expects of the statements in its delivery.

use cashless_domain::{AmountDong, DeadLetterReason, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Mismatch, Receiver, Vector};
use crate::item::Rejection;
use crate::{
    Channel, CodePattern, CodePatterns, Delivery, Direction, Provider, Receiver as Receiving, Refused, Said,
    Statement,
};

pub(super) fn compare(
    vector: &Vector,
    provider: &Provider,
    receiver: &Receiver<'_>,
    delivery: &Delivery<'_>,
) -> Vec<Mismatch> {
    let expected = &vector.expected;
    let is_valid = expected.get("valid") == Some(&Value::Bool(true));
    let got = receiver.adapter.statements(delivery, receiver.now);
    let mut differences = Differences { vector: &vector.name, found: Vec::new() };
    let error = match &got {
        Err(refused) => Some(error_of(*refused)),
        Ok(statements) => statements.iter().find_map(|statement| statement.as_ref().err().map(fault_of)),
    };
    let kind = expected.get("kind").and_then(Value::as_str).unwrap_or("");
    match (is_valid, got) {
        (false, _) => {
            let wanted = expected.get("error").and_then(Value::as_str).unwrap_or("refused");
            differences.note("error", wanted, error.unwrap_or("accepted"));
        }
        (true, Err(refused)) => differences.note("valid", "true", error_of(refused)),
        // The signature alone is right; what is signed is no message.
        (true, Ok(_)) if kind == "signature_only" => {}
        (true, Ok(statements)) if matches!(kind, "token_request" | "verify_request") => {
            if !statements.is_empty() {
                differences.note("kind", kind, "statements");
            }
        }
        (true, Ok(_)) if kind == "generic" => {
            let id = delivery.header(crate::standard_webhooks::ID_HEADER).unwrap_or("");
            differences.text(expected, "dedupe_key", Some(&format!("standard:{id}")));
        }
        (true, Ok(_)) if error.is_some() => differences.note("valid", "true", error.unwrap_or("")),
        (true, Ok(statements)) => {
            let statements: Vec<_> = statements.into_iter().flatten().collect();
            let events = expected.get("events").and_then(Value::as_array);
            let whole = [Value::Object(expected.clone())];
            let events = events.map_or(&whole[..], Vec::as_slice);
            if events.len() != statements.len() {
                differences.note("events", &events.len().to_string(), &statements.len().to_string());
            }
            for (event, statement) in events.iter().filter_map(Value::as_object).zip(&statements) {
                differences.statement(event, provider, statement);
            }
            if let Some(first) = statements.first().filter(|_| expected.contains_key("events")) {
                for name in ["message_id", "notification_id"] {
                    differences.text(expected, name, particular(first, name));
                }
            }
        }
    }
    differences.found
}

fn error_of(refused: Refused) -> &'static str {
    match refused {
        Refused::MissingSignature => "missing_signature",
        Refused::BadSignature => "bad_signature",
        Refused::BadToken => "bad_token",
        Refused::Stale => "stale",
        Refused::MayNotDeclare => "may_not_declare",
        Refused::Unreadable | Refused::Misdirected => "malformed",
    }
}

fn fault_of(rejection: &Rejection) -> &'static str {
    match rejection.reason {
        DeadLetterReason::UnsupportedCurrency => "unsupported_currency",
        DeadLetterReason::InvalidAmount
            if [Rejection::SUM_DIFFERS, Rejection::OTHER_AMOUNT].contains(&rejection.problem.as_ref()) =>
        {
            "amount_mismatch"
        }
        DeadLetterReason::Malformed if rejection.problem == Rejection::OTHER_MESSAGE => "unsupported_message",
        _ => "malformed",
    }
}

fn particular<'s>(statement: &'s Statement<'_>, wanted: &str) -> Option<&'s str> {
    statement.particulars.iter().find(|(name, _)| *name == wanted).map(|(_, text)| text.as_ref())
}

pub(super) struct Differences<'v> {
    pub(super) vector: &'v str,
    pub(super) found: Vec<Mismatch>,
}

impl Differences<'_> {
    pub(super) fn note(&mut self, member: &str, expected: &str, got: &str) {
        if expected != got {
            self.found.push(Mismatch {
                vector: self.vector.to_owned(),
                member: member.to_owned(),
                expected: expected.to_owned(),
                got: got.to_owned(),
            });
        }
    }

    /// A listed member; `null` and empty are missing.
    pub(super) fn text(&mut self, expected: &Map<String, Value>, member: &str, got: Option<&str>) {
        let Some(wanted) = expected.get(member) else { return };
        let wanted = match wanted {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.note(member, &wanted, got.unwrap_or(""));
    }

    fn statement(&mut self, expected: &Map<String, Value>, provider: &Provider, statement: &Statement<'_>) {
        let (kind, status) = match &statement.said {
            Said::Paid => ("payment", "success"),
            Said::PaidOut => ("outgoing", "success"),
            Said::Voided | Said::Reversed { .. } => ("reversal", "reversed"),
            Said::Failed => ("failed", "failed"),
            Said::Pending => ("pending", "pending"),
            Said::Test => ("test", "success"),
        };
        let direction = match statement.direction {
            Direction::In => "in",
            Direction::Out => "out",
        };
        let channel = match statement.channel {
            Channel::BankTransfer => "bank_transfer",
            Channel::Wallet => "wallet",
            Channel::MobileMoney => "mobile_money",
            Channel::Card => "card",
            Channel::Unknown if expected.get("channel").is_some_and(Value::is_string) => "unknown",
            Channel::Unknown => "",
        };
        let account = match &statement.receiver {
            Receiving::Account { number, .. } => Some(number.as_ref()),
            Receiving::Merchant(_) => None,
        };
        let named = provider.name.split('-').next().unwrap_or("");
        let state = statement.state.as_ref().map_or(String::new(), |state| format!(":{state}"));
        let dedupe_key = format!("{named}:{}{state}", statement.record);
        let amount = statement.amount.map(|amount| AmountDong::get(amount).to_string());
        let texts = [
            ("kind", Some(kind)),
            ("status", Some(status)),
            ("direction", Some(direction)),
            ("channel", Some(channel)),
            ("currency", Some("VND")),
            ("dedupe_key", Some(dedupe_key.as_str())),
            ("amount", amount.as_deref()),
            ("provider_txn_id", statement.transaction_id.as_deref()),
            ("bank_reference", statement.bank_reference.as_deref()),
            ("beneficiary_account", account),
            ("beneficiary_name", statement.beneficiary_name.as_deref()),
            ("virtual_account", statement.virtual_account.as_deref()),
            ("payer_name", statement.payer_name.as_deref()),
            ("payer_account", statement.payer_account.as_deref()),
            ("payer_bank", statement.payer_bank.as_deref()),
            ("reason", statement.reason.as_deref()),
            ("invoice_code", statement.invoice.as_deref()),
            ("value_date", particular(statement, "value_date")),
            ("document_number", particular(statement, "document_number")),
            ("end_to_end_id", particular(statement, "end_to_end_id")),
            ("return_reason", particular(statement, "return_reason")),
        ];
        for (member, got) in texts {
            self.text(expected, member, got);
        }
        if let Some(wanted) = expected.get("occurred_at") {
            let wanted = wanted.as_str().and_then(|text| Timestamp::parse_rfc3339(text).ok());
            let written = |time: Option<Timestamp>| time.map_or(String::new(), |time| time.to_string());
            self.note("occurred_at", &written(wanted), &written(statement.occurred_at));
        }
    }
}

/// Texts of transfers, and the codes to be found in them.
#[derive(Debug, Deserialize)]
pub(super) struct ContentParsing {
    patterns: Map<String, Value>,
    cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
struct Case {
    content: String,
    codes: Vec<String>,
}

impl ContentParsing {
    pub(super) fn len(&self) -> usize {
        self.cases.len()
    }

    pub(super) fn check(&self) -> Vec<Mismatch> {
        let patterns = self.patterns.values().filter_map(Value::as_str);
        let patterns = CodePatterns::new(patterns.filter_map(|text| CodePattern::parse(text).ok()));
        let mut differences = Differences { vector: "content_parsing", found: Vec::new() };
        for case in &self.cases {
            let got = patterns.find(&case.content);
            differences.note(&format!("codes of {:?}", case.content), &case.codes.join(" "), &got.join(" "));
        }
        differences.found
    }
}
