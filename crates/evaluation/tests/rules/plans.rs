//! The shipped plans, the schema of plan files, and everything that is wrong with a bad one.

use cashless_evaluation::{Comparator, Metric, Plan, Threshold};
use cashless_registry::{CareTier, ManagedBy, MethodFamily, Ownership, Sector};
use serde_json::{Value, json};

const DAK_NONG: &str = include_str!("../../../../deploy/plans/dn-2022.json");
const THANH_HOA: &str = include_str!("../../../../deploy/plans/th-2022.json");
const SCHEMA: &str = include_str!("../../../../deploy/plans/plan.v1.schema.json");

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn plan(text: &str) -> Plan {
    Plan::parse(text).expect("a plan")
}

fn pointers(document: &Value) -> Vec<String> {
    let errors = Plan::parse(&document.to_string()).expect_err("something is wrong");
    errors.into_iter().map(|error| error.pointer).collect()
}

/// Dak Nong's plan with one change.
fn changed(change: impl FnOnce(&mut Value)) -> Value {
    let mut document = json(DAK_NONG);
    change(&mut document);
    document
}

#[test]
fn the_shipped_plans_fit_the_schema_and_are_read() {
    let schema = jsonschema::validator_for(&json(SCHEMA)).expect("a schema");
    for text in [DAK_NONG, THANH_HOA] {
        let found: Vec<_> = schema.iter_errors(&json(text)).map(|error| error.to_string()).collect();
        assert_eq!(found, Vec::<String>::new());
        plan(text);
    }
}

#[test]
fn every_target_of_both_plans_is_there_as_it_was_decided() {
    use Metric as M;
    use Sector::{Education, Health};
    let expected = [
        ("DN-T1-EDU", Education, M::PlatformShare, ">=", 50),
        ("DN-T1-HEA", Health, M::PlatformShare, ">=", 50),
        ("DN-T2-EDU", Education, M::InstallAndUseShare, ">=", 50),
        ("DN-T2-HEA", Health, M::InstallAndUseShare, ">=", 50),
        ("DN-T3-EDU-C", Education, M::CountShare, ">=", 40),
        ("DN-T3-EDU-V", Education, M::ValueShare, ">=", 40),
        ("DN-T3-HEA-C", Health, M::CountShare, ">=", 50),
        ("DN-T3-HEA-V", Health, M::ValueShare, ">=", 50),
        ("DN-M1", Education, M::ManualOnlineTeachingShare, ">=", 100),
        ("DN-M2", Education, M::ManualOnlineContentShare, ">=", 20),
        ("TH-T1-EDU", Education, M::PlatformShare, ">=", 50),
        ("TH-T1-HEA", Health, M::PlatformShare, ">=", 50),
        ("TH-T2-EDU", Education, M::UseShare, ">=", 100),
        ("TH-T2-HEA", Health, M::UseShare, ">=", 100),
        ("TH-T3-EDU-C", Education, M::CountShare, ">", 50),
        ("TH-T3-HPR-C", Health, M::CountShare, ">", 50),
        ("TH-A1-EDU", Education, M::AcceptShare, ">=", 100),
        ("TH-A1-HEA", Health, M::AcceptShare, ">=", 100),
    ];
    let targets: Vec<_> =
        [plan(DAK_NONG), plan(THANH_HOA)].into_iter().flat_map(|plan| plan.targets).collect();
    let found: Vec<_> = targets
        .iter()
        .map(|target| {
            assert_eq!(target.threshold.denominator, 100);
            let Threshold { numerator, .. } = target.threshold;
            (target.id.as_str(), target.sector, target.metric, target.comparator.name(), numerator)
        })
        .collect();
    assert_eq!(found, expected);
    assert!(targets.iter().all(|target| !target.title_vi.is_ascii()));
}

#[test]
fn what_the_plans_say_besides_targets_is_read() {
    let dak_nong = plan(DAK_NONG);
    assert_eq!(
        (dak_nong.id.as_str(), dak_nong.version, dak_nong.number.as_deref()),
        ("DN-2022", 1, Some("294/KH-UBND"))
    );
    assert_eq!(dak_nong.province_codes, ["67"]);
    assert_eq!(dak_nong.target_year.to_string(), "from 2022-01-01 to 2023-01-01 (excluded)");
    assert_eq!(dak_nong.reference_date.to_string(), "2022-12-31");
    assert_eq!(dak_nong.method_families(), MethodFamily::ALL);
    assert!(dak_nong.needs_beneficiary(Sector::Education));
    assert!(!dak_nong.needs_beneficiary(Sector::Health));
    assert_eq!(dak_nong.pairs[0].all_of, ["DN-T3-EDU-C", "DN-T3-EDU-V"]);
    assert_eq!(dak_nong.reporting[0].due_before, ["06-15", "12-15"]);

    let thanh_hoa = plan(THANH_HOA);
    assert_eq!((thanh_hoa.province_codes, thanh_hoa.number), (vec!["38".to_owned()], None));
    assert_eq!(thanh_hoa.method_families_required, None);
    assert!(thanh_hoa.pairs[0].is_pooled);
    let hospitals = thanh_hoa.targets.iter().find(|target| target.id == "TH-T3-HPR-C").expect("the target");
    assert_eq!(hospitals.comparator, Comparator::Above);
    assert_eq!(hospitals.group.care_tiers, [CareTier::Provincial]);
    assert_eq!(hospitals.group.ownerships, [Ownership::Public]);
    assert_eq!(hospitals.group.managed_by, [ManagedBy::Province]);
    assert_eq!(thanh_hoa.reporting.len(), 3);
}

#[test]
fn settings_have_the_decided_defaults_and_a_file_replaces_them() {
    let settings = plan(DAK_NONG).settings;
    assert_eq!(
        (
            settings.declaration_due_day,
            settings.conflict_tolerance_percent,
            settings.gap_tolerance_percent,
            settings.imputation_percentile,
            settings.preliminary_coverage_percent,
            settings.ranking_receipts_min,
        ),
        (5, 5, 2, 90, 90, 30)
    );
    let document =
        changed(|plan| plan["settings"] = json!({"imputation_percentile": 95, "ranking_receipts_min": 100}));
    let settings = plan(&document.to_string()).settings;
    assert_eq!((settings.imputation_percentile, settings.ranking_receipts_min), (95, 100));
    assert_eq!(settings.gap_tolerance_percent, 2);
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once_with_their_places() {
    let document = changed(|plan| {
        plan["targets"][0]["metric"] = json!("platfrom_share");
        plan["targets"][2]["threshold"]["numerator"] = json!(101);
        plan["targets"][4]["colour"] = json!("green");
        plan["pairs"][0]["all_of"][1] = json!("DN-T9");
        plan["reference_date"] = json!("2023-01-01");
        plan["settings"] = json!({"ranking_weights": {"count_share": 50, "value_share": 30, "methods_ready": 10, "minimum_fields": 20}});
        plan.as_object_mut().expect("an object").remove("issuer_vi");
    });
    let mut found = pointers(&document);
    found.sort();
    assert_eq!(
        found,
        [
            "/issuer_vi",
            "/pairs/0/all_of/1",
            "/reference_date",
            "/settings/ranking_weights",
            "/targets/0/metric",
            "/targets/2/threshold/numerator",
            "/targets/4/colour",
        ]
    );
}

#[test]
fn each_rule_of_the_file_is_told_where_it_is_broken() {
    type Change = fn(&mut Value);
    let table: &[(&str, Change)] = &[
        ("/schema_version", |plan| plan["schema_version"] = json!(2)),
        ("/version", |plan| plan["version"] = json!(0)),
        ("/version", |plan| plan["version"] = json!(1.5)),
        ("/id", |plan| plan["id"] = json!("DN 2022")),
        ("/territory/province_codes", |plan| plan["territory"]["province_codes"] = json!([])),
        ("/territory/province_codes/1", |plan| plan["territory"]["province_codes"] = json!(["67", "67"])),
        ("/target_year/from", |plan| plan["target_year"]["from"] = json!("2022-01-02")),
        ("/target_year/to", |plan| plan["target_year"] = json!({"from": "2022-12-01", "to": "2022-12-01"})),
        ("/method_families_required/0", |plan| plan["method_families_required"] = json!(["CASH"])),
        ("/minimum_fields/health", |plan| plan["minimum_fields"]["health"][0]["is_required"] = json!(false)),
        ("/targets/10/id", |plan| {
            let again = plan["targets"][0].clone();
            plan["targets"].as_array_mut().expect("a list").push(again);
        }),
        ("/targets/0/period", |plan| plan["targets"][0]["period"] = json!("target_year")),
        ("/targets/0/comparator", |plan| plan["targets"][0]["comparator"] = json!("<=")),
        ("/targets/0/threshold/denominator", |plan| {
            plan["targets"][0]["threshold"]["denominator"] = json!(0);
        }),
        ("/targets/0/title_vi", |plan| plan["targets"][0]["title_vi"] = json!(" ")),
        ("/targets/0/methods_min", |plan| plan["targets"][0]["methods_min"] = json!(3)),
        ("/targets/8/group", |plan| plan["targets"][8]["group"] = json!({})),
        ("/pairs/0/id", |plan| plan["pairs"][0]["id"] = json!("DN-T1-EDU")),
        ("/pairs/0/all_of", |plan| plan["pairs"][0]["all_of"] = json!(["DN-T3-EDU-C"])),
        ("/pairs/0/is_pooled", |plan| plan["pairs"][0]["is_pooled"] = json!(true)),
        ("/variants/1/ministry_listed_only", |plan| plan["variants"][1]["targets"] = json!(["DN-T2-EDU"])),
        ("/variants/0/last_months", |plan| plan["variants"][0]["last_months"] = json!(3)),
        ("/variants/1/id", |plan| plan["variants"][1]["id"] = json!("extended")),
        ("/variants/0/targets", |plan| plan["variants"][0]["targets"] = json!(["DN-M1"])),
        ("/reporting/0/due_before/0", |plan| plan["reporting"][0]["due_before"][0] = json!("06-31")),
        ("/settings/size_bands/health/1/from", |plan| {
            plan["settings"] = json!({"size_bands": {"health": [
                {"id": "a", "title_vi": "a", "from": 0}, {"id": "b", "title_vi": "b", "from": 0}]}});
        }),
        ("/settings/declaration_due_day", |plan| plan["settings"] = json!({"declaration_due_day": 29})),
    ];
    for (pointer, change) in table {
        assert_eq!(pointers(&changed(change)), [*pointer]);
    }
}

#[test]
fn what_the_schema_refuses_is_refused_by_the_reader_too() {
    let schema = jsonschema::validator_for(&json(SCHEMA)).expect("a schema");
    let original = json(THANH_HOA);
    for pointer in places(&original, "") {
        for value in [json!(null), json!("?"), json!(-1), json!([]), json!({"x": 1}), json!(true)] {
            let mut document = original.clone();
            *document.pointer_mut(&pointer).expect("a place") = value.clone();
            if !schema.is_valid(&document) {
                let is_absent = value.is_null() && Plan::parse(&document.to_string()).is_ok();
                assert!(
                    is_absent || Plan::parse(&document.to_string()).is_err(),
                    "{pointer} = {value} is refused by the schema alone"
                );
            }
        }
    }
}

/// Every place in a document.
fn places(value: &Value, at: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        _ => Vec::new(),
    };
    let mut all = Vec::new();
    for (name, value) in inner {
        let pointer = format!("{at}/{name}");
        all.extend(places(value, &pointer));
        all.push(pointer);
    }
    all
}

#[test]
fn text_that_is_not_json_is_told_with_its_line() {
    let errors = Plan::parse("{\n \"id\": ").expect_err("not JSON");
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].pointer, "");
    assert!(errors[0].to_string().contains("line 2"), "{}", errors[0]);
    assert_eq!(pointers(&json!([])), [""]);
}
