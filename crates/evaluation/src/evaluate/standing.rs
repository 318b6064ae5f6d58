//! How each institution stands, and its months.

use cashless_registry::Sector;

use super::bounds::{Measure, Sums};
use super::coverage::Weights;
use super::members::Member;
use crate::plan::{Plan, Settings};
use crate::result::{InstitutionMonth, InstitutionStanding, Receipts, Sum};
use crate::words::UseState;

/// The money of one member in the target year.
#[derive(Clone, Copy)]
pub(super) struct Fact {
    pub(super) receipts: Receipts,
    /// Payments if every lookalike is a second report.
    pub(super) n_at_least: i64,
    pub(super) months_used: u16,
}

pub(super) fn facts(sums: &Sums<'_>) -> Vec<Fact> {
    let fact = |number| {
        let mut fact = Fact { receipts: Receipts::default(), n_at_least: 0, months_used: 0 };
        for month in sums.window.target_months() {
            let cell = sums.cells.get(number, month);
            let receipts = cell.receipts;
            fact.receipts = fact.receipts.plus(receipts);
            fact.n_at_least = fact.n_at_least.saturating_add(cell.without_lookalikes().receipts.n);
            fact.months_used += u16::from(receipts.n > 0);
        }
        fact
    };
    (0..sums.members.len()).map(fact).collect()
}

/// All standings, not yet ranked.
pub(super) fn standings(
    plan: &Plan,
    sums: &Sums<'_>,
    facts: &[Fact],
    weights: &Weights,
) -> Vec<InstitutionStanding> {
    let numbered = sums.members.iter().enumerate();
    numbered.map(|(number, member)| standing(plan, sums, number, member, facts[number], weights)).collect()
}

fn standing(
    plan: &Plan,
    sums: &Sums<'_>,
    number: usize,
    member: &Member<'_>,
    fact: Fact,
    weights: &Weights,
) -> InstitutionStanding {
    let months = || sums.window.target_months();
    let of = |measure| sums.of(measure, number, months());
    let (count, value) = (of(Measure::Count), of(Measure::Value));
    let due = |measure: Option<Measure>| {
        let due = months().filter(|month| {
            let cell = sums.cells.get(number, *month);
            cell.is_due() && measure.is_none_or(|measure| measure.cash(cell).is_some())
        });
        u16::try_from(due.count()).unwrap_or(u16::MAX)
    };
    let declared = |measure: Measure| {
        let cash = months().filter_map(|month| measure.cash(sums.cells.get(number, month)));
        cash.fold(None, |sum: Option<i128>, cash| Some(sum.unwrap_or(0).saturating_add(cash)))
    };
    let show = |low: Option<Sum>| low.and_then(Sum::share).map_or(String::new(), |low| low.display(None));
    let row = member.row;
    InstitutionStanding {
        institution_id: member.id.to_owned(),
        name: row.name.clone(),
        sector: row.sector,
        institution_type: row.institution_type,
        ownership: row.ownership,
        managed_by: row.managed_by,
        care_tier: row.care_tier,
        scope: row.scope,
        unit_code: row.unit_code.clone(),
        district_code: member.district_code.clone(),
        parent_id: row.parent_id.clone(),
        size_band: size_band(&plan.settings, row.sector, member.size()),
        is_fee_collecting: row.fee_collecting,
        is_active: member.is_active,
        weight: weights.of(number),
        receipts: fact.receipts,
        cash_n: declared(Measure::Count).map(|cash| i64::try_from(cash).unwrap_or(i64::MAX)),
        cash_dong: declared(Measure::Value),
        count_display: show(count.low),
        value_display: show(value.low),
        count,
        value,
        methods_ready: member.methods_ready,
        has_platform: member.has_platform,
        has_listed_platform: member.has_listed_platform,
        accepts: member.accepts,
        is_installed: member.is_installed,
        uses: match fact.receipts.n {
            1.. => UseState::Yes,
            _ if member.is_open => UseState::Unknown,
            _ => UseState::No,
        },
        is_open: member.is_open,
        months_used: fact.months_used,
        months_active: due(None),
        months_declared_count: due(Some(Measure::Count)),
        months_declared_value: due(Some(Measure::Value)),
        score_millionths: 0,
        rank: 0,
        unranked_reason: None,
    }
}

/// The last band that begins at the size or below.
fn size_band(settings: &Settings, sector: Sector, size: u32) -> String {
    let bands = settings.size_bands.get(&sector).map_or(&[][..], Vec::as_slice);
    bands.iter().rfind(|band| band.from <= size).map_or(String::new(), |band| band.id.clone())
}

/// The months of the target year in which there is something to say.
pub(super) fn months(plan: &Plan, sums: &Sums<'_>) -> Vec<InstitutionMonth> {
    let mut rows = Vec::new();
    for (number, member) in sums.members.iter().enumerate() {
        for month in sums.window.target_months() {
            let cell = sums.cells.get(number, month);
            let is_running = cell.is_active && sums.window.has_begun(month);
            if !is_running && !cell.has_money() && cell.used().is_none() {
                continue;
            }
            let imputed = |measure| {
                let is_imputed = sums.is_imputed(measure, number, month);
                is_imputed.then(|| sums.imputed(measure, number, month)).flatten()
            };
            let (exported_n, exported_dong) = cell.exported().unzip();
            rows.push(InstitutionMonth {
                institution_id: member.id.to_owned(),
                month: sums.window.first_day(month),
                receipts: cell.receipts,
                cash_n: cell.cash_n(),
                cash_dong: cell.cash_dong(),
                states: cell.states(sums.window, month, &plan.settings),
                source_used: cell.used().map(|used| used.source),
                imputed_low_n: imputed(Measure::Count).map(|cash| i64::try_from(cash).unwrap_or(i64::MAX)),
                imputed_low_dong: imputed(Measure::Value),
                exported_n,
                exported_dong,
            });
        }
    }
    rows
}
