use std::sync::Arc;

use cashless_broker::{EventLog, ReadError};
use cashless_domain::{DeadLetterReason, SourceId, Stage, Timestamp};
use cashless_wire::{DeadLetter, Encoder};
use prometheus::IntCounter;

use crate::retry::Retry;
use crate::worker::Error;

/// Where records go that cannot be decoded, whatever log they were in.
pub(crate) struct DeadLetters {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) topic: String,
    pub(crate) encoder: Encoder,
    pub(crate) counter: IntCounter,
}

impl DeadLetters {
    /// Returns when they are durable.
    pub(crate) async fn append(&self, letters: Vec<DeadLetter>, retry: &Retry) -> Result<(), Error> {
        for letter in letters {
            tracing::warn!(id = letter.id, reason = letter.reason.name(), "a record was dead-lettered");
            let mut payload = Vec::new();
            if let Err(error) = self.encoder.encode_dead_letter(&letter, &mut payload) {
                return Err(ReadError::Refused(error.to_string()).into());
            }
            let mut pause = retry.first;
            while let Err(error) = self.log.append(&self.topic, letter.source.as_bytes(), &payload).await {
                retry.pause("dead_letter", &error, &mut pause).await?;
            }
            self.counter.inc();
        }
        Ok(())
    }
}

/// The dead letter of a log record. Its body stays in the log, under the same place as its id.
pub(crate) fn dead_letter(
    topic: &str,
    partition: u16,
    offset: u64,
    body_digest: [u8; 32],
    body_bytes: u64,
    now: Timestamp,
) -> DeadLetter {
    DeadLetter {
        id: format!("{topic}/{partition}/{offset}"),
        stage: Stage::Aggregator,
        source: SourceId::UNDECODABLE.to_owned(),
        reason: DeadLetterReason::Undecodable,
        dead_lettered_at: now,
        body_digest,
        body_bytes,
        sealed_body: None,
    }
}
