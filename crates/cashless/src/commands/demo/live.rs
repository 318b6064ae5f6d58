//! Posting payments as they happen, and looking at what they do to the figures.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::bail;
use cashless_domain::RecordFate;
use cashless_simulator::{Delivery, Pace, PostReport, Poster, PosterConfig, Progress, Province, Scenario};
use cashless_warehouse::{StoredLedgerRow, Warehouse};

use super::freshness::{Freshness, percentile};
use super::plans::Plans;
use super::screen::{Look, Screen};
use super::stage::Roles;
use super::targets::Titles;
use crate::commands::simulate::now;

const LOOK_EVERY: Duration = Duration::from_millis(40);
const DRAW_EVERY: Duration = Duration::from_secs(1);
const SETTLE_PATIENCE: Duration = Duration::from_secs(120);
const INSTITUTIONS_SHOWN: u32 = 7;

/// What posting brought, and the stream it came from.
pub(super) struct Watched {
    pub(super) report: PostReport,
    pub(super) scenario: Scenario,
    pub(super) freshness: Freshness,
    /// The last look, which is still on the screen.
    pub(super) look: Look,
}

/// Where things are.
pub(super) struct Watching<'a> {
    pub(super) warehouse: &'a Warehouse,
    pub(super) roles: &'a Roles,
    pub(super) province: &'a Province,
    /// Events that were visible before.
    pub(super) events_before: u64,
}

impl Watching<'_> {
    /// Posts the stream while looking at the ledger, until everything accepted is visible.
    pub(super) async fn post(
        &self,
        screen: &mut Screen,
        plans: &Plans,
        scenario: Scenario,
    ) -> anyhow::Result<Watched> {
        let config = PosterConfig {
            pace: Pace::WhenDue,
            keep_outcomes: true,
            ..PosterConfig::new(self.roles.webhooks)
        };
        let (progress, poster) = (Arc::new(Progress::default()), Poster::new(config, self.province));
        let accepted = Arc::new(Mutex::new(Vec::new()));
        let tapped = Tapped { scenario, accepted: Arc::clone(&accepted) };
        let posting_progress = Arc::clone(&progress);
        let mut posting = tokio::spawn(async move { poster.run(tapped, posting_progress).await });
        let (began, mut drawn_at, mut freshness) = (Instant::now(), Instant::now(), Freshness::default());
        let (mut finished, mut last_visible, mut settled_since): (
            Option<(PostReport, Tapped)>,
            u64,
            Instant,
        ) = (None, 0, Instant::now());
        let (mut live, mut shown) = (LiveFreshness::default(), Look::default());
        loop {
            if finished.is_none() && posting.is_finished() {
                finished = Some((&mut posting).await?);
            }
            let ledger = self.warehouse.whole_ledger().await?;
            let visible = self.visible(&ledger);
            freshness.seen(now()?.as_micros(), visible);
            live.look(&ledger);
            if drawn_at.elapsed() >= DRAW_EVERY {
                let seconds = drawn_at.elapsed().as_secs_f64();
                let (fresh_p50, fresh_p99) = live.take();
                let look = Look {
                    elapsed: began.elapsed(),
                    day: plans.day(),
                    answered: progress.answered.load(Ordering::Relaxed),
                    visible,
                    visible_per_second: difference(visible, last_visible) / seconds,
                    fresh_p50,
                    fresh_p99,
                    fates: fates(&ledger),
                    institutions: self.warehouse.top_institutions(INSTITUTIONS_SHOWN).await?,
                    targets: plans.lines(
                        &self.warehouse.targets_now().await?,
                        Titles::Shortened,
                        screen.width(),
                    ),
                };
                screen.draw(&look);
                shown = look;
                (drawn_at, last_visible) = (Instant::now(), visible);
            }
            match finished.take() {
                Some((report, tapped)) if visible >= report.items_accepted => {
                    let institutions = self.warehouse.top_institutions(INSTITUTIONS_SHOWN).await?;
                    let items = accepted.lock().unwrap_or_else(PoisonError::into_inner);
                    let answered = report.outcomes.iter();
                    for outcome in answered.filter(|outcome| (200..300).contains(&outcome.status)) {
                        let index = usize::try_from(outcome.sequence)?;
                        freshness.answered(
                            outcome.answered_at_micros,
                            items.get(index).copied().unwrap_or_default(),
                        );
                    }
                    drop(items);
                    let answered = progress.answered.load(Ordering::Relaxed);
                    let look = Look { answered, visible, fates: fates(&ledger), institutions, ..shown };
                    return Ok(Watched { report, scenario: tapped.scenario, freshness, look });
                }
                Some(unsettled) => {
                    if settled_since.elapsed() > SETTLE_PATIENCE {
                        let accepted = unsettled.0.items_accepted;
                        bail!("{visible} of {accepted} accepted statements became visible");
                    }
                    finished = Some(unsettled);
                }
                None => settled_since = Instant::now(),
            }
            if self.roles.ended() {
                bail!("a role ended early; its reason is in the log above");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn visible(&self, ledger: &[StoredLedgerRow]) -> u64 {
        let events: u64 = ledger.iter().flat_map(|stored| stored.row.events).sum();
        events.saturating_sub(self.events_before)
    }
}

/// The stream, noting how many statements of each delivery are to be accepted.
struct Tapped {
    scenario: Scenario,
    accepted: Arc<Mutex<Vec<u64>>>,
}

impl Iterator for Tapped {
    type Item = Delivery;

    fn next(&mut self) -> Option<Delivery> {
        let delivery = self.scenario.next()?;
        let statements = u64::from(delivery.expected.accepted);
        self.accepted.lock().unwrap_or_else(PoisonError::into_inner).push(statements);
        Some(delivery)
    }
}

/// The live figure between two drawings: how old the newest visible receipt of each source is when it changes.
#[derive(Default)]
struct LiveFreshness {
    latest: BTreeMap<(u16, String), i64>,
    ages: Vec<Duration>,
}

impl LiveFreshness {
    fn look(&mut self, ledger: &[StoredLedgerRow]) {
        let Ok(now) = now() else { return };
        for stored in ledger {
            let key = (stored.key.partition, stored.key.source.to_string());
            let latest = stored.row.latest_received_at_micros;
            if self.latest.insert(key, latest).is_some_and(|before| before != latest) {
                let age = now.as_micros().saturating_sub(latest).max(0);
                self.ages.push(Duration::from_micros(age.unsigned_abs()));
            }
        }
    }

    fn take(&mut self) -> (Duration, Duration) {
        self.ages.sort_unstable();
        let figures = (percentile(&self.ages, 50), percentile(&self.ages, 99));
        self.ages.clear();
        figures
    }
}

/// Records and dong by fate.
pub(super) fn fates(ledger: &[StoredLedgerRow]) -> Vec<(RecordFate, i128, i128)> {
    let sum = |fate: RecordFate| {
        ledger.iter().map(|stored| stored.row.records(fate)).fold((0, 0), |(records, dong), totals| {
            (records + i128::from(totals.records), dong + totals.dong)
        })
    };
    RecordFate::ALL.iter().map(|fate| (*fate, sum(*fate).0, sum(*fate).1)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "for people's eyes")]
fn difference(now: u64, before: u64) -> f64 {
    now.saturating_sub(before) as f64
}
