//! The command line.

mod decisions;
mod values;

use std::net::SocketAddr;
use std::path::PathBuf;

use cashless_domain::BusinessDate;
use clap::{Args, Parser, Subcommand};

pub(crate) use self::decisions::{Decisions, DecisionsList, DecisionsMake, DecisionsUndo, SignedDecision};
use self::values::date;

/// Near-real-time tracking of cashless payment in schools and hospitals (thanh toán không dùng tiền mặt).
///
/// Signed webhooks of banks and intermediaries go through `collector` into Kafka, and through `aggregator` into
/// ClickHouse, where analysts ask. Try it all at once: `cashless demo`.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Configuration file (TOML). Without it: the built-in defaults and `CASHLESS__SECTION__KEY` variables.
    #[arg(long, global = true, value_name = "FILE", env = "CASHLESS_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Receive webhooks: authenticate, pseudonymise, append to Kafka, answer. SIGHUP reads the sources file again.
    Collector(Role),
    /// Read the log into facts, cells and the ledger of ClickHouse.
    Aggregator(Role),
    /// Evaluate the targets (chỉ tiêu) of every active plan every few seconds, and keep what changed.
    Tracker(Role),
    /// Bring ClickHouse's tables and views up to this release. Safe to run again.
    Migrate {
        /// Only show what would be applied.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        output: JsonOutput,
    },
    /// Compare the Kafka topics with what they should be, and create them.
    #[command(subcommand)]
    Topics(Topics),
    /// Institutions (cơ sở) and the accounts that receive their money.
    #[command(subcommand)]
    Registry(Registry),
    /// Plans (kế hoạch) and their targets (chỉ tiêu). The tracker evaluates the active version of each.
    #[command(subcommand)]
    Plan(Plan),
    /// Rules of the classes (loại tiền thu): which money counts.
    #[command(subcommand)]
    Classes(Classes),
    /// Cash that institutions declare (khai báo thu tiền mặt), from CSV or XLSX files.
    #[command(subcommand)]
    Declarations(Declarations),
    /// Which records are one payment (giao dịch trùng), of what kind and of which day: what rules decided, what is open, and
    /// what a person decides, with who and why.
    #[command(subcommand)]
    Decisions(Decisions),
    /// Try a provider's format, or the connection of one source.
    #[command(subcommand)]
    Check(Check),
    /// Write two synthetic provinces, or post their signed webhooks to a collector, with the truth beside.
    Simulate(Simulate),
    /// Start everything here, post two synthetic provinces' payments, show both plans' targets, compare all with the
    /// truth.
    Demo(Demo),
    /// Measure a role beside the simplest thing that could do its work, in the same run.
    #[command(subcommand)]
    Bench(Bench),
}

#[derive(Args)]
pub(crate) struct Role {
    /// Where /metrics, /livez and /readyz are served; not for outsiders. Default: 127.0.0.1:9101 (collector),
    /// 127.0.0.1:9102 (aggregator), 127.0.0.1:9103 (tracker).
    #[arg(long, value_name = "ADDRESS:PORT", env = "CASHLESS_ADMIN_LISTEN")]
    pub(crate) admin_listen: Option<SocketAddr>,
}

#[derive(Subcommand)]
pub(crate) enum Topics {
    /// Show the differences; change nothing. Exit code 2 if one can never be applied.
    Plan(JsonOutput),
    /// Create missing topics and set settings. Refuses to change partitions.
    Apply(JsonOutput),
}

#[derive(Args)]
pub(crate) struct JsonOutput {
    /// One JSON object instead of lines for people.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Subcommand)]
pub(crate) enum Registry {
    /// Check the files, all errors at once, and show what `apply` would change. Exit code 2 if a file is invalid.
    Plan(RegistryFiles),
    /// Show the changes and make them visible at once, for all days that the files speak of. Exit code 2 if a file is
    /// invalid; nothing is changed then.
    Apply {
        #[command(flatten)]
        files: RegistryFiles,
        /// Why, kept with the version.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Write all files, accounts as digests with masked tails. `plan` of them says that nothing is to change.
    Export {
        /// Where to; existing files are replaced.
        #[arg(long, value_name = "DIR")]
        directory: PathBuf,
        /// As the registry was at an earlier version.
        #[arg(long, value_name = "VERSION")]
        as_of: Option<u32>,
        #[command(flatten)]
        output: JsonOutput,
    },
    /// How much of everything there is and who changed it when, or everything about one institution.
    Show {
        /// An institution's id.
        institution: Option<String>,
        /// As the registry was at an earlier version.
        #[arg(long, value_name = "VERSION")]
        as_of: Option<u32>,
        /// What holds on this day (YYYY-MM-DD). Default: today; of an institution, all days.
        #[arg(long, value_name = "DATE", value_parser = date)]
        on: Option<BusinessDate>,
        #[command(flatten)]
        output: JsonOutput,
    },
}

#[derive(Args)]
pub(crate) struct RegistryFiles {
    #[command(flatten)]
    pub(crate) given: GivenFiles,
    /// Also remove what is registered but missing in the files that are given.
    #[arg(long)]
    pub(crate) prune: bool,
    #[command(flatten)]
    pub(crate) output: JsonOutput,
}

/// Any of them; what has no file stays as it is.
#[derive(Args, Default)]
#[group(required = true, multiple = true)]
pub(crate) struct GivenFiles {
    /// All of the files below that are here by their names: units.csv, institutions.csv, identifiers.csv, …
    #[arg(long, value_name = "DIR", conflicts_with_all = [
        "units", "institutions", "identifiers", "attributes", "connections", "payer_accounts", "successions", "indicators",
    ])]
    pub(crate) directory: Option<PathBuf>,
    /// units.csv: administrative units (đơn vị hành chính)
    #[arg(long, value_name = "FILE")]
    pub(crate) units: Option<PathBuf>,
    /// institutions.csv
    #[arg(long, value_name = "FILE")]
    pub(crate) institutions: Option<PathBuf>,
    /// identifiers.csv; plain account numbers are read, digests and masked tails are stored
    #[arg(long, value_name = "FILE")]
    pub(crate) identifiers: Option<PathBuf>,
    /// attributes.csv: platforms, methods ready, focal points, payment modules
    #[arg(long, value_name = "FILE")]
    pub(crate) attributes: Option<PathBuf>,
    /// connections.csv: which provider's data reaches us
    #[arg(long, value_name = "FILE")]
    pub(crate) connections: Option<PathBuf>,
    /// payer_accounts.csv: accounts whose money never is a fee; plain numbers are read, digests stored
    #[arg(long, value_name = "FILE")]
    pub(crate) payer_accounts: Option<PathBuf>,
    /// successions.csv: what was opened, merged, split, renamed, moved or closed
    #[arg(long, value_name = "FILE")]
    pub(crate) successions: Option<PathBuf>,
    /// indicators.csv: figures that a department types
    #[arg(long, value_name = "FILE")]
    pub(crate) indicators: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum Plan {
    /// Check plan files and tell everything that is wrong, each with its place. Changes nothing. Exit code 2 if
    /// anything is.
    Check {
        /// Plan files (JSON), as in deploy/plans.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        output: JsonOutput,
    },
    /// Check plan files and show what `apply` would change; change nothing.
    Diff {
        /// Plan files (JSON), as in deploy/plans.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        output: JsonOutput,
    },
    /// Show the changes, store the plans and have them evaluated. The content of a stored version never changes.
    Apply {
        /// Plan files (JSON), as in deploy/plans.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Why, kept with the version.
        #[arg(long, default_value = "")]
        note: String,
        #[command(flatten)]
        output: JsonOutput,
    },
    /// Show every stored version, and which ones are evaluated.
    List(JsonOutput),
    /// End the evaluation of a plan. What was found stays.
    Retire {
        /// Its id.
        plan: String,
        /// Why, kept with the version.
        #[arg(long, default_value = "")]
        note: String,
        #[command(flatten)]
        output: JsonOutput,
    },
}

#[derive(Subcommand)]
pub(crate) enum Classes {
    /// Check a list of rules, all errors at once, and show whose class `apply` would change.
    Plan {
        /// class-rules.csv: kind,counter_cash,owner_known,purpose,evidence,class; the first rule that matches decides.
        file: PathBuf,
        #[command(flatten)]
        output: JsonOutput,
    },
    /// Make a list of rules hold at once, for all past days, under the next version of the registry.
    Apply {
        /// class-rules.csv
        file: PathBuf,
        /// Why, kept with the version.
        #[arg(long, default_value = "")]
        note: String,
        #[command(flatten)]
        output: JsonOutput,
    },
    /// Print the rules that hold, as a file for `plan`.
    Show {
        /// As they were at this version of the registry.
        #[arg(long, value_name = "VERSION")]
        as_of: Option<u32>,
        #[command(flatten)]
        output: JsonOutput,
    },
}

#[derive(Subcommand)]
pub(crate) enum Declarations {
    /// Check the files, all errors at once with their rows, and show what `apply` would append. Exit code 2 on any error.
    Plan(DeclarationFiles),
    /// Append what is new or revised to the log, from where the aggregator stores it. Files with an error append nothing.
    Apply(DeclarationFiles),
}

#[derive(Args)]
pub(crate) struct DeclarationFiles {
    /// CSV (UTF-8, commas or semicolons) or XLSX (its first sheet).
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) output: JsonOutput,
}

#[derive(Subcommand)]
pub(crate) enum Check {
    /// Run test vectors through the collector's own code, without Kafka. One line a failure, then how many passed;
    /// exit code 1 if any failed.
    Vectors {
        /// Directory of vector files (*.json).
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        #[command(flatten)]
        output: JsonOutput,
    },
    /// Post a signed trial delivery of a source, as its provider would, to a running collector; say what was answered
    /// and where in Kafka it is. It moves no money, unless the format has nothing else and --amount-dong is given.
    Source {
        /// The source's id in the sources file.
        name: String,
        /// The collector; default: `http://` and `collector.listen` of the configuration.
        #[arg(long, value_name = "URL")]
        url: Option<String>,
        /// For formats that announce payments alone: post one of this amount. It counts like any other.
        #[arg(long, value_name = "DONG")]
        amount_dong: Option<i64>,
        /// The receiving account that the trial names, for formats that name one.
        #[arg(long, default_value = "0000000000")]
        account: String,
        #[command(flatten)]
        output: JsonOutput,
    },
}

#[derive(Args)]
pub(crate) struct Simulate {
    /// Directory for two provinces as of 2022: every file of the registry, sources.toml, secrets; with the year
    /// declarations.csv and true-targets.jsonl; truth.jsonl of what was posted, truth-reviewed.jsonl once the tracker's reviewer has decided.
    #[arg(long, value_name = "DIR")]
    pub(crate) directory: PathBuf,
    /// Same seed, same province and same payments.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Post to this collector; without it only the province's files are written. What it does not take is tried again, until
    /// Ctrl-C.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) post_to: Option<SocketAddr>,
    /// Business date of the simulated day (YYYY-MM-DD); without it payments happen now.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) day: Option<BusinessDate>,
    /// Post payments of 2022 until 19 December instead, in large batches; declarations.csv is about them.
    #[arg(long, conflicts_with = "day")]
    pub(crate) year: bool,
    /// Payments to invent.
    #[arg(long, default_value_t = 10_000)]
    pub(crate) payments: u64,
    /// Requests a second; with --day and without this: as fast as they are answered.
    #[arg(long)]
    pub(crate) rate: Option<f64>,
    /// Open connections.
    #[arg(long, default_value_t = 64)]
    pub(crate) connections: usize,
    #[command(flatten)]
    pub(crate) output: JsonOutput,
}

#[derive(Args)]
pub(crate) struct Demo {
    /// How long payments are posted.
    #[arg(long, default_value_t = 30)]
    pub(crate) seconds: u64,
    /// Payments a second; each brings about 1.3 statements.
    #[arg(long, default_value_t = 500.0)]
    pub(crate) rate: f64,
    /// Payments of the year before, a sample of it.
    #[arg(long, default_value_t = 80_000)]
    pub(crate) history: u32,
    /// Same seed, same province and same payments.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Leave everything running afterwards, until Ctrl-C.
    #[arg(long)]
    pub(crate) keep: bool,
    #[command(flatten)]
    pub(crate) output: JsonOutput,
}

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Requests a second against a bare hyper + rdkafka pass-through: same signed requests, acks=all.
    Collector {
        #[command(flatten)]
        options: BenchOptions,
        /// Open connections, each with one request in flight.
        #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=4000))]
        connections: u32,
    },
    /// Events a second against ClickHouse's own Kafka engine with a summing view, on the same topic.
    Aggregator(BenchOptions),
    /// The pass-through itself, as `bench collector` starts it.
    #[command(hide = true)]
    Floor {
        #[arg(long)]
        listen: SocketAddr,
    },
}

#[derive(Args)]
pub(crate) struct BenchOptions {
    /// A shorter run, for a first look.
    #[arg(long)]
    pub(crate) quick: bool,
    #[command(flatten)]
    pub(crate) output: JsonOutput,
}
