//! What is stored already, so that only what changed is written.

use std::collections::{HashMap, HashSet};

use cashless_domain::Timestamp;
use cashless_warehouse::{
    Basis, Error, MonthKey, MonthRow, ProgressKey, ProgressRow, StandingKey, StandingRow, StoredDigest,
    Warehouse,
};

use crate::rows::Rows;

/// Digests of the stored rows.
pub(crate) struct Stored {
    progress: HashMap<ProgressKey, StoredDigest>,
    standings: HashMap<StandingKey, StoredDigest>,
    months: HashMap<MonthKey, StoredDigest>,
}

/// Rows that were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Written {
    pub(crate) progress: usize,
    pub(crate) standings: usize,
    pub(crate) months: usize,
    /// Results that could not be appended, since stored ones are from the future of this machine.
    pub(crate) held_back: usize,
}

/// How far the clocks of two trackers may be apart. In between the other one's result stands.
const CLOCKS_APART_MAX_MICROS: i64 = 60_000_000;

impl Written {
    pub(crate) fn is_nothing(self) -> bool {
        (self.progress, self.standings, self.months) == (0, 0, 0)
    }
}

impl Stored {
    /// Reads what is stored.
    pub(crate) async fn load(warehouse: &Warehouse) -> Result<Self, Error> {
        let (progress, standings, months) = tokio::try_join!(
            warehouse.progress_digests(),
            warehouse.standing_digests(),
            warehouse.month_digests()
        )?;
        Ok(Self { progress, standings, months })
    }

    /// Writes what differs from what is stored. Institutions go first: whoever sees a new result of a target finds them
    /// up to date. After an error nobody knows what is stored: load it again.
    pub(crate) async fn update(
        &mut self,
        warehouse: &Warehouse,
        basis: &Basis,
        rows: &[Rows],
    ) -> Result<Written, Error> {
        let at = basis.evaluated_at;
        let plans: HashSet<&str> =
            (rows.iter().flat_map(|rows| &rows.progress)).map(|row| row.plan_id.as_str()).collect();
        let standings = changed(
            rows.iter().flat_map(|rows| &rows.standings),
            &self.standings,
            |row| (row.key(), row.digest()),
            |key| plans.contains(key.0.as_str()).then(|| StandingRow::removed(key.clone())),
        );
        let months = changed(
            rows.iter().flat_map(|rows| &rows.months),
            &self.months,
            |row| (row.key(), row.digest()),
            |key| plans.contains(key.0.as_str()).then(|| MonthRow::removed(key.clone())),
        );
        warehouse.insert_standings(at, &standings).await?;
        note(&mut self.standings, &standings, at, |row| (row.key(), row.digest(), row.is_removed));
        warehouse.insert_months(at, &months).await?;
        note(&mut self.months, &months, at, |row| (row.key(), row.digest(), row.is_removed));
        let progress = self.append(warehouse, basis, rows).await?;
        let held_back = (rows.iter().flat_map(|rows| &rows.progress))
            .filter_map(|row| Some((row.digest(), self.progress.get(&row.key())?)))
            .filter(|(digest, stored)| {
                let ahead = stored.evaluated_at.as_micros() - at.as_micros();
                *digest != stored.digest && ahead > CLOCKS_APART_MAX_MICROS
            })
            .count();
        Ok(Written { progress, standings: standings.len(), months: months.len(), held_back })
    }

    async fn append(&mut self, warehouse: &Warehouse, basis: &Basis, rows: &[Rows]) -> Result<usize, Error> {
        let differs = |stored: &HashMap<ProgressKey, StoredDigest>, row: &ProgressRow| {
            (stored.get(&row.key())).is_none_or(|stored| {
                stored.digest != row.digest() && stored.evaluated_at < basis.evaluated_at
            })
        };
        let all = || rows.iter().flat_map(|rows| &rows.progress);
        if !all().any(|row| differs(&self.progress, row)) {
            return Ok(0);
        }
        // Another tracker may have been here in the meantime, or ours before its answer was lost.
        self.progress = warehouse.progress_digests().await?;
        let new: Vec<_> = all().filter(|row| differs(&self.progress, row)).cloned().collect();
        warehouse.append_progress(basis, &new).await?;
        note(&mut self.progress, &new, basis.evaluated_at, |row| (row.key(), row.digest(), false));
        Ok(new.len())
    }
}

/// The rows that are not stored like this, and rows that take away what is stored and no longer there.
fn changed<'r, R: Clone + 'r, K: Eq + std::hash::Hash>(
    rows: impl Iterator<Item = &'r R>,
    stored: &HashMap<K, StoredDigest>,
    of: impl Fn(&R) -> (K, u64),
    removed: impl Fn(&K) -> Option<R>,
) -> Vec<R> {
    let (mut found, mut changed) = (HashSet::new(), Vec::new());
    for row in rows {
        let (key, digest) = of(row);
        if stored.get(&key).is_none_or(|stored| stored.digest != digest) {
            changed.push(row.clone());
        }
        found.insert(key);
    }
    changed.extend(stored.keys().filter(|key| !found.contains(key)).filter_map(removed));
    changed
}

fn note<R, K: Eq + std::hash::Hash>(
    stored: &mut HashMap<K, StoredDigest>,
    rows: &[R],
    evaluated_at: Timestamp,
    of: impl Fn(&R) -> (K, u64, bool),
) {
    for row in rows {
        let (key, digest, is_removed) = of(row);
        if is_removed {
            stored.remove(&key);
        } else {
            stored.insert(key, StoredDigest { digest, evaluated_at });
        }
    }
}
