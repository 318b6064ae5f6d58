//! What an evaluation says, as the warehouse keeps it.

use cashless_evaluation::{
    Comparator, Evaluation, Figures, InstitutionMonth, InstitutionStanding, Metric, PairResult, Plan, Ratio,
    TargetResult, Threshold, UseState, VariantResult, Verdict,
};
use cashless_registry::{CareTier, Sector};
use cashless_warehouse::{MonthRow, ProgressRow, StandingRow};

const TARGET: i8 = 1;
const PAIR: i8 = 2;
const VARIANT: i8 = 3;

/// Everything that is kept of one evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Rows {
    pub(crate) progress: Vec<ProgressRow>,
    pub(crate) standings: Vec<StandingRow>,
    pub(crate) months: Vec<MonthRow>,
}

impl Rows {
    /// The rows of an evaluation of a plan.
    pub(crate) fn of(plan: &Plan, evaluation: &Evaluation) -> Self {
        let of_plan =
            ProgressRow { plan_id: plan.id.clone(), plan_version: plan.version, ..ProgressRow::default() };
        let mut progress = Vec::new();
        for target in &evaluation.targets {
            progress.push(of_target(target, &of_plan));
            progress.extend(target.variants.iter().map(|variant| of_variant(variant, &of_plan)));
        }
        for pair in &evaluation.pairs {
            progress.push(of_pair(pair, &evaluation.targets, &of_plan));
            progress.extend(pair.pooled.iter().map(|variant| of_variant(variant, &of_plan)));
        }
        Self {
            progress,
            standings: evaluation.institutions.iter().map(|standing| of_standing(standing, plan)).collect(),
            months: evaluation.months.iter().map(|month| of_month(month, plan)).collect(),
        }
    }
}

fn of_target(target: &TargetResult, of_plan: &ProgressRow) -> ProgressRow {
    let (figures, pace) = (&target.figures, &target.pace);
    let question = measured(Some(target.sector), target.metric, target.comparator, target.threshold, of_plan);
    ProgressRow {
        target_id: target.id.clone(),
        row_kind: TARGET,
        title_vi: target.title_vi.clone(),
        months_left: pace.months_left,
        required_display: pace.required_display.clone(),
        required_institutions: pace.required_institutions,
        projected_display: pace.projected_display.clone(),
        projection_basis: pace.projection_basis.clone(),
        ..with_figures(figures, question)
    }
}

fn of_variant(variant: &VariantResult, of_plan: &ProgressRow) -> ProgressRow {
    let question = measured(variant.sector, variant.metric, variant.comparator, variant.threshold, of_plan);
    ProgressRow {
        target_id: variant.id.clone(),
        row_kind: VARIANT,
        title_vi: variant.title_vi.clone(),
        ..with_figures(&variant.figures, question)
    }
}

/// A pair has a verdict and no share of its own: its threshold is 0 of 0.
fn of_pair(pair: &PairResult, targets: &[TargetResult], of_plan: &ProgressRow) -> ProgressRow {
    let members = || targets.iter().filter(|target| pair.all_of.contains(&target.id));
    let first = members().next().map(|target| target.sector);
    let is_of_one_sector = members().all(|target| Some(target.sector) == first);
    ProgressRow {
        target_id: pair.id.clone(),
        row_kind: PAIR,
        title_vi: pair.title_vi.clone(),
        sector: first.filter(|_| is_of_one_sector).map_or("", Sector::name).to_owned(),
        metric: "all_of".to_owned(),
        comparator: comparator(Comparator::AtLeast),
        verdict: verdict(pair.verdict),
        reason: pair.reason.name().to_owned(),
        is_preliminary: members().any(|target| target.figures.is_preliminary),
        high_is_open: members().any(|target| target.figures.high_is_open),
        months_left: members().map(|target| target.pace.months_left).max().unwrap_or_default(),
        ..of_plan.clone()
    }
}

fn measured(
    sector: Option<Sector>,
    metric: Metric,
    compared: Comparator,
    threshold: Threshold,
    of_plan: &ProgressRow,
) -> ProgressRow {
    ProgressRow {
        sector: sector.map_or("", Sector::name).to_owned(),
        metric: metric.name().to_owned(),
        comparator: comparator(compared),
        threshold: (threshold.numerator, threshold.denominator),
        ..of_plan.clone()
    }
}

fn with_figures(figures: &Figures, row: ProgressRow) -> ProgressRow {
    let coverage = figures.coverage;
    ProgressRow {
        observed: parts(figures.observed),
        low: parts(figures.low),
        high: parts(figures.high),
        display: figures.display.clone(),
        low_display: figures.low_display.clone(),
        high_display: figures.high_display.clone(),
        verdict: verdict(figures.verdict),
        reason: figures.reason.name().to_owned(),
        high_is_open: figures.high_is_open,
        coverage_n: coverage.n,
        coverage_of: coverage.of,
        coverage_weight: coverage.weight,
        coverage_weight_of: coverage.weight_of,
        weight_kind: coverage.weight_kind.name().to_owned(),
        is_preliminary: figures.is_preliminary,
        imputed_n: figures.imputed_n,
        ..row
    }
}

fn of_standing(standing: &InstitutionStanding, plan: &Plan) -> StandingRow {
    StandingRow {
        plan_id: plan.id.clone(),
        institution_id: standing.institution_id.clone(),
        plan_version: plan.version,
        sector: standing.sector.name().to_owned(),
        institution_type: standing.institution_type.name().to_owned(),
        ownership: standing.ownership.name().to_owned(),
        managed_by: standing.managed_by.name().to_owned(),
        care_tier: standing.care_tier.map_or("", CareTier::name).to_owned(),
        scope: standing.scope.name().to_owned(),
        unit_code: standing.unit_code.clone(),
        district_code: standing.district_code.clone(),
        parent_id: standing.parent_id.clone(),
        is_active: standing.is_active,
        is_fee_collecting: standing.is_fee_collecting,
        weight: standing.weight,
        size_band: standing.size_band.clone(),
        n: standing.receipts.n,
        net_dong: standing.receipts.net_dong,
        gross_dong: standing.receipts.gross_dong,
        cash_n: standing.cash_n,
        cash_dong: standing.cash_dong,
        count_low: parts(standing.count.low.and_then(cashless_evaluation::Sum::share)),
        value_low: parts(standing.value.low.and_then(cashless_evaluation::Sum::share)),
        count_display: standing.count_display.clone(),
        value_display: standing.value_display.clone(),
        methods_ready: standing.methods_ready,
        minfields: (standing.receipts.minimum_fields_n, standing.receipts.n),
        score_millionths: standing.score_millionths,
        rank: standing.rank,
        unranked_reason: standing.unranked_reason.map_or("", |reason| reason.name()).to_owned(),
        months_used: standing.months_used,
        months_active: standing.months_active,
        months_declared_count: standing.months_declared_count,
        months_declared_value: standing.months_declared_value,
        uses: match standing.uses {
            UseState::No => 0,
            UseState::Yes => 1,
            UseState::Unknown => 2,
        },
        accepts: standing.accepts,
        has_platform: standing.has_platform,
        has_listed_platform: standing.has_listed_platform,
        is_open: standing.is_open,
        installed: standing.is_installed,
        is_removed: false,
    }
}

fn of_month(month: &InstitutionMonth, plan: &Plan) -> MonthRow {
    MonthRow {
        plan_id: plan.id.clone(),
        institution_id: month.institution_id.clone(),
        month: month.month,
        plan_version: plan.version,
        n: month.receipts.n,
        net_dong: month.receipts.net_dong,
        gross_dong: month.receipts.gross_dong,
        cash_n: month.cash_n,
        cash_dong: month.cash_dong,
        states: month.states.iter().map(|state| state.name().to_owned()).collect(),
        source_used: month.source_used.map_or("", |source| source.name()).to_owned(),
        imputed_low_n: month.imputed_low_n,
        imputed_low_dong: month.imputed_low_dong,
        exported_n: month.exported_n,
        exported_dong: month.exported_dong,
        is_removed: false,
    }
}

fn parts(ratio: Option<Ratio>) -> Option<(i128, i128)> {
    ratio.map(|ratio| (ratio.numerator(), ratio.denominator()))
}

const fn comparator(comparator: Comparator) -> i8 {
    match comparator {
        Comparator::AtLeast => 1,
        Comparator::Above => 2,
    }
}

const fn verdict(verdict: Verdict) -> i8 {
    match verdict {
        Verdict::Achieved => 1,
        Verdict::Missed => 2,
        Verdict::Undetermined => 3,
    }
}
