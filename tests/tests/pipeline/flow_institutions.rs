//! From accounts to institutions: by the registry as it is now, for every day of the past.

use std::collections::BTreeMap;

use cashless_simulator::{InstitutionSums, TrueLedger};

use crate::harness::{Plan, System};

type Row = BTreeMap<[String; 5], [i128; 6]>;

fn shown(system: &System, view: &str) -> Row {
    let sql = format!(
        "SELECT business_date, institution_id, source, method, class, sum(n) AS payments, sum(gross_dong) AS gross,
             sum(refunds_n) AS refunds, sum(refunds_dong) AS refunded,
             sum(refunds_excluded_n) AS excluded, sum(refunds_excluded_dong) AS excluded_dong
         FROM {view} GROUP BY business_date, institution_id, source, method, class
         HAVING payments != 0 OR refunds != 0 OR excluded != 0"
    );
    let rows = system.rows::<11>(&sql).into_iter().map(|row| {
        let [date, institution, source, method, class, figures @ ..] = row;
        ([date, institution, source, method, class], figures.map(|figure| figure.parse().expect("a number")))
    });
    rows.collect()
}

fn wanted(system: &System, truth: &TrueLedger) -> Row {
    let rows = truth.institution_rows().into_iter().map(|(key, sums)| {
        let InstitutionSums {
            n,
            gross_dong,
            refunds_n,
            refunds_dong,
            refunds_excluded_n,
            refunds_excluded_dong,
        } = sums;
        let key = [
            key.business_date.to_string(),
            truth.institution_id(key.institution).to_owned(),
            system.province.sources()[usize::from(key.source)].id.to_string(),
            key.method.name().to_owned(),
            key.class.to_owned(),
        ];
        let figures = [n, gross_dong, refunds_n, refunds_dong, refunds_excluded_n, refunds_excluded_dong];
        (key, figures.map(i128::from))
    });
    rows.collect()
}

#[track_caller]
fn assert_same(found: &Row, wanted: &Row) {
    let differing: Vec<_> = (found.keys().chain(wanted.keys()))
        .filter(|key| found.get(*key) != wanted.get(*key))
        .map(|key| format!("{key:?}: shown {:?}, true {:?}", found.get(key), wanted.get(key)))
        .take(10)
        .collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_institution_and_class_of_a_day_is_the_true_one() {
    let system = System::set_up(Plan::new(1));
    let (collector, aggregator) = system.start_both().await;
    let (_report, truth) = system.post_a_day(3_000).end().await;
    system.assert_true(&truth).await;
    let nobody = shown(&system, "institution_daily");
    assert!(
        nobody.keys().all(|[_, institution, ..]| institution == "UNKNOWN"),
        "no registry, no institution"
    );
    system.apply_registry();
    let (found, wanted) = (shown(&system, "institution_daily"), wanted(&system, &truth));
    assert!(wanted.len() > 100, "hardly anything to compare: {}", wanted.len());
    assert_same(&found, &wanted);
    aggregator.terminate().await;
    collector.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_given_to_another_institution_moves_the_days_of_the_past_at_once() {
    let system = System::set_up(Plan::new(2));
    let (mut collector, mut aggregator) = system.start_both().await;
    let (_report, truth) = system.post_a_day(2_000).end().await;
    system.assert_true(&truth).await;
    let first = system.apply_registry();
    let before = shown(&system, "institution_daily");

    // The account with most payments goes, from the simulated day on, to an institution that had others until now.
    let text = std::fs::read_to_string(&system.files.identifiers).expect("identifiers.csv");
    let mut sums: BTreeMap<u32, i64> = BTreeMap::new();
    for (key, cell) in truth.plain_cells() {
        *sums.entry(key.identifier).or_default() += cell.n;
    }
    let registered_once = |identifier: &u32| {
        let mut lines = system.province.registrations().iter().filter(|line| line.identifier == *identifier);
        lines.next().is_some_and(|line| line.valid_to.is_none()) && lines.next().is_none()
    };
    let (busiest, _) =
        sums.into_iter().filter(|(id, _)| registered_once(id)).max_by_key(|(_, n)| *n).expect("an account");
    let plain = truth.identifier(busiest);
    let institutions = system.province.institutions();
    let line = text
        .lines()
        .find(|line| line.starts_with(&format!("{},{},{},", plain.kind.name(), plain.provider, plain.value)))
        .expect("its line");
    let fields: Vec<&str> = line.split(',').collect();
    let [kind, provider, value, owner, purpose, from, _to, evidence] = fields[..] else { panic!("{line}") };
    let heir = institutions
        .iter()
        .map(|institution| institution.id.as_str())
        .find(|id| *id != owner)
        .expect("another");
    let day = "2026-09-07";
    let two_lines = format!(
        "{kind},{provider},{value},{owner},{purpose},{from},{day},{evidence}\n{kind},{provider},{value},{heir},{purpose},{day},,{evidence}"
    );
    std::fs::write(&system.files.identifiers, text.replace(line, &two_lines)).expect("written");
    let second = system.apply_registry();
    assert!(second > first);

    let after = shown(&system, "institution_daily");
    let sum = |rows: &Row, institution: &str, since: bool| -> i128 {
        let of_days =
            rows.iter().filter(|([date, id, ..], _)| id == institution && (date.as_str() >= day) == since);
        of_days.map(|(_, figures)| figures[1]).sum()
    };
    let moved = sum(&before, owner, true) - sum(&after, owner, true);
    assert!(moved > 0, "nothing moved");
    assert_eq!(sum(&after, heir, true) - sum(&before, heir, true), moved, "what one loses the other gains");
    for institution in [owner, heir] {
        assert_eq!(sum(&after, institution, false), sum(&before, institution, false), "days before moved");
    }
    let others = |rows: &Row| -> Row {
        rows.iter()
            .filter(|([_, id, ..], _)| id != owner && id != heir)
            .map(|(key, row)| (key.clone(), *row))
            .collect()
    };
    assert_same(&others(&after), &others(&before));
    assert_same(&shown(&system, &format!("institution_daily_as_of(registry_version = {first})")), &before);
    collector.assert_alive();
    aggregator.assert_alive();
    aggregator.terminate().await;
    collector.terminate().await;
}
