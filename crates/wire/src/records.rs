//! The shapes of the records as Avro reads and writes them, and their schemas.

use apache_avro::Schema;
use apache_avro::rabin::Rabin;
use cashless_domain as domain;
use serde::{Deserialize, Serialize};

use crate::DecodeError;

/// The released schema files.
#[derive(Debug)]
pub struct Schemas;

impl Schemas {
    /// `schemas/avro/PaymentEvent/v1.avsc`.
    pub const PAYMENT_EVENT_V1: &'static str = include_str!("../../../schemas/avro/PaymentEvent/v1.avsc");
    /// `schemas/avro/DeadLetter/v1.avsc`.
    pub const DEAD_LETTER_V1: &'static str = include_str!("../../../schemas/avro/DeadLetter/v1.avsc");

    pub(crate) fn parse(text: &str) -> Schema {
        Schema::parse_str(text).expect("the schema files of this crate are Avro schemas")
    }

    pub(crate) fn fingerprint(schema: &Schema) -> u64 {
        let digest = schema.fingerprint::<Rabin>().bytes;
        u64::from_le_bytes(digest.try_into().expect("CRC-64-AVRO has eight bytes"))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "PaymentEvent")]
pub(crate) struct PaymentEventV1 {
    source: String,
    source_class: domain::SourceClass,
    anchor: i32,
    #[serde(with = "apache_avro::serde::fixed")]
    account: [u8; 16],
    #[serde(with = "apache_avro::serde::fixed")]
    payment: [u8; 16],
    #[serde(with = "apache_avro::serde::fixed")]
    record: [u8; 8],
    received_at: i64,
    status: Option<StatusChangeV1>,
    details: Option<DetailsV1>,
    decision: Option<DecisionV1>,
    erased: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "StatusChange")]
struct StatusChangeV1 {
    version: i32,
    status: domain::Status,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "Details")]
struct DetailsV1 {
    version: i32,
    provider_time: Option<i64>,
    amount_dong: i64,
    settled_at: i64,
    method: domain::Method,
    kind: domain::Kind,
    #[serde(with = "apache_avro::serde::fixed")]
    identifier: [u8; 16],
    evidence: i32,
    fields: i32,
    flags: i32,
    reason: domain::Reason,
    beneficiary_kind: domain::Beneficiary,
    #[serde(with = "apache_avro::serde::fixed_opt")]
    payer: Option<[u8; 8]>,
    #[serde(with = "apache_avro::serde::fixed_opt")]
    beneficiary: Option<[u8; 8]>,
    #[serde(with = "apache_avro::serde::fixed_opt")]
    invoice: Option<[u8; 8]>,
    #[serde(with = "apache_avro::serde::fixed_opt")]
    invoice_other_year: Option<[u8; 8]>,
    #[serde(with = "apache_avro::serde::fixed_opt")]
    original: Option<[u8; 8]>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "Decision")]
struct DecisionV1 {
    by: domain::DecidedBy,
    registry_version: i32,
    decided_at: i64,
    #[serde(with = "apache_avro::serde::fixed_opt")]
    merged_into: Option<[u8; 8]>,
    kind: Option<domain::Kind>,
    settled_at: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename = "DeadLetter")]
pub(crate) struct DeadLetterV1 {
    pub(crate) id: String,
    pub(crate) stage: domain::Stage,
    pub(crate) source: String,
    pub(crate) reason: domain::DeadLetterReason,
    pub(crate) dead_lettered_at: i64,
    #[serde(with = "apache_avro::serde::fixed")]
    pub(crate) body_digest: [u8; 32],
    pub(crate) body_bytes: i64,
    #[serde(with = "apache_avro::serde::bytes_opt")]
    pub(crate) sealed_body: Option<Vec<u8>>,
}

/// Avro's `int` is signed; versions are bounded by the provider's contract to what fits.
fn int(version: u32) -> i32 {
    i32::try_from(version).unwrap_or(i32::MAX)
}

impl From<&domain::PaymentEvent> for PaymentEventV1 {
    fn from(event: &domain::PaymentEvent) -> Self {
        Self {
            source: event.source.as_str().to_owned(),
            source_class: event.source_class,
            anchor: i32::from(event.key.anchor.days()),
            account: event.key.account.0,
            payment: event.key.payment.0,
            record: event.key.record.0.to_be_bytes(),
            received_at: event.received_at.as_micros(),
            status: event.status.map(|s| StatusChangeV1 { version: int(s.version), status: s.status }),
            details: event.details.as_ref().map(DetailsV1::from),
            decision: event.decision.as_ref().map(DecisionV1::from),
            erased: event.erased,
        }
    }
}

impl From<&domain::Details> for DetailsV1 {
    fn from(details: &domain::Details) -> Self {
        Self {
            version: int(details.version),
            provider_time: details.provider_time.map(domain::Timestamp::as_micros),
            amount_dong: details.amount.get(),
            settled_at: details.settled_at.as_micros(),
            method: details.method,
            kind: details.kind,
            identifier: details.identifier.0,
            evidence: details.evidence.0.into(),
            fields: details.fields.0.into(),
            flags: details.flags.0.into(),
            reason: details.reason,
            beneficiary_kind: details.beneficiary_kind,
            payer: details.payer.map(|digest| digest.0.to_be_bytes()),
            beneficiary: details.beneficiary.map(|digest| digest.0.to_be_bytes()),
            invoice: details.invoice.map(|digest| digest.0.to_be_bytes()),
            invoice_other_year: details.invoice_other_year.map(|digest| digest.0.to_be_bytes()),
            original: details.original.map(|record| record.0.to_be_bytes()),
        }
    }
}

impl From<&domain::Decision> for DecisionV1 {
    fn from(decision: &domain::Decision) -> Self {
        Self {
            by: decision.by,
            registry_version: int(decision.registry_version),
            decided_at: decision.decided_at.as_micros(),
            merged_into: decision.merged_into.map(|record| record.0.to_be_bytes()),
            kind: decision.kind,
            settled_at: decision.settled_at.map(domain::Timestamp::as_micros),
        }
    }
}

fn time(micros: i64) -> Result<domain::Timestamp, DecodeError> {
    domain::Timestamp::from_micros(micros).map_err(|_| DecodeError::Value("a time outside 1970 to 2149"))
}

fn bits(value: i32) -> Result<u8, DecodeError> {
    u8::try_from(value).map_err(|_| DecodeError::Value("bits outside one byte"))
}

fn version(value: i32) -> Result<u32, DecodeError> {
    u32::try_from(value).map_err(|_| DecodeError::Value("a negative version"))
}

impl PaymentEventV1 {
    pub(crate) fn into_domain(
        self,
        intern: impl FnOnce(&str) -> Result<domain::SourceId, domain::InvalidSourceId>,
    ) -> Result<domain::PaymentEvent, DecodeError> {
        let received_at = time(self.received_at)?;
        let status = match self.status {
            None => None,
            Some(s) => Some(domain::StatusChange { version: version(s.version)?, status: s.status }),
        };
        Ok(domain::PaymentEvent {
            source: intern(&self.source).map_err(|_| DecodeError::Value("a source name"))?,
            source_class: self.source_class,
            key: domain::EventKey {
                anchor: u16::try_from(self.anchor)
                    .map(domain::BusinessDate::from_days)
                    .map_err(|_| DecodeError::Value("an anchor outside 1970 to 2149"))?,
                account: domain::AccountId(self.account),
                payment: domain::PaymentId(self.payment),
                record: domain::RecordId(u64::from_be_bytes(self.record)),
            },
            received_at,
            status,
            details: self.details.map(|details| details.into_domain(received_at)).transpose()?,
            decision: self.decision.map(DecisionV1::into_domain).transpose()?,
            erased: self.erased,
        })
    }
}

impl DetailsV1 {
    fn into_domain(self, received_at: domain::Timestamp) -> Result<domain::Details, DecodeError> {
        Ok(domain::Details {
            version: version(self.version)?,
            provider_time: self.provider_time.map(time).transpose()?,
            received_at,
            amount: domain::AmountDong::new(self.amount_dong).map_err(|_| DecodeError::Value("an amount"))?,
            settled_at: time(self.settled_at)?,
            method: self.method,
            kind: self.kind,
            identifier: domain::IdentifierId(self.identifier),
            evidence: domain::Evidence(bits(self.evidence)?),
            fields: domain::MinimumFields(bits(self.fields)?),
            flags: domain::Flags(bits(self.flags)?),
            reason: self.reason,
            beneficiary_kind: self.beneficiary_kind,
            payer: self.payer.map(|bytes| domain::PersonDigest(u64::from_be_bytes(bytes))),
            beneficiary: self.beneficiary.map(|bytes| domain::PersonDigest(u64::from_be_bytes(bytes))),
            invoice: self.invoice.map(|bytes| domain::InvoiceDigest(u64::from_be_bytes(bytes))),
            invoice_other_year: self
                .invoice_other_year
                .map(|bytes| domain::InvoiceDigest(u64::from_be_bytes(bytes))),
            original: self.original.map(|bytes| domain::RecordId(u64::from_be_bytes(bytes))),
        })
    }
}

impl DecisionV1 {
    fn into_domain(self) -> Result<domain::Decision, DecodeError> {
        Ok(domain::Decision {
            by: self.by,
            registry_version: version(self.registry_version)?,
            decided_at: time(self.decided_at)?,
            merged_into: self.merged_into.map(|bytes| domain::RecordId(u64::from_be_bytes(bytes))),
            kind: self.kind,
            settled_at: self.settled_at.map(time).transpose()?,
        })
    }
}
