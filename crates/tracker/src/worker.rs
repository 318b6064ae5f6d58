use std::collections::BTreeMap;
use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cashless_domain::{BusinessDate, Timestamp};
use cashless_evaluation::{Declared, Flow, Input, Lookalikes, Plan, evaluate};
use cashless_registry::Registry as Institutions;
use cashless_warehouse::Warehouse;
use prometheus::Registry;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::config::{Config, InvalidConfig};
use crate::data::{Data, Watermark};
use crate::health::Health;
use crate::metrics::{Metrics, Outcome, seconds};
use crate::rows::Rows;
use crate::stored::{Stored, Written};

/// Why the tracker ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The warehouse is not what this release expects.
    #[error("the tracker cannot use the warehouse")]
    Warehouse(#[from] cashless_warehouse::Error),
    /// A setting that makes no sense.
    #[error(transparent)]
    Config(#[from] InvalidConfig),
    /// A metric is registered twice.
    #[error("the tracker's metrics cannot be registered")]
    Metrics(#[from] prometheus::Error),
}

/// Evaluates every active plan, round after round.
pub struct Tracker {
    config: Config,
    warehouse: Warehouse,
    replayed_day: Option<BusinessDate>,
    metrics: Metrics,
    health: Health,
    data: Data,
    stored: Option<Stored>,
    /// What the last evaluation gave, and for which day.
    results: Option<(BusinessDate, Arc<Vec<Rows>>)>,
    /// Plans whose evaluation failed, and why.
    failed: BTreeMap<String, String>,
}

impl Tracker {
    /// Prepares; asks nothing yet.
    ///
    /// # Errors
    /// A setting that makes no sense, or metrics registered twice.
    pub fn build(config: Config, warehouse: Warehouse, registry: &Registry) -> Result<Self, Error> {
        let replayed_day = config.replayed_day()?;
        let metrics = Metrics::register(registry)?;
        let health = Health::new(Duration::from_millis(config.stall_ms));
        Ok(Self {
            config,
            warehouse,
            replayed_day,
            metrics,
            health,
            data: Data::default(),
            stored: None,
            results: None,
            failed: BTreeMap::new(),
        })
    }

    /// Whether targets are being evaluated.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Works until `shutdown` resolves. A round that is cut off is begun again by the next tracker.
    ///
    /// # Errors
    /// See [`Error`]; temporary trouble is none.
    pub async fn run(mut self, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
        if let Some(day) = self.replayed_day {
            tracing::warn!(%day, "plans are evaluated for a day that is set, not for today");
        }
        tokio::select! {
            () = shutdown => Ok(()),
            ended = self.rounds() => ended,
        }
    }

    async fn rounds(&mut self) -> Result<(), Error> {
        let mut ticks = interval(Duration::from_millis(self.config.every_ms));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let retry_first = Duration::from_millis(self.config.retry_first_ms);
        let mut pause = retry_first;
        loop {
            ticks.tick().await;
            while let Err(error) = self.round().await {
                self.metrics.ended(Outcome::Failed);
                // What was half read or written is not relied on.
                self.data.forget();
                self.stored = None;
                if !error.is_retry() {
                    return Err(error.into());
                }
                let trouble = chain(&error);
                tracing::warn!(error = trouble, pause_ms = pause.as_millis(), "trying again");
                self.health.troubled(trouble);
                sleep(pause).await;
                pause = (pause * 2).min(Duration::from_millis(self.config.retry_longest_ms));
            }
            pause = retry_first;
        }
    }

    async fn round(&mut self) -> Result<(), cashless_warehouse::Error> {
        let (began, evaluated_at) = (Instant::now(), now());
        // Before all else: what is read afterwards is at least as new as this says.
        let watermark = Watermark::of(&self.warehouse.whole_ledger().await?);
        self.metrics.fates_gap.set(watermark.fates_gap);
        self.metrics.silence(evaluated_at.as_micros(), &watermark.received_until);
        let changed = self.data.refresh(&self.warehouse, &watermark).await?;
        let today = self.replayed_day.unwrap_or_else(|| evaluated_at.business_date());
        let rows = match &self.results {
            Some((day, rows)) if !changed && *day == today && self.stored.is_some() => Arc::clone(rows),
            _ => self.evaluate(today).await,
        };
        let mut stored = match self.stored.take() {
            Some(stored) => stored,
            None => Stored::load(&self.warehouse).await?,
        };
        let written =
            stored.update(&self.warehouse, &self.data.basis(evaluated_at, &watermark), &rows).await?;
        self.stored = Some(stored);
        self.metrics.show(rows.iter().flat_map(|rows| &rows.progress));
        self.results = Some((today, rows));
        self.finished(&written, evaluated_at, began.elapsed());
        Ok(())
    }

    fn finished(&self, written: &Written, evaluated_at: Timestamp, took: Duration) {
        self.metrics.ended(if written.is_nothing() { Outcome::Unchanged } else { Outcome::Changed });
        self.metrics.evaluation_seconds.observe(took.as_secs_f64());
        self.metrics.last_evaluation_timestamp_seconds.set(seconds(evaluated_at.as_micros()));
        let mut left_out = self.data.unreadable.clone();
        left_out.extend(self.failed.clone());
        if written.held_back > 0 {
            let reason =
                format!("{} newer results than the clock of this machine are stored", written.held_back);
            left_out.insert("(all)".to_owned(), reason);
        }
        self.health.finished(left_out);
        tracing::debug!(
            progress = written.progress,
            standings = written.standings,
            months = written.months,
            took_ms = took.as_millis(),
            "round finished"
        );
    }

    /// Evaluates all plans, away from the threads that wait for answers. A plan whose evaluation fails is left out and said.
    async fn evaluate(&mut self, today: BusinessDate) -> Arc<Vec<Rows>> {
        let mut rows = Vec::new();
        self.failed.clear();
        for plan in &self.data.plans {
            let material = Material {
                plan: Arc::clone(plan),
                registry: Arc::clone(&self.data.registry),
                flows: Arc::clone(&self.data.flows),
                lookalikes: Arc::clone(&self.data.lookalikes),
                declarations: Arc::clone(&self.data.declarations),
                today,
            };
            match tokio::task::spawn_blocking(move || material.evaluate()).await {
                Ok(of_plan) => rows.push(of_plan),
                Err(error) => {
                    tracing::error!(plan = plan.id, version = plan.version, %error, "the evaluation failed");
                    self.failed.insert(format!("{} version {}", plan.id, plan.version), error.to_string());
                }
            }
        }
        Arc::new(rows)
    }
}

/// Everything that one evaluation depends on.
struct Material {
    plan: Arc<Plan>,
    registry: Arc<Institutions>,
    flows: Arc<Vec<Flow>>,
    lookalikes: Arc<Vec<Lookalikes>>,
    declarations: Arc<Vec<Declared>>,
    today: BusinessDate,
}

impl Material {
    fn evaluate(&self) -> Rows {
        let input = Input {
            plan: &self.plan,
            registry: &self.registry,
            flows: &self.flows,
            lookalikes: &self.lookalikes,
            declarations: &self.declarations,
            today: self.today,
        };
        Rows::of(&self.plan, &evaluate(&input))
    }
}

/// Says when a row was made, and which day it is.
fn now() -> Timestamp {
    let micros = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
    Timestamp::from_micros(i64::try_from(micros).unwrap_or_default()).expect("the clock stands before 2149")
}

/// An error with all its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line = format!("{line}: {}", cause as &dyn Display);
        source = cause.source();
    }
    line
}
