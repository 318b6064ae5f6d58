//! `cashless demo`: the whole pipeline on this machine, both plans' targets moving, and a comparison with the truth at
//! the end.

mod cash;
pub(crate) mod freshness;
mod history;
mod live;
mod plans;
mod review;
mod screen;
pub(crate) mod stage;
mod targets;
mod truth;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use cashless_domain::EventFate;
use cashless_simulator::{Clock, PostReport, Scenario, true_targets};
use cashless_warehouse::StoredLedgerRow;
use serde_json::json;

use crate::cli::Demo;
use crate::commands::registry;
use crate::commands::year::{Year, replayed_now, replayed_parameters};
use crate::comparison::{Comparison, compare};
use crate::telemetry::{print, say_error};

use cash::Cash;
use freshness::percentile;
use live::{Watched, Watching};
use plans::Plans;
pub(crate) use screen::dotted;
use screen::{Results, Screen};
use stage::{Roles, Stage};
use targets::Titles;
use truth::Compared;

const FOLLOW_UP_MEDIAN_S: f64 = 3.0;
const DIFFERENCES_SHOWN: usize = 10;
/// Reviews of what others post while everything keeps running.
const REVIEW_EVERY: Duration = Duration::from_secs(2);
/// Tracker rounds: more often than in production, since somebody is watching.
const TRACKER_EVERY_MS: u64 = 1_000;

pub(crate) async fn run(file: Option<&Path>, options: Demo) -> anyhow::Result<ExitCode> {
    let mut screen = Screen::new(if options.output.json { Results::Stderr } else { Results::Stdout });
    let Year { province, deliveries, mut ledger, declarations } =
        Year::invent(options.history, options.seed)?;
    let mut stage = Stage::set(file, &province, say_error).await?;
    let (from, now) = (replayed_now()?, replayed_now()?.business_date());
    stage.configuration.tracker.today = now.to_string();
    stage.configuration.tracker.every_ms = TRACKER_EVERY_MS;
    let mut plans = Plans::apply(&stage.warehouse, &registry::applicant("synthetic")?).await?;
    stage.declare(&province, &declarations.lines).await?;
    let mut roles = Roles::start(&stage.configuration).await?;
    screen.say(&addresses(&stage, &roles));
    if let Some(configuration) = stage.write_configuration(&roles)? {
        screen.say(&format!(
            "  every other command of cashless, against this: --config {}",
            configuration.display()
        ));
    }

    let (past, told_before) =
        history::post(&mut screen, &stage.warehouse, &roles, &province, deliveries).await?;
    let decided_before = review::until_nothing_is_left(&stage.warehouse, &mut roles, told_before).await?;
    screen.say(&format!(
        "  {} decisions about records that look like one payment (giao dịch trùng)",
        dotted(decided_before.into())
    ));
    let events_before = told_before + decided_before;
    let wanted = true_targets(&province, &ledger.reviewed(), &declarations, now);
    let before = truth::compare(&stage.warehouse, &wanted).await?;
    plans.set_before(before.targets.clone());
    if !screen.is_in_place() {
        screen.say_lines(&plans.lines(&before.targets, Titles::Wrapped, screen.width()));
    }

    let payments = approximate_payments(options.seconds, options.rate);
    let clock = Clock::Replay { base: from, payments, rate: options.rate };
    // Refunds, voids and corrections follow within the demo, not within days.
    let parameters = replayed_parameters(FOLLOW_UP_MEDIAN_S);
    let scenario = Scenario::new(Arc::clone(&province), parameters, clock, options.seed);
    let watching =
        Watching { warehouse: &stage.warehouse, roles: &roles, province: &province, events_before };
    let month = now.first_of_month();
    let mut cash = Cash::new(&stage, &province, declarations, month, from);
    let watched = tokio::select! {
        watched = watching.post(&mut screen, &plans, scenario) => watched?,
        ended = cash.keep_exporting() => bail!("cash is not exported any more: {ended:?}"),
    };
    let Watched { report, scenario, freshness, mut look } = watched;
    ledger.add(scenario.into_ledger());
    let ledger = ledger.reviewed();
    let told = events_before + report.items_accepted;
    let decided = decided_before + review::until_nothing_is_left(&stage.warehouse, &mut roles, told).await?;
    cash.export().await?;
    let stored = stage.warehouse.whole_ledger().await?;
    look.fates = live::fates(&stored);
    let wanted = true_targets(&province, &ledger, cash.declarations(), now);
    let compared = truth::compare(&stage.warehouse, &wanted).await?;
    look.targets = plans.lines(&compared.targets, Titles::Wrapped, screen.results_width());
    screen.conclude(&look);
    let verdict = Verdict {
        comparison: compare(&stage.warehouse, &ledger, &stage.id_key).await?,
        compared,
        ages: freshness.ages(),
        report,
        past,
        stored,
        decided,
    };
    verdict.say(&mut screen);
    keep_running(&mut screen, options.keep, &mut roles).await?;
    roles.stop().await?;
    stage.strike().await?;
    if options.output.json {
        print(&verdict.as_json(options.seed).to_string());
    }
    Ok(if verdict.is_as_it_should_be() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn in_milliseconds(p50: Duration, p99: Duration) -> serde_json::Value {
    json!({ "p50": p50.as_millis(), "p99": p99.as_millis() })
}

fn addresses(stage: &Stage, roles: &Roles) -> String {
    let configuration = &stage.configuration;
    format!(
        "  webhooks    http://{}/v1/webhooks/{{source}}   (sources: {})\n  metrics     http://{}/metrics   \
         http://{}/metrics   http://{}/metrics\n  kafka       {}\n  clickhouse  {}/play   database {}, user {}{}\n  \
         dashboards  deploy/grafana (provisioned by deploy/compose.yaml; the demo starts no Grafana)",
        roles.webhooks,
        stage.directory.path().join("sources.toml").display(),
        roles.collector_admin,
        roles.aggregator_admin,
        roles.tracker_admin,
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

fn event_fates(ledger: &[StoredLedgerRow]) -> serde_json::Value {
    let sum = |fate: EventFate| ledger.iter().map(|stored| stored.row.events(fate)).sum::<u64>();
    EventFate::ALL
        .iter()
        .map(|fate| (fate.name().to_owned(), json!(sum(*fate))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// What the demo came to.
struct Verdict {
    comparison: Comparison,
    compared: Compared,
    /// The times to visibility, in ascending order.
    ages: Vec<Duration>,
    report: PostReport,
    /// What posting the year before brought.
    past: PostReport,
    stored: Vec<StoredLedgerRow>,
    /// How many decisions the reviewer took.
    decided: u64,
}

impl Verdict {
    fn is_as_it_should_be(&self) -> bool {
        let answers = [&self.report, &self.past];
        let as_expected = answers.iter().all(|report| report.surprises_n == 0 && report.unanswered == 0);
        as_expected && self.comparison.is_equal() && self.compared.differences.is_empty()
    }

    fn events(&self) -> u64 {
        self.stored.iter().flat_map(|stored| stored.row.events).sum()
    }

    fn say(&self, screen: &mut Screen) {
        let Self { comparison, compared, ages, report, past, decided, .. } = self;
        screen.result(&format!(
            "\n  {} yêu cầu, {} sự kiện, trong đó {} quyết định, thành {} ô; từ trả lời đến tra cứu được: p50 {} ms, p99 {} ms",
            dotted((report.answered + past.answered).into()),
            dotted(self.events().into()),
            dotted((*decided).into()),
            dotted(i128::try_from(comparison.cells).unwrap_or_default()),
            percentile(ages, 50).as_millis(),
            percentile(ages, 99).as_millis(),
        ));
        for surprise in report.surprises.iter().chain(&past.surprises) {
            screen.result(&format!(
                "  request {} was answered {}, not as expected",
                surprise.sequence, surprise.status
            ));
        }
        differences(
            screen,
            &comparison.differences,
            "mọi ô, mọi trạng thái khớp sổ thật, đến từng đồng (every cell and fate equals the true ledger, to the dong)",
        );
        let equal = format!(
            "mọi tỷ lệ, cận, độ phủ và kết luận của {0} chỉ tiêu khớp sổ thật (of {0} targets and pairs every share, bound, \
             coverage and verdict equals the truth)",
            compared.targets.len()
        );
        differences(screen, &compared.differences, &equal);
    }

    fn as_json(&self, seed: u64) -> serde_json::Value {
        let Self { comparison, compared, ages, report, past, stored, decided } = self;
        let fates = live::fates(stored)
            .into_iter()
            .map(|(fate, records, _)| (fate.name().to_owned(), json!(records)));
        json!({
            "events": self.events(),
            "decisions": decided,
            "cells": comparison.cells,
            "equal": self.is_as_it_should_be(),
            "freshness_ms": in_milliseconds(percentile(ages, 50), percentile(ages, 99)),
            "answered_ms": in_milliseconds(report.percentile(50.0), report.percentile(99.0)),
            "requests": report.answered,
            "requests_by_status": report.by_status,
            "history_requests": past.answered,
            "fates": fates.collect::<serde_json::Map<_, _>>(),
            "event_fates": event_fates(stored),
            "targets": truth::as_json(&compared.targets),
            "targets_equal": compared.differences.is_empty(),
            "seed": seed,
        })
    }
}

fn differences(screen: &mut Screen, differences: &[String], if_none: &str) {
    if differences.is_empty() {
        screen.result(&format!("  {if_none}"));
        return;
    }
    screen.result(&format!("  {} figures differ from the truth:", differences.len()));
    differences.iter().take(DIFFERENCES_SHOWN).for_each(|line| screen.result(&format!("    {line}")));
}

async fn keep_running(screen: &mut Screen, keep: bool, roles: &mut Roles) -> anyhow::Result<()> {
    if !keep {
        return Ok(());
    }
    screen.say("  everything keeps running; Ctrl-C ends it");
    let reviewing = async {
        loop {
            tokio::time::sleep(REVIEW_EVERY).await;
            if let Err(error) = roles.reviewer.round().await {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "reviewing again");
            }
        }
    };
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        () = reviewing => Ok(()),
    }
}
