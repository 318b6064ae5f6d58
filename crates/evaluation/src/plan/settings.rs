use std::collections::BTreeMap;

use cashless_registry::{PlatformCategory, Sector};

/// The numbers of the rules. Each has a default, which a plan file may replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Day of the following month by which a declaration is in time. Default 5.
    pub declaration_due_day: u8,
    /// A and B are in conflict when they differ by more than so many percent of the larger value. Default 5.
    pub conflict_tolerance_percent: u8,
    /// A numerator is incomplete when more than so many percent of the exported value are not counted. Default 2.
    pub gap_tolerance_percent: u8,
    /// Cash per learner or visit is imputed at this percentile of the type. Default 90.
    pub imputation_percentile: u8,
    /// Below so many percent of weighted coverage a figure is preliminary (sơ bộ). Default 90.
    pub preliminary_coverage_percent: u8,
    /// The projection takes the share of so many last ended months. Default 3.
    pub projection_months: u8,
    /// Receipts without which an institution is not ranked. Default 30.
    pub ranking_receipts_min: i64,
    /// Points of each term of the score, 100 together.
    pub ranking_weights: RankingWeights,
    /// Bands of size: education by learners, health by visits a year; ascending, the first from 0.
    pub size_bands: BTreeMap<Sector, Vec<SizeBand>>,
    /// What counts as a digital platform of a sector.
    pub platform_categories: BTreeMap<Sector, Vec<PlatformCategory>>,
}

/// Points of each term of the score of an institution, 100 together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankingWeights {
    /// For the lower bound of the share in number. Default 50.
    pub count_share: u8,
    /// For the lower bound of the share in value. Default 30.
    pub value_share: u8,
    /// For the families of methods that are ready. Default 10.
    pub methods_ready: u8,
    /// For payments with the minimum fields. Default 10.
    pub minimum_fields: u8,
}

/// A band of size within which institutions of one type are ranked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeBand {
    /// Its word in tables.
    pub id: String,
    /// As officials read it.
    pub title_vi: String,
    /// The smallest number of learners or visits in it.
    pub from: u32,
}

impl Default for Settings {
    fn default() -> Self {
        let bands = |from: [(&str, &str, u32); 3]| {
            from.map(|(id, title, from)| SizeBand { id: id.into(), title_vi: title.into(), from }).to_vec()
        };
        Self {
            declaration_due_day: 5,
            conflict_tolerance_percent: 5,
            gap_tolerance_percent: 2,
            imputation_percentile: 90,
            preliminary_coverage_percent: 90,
            projection_months: 3,
            ranking_receipts_min: 30,
            ranking_weights: RankingWeights {
                count_share: 50,
                value_share: 30,
                methods_ready: 10,
                minimum_fields: 10,
            },
            size_bands: BTreeMap::from([
                (
                    Sector::Education,
                    bands([
                        ("small", "dưới 300 người học", 0),
                        ("medium", "300 đến 799 người học", 300),
                        ("large", "từ 800 người học", 800),
                    ]),
                ),
                (
                    Sector::Health,
                    bands([
                        ("small", "dưới 10.000 lượt khám", 0),
                        ("medium", "10.000 đến 99.999 lượt khám", 10_000),
                        ("large", "từ 100.000 lượt khám", 100_000),
                    ]),
                ),
            ]),
            platform_categories: BTreeMap::from([
                (Sector::Education, vec![PlatformCategory::EducationManagement]),
                (
                    Sector::Health,
                    vec![
                        PlatformCategory::HospitalManagement,
                        PlatformCategory::Telehealth,
                        PlatformCategory::EPrescription,
                        PlatformCategory::PersonalHealthRecord,
                        PlatformCategory::Vaccination,
                        PlatformCategory::OnlineAdvice,
                    ],
                ),
            ]),
        }
    }
}
