use cashless_domain::{
    Decision, Details, PaymentEvent, RecordId, SourceClass, SourceId, Status, StatusChange, Timestamp,
};

/// What is known of one transaction of one source: four independent registers, each a maximum in a total order.
///
/// Joining events in any order, any number of times, gives the same record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// What its source is to a payment; where sources share their ids, the smallest (class, source) speaks.
    pub source_class: SourceClass,
    /// Who reports it.
    pub source: SourceId,
    /// Settled or voided; absent while only details or a decision are known.
    pub status: Option<StatusChange>,
    /// What was paid; absent while only a status or a decision is known.
    pub details: Option<Details>,
    /// What a person or rule decided.
    pub decision: Option<Decision>,
    /// Its persons' digests are forgotten.
    pub erased: bool,
}

impl Record {
    pub(crate) fn new(event: &PaymentEvent) -> Self {
        Self {
            id: event.key.record,
            source_class: event.source_class,
            source: event.source.clone(),
            status: event.status,
            details: if event.erased { event.details.map(without_persons) } else { event.details },
            decision: event.decision,
            erased: event.erased,
        }
    }

    /// Takes an event in. Says whether anything changed.
    pub(crate) fn join(&mut self, event: &PaymentEvent) -> bool {
        let before = (self.source_class, self.status, self.details, self.decision, self.erased);
        let source_changed = (event.source_class, &event.source) < (self.source_class, &self.source);
        if source_changed {
            self.source_class = event.source_class;
            self.source = event.source.clone();
        }
        self.status = self.status.max(event.status);
        self.decision = self.decision.max(event.decision);
        self.erased |= event.erased;
        let said = if self.erased { event.details.map(without_persons) } else { event.details };
        self.details = self.details.max(said);
        if self.erased {
            self.details = self.details.map(without_persons);
        }
        source_changed || before != (self.source_class, self.status, self.details, self.decision, self.erased)
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.status.is_some_and(|change| change.status == Status::Settled)
    }

    pub(crate) fn is_voided(&self) -> bool {
        self.status.is_some_and(|change| change.status == Status::Voided)
    }

    pub(crate) fn is_merged_away(&self) -> bool {
        self.decision.is_some_and(|decision| decision.merged_into.is_some())
    }

    pub(crate) fn settled_at(&self, details: &Details) -> Timestamp {
        self.decision.and_then(|decision| decision.settled_at).unwrap_or(details.settled_at)
    }
}

fn without_persons(mut details: Details) -> Details {
    (details.payer, details.beneficiary, details.payer_account) = (None, None, None);
    (details.invoice, details.invoice_other_year) = (None, None);
    details
}
