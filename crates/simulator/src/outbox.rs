//! Deliveries on their way: batches being filled, re-sends to come, the order of posting.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use bytes::Bytes;
use cashless_domain::{DeadLetterReason, RefusalReason};
use cashless_providers::Happening;

use crate::body::Statement;
use crate::dialects::Told;
use crate::faults::Presentation;

/// What the collector is to make of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// It is refused as a whole, and nothing else below applies.
    pub refused: Option<RefusalReason>,
    /// Items that enter the log.
    pub accepted: u32,
    /// Those among them that move no money.
    pub no_money: u32,
    /// Items that end in the dead letters.
    pub dead_lettered: Vec<DeadLetterReason>,
}

impl Expected {
    /// How many items the body holds; a refused delivery has none.
    #[must_use]
    pub fn items(&self) -> u64 {
        u64::from(self.accepted) + u64::try_from(self.dead_lettered.len()).unwrap_or(u64::MAX)
    }

    fn add(&mut self, statement: &Statement) {
        match statement.fault {
            Some(fault) => self.dead_lettered.push(fault.reason()),
            None => {
                self.accepted += 1;
                self.no_money += u32::from(statement.what.moves_no_money());
            }
        }
    }
}

/// One POST to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its place in the order of posting, from 0.
    pub sequence: u64,
    /// Position of the source in [`Province::sources`](crate::Province::sources).
    pub source: usize,
    /// `webhook-id`; the same in every re-send.
    pub webhook_id: String,
    /// The raw JSON; empty where the message is a provider's.
    pub body: Bytes,
    /// The message in its provider's format, to be written when it is posted.
    pub told: Option<Told>,
    /// How it presents itself.
    pub presentation: Presentation,
    /// When to post it, in microseconds since the stream began.
    pub due_micros: i64,
    /// What the collector is to make of it.
    pub expected: Expected,
}

struct Queued {
    arrival: i64,
    turn: u64,
    delivery: Delivery,
}

impl Ord for Queued {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.arrival, self.turn).cmp(&(other.arrival, other.turn))
    }
}

impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Queued {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Queued {}

/// A batch of one source that waits for more statements.
#[derive(Default)]
struct Batch {
    body: String,
    items: usize,
    target: usize,
    expected: Expected,
}

/// How one statement is to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sending {
    pub(crate) arrival: i64,
    pub(crate) presentation: Presentation,
    /// Together with others, in a batch of this size.
    pub(crate) batch: Option<usize>,
    /// Once more, at this time.
    pub(crate) again: Option<i64>,
}

pub(crate) struct Outbox {
    run: String,
    epoch: i64,
    queue: BinaryHeap<Reverse<Queued>>,
    batches: Vec<Batch>,
    turns: u64,
    sequence: u64,
}

const BATCH_HEAD: &str = "{\"type\":\"payment.batch\",\"data\":[";

impl Outbox {
    /// `run` keeps the ids of different streams apart; `epoch` is the instant at which the stream begins.
    pub(crate) fn new(run: String, epoch: i64, sources: usize) -> Self {
        let batches = (0..sources).map(|_| Batch::default()).collect();
        Self { run, epoch, queue: BinaryHeap::new(), batches, turns: 0, sequence: 0 }
    }

    pub(crate) fn send(&mut self, statement: &Statement, sending: Sending) {
        let genuine = sending.presentation == Presentation::Genuine;
        let spares = statement.fault.is_none_or(crate::faults::Fault::spares_its_neighbours);
        if let Some(size) = sending.batch.filter(|_| genuine && spares) {
            self.add_to_batch(statement, sending, size);
            return;
        }
        let mut body = String::with_capacity(768);
        statement.write(&self.run, &mut body);
        let mut expected = Expected { refused: sending.presentation.refusal(), ..Expected::default() };
        if genuine {
            expected.add(statement);
        }
        self.enqueue(statement.source, (body, None), expected, sending);
    }

    /// Sends a message in its provider's format.
    pub(crate) fn tell(&mut self, source: u8, told: Told, sending: Sending) {
        let mut expected = Expected { refused: sending.presentation.refusal(), ..Expected::default() };
        if expected.refused.is_none() {
            expected.accepted = 1;
            expected.no_money = u32::from(told.happening != Happening::Paid);
        }
        self.enqueue(source, (String::new(), Some(told)), expected, sending);
    }

    fn add_to_batch(&mut self, statement: &Statement, sending: Sending, size: usize) {
        let batch = &mut self.batches[usize::from(statement.source)];
        if batch.items == 0 {
            batch.target = size;
            batch.body.push_str(BATCH_HEAD);
        } else {
            batch.body.push(',');
        }
        statement.write(&self.run, &mut batch.body);
        batch.expected.add(statement);
        batch.items += 1;
        if batch.items >= batch.target {
            self.close_batch(statement.source, sending);
        }
    }

    fn close_batch(&mut self, source: u8, sending: Sending) {
        let mut batch = std::mem::take(&mut self.batches[usize::from(source)]);
        batch.body.push_str("]}");
        self.enqueue(source, (batch.body, None), batch.expected, sending);
    }

    fn enqueue(
        &mut self,
        source: u8,
        (body, told): (String, Option<Told>),
        expected: Expected,
        sending: Sending,
    ) {
        self.turns += 1;
        let mut delivery = Delivery {
            sequence: 0,
            source: usize::from(source),
            webhook_id: format!("msg_{}_{}", self.run, self.turns),
            body: body.into(),
            told,
            presentation: sending.presentation,
            due_micros: (sending.arrival - self.epoch).max(0),
            expected,
        };
        if let Some(arrival) = sending.again.filter(|_| sending.presentation == Presentation::Genuine) {
            let again = Delivery { due_micros: (arrival - self.epoch).max(0), ..delivery.clone() };
            self.queue.push(Reverse(Queued { arrival, turn: self.turns, delivery: again }));
            self.turns += 1;
        }
        delivery.due_micros = (sending.arrival - self.epoch).max(0);
        self.queue.push(Reverse(Queued { arrival: sending.arrival, turn: self.turns, delivery }));
    }

    /// A number that streams with other names do not give out.
    pub(crate) fn number(&self, id: u64) -> u64 {
        u64::from_str_radix(&self.run, 16).unwrap_or(0) % 1_000_000_000 * 1_000_000 + id
    }

    /// The next delivery due by `until`.
    pub(crate) fn next_due(&mut self, until: i64) -> Option<Delivery> {
        if self.queue.peek()?.0.arrival > until {
            return None;
        }
        let mut delivery = self.queue.pop()?.0.delivery;
        delivery.sequence = self.sequence;
        self.sequence += 1;
        Some(delivery)
    }

    /// Sends batches that would never be full.
    pub(crate) fn close_batches(&mut self, arrival: i64) {
        let sending = Sending { arrival, presentation: Presentation::Genuine, batch: None, again: None };
        for source in 0..self.batches.len() {
            if self.batches[source].items > 0 {
                self.close_batch(u8::try_from(source).unwrap_or(0), sending);
            }
        }
    }
}
