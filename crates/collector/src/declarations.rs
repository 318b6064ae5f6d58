//! Declared cash, posted by fee and hospital software: `POST /v1/declarations/{source}`.

use cashless_domain::CashDeclaration;
use cashless_providers::Outcome;
use cashless_wire::{EncodeError, Encoder};

use crate::answer::Answer;
use crate::intake::{Complete, Intake, Kept};
use crate::sources::LiveSource;

impl Kept for CashDeclaration {
    fn topic<'i>(&self, intake: &'i Intake) -> &'i str {
        &intake.declarations_topic
    }

    fn key(&self) -> &[u8] {
        self.institution_id.as_bytes()
    }

    fn encode(&self, encoder: &Encoder, record: &mut Vec<u8>) -> Result<(), EncodeError> {
        encoder.encode_declaration(self, record)
    }
}

impl Intake {
    /// From the complete body to the last acknowledgement.
    pub(crate) async fn append_declarations(&self, source: &LiveSource, request: &Complete) -> Answer {
        let (label, now, delivery) = (source.source.id.as_str(), (self.clock)(), request.delivery());
        let Some(declaring) = source.adapter.declaring() else { return Answer::NotFound };
        let counters = source.metrics.get_or_init(|| self.metrics.of(label));
        counters.body_bytes.inc_by(delivery.body.len() as u64);
        let declares_for = source.declares_for.as_ref();
        let declared = match declaring.receive_declarations(&delivery, &source.source.id, declares_for, now) {
            Ok(declared) => declared,
            Err(refused) => {
                tracing::debug!(source = label, reason = %refused, "declarations refused");
                self.count_refused(label, refused.into());
                return Answer::Said(source.adapter.reply(&delivery, Outcome::Refused(refused), now));
            }
        };
        match self.keep(source, request, declared.id, declared.declarations.items(), now).await {
            Ok(()) => Answer::Said(declaring.reply_to_declarations(&declared.declarations)),
            Err(_) => Answer::Again(source.adapter.reply(&delivery, Outcome::Unavailable, now)),
        }
    }
}
