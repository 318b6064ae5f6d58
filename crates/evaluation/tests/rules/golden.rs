//! Schools A, B and C of the worked example: B's cash is missing, and then declared.

use cashless_evaluation::{UseState, WeightKind};

use crate::world::{B, MILLION, World, shown};

fn example() -> World {
    let mut world = World::january(">=", 40);
    for school in ["A", "B", "C"] {
        world.school(school);
    }
    world.paid("A", "2022-01", 60, 30 * MILLION);
    world.cash("A", "2022-01", B, 40, 20 * MILLION);
    world.paid("B", "2022-01", 10, 5 * MILLION);
    world.cash("B", "2021-01", B, 90, 45 * MILLION);
    world.cash("C", "2022-01", B, 0, 0);
    world
}

#[test]
fn with_cash_missing_the_example_is_undetermined_between_its_bounds() {
    let world = example();
    let count = world.target("count");
    assert_eq!(shown(&count), ("60.00", "35.00", "63.63", "undetermined"));
    let value = world.target("value");
    assert_eq!(shown(&value), ("60.00", "35.00", "63.63", "undetermined"));
    for target in [count, value] {
        let coverage = target.figures.coverage;
        assert_eq!((coverage.n, coverage.of), (2, 3));
        assert_eq!(
            (coverage.weight, coverage.weight_of, coverage.weight_kind),
            (200, 300, WeightKind::Learners)
        );
        assert!(target.figures.is_preliminary);
        assert_eq!(target.figures.imputed_n, 1);
        assert!(!target.figures.high_is_open);
    }
    let used = world.target("use");
    assert_eq!(shown(&used), ("66.66", "66.66", "66.66", "missed"));
    assert_eq!(world.standing("C").uses, UseState::No);
    assert_eq!(world.states("A", "2022-01"), ["declared"]);
    assert_eq!(world.states("B", "2022-01"), ["missing"]);
    assert_eq!(world.states("C", "2022-01"), ["zero", "declared"]);
}

#[test]
fn when_the_missing_cash_is_declared_the_example_is_achieved() {
    let mut world = example();
    world.cash("B", "2022-01", B, 30, 15 * MILLION);
    for id in ["count", "value"] {
        let target = world.target(id);
        assert_eq!(shown(&target), ("50.00", "50.00", "50.00", "achieved"));
        assert_eq!((target.figures.coverage.n, target.figures.coverage.of), (3, 3));
        assert!(!target.figures.is_preliminary);
    }
}

#[test]
fn the_bounds_of_the_example_are_exact_sums() {
    let figures = example().target("count").figures;
    let parts = |ratio: Option<cashless_evaluation::Ratio>| {
        ratio.map(|ratio| (ratio.numerator(), ratio.denominator()))
    };
    assert_eq!(parts(figures.observed), Some((60, 100)));
    assert_eq!(parts(figures.high), Some((70, 110)));
    assert_eq!(parts(figures.low), Some((70, 200)));
}
