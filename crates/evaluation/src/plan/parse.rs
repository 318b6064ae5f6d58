use std::collections::BTreeSet;

use cashless_registry::{
    CareTier, InstitutionType, Interval, ManagedBy, MethodFamily, Ownership, PlatformCategory, Scope, Sector,
};
use serde_json::Value;

use super::error::{PlanError, PlanProblem};
use super::reader::Reader;
use super::settings::{RankingWeights, Settings, SizeBand};
use super::{FieldRule, Group, Pair, Plan, ReportingLine, Target, Variant};
use crate::month::Month;
use crate::ratio::Threshold;
use crate::words::{Comparator, Metric, MinimumField, Period};

/// The form of plan files that is read here.
const SCHEMA_VERSION: i64 = 1;
const MONTHS_MAX: i32 = 120;

impl Plan {
    /// Reads and checks a plan file.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the file as far as there is one.
    pub fn parse(text: &str) -> Result<Self, Vec<PlanError>> {
        let document: Value = serde_json::from_str(text).map_err(|error| {
            vec![PlanError { pointer: String::new(), problem: PlanProblem::NotJson(error.to_string()) }]
        })?;
        let mut reader = Reader::new(
            "",
            &document,
            &[
                "$schema",
                "schema_version",
                "id",
                "version",
                "title_vi",
                "number",
                "issued",
                "issuer_vi",
                "territory",
                "target_year",
                "reference_date",
                "method_families_required",
                "minimum_fields",
                "targets",
                "pairs",
                "variants",
                "reporting",
                "legal_bases_vi",
                "not_stated",
                "settings",
            ],
        );
        reader.number("schema_version", SCHEMA_VERSION, SCHEMA_VERSION);
        let (province_codes, successor_province_codes) = territory(&mut reader);
        let target_year = target_year(&mut reader);
        let reference_date = reader.date("reference_date");
        if let (Some(year), Some(day)) = (target_year, reference_date)
            && !year.contains(day)
        {
            reader.wrong("reference_date", PlanProblem::Rule("is not in the target year"));
        }
        let has_families = reader.optional("method_families_required").is_some();
        let families = reader.words("method_families_required", MethodFamily::ALL, MethodFamily::name);
        if has_families && families.is_empty() {
            reader.wrong("method_families_required", PlanProblem::Empty);
        }
        let (minimum_fields_education, minimum_fields_health) = minimum_fields(&mut reader);
        let mut ids = BTreeSet::new();
        let targets = targets(&mut reader, &mut ids);
        let pairs = pairs(&mut reader, &targets, &mut ids);
        let variants = variants(&mut reader, &targets);
        let plan = Self {
            id: reader.id("id"),
            version: u32::try_from(reader.number("version", 1, u32::MAX.into())).unwrap_or(1),
            title_vi: reader.text("title_vi"),
            number: reader.optional_text("number"),
            issued: reader.optional_date("issued"),
            issuer_vi: reader.text("issuer_vi"),
            province_codes,
            successor_province_codes,
            target_year: target_year.unwrap_or(Interval { from: Interval::OPEN, to: Interval::OPEN }),
            reference_date: reference_date.unwrap_or(Interval::OPEN),
            method_families_required: has_families.then_some(families),
            minimum_fields_education,
            minimum_fields_health,
            targets,
            pairs,
            variants,
            reporting: reporting(&mut reader),
            legal_bases_vi: texts(&mut reader, "legal_bases_vi"),
            not_stated: texts(&mut reader, "not_stated"),
            settings: settings(&mut reader),
        };
        let errors = reader.into_errors();
        if errors.is_empty() { Ok(plan) } else { Err(errors) }
    }
}

fn texts(reader: &mut Reader<'_>, name: &str) -> Vec<String> {
    let items = reader.list(name);
    reader.texts(items)
}

fn territory(reader: &mut Reader<'_>) -> (Vec<String>, Vec<String>) {
    let Some(value) = reader.required("territory") else { return Default::default() };
    let mut territory =
        Reader::new(&reader.at("territory"), value, &["province_codes", "successor_province_codes"]);
    let items = territory.required_list("province_codes");
    let codes = territory.texts(items);
    let successors = texts(&mut territory, "successor_province_codes");
    reader.found(territory.into_errors());
    (codes, successors)
}

fn target_year(reader: &mut Reader<'_>) -> Option<Interval> {
    let value = reader.required("target_year")?;
    let mut year = Reader::new(&reader.at("target_year"), value, &["from", "to"]);
    let (from, to) = (year.date("from"), year.date("to"));
    for (name, day) in [("from", from), ("to", to)] {
        if day.is_some_and(|day| !Month::starts_on(day)) {
            year.wrong(name, PlanProblem::Rule("is not the first day of a month"));
        }
    }
    let interval = from.zip(to).map(|(from, to)| Interval { from, to });
    let months = interval.map(|year| Month::of(year.to).since(Month::of(year.from)));
    if months.is_some_and(|months| !(1..=MONTHS_MAX).contains(&months)) {
        year.wrong("to", PlanProblem::Rule("is not 1 to 120 months after from"));
    }
    reader.found(year.into_errors());
    interval
}

type Fields = Option<Vec<FieldRule>>;

fn minimum_fields(reader: &mut Reader<'_>) -> (Fields, Fields) {
    let Some(value) = reader.optional("minimum_fields") else { return (None, None) };
    let mut sectors = Reader::new(&reader.at("minimum_fields"), value, &["education", "health"]);
    let fields = (field_rules(&mut sectors, "education"), field_rules(&mut sectors, "health"));
    reader.found(sectors.into_errors());
    fields
}

fn field_rules(sectors: &mut Reader<'_>, sector: &str) -> Fields {
    sectors.optional(sector)?;
    let mut rules: Vec<FieldRule> = Vec::new();
    for (pointer, item) in sectors.list(sector) {
        let mut field = Reader::new(&pointer, item, &["code", "title_vi", "is_required"]);
        let code = field.word("code", MinimumField::ALL, MinimumField::name);
        let (title_vi, is_required) = (field.text("title_vi"), field.boolean("is_required"));
        if let Some(code) = code {
            if rules.iter().any(|rule| rule.code == code) {
                field.wrong("code", PlanProblem::Repeated(code.name().to_owned()));
            }
            rules.push(FieldRule { code, title_vi, is_required });
        }
        sectors.found(field.into_errors());
    }
    let counted = [MinimumField::PayerName, MinimumField::Reason, MinimumField::InvoiceRef];
    let requires = |code| rules.iter().any(|rule| rule.code == code && rule.is_required);
    if !counted.into_iter().all(requires) {
        // Two numbers are counted of each payment: all four fields, and all but the beneficiary's name.
        let rule =
            "payer_name, reason and invoice_ref have to be required; only beneficiary_name may be left out";
        sectors.wrong(sector, PlanProblem::Rule(rule));
    }
    Some(rules)
}

fn targets(reader: &mut Reader<'_>, ids: &mut BTreeSet<String>) -> Vec<Target> {
    let known = [
        "id",
        "title_vi",
        "text_vi",
        "section",
        "sector",
        "metric",
        "comparator",
        "threshold",
        "period",
        "scope",
        "group",
        "methods_min",
        "note",
    ];
    let mut targets = Vec::new();
    for (pointer, item) in reader.required_list("targets") {
        let mut fields = Reader::new(&pointer, item, &known);
        let id = unique_id(&mut fields, ids);
        let sector = fields.word("sector", Sector::ALL, Sector::name);
        let metric = fields.word("metric", Metric::ALL, Metric::name);
        let comparator = fields.word("comparator", Comparator::ALL, Comparator::name);
        let threshold = threshold(&mut fields);
        let period = fields.word("period", Period::ALL, Period::name);
        if metric.zip(period).is_some_and(|(metric, period)| metric.period() != period) {
            fields.wrong("period", PlanProblem::Rule("does not fit the metric"));
        }
        let scope = fields.word("scope", Scope::ALL, Scope::name);
        let methods_min = fields.optional_number("methods_min", 1, 4);
        if methods_min.is_some() && metric.is_some_and(|metric| metric != Metric::MethodsReady) {
            fields.wrong("methods_min", PlanProblem::Rule("is only for methods_ready"));
        }
        let group = group(&mut fields);
        if group.is_some() && metric.is_some_and(Metric::is_manual) {
            fields.wrong("group", PlanProblem::Rule("is not for figures that a department types"));
        }
        let (title_vi, text_vi, section) =
            (fields.text("title_vi"), fields.text("text_vi"), fields.text("section"));
        let note = fields.optional_text("note").unwrap_or_default();
        reader.found(fields.into_errors());
        if let (Some(sector), Some(metric), Some(comparator), Some(threshold), Some(scope)) =
            (sector, metric, comparator, threshold, scope)
        {
            targets.push(Target {
                id,
                title_vi,
                text_vi,
                section,
                sector,
                metric,
                comparator,
                threshold,
                scope,
                group: group.unwrap_or_default(),
                methods_min: methods_min.and_then(|min| u8::try_from(min).ok()),
                note,
            });
        }
    }
    targets
}

/// Targets and pairs are rows of one table.
fn unique_id(fields: &mut Reader<'_>, ids: &mut BTreeSet<String>) -> String {
    let id = fields.id("id");
    if !id.is_empty() && !ids.insert(id.clone()) {
        fields.wrong("id", PlanProblem::Repeated(id.clone()));
    }
    id
}

fn threshold(fields: &mut Reader<'_>) -> Option<Threshold> {
    let value = fields.required("threshold")?;
    let mut parts = Reader::new(&fields.at("threshold"), value, &["numerator", "denominator"]);
    let numerator = parts.number("numerator", 0, Threshold::MAX);
    let denominator = parts.number("denominator", 1, Threshold::MAX);
    if numerator > denominator {
        parts.wrong("numerator", PlanProblem::Rule("is above the denominator: no share is"));
    }
    fields.found(parts.into_errors());
    Some(Threshold { numerator, denominator })
}

fn group(fields: &mut Reader<'_>) -> Option<Group> {
    let value = fields.optional("group")?;
    let known = ["types", "care_tiers", "ownerships", "managed_by"];
    let mut lists = Reader::new(&fields.at("group"), value, &known);
    let group = Group {
        types: lists.words("types", InstitutionType::ALL, InstitutionType::name),
        care_tiers: lists.words("care_tiers", CareTier::ALL, CareTier::name),
        ownerships: lists.words("ownerships", Ownership::ALL, Ownership::name),
        managed_by: lists.words("managed_by", ManagedBy::ALL, ManagedBy::name),
    };
    fields.found(lists.into_errors());
    Some(group)
}

fn pairs(reader: &mut Reader<'_>, targets: &[Target], ids: &mut BTreeSet<String>) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (pointer, item) in reader.list("pairs") {
        let mut fields = Reader::new(&pointer, item, &["id", "title_vi", "all_of", "is_pooled"]);
        let (id, title_vi) = (unique_id(&mut fields, ids), fields.text("title_vi"));
        let all_of = target_ids(&mut fields, "all_of", targets);
        if all_of.len() == 1 {
            fields.wrong("all_of", PlanProblem::Rule("needs two targets or more"));
        }
        let is_pooled = fields.boolean("is_pooled");
        let members: Vec<_> = targets.iter().filter(|target| all_of.contains(&target.id)).collect();
        let same = |one: &&Target, other: &&Target| {
            (one.metric, one.comparator, one.threshold) == (other.metric, other.comparator, other.threshold)
        };
        if is_pooled
            && !(members.windows(2).all(|pair| same(&pair[0], &pair[1]))
                && members.iter().all(|target| target.metric.has_cash()))
        {
            let rule = "needs count_share or value_share in all members, with one threshold";
            fields.wrong("is_pooled", PlanProblem::Rule(rule));
        }
        reader.found(fields.into_errors());
        pairs.push(Pair { id, title_vi, all_of, is_pooled });
    }
    pairs
}

fn target_ids(fields: &mut Reader<'_>, name: &str, targets: &[Target]) -> Vec<String> {
    let items = fields.required_list(name);
    let ids = fields.texts(items);
    for (index, id) in ids.iter().enumerate() {
        if !targets.iter().any(|target| target.id == *id) {
            fields.wrong(&format!("{name}/{index}"), PlanProblem::UnknownTarget(id.clone()));
        }
    }
    ids
}

fn variants(reader: &mut Reader<'_>, targets: &[Target]) -> Vec<Variant> {
    let known = [
        "id",
        "title_vi",
        "targets",
        "scope",
        "group",
        "fee_collecting_only",
        "ministry_listed_only",
        "payments_min",
        "months_min",
        "last_months",
    ];
    let mut ids = BTreeSet::new();
    let mut variants = Vec::new();
    for (pointer, item) in reader.list("variants") {
        let mut fields = Reader::new(&pointer, item, &known);
        let (id, title_vi) = (unique_id(&mut fields, &mut ids), fields.text("title_vi"));
        let beside = target_ids(&mut fields, "targets", targets);
        let scope = fields.optional_word("scope", Scope::ALL, Scope::name);
        let group = group(&mut fields);
        let is_fee_collecting_only = fields.boolean("fee_collecting_only");
        let is_ministry_listed_only = fields.boolean("ministry_listed_only");
        let payments_min = fields.optional_number("payments_min", 1, 1_000_000);
        let months_min = fields.optional_number("months_min", 1, MONTHS_MAX.into());
        let last_months = fields.optional_number("last_months", 1, MONTHS_MAX.into());
        let metrics: Vec<_> =
            targets.iter().filter(|target| beside.contains(&target.id)).map(|target| target.metric).collect();
        let only_for = |allowed: fn(Metric) -> bool| metrics.iter().all(|metric| allowed(*metric));
        let is_use = |metric| matches!(metric, Metric::UseShare | Metric::InstallAndUseShare);
        let rules: [(bool, &str, bool, &'static str); 5] = [
            (
                is_ministry_listed_only,
                "ministry_listed_only",
                only_for(|metric| metric == Metric::PlatformShare),
                "is only for platform_share",
            ),
            (
                payments_min.is_some(),
                "payments_min",
                only_for(is_use),
                "is only for use_share, install_and_use_share",
            ),
            (
                months_min.is_some(),
                "months_min",
                only_for(is_use),
                "is only for use_share, install_and_use_share",
            ),
            (
                last_months.is_some(),
                "last_months",
                only_for(Metric::has_cash),
                "is only for count_share, value_share",
            ),
            (
                true,
                "targets",
                only_for(|metric| !metric.is_manual()),
                "names a target that a department types",
            ),
        ];
        for (is_set, name, holds, rule) in rules {
            if is_set && !holds {
                fields.wrong(name, PlanProblem::Rule(rule));
            }
        }
        reader.found(fields.into_errors());
        variants.push(Variant {
            id,
            title_vi,
            targets: beside,
            scope,
            group,
            is_fee_collecting_only,
            is_ministry_listed_only,
            payments_min: payments_min.unwrap_or(1),
            months_min: months_min.and_then(|min| u32::try_from(min).ok()).unwrap_or(1),
            last_months: last_months.and_then(|months| u32::try_from(months).ok()),
        });
    }
    variants
}

fn reporting(reader: &mut Reader<'_>) -> Vec<ReportingLine> {
    let known = ["from_vi", "via_vi", "to_vi", "frequency_vi", "due_before", "data_windows", "section"];
    let mut lines = Vec::new();
    for (pointer, item) in reader.list("reporting") {
        let mut fields = Reader::new(&pointer, item, &known);
        let due_before = texts(&mut fields, "due_before");
        for (index, day) in due_before.iter().enumerate() {
            month_day(&mut fields, &format!("due_before/{index}"), day);
        }
        let mut data_windows = Vec::new();
        for (pointer, item) in fields.list("data_windows") {
            let mut window = Reader::new(&pointer, item, &["from", "to"]);
            let (from, to) = (window.text("from"), window.text("to"));
            for (name, day) in [("from", &from), ("to", &to)] {
                month_day(&mut window, name, day.strip_prefix("prev-").unwrap_or(day));
            }
            fields.found(window.into_errors());
            data_windows.push((from, to));
        }
        lines.push(ReportingLine {
            from_vi: fields.text("from_vi"),
            via_vi: fields.optional_text("via_vi"),
            to_vi: fields.text("to_vi"),
            frequency_vi: fields.text("frequency_vi"),
            due_before,
            data_windows,
            section: fields.text("section"),
        });
        reader.found(fields.into_errors());
    }
    lines
}

fn month_day(fields: &mut Reader<'_>, name: &str, day: &str) {
    // A leap year: 02-29 is a day of some years.
    let is_day = day.len() == 5 && cashless_domain::BusinessDate::parse(&format!("2024-{day}")).is_ok();
    if !day.is_empty() && !is_day {
        fields.wrong(name, PlanProblem::InvalidDate("MM-DD"));
    }
}

fn settings(reader: &mut Reader<'_>) -> Settings {
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
    let mut points = known.map(|name| u8::try_from(parts.number(name, 0, 100)).unwrap_or(0));
    if points.iter().map(|points| u32::from(*points)).sum::<u32>() != 100 {
        parts.wrong("", PlanProblem::Rule("the weights do not add up to 100"));
        points = [100, 0, 0, 0];
    }
    fields.found(parts.into_errors());
    let [count_share, value_share, methods_ready, minimum_fields] = points;
    RankingWeights { count_share, value_share, methods_ready, minimum_fields }
}

fn size_bands(sectors: &mut Reader<'_>, sector: &str) -> Vec<SizeBand> {
    let mut bands: Vec<SizeBand> = Vec::new();
    let mut ids = BTreeSet::new();
    for (pointer, item) in sectors.required_list(sector) {
        let mut fields = Reader::new(&pointer, item, &["id", "title_vi", "from"]);
        let from = u32::try_from(fields.number("from", 0, u32::MAX.into())).unwrap_or(0);
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
