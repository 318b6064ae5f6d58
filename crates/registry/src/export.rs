use std::collections::BTreeMap;

use crate::error::FileName;
use crate::kinds::Kept;
use crate::rows::Registry;

/// All files of a registry, also of kinds that have no rows. Reading them gives the same registry again; accounts are
/// in them as digests with their masked tails.
#[must_use]
pub fn export(registry: &Registry) -> Vec<(FileName, Vec<u8>)> {
    vec![
        file(&registry.units),
        file(&registry.institutions),
        file(&registry.identifiers),
        file(&registry.attributes),
        file(&registry.connections),
        file(&registry.payer_accounts),
        file(&registry.successions),
        file(&registry.indicators),
    ]
}

fn file<R: Kept>(rows: &BTreeMap<R::Key, Vec<R>>) -> (FileName, Vec<u8>) {
    const INVARIANT: &str = "memory takes lines of equal length";
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(R::COLUMNS).expect(INVARIANT);
    for (key, rows) in rows {
        for row in rows {
            writer.write_record(row.cells(key)).expect(INVARIANT);
        }
    }
    (R::FILE, writer.into_inner().expect(INVARIANT))
}
