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

#[cfg(test)]
mod tests {
    use cashless_domain::{
        AccountId, AmountDong, Beneficiary, BusinessDate, EventKey, Evidence, Flags, IdentifierId,
        InvoiceDigest, Kind, Method, MinimumFields, PayerAccountDigest, PersonDigest, Reason,
        ReferenceDigest,
    };

    use super::*;

    #[test]
    fn who_is_forgotten_leaves_the_amount_and_nothing_of_a_person_in_any_order() {
        let at = Timestamp::from_micros(1_600_000_000_000_000).expect("in range");
        let details = Details {
            version: 0,
            provider_time: Some(at),
            received_at: at,
            amount: AmountDong::new(5).expect("in range"),
            settled_at: at,
            method: Method::QrPayment,
            kind: Kind::Payment,
            identifier: IdentifierId([1; 16]),
            evidence: Evidence::INVOICE,
            fields: MinimumFields::ALL,
            flags: Flags::default(),
            reason: Reason::Tuition,
            beneficiary_kind: Beneficiary::Pupil,
            payer: Some(PersonDigest(1)),
            beneficiary: Some(PersonDigest(2)),
            payer_account: Some(PayerAccountDigest(3)),
            invoice: Some(InvoiceDigest(4)),
            invoice_other_year: Some(InvoiceDigest(5)),
            original: Some(RecordId(6)),
            reference: Some(ReferenceDigest(7)),
        };
        let record = RecordId(8);
        let told = PaymentEvent {
            source: SourceId::new("bank").expect("valid"),
            source_class: SourceClass::Bank,
            key: EventKey {
                anchor: BusinessDate::UNKNOWN,
                account: AccountId([1; 16]),
                payment: record.into(),
                record,
            },
            received_at: at,
            status: None,
            details: Some(details),
            decision: None,
            erased: false,
        };
        let forget = PaymentEvent { details: None, erased: true, ..told.clone() };
        let expected = Details {
            payer: None,
            beneficiary: None,
            payer_account: None,
            invoice: None,
            invoice_other_year: None,
            ..details
        };
        for [first, second] in [[&told, &forget], [&forget, &told]] {
            let mut record = Record::new(first);
            record.join(second);
            assert_eq!((record.details, record.erased), (Some(expected), true));
        }
    }
}
