use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cashless_broker::{
    AssignedPartition, CommitError, Connection, EventLog, LogReader, OwnershipChange, ReadError,
};
use cashless_domain::Timestamp;
use cashless_rollup::{Partition, Request};
use cashless_warehouse::Warehouse;
use cashless_wire::{DeadLetter, Decoder, Encoder};
use prometheus::Registry;
use tokio::sync::watch;

use crate::dead_letters::{DeadLetters, dead_letter};
use crate::declarations::Declarations;
use crate::decode::{Content, Decoded, decode};
use crate::health::LogHealth;
use crate::lane::{Lane, Member};
use crate::metrics::Metrics;
use crate::retry::Retry;
use crate::steps::{Requests, Step, World};
use crate::take_up::{self, Stored};
use crate::{Config, Health};

/// Why the aggregator ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log cannot be read.
    #[error("the aggregator cannot read the log")]
    Log(#[from] ReadError),
    /// The warehouse is not what this release expects.
    #[error("the aggregator cannot use the warehouse")]
    Warehouse(#[source] cashless_warehouse::Error),
    /// A metric is registered twice.
    #[error("the aggregator's metrics cannot be registered")]
    Metrics(#[from] prometheus::Error),
    /// A stop was asked for while something was tried again.
    #[error("stopped while trying again")]
    Stopped,
}

/// The full names of the topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topics {
    /// Payment events, read.
    pub payments: String,
    /// Cash declarations, read.
    pub cash_declarations: String,
    /// What cannot be decoded, written.
    pub dead_letters: String,
}

/// Reads the logs of payment events and of cash declarations into the warehouse.
pub struct Aggregator {
    payments: Payments,
    declarations: Declarations,
    health: Health,
    stop: watch::Sender<bool>,
}

/// The loop of payment events.
struct Payments {
    config: Config,
    topic: String,
    reader: LogReader<Decoded>,
    dead_letters: Arc<DeadLetters>,
    members: BTreeMap<u16, Member>,
    world: World,
    health: LogHealth,
    queued: usize,
    oldest: Option<Instant>,
}

impl Aggregator {
    /// Joins the consumer groups. `dead_letter_log` takes what cannot be decoded.
    ///
    /// # Errors
    /// A setting that the Kafka client refuses, or metrics registered twice.
    pub fn build(
        config: Config,
        connection: &Connection,
        topics: Topics,
        dead_letter_log: Arc<dyn EventLog>,
        (encoder, mut decoder): (Encoder, Decoder),
        warehouse: Warehouse,
        registry: &Registry,
    ) -> Result<Self, Error> {
        let metrics = Metrics::register(registry)?;
        let (stop, stopping) = watch::channel(false);
        let retry = Retry::new(&config, stopping, metrics.retries.clone());
        let health = Health::new(Duration::from_millis(config.stall_ms));
        let dead_letters = Arc::new(DeadLetters {
            log: dead_letter_log,
            topic: topics.dead_letters,
            encoder,
            counter: metrics.dead_letters.clone(),
        });
        let declarations = Declarations::build(
            connection,
            &config.reader,
            topics.cash_declarations,
            decoder.clone(),
            Arc::clone(&dead_letters),
            warehouse.clone(),
            retry.clone(),
            metrics.clone(),
            health.declarations.clone(),
        )?;
        let topic = topics.payments;
        let reader =
            LogReader::start(connection, &config.reader, &topic, move |record| decode(&mut decoder, record))?;
        let world = World::new(warehouse, reader.handle.clone(), metrics, retry);
        let payments = Payments {
            config,
            topic,
            reader,
            dead_letters,
            members: BTreeMap::new(),
            world,
            health: health.payments.clone(),
            queued: 0,
            oldest: None,
        };
        Ok(Self { payments, declarations, health, stop })
    }

    /// Whether figures are being made.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Works until `shutdown` resolves, then stores the batch in hand and leaves the group.
    ///
    /// # Errors
    /// See [`Error`]; temporary trouble is none.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
        let Self { mut payments, declarations, stop, .. } = self;
        let drain = Duration::from_millis(payments.config.drain_ms);
        let (asked, asked_to_stop) = watch::channel(false);
        let (asking, stopping) = (asked.clone(), stop.clone());
        let stopper = tokio::spawn(async move {
            shutdown.await;
            asking.send_replace(true);
            tokio::time::sleep(drain).await;
            stopping.send_replace(true);
        });
        let beside = tokio::spawn(declarations.run(asked_to_stop.clone()));
        let ended = payments.work(asked_to_stop).await;
        if ended.is_err() {
            stop.send_replace(true);
        }
        asked.send_replace(true);
        if let Err(panic) = beside.await {
            tracing::error!(%panic, "the loop of cash declarations broke down");
        }
        stopper.abort();
        match ended {
            Err(Error::Stopped) => {
                tracing::warn!("stopped with a batch in hand; it will be read again");
                Ok(())
            }
            other => other,
        }
    }
}

impl Payments {
    async fn work(&mut self, mut asked_to_stop: watch::Receiver<bool>) -> Result<(), Error> {
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        loop {
            let flush_at = self.oldest.map(|oldest| oldest + Duration::from_millis(self.config.flush_age_ms));
            let due = async {
                match flush_at {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            let step = tokio::select! {
                biased;
                _ = is_asked(&mut asked_to_stop) => return self.flush().await,
                Some(change) = self.reader.ownership.recv() => self.change(change).await,
                () = due => self.flush().await,
                Some(records) = self.reader.records.recv() => {
                    self.queue(records);
                    if self.queued >= self.config.flush_records { self.flush().await } else { Ok(()) }
                }
                _ = tick.tick() => { self.show_lag(); self.commit_again().await }
                else => return Ok(()),
            };
            step?;
        }
    }

    async fn change(&mut self, change: OwnershipChange) -> Result<(), Error> {
        match change {
            OwnershipChange::Assigned(partitions) => {
                self.health.joined();
                for assigned in partitions {
                    self.take_up(assigned).await?;
                }
            }
            OwnershipChange::Revoked(partitions, release) => {
                // What is queued but not in a batch is read again by the next owner.
                self.give_away(&partitions);
                drop(release);
            }
            OwnershipChange::Lost(partitions) => self.give_away(&partitions),
            OwnershipChange::Failed(error) => return Err(error.into()),
        }
        Ok(())
    }

    async fn take_up(&mut self, assigned: AssignedPartition) -> Result<(), Error> {
        let partition = assigned.partition;
        let load = || self.world.warehouse.ledger(std::slice::from_ref(&partition));
        let rows = self.world.until_answered(Step::LoadCells, load).await?;
        let stored = Stored {
            partition_count: rows.iter().map(|row| row.partition_count).max(),
            ledger: rows.into_iter().map(|row| (row.key.source, row.row)).collect(),
        };
        let start = match take_up::compare(&assigned, &stored) {
            Ok(start) => start,
            Err(mismatch) => return self.halt(partition, mismatch.to_string()),
        };
        let mut pause = self.world.retry.first;
        loop {
            match take_up::is_the_same_log(&self.world.log, &start).await {
                Ok(Ok(())) => break,
                Ok(Err(mismatch)) => return self.halt(partition, mismatch.to_string()),
                Err(error) => self.world.pause(Step::LoadCells, &error, &mut pause).await?,
            }
        }
        if assigned.committed.is_none() && !self.commit_first(&assigned, start.next_offset).await? {
            return Ok(());
        }
        for (source, row) in &start.ledger {
            self.world.metrics.ledger(partition, source, row);
        }
        self.world.partition_count = assigned.partition_count;
        tracing::info!(partition, next_offset = start.next_offset, epoch = start.epoch, "partition taken up");
        let member = Member {
            generation: assigned.generation,
            partition: Partition::new(start, self.config.limits(assigned.partition_count)),
            queue: Vec::new(),
            dead_letters: Vec::new(),
            halts: None,
            uncommitted: false,
        };
        self.members.insert(partition, member);
        let mut pause = self.world.retry.first;
        while let Err(error) = self.world.log.begin(partition) {
            if error == CommitError::NotOwner {
                self.members.remove(&partition);
                break;
            }
            self.world.pause(Step::Commit, &error, &mut pause).await?;
        }
        Ok(())
    }

    /// Gives the group an offset before anything is stored: from here on a group without one was deleted by somebody.
    /// Says whether the partition is still ours.
    async fn commit_first(&self, assigned: &AssignedPartition, next_offset: u64) -> Result<bool, Error> {
        let mut pause = self.world.retry.first;
        while self.world.log.owns(assigned.partition, assigned.generation) {
            let first = vec![(assigned.partition, Request::Commit { next_offset })];
            if !self.world.perform(Step::Commit, first).await?.is_empty() {
                return Ok(true);
            }
            self.world.pause(Step::Commit, &CommitError::NotOwner, &mut pause).await?;
        }
        Ok(false)
    }

    fn give_away(&mut self, partitions: &[u16]) {
        for partition in partitions {
            if let Some(member) = self.members.remove(partition) {
                self.queued -= member.queue.len();
            }
            self.world.metrics.halted_partitions.set(count(self.health.given_away(*partition)));
            // The partition may have been idle here: an absent series is then no error.
            drop(self.world.metrics.lag_records.remove_label_values(&[&partition.to_string()]));
        }
        if self.queued == 0 {
            self.oldest = None;
        }
        tracing::info!(?partitions, "partitions given away");
    }

    /// Stops a partition for good: it is never skipped, a person has to look.
    #[expect(clippy::unnecessary_wraps, reason = "ends the callers that cannot go on with the partition")]
    fn halt(&mut self, partition: u16, reason: String) -> Result<(), Error> {
        tracing::error!(
            partition,
            reason,
            "partition halted: nothing of it is counted until a person has looked"
        );
        if let Some(member) = self.members.remove(&partition) {
            self.queued -= member.queue.len();
        }
        self.world.metrics.halted_partitions.set(count(self.health.halted(partition, reason)));
        Ok(())
    }

    fn queue(&mut self, records: Vec<Decoded>) {
        self.world.metrics.records_read.inc_by(records.len() as u64);
        for decoded in records {
            let Some(member) = self.members.get_mut(&decoded.partition) else { continue };
            if member.generation != decoded.generation || member.halts.is_some() {
                continue;
            }
            let entry = match decoded.content {
                Content::Entry(entry) => entry,
                Content::Undecodable { entry, body_digest, body_bytes } => {
                    let (partition, offset) = (decoded.partition, decoded.offset);
                    let letter = dead_letter(&self.topic, partition, offset, body_digest, body_bytes, now());
                    member.dead_letters.push(letter);
                    entry
                }
                Content::UnknownSchema(reason) => {
                    member.halts = Some(format!("offset {}: {reason}", decoded.offset));
                    continue;
                }
            };
            member.queue.push(entry);
            self.queued += 1;
        }
        if self.oldest.is_none() {
            self.oldest = Some(Instant::now());
            self.health.waiting();
        }
    }

    /// Takes what is queued through all steps.
    async fn flush(&mut self) -> Result<(), Error> {
        self.oldest = None;
        let records = std::mem::take(&mut self.queued);
        if records > 0 {
            self.world.metrics.batch_records.observe(approximate(records));
        }
        self.store_dead_letters().await?;
        let [first, second] = Lane::divide(self.members.values_mut(), records, self.config.flush_records / 2);
        let (mut broken, more) = tokio::try_join!(first.run(&self.world), second.run(&self.world))?;
        broken.extend(more);
        let halting = self.members.iter().filter_map(|(id, member)| Some((*id, member.halts.clone()?)));
        broken.extend(halting);
        for (id, reason) in broken {
            self.halt(id, reason)?;
        }
        self.health.progressed(false);
        Ok(())
    }

    /// Commits what was stored while the group was dividing its partitions anew, so that it does not wait for the
    /// next payment.
    async fn commit_again(&mut self) -> Result<(), Error> {
        let uncommitted: Requests = (self.members.iter())
            .filter(|(_, member)| member.uncommitted && member.is_still_ours(&self.world))
            .map(|(id, member)| (*id, Request::Commit { next_offset: member.partition.next_offset() }))
            .collect();
        if uncommitted.is_empty() {
            return Ok(());
        }
        for (id, answer) in self.world.perform(Step::Commit, uncommitted).await? {
            let Some(member) = self.members.get_mut(&id) else { continue };
            member.uncommitted = false;
            if let Err(error) = member.partition.answer(answer) {
                self.halt(id, error.to_string())?;
            }
        }
        Ok(())
    }

    async fn store_dead_letters(&mut self) -> Result<(), Error> {
        let letters: Vec<DeadLetter> =
            self.members.values_mut().flat_map(|member| std::mem::take(&mut member.dead_letters)).collect();
        self.dead_letters.append(letters, &self.world.retry).await
    }

    fn show_lag(&self) {
        let age = self.oldest.map_or(0, |oldest| oldest.elapsed().as_secs());
        self.world.metrics.oldest_unprocessed_seconds.set(i64::try_from(age).unwrap_or(i64::MAX));
        let mut total = 0;
        for (id, member) in &self.members {
            if let Some(high) = self.world.log.high(*id) {
                let lag = high.saturating_sub(member.partition.next_offset());
                let gauge = self.world.metrics.lag_records.with_label_values(&[&id.to_string()]);
                gauge.set(i64::try_from(lag).unwrap_or(i64::MAX));
                total += lag;
            }
        }
        self.health.looked(self.world.log.is_answering(), total > 0 || self.queued > 0);
    }
}

/// Resolves when a stop is asked for, or can no longer be.
pub(crate) async fn is_asked(asked_to_stop: &mut watch::Receiver<bool>) -> bool {
    asked_to_stop.wait_for(|asked| *asked).await.is_ok()
}

fn count(partitions: usize) -> i64 {
    i64::try_from(partitions).unwrap_or(i64::MAX)
}

fn approximate(records: usize) -> f64 {
    u32::try_from(records).map_or(f64::INFINITY, f64::from)
}

/// Only dead letters and metrics carry it: no clock may enter a figure.
pub(crate) fn now() -> Timestamp {
    let micros = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
    Timestamp::from_micros(i64::try_from(micros).unwrap_or_default()).expect("the clock stands before 2149")
}
