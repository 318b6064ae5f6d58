//! One reading of a metric over a population: its figures.

use std::ops::Range;

use cashless_registry::{Scope, Sector};

use super::bounds::{Measure, Sums};
use super::coverage::{Weights, coverage_of, together};
use super::members::Member;
use super::standing::Fact;
use super::verdict::{figures, verdict};
use crate::input::Input;
use crate::plan::{Group, Target, Variant};
use crate::ratio::{Ratio, Threshold};
use crate::result::{BoundSums, Coverage, Figures, Sum};
use crate::words::{Comparator, Metric, Reason, UseState, WeightKind};

/// What a figure is asked about.
#[derive(Clone)]
pub(super) struct Reading<'a> {
    pub(super) target_id: &'a str,
    pub(super) sector: Sector,
    pub(super) metric: Metric,
    pub(super) comparator: Comparator,
    pub(super) threshold: Threshold,
    scope: Scope,
    group: &'a Group,
    is_fee_collecting_only: bool,
    is_ministry_listed_only: bool,
    payments_min: i64,
    months_min: u32,
    methods_min: u8,
    pub(super) months: Range<usize>,
}

/// What one metric or several together come to, before anything is said about it.
#[derive(Clone, Copy)]
pub(super) struct Shares {
    pub(super) observed: Option<Ratio>,
    pub(super) low: Option<Ratio>,
    pub(super) high: Option<Ratio>,
    pub(super) high_is_open: bool,
    pub(super) imputed_n: u32,
    pub(super) coverage: Coverage,
    /// Why there is no figure, if there is none.
    pub(super) absent: Reason,
}

impl<'a> Reading<'a> {
    pub(super) fn of(input: &Input<'a>, sums: &Sums<'_>, target: &'a Target) -> Self {
        let all = u8::try_from(input.plan.method_families().len()).unwrap_or(u8::MAX);
        Self {
            target_id: &target.id,
            sector: target.sector,
            metric: target.metric,
            comparator: target.comparator,
            threshold: target.threshold,
            scope: target.scope,
            group: &target.group,
            is_fee_collecting_only: false,
            is_ministry_listed_only: false,
            payments_min: 1,
            months_min: 1,
            methods_min: target.methods_min.unwrap_or(all).min(all),
            months: sums.window.target_months(),
        }
    }

    pub(super) fn varied(&self, variant: &'a Variant) -> Self {
        let last = variant.last_months.and_then(|months| usize::try_from(months).ok());
        let from = last.map_or(self.months.start, |last| self.months.end.saturating_sub(last));
        Self {
            scope: variant.scope.unwrap_or(self.scope),
            group: variant.group.as_ref().unwrap_or(self.group),
            is_fee_collecting_only: variant.is_fee_collecting_only,
            is_ministry_listed_only: variant.is_ministry_listed_only,
            payments_min: variant.payments_min,
            months_min: variant.months_min,
            months: from.max(self.months.start)..self.months.end,
            ..self.clone()
        }
    }

    /// Whether an institution is in the population, active or not.
    pub(super) fn holds(&self, member: &Member<'_>) -> bool {
        let row = member.row;
        let fits = |is_empty: bool, contains: bool| is_empty || contains;
        let group = self.group;
        row.sector == self.sector
            && (self.scope == Scope::Extended || row.scope == Scope::Core)
            && (row.fee_collecting || !self.is_fee_collecting_only)
            && fits(group.types.is_empty(), group.types.contains(&row.institution_type))
            && fits(
                group.care_tiers.is_empty(),
                row.care_tier.is_some_and(|tier| group.care_tiers.contains(&tier)),
            )
            && fits(group.ownerships.is_empty(), group.ownerships.contains(&row.ownership))
            && fits(group.managed_by.is_empty(), group.managed_by.contains(&row.managed_by))
    }

    pub(super) fn figures(
        &self,
        input: &Input<'_>,
        sums: &Sums<'_>,
        facts: &[Fact],
        weights: &Weights,
    ) -> Figures {
        let shares = self.shares(input, sums, facts, weights);
        let percent = input.plan.settings.preliminary_coverage_percent;
        figures(&shares, self.threshold, verdict(&shares, self.comparator, self.threshold), percent)
    }

    fn shares(&self, input: &Input<'_>, sums: &Sums<'_>, facts: &[Fact], weights: &Weights) -> Shares {
        match self.metric {
            Metric::CountShare => cash_shares(&[self], Measure::Count, sums, weights),
            Metric::ValueShare => cash_shares(&[self], Measure::Value, sums, weights),
            Metric::MinimumFieldsShare => self.minimum_fields(sums, facts, weights),
            metric if metric.is_manual() => self.typed(input),
            _ => self.institutions(sums, facts, weights),
        }
    }

    fn population<'b>(&self, sums: &'b Sums<'_>) -> impl Iterator<Item = (usize, &'b Member<'b>)> {
        sums.members.iter().enumerate().filter(|(_, member)| self.holds(member))
    }

    /// The sums of a share with cash in its denominator, institution by institution.
    pub(super) fn bound_sums(&self, measure: Measure, sums: &Sums<'_>) -> BoundSums {
        self.population(sums)
            .fold(BoundSums::ZERO, |all, (number, _)| all.plus(sums.of(measure, number, self.months.clone())))
    }

    /// The coverage of a share with cash in its denominator: who has it in all months in which it is due.
    fn cash_coverage(&self, measure: Measure, sums: &Sums<'_>, weights: &Weights) -> Coverage {
        let covered = self.population(sums).filter_map(|(number, _)| {
            let cells = self.months.clone().map(|month| sums.cells.get(number, month));
            let mut due = cells.filter(|cell| cell.is_due()).peekable();
            due.peek()?;
            Some((number, due.all(|cell| measure.cash(cell).is_some())))
        });
        coverage_of(covered, weights, self.sector)
    }

    /// Institutions that are active or have money in these months.
    fn participants<'b>(&'b self, sums: &'b Sums<'_>) -> impl Iterator<Item = &'b Member<'b>> {
        let takes_part = |number, member: &Member<'_>| {
            self.months.clone().any(|month| {
                let is_active = member.active_months[month] && sums.window.has_begun(month);
                is_active || sums.cells.get(number, month).has_money()
            })
        };
        self.population(sums)
            .filter(move |(number, member)| takes_part(*number, member))
            .map(|(_, member)| member)
    }

    fn minimum_fields(&self, sums: &Sums<'_>, facts: &[Fact], weights: &Weights) -> Shares {
        let (mut with, mut of) = (0i128, 0i128);
        for (number, _) in self.population(sums) {
            with += i128::from(facts[number].receipts.minimum_fields_n);
            of += i128::from(facts[number].receipts.n);
        }
        let share = Ratio::new(with, of);
        let known = self.population(sums).map(|(number, _)| (number, true));
        exact(share, coverage_of(known, weights, self.sector), Reason::NoFigure)
    }

    /// Shares of institutions, at the reference instant.
    fn institutions(&self, sums: &Sums<'_>, facts: &[Fact], weights: &Weights) -> Shares {
        let (mut yes, mut surely, mut unknown, mut of) = (0i128, 0i128, 0i128, 0i128);
        let mut known = Vec::new();
        for (number, member) in self.population(sums).filter(|(_, member)| member.is_active) {
            let fact = &facts[number];
            let state = self.state_of(member, fact, fact.receipts.n);
            of += 1;
            yes += i128::from(state == UseState::Yes);
            surely += i128::from(self.state_of(member, fact, fact.n_at_least) == UseState::Yes);
            unknown += i128::from(state == UseState::Unknown);
            known.push((number, state != UseState::Unknown));
        }
        let coverage = coverage_of(known.into_iter(), weights, self.sector);
        let shares = exact(Ratio::new(yes, of), coverage, Reason::EmptyPopulation);
        Shares { low: Ratio::new(surely, of), high: Ratio::new(yes + unknown, of), ..shares }
    }

    fn state_of(&self, member: &Member<'_>, fact: &Fact, payments_n: i64) -> UseState {
        let is_so = match self.metric {
            Metric::PlatformShare if self.is_ministry_listed_only => member.has_listed_platform,
            Metric::PlatformShare => member.has_platform,
            Metric::AcceptShare => member.accepts,
            Metric::MethodsReady => member.methods_ready >= self.methods_min,
            Metric::InstallAndUseShare if !member.is_installed => false,
            _ => {
                let is_used =
                    payments_n >= self.payments_min && u32::from(fact.months_used) >= self.months_min;
                return match is_used {
                    true => UseState::Yes,
                    false if member.is_open => UseState::Unknown,
                    false => UseState::No,
                };
            }
        };
        if is_so { UseState::Yes } else { UseState::No }
    }

    /// What the department typed for the reference date.
    fn typed(&self, input: &Input<'_>) -> Shares {
        let day = input.plan.reference_date;
        let rows = input.registry.indicators.get(self.target_id).map_or(&[][..], Vec::as_slice);
        let row = rows.iter().rfind(|row| row.valid.contains(day));
        let none = Coverage { n: 0, of: 0, weight: 0, weight_of: 0, weight_kind: WeightKind::Institutions };
        let share = row.and_then(|row| Ratio::new(row.numerator.into(), row.denominator.into()));
        exact(share, none, Reason::NothingTyped)
    }
}

/// One reading of a share with cash in its denominator, or several as one sum.
fn cash_shares(readings: &[&Reading<'_>], measure: Measure, sums: &Sums<'_>, weights: &Weights) -> Shares {
    let all =
        readings.iter().fold(BoundSums::ZERO, |all, reading| all.plus(reading.bound_sums(measure, sums)));
    let participants = || readings.iter().flat_map(|reading| reading.participants(sums));
    let coverages = readings.iter().map(|reading| reading.cash_coverage(measure, sums, weights));
    Shares {
        observed: all.observed.share(),
        low: all.low.and_then(Sum::share),
        high: all.high.share(),
        high_is_open: participants().any(|member| member.is_open),
        imputed_n: all.imputed_n,
        coverage: together(coverages),
        absent: if participants().next().is_none() { Reason::EmptyPopulation } else { Reason::NoFigure },
    }
}

/// The figures of several readings as one sum.
pub(super) fn pooled(
    readings: &[&Reading<'_>],
    sums: &Sums<'_>,
    weights: &Weights,
    preliminary_coverage_percent: u8,
) -> Option<Figures> {
    let first = readings.first()?;
    let measure = if first.metric == Metric::ValueShare { Measure::Value } else { Measure::Count };
    let shares = cash_shares(readings, measure, sums, weights);
    let verdict = verdict(&shares, first.comparator, first.threshold);
    Some(figures(&shares, first.threshold, verdict, preliminary_coverage_percent))
}

/// A share that nothing is missing from.
fn exact(share: Option<Ratio>, coverage: Coverage, absent: Reason) -> Shares {
    Shares { observed: share, low: share, high: share, high_is_open: false, imputed_n: 0, coverage, absent }
}
