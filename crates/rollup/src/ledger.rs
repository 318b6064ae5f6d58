use cashless_domain::{EventFate, RecordFate, SourceId, Timestamp};

use crate::Version;

/// A ledger row stands for one source in one partition of the log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LedgerKey {
    /// The partition of the log.
    pub partition: u16,
    /// The source, or [`SourceId::UNDECODABLE`].
    pub source: SourceId,
}

/// Records and dong that share a fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FateTotals {
    /// Records.
    pub records: i64,
    /// Their dong.
    pub dong: i128,
}

/// What became of everything one source said, from the beginning of the log: events by fate, records by fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LedgerRow {
    /// Position of the last event that changed the row.
    pub version: Version,
    /// Checksum of that event, to recognise the log it came from.
    pub last_digest: u64,
    /// The largest receipt time seen, in microseconds since 1970.
    pub latest_received_at_micros: i64,
    /// Events by [`EventFate`], in the order of [`EventFate::ALL`].
    pub events: [u64; EventFate::ALL.len()],
    /// Records by [`RecordFate`], in the order of [`RecordFate::ALL`].
    pub records: [FateTotals; RecordFate::ALL.len()],
}

impl LedgerRow {
    /// Events of one fate.
    #[must_use]
    pub fn events(&self, fate: EventFate) -> u64 {
        self.events[event_index(fate)]
    }

    /// Records and dong of one fate.
    #[must_use]
    pub fn records(&self, fate: RecordFate) -> FateTotals {
        self.records[record_index(fate)]
    }
}

fn event_index(fate: EventFate) -> usize {
    usize::from(fate.code().unsigned_abs()) - 1
}

fn record_index(fate: RecordFate) -> usize {
    usize::from(fate.code().unsigned_abs()) - 1
}

/// What one event changes in one ledger row.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LedgerChange {
    event: Option<EventFate>,
    received_at: Option<Timestamp>,
    records: [FateTotals; RecordFate::ALL.len()],
}

impl LedgerChange {
    pub(crate) fn event(fate: EventFate, received_at: Option<Timestamp>) -> Self {
        Self { event: Some(fate), received_at, ..Self::default() }
    }

    pub(crate) fn enter(&mut self, fate: RecordFate, dong: i64) {
        let totals = &mut self.records[record_index(fate)];
        totals.records += 1;
        totals.dong += i128::from(dong);
    }

    pub(crate) fn leave(&mut self, fate: RecordFate, dong: i64) {
        let totals = &mut self.records[record_index(fate)];
        totals.records -= 1;
        totals.dong -= i128::from(dong);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.event.is_none() && self.records.iter().all(|totals| *totals == FateTotals::default())
    }

    pub(crate) fn apply(&self, row: &mut LedgerRow, version: Version, digest: u64) {
        row.version = version;
        row.last_digest = digest;
        if let Some(fate) = self.event {
            row.events[event_index(fate)] += 1;
        }
        if let Some(received_at) = self.received_at {
            row.latest_received_at_micros = row.latest_received_at_micros.max(received_at.as_micros());
        }
        for (totals, change) in row.records.iter_mut().zip(self.records) {
            totals.records += change.records;
            totals.dong += change.dong;
        }
    }
}
