//! `cashless simulate`.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use cashless_domain::{BusinessDate, Timestamp};
use cashless_simulator::{
    Clock, Pace, Parameters, Poster, PosterConfig, Progress, Province, ProvinceSize, Scenario,
};
use serde_json::json;

use crate::cli::Simulate;
use crate::telemetry::print;

const LIVE_RATE: f64 = 500.0;

pub(crate) async fn run(options: Simulate) -> anyhow::Result<ExitCode> {
    let province = Arc::new(Province::synthetic(&ProvinceSize::default(), options.seed));
    province.write_files(&options.directory)?;
    let Some(address) = options.post_to else {
        print(&format!(
            "{}: institutions.csv, identifiers.csv, sources.toml, secrets/",
            options.directory.display()
        ));
        return Ok(ExitCode::SUCCESS);
    };
    let (clock, pace) = match &options.day {
        Some(day) => {
            let first_day = BusinessDate::parse(day).with_context(|| format!("--day {day}"))?;
            let payments_per_day = u32::try_from(options.payments).context("--payments")?;
            let pace = options.rate.map_or(Pace::Unpaced, Pace::PerSecond);
            (Clock::Historic { first_day, days: 1, payments_per_day }, pace)
        }
        None => {
            let rate = options.rate.unwrap_or(LIVE_RATE);
            (Clock::Live { base: now()?, payments: options.payments, rate }, Pace::WhenDue)
        }
    };
    let scenario = Scenario::new(Arc::clone(&province), Parameters::default(), clock, options.seed);
    let config = PosterConfig { connections: options.connections, pace, ..PosterConfig::new(address) };
    let (report, scenario) =
        Poster::new(config, &province).run(scenario, Arc::new(Progress::default())).await;
    let truth = scenario.into_ledger();
    let path = options.directory.join("truth.jsonl");
    let mut file = BufWriter::new(File::create(&path).with_context(|| path.display().to_string())?);
    truth.write_json_lines(&mut file)?;
    file.flush()?;
    let surprises = report.surprises_n + report.unanswered;
    if options.output.json {
        let line = json!({
            "deliveries": report.answered, "items_accepted": report.items_accepted, "by_status": report.by_status,
            "unanswered": report.unanswered, "surprises": report.surprises_n, "requests_per_second": report.rate(),
            "answered_ms_p50": report.percentile(50.0).as_millis(), "answered_ms_p99": report.percentile(99.0).as_millis(),
            "truth": path,
        });
        print(&line.to_string());
    } else {
        print(&format!(
            "{} deliveries answered ({} items accepted, {surprises} not as expected), {:.0} requests/s, \
             answered within {:?} at p50 and {:?} at p99; the truth is in {}",
            report.answered,
            report.items_accepted,
            report.rate(),
            report.percentile(50.0),
            report.percentile(99.0),
            path.display(),
        ));
    }
    Ok(if surprises == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(crate) fn now() -> anyhow::Result<Timestamp> {
    let micros = SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros();
    Ok(Timestamp::from_micros(i64::try_from(micros)?)?)
}
