use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::writer::datum::GenericDatumWriter;
use cashless_domain::{CashDeclaration, DeadLetterReason, PaymentEvent, SourceId, Stage, Timestamp};

use crate::cash_declaration::CashDeclarationV1;
use crate::payment_event::{self, SchemaVersion};
use crate::records::{DeadLetterV1, Schemas};
use crate::{Framing, FramingError, SchemaReference};

struct Released {
    schema: Schema,
    fingerprint: u64,
}

impl Released {
    fn new(text: &str) -> Self {
        let schema = Schemas::parse(text);
        let fingerprint = Schemas::fingerprint(&schema);
        Self { schema, fingerprint }
    }
}

static PAYMENT_EVENT_V1: LazyLock<Released> = LazyLock::new(|| Released::new(Schemas::PAYMENT_EVENT_V1));
static PAYMENT_EVENT_V2: LazyLock<Released> = LazyLock::new(|| Released::new(Schemas::PAYMENT_EVENT_V2));
static PAYMENT_EVENT_V3: LazyLock<Released> = LazyLock::new(|| Released::new(Schemas::PAYMENT_EVENT_V3));
static DEAD_LETTER_V1: LazyLock<Released> = LazyLock::new(|| Released::new(Schemas::DEAD_LETTER_V1));
static CASH_DECLARATION_V1: LazyLock<Released> =
    LazyLock::new(|| Released::new(Schemas::CASH_DECLARATION_V1));

fn writer(released: &'static Released) -> GenericDatumWriter<'static> {
    GenericDatumWriter::builder(&released.schema)
        .human_readable(false)
        .build()
        .expect("a parsed schema resolves against itself")
}

fn reader(released: &'static Released) -> GenericDatumReader<'static> {
    GenericDatumReader::builder(&released.schema)
        .human_readable(false)
        .build()
        .expect("a parsed schema resolves against itself")
}

/// An authentic delivery or log record that could not be used; see `schemas/avro/DeadLetter`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The same in every repetition: topic/partition/offset, or source/webhook-id digest/item.
    pub id: String,
    /// Where it was given up.
    pub stage: Stage,
    /// The source, or [`SourceId::UNDECODABLE`].
    pub source: String,
    /// Why.
    pub reason: DeadLetterReason,
    /// When.
    pub dead_lettered_at: Timestamp,
    /// Of a delivery a keyed digest of the raw body, of a log record the SHA-256 of its payload.
    pub body_digest: [u8; 32],
    /// Length of the raw body.
    pub body_bytes: u64,
    /// The raw body sealed under the configured key, if there is one.
    pub sealed_body: Option<Vec<u8>>,
}

/// Writes records. One for each topic and framing; cheap to share.
pub struct Encoder {
    payment_framing: Framing,
    dead_letter_framing: Framing,
    declaration_framing: Framing,
    dead_letter: GenericDatumWriter<'static>,
    declaration: GenericDatumWriter<'static>,
}

/// A record that does not fit its schema, which is a defect of this crate.
#[derive(Debug, thiserror::Error)]
#[error("a record does not fit its schema")]
pub struct EncodeError(#[source] Box<apache_avro::Error>);

impl Encoder {
    /// An encoder for all records, each in its own framing: a registry gives each schema an id of its own.
    #[must_use]
    pub fn new(payment_framing: Framing, dead_letter_framing: Framing, declaration_framing: Framing) -> Self {
        Self {
            payment_framing,
            dead_letter_framing,
            declaration_framing,
            dead_letter: writer(&DEAD_LETTER_V1),
            declaration: writer(&CASH_DECLARATION_V1),
        }
    }

    /// Appends the framed record to `out`.
    ///
    /// # Errors
    /// Never for an event made of valid domain types.
    pub fn encode_payment(&self, event: &PaymentEvent, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.payment_framing.write_header(PAYMENT_EVENT_V3.fingerprint, out);
        payment_event::write(event, out);
        Ok(())
    }

    /// Appends the framed record to `out`.
    ///
    /// # Errors
    /// Never for a dead letter made of valid domain types.
    pub fn encode_dead_letter(&self, letter: &DeadLetter, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.dead_letter_framing.write_header(DEAD_LETTER_V1.fingerprint, out);
        let record = DeadLetterV1 {
            id: letter.id.clone(),
            stage: letter.stage,
            source: letter.source.clone(),
            reason: letter.reason,
            dead_lettered_at: letter.dead_lettered_at.as_micros(),
            body_digest: letter.body_digest,
            body_bytes: i64::try_from(letter.body_bytes).unwrap_or(i64::MAX),
            sealed_body: letter.sealed_body.clone(),
        };
        self.dead_letter.write_ser(out, &record).map(|_| ()).map_err(|error| EncodeError(Box::new(error)))
    }

    /// Appends the framed record to `out`.
    ///
    /// # Errors
    /// Never for a declaration without problems.
    pub fn encode_declaration(
        &self,
        declaration: &CashDeclaration,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        self.declaration_framing.write_header(CASH_DECLARATION_V1.fingerprint, out);
        let record = CashDeclarationV1::from(declaration);
        self.declaration.write_ser(out, &record).map(|_| ()).map_err(|error| EncodeError(Box::new(error)))
    }
}

impl Default for Encoder {
    /// Single-object encoding, which needs no registry.
    fn default() -> Self {
        Self::new(Framing::SingleObject, Framing::SingleObject, Framing::SingleObject)
    }
}

/// Why a record of the log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Neither framing: the record is no product of ours. Dead-letter it.
    #[error("unreadable framing")]
    Framing(#[from] FramingError),
    /// A schema this release does not know: a newer producer is at work. Stop rather than lose the record.
    #[error("unknown schema {0:?}")]
    UnknownSchema(SchemaReference),
    /// The body does not follow its schema. Dead-letter it.
    #[error("the body does not follow its schema")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A member is outside its range. Dead-letter it.
    #[error("{0} is out of range")]
    Value(&'static str),
    /// Bytes are left over behind the record. Dead-letter it.
    #[error("bytes are left over behind the record")]
    Trailing,
}

/// Reads records in either framing.
pub struct Decoder {
    payment_registry_ids: HashMap<u32, SchemaVersion>,
    dead_letter_registry_ids: HashSet<u32>,
    declaration_registry_ids: HashSet<u32>,
    dead_letter: GenericDatumReader<'static>,
    declaration: GenericDatumReader<'static>,
    sources: HashSet<SourceId>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new([], [], [])
    }
}

impl Clone for Decoder {
    /// As [`Decoder::new`] with the same ids: each reader of a topic has its own.
    fn clone(&self) -> Self {
        let Self { payment_registry_ids, dead_letter_registry_ids, declaration_registry_ids, .. } = self;
        Self {
            payment_registry_ids: payment_registry_ids.clone(),
            dead_letter_registry_ids: dead_letter_registry_ids.clone(),
            declaration_registry_ids: declaration_registry_ids.clone(),
            ..Self::default()
        }
    }
}

impl Decoder {
    /// A decoder that also takes Confluent framing with these registry ids of the three records: of payments, of all
    /// versions of their schema, the oldest first, as in [`Topic::schemas`](crate::Topic::schemas).
    #[must_use]
    pub fn new(
        payment_registry_ids: impl IntoIterator<Item = u32>,
        dead_letter_registry_ids: impl IntoIterator<Item = u32>,
        declaration_registry_ids: impl IntoIterator<Item = u32>,
    ) -> Self {
        Self {
            payment_registry_ids: payment_registry_ids.into_iter().zip(SchemaVersion::ALL).collect(),
            dead_letter_registry_ids: dead_letter_registry_ids.into_iter().collect(),
            declaration_registry_ids: declaration_registry_ids.into_iter().collect(),
            dead_letter: reader(&DEAD_LETTER_V1),
            declaration: reader(&CASH_DECLARATION_V1),
            sources: HashSet::new(),
        }
    }

    /// Reads one framed `PaymentEvent`. Names of sources are shared between the events of one decoder.
    ///
    /// # Errors
    /// See [`DecodeError`]: an unknown schema means stop, everything else means dead-letter.
    pub fn payment(&mut self, record: &[u8]) -> Result<PaymentEvent, DecodeError> {
        let (version, body) = match Framing::split(record)? {
            (SchemaReference::Fingerprint(known), body) if known == PAYMENT_EVENT_V3.fingerprint => {
                (SchemaVersion::V3, body)
            }
            (SchemaReference::Fingerprint(known), body) if known == PAYMENT_EVENT_V2.fingerprint => {
                (SchemaVersion::V2, body)
            }
            (SchemaReference::Fingerprint(known), body) if known == PAYMENT_EVENT_V1.fingerprint => {
                (SchemaVersion::V1, body)
            }
            (unknown, body) => {
                let version = match unknown {
                    SchemaReference::RegistryId(id) => self.payment_registry_ids.get(&id),
                    SchemaReference::Fingerprint(_) => None,
                };
                (*version.ok_or(DecodeError::UnknownSchema(unknown))?, body)
            }
        };
        payment_event::read(body, version, |name| {
            if let Some(known) = self.sources.get(name) {
                return Ok(known.clone());
            }
            let source = SourceId::new(name)?;
            self.sources.insert(source.clone());
            Ok(source)
        })
    }

    /// Reads one framed `DeadLetter`.
    ///
    /// # Errors
    /// See [`DecodeError`].
    pub fn dead_letter(&self, record: &[u8]) -> Result<DeadLetter, DecodeError> {
        let body = Self::body(record, DEAD_LETTER_V1.fingerprint, &self.dead_letter_registry_ids)?;
        let decoded: DeadLetterV1 = Self::read(&self.dead_letter, body)?;
        Ok(DeadLetter {
            id: decoded.id,
            stage: decoded.stage,
            source: decoded.source,
            reason: decoded.reason,
            dead_lettered_at: Timestamp::from_micros(decoded.dead_lettered_at)
                .map_err(|_| DecodeError::Value("dead_lettered_at"))?,
            body_digest: decoded.body_digest,
            body_bytes: u64::try_from(decoded.body_bytes).map_err(|_| DecodeError::Value("body_bytes"))?,
            sealed_body: decoded.sealed_body,
        })
    }

    /// Reads one framed `CashDeclaration`.
    ///
    /// # Errors
    /// See [`DecodeError`]: an unknown schema means stop, everything else means dead-letter.
    pub fn declaration(&self, record: &[u8]) -> Result<CashDeclaration, DecodeError> {
        let body = Self::body(record, CASH_DECLARATION_V1.fingerprint, &self.declaration_registry_ids)?;
        Self::read::<CashDeclarationV1>(&self.declaration, body)?.try_into()
    }

    fn body<'r>(
        record: &'r [u8],
        fingerprint: u64,
        registry_ids: &HashSet<u32>,
    ) -> Result<&'r [u8], DecodeError> {
        match Framing::split(record)? {
            (SchemaReference::Fingerprint(known), body) if known == fingerprint => Ok(body),
            (SchemaReference::RegistryId(id), body) if registry_ids.contains(&id) => Ok(body),
            (unknown, _) => Err(DecodeError::UnknownSchema(unknown)),
        }
    }

    fn read<T: serde::de::DeserializeOwned>(
        reader: &GenericDatumReader<'static>,
        mut body: &[u8],
    ) -> Result<T, DecodeError> {
        let decoded = reader.read_deser(&mut body).map_err(|error| DecodeError::Body(Box::new(error)))?;
        if body.is_empty() { Ok(decoded) } else { Err(DecodeError::Trailing) }
    }
}
