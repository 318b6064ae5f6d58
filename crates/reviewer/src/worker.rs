use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cashless_broker::{AppendError, EventLog};
use cashless_domain::{BusinessDate, Decision, EventKey, Kind, PersonKeys, Timestamp};
use cashless_rollup::Version;
use cashless_warehouse::{Error as WarehouseError, ReviewedRecord, Warehouse};
use cashless_wire::{EncodeError, Encoder};
use prometheus::Registry;
use tokio::time::sleep;

use crate::Config;
use crate::content::Content;
use crate::decide::{event, wanted_decision, windows};
use crate::metrics::Metrics;
use crate::payers::Payers;

const RETRY_FIRST: Duration = Duration::from_millis(100);
/// How much longer than a round the pause after it is at least: reviewing takes a quarter of the time at most, so that days
/// of long ago, which many late arrivals make it read, do not keep the warehouse from telling the figures.
const PAUSE_PER_ROUND: u32 = 3;

/// What ends a reviewer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The warehouse is not what this release expects, or away.
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    /// The log did not take a decision.
    #[error("a decision was not appended")]
    Append(#[from] AppendError),
    /// A decision does not fit its schema.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A metric is registered twice.
    #[error("a metric cannot be registered")]
    Metrics(#[from] prometheus::Error),
}

impl Error {
    fn is_retry(&self) -> bool {
        match self {
            Self::Warehouse(error) => error.is_retry(),
            Self::Append(error) => *error != AppendError::TooLarge,
            Self::Encode(_) | Self::Metrics(_) => false,
        }
    }
}

/// The loop.
pub struct Reviewer {
    config: Config,
    warehouse: Warehouse,
    log: Arc<dyn EventLog>,
    topic: String,
    encoder: Encoder,
    persons: PersonKeys,
    metrics: Metrics,
    /// How far the last round saw, and by which registry; forgetting it only costs a look at everything.
    seen: Vec<Version>,
    registry: Option<(u32, u64)>,
    /// Made from that registry.
    payers: Option<Payers>,
    /// Appended, and not seen in the warehouse yet.
    on_the_way: HashMap<EventKey, (Decision, Instant)>,
}

impl Reviewer {
    /// A reviewer that appends to `topic` of `log`, and recognises payers' accounts of the years that have a key.
    ///
    /// # Errors
    /// A metric that is registered already.
    pub fn build(
        config: Config,
        warehouse: Warehouse,
        log: Arc<dyn EventLog>,
        topic: String,
        encoder: Encoder,
        persons: PersonKeys,
        registry: &Registry,
    ) -> Result<Self, Error> {
        let metrics = Metrics::register(registry)?;
        let (seen, on_the_way) = (Vec::new(), HashMap::new());
        let (registry, payers) = (None, None);
        Ok(Self {
            config,
            warehouse,
            log,
            topic,
            encoder,
            persons,
            metrics,
            seen,
            registry,
            payers,
            on_the_way,
        })
    }

    /// Works until `shutdown` resolves. What was decided and not appended is decided again by the next reviewer.
    ///
    /// # Errors
    /// See [`Error`]; temporary trouble is none.
    pub async fn run(mut self, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
        if !self.config.enabled {
            shutdown.await;
            return Ok(());
        }
        tokio::select! {
            () = shutdown => Ok(()),
            ended = self.rounds() => ended,
        }
    }

    async fn rounds(&mut self) -> Result<(), Error> {
        let mut pause = RETRY_FIRST;
        loop {
            let began = Instant::now();
            match self.round().await {
                Ok(_) => {
                    pause = RETRY_FIRST;
                    sleep(pause_after(began.elapsed(), Duration::from_millis(self.config.every_ms))).await;
                }
                Err(error) if error.is_retry() => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, pause_ms = pause.as_millis(), "reviewing again");
                    sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_millis(self.config.retry_longest_ms));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether decisions were appended that are not seen in the facts yet.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.on_the_way.is_empty()
    }

    /// Reviews what has changed since the last round; gives the number of decisions appended.
    ///
    /// # Errors
    /// See [`Error`]. The next round begins where this one did.
    pub async fn round(&mut self) -> Result<usize, Error> {
        let marks = self.warehouse.input_marks().await?;
        let registry = Some((marks.registry_version, marks.registry_digest));
        if self.registry != registry {
            self.seen.clear();
            self.payers = None;
        }
        let mut payers = match self.payers.take() {
            Some(payers) => payers,
            None => {
                let stored = self.warehouse.registry(Some(marks.registry_version)).await?;
                Payers::new(stored.registry, self.persons.clone())
            }
        };
        // Before the days are read: what is stored meanwhile is read again in the next round.
        let newest = self.warehouse.fact_versions().await?;
        let patience = Duration::from_millis(self.config.stored_within_ms);
        self.on_the_way.retain(|_, (_, appended)| appended.elapsed() < patience);
        let mut appended = 0;
        for (from, to) in windows(&self.warehouse.changed_days(&self.seen).await?) {
            appended += self.review(marks.registry_version, &mut payers, from, to).await?;
        }
        (self.seen, self.registry, self.payers) = (newest, registry, Some(payers));
        self.metrics.reviews.inc();
        Ok(appended)
    }

    async fn review(
        &mut self,
        registry_version: u32,
        payers: &mut Payers,
        from: BusinessDate,
        to: BusinessDate,
    ) -> Result<usize, Error> {
        let mut acknowledgements = Vec::new();
        let now = now();
        for record in self.warehouse.reviewed_records(registry_version, from, to).await? {
            let kind = kind(payers, &record);
            let Some((decision, effect)) = wanted_decision(&record, kind, registry_version, now) else {
                self.on_the_way.remove(&record.key);
                continue;
            };
            if self.on_the_way.get(&record.key).is_some_and(|(known, _)| same(known, &decision)) {
                continue;
            }
            let mut payload = Vec::new();
            self.encoder.encode_payment(&event(&record, decision), &mut payload)?;
            let acknowledgement = self.log.append(&self.topic, &record.key.account.0, &payload);
            acknowledgements.push((record.key, decision, effect, acknowledgement));
        }
        let appended = acknowledgements.len();
        for (key, decision, effect, acknowledgement) in acknowledgements {
            acknowledgement.await?;
            self.on_the_way.insert(key, (decision, Instant::now()));
            self.metrics.decided(effect);
        }
        self.warehouse.store_weak_candidates(registry_version, from, to).await?;
        if appended > 0 {
            tracing::info!(%from, %to, decisions = appended, "decided");
        }
        Ok(appended)
    }
}

fn pause_after(round: Duration, shortest: Duration) -> Duration {
    shortest.max(round * PAUSE_PER_ROUND)
}

/// What the record is by the account its money came from, where nobody can tell what was decided stays; or by what the
/// other record of its payment is.
fn kind(payers: &mut Payers, record: &ReviewedRecord) -> Option<Kind> {
    let by_payer = record.paid.as_ref().and_then(|paid| {
        let decided = record.decided.and_then(|decision| decision.kind);
        payers.kind(record.key.account, paid).unwrap_or(decided)
    });
    let (told, beside) = (record.kind?, record.beside_kind);
    by_payer.or(beside.map(|beside| told.beside(beside)).filter(|kind| *kind != told))
}

/// Whether two decisions say the same, whenever they were taken.
fn same(one: &Decision, other: &Decision) -> bool {
    Content::of(Some(*one)) == Content::of(Some(*other))
}

fn now() -> Timestamp {
    let micros = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
    Timestamp::from_micros(i64::try_from(micros).unwrap_or_default()).expect("the clock stands before 2149")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_round_is_followed_by_a_longer_pause() {
        let seconds = Duration::from_secs;
        assert_eq!(pause_after(seconds(2), seconds(15)), seconds(15));
        assert_eq!(pause_after(seconds(20), seconds(15)), seconds(60));
    }
}
