//! Payments that a bank and a gateway tell without a reference in common.

use std::sync::Arc;

use cashless_domain::BusinessDate;
use cashless_simulator::{Clock, MethodMix, Parameters, Province, Rates, Scenario, TrueLedger};

fn truth(payments_per_day: u32, rates: Rates) -> TrueLedger {
    let province = Arc::new(Province::both_of_2022(1));
    let first_day = BusinessDate::parse("2022-03-01").expect("a date");
    let clock = Clock::Historic { first_day, days: 3, payments_per_day };
    let parameters = Parameters { methods: MethodMix::Y2022, rates, ..Parameters::clean() };
    let mut scenario = Scenario::new(province, parameters, clock, 1);
    scenario.by_ref().for_each(drop);
    scenario.into_ledger()
}

/// Records and dong, by fate.
fn of(truth: &TrueLedger, fate: &str) -> (i64, i64) {
    let fates = truth.record_fates().into_iter().filter(|((_, name), _)| *name == fate);
    fates.fold((0, 0), |(n, dong), (_, tally)| (n + tally.n, dong + tally.dong))
}

fn in_institutions(truth: &TrueLedger) -> (i64, i64) {
    let rows = truth.institution_rows();
    rows.values().fold((0, 0), |(n, dong), sums| (n + sums.n, dong + sums.gross_dong))
}

#[test]
fn a_payment_told_twice_under_two_references_counts_once_and_no_dong_gets_lost() {
    let rates = Rates { double_report: 1.0, double_report_other_reference: 1.0, ..Rates::none() };
    let told = truth(2_000, rates);
    let reviewed = told.reviewed();
    let (counted, merged) = (of(&reviewed, "counted"), of(&reviewed, "merged"));
    assert_eq!(of(&told, "merged"), (0, 0));
    assert_eq!((counted.0 + merged.0, counted.1 + merged.1), of(&told, "counted"));
    assert!(merged.0 > 100, "{merged:?}");
    assert_eq!(in_institutions(&reviewed), counted);
    let cells = reviewed.plain_cells();
    let sums = cells.values().fold((0, 0), |(n, dong), sums| (n + sums.n, dong + sums.gross_dong));
    assert_eq!(sums, counted);
    assert_eq!(reviewed.reviewed().record_fates(), reviewed.record_fates(), "twice is once");
}

#[test]
fn cash_beside_a_fee_of_the_same_amount_is_a_chance() {
    let rates = Rates {
        double_report: 1.0,
        double_report_other_reference: 1.0,
        double_report_cash: 1.0,
        ..Rates::none()
    };
    let told = truth(2_000, rates);
    let reviewed = told.reviewed();
    assert!(of(&told, "excluded").0 > 100 && of(&reviewed, "merged").0 <= 3, "but for other chances");
    assert_eq!(of(&reviewed, "excluded"), of(&told, "excluded"));
}

#[test]
fn under_one_reference_only_chance_makes_lookalikes() {
    let rates = Rates { double_report: 1.0, ..Rates::none() };
    let told = truth(300, rates);
    let more = of(&told.reviewed(), "merged").0 - of(&told, "merged").0;
    assert!(of(&told, "merged").0 > 20 && more <= 3, "{more}");
}

#[test]
fn many_equal_amounts_at_once_are_ambiguous_and_stay_counted() {
    let rates = Rates {
        double_report: 1.0,
        double_report_other_reference: 1.0,
        double_payment: 1.0,
        ..Rates::none()
    };
    let reviewed = truth(500, rates).reviewed();
    let ambiguous = reviewed.ambiguous_rows();
    let n: i64 = ambiguous.values().map(|(n, _)| n).sum();
    assert!(n > 30, "a bank's record beside two of a gateway: {n}");
    assert!(ambiguous.values().all(|(n, dong)| *n > 0 && *dong >= *n));
}
