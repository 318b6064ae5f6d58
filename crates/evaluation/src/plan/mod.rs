//! A plan (kế hoạch) as data: targets, populations, thresholds, and every number that a rule needs.

mod error;
mod parse;
mod reader;
mod settings;
mod targets;

use cashless_domain::BusinessDate;
use cashless_registry::{
    CareTier, InstitutionType, Interval, ManagedBy, MethodFamily, Ownership, Scope, Sector,
};

use crate::ratio::Threshold;
use crate::words::{Comparator, Metric, MinimumField};

pub use error::{PlanError, PlanProblem};
pub use settings::{RankingWeights, Settings, SizeBand};

/// A plan, read from its file by [`Plan::parse`] and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Its id, such as `DN-2022`.
    pub id: String,
    /// Counts the versions of the file; other content needs a higher one.
    pub version: u32,
    /// Its title (tên kế hoạch).
    pub title_vi: String,
    /// Number and symbol (số, ký hiệu), where known.
    pub number: Option<String>,
    /// The day of its signature, where known.
    pub issued: Option<BusinessDate>,
    /// Who issued it (cơ quan ban hành).
    pub issuer_vi: String,
    /// Codes of the provinces in which its institutions are located (trên địa bàn). Targets are never inherited by a
    /// successor: it is not in here.
    pub province_codes: Vec<String>,
    /// Codes of the provinces that came after, for readers only.
    pub successor_province_codes: Vec<String>,
    /// Whole months; flow metrics are over these.
    pub target_year: Interval,
    /// Stock metrics are as at the end of this day.
    pub reference_date: BusinessDate,
    /// The families of methods that have to be ready, where the plan names them.
    pub method_families_required: Option<Vec<MethodFamily>>,
    /// Whether the beneficiary's name is a required minimum field in education; nothing where the plan names no fields.
    pub minimum_fields_education: Option<Vec<FieldRule>>,
    /// The same in health.
    pub minimum_fields_health: Option<Vec<FieldRule>>,
    /// What is to be reached.
    pub targets: Vec<Target>,
    /// Targets that have to be met together.
    pub pairs: Vec<Pair>,
    /// What is shown beside targets, without a say in their verdicts.
    pub variants: Vec<Variant>,
    /// Who reports to whom, and by when.
    pub reporting: Vec<ReportingLine>,
    /// Texts that it rests on (căn cứ).
    pub legal_bases_vi: Vec<String>,
    /// What its text leaves open.
    pub not_stated: Vec<String>,
    /// The numbers of the rules.
    pub settings: Settings,
}

/// What a plan says of one minimum field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRule {
    /// Which.
    pub code: MinimumField,
    /// In the words of the plan.
    pub title_vi: String,
    /// Whether the minimum is met only with it.
    pub is_required: bool,
}

/// A target (chỉ tiêu).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its id, such as `DN-T3-EDU-C`.
    pub id: String,
    /// A short title for tables.
    pub title_vi: String,
    /// The words of the plan.
    pub text_vi: String,
    /// Where they stand.
    pub section: String,
    /// Whose institutions.
    pub sector: Sector,
    /// What is measured.
    pub metric: Metric,
    /// How it is compared.
    pub comparator: Comparator,
    /// With what.
    pub threshold: Threshold,
    /// `core`, or `extended` for core and extended institutions together.
    pub scope: Scope,
    /// Only these of the sector's institutions.
    pub group: Group,
    /// Of [`Metric::MethodsReady`]: how many families suffice; all required ones if nothing is said.
    pub methods_min: Option<u8>,
    /// How an unclear text was read.
    pub note: String,
}

/// Some of a sector's institutions: those that fit every list that is not empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// By type.
    pub types: Vec<InstitutionType>,
    /// By level of care (tuyến).
    pub care_tiers: Vec<CareTier>,
    /// By ownership.
    pub ownerships: Vec<Ownership>,
    /// By who runs it.
    pub managed_by: Vec<ManagedBy>,
}

/// Targets that have to be met together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Its id, such as `DN-T3-EDU`.
    pub id: String,
    /// A title for tables.
    pub title_vi: String,
    /// Ids of its targets.
    pub all_of: Vec<String>,
    /// Whether the members' sums are also shown as one share. They have one metric then.
    pub is_pooled: bool,
}

/// Another reading of targets, shown beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// Its id; a row is called `TARGET/VARIANT`.
    pub id: String,
    /// A title for tables.
    pub title_vi: String,
    /// Ids of the targets that it stands beside.
    pub targets: Vec<String>,
    /// Another scope.
    pub scope: Option<Scope>,
    /// Another group, instead of the target's.
    pub group: Option<Group>,
    /// Only institutions that collect fees.
    pub is_fee_collecting_only: bool,
    /// Only platforms that the ministry lists.
    pub is_ministry_listed_only: bool,
    /// Use means at least so many counted payments.
    pub payments_min: i64,
    /// Use means counted payments in at least so many months.
    pub months_min: u32,
    /// Only the last so many months of the target year.
    pub last_months: Option<u32>,
}

/// Who reports to whom (chế độ báo cáo).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportingLine {
    /// Who reports.
    pub from_vi: String,
    /// Through whom.
    pub via_vi: Option<String>,
    /// To whom.
    pub to_vi: String,
    /// How often, in the words of the plan.
    pub frequency_vi: String,
    /// Month and day (`MM-DD`) before which it has to be there; the day itself is too late.
    pub due_before: Vec<String>,
    /// Windows of data, each from one `MM-DD` to before another, a `prev-` before a day of the year before.
    pub data_windows: Vec<(String, String)>,
    /// Where it stands.
    pub section: String,
}

/// What a plan asks for where it names no families of methods.
pub(crate) const DEFAULT_FAMILIES: &[MethodFamily] = MethodFamily::ALL;

impl Plan {
    /// The families of methods that make an institution ready.
    #[must_use]
    pub fn method_families(&self) -> &[MethodFamily] {
        self.method_families_required.as_deref().unwrap_or(DEFAULT_FAMILIES)
    }

    /// Whether a payment of the sector needs its beneficiary's name to have the minimum fields. Without a word in the
    /// plan: in education yes, in health no.
    #[must_use]
    pub fn needs_beneficiary(&self, sector: Sector) -> bool {
        let (rules, default) = match sector {
            Sector::Education => (&self.minimum_fields_education, true),
            Sector::Health => (&self.minimum_fields_health, false),
        };
        rules.as_ref().map_or(default, |rules| {
            rules.iter().any(|rule| rule.code == MinimumField::BeneficiaryName && rule.is_required)
        })
    }
}
