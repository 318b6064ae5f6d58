//! ISO 20022 camt.054: a bank's message of credits and debits on an account, in every version since 001.02.
//!
//! The standard has no HTTP profile. Who sends is agreed with the bank: a bearer token of ours, or mutual TLS or a
//! tunnel that ends in front of the collector. Path and answers are our own.

mod message;
mod normalize;
mod parse;

use std::net::IpAddr;
use std::sync::Arc;

use cashless_domain::Timestamp;
use quick_xml::escape::escape;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::normalize::{Reading, Statements};
use crate::adapter::{Answered, Dialect, Message};
use crate::proof::Secret;
use crate::provider::settings;
use crate::reply::{Outcome, Reply};
use crate::source::MergeBy;
use crate::{
    Adapter, Announcement, CodePattern, CodePatterns, Composed, Delivery, Happening, Provider, Refused,
    Rejection, Verb,
};

/// Refused items that an answer names; the dead letters name all.
const NAMED_MAX: usize = 100;

pub(crate) const PROVIDER: Provider = Provider {
    name: "camt054",
    title: "camt.054 (ISO 20022)",
    merge_by: Some(MergeBy::BankReference),
    names_accounts: true,
    unconfirmed: None,
    tells_repeats: false,
    secrets: &["bearer_tokens"],
    paths: &[""],
    example: r#"{"bearer_tokens":["demo-camt054-token"],"bank":"970436"}"#,
    configure,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Tokens that the bank may show as `Authorization: Bearer`; several while one replaces another.
    #[serde(default)]
    bearer_tokens: Vec<Secret>,
    /// Said by whoever has put mutual TLS or a tunnel in front of the collector, through which nobody but the bank
    /// can reach this source. Without it a token is needed.
    #[serde(default)]
    transport_authenticates: bool,
    /// The only addresses that a delivery may come from; without it, any.
    allowed_addresses: Option<Vec<IpAddr>>,
    /// The BIN of the bank that holds the accounts; without it, the bank that each message names.
    bank: Option<String>,
    /// The forms of the institution's own codes, as `HP[0-9]{2}[A-Z][0-9]{5}`: an end-to-end id of such a form is an
    /// invoice. Without it, any that looks like one.
    #[serde(default)]
    end_to_end_codes: Vec<String>,
}

fn configure(value: Value) -> Result<Arc<dyn Adapter>, String> {
    let settings: Settings = settings(value)?;
    if settings.bearer_tokens.is_empty() && !settings.transport_authenticates {
        return Err(
            "nothing authenticates the sender: set `bearer_tokens`, or `transport_authenticates = true` \
                    where mutual TLS or a tunnel in front of the collector does"
                .to_owned(),
        );
    }
    let codes: Result<Vec<_>, _> =
        settings.end_to_end_codes.iter().map(|text| CodePattern::parse(text)).collect();
    let invoice_codes = CodePatterns::new(codes.map_err(|error| error.to_string())?);
    Ok(Arc::new(Camt054 { settings, invoice_codes }))
}

struct Camt054 {
    settings: Settings,
    invoice_codes: CodePatterns,
}

/// A body that came from the bank.
pub(crate) struct Verified<'d> {
    body: &'d [u8],
}

impl Dialect for Camt054 {
    type Verified<'d> = Verified<'d>;

    fn verify<'d>(&self, delivery: &Delivery<'d>, _: Timestamp) -> Result<Verified<'d>, Refused> {
        if delivery.verb != Verb::Post || !delivery.path.is_empty() || !is_xml(delivery) {
            return Err(Refused::Misdirected);
        }
        if let Some(allowed) = &self.settings.allowed_addresses {
            let peer = delivery.peer.ok_or(Refused::BadToken)?.to_canonical();
            if !allowed.iter().any(|address| address.to_canonical() == peer) {
                return Err(Refused::BadToken);
            }
        }
        if !self.settings.bearer_tokens.is_empty() {
            let shown = delivery.header("authorization").and_then(bearer).ok_or(Refused::BadToken)?;
            // Every token is compared, so that the time taken does not tell which one was close.
            let live = self.settings.bearer_tokens.iter().filter(|token| token.is(shown)).count();
            if live == 0 {
                return Err(Refused::BadToken);
            }
        }
        Ok(Verified { body: delivery.body })
    }

    fn read<'v>(&'v self, verified: &'v Verified<'_>, now: Timestamp) -> Message<'v> {
        let reading =
            Reading { bank: self.settings.bank.as_deref(), invoice_codes: &self.invoice_codes, now };
        let mut statements = Statements::new(reading);
        match parse::read(verified.body, &mut |entry| statements.add(&entry)) {
            Err(rejection) => Message::one(Err(rejection)),
            Ok(()) => match statements.into_found() {
                // A period without a movement.
                found if found.is_empty() => {
                    Message::Answer(Told { stored: Some(0), ..Told::default() }.reply(200))
                }
                found => Message::several(found),
            },
        }
    }

    fn reply(&self, delivery: &Delivery<'_>, outcome: Outcome<'_>, _: Timestamp) -> Reply {
        let refused = |status, reason: &str| Reply::json(status, format!("{{\"error\":\"{reason}\"}}"));
        match outcome {
            Outcome::Stored | Outcome::Repeated => Told::default().reply(200),
            Outcome::Unusable(rejection) => {
                Told { stored: Some(0), refused: 1, items: vec![Item::new(1, rejection)] }.reply(422)
            }
            Outcome::Refused(Refused::Misdirected) if delivery.verb != Verb::Post => refused(405, "method"),
            Outcome::Refused(Refused::Misdirected) if !delivery.path.is_empty() => refused(404, "path"),
            Outcome::Refused(Refused::Misdirected) => refused(415, "content_type"),
            Outcome::Refused(_) => refused(401, "not_authenticated"),
            Outcome::Unavailable => refused(503, "unavailable"),
        }
    }

    fn reply_to_items(&self, _: &Delivery<'_>, answered: Answered<'_>, _: Timestamp) -> Option<Reply> {
        let items = answered.normalized.items();
        let refused = items.iter().filter(|item| item.outcome.is_err()).count();
        let named = (1..).zip(items).filter_map(|(number, item)| {
            item.outcome.as_ref().err().map(|rejection| Item::new(number, rejection))
        });
        let stored = items.len() - refused;
        let told = Told { stored: Some(stored), refused, items: named.take(NAMED_MAX).collect() };
        Some(told.reply(if stored == 0 { 422 } else { 200 }))
    }

    fn compose(&self, announcement: &Announcement<'_>, now: Timestamp) -> Option<Composed> {
        let (direction, status) = match announcement.happening {
            Happening::Paid => ("CRDT", "BOOK"),
            Happening::PaidOut => ("DBIT", "BOOK"),
            Happening::Pending => ("CRDT", "PDNG"),
            Happening::Failed | Happening::Test => return None,
        };
        // Without the setting the message has to name the bank, which an announcement does not.
        self.settings.bank.as_ref()?;
        let element = |name: &str, text: Option<&str>| {
            text.map_or(String::new(), |text| format!("<{name}>{}</{name}>", escape(text)))
        };
        let other = |name: &str, number: Option<&str>| {
            number.map_or(String::new(), |number| {
                format!("<{name}><Id><Othr><Id>{}</Id></Othr></Id></{name}>", escape(number))
            })
        };
        let (number, amount) = (announcement.number, announcement.amount.get());
        let payer = element("Nm", announcement.payer_name);
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn>\
             <GrpHdr><MsgId>MSG-{number}</MsgId><CreDtTm>{now}</CreDtTm></GrpHdr>\
             <Ntfctn><Id>NTF-{number}</Id><CreDtTm>{now}</CreDtTm>{account}\
             <Ntry><Amt Ccy=\"VND\">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts><Cd>{status}</Cd></Sts>\
             <BookgDt><DtTm>{at}</DtTm></BookgDt>{reference}\
             <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd>\
             <NtryDtls><TxDtls><Refs>{reference}<EndToEndId>{end_to_end}</EndToEndId></Refs>\
             <Amt Ccy=\"VND\">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>\
             <RltdPties>{payer}{payer_account}{payee_account}</RltdPties>\
             <RmtInf>{reason}</RmtInf></TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>\n",
            account = other("Acct", Some(announcement.account)),
            at = announcement.occurred_at,
            family = if direction == "CRDT" { "RCDT" } else { "ICDT" },
            reference = element("AcctSvcrRef", Some(announcement.bank_reference)),
            end_to_end = escape(announcement.invoice.unwrap_or("NOTPROVIDED")),
            payer = if payer.is_empty() { payer } else { format!("<Dbtr><Pty>{payer}</Pty></Dbtr>") },
            payer_account = other("DbtrAcct", announcement.payer_account),
            payee_account = other("CdtrAcct", announcement.virtual_account),
            reason = element("Ustrd", Some(announcement.reason)),
        );
        let composed = Composed::post("application/xml", body);
        Some(match self.settings.bearer_tokens.first() {
            Some(token) => composed.with_header("authorization", format!("Bearer {}", token.as_str())),
            None => composed,
        })
    }
}

/// `application/xml`, `text/xml` or `…+xml`, in UTF-8 if it says in what.
fn is_xml(delivery: &Delivery<'_>) -> bool {
    let Some(value) = delivery.header("content-type") else { return false };
    let mut parts = value.split(';').map(str::trim);
    let kind = parts.next().unwrap_or("").to_ascii_lowercase();
    let is_utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    (matches!(kind.as_str(), "application/xml" | "text/xml") || kind.ends_with("+xml")) && parts.all(is_utf8)
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim_start_matches(' '))
}

/// The answer to a message: how many of its transactions are stored, and what is wrong with the others.
#[derive(Default, Serialize)]
struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<usize>,
    refused: usize,
    items: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    /// Its place in the message, from 1.
    item: usize,
    reason: &'static str,
    detail: String,
}

impl Item {
    fn new(item: usize, rejection: &Rejection) -> Self {
        Self { item, reason: rejection.reason.name(), detail: rejection.to_string() }
    }
}

impl Told {
    fn reply(&self, status: u16) -> Reply {
        Reply::json(status, serde_json::to_string(self).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
