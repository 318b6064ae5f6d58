//! Facts prove that the ledger has their events.

mod support;

use cashless_domain::PaymentEvent;
use cashless_rollup::{
    Answer, Entry, EntryBody, Fact, Limits, LogError, Partition, Payment, PaymentKey, Request, Start,
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use support::random_event;

const LIMITS: Limits = Limits { known_ids: 10, payments: 10, cells: 10 };

/// Runs one event through a partition whose store holds these facts, but neither cells nor ledger.
fn facts_of(event: &PaymentEvent, stored: &[Fact]) -> Result<Vec<Fact>, LogError> {
    let start = Start { partition: 0, epoch: 0, next_offset: 0, ledger: Vec::new() };
    let mut partition = Partition::new(start, LIMITS);
    partition.read(vec![Entry {
        offset: 0,
        digest: 0,
        body: EntryBody::Payment(Box::new(event.clone())),
    }])?;
    loop {
        let answer = match partition.take_request() {
            Request::LoadKnown(days) => {
                let ids: Vec<_> = stored.iter().map(|fact| fact.payment.payment.prefix()).collect();
                Answer::Known(days.into_iter().map(|day| (day, ids.clone())).collect())
            }
            Request::LoadPayments { .. } => {
                let key = PaymentKey::from(event.key);
                let rows = stored.iter().map(|fact| (fact.version, fact.record.clone()));
                Answer::Payments(vec![(key, Payment::restore(&key, rows).expect("one version"))])
            }
            Request::LoadCells { .. } => Answer::Cells { cells: Vec::new(), ledger: Vec::new() },
            Request::StoreCells { .. } => Answer::Stored,
            Request::StoreFacts(facts) => return Ok(facts),
            Request::Read | Request::Commit { .. } => return Ok(Vec::new()),
        };
        partition.answer(answer)?;
    }
}

#[test]
fn facts_whose_event_the_ledger_lacks_halt_the_partition() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let is_money = |event: &PaymentEvent| event.details.is_some();
    let event = std::iter::repeat_with(|| random_event(&mut rng, 1)).find(is_money).expect("there are many");
    let facts = facts_of(&event, &[]).expect("nothing is wrong with an empty store");
    assert_eq!(facts.len(), 1);
    let error = facts_of(&event, &facts).expect_err("somebody emptied the ledger");
    assert_eq!(error, LogError::LedgerBehindFacts { source_id: event.source, offset: 0 });
}
