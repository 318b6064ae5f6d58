//! Where cash comes from, what is missing, and what bounds do about it.

use crate::world::{A, B, C, World, at, exported, shown};

fn one_school() -> World {
    let mut world = World::january(">=", 50);
    world.school("A");
    world.paid("A", "2022-01", 50, 5_000);
    world
}

#[test]
fn a_system_export_goes_before_a_declaration_and_that_before_a_total_of_invoices() {
    let mut world = one_school();
    world.cash("A", "2022-01", C, 0, 9_000);
    assert_eq!(world.month("A", "2022-01").source_used, Some(C));
    world.cash("A", "2022-01", B, 30, 3_000);
    assert_eq!(
        (world.month("A", "2022-01").source_used, world.month("A", "2022-01").cash_n),
        (Some(B), Some(30))
    );
    world.cash("A", "2022-01", A, 20, 3_000);
    assert_eq!(
        (world.month("A", "2022-01").source_used, world.month("A", "2022-01").cash_n),
        (Some(A), Some(20))
    );
}

#[test]
fn a_total_of_invoices_serves_value_alone_and_is_never_less_than_the_cashless_part() {
    let mut world = one_school();
    world.cash("A", "2022-01", C, 0, 9_000);
    let month = world.month("A", "2022-01");
    assert_eq!((month.cash_n, month.cash_dong), (None, Some(4_000)));
    assert_eq!(world.states("A", "2022-01"), ["declared", "count_missing"]);
    assert_eq!(shown(&world.target("value")).0, "55.55");
    assert_eq!(shown(&world.target("count")), ("", "", "100.00", "undetermined"));
    world.declarations[0].declaration.cash_dong = 4_000;
    assert_eq!(world.month("A", "2022-01").cash_dong, Some(0));
}

#[test]
fn two_sources_are_in_conflict_above_five_percent_of_the_larger_and_the_export_is_used() {
    for (declared, states) in [
        (95, vec!["declared"]),
        (94, vec!["conflict", "declared"]),
        (106, vec!["conflict", "declared"]),
        (105, vec!["declared"]),
    ] {
        let mut world = one_school();
        world.cash("A", "2022-01", A, 10, 100);
        world.cash("A", "2022-01", B, 10, declared);
        assert_eq!(world.states("A", "2022-01"), states, "100 and {declared}");
        assert_eq!(world.month("A", "2022-01").cash_dong, Some(100));
    }
}

#[test]
fn flags_stand_together_late_before_conflict_before_zero() {
    let mut world = one_school();
    world.cash("A", "2022-01", A, 0, 0);
    world.cash("A", "2022-01", B, 10, 100);
    for declared in &mut world.declarations {
        declared.first_recorded_at = at("2022-02-06T00:00:00+07:00");
    }
    assert_eq!(world.states("A", "2022-01"), ["late", "conflict", "zero", "declared"]);
}

#[test]
fn the_first_version_decides_whether_a_month_is_late() {
    let mut world = one_school();
    world.cash("A", "2022-01", B, 10, 100);
    world.declarations[0].first_recorded_at = at("2022-02-05T23:59:59+07:00");
    world.declarations[0].declaration.recorded_at = at("2022-06-01T00:00:00+07:00");
    world.declarations[0].declaration.version = 2;
    assert_eq!(world.states("A", "2022-01"), ["declared"]);
    world.declarations[0].first_recorded_at = at("2022-02-06T00:00:00+07:00");
    assert_eq!(world.states("A", "2022-01"), ["late", "declared"]);
}

#[test]
fn the_highest_version_stands_then_the_later_receipt() {
    let mut world = one_school();
    world.cash("A", "2022-01", B, 10, 100).version = 2;
    world.cash("A", "2022-01", B, 20, 200).version = 1;
    assert_eq!(world.month("A", "2022-01").cash_n, Some(10));
    let later = world.cash("A", "2022-01", B, 30, 300);
    (later.version, later.recorded_at) = (2, at("2022-03-01T00:00:00+07:00"));
    assert_eq!(world.month("A", "2022-01").cash_n, Some(30));
}

#[test]
fn cash_refunds_lower_cash_in_their_month_and_sums_may_be_negative() {
    let mut world = one_school();
    world.cash("A", "2022-01", B, 10, 1_000).cash_refunds_dong = 4_000;
    assert_eq!(world.month("A", "2022-01").cash_dong, Some(-3_000));
    assert_eq!(shown(&world.target("value")).0, "250.00");
    world.declarations[0].declaration.cash_refunds_dong = 6_000;
    assert_eq!(shown(&world.target("value")), ("", "", "", "undetermined"), "5,000 of 0 is no figure");
}

#[test]
fn a_missing_month_is_imputed_by_the_same_month_of_last_year_from_its_highest_source() {
    let mut world = one_school();
    world.cash("A", "2021-01", B, 40, 4_000);
    assert_eq!(world.month("A", "2022-01").imputed_low_n, Some(40));
    world.cash("A", "2021-01", A, 60, 6_000);
    let month = world.month("A", "2022-01");
    assert_eq!((month.imputed_low_n, month.imputed_low_dong), (Some(60), Some(6_000)));
    assert_eq!(month.cash_n, None, "an imputed number is never a declared one");
}

#[test]
fn without_last_year_the_ninetieth_percentile_per_learner_of_the_type_is_taken_and_rounded_up() {
    let mut world = one_school();
    // Ten declared schools with 1 to 10 receipts for 100 learners: the ninth is the 90th percentile.
    for number in 1..=10 {
        let id = format!("S{number}");
        world.school(&id);
        world.cash(&id, "2022-01", B, number, number * 1_000);
    }
    let mut row = World::row();
    row.learners = 150;
    world.institution("M", row);
    let month = world.month("M", "2022-01");
    assert_eq!((month.imputed_low_n, month.imputed_low_dong), (Some(14), Some(13_500)));
}

#[test]
fn with_nothing_to_impute_from_there_is_no_lower_bound() {
    let world = one_school();
    assert_eq!(shown(&world.target("count")), ("", "", "100.00", "undetermined"));
    let mut other_type = one_school();
    let mut row = World::row();
    row.institution_type = cashless_registry::InstitutionType::Preschool;
    other_type.institution("P", row);
    other_type.cash("P", "2022-01", B, 10, 1_000);
    other_type.paid("P", "2022-01", 10, 1_000);
    let target = other_type.target("count");
    assert_eq!(shown(&target), ("50.0000", "", "85.71", "undetermined"));
    assert_eq!(target.figures.reason.name(), "no_low_bound");
}

#[test]
fn an_institution_of_unknown_size_cannot_be_imputed_and_is_not_taken_for_zero() {
    let mut world = one_school();
    world.cash("A", "2022-01", B, 50, 5_000);
    let mut row = World::row();
    row.learners = 0;
    world.institution("M", row);
    let target = world.target("count");
    assert_eq!(shown(&target), ("50.0000", "", "50.0000", "undetermined"));
    assert_eq!(target.figures.imputed_n, 0);
}

#[test]
fn observed_takes_cashless_money_only_from_months_with_a_denominator() {
    let mut world = one_school();
    world.cash("A", "2022-01", B, 50, 5_000);
    world.school("B");
    world.paid("B", "2022-01", 1_000, 100_000);
    assert_eq!(shown(&world.target("count")).0, "50.0000");
}

#[test]
fn more_than_two_percent_unseen_replace_both_figures_in_the_upper_bound_alone() {
    let mut world = one_school();
    world.flows[0].net_dong = 4_900;
    // 100 of 5,000 are just 2%.
    world.cash("A", "2022-01", A, 50, 5_000).exported_cashless = exported(60, 5_000);
    assert_eq!(world.states("A", "2022-01"), ["declared"]);
    assert_eq!(shown(&world.target("count")), ("50.0000", "50.0000", "50.0000", "achieved"));
    world.declarations[0].declaration.exported_cashless = exported(60, 5_001);
    assert_eq!(world.states("A", "2022-01"), ["declared", "numerator_incomplete"]);
    assert_eq!(shown(&world.target("count")), ("50.0000", "50.0000", "54.54", "achieved"));
    assert_eq!(shown(&world.target("value")), ("49.49", "49.49", "50.0049", "undetermined"));
}

#[test]
fn a_declared_zero_is_data_and_a_missing_month_is_not() {
    let mut zero = one_school();
    zero.cash("A", "2022-01", B, 0, 0);
    assert_eq!(shown(&zero.target("count")), ("100.00", "100.00", "100.00", "achieved"));
    assert_eq!(shown(&one_school().target("count")).0, "");
}

#[test]
fn what_may_be_counted_twice_is_in_observed_and_in_the_upper_bound_and_out_of_the_lower_one() {
    let mut world = one_school();
    world.cash("A", "2022-01", B, 50, 5_000);
    assert_eq!(shown(&world.target("count")), ("50.0000", "50.0000", "50.0000", "achieved"));
    world.looks_alike("A", "2022-01", 7, 900);
    world.looks_alike("A", "2022-01", 3, 100);
    // 40 of 90, and 4,000 of 9,000.
    assert_eq!(shown(&world.target("count")), ("50.0000", "44.44", "50.0000", "undetermined"));
    assert_eq!(shown(&world.target("value")), ("50.0000", "44.44", "50.0000", "undetermined"));
    assert_eq!(world.standing("A").count_display, "44.44", "ranks go by what is sure");

    // Not declared: the same beside imputed cash, here that of last year.
    world.declarations.clear();
    world.cash("A", "2021-01", B, 40, 4_000);
    assert_eq!(shown(&world.target("count")), ("", "50.0000", "100.00", "undetermined"));

    // Of a total of invoices, what is not cashless is cash: 4,000 of 10,000.
    world.declarations.clear();
    world.cash("A", "2022-01", C, 0, 10_000);
    assert_eq!(shown(&world.target("value")), ("50.0000", "40.00", "50.0000", "undetermined"));

    // More than is counted cannot be counted twice, and nobody else's figures change.
    world.looks_alike("A", "2022-01", 1_000, 1_000_000);
    world.looks_alike("NOBODY", "2022-01", 1_000, 1_000_000);
    world.declarations.clear();
    world.cash("A", "2022-01", B, 50, 5_000);
    assert_eq!(shown(&world.target("count")), ("50.0000", "0.00", "50.0000", "undetermined"));
}

#[test]
fn an_institution_of_which_every_payment_may_be_another_ones_does_not_surely_use_it() {
    let mut world = one_school();
    world.looks_alike("A", "2022-01", 49, 4_900);
    assert_eq!(shown(&world.target("use")), ("100.0000", "100.0000", "100.0000", "achieved"));
    world.looks_alike("A", "2022-01", 1, 100);
    assert_eq!(shown(&world.target("use")), ("100.0000", "0.00", "100.0000", "undetermined"));
}
