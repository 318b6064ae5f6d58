//! How far each target (chỉ tiêu) of a plan (kế hoạch) is: numerator, denominator, bounds and a verdict.
//!
//! [`Plan::parse`] reads a plan file and tells everything that is wrong with it; [`evaluate()`] gives every figure of a
//! plan from the registry, counted money and declared cash; [`breakdown()`] gives the same in parts. The rules are told to
//! officials in `deploy/plans/README.md`.
//!
//! Promises: whole numbers only, compared exactly at any size; a missing declaration is never read as zero; a verdict
//! rests on bounds, and what cannot be known is undetermined; equal inputs give equal results, whatever the order of
//! their rows. There is no clock: the day is an input.
//!
//! Left to others: which payments are counted and whose they are (`rollup`, `warehouse`), where declarations come from,
//! when to evaluate and what to keep (`tracker`), and what a report freezes.
//!
//! ```
//! use cashless_domain::{BusinessDate, CashDeclaration, DeclarationSource, SourceId, Timestamp};
//! use cashless_evaluation::{Declared, Flow, Input, Plan, evaluate};
//! use cashless_registry::{
//!     InstitutionRow, InstitutionStatus, InstitutionType, Interval, ManagedBy, Ownership, Registry, Scope, Sector,
//! };
//!
//! let plan = Plan::parse(r#"{
//!     "schema_version": 1, "id": "EXAMPLE", "version": 1, "title_vi": "Kế hoạch ví dụ", "issuer_vi": "UBND tỉnh",
//!     "territory": {"province_codes": ["67"]},
//!     "target_year": {"from": "2022-01-01", "to": "2022-02-01"}, "reference_date": "2022-01-31",
//!     "targets": [{
//!         "id": "EXAMPLE-C", "title_vi": "Tỷ lệ số lượng giao dịch", "text_vi": "đạt tối thiểu 40%", "section": "I",
//!         "sector": "education", "metric": "count_share", "comparator": ">=",
//!         "threshold": {"numerator": 40, "denominator": 100}, "period": "target_year", "scope": "core"
//!     }]
//! }"#).expect("a plan");
//! let day = |text| BusinessDate::parse(text).expect("a date");
//! let school = InstitutionRow {
//!     valid: Interval { from: day("2020-01-01"), to: Interval::OPEN }, name: "Trường Ví Dụ".into(),
//!     sector: Sector::Education, institution_type: InstitutionType::Primary, ownership: Ownership::Public,
//!     managed_by: ManagedBy::Province, care_tier: None, scope: Scope::Core, unit_code: "67".into(),
//!     unit_name: "Đăk Nông".into(), parent_id: String::new(), status: InstitutionStatus::Active, learners: 500,
//!     visits: 0, beds: 0, fee_collecting: true,
//! };
//! let mut registry = Registry::default();
//! registry.institutions.insert("S1".into(), vec![school]);
//! let at = Timestamp::parse_rfc3339("2022-02-03T09:00:00+07:00").expect("a time");
//! let paid = Flow {
//!     institution_id: "S1".into(), month: day("2022-01-01"), n: 60, gross_dong: 30_000_000, net_dong: 30_000_000,
//!     all_fields_n: 0, without_beneficiary_n: 0,
//! };
//! let cash = CashDeclaration {
//!     institution_id: "S1".into(), month: day("2022-01-01"), source: DeclarationSource::Declaration, version: 1,
//!     cash_n: Some(40), cash_dong: 20_000_000, cash_refunds_dong: 0, exported_cashless: vec![],
//!     signer_role: "kế toán".into(), declared_at: at, recorded_at: at, channel: SourceId::new("file").expect("a name"),
//! };
//! let evaluation = evaluate(&Input {
//!     plan: &plan,
//!     registry: &registry,
//!     flows: &[paid],
//!     lookalikes: &[],
//!     declarations: &[Declared { declaration: cash, first_recorded_at: at }],
//!     today: day("2022-02-10"),
//! });
//! let target = &evaluation.targets[0];
//! assert_eq!(target.figures.display, "60.00");
//! assert_eq!(target.figures.verdict.vietnamese(), "đạt");
//! ```

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
pub use input::{Declared, Flow, Input, Lookalikes};
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
