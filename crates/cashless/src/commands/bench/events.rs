//! A synthetic log of payment events: mostly new payments of several days, some said twice, some by two sources.

use cashless_domain::{
    AccountId, AmountDong, Beneficiary, BusinessDate, Details, EventKey, Evidence, Flags, IdentifierId, Kind,
    Method, MinimumFields, PaymentEvent, PaymentId, PersonDigest, Reason, RecordId, SourceClass, SourceId,
    Status, StatusChange, Timestamp,
};

/// About the accounts of a small province.
const ACCOUNTS: u64 = 450;
const DAYS: u64 = 5;
const FIRST_DAY: &str = "2026-09-07";
const DAY_MICROS: u64 = 86_400_000_000;
/// In a hundred events: the very same again, and the bank's word for what an intermediary said before.
const REPEATED_PERCENT: u64 = 2;
const TOLD_TWICE_PERCENT: u64 = 2;
/// Events said again come from among so many before.
const REMEMBERED: usize = 4_096;
const METHODS: [Method; 6] = [
    Method::QrTransfer,
    Method::QrTransfer,
    Method::QrPayment,
    Method::WebTransfer,
    Method::WebPayment,
    Method::CardPos,
];

/// So many events, the same in every run, in the order of their receipt.
pub(crate) struct Events {
    total: u64,
    said: u64,
    random: u64,
    start_micros: u64,
    intermediaries: [SourceId; 3],
    banks: [SourceId; 3],
    remembered: Vec<PaymentEvent>,
}

impl Events {
    pub(crate) fn new(total: u64) -> anyhow::Result<Self> {
        let name = |class: &str, number: usize| SourceId::new(&format!("{class}-{number}"));
        Ok(Self {
            total,
            said: 0,
            random: 1,
            start_micros: BusinessDate::parse(FIRST_DAY)?.start().as_micros().unsigned_abs(),
            intermediaries: [name("gateway", 1)?, name("gateway", 2)?, name("gateway", 3)?],
            banks: [name("bank", 1)?, name("bank", 2)?, name("bank", 3)?],
            remembered: Vec::with_capacity(REMEMBERED),
        })
    }

    /// SplitMix64: even enough, and nothing to depend on.
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn digest(&mut self) -> [u8; 16] {
        (u128::from(self.draw()) << 64 | u128::from(self.draw())).to_be_bytes()
    }

    /// Some accounts receive much more than others, as large schools and hospitals do.
    fn account(&mut self) -> AccountId {
        let number = (self.draw() % ACCOUNTS).min(self.draw() % ACCOUNTS);
        let mixed = u128::from(number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        AccountId(mixed.to_be_bytes())
    }

    fn source(&mut self, of: fn(&Self) -> &[SourceId; 3]) -> SourceId {
        let index = usize::try_from(self.draw() % 3).unwrap_or_default();
        of(self)[index].clone()
    }

    fn new_payment(&mut self, received_at: Timestamp) -> Option<PaymentEvent> {
        let account = self.account();
        let settled_at = Timestamp::from_micros(received_at.as_micros() - 2_000_000).ok()?;
        let (flags, amount_draw) = (self.draw(), i64::try_from(self.draw() % 2_000).ok()?);
        let with = |bit: u32| flags >> bit & 1 == 1;
        let digests = [self.draw(), self.draw(), self.draw()];
        let details = Details {
            version: 0,
            provider_time: Some(settled_at),
            received_at,
            amount: AmountDong::new(10_000 + amount_draw * 1_000).ok()?,
            settled_at,
            method: METHODS[usize::try_from(self.draw() % 6).ok()?],
            kind: Kind::Payment,
            identifier: IdentifierId(account.0),
            evidence: if with(0) { Evidence::INVOICE.union(Evidence::PERSON) } else { Evidence::PERSON },
            fields: if with(0) { MinimumFields::ALL } else { MinimumFields::BENEFICIARY_NAME },
            flags: Flags::default(),
            reason: if with(1) { Reason::Tuition } else { Reason::Services },
            beneficiary_kind: Beneficiary::Pupil,
            payer: with(0).then_some(PersonDigest(digests[0])),
            beneficiary: Some(PersonDigest(digests[1])),
            invoice: with(0).then_some(cashless_domain::InvoiceDigest(digests[2])),
            payer_account: None,
            invoice_other_year: None,
            original: None,
            reference: None,
        };
        Some(PaymentEvent {
            source: self.source(|events| &events.intermediaries),
            source_class: SourceClass::Intermediary,
            key: EventKey {
                anchor: settled_at.business_date(),
                account,
                payment: PaymentId(self.digest()),
                record: RecordId(self.draw()),
            },
            received_at,
            status: Some(StatusChange { version: 0, status: Status::Settled }),
            details: Some(details),
            decision: None,
            erased: false,
        })
    }

    /// The bank's word for the same movement of money.
    fn told_by_bank(&mut self, mut event: PaymentEvent) -> PaymentEvent {
        event.source = self.source(|events| &events.banks);
        event.source_class = SourceClass::Bank;
        event.key.record = RecordId(self.draw());
        if let Some(details) = &mut event.details {
            details.method = Method::Unknown;
            (details.payer, details.beneficiary, details.invoice) = (None, None, None);
        }
        event
    }

    fn remember(&mut self, event: &PaymentEvent) {
        if self.remembered.len() < REMEMBERED {
            self.remembered.push(event.clone());
        } else {
            let place = usize::try_from(self.said).unwrap_or_default() % REMEMBERED;
            self.remembered[place] = event.clone();
        }
    }
}

impl Iterator for Events {
    type Item = PaymentEvent;

    fn next(&mut self) -> Option<PaymentEvent> {
        if self.said == self.total {
            return None;
        }
        self.said += 1;
        let micros = self.start_micros + self.said * (DAYS * DAY_MICROS / self.total);
        let received_at = Timestamp::from_micros(i64::try_from(micros).ok()?).ok()?;
        let chance = self.draw() % 100;
        if chance < REPEATED_PERCENT + TOLD_TWICE_PERCENT && !self.remembered.is_empty() {
            let index = usize::try_from(self.draw()).unwrap_or_default() % self.remembered.len();
            let before = PaymentEvent { received_at, ..self.remembered[index].clone() };
            return Some(if chance < REPEATED_PERCENT { before } else { self.told_by_bank(before) });
        }
        let event = self.new_payment(received_at)?;
        self.remember(&event);
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_has_its_length_its_days_and_its_repetitions() {
        let events: Vec<_> = Events::new(20_000).expect("the first day exists").collect();
        assert_eq!(events.len(), 20_000);
        let days: std::collections::BTreeSet<_> = events.iter().map(|event| event.key.anchor).collect();
        assert!((5..=6).contains(&days.len()), "{days:?}");
        let records: std::collections::HashSet<_> = events.iter().map(|event| event.key.record).collect();
        assert!((300..500).contains(&(events.len() - records.len())), "{}", records.len());
    }
}
