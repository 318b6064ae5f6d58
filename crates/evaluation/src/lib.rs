//! How far each target of a plan is.

mod breakdown;
mod evaluate;
mod input;
mod month;
mod plan;
mod ratio;
mod result;
mod words;

pub use breakdown::{By, Part, breakdown};
pub use evaluate::evaluate;
pub use input::{Declared, Flow, Input};
pub use plan::{
    FieldRule, Group, Pair, Plan, PlanError, PlanProblem, RankingWeights, ReportingLine, Settings, SizeBand,
    Target, Variant,
};
pub use ratio::{Ratio, Threshold};
pub use result::{
    BoundSums, Coverage, Evaluation, Figures, InstitutionMonth, InstitutionStanding, Pace, PairResult,
    Receipts, SectorSummary, Sum, TargetResult, VariantResult,
};
pub use words::{
    Comparator, Metric, MinimumField, MonthState, Period, Reason, UnrankedReason, UseState, Verdict,
    WeightKind,
};
