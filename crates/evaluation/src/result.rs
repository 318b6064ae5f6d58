//! What an evaluation says.

use cashless_domain::{BusinessDate, DeclarationSource};
use cashless_registry::{CareTier, InstitutionType, ManagedBy, Ownership, Scope, Sector};
use serde::{Serialize, Serializer};

use crate::ratio::{Ratio, Threshold};
use crate::words::{Comparator, Metric, MonthState, Reason, UnrankedReason, UseState, Verdict, WeightKind};

/// Every result of a plan on a day. Equal inputs give equal results, in any order of their rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evaluation {
    /// The plan.
    pub plan_id: String,
    /// Its version.
    pub plan_version: u32,
    /// The day for which it was evaluated.
    #[serde(serialize_with = "as_text")]
    pub today: BusinessDate,
    /// Whether the target year is over. Until then every figure is "so far".
    pub is_year_over: bool,
    /// The targets, in the order of the plan.
    pub targets: Vec<TargetResult>,
    /// The pairs, in the order of the plan.
    pub pairs: Vec<PairResult>,
    /// What belongs to each sector as a whole.
    pub sectors: Vec<SectorSummary>,
    /// Every institution that has to do with the plan, by id.
    pub institutions: Vec<InstitutionStanding>,
    /// Their months in the target year so far, by institution and month.
    pub months: Vec<InstitutionMonth>,
    /// Money of the target year that belongs to no institution of the plan: visible, and in no share.
    pub unknown: Receipts,
    /// Institutions that are registered in the target year, but whose unit leads to no province: in no share.
    pub unlocated: Vec<String>,
}

/// How far a target is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetResult {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title_vi: String,
    /// Whose.
    pub sector: Sector,
    /// What is measured.
    pub metric: Metric,
    /// How it is compared.
    pub comparator: Comparator,
    /// With what.
    pub threshold: Threshold,
    /// The figures that the verdict rests on.
    pub figures: Figures,
    /// What is left to do.
    pub pace: Pace,
    /// Other readings, in the order of the plan.
    pub variants: Vec<VariantResult>,
}

/// How far targets are that have to be met together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PairResult {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title_vi: String,
    /// Its members.
    pub all_of: Vec<String>,
    /// Achieved if all are, missed if one is, else undetermined.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// The members' sums as one share, where the plan asks for it. It has no say in the verdict.
    pub pooled: Option<VariantResult>,
}

/// Another reading, shown beside a target or a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VariantResult {
    /// `TARGET/VARIANT`.
    pub id: String,
    /// Its title.
    pub title_vi: String,
    /// The target's sector; nothing if it pools two.
    pub sector: Option<Sector>,
    /// What is measured.
    pub metric: Metric,
    /// How it is compared.
    pub comparator: Comparator,
    /// With what.
    pub threshold: Threshold,
    /// Its figures, with the verdict that they would give.
    pub figures: Figures,
}

/// A share with its bounds, and what they say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Where the denominator is known; nothing if there is none.
    pub observed: Option<Ratio>,
    /// At least so much; nothing if nothing bounds it.
    pub low: Option<Ratio>,
    /// At most so much, unless it is open.
    pub high: Option<Ratio>,
    /// Whether money may have come in that we cannot see: the upper bound bounds nothing then.
    pub high_is_open: bool,
    /// Observed in percent; empty = no data.
    pub display: String,
    /// The lower bound in percent; empty = none.
    pub low_display: String,
    /// The upper bound in percent; empty = none.
    pub high_display: String,
    /// What the bounds say.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// How much of the population is covered.
    pub coverage: Coverage,
    /// Whether too little weight is covered (sơ bộ).
    pub is_preliminary: bool,
    /// Institution-months whose cash was imputed for the lower bound.
    pub imputed_n: u32,
}

/// How much of a population has its denominator, or a known state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Institutions that are covered.
    pub n: u32,
    /// Of so many.
    pub of: u32,
    /// Their weight.
    pub weight: u64,
    /// Of so much.
    pub weight_of: u64,
    /// What is weighed.
    pub weight_kind: WeightKind,
}

/// What is left to do for a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pace {
    /// Months of the target year that have not ended, the running one among them.
    pub months_left: u16,
    /// The share that the months left need together, compared as the target is; may be above 1, and below 0.
    pub required: Option<Ratio>,
    /// It in percent, rounded up; empty = cannot be said.
    pub required_display: String,
    /// Of a share of institutions: how many more are needed.
    pub required_institutions: Option<u64>,
    /// The share at the end of the target year if it goes on like this.
    pub projected: Option<Ratio>,
    /// It in percent; empty = cannot be said.
    pub projected_display: String,
    /// What required and projected rest on, in words (Vietnamese).
    pub projection_basis: String,
}

/// Money received cashless, by month sums of a day's ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Receipts {
    /// Counted payments.
    pub n: i64,
    /// Their dong.
    pub gross_dong: i128,
    /// Their dong less refunds; may be negative.
    pub net_dong: i128,
    /// Payments of `n` with the minimum fields of their sector.
    pub minimum_fields_n: i64,
}

/// Cashless and cash of some institution-months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Sum {
    /// Cashless: payments or dong.
    pub cashless: i128,
    /// Cash: receipts or dong.
    pub cash: i128,
}

/// Bounds of one institution's share, or of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BoundSums {
    /// Months with a denominator.
    pub observed: Sum,
    /// With imputed cash; nothing if a month cannot be imputed.
    pub low: Option<Sum>,
    /// With missing cash as nothing, and exported figures in the place of ours where ours are incomplete.
    pub high: Sum,
    /// Months whose cash was imputed.
    pub imputed_n: u32,
}

/// What belongs to a sector as a whole: its core institutions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SectorSummary {
    /// Which.
    pub sector: Sector,
    /// Core institutions at the reference instant.
    pub institutions_n: u32,
    /// Counted money of the target year.
    pub receipts: Receipts,
    /// Shares in number.
    pub count: BoundSums,
    /// Shares in value.
    pub value: BoundSums,
    /// How many institutions have 0, 1, 2, … of the required families of methods ready.
    pub methods_ready_histogram: Vec<u32>,
    /// Counted payments with the minimum fields, of all.
    pub minimum_fields: Option<Ratio>,
}

/// How an institution stands in a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that officials ask for")]
pub struct InstitutionStanding {
    /// Its id.
    pub institution_id: String,
    /// Its name.
    pub name: String,
    /// Whose targets it belongs to.
    pub sector: Sector,
    /// What it is.
    pub institution_type: InstitutionType,
    /// Who owns it.
    pub ownership: Ownership,
    /// Who runs it.
    pub managed_by: ManagedBy,
    /// Its level of care.
    pub care_tier: Option<CareTier>,
    /// Core or extended.
    pub scope: Scope,
    /// Its administrative unit.
    pub unit_code: String,
    /// The district (huyện) of its unit; empty where there is none, as since July 2025.
    pub district_code: String,
    /// The institution that it belongs to, or empty.
    pub parent_id: String,
    /// Its band of size.
    pub size_band: String,
    /// Whether it collects fees.
    pub is_fee_collecting: bool,
    /// Whether it is active at the reference instant, and so in every stock figure.
    pub is_active: bool,
    /// What it is weighed with in coverage.
    pub weight: u64,
    /// Counted money of the target year.
    pub receipts: Receipts,
    /// Declared cash receipts; nothing if none are declared.
    pub cash_n: Option<i64>,
    /// Net dong of declared cash; nothing if none is declared.
    pub cash_dong: Option<i128>,
    /// Its share in number.
    pub count: BoundSums,
    /// Its share in value.
    pub value: BoundSums,
    /// Lower bound of its share in number, in percent; empty = none.
    pub count_display: String,
    /// Lower bound of its share in value, in percent; empty = none.
    pub value_display: String,
    /// Required families of methods that it declares ready.
    pub methods_ready: u8,
    /// Whether it has a platform of its sector.
    pub has_platform: bool,
    /// Whether it has one that the ministry lists.
    pub has_listed_platform: bool,
    /// Whether it declares to accept and has a receiving identifier.
    pub accepts: bool,
    /// Whether any family of methods is declared installed.
    pub is_installed: bool,
    /// Whether it uses cashless payment.
    pub uses: UseState,
    /// Whether money of it may have gone unseen: an identifier of a provider that is silent or not connected.
    pub is_open: bool,
    /// Months with a counted payment.
    pub months_used: u16,
    /// Months so far that have ended and in which it was active on the 1st.
    pub months_active: u16,
    /// Of these, months with a number of cash receipts.
    pub months_declared_count: u16,
    /// Of these, months with a value of cash.
    pub months_declared_value: u16,
    /// Its score in millionths of a point, of 100 points.
    pub score_millionths: i64,
    /// Its rank among its peers; 0 = not ranked.
    pub rank: u32,
    /// Why it is not ranked.
    pub unranked_reason: Option<UnrankedReason>,
}

/// What is known of an institution in a month of the target year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstitutionMonth {
    /// The institution.
    pub institution_id: String,
    /// The first day of the month.
    #[serde(serialize_with = "as_text")]
    pub month: BusinessDate,
    /// Counted money.
    pub receipts: Receipts,
    /// Cash receipts by the standing declaration.
    pub cash_n: Option<i64>,
    /// Net dong of cash by the standing declaration.
    pub cash_dong: Option<i128>,
    /// All that is so of it.
    pub states: Vec<MonthState>,
    /// Where the value of cash comes from. The number comes from the same source, unless that is a total of invoices.
    pub source_used: Option<DeclarationSource>,
    /// Cash receipts imputed for the lower bound.
    pub imputed_low_n: Option<i64>,
    /// Dong of cash imputed for the lower bound.
    pub imputed_low_dong: Option<i128>,
    /// Cashless payments that its own software reports.
    pub exported_n: Option<i64>,
    /// Their dong.
    pub exported_dong: Option<i128>,
}

impl Sum {
    /// The share of cashless in it, if there is a figure.
    #[must_use]
    pub fn share(self) -> Option<Ratio> {
        Ratio::new(self.cashless, self.cashless.saturating_add(self.cash))
    }

    /// Both together, part by part.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            cashless: self.cashless.saturating_add(other.cashless),
            cash: self.cash.saturating_add(other.cash),
        }
    }
}

impl BoundSums {
    /// Of no institution.
    pub const ZERO: Self = {
        let nothing = Sum { cashless: 0, cash: 0 };
        Self { observed: nothing, low: Some(nothing), high: nothing, imputed_n: 0 }
    };

    /// Both together. Without one lower bound there is none of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            observed: self.observed.plus(other.observed),
            low: self.low.zip(other.low).map(|(one, other)| one.plus(other)),
            high: self.high.plus(other.high),
            imputed_n: self.imputed_n + other.imputed_n,
        }
    }
}

impl Receipts {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            n: self.n.saturating_add(other.n),
            gross_dong: self.gross_dong.saturating_add(other.gross_dong),
            net_dong: self.net_dong.saturating_add(other.net_dong),
            minimum_fields_n: self.minimum_fields_n.saturating_add(other.minimum_fields_n),
        }
    }
}

fn as_text<S: Serializer>(day: &BusinessDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}
