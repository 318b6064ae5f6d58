//! Comparing what the warehouse shows with the truth that a simulated stream wrote beside itself.

use std::collections::{BTreeMap, BTreeSet};

use cashless_domain::{IdKey, RecordFate};
use cashless_rollup::{CellKey, CellValues};
use cashless_simulator::{CellSums, DigestedCellKey, TrueLedger};
use cashless_warehouse::Warehouse;

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Cells that are not empty.
    pub cells: usize,
    /// Every figure that is not the true one, in words.
    pub differences: Vec<String>,
}

impl Comparison {
    /// Whether every cell and every fate is the true one.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Compares every cell, and every source's records by fate, with the truth.
///
/// # Errors
/// The warehouse does not answer.
pub async fn compare(
    warehouse: &Warehouse,
    truth: &TrueLedger,
    id_key: &IdKey,
) -> Result<Comparison, cashless_warehouse::Error> {
    let mut differences = Vec::new();
    let stored = warehouse.every_cell().await?;
    let mut found: BTreeMap<CellKey, CellValues> =
        stored.into_iter().map(|(_, key, cell)| (key, cell.values)).collect();
    found.retain(|_, values| *values != CellValues::default());
    let wanted: BTreeMap<CellKey, CellValues> =
        truth.cells(id_key).into_iter().map(|(key, sums)| (cell_key(key), cell_values(sums))).collect();
    for key in found.keys().chain(wanted.keys()).collect::<BTreeSet<_>>() {
        let (found, wanted) = (found.get(key), wanted.get(key));
        if found != wanted {
            differences.push(format!("{key:?}: stored {found:?}, true {wanted:?}"));
        }
    }
    let (mut found_fates, mut wanted_fates) = (BTreeMap::new(), BTreeMap::new());
    for stored in warehouse.whole_ledger().await? {
        for fate in RecordFate::ALL {
            let totals = stored.row.records(*fate);
            let sum: &mut (i64, i128) =
                found_fates.entry((stored.key.source.to_string(), fate.name())).or_default();
            *sum = (sum.0 + totals.records, sum.1 + totals.dong);
        }
    }
    for ((source, fate), tally) in truth.record_fates() {
        wanted_fates.insert((source, fate), (tally.n, i128::from(tally.dong)));
    }
    found_fates.retain(|_, sum| *sum != (0, 0));
    wanted_fates.retain(|_, sum| *sum != (0, 0));
    for fate in found_fates.keys().chain(wanted_fates.keys()).collect::<BTreeSet<_>>() {
        let (found, wanted) = (found_fates.get(fate), wanted_fates.get(fate));
        if found != wanted {
            differences.push(format!("records {fate:?}: stored {found:?}, true {wanted:?}"));
        }
    }
    Ok(Comparison { cells: found.len(), differences })
}

fn cell_key(key: DigestedCellKey) -> CellKey {
    CellKey {
        business_date: key.business_date,
        account: key.account,
        identifier: key.identifier,
        source: key.source,
        method: key.method,
        kind: key.kind,
        evidence: key.evidence,
    }
}

fn cell_values(sums: CellSums) -> CellValues {
    CellValues {
        n: sums.n,
        gross_dong: sums.gross_dong.into(),
        refunds_n: sums.refunds_n,
        refunds_dong: sums.refunds_dong.into(),
        merged_n: sums.merged_n,
        merged_dong: sums.merged_dong.into(),
        voided_n: sums.voided_n,
        voided_dong: sums.voided_dong.into(),
        payer_name_n: sums.payer_name_n,
        beneficiary_name_n: sums.beneficiary_name_n,
        reason_n: sums.reason_n,
        invoice_ref_n: sums.invoice_n,
        all_fields_n: sums.all_fields_n,
        without_beneficiary_n: sums.without_beneficiary_n,
    }
}
