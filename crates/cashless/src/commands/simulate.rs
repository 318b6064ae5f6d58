//! `cashless simulate`.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use cashless_domain::Timestamp;
use cashless_simulator::{
    Clock, Pace, Parameters, PostReport, Poster, PosterConfig, Progress, Province, Scenario, Share,
    TrueLedger, true_targets,
};
use serde_json::json;

use crate::cli::Simulate;
use crate::commands::year::{Year, replayed_now};
use crate::telemetry::print;

const LIVE_RATE: f64 = 500.0;

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
    let (report, truth) = post(&options, &province, payments, address).await?;
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

/// Posts the year, a day, or payments that are made now.
async fn post(
    options: &Simulate,
    province: &Arc<Province>,
    payments: u32,
    address: SocketAddr,
) -> anyhow::Result<(PostReport, TrueLedger)> {
    let progress = Arc::new(Progress::default());
    let poster = |pace| {
        let config = PosterConfig { connections: options.connections, pace, ..PosterConfig::new(address) };
        Poster::new(config, province)
    };
    let at_will = options.rate.map_or(Pace::Unpaced, Pace::PerSecond);
    if options.year {
        let year = Year::invent(payments, options.seed)?;
        let (report, _) = poster(at_will).run(year.deliveries.into_iter(), progress).await;
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
    let (report, scenario) = poster(pace).run(scenario, progress).await;
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
