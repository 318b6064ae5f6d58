//! `cashless simulate`.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use cashless_domain::Timestamp;
use cashless_simulator::{
    Clock, Pace, Parameters, PostReport, Poster, PosterConfig, Progress, Province, Scenario, Share,
    TrueLedger, true_targets,
};
use serde_json::json;

use crate::cli::Simulate;
use crate::commands::roles::stop_signal;
use crate::commands::year::{Year, replayed_now};
use crate::telemetry::{print, say_error};

const LIVE_RATE: f64 = 500.0;
/// How often one looks whether anybody answers.
const GLANCE: Duration = Duration::from_secs(1);

pub(crate) async fn run(options: Simulate) -> anyhow::Result<ExitCode> {
    let province = Arc::new(Province::both_of_2022(options.seed));
    province.write_files(&options.directory)?;
    let payments = u32::try_from(options.payments).context("--payments")?;
    if options.year || options.post_to.is_none() {
        write_year(&options.directory, &Year::invent(payments, options.seed)?)?;
    }
    let Some(address) = options.post_to else {
        print(&format!(
            "{}: the registry's eight files, declarations.csv, true-targets.jsonl, sources.toml, secrets/",
            options.directory.display()
        ));
        return Ok(ExitCode::SUCCESS);
    };
    let progress = Arc::new(Progress::default());
    let posting = post(&options, &province, payments, address, &progress);
    let Some((report, truth)) = watched(posting, &progress, address).await? else {
        return Ok(say_unfinished(&progress, options.output.json));
    };
    let path = write_truth(&options.directory, "truth.jsonl", &truth)?;
    let reviewed = write_truth(&options.directory, "truth-reviewed.jsonl", &truth.reviewed())?;
    let surprises = report.surprises_n + report.unanswered;
    if options.output.json {
        let line = json!({
            "deliveries": report.answered, "items_accepted": report.items_accepted, "by_status": report.by_status,
            "unanswered": report.unanswered, "surprises": report.surprises_n, "requests_per_second": report.rate(),
            "answered_ms_p50": report.percentile(50.0).as_millis(), "answered_ms_p99": report.percentile(99.0).as_millis(),
            "truth": path, "truth_reviewed": reviewed,
        });
        print(&line.to_string());
    } else {
        print(&format!(
            "{} deliveries answered ({} items accepted, {surprises} not as expected), {:.0} requests/s, \
             answered within {:?} at p50 and {:?} at p99; the truth is in {}, after \
             the reviewer's decisions in {}",
            report.answered,
            report.items_accepted,
            report.rate(),
            report.percentile(50.0),
            report.percentile(99.0),
            path.display(),
            reviewed.display(),
        ));
    }
    Ok(if surprises == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write_truth(directory: &Path, name: &str, truth: &TrueLedger) -> anyhow::Result<PathBuf> {
    let path = directory.join(name);
    let mut file = BufWriter::new(File::create(&path).with_context(|| path.display().to_string())?);
    truth.write_json_lines(&mut file)?;
    file.flush()?;
    Ok(path)
}

/// Says when nobody answers any more. Nothing if SIGINT or SIGTERM came first.
async fn watched<T>(
    posting: impl Future<Output = anyhow::Result<T>>,
    progress: &Progress,
    address: SocketAddr,
) -> anyhow::Result<Option<T>> {
    let (mut posting, mut stopped) = (pin!(posting), pin!(stop_signal()?));
    let (mut glances, mut silence) = (tokio::time::interval(GLANCE), Silence::default());
    loop {
        tokio::select! {
            ended = &mut posting => return ended.map(Some),
            () = &mut stopped => return Ok(None),
            _ = glances.tick() => {
                let attempts = |of: &AtomicU64| of.load(Ordering::Relaxed);
                if silence.begins(attempts(&progress.answered), attempts(&progress.broken)) {
                    say_error(&format!("nobody answers at {address}; trying again until somebody does, Ctrl-C ends it"));
                }
            }
        }
    }
}

/// What was seen at the last glance.
#[derive(Default)]
struct Silence {
    answered: u64,
    broken: u64,
    is_told: bool,
}

impl Silence {
    /// Whether nothing but broken attempts came since the last glance, for the first time since the last answer.
    fn begins(&mut self, answered: u64, broken: u64) -> bool {
        let (is_answered, is_broken) = (answered > self.answered, broken > self.broken);
        let begins = is_broken && !is_answered && !self.is_told;
        *self = Self { answered, broken, is_told: !is_answered && (self.is_told || is_broken) };
        begins
    }
}

/// The truth would tell of what was not posted, too, so there is none.
fn say_unfinished(progress: &Progress, as_json: bool) -> ExitCode {
    let answered = progress.answered.load(Ordering::Relaxed);
    let unanswered = progress.taken.load(Ordering::Relaxed).saturating_sub(answered);
    if as_json {
        print(&json!({ "deliveries": answered, "unanswered": unanswered, "stopped": true }).to_string());
    } else {
        print(&format!(
            "stopped: {answered} deliveries answered, {unanswered} not, the others not begun; no truth is written"
        ));
    }
    ExitCode::FAILURE
}

/// Posts the year, a day, or payments that are made now.
async fn post(
    options: &Simulate,
    province: &Arc<Province>,
    payments: u32,
    address: SocketAddr,
    progress: &Arc<Progress>,
) -> anyhow::Result<(PostReport, TrueLedger)> {
    let poster = |pace| {
        let config = PosterConfig { connections: options.connections, pace, ..PosterConfig::new(address) };
        Poster::new(config, province)
    };
    let at_will = options.rate.map_or(Pace::Unpaced, Pace::PerSecond);
    if options.year {
        let year = Year::invent(payments, options.seed)?;
        let (report, _) = poster(at_will).run(year.deliveries.into_iter(), Arc::clone(progress)).await;
        return Ok((report, year.ledger));
    }
    let (clock, pace) = match options.day {
        Some(first_day) => (Clock::Historic { first_day, days: 1, payments_per_day: payments }, at_will),
        None => {
            let rate = options.rate.unwrap_or(LIVE_RATE);
            (Clock::Live { base: now()?, payments: options.payments, rate }, Pace::WhenDue)
        }
    };
    let scenario = Scenario::new(Arc::clone(province), Parameters::default(), clock, options.seed);
    let (report, scenario) = poster(pace).run(scenario, Arc::clone(progress)).await;
    Ok((report, scenario.into_ledger()))
}

/// What was declared, and what the targets of both plans come to with the year's payments.
fn write_year(directory: &Path, year: &Year) -> anyhow::Result<()> {
    let path = directory.join("declarations.csv");
    fs::write(&path, year.declarations.csv(&year.province)).with_context(|| path.display().to_string())?;
    let today = replayed_now()?.business_date();
    let mut lines = String::new();
    for target in true_targets(&year.province, &year.ledger.reviewed(), &year.declarations, today) {
        let share = |share: Option<Share>| share.map(|(n, of)| [n.to_string(), of.to_string()]);
        let line = json!({
            "plan": target.plan, "target": target.id, "observed": share(target.observed), "low": share(target.low),
            "high": share(target.high), "high_is_open": target.high_is_open,
            "coverage": [target.coverage_n, target.coverage_of], "verdict": target.verdict,
            "today": today.to_string(),
        });
        lines.push_str(&format!("{line}\n"));
    }
    let path = directory.join("true-targets.jsonl");
    fs::write(&path, lines).with_context(|| path.display().to_string())
}

pub(crate) fn now() -> anyhow::Result<Timestamp> {
    let micros = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros();
    Ok(Timestamp::from_micros(i64::try_from(micros)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_told_when_it_begins_and_again_only_after_an_answer() {
        let mut silence = Silence::default();
        let glances = [
            (0, 0, false),
            (0, 64, true),
            (0, 128, false),
            (0, 128, false),
            (0, 192, false),
            (3, 200, false),
            (3, 264, true),
            (3, 328, false),
        ];
        for (answered, broken, begins) in glances {
            assert_eq!(silence.begins(answered, broken), begins, "{answered} {broken}");
        }
    }
}
