//! One step of a batch, for all partitions that are at it: one query or insert, repeated until it is answered.

use std::collections::HashMap;
use std::future::Future;
use std::time::{Duration, Instant};

use cashless_broker::{CommitError, ReaderHandle};
use cashless_rollup::{Answer, Request};
use cashless_warehouse::Warehouse;

use crate::failpoint;
use crate::metrics::Metrics;
use crate::retry::{ErrorChain, Retry};
use crate::worker::Error;

/// The steps of a batch, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    LoadKnown,
    LoadPayments,
    LoadCells,
    StoreCells,
    StoreFacts,
    Commit,
}

impl Step {
    pub(crate) const fn of(request: &Request) -> Option<Self> {
        match request {
            Request::Read => None,
            Request::LoadKnown(_) => Some(Self::LoadKnown),
            Request::LoadPayments { .. } => Some(Self::LoadPayments),
            Request::LoadCells { .. } => Some(Self::LoadCells),
            Request::StoreCells { .. } => Some(Self::StoreCells),
            Request::StoreFacts(_) => Some(Self::StoreFacts),
            Request::Commit { .. } => Some(Self::Commit),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::LoadKnown => "load_known",
            Self::LoadPayments => "load_payments",
            Self::LoadCells => "load_cells",
            Self::StoreCells => "store_cells",
            Self::StoreFacts => "store_facts",
            Self::Commit => "commit",
        }
    }
}

/// What the steps read from and write to.
pub(crate) struct World {
    pub(crate) warehouse: Warehouse,
    pub(crate) log: ReaderHandle,
    pub(crate) partition_count: u16,
    pub(crate) metrics: Metrics,
    pub(crate) retry: Retry,
}

/// A step's requests by partition.
pub(crate) type Requests = Vec<(u16, Request)>;
/// A step's answers by partition.
pub(crate) type Answers = Vec<(u16, Answer)>;

impl World {
    pub(crate) fn new(warehouse: Warehouse, log: ReaderHandle, metrics: Metrics, retry: Retry) -> Self {
        Self { warehouse, log, partition_count: 0, metrics, retry }
    }

    /// Does the step. Partitions that the group has given away meanwhile are missing in the answers.
    pub(crate) async fn perform(&self, step: Step, requests: Requests) -> Result<Answers, Error> {
        let began = Instant::now();
        let answers = match step {
            Step::LoadKnown => self.load_known(requests).await?,
            Step::LoadPayments => self.load_payments(requests).await?,
            Step::LoadCells => self.load_cells(requests).await?,
            Step::StoreCells => self.store_cells(requests).await?,
            Step::StoreFacts => self.store_facts(requests).await?,
            Step::Commit => self.commit(requests).await?,
        };
        self.metrics.step_seconds.with_label_values(&[step.name()]).observe(began.elapsed().as_secs_f64());
        failpoint::passed(step.name());
        Ok(answers)
    }

    async fn load_known(&self, requests: Requests) -> Result<Answers, Error> {
        let mut days = Vec::new();
        let mut known: HashMap<u16, Vec<_>> = HashMap::new();
        for (partition, request) in requests {
            if let Request::LoadKnown(anchors) = request {
                let empty = anchors.iter().map(|anchor| (*anchor, Vec::new())).collect();
                known.insert(partition, empty);
                days.extend(anchors.into_iter().map(|anchor| (partition, anchor)));
            }
        }
        let found = self.until_answered(Step::LoadKnown, || self.warehouse.known_ids(&days)).await?;
        for (partition, anchor, ids) in found {
            let days = known.entry(partition).or_default();
            if let Some(day) = days.iter_mut().find(|(day, _)| *day == anchor) {
                day.1 = ids;
            }
        }
        Ok(known.into_iter().map(|(partition, days)| (partition, Answer::Known(days))).collect())
    }

    async fn load_payments(&self, requests: Requests) -> Result<Answers, Error> {
        let (mut all_keys, mut all_days) = (Vec::new(), Vec::new());
        let mut payments: HashMap<u16, Vec<_>> = HashMap::new();
        for (partition, request) in requests {
            if let Request::LoadPayments { keys, days } = request {
                payments.insert(partition, Vec::new());
                all_keys.extend(keys.into_iter().map(|key| (partition, key)));
                all_days.extend(days.into_iter().map(|day| (partition, day)));
            }
        }
        let load = || self.warehouse.payments(&all_keys, &all_days);
        for (partition, key, payment) in self.until_answered(Step::LoadPayments, load).await? {
            payments.entry(partition).or_default().push((key, payment));
        }
        Ok(payments.into_iter().map(|(partition, rows)| (partition, Answer::Payments(rows))).collect())
    }

    async fn load_cells(&self, requests: Requests) -> Result<Answers, Error> {
        let (mut all_days, mut ledgers) = (Vec::new(), Vec::new());
        let mut loaded: HashMap<u16, (Vec<_>, Vec<_>)> = HashMap::new();
        for (partition, request) in requests {
            if let Request::LoadCells { days, ledger } = request {
                loaded.insert(partition, Default::default());
                all_days.extend(days.into_iter().map(|day| (partition, day)));
                ledgers.extend(ledger.then_some(partition));
            }
        }
        if !all_days.is_empty() {
            let load = || self.warehouse.cells(&all_days);
            for (partition, key, cell) in self.until_answered(Step::LoadCells, load).await? {
                loaded.entry(partition).or_default().0.push((key, cell));
            }
        }
        if !ledgers.is_empty() {
            let load = || self.warehouse.ledger(&ledgers);
            for row in self.until_answered(Step::LoadCells, load).await? {
                loaded.entry(row.key.partition).or_default().1.push((row.key.source, row.row));
            }
        }
        let answer = |(partition, (cells, ledger))| (partition, Answer::Cells { cells, ledger });
        Ok(loaded.into_iter().map(answer).collect())
    }

    async fn store_cells(&self, requests: Requests) -> Result<Answers, Error> {
        let (mut cells, mut ledger) = (Vec::new(), Vec::new());
        for (partition, request) in &requests {
            if let Request::StoreCells { cells: rows, ledger: ledger_rows } = request {
                cells.push((*partition, rows.as_slice()));
                ledger.push((*partition, ledger_rows.as_slice()));
            }
        }
        let insert_cells = self.until_answered(Step::StoreCells, || self.warehouse.insert_cells(&cells));
        let insert_ledger = self
            .until_answered(Step::StoreCells, || self.warehouse.insert_ledger(self.partition_count, &ledger));
        tokio::try_join!(insert_cells, insert_ledger)?;
        for (partition, rows) in &ledger {
            rows.iter().for_each(|(source, row)| self.metrics.ledger(*partition, source, row));
        }
        Ok(stored(&requests))
    }

    async fn store_facts(&self, requests: Requests) -> Result<Answers, Error> {
        let facts: Vec<_> = (requests.iter())
            .filter_map(|(partition, request)| match request {
                Request::StoreFacts(rows) => Some((*partition, rows.as_slice())),
                _ => None,
            })
            .collect();
        self.until_answered(Step::StoreFacts, || self.warehouse.insert_facts(&facts)).await?;
        Ok(stored(&requests))
    }

    async fn commit(&self, requests: Requests) -> Result<Answers, Error> {
        let mut offsets = Vec::new();
        for (partition, request) in requests {
            if let Request::Commit { next_offset } = request {
                offsets.push((partition, next_offset));
            }
        }
        let mut pause = self.retry.first;
        loop {
            let committed = if failpoint::refuses_commit() {
                Err(CommitError::NotOwner)
            } else {
                self.log.commit(offsets.clone()).await
            };
            match committed {
                Ok(()) => {
                    return Ok(offsets
                        .iter()
                        .map(|(partition, _)| (*partition, Answer::Committed))
                        .collect());
                }
                Err(CommitError::NotOwner) => {
                    tracing::warn!(
                        "the group has given partitions away; their last batch will be read again"
                    );
                    return Ok(Vec::new());
                }
                Err(error) => self.pause(Step::Commit, &error, &mut pause).await?,
            }
        }
    }

    /// Asks the warehouse until it answers, or until its answer says that asking again is no use.
    pub(crate) async fn until_answered<T, Asked: Future<Output = Result<T, cashless_warehouse::Error>>>(
        &self,
        step: Step,
        ask: impl Fn() -> Asked,
    ) -> Result<T, Error> {
        self.retry.until_answered(step.name(), ask).await
    }

    pub(crate) async fn pause(
        &self,
        step: Step,
        error: &dyn ErrorChain,
        pause: &mut Duration,
    ) -> Result<(), Error> {
        self.retry.pause(step.name(), error, pause).await
    }
}

fn stored(requests: &Requests) -> Answers {
    requests.iter().map(|(partition, _)| (*partition, Answer::Stored)).collect()
}
