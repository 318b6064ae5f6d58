//! Any order, repetition and batch split of the same events ends in the same figures, and those are the
//! figures of an arithmetic written down separately.

mod support;

use std::collections::{BTreeMap, HashMap};

use cashless_domain::{PaymentEvent, RecordFate, RecordId, SourceId};
use cashless_rollup::{
    Answer, Cell, CellKey, CellValues, Entry, EntryBody, Fact, LedgerRow, Limits, Partition, Payment,
    PaymentKey, Request, Start,
};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

use support::random_event;

#[derive(Default)]
struct Figures {
    facts: BTreeMap<(PaymentKey, RecordId), Fact>,
    cells: HashMap<CellKey, Cell>,
    ledger: HashMap<SourceId, LedgerRow>,
}

/// Runs the events through a partition in batches of the given sizes, forgetting the partition between batches
/// where `restart` says so.
fn figures(events: &[PaymentEvent], batches: &mut dyn FnMut() -> (usize, bool)) -> Figures {
    let mut store = Figures::default();
    let limits = Limits { known_ids: 50, payments: 4, cells: 20 };
    let (mut next, mut partition) = (0, None);
    while next < events.len() {
        let (size, restart) = batches();
        if restart {
            partition = None;
        }
        let machine = partition.get_or_insert_with(|| {
            let ledger = store.ledger.iter().map(|(source, row)| (source.clone(), *row)).collect();
            Partition::new(Start { partition: 0, epoch: 0, next_offset: next as u64, ledger }, limits)
        });
        let end = (next + size.max(1)).min(events.len());
        let entry = |(index, event): (usize, &PaymentEvent)| Entry {
            offset: (next + index) as u64,
            digest: 0,
            body: EntryBody::Payment(Box::new(event.clone())),
        };
        machine.read(events[next..end].iter().enumerate().map(entry).collect()).expect("no gap");
        next = end;
        loop {
            let answer = match machine.take_request() {
                Request::Read => break,
                Request::LoadKnown(days) => {
                    let prefixes = |day| store.facts.keys().filter(move |(key, _)| key.anchor == day);
                    Answer::Known(
                        days.iter()
                            .map(|day| (*day, prefixes(*day).map(|(key, _)| key.payment.prefix()).collect()))
                            .collect(),
                    )
                }
                Request::LoadPayments { keys, days } => {
                    let mut rows: HashMap<PaymentKey, Vec<_>> = HashMap::new();
                    for fact in store.facts.values() {
                        if keys.contains(&fact.payment) || days.contains(&fact.payment.anchor) {
                            rows.entry(fact.payment).or_default().push((fact.version, fact.record.clone()));
                        }
                    }
                    let restore = |(key, rows)| (key, Payment::restore(&key, rows).expect("stored together"));
                    Answer::Payments(rows.into_iter().map(restore).collect())
                }
                Request::LoadCells { days, .. } => {
                    let stored = store.cells.iter().filter(|(key, _)| days.contains(&key.business_date));
                    Answer::Cells {
                        cells: stored.map(|(key, cell)| (key.clone(), *cell)).collect(),
                        ledger: vec![],
                    }
                }
                Request::StoreCells { cells, ledger } => {
                    store.cells.extend(cells);
                    store.ledger.extend(ledger);
                    Answer::Stored
                }
                Request::StoreFacts(facts) => {
                    store.facts.extend(facts.into_iter().map(|fact| ((fact.payment, fact.record.id), fact)));
                    Answer::Stored
                }
                Request::Commit { .. } => Answer::Committed,
            };
            machine.answer(answer).expect("the store is what was stored");
        }
    }
    store
}

/// Facts without the position at which they were reached, and cells that are not empty.
fn outcome(figures: &Figures) -> (Vec<String>, BTreeMap<CellKey, CellValues>) {
    let facts = figures.facts.values().map(|fact| format!("{:?} {:?}", fact.record, fact.standing)).collect();
    let cells = figures.cells.iter().filter(|(_, cell)| cell.values != CellValues::default());
    (facts, cells.map(|(key, cell)| (key.clone(), cell.values)).collect())
}

/// Sums of cells straight from the facts, as a reader of the tables would add them up.
fn cells_of_facts(figures: &Figures) -> BTreeMap<(CellKey, &'static str), (i64, i128)> {
    let mut sums = BTreeMap::new();
    for fact in figures.facts.values() {
        let Some(details) = fact.record.details.filter(|_| fact.standing.fate != RecordFate::Unsettled)
        else {
            continue;
        };
        let key = CellKey {
            business_date: fact.standing.business_date,
            account: fact.payment.account,
            identifier: details.identifier,
            source: fact.record.source.clone(),
            method: fact.standing.method,
            kind: fact.standing.kind,
            evidence: fact.standing.evidence,
        };
        let column =
            if fact.standing.fate == RecordFate::Excluded { RecordFate::Counted } else { fact.standing.fate };
        let sum: &mut (i64, i128) = sums.entry((key, column.name())).or_default();
        sum.0 += 1;
        sum.1 += i128::from(details.amount.get());
    }
    sums
}

fn cell_columns(figures: &Figures) -> BTreeMap<(CellKey, &'static str), (i64, i128)> {
    let mut sums = BTreeMap::new();
    for (key, cell) in &figures.cells {
        let v = cell.values;
        for (fate, n, dong) in [
            (RecordFate::Counted, v.n, v.gross_dong),
            (RecordFate::Refunded, v.refunds_n, v.refunds_dong),
            (RecordFate::Merged, v.merged_n, v.merged_dong),
            (RecordFate::Voided, v.voided_n, v.voided_dong),
        ] {
            if (n, dong) != (0, 0) {
                sums.insert((key.clone(), fate.name()), (n, dong));
            }
        }
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn order_repetition_and_batches_do_not_matter(seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let events: Vec<_> = (0..rng.random_range(1..25)).map(|_| random_event(&mut rng, 3)).collect();
        let told_once = figures(&events, &mut || (1, false));

        let mut shuffled = events.clone();
        shuffled.extend((0..rng.random_range(0..10)).map(|_| events[rng.random_range(0..events.len())].clone()));
        shuffled.shuffle(&mut rng);
        let told_again = figures(&shuffled, &mut || (rng.random_range(1..8), rng.random_bool(0.2)));

        prop_assert_eq!(outcome(&told_once), outcome(&told_again));
    }

    #[test]
    fn cells_ledger_and_facts_add_up(seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let events: Vec<_> = (0..rng.random_range(1..40)).map(|_| random_event(&mut rng, 4)).collect();
        let figures = figures(&events, &mut || (rng.random_range(1..8), rng.random_bool(0.2)));

        prop_assert_eq!(cells_of_facts(&figures), cell_columns(&figures));
        let told: u64 = figures.ledger.values().flat_map(|row| row.events).sum();
        prop_assert_eq!(told, events.len() as u64);
        for (source, row) in &figures.ledger {
            for fate in RecordFate::ALL {
                let mine = || figures.facts.values().filter(|f| f.record.source == *source && f.standing.fate == *fate);
                let dong: i128 = mine().map(|fact| i128::from(fact.standing.dong)).sum();
                let (records, ledger) = (mine().count(), row.records(*fate));
                prop_assert_eq!((i64::try_from(records).expect("few"), dong), (ledger.records, ledger.dong));
            }
        }
    }
}
