//! The two provinces of 2022, and their year.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cashless_domain::{BusinessDate, Timestamp};
use cashless_simulator::{
    Clock, DAK_NONG, Institution, MethodMix, Parameters, Place, Province, Rates, Scenario, THANH_HOA,
    TrueLedger,
};

fn date(text: &str) -> BusinessDate {
    BusinessDate::parse(text).expect("a date")
}

fn of<'p>(province: &'p Province, place: &Place, type_name: &str) -> Vec<&'p Institution> {
    let all = province.institutions().iter();
    all.filter(|one| one.place == place && one.type_name == type_name).collect()
}

fn column(csv: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let at = reader.headers().expect("a header").iter().position(|one| one == name).expect("a column");
    reader.records().map(|record| record.expect("a row")[at].to_owned()).collect()
}

fn truth_of(province: &Arc<Province>, clock: Clock) -> (Scenario, Vec<cashless_simulator::Delivery>) {
    let rates = Rates { batched: 1.0, ..Rates::default() };
    let parameters =
        Parameters { methods: MethodMix::Y2022, batch_items_max: 500, rates, ..Parameters::default() };
    let mut scenario = Scenario::new(Arc::clone(province), parameters, clock, 3);
    let deliveries = scenario.by_ref().collect();
    (scenario, deliveries)
}

fn lines(truth: &TrueLedger) -> String {
    let mut out = Vec::new();
    truth.write_json_lines(&mut out).expect("memory takes every line");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn each_province_has_the_institutions_that_its_plan_is_about() {
    let province = Province::both_of_2022(1);
    let ids: BTreeSet<_> = province.institutions().iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids.len(), province.institutions().len());
    assert_eq!(of(&province, &DAK_NONG, "commune_station").len(), 71);
    assert_eq!(of(&province, &DAK_NONG, "district_health_centre").len(), 8);
    let provincial = |place| {
        let all = province.institutions().iter();
        all.filter(|one| one.place == place && one.care_tier == "provincial" && one.ownership == "public")
            .filter(|one| one.managed_by == "province")
            .count()
    };
    assert_eq!((provincial(&DAK_NONG), provincial(&THANH_HOA)), (1, 11));
    let districts: BTreeSet<_> = THANH_HOA.districts.iter().map(|(code, ..)| *code).collect();
    assert_eq!(districts.len(), 27);
    for one in province.institutions().iter().filter(|one| one.place == &THANH_HOA) {
        assert!(one.unit_code == "38" || districts.contains(one.unit_code), "{one:?}");
    }
    let units = column(&province.units_csv(), "code");
    assert_eq!(units.len(), 2 + 8 + 27);
}

#[test]
fn schools_open_close_and_merge_and_nobody_pays_them_while_they_do_not_exist() {
    let province = Arc::new(Province::both_of_2022(2));
    let successions = province.successions_csv();
    let events = column(&successions, "event");
    assert_eq!(events.iter().filter(|event| *event == "merge").count(), 2, "{successions}");
    assert_eq!(events.len(), 6);

    let clock = Clock::Historic { first_day: date("2022-06-20"), days: 90, payments_per_day: 100 };
    let (scenario, _) = truth_of(&province, clock);
    for key in scenario.into_ledger().institution_rows().into_keys() {
        let Some(position) = key.institution else { continue };
        let institution = &province.institutions()[position];
        assert!(institution.exists(key.business_date), "{} on {}", institution.id, key.business_date);
    }
}

#[test]
fn attributes_hold_while_their_institution_exists_and_some_institutions_have_none() {
    let province = Province::both_of_2022(3);
    let csv = province.attributes_csv();
    let existing: BTreeMap<_, _> =
        province.institutions().iter().map(|one| (one.id.as_str(), (one.valid_from, one.valid_to))).collect();
    let (ids, from, to) =
        (column(&csv, "institution_id"), column(&csv, "valid_from"), column(&csv, "valid_to"));
    for ((id, from), to) in ids.iter().zip(&from).zip(&to) {
        let (since, until) = existing[id.as_str()];
        assert!(date(from) >= since, "{id}");
        assert!(to.is_empty() || date(from) < date(to), "{id}");
        assert!(until.is_none_or(|until| !to.is_empty() && date(to) <= until), "{id}");
    }
    let with_platform = ids.iter().zip(column(&csv, "attribute")).filter(|(_, word)| word == "platform");
    let with_platform: BTreeSet<_> = with_platform.map(|(id, _)| id).collect();
    assert!(with_platform.len() > 300 && with_platform.len() < province.institutions().len() - 100);
}

#[test]
fn a_replay_is_of_its_day_and_tells_nothing_that_would_be_of_today() {
    let province = Arc::new(Province::both_of_2022(4));
    let base = Timestamp::parse_rfc3339("2022-12-20T07:00:00+07:00").expect("a time");
    let (scenario, deliveries) = truth_of(&province, Clock::Replay { base, payments: 3_000, rate: 100.0 });
    let sources: BTreeSet<_> =
        deliveries.iter().map(|delivery| province.sources()[delivery.source].id.to_string()).collect();
    assert!(sources.contains("vnpay"), "{sources:?}");
    assert!(!sources.contains("onepay"), "{sources:?}");
    let days: BTreeSet<_> =
        scenario.into_ledger().plain_cells().into_keys().map(|key| key.business_date).collect();
    assert!(days.contains(&date("2022-12-20")));
    assert_eq!(days.last(), Some(&date("2022-12-20")));
}

#[test]
fn the_truth_of_two_streams_is_the_sum_of_both() {
    let province = Arc::new(Province::both_of_2022(5));
    let day = |first| Clock::Historic { first_day: date(first), days: 1, payments_per_day: 300 };
    let ledger = |clock| truth_of(&province, clock).0.into_ledger();
    let (mut first, second) = (ledger(day("2022-03-01")), ledger(day("2022-03-02")));
    let sum = |truth: &TrueLedger| truth.plain_cells().values().map(|sums| sums.gross_dong).sum::<i64>();
    let fates = |truth: &TrueLedger| truth.item_fates().values().sum::<i64>();
    let wanted = (sum(&first) + sum(&second), fates(&first) + fates(&second));
    let deliveries = first.deliveries() + second.deliveries();
    first.add(second);
    assert_eq!((sum(&first), fates(&first)), wanted);
    assert_eq!(first.deliveries(), deliveries);
    assert!(lines(&first).contains("2022-03-02"));
}
