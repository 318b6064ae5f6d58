//! A year of declared cash.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cashless_domain::{BusinessDate, Timestamp};
use cashless_simulator::{
    Clock, DeclarationRates, Declarations, DeclaredBy, Parameters, Province, Rates, Scenario, TrueLedger,
    true_targets,
};

const NOW: &str = "2022-12-20T07:00:00+07:00";

fn year(seed: u64) -> (Arc<Province>, TrueLedger) {
    let province = Arc::new(Province::both_of_2022(seed));
    let rates = Rates { batched: 1.0, ..Rates::default() };
    let parameters = Parameters { batch_items_max: 500, rates, ..Parameters::default() };
    let first_day = BusinessDate::parse("2022-01-01").expect("a date");
    let clock = Clock::Historic { first_day, days: 353, payments_per_day: 60 };
    let mut scenario = Scenario::new(Arc::clone(&province), parameters, clock, seed);
    assert!(scenario.by_ref().count() > 100);
    let ledger = scenario.into_ledger();
    (province, ledger)
}

fn declared(province: &Province, ledger: &TrueLedger, rates: DeclarationRates) -> Declarations {
    let now = Timestamp::parse_rfc3339(NOW).expect("a time");
    Declarations::invent(province, ledger, rates, now, 1)
}

#[test]
fn a_year_is_declared_as_often_as_the_rates_say() {
    let (province, ledger) = year(1);
    let declarations = declared(&province, &ledger, DeclarationRates::default());
    assert_eq!(declarations, declared(&province, &ledger, DeclarationRates::default()));

    let now = Timestamp::parse_rfc3339(NOW).expect("a time");
    assert!(declarations.lines.iter().all(|line| line.declared_at <= now));
    let months: BTreeSet<_> = declarations.lines.iter().map(|line| (line.institution, line.month)).collect();
    let until = BusinessDate::parse("2022-12-01").expect("a date");
    let ended = months.iter().filter(|(_, month)| *month < until).count();
    let institutions = province.institutions().len();
    let share = ended * 100 / (institutions * 23);
    assert!((86..97).contains(&share), "{share}% of the ended months are declared");

    let is_late = |line: &&cashless_simulator::DeclaredMonth| {
        line.declared_at.business_date().days() > line.month.days() + 31 + 5
    };
    let by_person = || {
        let lines = declarations.lines.iter();
        lines.filter(|line| line.source == DeclaredBy::Declaration && line.version == 1)
    };
    let late = by_person().filter(is_late).count() * 100 / by_person().count();
    assert!((10..20).contains(&late), "{late}% are late");

    let mut by_source: BTreeMap<_, u32> = BTreeMap::new();
    declarations.lines.iter().for_each(|line| *by_source.entry(line.source.name()).or_default() += 1);
    assert_eq!(by_source.len(), 3, "{by_source:?}");
    assert!(declarations.lines.iter().any(|line| line.version == 2));
    assert!(declarations.lines.iter().any(|line| line.cash_n == Some(0)));
    // Only software speaks of a month that has not ended.
    let running = declarations.lines.iter().filter(|line| line.month == until);
    let sources: BTreeSet<_> = running.map(|line| line.source).collect();
    assert_eq!(sources, BTreeSet::from([DeclaredBy::SystemExport]));
    let text = declarations.csv(&province);
    assert_eq!(text.lines().count(), 1 + declarations.lines.len());
}

#[test]
fn bounds_hold_the_figure_between_them_and_meet_where_everything_is_declared() {
    let (province, ledger) = year(2);
    let today = BusinessDate::parse("2022-12-20").expect("a date");
    let rates = DeclarationRates::default();
    let targets = true_targets(&province, &ledger, &declared(&province, &ledger, rates), today);
    let ids: BTreeSet<_> = targets.iter().map(|one| one.id).collect();
    assert_eq!(ids.len(), 18 + 3);
    let verdicts: BTreeSet<_> = targets.iter().map(|one| one.verdict).collect();
    assert_eq!(verdicts.len(), 3, "{verdicts:?}");
    let at_most = |(n, of): (i128, i128), (m, other): (i128, i128)| n * other <= m * of;
    for one in targets.iter().filter(|one| one.observed.is_some()) {
        let (low, high) = one.low.zip(one.high).expect("both bounds");
        assert!(at_most(low, high), "{one:?}");
    }

    let nothing_missing = DeclarationRates { missing: 0.0, unreported_zero: 0.0, late: 0.0, ..rates };
    let complete = declared(&province, &ledger, nothing_missing);
    let targets = true_targets(&province, &ledger, &complete, today);
    let hospitals = targets.iter().find(|one| one.id == "TH-T3-HPR-C").expect("the target");
    assert_eq!(hospitals.observed, hospitals.low);
    assert_eq!(hospitals.observed, hospitals.high);
    assert_eq!((hospitals.coverage_n, hospitals.coverage_of), (11, 11));
}

#[test]
fn a_month_that_nobody_declared_never_makes_the_lower_bound_better_than_a_zero() {
    let (province, ledger) = year(4);
    let today = BusinessDate::parse("2022-12-20").expect("a date");
    let all = declared(&province, &ledger, DeclarationRates::default());
    let share = |declarations: &Declarations| {
        let targets = true_targets(&province, &ledger, declarations, today);
        targets.into_iter().find(|one| one.id == "DN-T3-EDU-C").and_then(|one| one.low).expect("a bound")
    };
    let until = BusinessDate::parse("2022-12-01").expect("a date");
    let january = BusinessDate::parse("2022-01-01").expect("a date");
    let is_this_year = |month| month >= january && month < until;
    let (mut zeros, mut missing) = (all.clone(), all);
    for line in zeros.lines.iter_mut().filter(|line| line.institution < 20 && is_this_year(line.month)) {
        (line.cash_n, line.cash_dong) = (Some(0), 0);
    }
    missing.lines.retain(|line| line.institution >= 20 || !is_this_year(line.month));
    let ((n, of), (zero_n, zero_of)) = (share(&missing), share(&zeros));
    assert!(n * zero_of < zero_n * of, "{n}/{of} against {zero_n}/{zero_of}");
}
