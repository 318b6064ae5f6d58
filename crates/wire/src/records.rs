//! The shapes of the records as Avro reads and writes them, and their schemas.

use apache_avro::Schema;
use apache_avro::rabin::Rabin;
use cashless_domain as domain;
use serde::{Deserialize, Serialize};

/// The released schema files.
#[derive(Debug)]
pub struct Schemas;

impl Schemas {
    /// `schemas/avro/PaymentEvent/v1.avsc`.
    pub const PAYMENT_EVENT_V1: &'static str = include_str!("../../../schemas/avro/PaymentEvent/v1.avsc");
    /// `schemas/avro/PaymentEvent/v2.avsc`.
    pub const PAYMENT_EVENT_V2: &'static str = include_str!("../../../schemas/avro/PaymentEvent/v2.avsc");
    /// `schemas/avro/PaymentEvent/v3.avsc`.
    pub const PAYMENT_EVENT_V3: &'static str = include_str!("../../../schemas/avro/PaymentEvent/v3.avsc");
    /// `schemas/avro/DeadLetter/v1.avsc`.
    pub const DEAD_LETTER_V1: &'static str = include_str!("../../../schemas/avro/DeadLetter/v1.avsc");

    /// `schemas/avro/CashDeclaration/v1.avsc`.
    pub const CASH_DECLARATION_V1: &'static str =
        include_str!("../../../schemas/avro/CashDeclaration/v1.avsc");

    pub(crate) fn parse(text: &str) -> Schema {
        Schema::parse_str(text).expect("the schema files of this crate are Avro schemas")
    }

    pub(crate) fn fingerprint(schema: &Schema) -> u64 {
        let digest = schema.fingerprint::<Rabin>().bytes;
        u64::from_le_bytes(digest.try_into().expect("CRC-64-AVRO has eight bytes"))
    }
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
