//! The only room that knows ClickHouse and SQL: tables, migrations, blocks, reads and views.
//!
//! | Call | Answers or stores |
//! |---|---|
//! | [`Warehouse::known_ids`]`(&[(partition, anchor)])` | per pair, the first 64 bits of each stored payment id |
//! | [`Warehouse::payments`]`(&[(partition, key)], &[(partition, anchor)])` | stored payments by key and by whole day |
//! | [`Warehouse::cells`]`(&[(partition, day)])` | stored cells |
//! | [`Warehouse::ledger`]`(&[partition])` | stored ledger rows |
//! | [`Warehouse::insert_cells`]`(&[(partition, &[(CellKey, Cell)])])` | cells, durably |
//! | [`Warehouse::insert_ledger`]`(partition_count, &[(partition, &[(SourceId, LedgerRow)])])` | ledger rows, durably |
//! | [`Warehouse::insert_facts`]`(&[(partition, &[Fact])])` | facts, durably, a payment's rows in one block |
//! | [`Warehouse::registry`]`(as_of)`, [`Warehouse::apply_registry`]`(&plan, &applicant)` | the registry |
//! | [`Warehouse::class_rules`]`(as_of)`, [`Warehouse::apply_class_rules`]`(base_version, &rules, &applicant)` | the rules of the classes |
//! | [`Warehouse::declarations`]`(from, to)`, [`Warehouse::insert_declarations`]`(&[…])` | declared cash |
//! | [`Warehouse::flows`]`(registry_version, &months)`, [`Warehouse::excluded_refunds`]`(…)`, [`Warehouse::lookalikes`]`(&months)` | counted money by institution and month, and what of it may be counted twice |
//! | [`Warehouse::input_marks`]`()`, [`Warehouse::changed_months`]`(&since)` | whether anything has changed |
//! | [`Warehouse::active_plans`]`()`, [`Warehouse::apply_plan`]`(…)`, [`Warehouse::retire_plan`]`(…)` | plans |
//! | [`Warehouse::append_progress`]`(&basis, &rows)`, [`Warehouse::progress_digests`]`()` | results of targets |
//! | [`Warehouse::targets_now`]`()` | the newest results of the active plans |
//! | [`Warehouse::insert_standings`]`(at, &rows)`, [`Warehouse::insert_months`]`(at, &rows)` | the state of institutions |
//! | [`Warehouse::pending_migrations`]`()`, [`Warehouse::migrate`]`(before_each)` | the schema |
//! | [`Warehouse::fact_versions`]`()`, [`Warehouse::changed_days`]`(&since)`, [`Warehouse::reviewed_records`]`(version, from, to)` | what the reviewer looks at, and what should be decided |
//! | [`Warehouse::open_decisions`]`(&filter)`, [`Warehouse::standing_decisions`]`(&filter)`, [`Warehouse::decision_states`]`()` | what a person may decide, and what is decided |
//! | [`Warehouse::log_decisions`]`(&rows)`, [`Warehouse::decision_log`]`()` | who decided what, and why |
//!
//! Promises: an insert that returned is on disk; repeating one changes nothing; a row of a lower version never
//! replaces one of a higher version; an [`Error`] says whether repeating the call can help.
//!
//! Left to others: when to read and write what (`rollup`), retries and backoff (the caller).

mod block_rows;
mod cells;
mod class_rules;
mod client;
mod config;
mod decision_list;
mod decision_log;
mod decisions;
mod declarations;
mod error;
mod facts;
mod flows;
mod ledger;
mod migrations;
mod native;
mod overview;
mod plans;
mod progress;
mod registry;
mod targets_now;

pub use client::Warehouse;
pub use config::{Config, Password};
pub use decision_list::{
    DecisionFilter, DecisionState, OpenDecision, Ownership, RecordAddress, StandingDecision, ToldRecord,
};
pub use decision_log::LoggedDecision;
pub use decisions::{Paid, ReviewedRecord};
pub use declarations::{DeclaredRevision, StoredDeclaration};
pub use error::{Cause, Error};
pub use facts::KnownIds;
pub use flows::{InputMarks, MonthFlow, MonthLookalikes};
pub use ledger::StoredLedgerRow;
pub use migrations::{MIGRATIONS, Migration};
pub use overview::InstitutionTotal;
pub use plans::StoredPlan;
pub use progress::{
    Basis, MonthKey, MonthRow, ProgressKey, ProgressRow, StandingKey, StandingRow, StoredDigest,
};
pub use registry::{Applicant, RegistryChange, StoredRegistry};
pub use targets_now::TargetNow;
