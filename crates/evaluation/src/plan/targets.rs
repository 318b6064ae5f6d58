//! Targets, pairs and variants of a plan file.

use std::collections::BTreeSet;

use cashless_registry::{CareTier, InstitutionType, ManagedBy, Ownership, Scope, Sector};

use super::error::PlanProblem;
use super::parse::MONTHS_MAX;
use super::reader::Reader;
use super::{Group, Pair, Target, Variant};
use crate::ratio::Threshold;
use crate::words::{Comparator, Metric, Period};

pub(super) fn targets(reader: &mut Reader<'_>, ids: &mut BTreeSet<String>) -> Vec<Target> {
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
pub(super) fn unique_id(fields: &mut Reader<'_>, ids: &mut BTreeSet<String>) -> String {
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
    if numerator.zip(denominator).is_some_and(|(numerator, denominator)| numerator > denominator) {
        parts.wrong("numerator", PlanProblem::Rule("is above the denominator: no share is"));
    }
    fields.found(parts.into_errors());
    numerator.zip(denominator).map(|(numerator, denominator)| Threshold { numerator, denominator })
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

pub(super) fn pairs(reader: &mut Reader<'_>, targets: &[Target], ids: &mut BTreeSet<String>) -> Vec<Pair> {
    // Also the ids of targets that could not be read: a mistake is told once.
    let known = ids.clone();
    let mut pairs = Vec::new();
    for (pointer, item) in reader.list("pairs") {
        let mut fields = Reader::new(&pointer, item, &["id", "title_vi", "all_of", "is_pooled"]);
        let (id, title_vi) = (unique_id(&mut fields, ids), fields.text("title_vi"));
        let all_of = target_ids(&mut fields, "all_of", &known);
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

fn target_ids(fields: &mut Reader<'_>, name: &str, known: &BTreeSet<String>) -> Vec<String> {
    let items = fields.required_list(name);
    let ids = fields.texts(items);
    for (index, id) in ids.iter().enumerate() {
        if !known.contains(id) {
            fields.wrong_item(name, index, PlanProblem::UnknownTarget(id.clone()));
        }
    }
    ids
}

pub(super) fn variants(
    reader: &mut Reader<'_>,
    targets: &[Target],
    known: &BTreeSet<String>,
) -> Vec<Variant> {
    let members = [
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
        let mut fields = Reader::new(&pointer, item, &members);
        let (id, title_vi) = (unique_id(&mut fields, &mut ids), fields.text("title_vi"));
        let beside = target_ids(&mut fields, "targets", known);
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
