//! `cashless demo`: the whole pipeline on this machine, and a comparison with the truth at the end.

pub(crate) mod freshness;
mod screen;
pub(crate) mod stage;

use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::bail;
use cashless_domain::{EventFate, RecordFate};
use cashless_simulator::{
    Clock, Delivery, Pace, Parameters, PostReport, Poster, PosterConfig, Progress, Province, ProvinceSize,
    Scenario,
};
use cashless_warehouse::{StoredLedgerRow, Warehouse};
use serde_json::json;

use crate::cli::Demo;
use crate::commands::simulate::now;
use crate::comparison::{Comparison, compare};
use crate::telemetry::print;

use freshness::{Freshness, percentile};
use screen::{Look, Screen, dotted};
use stage::{Roles, Stage};

const LOOK_EVERY: Duration = Duration::from_millis(40);
const DRAW_EVERY: Duration = Duration::from_secs(1);
const SETTLE_PATIENCE: Duration = Duration::from_secs(120);
const FOLLOW_UP_MEDIAN_S: f64 = 3.0;
const INSTITUTIONS_SHOWN: u32 = 5;
const DIFFERENCES_SHOWN: usize = 10;

pub(crate) async fn run(file: Option<&Path>, options: Demo) -> anyhow::Result<ExitCode> {
    let mut screen = Screen::new();
    let province = Arc::new(Province::synthetic(&ProvinceSize::default(), options.seed));
    let stage = Stage::set(file, &province, |line| Screen::new().say(line)).await?;
    let roles = Roles::start(&stage.configuration).await?;
    screen.say(&addresses(&stage, &roles));
    if let Some(configuration) = stage.write_configuration(&roles)? {
        screen.say(&format!(
            "  every other command of cashless, against this: --config {}",
            configuration.display()
        ));
    }

    let payments = approximate_payments(options.seconds, options.rate);
    let clock = Clock::Live { base: now()?, payments, rate: options.rate };
    // Refunds, voids and corrections follow within the demo, not within days.
    let parameters = Parameters { follow_up_median_s: FOLLOW_UP_MEDIAN_S, ..Parameters::default() };
    let scenario = Scenario::new(Arc::clone(&province), parameters, clock, options.seed);
    let watched = watch_posting(&mut screen, &stage.warehouse, &roles, &province, scenario).await?;
    let truth = watched.scenario.into_ledger();
    let comparison = compare(&stage.warehouse, &truth, &stage.id_key).await?;
    let ages = watched.freshness.ages();
    let events: u64 = watched.ledger.iter().flat_map(|stored| stored.row.events).sum();
    let as_expected = watched.report.surprises_n == 0 && watched.report.unanswered == 0;
    conclude(&mut screen, &comparison, &watched.report, &ages, events);
    keep_running(&mut screen, options.keep).await?;
    roles.stop().await?;
    stage.strike().await?;
    if options.output.json {
        let fates =
            fates(&watched.ledger).into_iter().map(|(fate, records, _)| (fate.to_owned(), json!(records)));
        let line = json!({
            "events": events,
            "cells": comparison.cells,
            "equal": comparison.is_equal() && as_expected,
            "freshness_ms": in_milliseconds(percentile(&ages, 50), percentile(&ages, 99)),
            "answered_ms": in_milliseconds(watched.report.percentile(50.0), watched.report.percentile(99.0)),
            "requests": watched.report.answered,
            "requests_by_status": watched.report.by_status,
            "fates": fates.collect::<serde_json::Map<_, _>>(),
            "event_fates": event_fates(&watched.ledger),
            "seed": options.seed,
        });
        print(&line.to_string());
    }
    Ok(if comparison.is_equal() && as_expected { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn in_milliseconds(p50: Duration, p99: Duration) -> serde_json::Value {
    json!({ "p50": p50.as_millis(), "p99": p99.as_millis() })
}

fn addresses(stage: &Stage, roles: &Roles) -> String {
    let configuration = &stage.configuration;
    format!(
        "  webhooks    http://{}/v1/webhooks/{{source}}   (sources: {})\n  metrics     http://{}/metrics   http://{}/metrics\n  \
         kafka       {}\n  clickhouse  {}/play   database {}, user {}{}",
        roles.webhooks,
        stage.directory.path().join("sources.toml").display(),
        roles.collector_admin,
        roles.aggregator_admin,
        configuration.kafka.bootstrap_servers,
        configuration.clickhouse.url,
        configuration.clickhouse.database,
        stage
            .services
            .as_ref()
            .map_or(configuration.clickhouse.user.as_str(), |services| services.clickhouse.analyst()),
        stage
            .services
            .as_ref()
            .map_or_else(String::new, |services| format!(", password {}", services.clickhouse.password())),
    )
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a rate a person typed"
)]
fn approximate_payments(seconds: u64, rate: f64) -> u64 {
    (seconds as f64 * rate.max(0.0)) as u64
}

/// What posting brought, and the stream it came from.
struct Watched<I> {
    report: PostReport,
    scenario: I,
    freshness: Freshness,
    ledger: Vec<StoredLedgerRow>,
}

/// Posts the stream while looking at the ledger, until everything accepted is visible.
async fn watch_posting(
    screen: &mut Screen,
    warehouse: &Warehouse,
    roles: &Roles,
    province: &Province,
    scenario: Scenario,
) -> anyhow::Result<Watched<Scenario>> {
    let config =
        PosterConfig { pace: Pace::WhenDue, keep_outcomes: true, ..PosterConfig::new(roles.webhooks) };
    let (progress, poster) = (Arc::new(Progress::default()), Poster::new(config, province));
    let accepted = Arc::new(Mutex::new(Vec::new()));
    let tapped = Tapped { scenario, accepted: Arc::clone(&accepted) };
    let posting_progress = Arc::clone(&progress);
    let mut posting = tokio::spawn(async move { poster.run(tapped, posting_progress).await });
    let (began, mut drawn_at, mut freshness) = (Instant::now(), Instant::now(), Freshness::default());
    let (mut finished, mut last_visible, mut settled_since): (Option<(PostReport, Tapped)>, u64, Instant) =
        (None, 0, Instant::now());
    let mut live = LiveFreshness::default();
    loop {
        if finished.is_none() && posting.is_finished() {
            finished = Some((&mut posting).await?);
        }
        let ledger = warehouse.whole_ledger().await?;
        let visible: u64 = ledger.iter().flat_map(|stored| stored.row.events).sum();
        freshness.seen(now()?.as_micros(), visible);
        live.look(&ledger);
        if drawn_at.elapsed() >= DRAW_EVERY {
            let seconds = drawn_at.elapsed().as_secs_f64();
            let (p50, p99) = live.take();
            screen.draw(&Look {
                elapsed: began.elapsed(),
                answered: progress.answered.load(Ordering::Relaxed),
                visible,
                visible_per_second: difference(visible, last_visible) / seconds,
                fresh_p50: p50,
                fresh_p99: p99,
                fates: fates(&ledger),
                institutions: warehouse.top_institutions(INSTITUTIONS_SHOWN).await?,
            });
            (drawn_at, last_visible) = (Instant::now(), visible);
        }
        match finished.take() {
            Some((report, tapped)) if visible >= report.items_accepted => {
                let items = accepted.lock().unwrap_or_else(PoisonError::into_inner);
                for outcome in report.outcomes.iter().filter(|outcome| (200..300).contains(&outcome.status)) {
                    let index = usize::try_from(outcome.sequence)?;
                    freshness
                        .answered(outcome.answered_at_micros, items.get(index).copied().unwrap_or_default());
                }
                drop(items);
                return Ok(Watched { report, scenario: tapped.scenario, freshness, ledger });
            }
            Some(unsettled) => {
                if settled_since.elapsed() > SETTLE_PATIENCE {
                    bail!("{} of {} accepted statements became visible", visible, unsettled.0.items_accepted);
                }
                finished = Some(unsettled);
            }
            None => settled_since = Instant::now(),
        }
        if roles.aggregator_ended() {
            bail!("the aggregator ended early; its reason is in the log above");
        }
        tokio::time::sleep(LOOK_EVERY).await;
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
    latest: std::collections::BTreeMap<(u16, String), i64>,
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

fn fates(ledger: &[StoredLedgerRow]) -> Vec<(&'static str, i128, i128)> {
    let sum = |fate: RecordFate| {
        ledger.iter().map(|stored| stored.row.records(fate)).fold((0, 0), |(records, dong), totals| {
            (records + i128::from(totals.records), dong + totals.dong)
        })
    };
    RecordFate::ALL.iter().map(|fate| (fate.name(), sum(*fate).0, sum(*fate).1)).collect()
}

fn event_fates(ledger: &[StoredLedgerRow]) -> serde_json::Value {
    let sum = |fate: EventFate| ledger.iter().map(|stored| stored.row.events(fate)).sum::<u64>();
    EventFate::ALL
        .iter()
        .map(|fate| (fate.name().to_owned(), json!(sum(*fate))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[expect(clippy::cast_precision_loss, reason = "for people's eyes")]
fn difference(now: u64, before: u64) -> f64 {
    now.saturating_sub(before) as f64
}

fn conclude(
    screen: &mut Screen,
    comparison: &Comparison,
    report: &PostReport,
    ages: &[Duration],
    events: u64,
) {
    screen.say(&format!(
        "\n  {} requests, {} events in {} cells; answered → queryable p50 {} ms, p99 {} ms",
        dotted(report.answered.into()),
        dotted(events.into()),
        dotted(i128::try_from(comparison.cells).unwrap_or_default()),
        percentile(ages, 50).as_millis(),
        percentile(ages, 99).as_millis(),
    ));
    for surprise in &report.surprises {
        screen.say(&format!(
            "  request {} was answered {}, not as expected",
            surprise.sequence, surprise.status
        ));
    }
    if comparison.is_equal() {
        screen.say("  every cell and every fate equals the true ledger, to the dong");
    } else {
        screen.say(&format!("  {} figures differ from the truth:", comparison.differences.len()));
        comparison
            .differences
            .iter()
            .take(DIFFERENCES_SHOWN)
            .for_each(|line| screen.say(&format!("    {line}")));
    }
}

async fn keep_running(screen: &mut Screen, keep: bool) -> anyhow::Result<()> {
    if keep {
        screen.say("  everything keeps running; Ctrl-C ends it");
        tokio::signal::ctrl_c().await?;
    }
    Ok(())
}
