//! The second, small loop: declared cash, from its own log into its table.
//!
//! A declaration is a row of its own, and storing one twice changes nothing; so there is nothing to fold, to load or to
//! compare with: what was read is stored, and then committed. It has a group and a thread of its own, and whatever ends
//! it leaves the payments going: readiness says why.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use cashless_broker::{
    AssignedPartition, CommitError, Connection, LogReader, LogRecord, OwnershipChange, ReadError,
    ReaderConfig,
};
use cashless_domain::CashDeclaration;
use cashless_warehouse::Warehouse;
use cashless_wire::{DecodeError, Decoder};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use crate::dead_letters::{DeadLetters, dead_letter};
use crate::failpoint;
use crate::health::LogHealth;
use crate::metrics::Metrics;
use crate::retry::{ErrorChain as _, Retry};
use crate::worker::{Error, is_asked, now};

/// The label of its retries, and of its place where a test may kill the process.
const STEP: &str = "store_declarations";
/// Follows the configured group's name.
const GROUP_SUFFIX: &str = "-declarations";
/// A few thousand declarations a month need no more.
const FETCH_KIB_MAX: u32 = 1_024;
const CHUNKS_MAX: usize = 4;

struct Decoded {
    partition: u16,
    generation: u32,
    offset: u64,
    content: Content,
}

enum Content {
    Declaration(Box<CashDeclaration>),
    /// Goes to the dead-letter topic.
    Undecodable {
        body_digest: [u8; 32],
        body_bytes: u64,
    },
    /// Written with a schema this release lacks: whoever skipped it would lose it.
    UnknownSchema(String),
}

fn decode(decoder: &Decoder, record: LogRecord<'_>) -> Decoded {
    let content = match decoder.declaration(record.payload) {
        Ok(declaration) => Content::Declaration(Box::new(declaration)),
        Err(error @ DecodeError::UnknownSchema(_)) => Content::UnknownSchema(error.to_string()),
        Err(_) => Content::Undecodable {
            body_digest: Sha256::digest(record.payload).into(),
            body_bytes: record.payload.len() as u64,
        },
    };
    Decoded { partition: record.partition, generation: record.generation, offset: record.offset, content }
}

/// A partition that is worked on.
struct Place {
    generation: u32,
    next_offset: u64,
}

pub(crate) struct Declarations {
    topic: String,
    reader: LogReader<Decoded>,
    dead_letters: Arc<DeadLetters>,
    warehouse: Warehouse,
    retry: Retry,
    metrics: Metrics,
    health: LogHealth,
    places: BTreeMap<u16, Place>,
    /// Stored, and not committed yet.
    uncommitted: BTreeSet<u16>,
}

impl Declarations {
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a part of the outside world, named at the one call"
    )]
    pub(crate) fn build(
        connection: &Connection,
        payments: &ReaderConfig,
        topic: String,
        decoder: Decoder,
        dead_letters: Arc<DeadLetters>,
        warehouse: Warehouse,
        retry: Retry,
        metrics: Metrics,
        health: LogHealth,
    ) -> Result<Self, Error> {
        let config = ReaderConfig {
            group: format!("{}{GROUP_SUFFIX}", payments.group),
            fetch_kib_max: FETCH_KIB_MAX.min(payments.fetch_kib_max),
            chunks_max: CHUNKS_MAX,
            ..payments.clone()
        };
        let reader = LogReader::start(connection, &config, &topic, move |record| decode(&decoder, record))?;
        Ok(Self {
            topic,
            reader,
            dead_letters,
            warehouse,
            retry,
            metrics,
            health,
            places: BTreeMap::new(),
            uncommitted: BTreeSet::new(),
        })
    }

    /// Works until a stop is asked for, or until a person has to look.
    pub(crate) async fn run(mut self, mut asked_to_stop: watch::Receiver<bool>) {
        match self.work(&mut asked_to_stop).await {
            Ok(()) | Err(Error::Stopped) => {}
            Err(error) => {
                let reason = error.chain();
                tracing::error!(
                    reason,
                    "cash declarations are not read any more: a person has to look, then restart"
                );
                self.metrics.declarations_halted.set(1);
                self.health.ended(reason);
            }
        }
    }

    async fn work(&mut self, asked_to_stop: &mut watch::Receiver<bool>) -> Result<(), Error> {
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                biased;
                _ = is_asked(asked_to_stop) => return Ok(()),
                Some(change) = self.reader.ownership.recv() => self.change(change).await?,
                Some(records) = self.reader.records.recv() => self.store(records).await?,
                _ = tick.tick() => { self.show_lag(); self.commit().await?; }
                else => return Ok(()),
            }
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
                self.give_away(&partitions);
                drop(release);
            }
            OwnershipChange::Lost(partitions) => self.give_away(&partitions),
            OwnershipChange::Failed(error) => return Err(error.into()),
        }
        Ok(())
    }

    async fn take_up(&mut self, assigned: AssignedPartition) -> Result<(), Error> {
        let AssignedPartition { partition, generation, committed, low, .. } = assigned;
        if let Some(next) = committed.filter(|next| *next < low) {
            let expired =
                format!("offset {next} is next but the log begins at {low}: records have expired unread");
            return Err(ReadError::Refused(expired).into());
        }
        let next_offset = committed.unwrap_or(low);
        self.places.insert(partition, Place { generation, next_offset });
        tracing::info!(partition, next_offset, "partition of cash declarations taken up");
        let mut pause = self.retry.first;
        while let Err(error) = self.reader.handle.begin(partition) {
            if error == CommitError::NotOwner {
                self.places.remove(&partition);
                break;
            }
            self.retry.pause(STEP, &error, &mut pause).await?;
        }
        Ok(())
    }

    /// What is stored but not committed is read again by the next owner, which changes nothing.
    fn give_away(&mut self, partitions: &[u16]) {
        for partition in partitions {
            self.places.remove(partition);
            self.uncommitted.remove(partition);
            let halted = self.health.given_away(*partition);
            self.metrics.declarations_halted.set(i64::from(halted > 0));
            let label = partition.to_string();
            // The partition may have been idle here: an absent series is then no error.
            drop(self.metrics.declarations_lag_records.remove_label_values(&[&label]));
        }
    }

    async fn store(&mut self, records: Vec<Decoded>) -> Result<(), Error> {
        self.health.waiting();
        self.metrics.declarations_read.inc_by(records.len() as u64);
        let (mut declarations, mut letters) = (Vec::with_capacity(records.len()), Vec::new());
        let mut halted = Vec::new();
        for decoded in records {
            let Decoded { partition, generation, offset, content } = decoded;
            let Some(place) = self.places.get_mut(&partition) else { continue };
            if place.generation != generation {
                continue;
            }
            match content {
                Content::Declaration(declaration) => declarations.push(*declaration),
                Content::Undecodable { body_digest, body_bytes } => {
                    letters.push(dead_letter(&self.topic, partition, offset, body_digest, body_bytes, now()));
                }
                Content::UnknownSchema(reason) => {
                    halted.push((partition, format!("offset {offset}: {reason}")));
                    self.places.remove(&partition);
                    continue;
                }
            }
            place.next_offset = offset + 1;
            self.uncommitted.insert(partition);
        }
        self.dead_letters.append(letters, &self.retry).await?;
        let insert = || self.warehouse.insert_declarations(&declarations);
        self.retry.until_answered(STEP, insert).await?;
        failpoint::passed(STEP);
        self.commit().await?;
        for (partition, reason) in halted {
            tracing::error!(
                partition,
                reason,
                "cash declarations of the partition halted: nothing of it is read until a person has looked"
            );
            self.health.halted(partition, reason);
            self.metrics.declarations_halted.set(1);
        }
        self.health.progressed(false);
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), Error> {
        let mut pause = self.retry.first;
        loop {
            let offsets: Vec<(u16, u64)> = (self.uncommitted.iter())
                .filter_map(|partition| Some((*partition, self.places.get(partition)?)))
                .filter(|(partition, place)| self.reader.handle.owns(*partition, place.generation))
                .map(|(partition, place)| (partition, place.next_offset))
                .collect();
            if offsets.is_empty() {
                return Ok(());
            }
            match self.reader.handle.commit(offsets).await {
                Ok(()) => {
                    self.uncommitted.clear();
                    return Ok(());
                }
                // Amid a rebalance, which may well leave the partitions here: the next tick tries again.
                Err(CommitError::NotOwner) => return Ok(()),
                Err(error) => self.retry.pause(STEP, &error, &mut pause).await?,
            }
        }
    }

    fn show_lag(&self) {
        let mut total = 0;
        for (partition, place) in &self.places {
            if let Some(high) = self.reader.handle.high(*partition) {
                let lag = high.saturating_sub(place.next_offset);
                let gauge =
                    self.metrics.declarations_lag_records.with_label_values(&[&partition.to_string()]);
                gauge.set(i64::try_from(lag).unwrap_or(i64::MAX));
                total += lag;
            }
        }
        self.health.looked(self.reader.handle.is_answering(), total > 0);
    }
}
