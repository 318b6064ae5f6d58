//! What holds of every province.

use std::cmp::Ordering;

use cashless_evaluation::{BoundSums, By, Evaluation, Part, Ratio, Receipts, Sum, breakdown};
use cashless_registry::{InstitutionType, Ownership, Scope, Sector};
use proptest::prelude::*;

use crate::world::{A, B, C, World, day, exported, target};

const MONTHS: [&str; 3] = ["2022-01", "2022-02", "2022-03"];

/// One institution-month: payments, dong, refunds, and what is declared by which sources.
type Month = (i64, i64, i64, Option<(i64, i64)>, Option<(i64, i64)>, Option<i64>, bool);

fn month() -> impl Strategy<Value = Month> {
    let cash = || proptest::option::of((0i64..50, 0i64..5_000));
    (
        0i64..50,
        0i64..5_000,
        0i64..3_000,
        cash(),
        cash(),
        proptest::option::weighted(0.2, 0i64..9_000),
        any::<bool>(),
    )
}

type School = (Vec<Month>, Option<(i64, i64)>, u32, usize, bool);

fn school() -> impl Strategy<Value = School> {
    let last_year = proptest::option::of((0i64..50, 0i64..5_000));
    (proptest::collection::vec(month(), 3), last_year, 0u32..900, 0usize..3, any::<bool>())
}

fn province() -> impl Strategy<Value = World> {
    proptest::collection::vec(school(), 0..7).prop_map(|schools| {
        let mut world = World::new(
            "2022-01-01",
            "2022-04-01",
            &[
                target("count", "education", "count_share", ">=", 50),
                target("value", "education", "value_share", ">=", 50),
                target("use", "education", "use_share", ">=", 50),
            ],
        );
        for (number, (months, last_year, learners, kind, is_core)) in schools.into_iter().enumerate() {
            let id = format!("S{number}");
            let mut row = World::row();
            row.learners = learners;
            row.institution_type =
                [InstitutionType::Primary, InstitutionType::Preschool, InstitutionType::College][kind];
            row.ownership = if kind == 0 { Ownership::Public } else { Ownership::Private };
            row.scope = if is_core { Scope::Core } else { Scope::Extended };
            world.institution(&id, row);
            for (name, (n, dong, refunds, a, b, c, has_export)) in MONTHS.into_iter().zip(months) {
                world.paid(&id, name, n, dong);
                world.flows.last_mut().expect("a flow").net_dong -= i128::from(refunds);
                if let Some((n, dong)) = a {
                    let declaration = world.cash(&id, name, A, n, dong);
                    if has_export {
                        declaration.exported_cashless = exported(n + 50, dong + 5_000);
                    }
                }
                if let Some((n, dong)) = b {
                    world.cash(&id, name, B, n, dong);
                }
                if let Some(dong) = c {
                    world.cash(&id, name, C, 0, dong);
                }
            }
            if let Some((n, dong)) = last_year {
                world.cash(&id, "2021-02", B, n, dong);
            }
        }
        world.paid("NOBODY", "2022-02", 3, 300);
        world
    })
}

fn at_most(low: Option<Ratio>, high: Option<Ratio>) -> bool {
    low.zip(high).is_none_or(|(low, high)| low.compare(high) != Ordering::Greater)
}

fn bytes(evaluation: &Evaluation) -> String {
    serde_json::to_string(evaluation).expect("JSON")
}

proptest! {
    #[test]
    fn the_order_of_the_inputs_does_not_matter_and_equal_inputs_give_equal_bytes(
        world in province(), seed in any::<u64>(),
    ) {
        let mut shuffled = world.clone();
        let mut key = seed;
        let mut next = || { key = key.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1); key };
        shuffled.flows.sort_by_cached_key(|_| next());
        shuffled.declarations.sort_by_cached_key(|_| next());
        prop_assert_eq!(bytes(&world.evaluate()), bytes(&shuffled.evaluate()));
        prop_assert_eq!(bytes(&world.evaluate()), bytes(&world.evaluate()));
    }

    #[test]
    fn counts_lie_between_their_bounds(world in province()) {
        let mut world = world;
        // An export may tell fewer payments of more value than we saw: then the two figures go apart by decision.
        world.declarations.iter_mut().for_each(|declared| declared.declaration.exported_cashless.clear());
        let figures = world.target("count").figures;
        prop_assert!(at_most(figures.low, figures.high), "{figures:?}");
        if figures.coverage.n == figures.coverage.of {
            prop_assert_eq!(figures.observed, figures.low);
            prop_assert_eq!(figures.observed, figures.high);
        }
    }

    #[test]
    fn a_missing_declaration_is_never_better_than_a_declared_zero(world in province(), place in any::<prop::sample::Index>()) {
        if world.declarations.is_empty() {
            return Ok(());
        }
        let chosen = place.get(&world.declarations).declaration.clone();
        if chosen.month < day("2022-01-01") {
            return Ok(());
        }
        let mut missing = world;
        missing.declarations.retain(|declared| {
            (&declared.declaration.institution_id, declared.declaration.month) != (&chosen.institution_id, chosen.month)
        });
        let mut zero = missing.clone();
        zero.cash(&chosen.institution_id, &chosen.month.to_string()[..7], B, 0, 0);
        let (missing, zero) = (missing.target("count").figures, zero.target("count").figures);
        // No lower bound at all is lower than any.
        prop_assert!(missing.low.is_none() || zero.low.is_none() || at_most(missing.low, zero.low));
        prop_assert!(!(missing.low.is_some() && zero.low.is_none() && zero.observed.is_some()));
    }

    #[test]
    fn parts_add_up_to_the_whole_by_anything(world in province()) {
        let evaluation = world.evaluate();
        let all: i64 = world.flows.iter().map(|flow| flow.n).sum();
        for by in [By::Sector, By::Type, By::Ownership, By::Parent, By::Unit, By::District, By::SizeBand] {
            let parts = breakdown(&evaluation, by);
            prop_assert_eq!(parts.iter().map(|part| part.receipts.n).sum::<i64>(), all);
            let unknown = parts.last().expect("a row for the unknown");
            prop_assert_eq!((unknown.key.as_str(), unknown.receipts.n), (Part::UNKNOWN, 3));
            let core = || parts.iter().filter(|part| part.scope == Some(Scope::Core));
            let sum = core().fold(BoundSums::ZERO, |all, part| all.plus(part.count));
            let value = core().fold(BoundSums::ZERO, |all, part| all.plus(part.value));
            for (id, sum) in [("count", sum), ("value", value)] {
                let figures = &evaluation.targets.iter().find(|target| target.id == id).expect("a target").figures;
                prop_assert_eq!(figures.observed, sum.observed.share());
                prop_assert_eq!(figures.low, sum.low.and_then(Sum::share));
                prop_assert_eq!(figures.high, sum.high.share());
            }
            let summary = &evaluation.sectors[0];
            prop_assert_eq!(summary.sector, Sector::Education);
            let receipts = core().fold(Receipts::default(), |all, part| all.plus(part.receipts));
            prop_assert_eq!(summary.receipts, receipts);
            prop_assert_eq!((summary.count, summary.value), (sum, value));
            prop_assert_eq!(core().map(|part| part.institutions_n).sum::<u32>(), summary.institutions_n);
        }
    }

    #[test]
    fn one_payment_more_never_lowers_a_share_in_number(world in province(), place in any::<prop::sample::Index>()) {
        let mut more = world.clone();
        let place = place.index(more.flows.len());
        more.flows[place].n += 1;
        let (before, after) = (world.target("count").figures, more.target("count").figures);
        let no_export = world.declarations.iter().all(|declared| declared.declaration.exported_cashless.is_empty());
        prop_assert!(at_most(before.observed, after.observed));
        prop_assert!(at_most(before.low, after.low));
        prop_assert!(!no_export || at_most(before.high, after.high));
    }

    #[test]
    fn a_verdict_says_what_its_bounds_say(world in province()) {
        for target in world.evaluate().targets {
            let meets = |share: Ratio| target.threshold.is_met_by(share, target.comparator);
            let figures = target.figures;
            match figures.verdict.name() {
                "achieved" => prop_assert!(figures.low.is_some_and(meets)),
                "missed" => prop_assert!(figures.high.is_some_and(|high| !meets(high)) && !figures.high_is_open),
                _ => prop_assert!(!figures.low.is_some_and(meets) || figures.observed.is_none()),
            }
        }
    }
}

#[test]
fn the_largest_country_does_not_overflow() {
    let targets = [
        target("count", "education", "count_share", ">=", 50),
        target("value", "education", "value_share", ">=", 50),
    ];
    let mut world = World::new("2022-01-01", "2023-01-01", &targets);
    const DONG: i64 = 1_000_000_000_000_000;
    // 540 institutions with a hundred times the largest amount each are 54,000 with the largest.
    for number in 0..540 {
        let id = format!("S{number:03}");
        world.school(&id);
        for month in 1..=12 {
            let month = format!("2022-{month:02}");
            world.paid(&id, &month, DONG, DONG);
            let flow = world.flows.last_mut().expect("a flow");
            (flow.gross_dong, flow.net_dong) = (i128::from(DONG) * 100, i128::from(DONG) * 100);
            world.cash(&id, &month, B, DONG, DONG);
        }
    }
    let value = world.target("value").figures.observed.expect("a share");
    assert_eq!(value.numerator(), 540 * 12 * 100 * i128::from(DONG));
    assert_eq!(world.target("value").figures.display, "99.00");
    assert_eq!(world.target("count").figures.display, "50.0000");
    world.today = day("2022-07-01");
    assert_eq!(world.target("value").pace.projected_display, "99.00");
    // Even sums that no country has end at the edge of the numbers, not in a panic.
    world.flows.iter_mut().for_each(|flow| (flow.n, flow.net_dong) = (i64::MAX, i128::MAX));
    world.evaluate();
}
