use std::collections::{BTreeMap, BTreeSet};

use cashless_registry::{PlatformCategory, Sector};
use serde_json::Value;

use super::error::PlanProblem;
use super::reader::Reader;
use super::targets::unique_id;

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

/// Reads the settings of a plan file; what it does not replace is as decided.
pub(super) fn settings(reader: &mut Reader<'_>) -> Settings {
    let mut settings = Settings::default();
    let Some(value) = reader.optional("settings") else { return settings };
    let known = [
        "declaration_due_day",
        "conflict_tolerance_percent",
        "gap_tolerance_percent",
        "imputation_percentile",
        "preliminary_coverage_percent",
        "projection_months",
        "ranking_receipts_min",
        "ranking_weights",
        "size_bands",
        "platform_categories",
    ];
    let mut fields = Reader::new(&reader.at("settings"), value, &known);
    fields.replace("declaration_due_day", 1, 28, &mut settings.declaration_due_day);
    fields.replace("conflict_tolerance_percent", 0, 100, &mut settings.conflict_tolerance_percent);
    fields.replace("gap_tolerance_percent", 0, 100, &mut settings.gap_tolerance_percent);
    fields.replace("imputation_percentile", 1, 100, &mut settings.imputation_percentile);
    fields.replace("preliminary_coverage_percent", 0, 100, &mut settings.preliminary_coverage_percent);
    fields.replace("projection_months", 1, 12, &mut settings.projection_months);
    if let Some(min) = fields.optional_number("ranking_receipts_min", 0, 1_000_000) {
        settings.ranking_receipts_min = min;
    }
    if let Some(value) = fields.optional("ranking_weights") {
        settings.ranking_weights = ranking_weights(&mut fields, value);
    }
    if let Some(value) = fields.optional("size_bands") {
        let mut sectors = Reader::new(&fields.at("size_bands"), value, &["education", "health"]);
        for sector in Sector::ALL {
            if sectors.optional(sector.name()).is_some() {
                let bands = size_bands(&mut sectors, sector.name());
                settings.size_bands.insert(*sector, bands);
            }
        }
        fields.found(sectors.into_errors());
    }
    if let Some(value) = fields.optional("platform_categories") {
        let mut sectors = Reader::new(&fields.at("platform_categories"), value, &["education", "health"]);
        for sector in Sector::ALL {
            if sectors.optional(sector.name()).is_some() {
                let words = sectors.words(sector.name(), PlatformCategory::ALL, PlatformCategory::name);
                settings.platform_categories.insert(*sector, words);
            }
        }
        fields.found(sectors.into_errors());
    }
    reader.found(fields.into_errors());
    settings
}

fn ranking_weights(fields: &mut Reader<'_>, value: &Value) -> RankingWeights {
    let known = ["count_share", "value_share", "methods_ready", "minimum_fields"];
    let mut parts = Reader::new(&fields.at("ranking_weights"), value, &known);
    let points = known.map(|name| parts.number(name, 0, 100).and_then(|points| u8::try_from(points).ok()));
    let sum: u32 = points.iter().flatten().map(|points| u32::from(*points)).sum();
    if points.iter().all(Option::is_some) && sum != 100 {
        parts.wrong("", PlanProblem::Rule("the weights do not add up to 100"));
    }
    fields.found(parts.into_errors());
    let [count_share, value_share, methods_ready, minimum_fields] = points.map(Option::unwrap_or_default);
    RankingWeights { count_share, value_share, methods_ready, minimum_fields }
}

fn size_bands(sectors: &mut Reader<'_>, sector: &str) -> Vec<SizeBand> {
    let mut bands: Vec<SizeBand> = Vec::new();
    let mut ids = BTreeSet::new();
    for (pointer, item) in sectors.required_list(sector) {
        let mut fields = Reader::new(&pointer, item, &["id", "title_vi", "from"]);
        let from =
            fields.number("from", 0, u32::MAX.into()).and_then(|from| u32::try_from(from).ok()).unwrap_or(0);
        let follows = bands.last().map_or(from == 0, |last| last.from < from);
        if !follows {
            fields.wrong("from", PlanProblem::Rule("does not ascend from 0"));
        }
        let (id, title_vi) = (unique_id(&mut fields, &mut ids), fields.text("title_vi"));
        sectors.found(fields.into_errors());
        bands.push(SizeBand { id, title_vi, from });
    }
    bands
}
