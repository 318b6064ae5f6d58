//! The evaluation: every figure of a plan from its inputs, and from nothing else.

mod bounds;
mod cells;
mod coverage;
mod members;
mod pace;
mod ranking;
mod reading;
mod standing;
mod verdict;
mod window;

use cashless_registry::{Scope, Sector};

use self::bounds::Sums;
use self::cells::Cells;
use self::coverage::Weights;
use self::reading::Reading;
use self::window::Window;
use crate::input::Input;
use crate::plan::{Pair, Target};
use crate::ratio::Ratio;
use crate::result::{
    BoundSums, Evaluation, InstitutionStanding, PairResult, Receipts, SectorSummary, TargetResult,
    VariantResult,
};

/// Evaluates a plan.
#[must_use]
pub fn evaluate(input: &Input<'_>) -> Evaluation {
    let plan = input.plan;
    let window = Window::new(plan.target_year, input.today);
    let (members, unlocated) = members::members(input, &window);
    let cells = Cells::new(input, &window, &members);
    let sums = Sums::new(&members, &cells, &window, &plan.settings);
    let weights = Weights::new(&sums);
    let facts = standing::facts(&sums);
    let figures = |reading: &Reading<'_>| reading.figures(input, &sums, &facts, &weights);

    let target_result = |target: &Target| {
        let reading = Reading::of(input, &sums, target);
        let of_target = figures(&reading);
        let variants = plan.variants.iter().filter(|variant| variant.targets.contains(&target.id));
        TargetResult {
            id: target.id.clone(),
            title_vi: target.title_vi.clone(),
            sector: target.sector,
            metric: target.metric,
            comparator: target.comparator,
            threshold: target.threshold,
            pace: pace::pace(input, &sums, &reading, &of_target),
            figures: of_target,
            variants: variants
                .map(|variant| VariantResult {
                    id: format!("{}/{}", target.id, variant.id),
                    title_vi: variant.title_vi.clone(),
                    sector: Some(target.sector),
                    metric: target.metric,
                    comparator: target.comparator,
                    threshold: target.threshold,
                    figures: figures(&reading.varied(variant)),
                })
                .collect(),
        }
    };
    let targets: Vec<TargetResult> = plan.targets.iter().map(target_result).collect();
    let pair_result = |pair: &Pair| {
        let members = || targets.iter().filter(|target| pair.all_of.contains(&target.id));
        let (verdict, reason) = verdict::pair_verdict(members().map(|member| member.figures.verdict));
        PairResult {
            id: pair.id.clone(),
            title_vi: pair.title_vi.clone(),
            all_of: pair.all_of.clone(),
            verdict,
            reason,
            pooled: pooled(input, &sums, &weights, pair),
        }
    };
    let pairs = plan.pairs.iter().map(pair_result).collect();
    let mut institutions = standing::standings(plan, &sums, &facts, &weights);
    ranking::rank(plan, &mut institutions);
    Evaluation {
        plan_id: plan.id.clone(),
        plan_version: plan.version,
        today: input.today,
        is_year_over: window.is_over(),
        targets,
        pairs,
        sectors: Sector::ALL.iter().map(|sector| summary(input, *sector, &institutions)).collect(),
        months: standing::months(plan, &sums),
        institutions,
        unknown: cells.unknown,
        unlocated,
    }
}

/// The members of a pair as one share, where the plan asks for it.
fn pooled(input: &Input<'_>, sums: &Sums<'_>, weights: &Weights, pair: &Pair) -> Option<VariantResult> {
    let members = input.plan.targets.iter().filter(|target| pair.all_of.contains(&target.id));
    let readings: Vec<_> = members.map(|target| Reading::of(input, sums, target)).collect();
    let first = readings.first().filter(|_| pair.is_pooled)?;
    let percent = input.plan.settings.preliminary_coverage_percent;
    let figures = reading::pooled(&readings.iter().collect::<Vec<_>>(), sums, weights, percent)?;
    let is_one_sector = readings.iter().all(|reading| reading.sector == first.sector);
    Some(VariantResult {
        id: format!("{}/pooled", pair.id),
        title_vi: format!("{} (gộp chung)", pair.title_vi),
        sector: is_one_sector.then_some(first.sector),
        metric: first.metric,
        comparator: first.comparator,
        threshold: first.threshold,
        figures,
    })
}

/// A sector's core institutions together.
fn summary(input: &Input<'_>, sector: Sector, institutions: &[InstitutionStanding]) -> SectorSummary {
    let core = || institutions.iter().filter(|one| one.sector == sector && one.scope == Scope::Core);
    let receipts = core().fold(Receipts::default(), |all, one| all.plus(one.receipts));
    let mut histogram = vec![0; input.plan.method_families().len() + 1];
    let mut institutions_n = 0;
    for one in core().filter(|one| one.is_active) {
        institutions_n += 1;
        if let Some(place) = histogram.get_mut(usize::from(one.methods_ready)) {
            *place += 1;
        }
    }
    SectorSummary {
        sector,
        institutions_n,
        receipts,
        count: core().fold(BoundSums::ZERO, |all, one| all.plus(one.count)),
        value: core().fold(BoundSums::ZERO, |all, one| all.plus(one.value)),
        methods_ready_histogram: histogram,
        minimum_fields: Ratio::new(receipts.minimum_fields_n.into(), receipts.n.into()),
    }
}
