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
    "0007_resolved_identifiers"
    "0008_excluded_refunds"
    "0009_institution_daily_as_of"
    "0010_institution_daily"
    "0011_institution_month"
    "0012_unresolved_identifiers"
    "0013_orphan_refunds"
    "0014_freshness"
    "0015_ledger_totals"
    "0016_payments_compact_inserts"
    "0020_institutions_visits_managed_by"
    "0021_units"
    "0022_institution_attributes"
    "0023_connections"
    "0024_payer_accounts"
    "0025_successions"
    "0026_indicators"
    "0027_registry_versions_changes"
    "0030_cash_declarations"
    "0031_declared_months"
    "0040_plans"
    "0041_target_progress"
    "0042_institution_standing"
    "0043_institution_months"
    "0045_target_progress_now"
    "0046_target_progress_daily"
    "0047_ranking"
    "0050_class_rules"
    "0051_class_rules_of_the_product"
    "0052_class_rules_as_of"
    "0053_classes_as_of"
    "0054_resolved_identifiers_attributes"
    "0055_excluded_refunds_by_rules"
    "0056_institution_daily_by_rules"
    "0057_institution_daily_now"
    "0058_institution_month_attributes"
    "0059_lookalikes_as_of"
    "0060_view_settings"
    "0061_payments_by_business_date"
    "0062_institution_daily_parts"
    "0063_unit_days"
    "0064_unit_month"
    "0065_type_month"
    "0066_method_month"
    "0067_provider_month"
    "0068_late_month"
    "0069_institution_cash_month"
    "0070_sector_month"
    "0071_reason_day"
    "0072_hour_of_day"
    "0073_unresolved_accounts"
    "0074_unknown_class"
    "0075_possible_double_payments"
    "0076_data_quality"
    "0077_published_month"
    "0078_excluded_refunds_in_one_pass"
    "0080_weak_candidates_found"
    "0081_weak_candidates"
    "0082_payments_payer_account"
    "0083_lookalikes_at_midnight_and_other_accounts"
    "0084_weak_candidates_by_reference"
    "0090_payments_rebuild_projections"
    "0091_payments_refunds"
    "0092_payments_refunds_of_old_parts"
    "0093_excluded_refunds_by_projection"
    "0094_institution_month_as_of"
    "0095_institution_month_parts"
    "0096_institution_month_from_months"
    "0097_unit_month_from_months"
    "0098_type_month_from_months"
    "0099_method_month_from_months"
    "0100_provider_month_from_months"
    "0101_institution_cash_month_from_months"
    "0102_orphan_refunds_by_projection"
    "0103_unknown_class_of_cells"
    "0104_published_month_in_one_pass"
    "0105_class_rules_as_of_by_its_definer"
    "0105_classes_as_of_by_its_definer"
    "0105_declared_months_by_its_definer"
    "0105_excluded_refunds_as_of_by_its_definer"
    "0105_freshness_by_its_definer"
    "0105_institution_daily_as_of_by_its_definer"
    "0105_institution_daily_by_its_definer"
    "0105_institution_month_by_its_definer"
    "0105_ledger_totals_by_its_definer"
    "0105_lookalikes_as_of_by_its_definer"
    "0105_ranking_by_its_definer"
    "0105_resolved_identifiers_as_of_by_its_definer"
    "0105_target_progress_daily_by_its_definer"
    "0105_target_progress_now_by_its_definer"
    "0105_unresolved_identifiers_by_its_definer"
    "0106_data_quality_by_place"
    "0107_target_progress_days"
    "0108_target_progress_to_days"
    "0109_target_progress_daily_by_days"
    "0109_target_progress_days_of_before"
    "0109_target_progress_for_90_days"
    "0109_target_progress_now_by_days"
    "0109_target_progress_without_projection"
    "0110_decision_log"
    "0111_weak_candidates_addresses"
    "0112_standing_decisions"
    "0113_decision_history"
    "0120_share_trend"
    "0121_disagreeing_amounts"
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
