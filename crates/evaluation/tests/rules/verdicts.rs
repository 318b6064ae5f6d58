//! Verdicts at the edges.

use cashless_registry::{ConnectionState, Purpose};
use serde_json::json;

use crate::world::{B, World, between, shown, since, target};

fn shares(comparator: &str, percent: i64, paid: i64, cash: i64) -> World {
    let mut world = World::january(comparator, percent);
    world.school("A");
    world.paid("A", "2022-01", paid, paid);
    world.cash("A", "2022-01", B, cash, cash);
    world
}

#[test]
fn exactly_at_the_threshold_above_is_missed_and_at_least_is_achieved() {
    assert_eq!(shown(&shares(">", 50, 20, 20).target("count")), ("50.0000", "50.0000", "50.0000", "missed"));
    assert_eq!(shown(&shares(">=", 50, 20, 20).target("count")).3, "achieved");
    assert_eq!(shown(&shares(">", 50, 21, 20).target("count")).3, "achieved");
}

#[test]
fn a_share_just_below_never_looks_like_the_threshold() {
    let target = shares(">=", 50, 49_996, 50_004).target("count");
    assert_eq!(shown(&target), ("49.9960", "49.9960", "49.9960", "missed"));
}

#[test]
fn without_institutions_there_is_no_data_and_no_verdict() {
    let world = World::january(">=", 0);
    for id in ["count", "value", "use"] {
        let target = world.target(id);
        assert_eq!(shown(&target), ("", "", "", "undetermined"));
        assert_eq!(target.figures.reason.name(), "empty_population");
    }
}

#[test]
fn money_of_a_provider_that_is_not_connected_opens_the_upper_bound() {
    let mut world = shares(">=", 50, 10, 90);
    world.identifier("A", "970405", Purpose::FeeCollection, since("2021-01-01"));
    let target = world.target("count");
    assert_eq!(shown(&target), ("10.00", "10.00", "10.00", "undetermined"));
    assert_eq!((target.figures.high_is_open, target.figures.reason.name()), (true, "high_is_open"));
    world.connection("970405", ConnectionState::Connected, since("2021-06-01"));
    assert_eq!(shown(&world.target("count")).3, "missed");
}

#[test]
fn a_provider_that_was_silent_for_a_day_opens_the_upper_bound() {
    let mut world = shares(">=", 50, 10, 90);
    world.identifier("A", "970405", Purpose::General, since("2021-01-01"));
    world.connection("970405", ConnectionState::Connected, between("2021-06-01", "2022-01-10"));
    world.connection("970405", ConnectionState::Silent, between("2022-01-10", "2022-01-11"));
    world.connection("970405", ConnectionState::Connected, since("2022-01-11"));
    assert!(world.target("count").figures.high_is_open);
}

#[test]
fn accounts_that_take_no_fees_open_nothing() {
    let mut world = shares(">=", 50, 10, 90);
    world.identifier("A", "970405", Purpose::Payroll, since("2021-01-01"));
    world.identifier("A", "970436", Purpose::FeeCollection, between("2021-01-01", "2021-12-31"));
    assert_eq!(shown(&world.target("count")).3, "missed");
}

#[test]
fn a_pair_is_missed_by_one_member_and_achieved_by_all() {
    let mut world = shares(">=", 50, 60, 40);
    world.plan["pairs"] = json!([{"id": "both", "title_vi": "cả hai", "all_of": ["count", "value"]}]);
    let pair = |world: &World| world.evaluate().pairs.remove(0).verdict.name();
    assert_eq!(pair(&world), "achieved");
    world.declarations[0].declaration.cash_dong = 400;
    assert_eq!(pair(&world), "missed");
    world.plan["pairs"][0]["all_of"] = json!(["count", "use"]);
    world.registry.institutions.clear();
    assert_eq!(pair(&world), "undetermined");
}

#[test]
fn a_pooled_pair_shows_the_sum_of_its_members_beside_their_own_tests() {
    let targets = [
        target("schools", "education", "count_share", ">", 50),
        target("hospitals", "health", "count_share", ">", 50),
    ];
    let mut world = World::new("2022-01-01", "2022-02-01", &targets);
    world.plan["pairs"] =
        json!([{"id": "pair", "title_vi": "cả hai", "all_of": ["schools", "hospitals"], "is_pooled": true}]);
    world.school("A");
    let mut hospital = World::row();
    hospital.sector = cashless_registry::Sector::Health;
    hospital.institution_type = cashless_registry::InstitutionType::GeneralHospital;
    hospital.visits = 1_000;
    world.institution("H", hospital);
    for (id, paid, cash) in [("A", 10, 90), ("H", 900, 100)] {
        world.paid(id, "2022-01", paid, paid);
        world.cash(id, "2022-01", B, cash, cash);
    }
    let pair = world.evaluate().pairs.remove(0);
    assert_eq!(pair.verdict.name(), "missed", "the schools alone miss");
    let pooled = pair.pooled.expect("a pooled share");
    assert_eq!((pooled.id.as_str(), pooled.sector), ("pair/pooled", None));
    assert_eq!((pooled.figures.display.as_str(), pooled.figures.verdict.name()), ("82.72", "achieved"));
    assert_eq!(pooled.figures.coverage.weight_kind.name(), "institutions");
}

#[test]
fn vietnamese_verdicts_are_those_of_the_reports() {
    use cashless_evaluation::Verdict;
    let words: Vec<_> = Verdict::ALL.iter().map(|verdict| verdict.vietnamese()).collect();
    assert_eq!(words, ["đạt", "không đạt", "chưa đủ số liệu"]);
}
