use std::collections::BTreeSet;

use cashless_registry::{Interval, MethodFamily};
use serde_json::Value;

use super::error::{PlanError, PlanProblem};
use super::reader::Reader;
use super::settings::settings;
use super::targets::{pairs, targets, variants};
use super::{FieldRule, Plan, ReportingLine};
use crate::month::Month;
use crate::words::MinimumField;

/// The form of plan files that is read here.
const SCHEMA_VERSION: i64 = 1;
pub(super) const MONTHS_MAX: i32 = 120;

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
        reader.optional_text("$schema");
        reader.number("schema_version", SCHEMA_VERSION, SCHEMA_VERSION);
        let (province_codes, successor_province_codes) = territory(&mut reader);
        let target_year = target_year(&mut reader);
        let reference_date = reader.date("reference_date");
        if let (Some(year), Some(day)) = (target_year, reference_date)
            && !year.contains(day)
        {
            reader.wrong("reference_date", PlanProblem::Rule("is not in the target year"));
        }
        let stated = reader.optional("method_families_required");
        if stated.and_then(Value::as_array).is_some_and(Vec::is_empty) {
            reader.wrong("method_families_required", PlanProblem::Empty);
        }
        let families = reader.words("method_families_required", MethodFamily::ALL, MethodFamily::name);
        let (minimum_fields_education, minimum_fields_health) = minimum_fields(&mut reader);
        let mut ids = BTreeSet::new();
        let targets = targets(&mut reader, &mut ids);
        let target_ids = ids.clone();
        let pairs = pairs(&mut reader, &targets, &mut ids);
        let variants = variants(&mut reader, &targets, &target_ids);
        let plan = Self {
            id: reader.id("id"),
            version: reader
                .number("version", 1, u32::MAX.into())
                .and_then(|version| u32::try_from(version).ok())
                .unwrap_or(1),
            title_vi: reader.text("title_vi"),
            number: reader.optional_text("number"),
            issued: reader.optional_date("issued"),
            issuer_vi: reader.text("issuer_vi"),
            province_codes,
            successor_province_codes,
            target_year: target_year.unwrap_or(Interval { from: Interval::OPEN, to: Interval::OPEN }),
            reference_date: reference_date.unwrap_or(Interval::OPEN),
            method_families_required: stated.map(|_| families),
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
    let is_length = |months| (1..=MONTHS_MAX).contains(&months);
    if months.is_some_and(|months| !is_length(months)) {
        year.wrong("to", PlanProblem::Rule("is not 1 to 120 months after from"));
    }
    reader.found(year.into_errors());
    interval.filter(|_| months.is_some_and(is_length))
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

fn reporting(reader: &mut Reader<'_>) -> Vec<ReportingLine> {
    let known = ["from_vi", "via_vi", "to_vi", "frequency_vi", "due_before", "data_windows", "section"];
    let mut lines = Vec::new();
    for (pointer, item) in reader.list("reporting") {
        let mut fields = Reader::new(&pointer, item, &known);
        let due_before = texts(&mut fields, "due_before");
        for (index, day) in due_before.iter().enumerate() {
            if !is_month_day(day) {
                fields.wrong_item("due_before", index, PlanProblem::InvalidDate("MM-DD"));
            }
        }
        let mut data_windows = Vec::new();
        for (pointer, item) in fields.list("data_windows") {
            let mut window = Reader::new(&pointer, item, &["from", "to"]);
            let (from, to) = (window.text("from"), window.text("to"));
            for (name, day) in [("from", &from), ("to", &to)] {
                if !day.is_empty() && !is_month_day(day.strip_prefix("prev-").unwrap_or(day)) {
                    window.wrong(name, PlanProblem::InvalidDate("MM-DD or prev-MM-DD"));
                }
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

fn is_month_day(day: &str) -> bool {
    // A leap year: 02-29 is a day of some years.
    day.len() == 5 && cashless_domain::BusinessDate::parse(&format!("2024-{day}")).is_ok()
}
