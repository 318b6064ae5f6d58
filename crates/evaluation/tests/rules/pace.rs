//! In the middle of the year: what is not due yet, and what is left to do.

use serde_json::json;

use crate::world::{A, B, World, day, shown, target};

/// Four months, seen on a day of the third.
fn third_month() -> World {
    let targets = [
        target("count", "education", "count_share", ">=", 50),
        target("use", "education", "use_share", ">=", 50),
    ];
    let mut world = World::new("2022-01-01", "2022-05-01", &targets);
    world.today = day("2022-03-10");
    world.school("A");
    for (month, paid) in [("2022-01", 20), ("2022-02", 40)] {
        world.paid("A", month, paid, paid);
        world.cash("A", month, B, 100 - paid, 100 - paid);
    }
    world
}

#[test]
fn a_month_that_has_not_ended_is_not_missing() {
    let mut world = third_month();
    world.paid("A", "2022-03", 10, 10);
    assert_eq!(world.states("A", "2022-03"), ["running"]);
    assert!(world.evaluate().months.iter().all(|month| month.month <= day("2022-03-01")));
    let figures = world.target("count").figures;
    assert_eq!((figures.coverage.n, figures.coverage.of, figures.imputed_n), (1, 1, 0));
    // Its payments count at once, on the side on which that is safe.
    let seen = ("30.00", "30.00", "33.33", "missed");
    assert_eq!(shown(&world.target("count")), seen);
    // What is stored of months after today is not there, on a day that is looked back to.
    world.paid("A", "2022-04", 1_000, 1_000);
    world.cash("A", "2022-04", B, 1, 1);
    assert_eq!(shown(&world.target("count")), seen);
    assert!(world.evaluate().months.iter().all(|month| month.month <= day("2022-03-01")));
    world.today = day("2022-03-31");
    assert_eq!(world.states("A", "2022-03"), ["running"]);
    world.today = day("2022-04-01");
    assert_eq!(world.states("A", "2022-03"), ["missing"]);
}

#[test]
fn a_running_month_that_software_declares_already_counts() {
    let mut world = third_month();
    world.paid("A", "2022-03", 90, 90);
    world.cash("A", "2022-03", A, 10, 10);
    assert_eq!(world.states("A", "2022-03"), ["declared", "running"]);
    assert_eq!(shown(&world.target("count")).0, "50.0000");
}

#[test]
fn without_last_year_the_months_left_are_taken_as_the_mean_of_the_ended_ones() {
    let pace = third_month().target("count").pace;
    assert_eq!(pace.months_left, 2);
    // 60 of 200 so far, 200 to come: 140 of them are needed; with 30% of them it stays at 30%.
    assert_eq!(pace.required_display, "70.00");
    assert_eq!(pace.projected_display, "30.00");
    assert_eq!(
        pace.projection_basis,
        "lượng các tháng còn lại bằng bình quân các tháng đã qua; tỷ lệ như 2 tháng gần nhất đã kê khai"
    );
}

#[test]
fn the_months_left_are_taken_by_last_years_season_if_it_was_declared() {
    let mut world = third_month();
    world.plan["settings"] = json!({"projection_months": 1});
    // A year of which no bank reported anything has its seasons, too.
    for (month, cash) in [("2021-01", 5), ("2021-02", 5), ("2021-03", 20), ("2021-04", 20)] {
        world.cash("A", month, B, cash, cash);
    }
    let pace = world.target("count").pace;
    // 60 of 200 so far, four times as much to come: 440 of 800 are needed; with 40% of them it ends at 380 of 1,000.
    assert_eq!(pace.required_display, "55.00");
    assert_eq!(pace.projected_display, "38.00");
    assert_eq!(
        pace.projection_basis,
        "lượng các tháng còn lại theo mùa vụ năm trước; tỷ lệ như 1 tháng gần nhất đã kê khai"
    );
    // Half of the institutions' last year is not the province's.
    world.school("B");
    assert_eq!(world.target("count").pace.required_display, "70.00");
}

#[test]
fn what_is_declared_of_the_running_month_is_a_part_of_what_was_to_come() {
    let mut world = third_month();
    world.paid("A", "2022-03", 10, 10);
    world.cash("A", "2022-03", A, 10, 10);
    let pace = world.target("count").pace;
    // 70 of 220 so far, and 20 of the 200 to come are there: 130 of 180 are needed; with 30% of them it ends at 124 of 400.
    assert_eq!((pace.required_display.as_str(), pace.projected_display.as_str()), ("72.23", "31.00"));
    // In ten of 31 days it has brought more than was expected of all: 67 are still expected of the other ones, and 100 of
    // the last month.
    world.paid("A", "2022-03", 190, 190);
    let pace = world.target("count").pace;
    // 260 of 410 so far, 167 to come: 28.5 of them are needed; with 30% of them it ends at 310 of 577.
    assert_eq!((pace.required_display.as_str(), pace.projected_display.as_str()), ("17.07", "53.72"));
}

#[test]
fn before_the_first_month_has_ended_nothing_is_projected() {
    let mut world = third_month();
    world.today = day("2022-01-20");
    world.declarations.clear();
    let pace = world.target("count").pace;
    assert_eq!((pace.months_left, pace.required, pace.projected), (4, None, None));
    assert_eq!(pace.projection_basis, "chưa có tháng nào để ước lượng");
}

#[test]
fn after_the_year_the_end_value_is_final_and_nothing_is_required() {
    let mut world = third_month();
    world.today = day("2022-05-01");
    let count = world.target("count");
    assert_eq!((count.pace.months_left, count.pace.required_display.as_str()), (0, ""));
    assert_eq!(count.pace.projected_display, count.figures.display);
    assert!(world.evaluate().is_year_over);
    world.today = day("2022-04-30");
    assert!(!world.evaluate().is_year_over);
}

#[test]
fn of_institutions_it_is_said_how_many_more_are_needed() {
    let mut world = third_month();
    for id in ["B", "C", "D"] {
        world.school(id);
    }
    let pace = world.target("use").pace;
    assert_eq!((pace.required_institutions, pace.required_display.as_str()), (Some(1), ""));
}

#[test]
fn the_last_months_stand_beside_the_year() {
    let mut world = third_month();
    world.plan["variants"] = json!([
        {"id": "last", "title_vi": "tháng cuối", "targets": ["count"], "last_months": 1},
        {"id": "last_3", "title_vi": "ba tháng cuối", "targets": ["count"], "last_months": 3},
    ]);
    let variants: Vec<_> =
        world.target("count").variants.into_iter().map(|one| one.figures.display).collect();
    assert_eq!(variants, ["", "40.00"]);
}
