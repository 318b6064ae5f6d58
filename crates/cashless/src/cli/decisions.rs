//! `cashless decisions`.

use cashless_domain::{BusinessDate, DecidedBy, Kind, Timestamp};
use clap::{Args, Subcommand};

use super::JsonOutput;
use super::values::{date, decided_by, kind, time};

#[derive(Subcommand)]
pub(crate) enum Decisions {
    /// Show what is open (chờ quyết định: a bank's record with several candidates, or one about which a decision was taken
    /// back, so that no rule merges it) and what is decided (đã quyết định), the newest day first. Decisions that are logged and not in the figures are always shown.
    List(DecisionsList),
    /// Decide about one record (bản ghi giao dịch). Without --yes it only shows what would change: fate, day, kind, and the
    /// figures. A person's decision outranks every rule. What is not named stays as it stands.
    ///
    /// RECORD is the 16 digits that `decisions list` and the views show, or the first 8 of them or more, or
    /// DAY/ACCOUNT/RECORD where that is not unique; an answer with several choices lists them.
    ///
    /// Who and why are kept for ever, with what stood before, in `decision_history`. The decision itself is an event in the
    /// payments topic, so it survives every replay; a running aggregator stores it. Making the same decision again changes
    /// nothing. Exit code 2 if it is refused; nothing is changed then.
    #[command(after_help = "Examples:
  cashless decisions make 0a1b2c3d4e5f6071 --merged-into 8899aabbccddeeff --who 'Lê An' --why 'sao kê ghi một lần tiền vào'
  cashless decisions make 0a1b2c3d4e5f6071 --separate --who 'Lê An' --why 'hai phụ huynh nộp cùng lúc' --yes
  cashless decisions make 0a1b2c3d4e5f6071 --kind donation --who 'Lê An' --why 'tài trợ theo công văn của trường' --yes")]
    Make(DecisionsMake),
    /// Take a person's decision back: exactly what stood before it stands again, and so do the figures, to the dong. Without
    /// --yes it only shows what would change. The record stays with a person's word: no rule decides about it any more,
    /// until a person decides again. Taking it back twice changes nothing. Exit code 2 if it is refused.
    Undo(DecisionsUndo),
}

#[derive(Args)]
pub(crate) struct DecisionsList {
    /// Only what is open.
    #[arg(long, conflicts_with = "decided")]
    pub(crate) open: bool,
    /// Only what is decided.
    #[arg(long)]
    pub(crate) decided: bool,
    /// Only what a person decided, or only what a rule did.
    #[arg(long, value_name = "person|rule", value_parser = decided_by, conflicts_with = "open")]
    pub(crate) by: Option<DecidedBy>,
    /// Only of this institution (cơ sở), by the registry as it is now; UNKNOWN for money of no known one.
    #[arg(long, value_name = "ID")]
    pub(crate) institution: Option<String>,
    /// From this day on (YYYY-MM-DD).
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) from: Option<BusinessDate>,
    /// Until this day, which is included.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) to: Option<BusinessDate>,
    /// At most so many of each.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) output: JsonOutput,
}

#[derive(Args)]
pub(crate) struct DecisionsMake {
    /// The record that is decided about.
    pub(crate) record: String,
    #[command(flatten)]
    pub(crate) wish: DecisionWish,
    #[command(flatten)]
    pub(crate) signed: SignedDecision,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct DecisionWish {
    /// It is the second report of this record, which counts instead of it; the earlier of the two days counts.
    #[arg(long, value_name = "RECORD", conflicts_with_all = ["separate", "kind", "settled_at"])]
    pub(crate) merged_into: Option<String>,
    /// The two tell different amounts, and are one payment all the same.
    #[arg(long, requires = "merged_into")]
    pub(crate) other_amount: bool,
    /// It is a payment of its own, whatever looks like it.
    #[arg(long, conflicts_with_all = ["kind", "settled_at"])]
    pub(crate) separate: bool,
    /// It is this: payment, deposit, donation, internal_transfer, … as in `kind` of the class rules.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub(crate) kind: Option<Kind>,
    /// Its money arrived then (RFC 3339 with offset, as 2022-03-01T23:58:00+07:00), which decides its day.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) settled_at: Option<Timestamp>,
}

#[derive(Args)]
pub(crate) struct DecisionsUndo {
    /// The decision's 16 digits, as `decisions list` shows them.
    pub(crate) decision: String,
    #[command(flatten)]
    pub(crate) signed: SignedDecision,
}

#[derive(Args)]
pub(crate) struct SignedDecision {
    /// Who decides (người quyết định): a name or a post, 2 to 80 characters. No phone or account number.
    #[arg(long, value_name = "NAME")]
    pub(crate) who: String,
    /// Why (lý do), 5 to 500 characters. No phone or account number: nothing personal is kept.
    #[arg(long, value_name = "TEXT")]
    pub(crate) why: String,
    /// Decide it; without this nothing is changed.
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) output: JsonOutput,
}
