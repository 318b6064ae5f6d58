use cashless_domain::{SourceId, Stage, Timestamp};
use cashless_providers::Rejection;
use cashless_wire::DeadLetter;

use crate::keys::Keys;

/// Writes the dead letters of one delivery.
pub(crate) struct Letters<'a> {
    keys: &'a Keys,
    source: &'a SourceId,
    /// The body, or the query of a `GET`.
    body: &'a [u8],
    received_at: Timestamp,
    delivery: String,
    body_digest: [u8; 32],
    is_sealed: bool,
}

impl<'a> Letters<'a> {
    /// `delivery` is the delivery's own id, the same in every re-send.
    pub(crate) fn new(
        keys: &'a Keys,
        source: &'a SourceId,
        delivery: &str,
        body: &'a [u8],
        received_at: Timestamp,
    ) -> Self {
        let body_digest = keys.digest("dead-letter-body", &[body]);
        // With the body: a sender may use one webhook-id for different ones, and each letter counts.
        let parts = [source.as_str().as_bytes(), delivery.as_bytes(), &body_digest];
        let id = keys.digest("dead-letter-delivery", &parts);
        let delivery = id.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { keys, source, body, received_at, delivery, body_digest, is_sealed: false }
    }

    /// The dead letter of one item. A repetition has the same id. Only the first letter of a delivery carries the
    /// sealed body: 500 unusable statements of one batch would carry it 500 times.
    pub(crate) fn letter(&mut self, index: usize, rejection: &Rejection) -> DeadLetter {
        let id = format!("{}/{}/{index}", self.source, self.delivery);
        let sealer = self.keys.sealer.as_ref().filter(|_| !self.is_sealed);
        let sealed_body = sealer.and_then(|sealer| sealer.seal(&id, self.body));
        self.is_sealed |= sealed_body.is_some();
        DeadLetter {
            id,
            stage: Stage::Collector,
            source: self.source.to_string(),
            reason: rejection.reason,
            dead_lettered_at: self.received_at,
            body_digest: self.body_digest,
            body_bytes: self.body.len() as u64,
            sealed_body,
        }
    }
}
