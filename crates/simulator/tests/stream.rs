//! What a stream promises by itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use cashless_domain::{BusinessDate, DeadLetterReason, RefusalReason};
use cashless_simulator::{
    Clock, Delivery, Parameters, Presentation, Province, ProvinceSize, Scenario, TrueLedger, canaries,
};

fn day(seed: u64, payments: u32) -> (Vec<Delivery>, TrueLedger) {
    let province = Arc::new(Province::synthetic(&ProvinceSize::default(), seed));
    let mut scenario = Scenario::new(province, Parameters::default(), Clock::one_day(payments), seed);
    (scenario.by_ref().collect(), scenario.into_ledger())
}

fn lines(truth: &TrueLedger) -> Vec<u8> {
    let mut out = Vec::new();
    truth.write_json_lines(&mut out).expect("memory takes every line");
    out
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let (first, second, other) = (day(1, 500), day(1, 500), day(2, 500));
    assert_eq!(first.0, second.0);
    assert_eq!(lines(&first.1), lines(&second.1));
    assert_ne!(first.0, other.0);
    let province = |seed| Province::synthetic(&ProvinceSize::default(), seed);
    assert_eq!(province(1).identifiers_csv(), province(1).identifiers_csv());
    assert_eq!(province(1).institutions_csv(), province(1).institutions_csv());
    assert_ne!(province(1).identifiers_csv(), province(2).identifiers_csv());
}

#[test]
fn every_item_has_one_fate_and_all_of_them_add_up() {
    let (deliveries, truth) = day(3, 5_000);
    let posted: i64 = deliveries
        .iter()
        .map(|delivery| match delivery.expected.refused {
            Some(_) => 1,
            None => i64::try_from(delivery.expected.items()).expect("small"),
        })
        .sum();
    assert_eq!(truth.item_fates().values().sum::<i64>(), posted);

    let cells = truth.plain_cells();
    let records: i64 =
        truth.record_fates().iter().filter(|((_, fate), _)| *fate != "unsettled").map(|(_, t)| t.n).sum();
    let in_cells: i64 =
        cells.values().map(|sums| sums.n + sums.refunds_n + sums.merged_n + sums.voided_n).sum();
    assert_eq!(records, in_cells);
    let dong: i64 =
        truth.record_fates().iter().filter(|((_, fate), _)| *fate != "unsettled").map(|(_, t)| t.dong).sum();
    let in_cells: i64 = cells
        .values()
        .map(|sums| sums.gross_dong + sums.refunds_dong + sums.merged_dong + sums.voided_dong)
        .sum();
    assert_eq!(dong, in_cells);

    let rows = truth.institution_rows();
    let gross = |of: i64| (of, cells.values().map(|sums| sums.gross_dong).sum::<i64>());
    let (by_institution, by_cell) = gross(rows.values().map(|sums| sums.gross_dong).sum());
    assert_eq!(by_institution, by_cell);
    let refunds: i64 = rows.values().map(|sums| sums.refunds_dong + sums.refunds_excluded_dong).sum();
    assert_eq!(refunds, cells.values().map(|sums| sums.refunds_dong).sum::<i64>());
}

#[test]
fn a_busy_day_has_every_kind_of_trouble() {
    let (deliveries, truth) = day(4, 40_000);
    let names: BTreeSet<_> = truth.item_fates().into_keys().map(|(_, fate, reason)| (fate, reason)).collect();
    for reason in DeadLetterReason::ALL.iter().filter(|reason| **reason != DeadLetterReason::Undecodable) {
        assert!(names.contains(&("dead_lettered", reason.name())), "{reason:?}");
    }
    for reason in [RefusalReason::UnknownSource, RefusalReason::BadSignature, RefusalReason::Stale] {
        assert!(names.contains(&("refused", reason.name())), "{reason:?}");
    }
    let fates: BTreeSet<_> = truth.record_fates().into_keys().map(|(_, fate)| fate).collect();
    let all = ["counted", "refunded", "merged", "voided", "excluded", "unsettled"];
    assert_eq!(fates, BTreeSet::from(all));
    let classes: BTreeSet<_> = truth.institution_rows().into_keys().map(|key| key.class).collect();
    let expected = [
        "fee_payment",
        "deposit",
        "UNKNOWN",
        "unknown",
        "outflow",
        "settlement",
        "counter_cash",
        "state_budget",
        "bhyt_fund",
        "donation",
        "interest",
        "loan",
        "supplier_refund",
    ];
    assert_eq!(classes, BTreeSet::from(expected));
    assert!(truth.institution_rows().values().any(|sums| sums.refunds_excluded_n > 0));

    let text = |delivery: &Delivery| String::from_utf8(delivery.body.to_vec()).expect("UTF-8");
    for kind in [
        "batch",
        "settled",
        "corrected",
        "voided",
        "refunded",
        "debited",
        "pending",
        "failed",
        "expired",
        "disputed",
        "test",
        "teleported",
    ] {
        assert!(
            deliveries.iter().any(|delivery| text(delivery).contains(&format!("payment.{kind}"))),
            "{kind}"
        );
    }
    let ids: BTreeSet<_> = deliveries.iter().map(|delivery| &delivery.webhook_id).collect();
    assert!(ids.len() < deliveries.len(), "some deliveries are sent again");
    assert!(deliveries.is_sorted_by_key(|delivery| delivery.sequence));
}

#[test]
fn money_settled_before_a_reassignment_belongs_to_the_former_owner() {
    let size = ProvinceSize::default();
    let province = Province::synthetic(&size, 5);
    assert_eq!(size.reassigned_on, BusinessDate::parse("2026-09-07").expect("a date"));
    let before = BusinessDate::from_days(size.reassigned_on.days() - 1);
    let moved: BTreeSet<_> = province
        .registrations()
        .iter()
        .filter(|line| line.valid_from == size.reassigned_on)
        .map(|line| line.identifier)
        .collect();
    assert_eq!(moved.len(), size.reassigned);
    for identifier in moved {
        let owner = |date| province.registration(identifier, date).map(|line| line.institution);
        assert!(owner(before).is_some() && owner(size.reassigned_on).is_some());
        assert_ne!(owner(before), owner(size.reassigned_on));
    }
}

#[test]
fn bodies_are_documents_and_every_person_in_them_is_recognisably_invented() {
    let (deliveries, _) = day(6, 2_000);
    let mut persons = 0;
    for delivery in deliveries.iter().filter(|delivery| delivery.presentation == Presentation::Genuine) {
        if delivery.expected.accepted == 0 || delivery.told.is_some() {
            continue;
        }
        let body: serde_json::Value = serde_json::from_slice(&delivery.body).expect("JSON");
        let statements = match body["data"].as_array() {
            Some(items) => items.clone(),
            None => vec![body],
        };
        for statement in &statements {
            assert!(statement["data"]["receiver"].is_object());
            let name = statement["data"]["payer"]["name"].as_str();
            persons += u32::from(name.is_some());
            assert!(name.is_none_or(|name| canaries().any(|syllable| name.contains(syllable))), "{name:?}");
        }
    }
    assert!(persons > 100);
}

#[test]
fn a_province_is_written_as_files_whose_secrets_only_the_owner_reads() {
    let province = Province::synthetic(&ProvinceSize::default(), 7);
    let directory = tempfile::tempdir().expect("a directory");
    let files = province.write_files(directory.path()).expect("written");
    let sources = std::fs::read_to_string(&files.sources).expect("readable");
    let parsed: toml::Table = sources.parse().expect("TOML");
    assert_eq!(parsed["source"].as_array().expect("a list").len(), province.sources().len());
    assert!(!sources.contains("whsec_"));
    let count = |path| std::fs::read_to_string(path).expect("readable").lines().count();
    assert_eq!(count(&files.institutions), 1 + 370 + 1 + 8 + 71);
    assert!(count(&files.identifiers) > 450);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let secret = directory.path().join("secrets/bank-1");
        assert_eq!(secret.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_stream_that_is_wound_up_still_delivers_what_is_on_its_way() {
    let province = Arc::new(Province::synthetic(&ProvinceSize::default(), 8));
    let mut scenario = Scenario::new(province, Parameters::default(), Clock::one_day(5_000), 8);
    let taken = scenario.by_ref().take(1_000).count();
    scenario.wind_up();
    let rest = scenario.by_ref().count();
    let truth = scenario.into_ledger();
    assert_eq!(truth.deliveries(), i64::try_from(taken + rest).expect("small"));
}
