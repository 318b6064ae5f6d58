//! The batch protocol of one partition of the log, as a state machine without reads and writes of its own.
//!
//! A batch goes through its steps in one order only:
//!
//! 1. [`Partition::read`]: the decoded entries, in offset order, without a gap.
//! 2. [`Request::LoadKnown`], [`Request::LoadPayments`]: the old state of every touched payment. A payment that
//!    is not among the known ids of its day is new and is not read.
//! 3. [`Request::LoadCells`], *after* the payments: cells are stored before facts, so cells read later than a
//!    fact contain all that the fact contains. If a payment came back newer than the position (another writer
//!    was ahead), cells in memory may be older than that payment: all of them are forgotten and read again.
//! 4. The fold, in memory.
//! 5. [`Request::StoreCells`]: cells and ledger. 6. [`Request::StoreFacts`], only when those are stored.
//! 7. [`Request::Commit`].
//!
//! Every step may be repeated by another writer, or be the last thing this one does.

use std::collections::BTreeSet;
use std::mem;

use cashless_domain::{BusinessDate, EventFate, PaymentEvent, RecordFate, SourceId};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::cell::{Cell, CellKey, CellValues};
use crate::known::Known;
use crate::ledger::{LedgerChange, LedgerRow};
use crate::memory::{CellCache, Payments, RecentPayments};
use crate::payment::{Payment, PaymentKey};
use crate::record::Record;
use crate::unit::Standing;
use crate::{Fact, Version};

/// A scattered payment costs about as much to look up as this many rows of its day cost to read through.
const ROWS_READ_PER_LOOKUP: usize = 20;

/// What a partition may keep in memory. Anything may be forgotten at any moment without changing a result.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Known payment ids, about 16 bytes each.
    pub known_ids: usize,
    /// Recently touched payments, about 400 bytes each.
    pub payments: usize,
    /// Cells, about 400 bytes each.
    pub cells: usize,
}

/// Where a partition is taken up.
#[derive(Debug, Clone)]
pub struct Start {
    /// The partition of the log.
    pub partition: u16,
    /// The unbroken log that the ledger belongs to.
    pub epoch: u16,
    /// The first offset to read.
    pub next_offset: u64,
    /// The stored ledger rows of this partition.
    pub ledger: Vec<(SourceId, LedgerRow)>,
}

/// One record of the log.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its offset.
    pub offset: u64,
    /// A checksum of its bytes.
    pub digest: u64,
    /// What it says.
    pub body: EntryBody,
}

/// What a log record says.
#[derive(Debug, Clone)]
pub enum EntryBody {
    /// A payment event.
    Payment(Box<PaymentEvent>),
    /// Nothing readable; it goes to the dead-letter topic and is counted under [`SourceId::UNDECODABLE`].
    Undecodable,
}

/// Stored cells.
pub type CellRows = Vec<(CellKey, Cell)>;
/// Stored payments.
pub type PaymentRows = Vec<(PaymentKey, Payment)>;
/// Facts to store.
pub type FactRows = Vec<Fact>;

/// What the machine wants next.
#[derive(Debug, Clone)]
pub enum Request {
    /// The next batch.
    Read,
    /// The ids of all stored payments of this partition with these anchors.
    LoadKnown(Vec<BusinessDate>),
    /// These payments, and all payments of these days (cheaper than looking them up one by one).
    LoadPayments {
        /// Scattered payments.
        keys: Vec<PaymentKey>,
        /// Whole days.
        days: Vec<BusinessDate>,
    },
    /// All cells of this partition on these days, and the partition's ledger if asked for.
    LoadCells {
        /// Business dates.
        days: Vec<BusinessDate>,
        /// Whether the ledger has to be read again too.
        ledger: bool,
    },
    /// Store both, durably.
    StoreCells {
        /// Changed cells.
        cells: CellRows,
        /// Changed ledger rows.
        ledger: Vec<(SourceId, LedgerRow)>,
    },
    /// Store these, durably; the rows of one payment in one block.
    StoreFacts(FactRows),
    /// Commit this offset as the next one to read.
    Commit {
        /// The first offset not read.
        next_offset: u64,
    },
}

/// The answer to the request of the same name.
#[derive(Debug, Clone)]
pub enum Answer {
    /// [`Request::LoadKnown`]: per anchor, the first 64 bits of each stored payment id.
    Known(Vec<(BusinessDate, Vec<u64>)>),
    /// [`Request::LoadPayments`]: those that are stored.
    Payments(PaymentRows),
    /// [`Request::LoadCells`]: those that are stored.
    Cells {
        /// Cells of the days.
        cells: CellRows,
        /// The ledger, if it was asked for.
        ledger: Vec<(SourceId, LedgerRow)>,
    },
    /// [`Request::StoreCells`] or [`Request::StoreFacts`]: acknowledged as durable.
    Stored,
    /// [`Request::Commit`]: acknowledged.
    Committed,
}

/// The log or the store is not what the figures were made from. Stop the partition and say so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// Offsets are missing: expired, compacted or truncated.
    #[error("the log continues at offset {found} where {expected} was expected")]
    Gap {
        /// The offset that should follow.
        expected: u64,
        /// The offset that came.
        found: u64,
    },
    /// A fact proves that its ledger row is stored, yet the row is older or missing.
    #[error("the ledger of source {source_id} ends before offset {offset}, which stored facts contain")]
    LedgerBehindFacts {
        /// The source.
        source_id: SourceId,
        /// The offset.
        offset: u64,
    },
    /// The answer does not belong to the request.
    #[error("an answer came that nobody asked for")]
    UnexpectedAnswer,
}

/// One partition of the log on its way into facts, cells and ledger.
pub struct Partition {
    id: u16,
    epoch: u16,
    next_offset: u64,
    limits: Limits,
    known: Known,
    payments: RecentPayments,
    cells: CellCache,
    ledger: FxHashMap<SourceId, LedgerRow>,
    undecodable: SourceId,
    batch: Vec<Entry>,
    /// Length of the batch in hand, also when it is folded and no longer kept.
    batch_len: u64,
    working: Payments,
    another_writer_was_ahead: bool,
    facts: FactRows,
    request: Request,
}

impl Partition {
    /// Takes a partition up at a committed offset.
    ///
    /// # Panics
    /// Never: the reserved source name is valid.
    #[must_use]
    pub fn new(start: Start, limits: Limits) -> Self {
        Self {
            id: start.partition,
            epoch: start.epoch,
            next_offset: start.next_offset,
            limits,
            known: Known::default(),
            payments: RecentPayments::default(),
            cells: CellCache::default(),
            ledger: start.ledger.into_iter().collect(),
            undecodable: SourceId::new(SourceId::UNDECODABLE).expect("the reserved name is a valid name"),
            batch: Vec::new(),
            batch_len: 0,
            working: Payments::default(),
            another_writer_was_ahead: false,
            facts: Vec::new(),
            request: Request::Read,
        }
    }

    /// The partition's number.
    #[must_use]
    pub fn id(&self) -> u16 {
        self.id
    }

    /// The first offset that is not yet part of a batch.
    #[must_use]
    pub fn next_offset(&self) -> u64 {
        self.next_offset + self.batch_len
    }

    /// What is wanted now. Big requests are handed over, so ask once a step.
    pub fn take_request(&mut self) -> Request {
        mem::replace(&mut self.request, Request::Read)
    }

    /// Step 1: a batch, without a gap behind the last one.
    ///
    /// # Errors
    /// [`LogError::Gap`].
    pub fn read(&mut self, batch: Vec<Entry>) -> Result<(), LogError> {
        for (expected, entry) in (self.next_offset..).zip(&batch) {
            if entry.offset != expected {
                return Err(LogError::Gap { expected, found: entry.offset });
            }
        }
        self.batch_len = batch.len() as u64;
        self.batch = batch;
        self.another_writer_was_ahead = false;
        let anchors: BTreeSet<_> =
            self.events().map(|event| event.key.anchor).filter(|anchor| self.known.wants(*anchor)).collect();
        if anchors.is_empty() {
            self.want_payments();
        } else {
            self.request = Request::LoadKnown(anchors.into_iter().collect());
        }
        Ok(())
    }

    /// The answer to the current request; the next one is then ready.
    ///
    /// # Errors
    /// See [`LogError`].
    pub fn answer(&mut self, answer: Answer) -> Result<(), LogError> {
        match answer {
            Answer::Known(days) => {
                for (anchor, prefixes) in days {
                    self.known.load(anchor, prefixes, self.limits.known_ids);
                }
                self.want_payments();
            }
            Answer::Payments(rows) => {
                self.take_payments(rows);
                self.want_cells();
            }
            Answer::Cells { cells, ledger } => {
                self.cells.fill(cells);
                self.ledger.extend(ledger);
                self.fold()?;
            }
            Answer::Stored if !self.facts.is_empty() => {
                self.request = Request::StoreFacts(mem::take(&mut self.facts));
            }
            Answer::Stored => {
                self.next_offset += mem::take(&mut self.batch_len);
                self.request = Request::Commit { next_offset: self.next_offset };
            }
            Answer::Committed => {
                let limit = self.limits.payments;
                let oldest = Version::before(self.epoch, self.next_offset.saturating_sub(limit as u64));
                self.payments.keep(mem::take(&mut self.working), limit, oldest);
                self.cells.shrink(self.limits.cells);
                self.request = Request::Read;
            }
        }
        Ok(())
    }

    fn events(&self) -> impl Iterator<Item = &PaymentEvent> {
        self.batch.iter().filter_map(|entry| match &entry.body {
            EntryBody::Payment(event) if Payment::event_would_create(event) => Some(&**event),
            _ => None,
        })
    }

    fn want_payments(&mut self) {
        let mut scattered: FxHashMap<BusinessDate, Vec<PaymentKey>> = FxHashMap::default();
        let mut asked = FxHashSet::default();
        let touched: Vec<PaymentKey> = self.events().map(|event| event.key.into()).collect();
        for key in touched {
            // A payment in memory is a known one, so this spares new payments, which most are, all look-ups below.
            if !self.known.may_be_stored(&key) || self.working.contains_key(&key) || asked.contains(&key) {
                continue;
            }
            if let Some(payment) = self.payments.take(&key) {
                self.working.insert(key, payment.into());
            } else {
                asked.insert(key);
                scattered.entry(key.anchor).or_default().push(key);
            }
        }
        if scattered.is_empty() {
            self.want_cells();
            return;
        }
        let (mut keys, mut days) = (Vec::new(), Vec::new());
        for (anchor, wanted) in scattered {
            let reading_through_is_cheaper =
                self.known.day_len(anchor).is_some_and(|rows| wanted.len() * ROWS_READ_PER_LOOKUP > rows);
            if reading_through_is_cheaper { days.push(anchor) } else { keys.extend(wanted) }
        }
        self.request = Request::LoadPayments { keys, days };
    }

    fn take_payments(&mut self, rows: PaymentRows) {
        let position = Version::before(self.epoch, self.next_offset);
        let touched: FxHashSet<PaymentKey> = self.events().map(|event| event.key.into()).collect();
        for (key, payment) in rows {
            if touched.contains(&key) {
                self.another_writer_was_ahead |= payment.version > position;
                // Another writer may have stored it after the day's ids were read, and it came along with its day.
                self.known.insert(&key, self.limits.known_ids);
                self.working.entry(key).or_insert(payment.into());
            }
        }
    }

    fn want_cells(&mut self) {
        if self.another_writer_was_ahead {
            self.cells.forget();
        }
        let mut days = BTreeSet::new();
        let of_record = |record: &Record, days: &mut BTreeSet<BusinessDate>| {
            days.extend(record.details.map(|details| details.settled_at.business_date()));
            days.extend(record.decision.and_then(|d| d.settled_at).map(|time| time.business_date()));
        };
        for touched in self.working.values() {
            touched.payment.records.iter().for_each(|record| of_record(record, &mut days));
        }
        for event in self.events() {
            days.extend(event.details.map(|details| details.settled_at.business_date()));
            days.extend(event.decision.and_then(|d| d.settled_at).map(|time| time.business_date()));
        }
        let missing: Vec<BusinessDate> = days.into_iter().filter(|day| self.cells.wants(*day)).collect();
        for day in &missing {
            self.cells.open(*day);
        }
        self.request = Request::LoadCells { days: missing, ledger: self.another_writer_was_ahead };
    }

    fn fold(&mut self) -> Result<(), LogError> {
        // Nearly every event is a payment of its own.
        self.working.reserve(self.batch.len());
        let (mut changed_ledger, mut scratch) = (FxHashSet::default(), Scratch::default());
        for entry in mem::take(&mut self.batch) {
            let version = Version::at(self.epoch, entry.offset);
            match &entry.body {
                EntryBody::Undecodable => {
                    scratch.note(&self.undecodable, LedgerChange::event(EventFate::DeadLettered, None));
                }
                EntryBody::Payment(event) if !Payment::event_would_create(event) => {
                    scratch.note(
                        &event.source,
                        LedgerChange::event(EventFate::NoMoney, Some(event.received_at)),
                    );
                }
                EntryBody::Payment(event) => self.join(event, version, &mut scratch)?,
            }
            for (source, change) in scratch.ledger.drain(..).filter(|(_, change)| !change.is_empty()) {
                let row = match self.ledger.get_mut(&source) {
                    Some(row) => row,
                    None => self.ledger.entry(source.clone()).or_default(),
                };
                if version > row.version {
                    change.apply(row, version, entry.digest);
                    changed_ledger.insert(source);
                }
            }
        }
        let mut facts = Vec::with_capacity(self.working.len());
        for (key, touched) in self.working.iter().filter(|(_, touched)| touched.is_changed) {
            touched.payment.write_facts(key, &mut facts);
        }
        self.facts = facts;
        let ledger: Vec<_> = changed_ledger
            .into_iter()
            .filter_map(|source| self.ledger.get(&source).copied().map(|row| (source, row)))
            .collect();
        self.request = Request::StoreCells { cells: self.cells.take_changed(), ledger };
        Ok(())
    }

    /// One event into its payment; what it changes in the cells is added, and in the ledger noted.
    fn join(
        &mut self,
        event: &PaymentEvent,
        version: Version,
        scratch: &mut Scratch,
    ) -> Result<(), LogError> {
        let key = PaymentKey::from(event.key);
        let touched = self.working.entry(key).or_default();
        let payment = &mut touched.payment;
        // To join it again would change nothing. It is looked at before, because a payment that has the event proves
        // that the ledger has it, too; of another ledger no sum could be trusted.
        if version <= payment.version {
            let stored = self.ledger.get(&event.source).map(|row| row.version);
            if stored < Some(version) {
                let (source_id, offset) = (event.source.clone(), version.next_offset() - 1);
                return Err(LogError::LedgerBehindFacts { source_id, offset });
            }
            return Ok(());
        }
        scratch.before.clear();
        payment.contributions(&key, &mut scratch.before);
        if !payment.join(event) {
            scratch.note(&event.source, LedgerChange::event(EventFate::Repeated, Some(event.received_at)));
            return Ok(());
        }
        payment.version = version;
        touched.is_changed = true;
        scratch.after.clear();
        payment.contributions(&key, &mut scratch.after);
        self.known.insert(&key, self.limits.known_ids);
        scratch.note_applied(event);
        for (cell, change) in scratch.cell_changes() {
            self.cells.add(cell, change, version);
        }
        Ok(())
    }
}

/// A record's source, its standing, and what it adds to which cell.
struct Contribution {
    source: SourceId,
    standing: Standing,
    cell: Option<(CellKey, CellValues)>,
}

impl Payment {
    fn contributions(&self, key: &PaymentKey, contributions: &mut Vec<Contribution>) {
        self.each_standing(key, |record, standing| {
            let cell = standing.contribution(key, record);
            contributions.push(Contribution { source: record.source.clone(), standing, cell });
        });
    }
}

/// Lists of one event, kept from event to event so that only the first ones ask for memory.
#[derive(Default)]
struct Scratch {
    before: Vec<Contribution>,
    after: Vec<Contribution>,
    cells: Vec<(CellKey, CellValues)>,
    ledger: Vec<(SourceId, LedgerChange)>,
}

impl Scratch {
    fn note(&mut self, source: &SourceId, change: LedgerChange) {
        self.ledger.push((source.clone(), change));
    }

    /// What the ledger rows of all sources of the payment gain and lose, the event itself under its own source.
    fn note_applied(&mut self, event: &PaymentEvent) {
        self.note(&event.source, LedgerChange::event(EventFate::Applied, Some(event.received_at)));
        let ledger = &mut self.ledger;
        let mut of =
            |source: &SourceId, change: &dyn Fn(&mut LedgerChange, RecordFate, i64), standing: &Standing| {
                let index = ledger.iter().position(|(known, _)| known == source).unwrap_or_else(|| {
                    ledger.push((source.clone(), LedgerChange::default()));
                    ledger.len() - 1
                });
                change(&mut ledger[index].1, standing.fate, standing.dong);
            };
        for contribution in &self.before {
            of(&contribution.source, &LedgerChange::leave, &contribution.standing);
        }
        for contribution in &self.after {
            of(&contribution.source, &LedgerChange::enter, &contribution.standing);
        }
    }

    /// What each cell gains and loses as a payment goes from one state to the next, without what cancels out.
    fn cell_changes(&mut self) -> impl Iterator<Item = (CellKey, CellValues)> {
        let leave = self.before.drain(..).filter_map(|contribution| contribution.cell);
        let leave = leave.map(|(key, values)| (key, CellValues::default() - values));
        let enter = self.after.drain(..).filter_map(|contribution| contribution.cell);
        for (key, change) in leave.chain(enter) {
            match self.cells.iter_mut().find(|(known, _)| *known == key) {
                Some((_, sum)) => *sum = *sum + change,
                None => self.cells.push((key, change)),
            }
        }
        self.cells.drain(..).filter(|(_, change)| *change != CellValues::default())
    }
}
