//! The reviewer's part: which records are one payment, decided until nothing is left to decide.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::bail;
use cashless_domain::RecordFate;
use cashless_warehouse::Warehouse;

use super::stage::Roles;

const LOOK_EVERY: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(120);

/// Reviews round after round until one over all stored facts decides nothing; says how many decisions that took. `told`
/// events are in the log.
pub(super) async fn until_nothing_is_left(
    warehouse: &Warehouse,
    roles: &mut Roles,
    told: u64,
) -> anyhow::Result<u64> {
    let (began, mut decided) = (Instant::now(), 0);
    loop {
        while !is_stored(warehouse, told + decided).await? {
            if began.elapsed() > PATIENCE || roles.ended() {
                bail!("{decided} decisions did not become visible");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let appended = roles.reviewer.round().await?;
        if appended == 0 && !roles.reviewer.is_waiting() {
            return Ok(decided);
        }
        decided += u64::try_from(appended)?;
        if began.elapsed() > PATIENCE {
            bail!("the reviewer decides without end");
        }
    }
}

/// Whether so many events are in the ledger, and the facts are what it says: they are stored after it.
async fn is_stored(warehouse: &Warehouse, events: u64) -> anyhow::Result<bool> {
    let ledger = warehouse.whole_ledger().await?;
    let counted: u64 = ledger.iter().flat_map(|stored| stored.row.events).sum();
    let mut wanted: BTreeMap<(String, RecordFate), i64> = BTreeMap::new();
    for stored in &ledger {
        for fate in RecordFate::ALL {
            let records = stored.row.records(*fate).records;
            *wanted.entry((stored.key.source.to_string(), *fate)).or_default() += records;
        }
    }
    wanted.retain(|_, records| *records != 0);
    let found: BTreeMap<_, _> = warehouse.facts_by_fate().await?.into_iter().collect();
    Ok(counted >= events && found == wanted)
}
