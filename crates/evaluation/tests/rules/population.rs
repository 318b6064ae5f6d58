//! Who is counted, when and as what.

use cashless_evaluation::UseState;
use cashless_registry::{
    Attribute, CareTier, ConnectionState, InstitutionStatus, InstitutionType, ManagedBy, Ownership, Purpose,
    Scope, Sector,
};
use serde_json::json;

use crate::world::{B, World, between, day, shown, since, target};

#[test]
fn a_stock_share_is_of_institutions_at_the_end_of_the_reference_date() {
    let targets = [target("platform", "education", "platform_share", ">=", 50)];
    let mut world = World::new("2022-01-01", "2023-01-01", &targets);
    for (id, valid) in [
        ("STAYS", since("2015-01-01")),
        ("OPENS", since("2022-12-31")),
        ("CLOSES", between("2015-01-01", "2022-12-31")),
        ("LATER", since("2023-01-01")),
    ] {
        let mut row = World::row();
        row.valid = valid;
        world.institution(id, row);
    }
    let mut suspended = World::row();
    suspended.status = InstitutionStatus::Suspended;
    world.institution("SUSPENDED", suspended);
    world.attribute("STAYS", Attribute::Platform, "education_management");
    let figures = world.target("platform").figures;
    let observed = figures.observed.expect("a share");
    assert_eq!((observed.numerator(), observed.denominator()), (1, 2));
    assert_eq!(figures.verdict.name(), "achieved");
}

#[test]
fn only_platforms_of_the_sectors_categories_count_and_listed_ones_are_shown_apart() {
    let targets = [target("platform", "education", "platform_share", ">=", 50)];
    let mut world = World::new("2022-01-01", "2023-01-01", &targets);
    world.plan["variants"] = json!([{"id": "listed", "title_vi": "trong danh mục", "targets": ["platform"], "ministry_listed_only": true}]);
    for id in ["A", "B"] {
        world.school(id);
        world.attribute(id, Attribute::Platform, "education_management");
    }
    world.registry.attributes.get_mut("B").expect("rows")[0].ministry_listed = true;
    world.school("C");
    world.attribute("C", Attribute::Platform, "hospital_management");
    let platform = world.target("platform");
    assert_eq!(platform.figures.display, "66.66");
    assert_eq!(
        (platform.variants[0].id.as_str(), platform.variants[0].figures.display.as_str()),
        ("platform/listed", "33.33")
    );
}

#[test]
fn institutions_elsewhere_or_nowhere_are_not_of_the_plan() {
    let mut world = World::january(">=", 50);
    world.school("HERE");
    for (id, unit_code) in [("THERE", "38"), ("LOST", "999")] {
        let mut row = World::row();
        row.unit_code = unit_code.into();
        world.institution(id, row);
        world.paid(id, "2022-01", 5, 500);
    }
    let evaluation = world.evaluate();
    let ids: Vec<_> = evaluation.institutions.iter().map(|one| one.institution_id.as_str()).collect();
    assert_eq!(ids, ["HERE"]);
    assert_eq!(evaluation.unlocated, ["LOST"]);
    assert_eq!((evaluation.unknown.n, evaluation.unknown.net_dong), (10, 1_000));
}

#[test]
fn a_province_keeps_its_institutions_of_2022_after_the_reform() {
    let mut world = World::january(">=", 50);
    world.registry.units.get_mut("67").expect("rows")[0].valid.to = day("2025-07-01");
    world.registry.units.get_mut("660").expect("rows")[0].valid.to = day("2025-07-01");
    world.school("A");
    world.today = day("2026-11-25");
    assert_eq!(world.evaluate().institutions.len(), 1);
    assert_eq!(world.standing("A").district_code, "660");
}

#[test]
fn an_institution_that_changes_its_province_counts_in_each_for_its_months_there() {
    let targets = [target("count", "education", "count_share", ">=", 50)];
    let mut world = World::new("2022-01-01", "2022-05-01", &targets);
    for (unit_code, valid) in [("660", between("2021-01-01", "2022-03-10")), ("38", since("2022-03-10"))] {
        let mut row = World::row();
        (row.unit_code, row.valid) = (unit_code.into(), valid);
        world.institution("A", row);
    }
    for month in ["2022-01", "2022-02", "2022-03", "2022-04"] {
        world.paid("A", month, 5, 500);
        world.cash("A", month, B, 5, 500);
    }
    let observed = |world: &World| {
        let observed = world.target("count").figures.observed.expect("a share");
        (observed.numerator(), observed.denominator(), world.evaluate().unknown.n)
    };
    assert_eq!(observed(&world), (15, 30, 5), "by where it is on the 1st");
    world.plan["territory"]["province_codes"] = serde_json::json!(["38"]);
    assert_eq!(observed(&world), (5, 10, 15));
    world.plan["territory"]["province_codes"] = serde_json::json!(["38", "67"]);
    assert_eq!(observed(&world), (20, 40, 0));
}

#[test]
fn a_flow_has_every_month_in_which_the_institution_was_active_on_the_first() {
    let targets = [target("count", "education", "count_share", ">=", 50)];
    let mut world = World::new("2022-01-01", "2022-07-01", &targets);
    let mut row = World::row();
    row.valid = between("2022-02-15", "2022-05-01");
    world.institution("A", row);
    world.paid("A", "2022-02", 5, 500);
    world.paid("A", "2022-03", 5, 500);
    for month in ["2022-03", "2022-04"] {
        world.cash("A", month, B, 5, 500);
    }
    let standing = world.standing("A");
    assert_eq!((standing.months_active, standing.months_declared_count), (2, 2));
    assert_eq!(world.states("A", "2022-02"), ["outside"], "counted and flagged");
    let figures = world.target("count").figures;
    assert_eq!((figures.coverage.n, figures.coverage.of), (1, 1));
    let parts = |ratio: Option<cashless_evaluation::Ratio>| {
        ratio.map(|ratio| (ratio.numerator(), ratio.denominator()))
    };
    assert_eq!(parts(figures.observed), Some((5, 15)));
    assert_eq!(parts(figures.high), Some((10, 20)));
    assert_eq!(parts(figures.low), Some((10, 20)), "nobody has to declare it: no cash is imputed");
}

#[test]
fn extended_institutions_are_shown_beside_and_have_no_say() {
    let mut world = World::january(">=", 50);
    world.plan["variants"] =
        json!([{"id": "extended", "title_vi": "mở rộng", "targets": ["count"], "scope": "extended"}]);
    world.school("A");
    let mut extended = World::row();
    extended.scope = Scope::Extended;
    world.institution("E", extended);
    for (id, paid) in [("A", 60), ("E", 20)] {
        world.paid(id, "2022-01", paid, paid);
        world.cash(id, "2022-01", B, 100 - paid, 100 - paid);
    }
    let count = world.target("count");
    assert_eq!(shown(&count).0, "60.00");
    assert_eq!(
        (count.variants[0].figures.display.as_str(), count.variants[0].figures.verdict.name()),
        ("40.00", "missed")
    );
}

#[test]
fn provincial_hospitals_are_public_and_of_the_province_and_the_others_stand_beside() {
    let plan: serde_json::Value =
        serde_json::from_str(include_str!("../../../../deploy/plans/th-2022.json")).expect("JSON");
    let mut world = World::new("2022-01-01", "2023-01-01", &[]);
    world.plan = plan;
    world.today = day("2023-01-10");
    let hospital = || {
        let mut row = World::row();
        row.sector = Sector::Health;
        row.institution_type = InstitutionType::GeneralHospital;
        row.care_tier = Some(CareTier::Provincial);
        row.unit_code = "38".into();
        row.valid = between("2022-12-01", "2023-01-01");
        row.visits = 1_000;
        row
    };
    world.institution("PROVINCIAL", hospital());
    let mut district = hospital();
    district.care_tier = Some(CareTier::District);
    world.institution("DISTRICT", district);
    let mut private = hospital();
    private.ownership = Ownership::Private;
    world.institution("PRIVATE", private);
    let mut army = hospital();
    army.managed_by = ManagedBy::Army;
    world.institution("ARMY", army);
    for (id, paid) in [("PROVINCIAL", 60), ("DISTRICT", 0), ("PRIVATE", 20), ("ARMY", 10)] {
        world.paid(id, "2022-12", paid, paid);
        world.cash(id, "2022-12", B, 100 - paid, 100 - paid);
    }
    let target = world.target("TH-T3-HPR-C");
    assert_eq!(shown(&target), ("60.00", "60.00", "60.00", "achieved"));
    let variants: Vec<_> =
        target.variants.iter().map(|one| (one.id.as_str(), one.figures.display.as_str())).collect();
    assert_eq!(
        variants,
        [
            ("TH-T3-HPR-C/last_month", "60.00"),
            ("TH-T3-HPR-C/last_3_months", "60.00"),
            ("TH-T3-HPR-C/private_hospitals", "20.00"),
            ("TH-T3-HPR-C/central_hospitals", "10.00"),
            ("TH-T3-HPR-C/central_tier_hospitals", ""),
        ]
    );
}

#[test]
fn use_is_unknown_where_a_payment_could_have_gone_unseen() {
    let mut world = World::january(">=", 50);
    for id in ["YES", "NO", "UNKNOWN"] {
        world.school(id);
    }
    world.paid("YES", "2022-01", 1, 1_000);
    world.identifier("NO", "970405", Purpose::FeeCollection, since("2021-01-01"));
    world.connection("970405", ConnectionState::Connected, since("2021-01-01"));
    world.identifier("UNKNOWN", "970436", Purpose::Unknown, since("2021-01-01"));
    assert_eq!(world.standing("UNKNOWN").uses, UseState::Unknown);
    let used = world.target("use");
    assert_eq!(shown(&used), ("33.33", "33.33", "66.66", "missed"));
    assert_eq!((used.figures.coverage.n, used.figures.coverage.of), (2, 3));
}

#[test]
fn installing_and_using_are_two_facts_and_neither_stands_for_the_other() {
    let targets = [target("both", "education", "install_and_use_share", ">=", 50)];
    let mut world = World::new("2022-01-01", "2022-02-01", &targets);
    for id in ["BOTH", "INSTALLED", "USED", "NEITHER"] {
        world.school(id);
    }
    for id in ["BOTH", "INSTALLED"] {
        world.attribute(id, Attribute::MethodReady, "QR");
    }
    for id in ["BOTH", "USED"] {
        world.paid(id, "2022-01", 1, 1_000);
    }
    assert_eq!(shown(&world.target("both")), ("25.00", "25.00", "25.00", "missed"));
    // What is not installed is not unknown, whatever may have gone unseen.
    for id in ["INSTALLED", "NEITHER"] {
        world.identifier(id, "970436", Purpose::General, since("2021-01-01"));
    }
    assert_eq!(shown(&world.target("both")), ("25.00", "25.00", "50.0000", "undetermined"));
}

#[test]
fn accepting_needs_a_word_and_an_account_on_the_reference_date() {
    let targets = [target("accept", "education", "accept_share", ">=", 100)];
    let mut world = World::new("2022-01-01", "2023-01-01", &targets);
    for id in ["BOTH", "WORD", "ACCOUNT", "CLOSED", "PAYROLL"] {
        world.school(id);
    }
    for id in ["BOTH", "WORD", "CLOSED", "PAYROLL"] {
        world.attribute(id, Attribute::Accepting, "");
    }
    world.identifier("BOTH", "970405", Purpose::Deposit, since("2021-01-01"));
    world.identifier("ACCOUNT", "970405", Purpose::FeeCollection, since("2021-01-01"));
    world.identifier("CLOSED", "970405", Purpose::FeeCollection, between("2021-01-01", "2022-12-31"));
    world.identifier("PAYROLL", "970405", Purpose::Payroll, since("2021-01-01"));
    assert_eq!(shown(&world.target("accept")), ("20.00", "20.00", "20.00", "missed"));
}

#[test]
fn regular_use_asks_for_payments_and_months_and_fee_collecting_for_fees() {
    let mut world =
        World::new("2022-01-01", "2023-01-01", &[target("use", "education", "use_share", ">=", 100)]);
    world.plan["variants"] = json!([
        {"id": "regular", "title_vi": "thường xuyên", "targets": ["use"], "payments_min": 10, "months_min": 3},
        {"id": "fees", "title_vi": "có thu", "targets": ["use"], "fee_collecting_only": true},
    ]);
    for id in ["REGULAR", "FEW", "SHORT"] {
        world.school(id);
    }
    let mut free = World::row();
    free.fee_collecting = false;
    world.institution("FREE", free);
    for (month, regular, few, short) in [("2022-01", 4, 3, 5), ("2022-02", 4, 3, 5), ("2022-03", 2, 3, 0)] {
        world.paid("REGULAR", month, regular, 1);
        world.paid("FEW", month, few, 1);
        world.paid("SHORT", month, short, 1);
    }
    let used = world.target("use");
    assert_eq!(shown(&used).0, "75.00");
    let variants: Vec<_> = used.variants.iter().map(|one| one.figures.display.as_str()).collect();
    assert_eq!(variants, ["25.00", "100.0000"]);
}

#[test]
fn a_departments_figure_is_the_one_of_the_reference_date() {
    let targets = [target("typed", "education", "manual_online_teaching_share", ">=", 100)];
    let mut world = World::new("2022-01-01", "2023-01-01", &targets);
    let empty = world.target("typed");
    assert_eq!((shown(&empty), empty.figures.reason.name()), (("", "", "", "undetermined"), "nothing_typed"));
    let row = |numerator, valid| cashless_registry::IndicatorRow {
        valid,
        numerator,
        denominator: 370,
        declared_by: "Sở GD&ĐT".into(),
        evidence: String::new(),
    };
    let rows = vec![row(100, between("2022-01-01", "2022-12-31")), row(370, since("2022-12-31"))];
    world.registry.indicators.insert("typed".into(), rows);
    assert_eq!(shown(&world.target("typed")), ("100.0000", "100.0000", "100.0000", "achieved"));
}

#[test]
fn methods_ready_are_counted_by_family_and_shown_as_a_histogram() {
    let targets = [target("ready", "education", "methods_ready", ">=", 50)];
    let mut world = World::new("2022-01-01", "2023-01-01", &targets);
    for (id, families) in [("FOUR", 4), ("THREE", 3), ("NONE", 0)] {
        world.school(id);
        for family in ["QR", "WEB", "MOBILE_MONEY", "CARD_POS"].into_iter().take(families) {
            world.attribute(id, Attribute::MethodReady, family);
        }
        world.attribute(id, Attribute::MethodReady, "QR");
    }
    assert_eq!(world.evaluate().sectors[0].methods_ready_histogram, [0, 1, 0, 1, 1]);
    assert_eq!(shown(&world.target("ready")).0, "33.33");
    world.plan["targets"][0]["methods_min"] = json!(3);
    assert_eq!(shown(&world.target("ready")).0, "66.66");
}

#[test]
fn minimum_fields_are_four_in_education_and_three_in_health() {
    let targets = [
        target("schools", "education", "minfields_share", ">=", 50),
        target("hospitals", "health", "minfields_share", ">=", 50),
    ];
    let mut world = World::new("2022-01-01", "2023-01-01", &targets);
    world.school("A");
    let mut hospital = World::row();
    hospital.sector = Sector::Health;
    world.institution("H", hospital);
    for id in ["A", "H"] {
        world.paid(id, "2022-03", 100, 100);
        let flow = world.flows.last_mut().expect("a flow");
        (flow.all_fields_n, flow.without_beneficiary_n) = (20, 70);
    }
    assert_eq!(shown(&world.target("schools")).0, "20.00");
    assert_eq!(shown(&world.target("hospitals")).0, "70.00");
}

#[test]
fn coverage_is_weighed_by_last_years_receipts_if_the_whole_sector_has_them() {
    let mut world = World::january(">=", 50);
    for id in ["A", "B"] {
        let mut row = World::row();
        row.valid = since("2021-11-01");
        world.institution(id, row);
    }
    world.cash("A", "2022-01", B, 1, 1);
    world.cash("A", "2021-12", B, 70, 1);
    world.paid("A", "2021-12", 20, 1);
    let by_learners = world.target("count").figures;
    assert_eq!((by_learners.coverage.weight_kind.name(), by_learners.coverage.weight), ("learners", 100));
    world.cash("B", "2021-12", B, 10, 1);
    let kind = world.target("count").figures.coverage.weight_kind.name();
    assert_eq!(kind, "learners", "November is missing: that is no year's receipts");
    world.cash("A", "2021-11", B, 0, 0);
    world.cash("B", "2021-11", B, 0, 0);
    let by_receipts = world.target("count").figures;
    assert_eq!(by_receipts.coverage.weight_kind.name(), "receipts");
    assert_eq!((by_receipts.coverage.weight, by_receipts.coverage.weight_of), (90, 100));
    assert!(!by_receipts.is_preliminary, "90% are enough");
}
