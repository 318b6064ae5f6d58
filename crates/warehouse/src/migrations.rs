//! Migrations: numbered files of one statement each, embedded, applied in order and remembered with a checksum.

use std::collections::BTreeMap;

use twox_hash::XxHash3_64;

use crate::client::{Question, Warehouse};
use crate::error::{Cause, Error};
use crate::native::BlockWriter;

const UNKNOWN_TABLE: u32 = 60;
const UNKNOWN_DATABASE: u32 = 81;

/// A statement that brings the database one step further. Safe to run twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Number and words, as in `0001_payments`.
    pub name: &'static str,
    /// The file.
    pub sql: &'static str,
}

impl Migration {
    /// What the database remembers of the file.
    #[must_use]
    pub fn checksum(&self) -> u64 {
        XxHash3_64::oneshot(self.sql.as_bytes())
    }

    /// Its first line says which question the table or view answers.
    #[must_use]
    pub fn question(&self) -> &'static str {
        self.sql.lines().next().unwrap_or_default().trim_start_matches("-- ")
    }
}

macro_rules! migrations {
    ($($name:literal)+) => {
        &[$(Migration {
            name: $name,
            sql: include_str!(concat!("../../../schemas/clickhouse/migrations/", $name, ".sql")),
        },)+]
    };
}

/// All of them, in order. The first one makes the table that remembers the others.
pub const MIGRATIONS: &[Migration] = migrations! {
    "0000_migrations"
    "0001_payments"
    "0002_account_daily"
    "0003_ledger"
    "0004_institutions"
    "0005_identifiers"
    "0006_registry_versions"
    "0007_units"
    "0008_institution_attributes"
    "0009_connections"
    "0010_payer_accounts"
    "0011_successions"
    "0012_indicators"
    "0013_cash_declarations"
    "0014_plans"
    "0015_target_progress"
    "0016_institution_standing"
    "0017_institution_months"
    "0018_class_rules"
    "0019_class_rules_of_the_product"
    "0020_weak_candidates_found"
    "0021_target_progress_days"
    "0022_target_progress_to_days"
    "0023_decision_log"
    "0049_refunds_and_originals"
    "0050_resolved_identifiers_as_of"
    "0051_excluded_refunds_as_of"
    "0052_institution_daily_as_of"
    "0053_institution_daily"
    "0054_institution_month_as_of"
    "0055_institution_month"
    "0056_unresolved_identifiers"
    "0057_orphan_refunds"
    "0058_freshness"
    "0059_ledger_totals"
    "0060_declared_months"
    "0061_target_progress_now"
    "0062_target_progress_daily"
    "0063_ranking"
    "0064_class_rules_as_of"
    "0065_classes_as_of"
    "0066_lookalikes_as_of"
    "0067_view_settings"
    "0068_institution_daily_parts"
    "0069_unit_days"
    "0070_institution_month_parts"
    "0071_unit_month"
    "0072_type_month"
    "0073_method_month"
    "0074_provider_month"
    "0075_late_month"
    "0076_institution_cash_month"
    "0077_sector_month"
    "0078_reason_day"
    "0079_hour_of_day"
    "0080_unresolved_accounts"
    "0081_unknown_class"
    "0082_possible_double_payments"
    "0083_weak_candidates"
    "0084_data_quality"
    "0085_published_month"
    "0086_standing_decisions"
    "0087_decision_history"
    "0088_share_trend"
    "0089_disagreeing_amounts"
    "0090_institution_trend"
    "0091_payments_to_check"
};

impl Warehouse {
    /// The migrations that are still to be applied, in order. Changes nothing.
    ///
    /// # Errors
    /// See [`Error`]; a [`Cause::EditedMigration`] or [`Cause::UnknownMigration`] stops.
    pub async fn pending_migrations(&self) -> Result<Vec<Migration>, Error> {
        const WHAT: &str = "plan migrations";
        let mut applied = BTreeMap::new();
        let question = Question::new(WHAT, include_str!("queries/migrations.sql"));
        let asked = self.select(question, |block| {
            if block.rows == 0 {
                return Ok(());
            }
            let (names, checksums) = (block.strings(0)?, block.fixed::<u64>(1, "UInt64")?);
            for row in 0..block.rows {
                applied.insert(names.get(row)?.to_owned(), checksums.get(row));
            }
            Ok(())
        });
        match asked.await {
            Err(error) if matches!(error.server_code(), Some(UNKNOWN_TABLE | UNKNOWN_DATABASE)) => {}
            other => other?,
        }
        let mut pending = Vec::new();
        for migration in MIGRATIONS {
            match applied.remove(migration.name) {
                None => pending.push(*migration),
                Some(checksum) if checksum == migration.checksum() => {}
                Some(_) => {
                    return Err(Error::new(WHAT, Cause::EditedMigration { name: migration.name.to_owned() }));
                }
            }
        }
        match applied.into_keys().next() {
            Some(name) => Err(Error::new(WHAT, Cause::UnknownMigration { name })),
            None => Ok(pending),
        }
    }

    /// Creates the database if need be, applies what is pending and says what that was. `before` is told each
    /// migration before it runs.
    ///
    /// # Errors
    /// See [`Error`]. Calling it again goes on where it stopped.
    pub async fn migrate(&self, mut before: impl FnMut(&Migration)) -> Result<Vec<Migration>, Error> {
        self.create_database().await?;
        let pending = self.pending_migrations().await?;
        for migration in &pending {
            before(migration);
            self.execute("apply a migration", migration.sql).await?;
            let mut block = BlockWriter::new(1, 100);
            block.strings("name", [migration.name].into_iter());
            block.fixed("checksum", "UInt64", [migration.checksum()].into_iter());
            let remember = "INSERT INTO migrations (name, checksum) FORMAT Native";
            self.insert_block("remember a migration", remember, block.finish()).await?;
        }
        Ok(pending)
    }
}
