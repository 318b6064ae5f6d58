//! What evaluations read, kept between rounds and read again only where it has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cashless_domain::{BusinessDate, Timestamp};
use cashless_evaluation::{Declared, Flow, Lookalikes, Plan};
use cashless_registry::Registry;
use cashless_rollup::Version;
use cashless_warehouse::{Basis, Error, InputMarks, MonthFlow, MonthLookalikes, StoredLedgerRow, Warehouse};

/// Rounds that have to pass before cells and facts of a version are taken as read: a batch's cells and ledger are stored at
/// the same time, so the ledger may be there first, and facts come after both.
const ROUNDS_TO_SETTLE: usize = 2;

/// Rounds after which refunds of what never counted are looked for again, if there were events since: that costs a look
/// through all facts.
const ROUNDS_BETWEEN_REFUNDS: u64 = 12;

/// Plans, registry, declarations and money as they were read last.
#[derive(Default)]
pub(crate) struct Data {
    pub(crate) plans: Vec<Arc<Plan>>,
    /// Stored plans that this release cannot read, and why.
    pub(crate) unreadable: BTreeMap<String, String>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) declarations: Arc<Vec<Declared>>,
    pub(crate) flows: Arc<Vec<Flow>>,
    pub(crate) lookalikes: Arc<Vec<Lookalikes>>,
    documents: Vec<(String, u32, u64)>,
    marks: InputMarks,
    /// Months that the plans ask for.
    months: BTreeSet<BusinessDate>,
    by_month: BTreeMap<BusinessDate, MoneyRead>,
    /// The ledger's versions as of the last rounds, newest last.
    seen: Vec<Vec<Version>>,
    round: u64,
    excluded_refunds: Option<MoneyRead>,
}

/// Money as it was read last.
struct MoneyRead {
    flows: Vec<Flow>,
    /// In which round.
    round: u64,
    /// The ledger's versions some rounds before that, of which all cells and facts were stored by then.
    versions: Vec<Version>,
}

/// How far the ledger is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Watermark {
    /// Highest version by partition.
    pub(crate) versions: Vec<Version>,
    /// Receipt of the newest event of each source, in microseconds since 1970.
    pub(crate) received_until: BTreeMap<String, i64>,
    /// Events with a fate, less events that there are.
    pub(crate) fates_gap: i64,
}

impl Watermark {
    pub(crate) fn of(ledger: &[StoredLedgerRow]) -> Self {
        let mut watermark = Self::default();
        let mut events = 0_i64;
        for row in ledger {
            let partition = usize::from(row.key.partition);
            if watermark.versions.len() <= partition {
                watermark.versions.resize(partition + 1, Version::default());
            }
            let highest = &mut watermark.versions[partition];
            *highest = row.row.version.max(*highest);
            let newest = watermark.received_until.entry(row.key.source.as_str().to_owned()).or_default();
            *newest = row.row.latest_received_at_micros.max(*newest);
            events = row.row.events.iter().fold(events, |sum, events| sum.saturating_add(signed(*events)));
        }
        let offsets = watermark.versions.iter().map(|version| signed(version.next_offset()));
        watermark.fates_gap = offsets.fold(events, i64::saturating_sub);
        watermark
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Data {
    /// Reads what has changed; says whether anything that an evaluation depends on has.
    pub(crate) async fn refresh(
        &mut self,
        warehouse: &Warehouse,
        watermark: &Watermark,
    ) -> Result<bool, Error> {
        self.round += 1;
        let plans_changed = self.refresh_plans(warehouse).await?;
        let marks = warehouse.input_marks().await?;
        let of_registry = |marks: &InputMarks| (marks.registry_version, marks.registry_digest);
        let of_declarations = |marks: &InputMarks| (marks.declarations_n, marks.declarations_until_micros);
        let registry_changed = of_registry(&marks) != of_registry(&self.marks);
        let declarations_changed = plans_changed || of_declarations(&marks) != of_declarations(&self.marks);
        if registry_changed {
            let stored = warehouse.registry(Some(marks.registry_version)).await?;
            self.registry = Arc::new(stored.registry);
        }
        if declarations_changed {
            self.declarations = Arc::new(self.read_declarations(warehouse).await?);
        }
        let in_full = plans_changed || registry_changed;
        let months =
            if in_full { self.months.clone() } else { self.months_to_read(warehouse, watermark).await? };
        let mut flows_changed = self.refresh_flows(warehouse, marks.registry_version, &months).await?;
        let are_due = |read: &MoneyRead| {
            self.round - read.round >= ROUNDS_BETWEEN_REFUNDS && read.versions != watermark.versions
        };
        if in_full || self.excluded_refunds.as_ref().is_none_or(are_due) {
            flows_changed |= self.refresh_refunds(warehouse, marks.registry_version).await?;
        }
        if flows_changed {
            let read = self.by_month.values().chain(&self.excluded_refunds);
            self.flows = Arc::new(read.flat_map(|read| &read.flows).cloned().collect());
        }
        let lookalikes_changed = self.refresh_lookalikes(warehouse).await?;
        // Only now: after an error all of it is read again.
        self.marks = marks;
        self.seen.push(watermark.versions.clone());
        if self.seen.len() > ROUNDS_TO_SETTLE {
            self.seen.remove(0);
        }
        Ok(plans_changed || registry_changed || declarations_changed || flows_changed || lookalikes_changed)
    }

    /// After an error nothing that was kept is trusted.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    async fn refresh_plans(&mut self, warehouse: &Warehouse) -> Result<bool, Error> {
        let stored = warehouse.active_plans().await?;
        let documents: Vec<_> =
            stored.iter().map(|plan| (plan.plan_id.clone(), plan.plan_version, plan.digest())).collect();
        if documents == self.documents {
            return Ok(false);
        }
        self.plans.clear();
        self.unreadable.clear();
        for plan in &stored {
            match Plan::parse(&plan.document) {
                Ok(plan) => self.plans.push(Arc::new(plan)),
                Err(errors) => {
                    let reasons: Vec<_> = errors.iter().map(ToString::to_string).collect();
                    let (id, version) = (&plan.plan_id, plan.plan_version);
                    let reason = reasons.join("; ");
                    tracing::error!(
                        plan = id,
                        version,
                        reason,
                        "a stored plan cannot be read by this release"
                    );
                    self.unreadable.insert(format!("{id} version {version}"), reason);
                }
            }
        }
        self.documents = documents;
        self.months = self.plans.iter().flat_map(|plan| months_of(plan)).collect();
        self.by_month.retain(|month, _| self.months.contains(month));
        Ok(true)
    }

    async fn read_declarations(&self, warehouse: &Warehouse) -> Result<Vec<Declared>, Error> {
        let (Some(first), Some(last)) = (self.months.first(), self.months.last()) else {
            return Ok(Vec::new());
        };
        let stored = warehouse.declarations(*first, month_after(*last)).await?;
        let declared = stored.into_iter().map(|stored| Declared {
            declaration: stored.declaration,
            first_recorded_at: stored.first_recorded_at,
        });
        Ok(declared.collect())
    }

    /// The ledger's versions of so many rounds ago that all cells and facts up to there are stored.
    fn settled(&self) -> Vec<Version> {
        if self.seen.len() < ROUNDS_TO_SETTLE { Vec::new() } else { self.seen[0].clone() }
    }

    /// The months of which cells have changed, and the one that was read longest ago, if there were events since: cells that
    /// were stored later than their ledger by more than the rounds to settle are found when their turn comes.
    async fn months_to_read(
        &self,
        warehouse: &Warehouse,
        watermark: &Watermark,
    ) -> Result<BTreeSet<BusinessDate>, Error> {
        let mut months = BTreeSet::new();
        match self.seen.first() {
            Some(settled) if *settled == watermark.versions => {}
            Some(settled) => months.extend(warehouse.changed_months(settled).await?),
            None => months.clone_from(&self.months),
        }
        months.retain(|month| self.months.contains(month));
        let has_events_since = |read: &MoneyRead| read.versions != watermark.versions;
        let oldest = (self.by_month.iter())
            .filter(|(month, read)| has_events_since(read) && !months.contains(month))
            .min_by_key(|(_, read)| read.round);
        months.extend(oldest.map(|(month, _)| *month));
        Ok(months)
    }

    async fn refresh_flows(
        &mut self,
        warehouse: &Warehouse,
        registry_version: u32,
        months: &BTreeSet<BusinessDate>,
    ) -> Result<bool, Error> {
        if months.is_empty() {
            return Ok(false);
        }
        let mut read: BTreeMap<BusinessDate, Vec<Flow>> =
            months.iter().map(|month| (*month, Vec::new())).collect();
        let months: Vec<_> = months.iter().copied().collect();
        for flow in warehouse.flows(registry_version, &months).await? {
            read.entry(flow.month).or_default().push(of_stored(flow));
        }
        let mut changed = false;
        for (month, flows) in read {
            changed |= self.by_month.get(&month).is_none_or(|before| before.flows != flows);
            let (round, versions) = (self.round, self.settled());
            self.by_month.insert(month, MoneyRead { flows, round, versions });
        }
        Ok(changed)
    }

    async fn refresh_refunds(&mut self, warehouse: &Warehouse, registry_version: u32) -> Result<bool, Error> {
        let months: Vec<_> = self.months.iter().copied().collect();
        let stored = warehouse.excluded_refunds(registry_version, &months).await?;
        let flows: Vec<_> = stored.into_iter().map(of_stored).collect();
        let changed = self.excluded_refunds.as_ref().is_none_or(|before| before.flows != flows);
        let (round, versions) = (self.round, self.settled());
        self.excluded_refunds = Some(MoneyRead { flows, round, versions });
        Ok(changed)
    }

    /// There are few: the reviewer's list is read in every round.
    async fn refresh_lookalikes(&mut self, warehouse: &Warehouse) -> Result<bool, Error> {
        let months: Vec<_> = self.months.iter().copied().collect();
        let stored = warehouse.lookalikes(&months).await?;
        let of_stored = |MonthLookalikes { institution_id, month, n, dong }: MonthLookalikes| Lookalikes {
            institution_id,
            month,
            n,
            dong,
        };
        let lookalikes: Vec<_> = stored.into_iter().map(of_stored).collect();
        let changed = *self.lookalikes != lookalikes;
        if changed {
            self.lookalikes = Arc::new(lookalikes);
        }
        Ok(changed)
    }

    /// What goes beside the results of this round.
    pub(crate) fn basis(&self, evaluated_at: Timestamp, watermark: &Watermark) -> Basis {
        Basis {
            evaluated_at,
            payments_watermark: watermark.versions.iter().map(|version| version.stored()).collect(),
            received_until_micros: watermark.received_until.values().copied().max().unwrap_or_default(),
            registry_version: self.marks.registry_version,
            declarations_until_micros: self.marks.declarations_until_micros,
            evaluator_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

fn of_stored(flow: MonthFlow) -> Flow {
    Flow {
        institution_id: flow.institution_id,
        month: flow.month,
        n: flow.n,
        gross_dong: flow.gross_dong,
        net_dong: flow.net_dong,
        all_fields_n: flow.all_fields_n,
        without_beneficiary_n: flow.without_beneficiary_n,
    }
}

/// The first days of the months of the plan's year and of the twelve before it.
fn months_of(plan: &Plan) -> Vec<BusinessDate> {
    let year = plan.target_year;
    let mut first = year.from;
    for _ in 0..12 {
        first = month_before(first);
    }
    let after = |month: &BusinessDate| Some(month_after(*month));
    std::iter::successors(Some(first), after).take_while(|month| *month < year.to).collect()
}

fn first_of_month(day: BusinessDate) -> BusinessDate {
    let text = day.to_string();
    let first = text.get(..8).map(|month| format!("{month}01"));
    first.and_then(|first| BusinessDate::parse(&first).ok()).unwrap_or(day)
}

/// 31 days after the first of a month the next one has begun, and not ended.
fn month_after(first: BusinessDate) -> BusinessDate {
    first_of_month(BusinessDate::from_days(first.days().saturating_add(31)))
}

fn month_before(first: BusinessDate) -> BusinessDate {
    first_of_month(BusinessDate::from_days(first.days().saturating_sub(1)))
}

#[cfg(test)]
mod tests {
    use cashless_domain::SourceId;
    use cashless_rollup::{LedgerKey, LedgerRow};

    use super::*;

    fn day(text: &str) -> BusinessDate {
        BusinessDate::parse(text).expect("a day")
    }

    #[test]
    fn months_follow_each_other_over_the_years() {
        let mut month = day("2019-12-01");
        for expected in ["2020-01-01", "2020-02-01", "2020-03-01"] {
            let next = month_after(month);
            assert_eq!(next, day(expected));
            assert_eq!(month_before(next), month);
            month = next;
        }
    }

    #[test]
    fn the_watermark_is_the_highest_version_of_each_partition_and_the_fates_add_up_to_the_offsets() {
        let row = |partition, source: &str, version, applied, received| StoredLedgerRow {
            key: LedgerKey { partition, source: SourceId::new(source).expect("valid") },
            row: LedgerRow {
                version,
                latest_received_at_micros: received,
                events: [applied, 1, 0, 0],
                ..LedgerRow::default()
            },
            partition_count: 3,
        };
        let mut ledger = vec![
            row(2, "a", Version::at(1, 9), 4, 70),
            row(2, "b", Version::at(1, 7), 4, 50),
            row(0, "a", Version::at(1, 2), 2, 60),
        ];
        let watermark = Watermark::of(&ledger);
        assert_eq!(watermark.versions, [Version::at(1, 2), Version::default(), Version::at(1, 9)]);
        assert_eq!(watermark.received_until, [("a".to_owned(), 70), ("b".to_owned(), 50)].into());
        assert_eq!(watermark.fates_gap, 0);
        ledger[2].row.events[0] = 0;
        assert_eq!(Watermark::of(&ledger).fates_gap, -2);
        assert_eq!(Watermark::of(&[]), Watermark::default());
    }
}
