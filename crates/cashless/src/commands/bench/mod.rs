//! `cashless bench`: a role beside the simplest thing that could do its work, in the same run on the same services.
//!
//! Rounds of both alternate, and what is compared are pairs of neighbouring rounds: whatever else the machine does
//! then meets both. Each is a process of its own, so that its share of the processor can be read from the system.

mod aggregator;
mod collector;
mod engine;
mod events;
mod floor;
mod load;
mod process;
mod requests;

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::bail;

use crate::cli::Bench;
use crate::configuration::Configuration;

pub(crate) async fn run(
    configuration: &Configuration,
    command: Bench,
    has_file: bool,
) -> anyhow::Result<ExitCode> {
    if let Bench::Floor { listen } = command {
        return floor::serve(configuration, listen).await;
    }
    if has_file {
        bail!("bench starts services of its own; leave --config out");
    }
    match command {
        Bench::Collector { options, connections } => collector::run(&options, connections).await,
        Bench::Aggregator(options) => aggregator::run(&options).await,
        Bench::Floor { .. } => unreachable!("served above"),
    }
}

/// Progress goes to stderr, so that stdout stays for the result. A closed stderr is no reason to fail.
fn say(line: &str) {
    drop(writeln!(std::io::stderr(), "{line}"));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

fn median_of<T>(rounds: &[T], figure: impl Fn(&T) -> f64) -> f64 {
    median(rounds.iter().map(figure).collect())
}

/// A figure for people and JSON: three digits behind the point are more than a benchmark knows.
fn rounded(figure: f64) -> f64 {
    (figure * 1_000.0).round() / 1_000.0
}

#[expect(clippy::cast_precision_loss, reason = "a count in a benchmark, exact below 2^53")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_middle_two() {
        for (values, expected) in
            [(vec![3.0], 3.0), (vec![9.0, 1.0, 2.0], 2.0), (vec![4.0, 1.0, 2.0, 9.0], 3.0)]
        {
            assert!((median(values) - expected).abs() < 1e-9);
        }
    }
}
