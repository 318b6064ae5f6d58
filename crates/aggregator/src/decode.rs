use cashless_broker::LogRecord;
use cashless_rollup::{Entry, EntryBody};
use cashless_wire::{DecodeError, Decoder};
use sha2::{Digest as _, Sha256};
use twox_hash::XxHash3_64;

/// A record of the log, read as far as it can be.
pub(crate) struct Decoded {
    pub(crate) partition: u16,
    pub(crate) generation: u32,
    pub(crate) offset: u64,
    pub(crate) content: Content,
}

pub(crate) enum Content {
    Entry(Entry),
    /// No payment event: goes to the dead-letter topic, and is counted.
    Undecodable {
        entry: Entry,
        body_digest: [u8; 32],
        body_bytes: u64,
    },
    /// Written with a schema this release lacks: whoever skipped it would lose it.
    UnknownSchema(String),
}

/// Recognises a record of the log when it is seen again.
pub(crate) fn digest(key: &[u8], payload: &[u8]) -> u64 {
    XxHash3_64::oneshot(payload) ^ XxHash3_64::oneshot_with_seed(1, key)
}

pub(crate) fn decode(decoder: &mut Decoder, record: LogRecord<'_>) -> Decoded {
    let entry = |body| Entry { offset: record.offset, digest: digest(record.key, record.payload), body };
    let content = match decoder.payment(record.payload) {
        Ok(event) => Content::Entry(entry(EntryBody::Payment(Box::new(event)))),
        Err(error @ DecodeError::UnknownSchema(_)) => Content::UnknownSchema(error.to_string()),
        Err(_) => Content::Undecodable {
            entry: entry(EntryBody::Undecodable),
            body_digest: Sha256::digest(record.payload).into(),
            body_bytes: record.payload.len() as u64,
        },
    };
    Decoded { partition: record.partition, generation: record.generation, offset: record.offset, content }
}
