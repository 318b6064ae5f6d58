//! `cashless bench collector`: the real collector and the floor take turns under the same load.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cashless_broker::TopicsAdmin;
use cashless_collector::SecretRef;
use cashless_simulator::{Province, ProvinceSize};
use serde_json::{Value, json};

use super::load::{Load, Outcome};
use super::process::{Process, cpu_seconds, free_address, peak_rss_mib};
use super::requests::Pool;
use super::{float, floor, median_of, rounded, say};
use crate::cli::BenchOptions;
use crate::commands::demo::stage::{Stage, write_file};
use crate::configuration::Configuration;
use crate::telemetry::print;

const REQUESTS_RENDERED: usize = 20_000;
const TARGET_RATIO: f64 = 0.9;

/// How long everything takes.
struct Plan {
    pairs: usize,
    warm_up: Duration,
    round: Duration,
}

impl Plan {
    fn of(options: &BenchOptions) -> Self {
        let (pairs, warm_up_s, round_s) = if options.quick { (2, 2, 3) } else { (7, 4, 8) };
        Self { pairs, warm_up: Duration::from_secs(warm_up_s), round: Duration::from_secs(round_s) }
    }
}

/// A measured server.
struct Server {
    process: Process,
    address: SocketAddr,
}

/// One server's turn.
struct Round {
    outcome: Outcome,
    cpu_seconds_per_million: f64,
}

pub(crate) async fn run(options: &BenchOptions, connections: u32) -> anyhow::Result<ExitCode> {
    let plan = Plan::of(options);
    let province = Arc::new(Province::synthetic(&ProvinceSize::default(), 1));
    let stage = Stage::set(None, &province, say).await?;
    TopicsAdmin::new(&stage.configuration.kafka)?.apply(&[floor::topic(&stage.configuration)?]).await?;
    let pool = Pool::invent(&province, REQUESTS_RENDERED)?;
    let mut collector = start_collector(&stage).await?;
    let mut floor = start_floor(&stage).await?;
    say("warming up");
    let load = |server: &Server, duration, rate, requests: &Arc<[Bytes]>| Load {
        address: server.address,
        connections,
        duration,
        rate,
        requests: Arc::clone(requests),
    };
    let requests = pool.render()?;
    for server in [&collector, &floor] {
        load(server, plan.warm_up, None, &requests).run().await?;
    }

    let mut rounds = (Vec::new(), Vec::new());
    for pair in 1..=plan.pairs {
        let requests = pool.render()?;
        let of_collector = collector.round(load(&collector, plan.round, None, &requests)).await?;
        let of_floor = floor.round(load(&floor, plan.round, None, &requests)).await?;
        say(&format!(
            "pair {pair}: collector {:.0}/s ({:.1} CPU s per million), floor {:.0}/s ({:.1}), ratio {:.3}",
            of_collector.outcome.requests_per_second,
            of_collector.cpu_seconds_per_million,
            of_floor.outcome.requests_per_second,
            of_floor.cpu_seconds_per_million,
            of_collector.outcome.requests_per_second / of_floor.outcome.requests_per_second,
        ));
        rounds.0.push(of_collector);
        rounds.1.push(of_floor);
    }
    let (of_collector, of_floor) = rounds;
    let half = median_of(&of_collector, |round| round.outcome.requests_per_second) / 2.0;
    let at_half = load(&collector, plan.round, Some(half), &pool.render()?).run().await?;
    let pairs: Vec<_> = of_collector.iter().zip(&of_floor).collect();
    let per_second = |round: &Round| round.outcome.requests_per_second;
    let ratio = median_of(&pairs, |(collector, floor)| per_second(collector) / per_second(floor));
    let cpu_ratio = median_of(&pairs, |(collector, floor)| {
        collector.cpu_seconds_per_million / floor.cpu_seconds_per_million
    });

    let mut collector_line = collector.figures(&of_collector)?;
    collector_line["half_rate_per_second"] = json!(half.round());
    collector_line["half_rate_p99_ms"] = json!(rounded(at_half.latency_ms(99)));
    let floor_line = floor.figures(&of_floor)?;
    show(&collector_line, &floor_line, ratio, cpu_ratio);
    drop((collector, floor));
    stage.strike().await?;
    if options.output.json {
        let line = json!({
            "bench": "collector", "quick": options.quick, "pairs": plan.pairs, "round_seconds": plan.round.as_secs(),
            "connections": connections, "signature": "v1", "events_per_request": 1, "acks": "all",
            "collector": collector_line, "floor": floor_line, "ratio_to_floor": rounded(ratio),
            "cpu_ratio_to_floor": rounded(cpu_ratio), "target_ratio_to_floor": TARGET_RATIO,
        });
        print(&line.to_string());
    }
    Ok(ExitCode::SUCCESS)
}

impl Server {
    async fn round(&mut self, load: Load) -> anyhow::Result<Round> {
        let before = cpu_seconds(self.process.id())?;
        let outcome = load.run().await?;
        let cpu = cpu_seconds(self.process.id())? - before;
        let cpu_seconds_per_million = cpu / float(outcome.requests) * 1e6;
        self.process.still_running()?;
        Ok(Round { outcome, cpu_seconds_per_million })
    }

    fn figures(&self, rounds: &[Round]) -> anyhow::Result<Value> {
        Ok(json!({
            "requests_per_second": median_of(rounds, |round| round.outcome.requests_per_second).round(),
            "cpu_seconds_per_million": rounded(median_of(rounds, |round| round.cpu_seconds_per_million)),
            "full_load_p50_ms": rounded(median_of(rounds, |round| round.outcome.latency_ms(50))),
            "full_load_p99_ms": rounded(median_of(rounds, |round| round.outcome.latency_ms(99))),
            "peak_rss_mib": rounded(peak_rss_mib(self.process.id())?),
        }))
    }
}

fn show(collector: &Value, floor: &Value, ratio: f64, cpu_ratio: f64) {
    let row = |name: &str, figures: &Value| {
        format!(
            "{name:<11}{:>12}{:>20}{:>12}{:>12}{:>14}",
            figures["requests_per_second"],
            figures["cpu_seconds_per_million"],
            figures["full_load_p50_ms"],
            figures["full_load_p99_ms"],
            figures["peak_rss_mib"],
        )
    };
    say(&format!(
        "\n{:<11}{:>12}{:>20}{:>12}{:>12}{:>14}",
        "", "requests/s", "CPU s per million", "p50 ms", "p99 ms", "peak RSS MiB"
    ));
    say(&row("collector", collector));
    say(&row("floor", floor));
    say(&format!(
        "\nratio to floor {ratio:.3} (target {TARGET_RATIO}), in CPU {cpu_ratio:.3}; p99 at {}/s: {} ms",
        collector["half_rate_per_second"], collector["half_rate_p99_ms"],
    ));
}

async fn start_collector(stage: &Stage) -> anyhow::Result<Server> {
    let address = free_address()?;
    let path = collector_file(stage, address)?;
    let mut process = Process::start(&path, &["collector", "--admin-listen", "127.0.0.1:0"])?;
    process.listening(address).await?;
    Ok(Server { process, address })
}

async fn start_floor(stage: &Stage) -> anyhow::Result<Server> {
    let address = free_address()?;
    let path = write_file(stage.directory.path(), "floor.toml", &shared_settings(&stage.configuration))?;
    let mut process = Process::start(&path, &["bench", "floor", "--listen", &address.to_string()])?;
    process.listening(address).await?;
    Ok(Server { process, address })
}

/// What both servers are told alike.
fn shared_settings(configuration: &Configuration) -> Value {
    json!({
        "log": { "filter": "error" },
        "kafka": { "bootstrap_servers": configuration.kafka.bootstrap_servers },
        "topics": { "replication_factor": configuration.topics.replication_factor },
    })
}

fn collector_file(stage: &Stage, address: SocketAddr) -> anyhow::Result<PathBuf> {
    let collector = stage.configuration.collector()?;
    let secret = |secret: &SecretRef| match secret {
        SecretRef::File(path) => json!({ "file": path }),
        SecretRef::Env(name) => json!({ "env": name }),
    };
    let years = collector.person_keys.iter().map(|key| json!({ "year": key.year, "key": secret(&key.key) }));
    let mut settings = shared_settings(&stage.configuration);
    settings["collector"] = json!({
        "listen": address,
        "sources_file": collector.sources_file,
        "id_key": secret(&collector.id_key),
        "person_keys": years.collect::<Vec<_>>(),
    });
    write_file(stage.directory.path(), "collector.toml", &settings)
}
