//! What counts once: the pairing of records, as a table.

use std::time::{Duration, Instant};

use cashless_domain::{
    AccountId, Added, AmountDong, Beneficiary, BusinessDate, DecidedBy, Decision, Details, Evidence, Flags,
    IdentifierId, Kind, Method, MinimumFields, PaymentId, Reason, RecordId, SourceClass, SourceId, Status,
    StatusChange, Timestamp,
};
use cashless_rollup::{PaymentKey, Record, standings};

const KEY: PaymentKey = PaymentKey {
    anchor: BusinessDate::from_days(20_000),
    account: AccountId([1; 16]),
    payment: PaymentId([2; 16]),
};

fn record(
    id: u64,
    source: &str,
    class: SourceClass,
    status: Option<Status>,
    dong: i64,
    kind: Kind,
) -> Record {
    let at =
        Timestamp::from_micros(1_728_000_000_000_000 + i64::try_from(id).expect("small")).expect("in range");
    Record {
        id: RecordId(id),
        source_class: class,
        source: SourceId::new(source).expect("a name"),
        status: status.map(|status| StatusChange { version: 0, status }),
        details: Some(Details {
            version: 0,
            provider_time: Some(at),
            received_at: at,
            amount: AmountDong::new(dong).expect("an amount"),
            settled_at: at,
            method: if class == SourceClass::Bank { Method::WebTransfer } else { Method::QrPayment },
            kind,
            identifier: IdentifierId([1; 16]),
            evidence: Evidence::default(),
            fields: MinimumFields(u8::try_from(id % 16).expect("small")),
            flags: Flags::default(),
            reason: Reason::Unknown,
            beneficiary_kind: Beneficiary::Unknown,
            payer: None,
            beneficiary: None,
            invoice: None,
            payer_account: None,
            invoice_other_year: None,
            original: None,
            reference: None,
        }),
        decision: None,
        erased: false,
    }
}

const SETTLED: Option<Status> = Some(Status::Settled);

fn bank(id: u64, dong: i64) -> Record {
    record(id, "bank", SourceClass::Bank, SETTLED, dong, Kind::Payment)
}

fn gateway(id: u64, dong: i64) -> Record {
    record(id, "gateway", SourceClass::Intermediary, SETTLED, dong, Kind::Payment)
}

fn fates(records: &[Record]) -> Vec<&'static str> {
    standings(&KEY, records).iter().map(|standing| standing.fate.name()).collect()
}

#[test]
fn a_bank_and_an_intermediary_report_one_payment() {
    let records = [bank(1, 500), gateway(2, 500)];
    assert_eq!(fates(&records), ["merged", "counted"]);
    let standings = standings(&KEY, &records);
    assert_eq!(standings[1].method, Method::QrPayment, "the intermediary knows the method");
    assert_eq!(standings[1].fields, MinimumFields(3), "either side's fields are present");
}

#[test]
fn two_records_of_one_source_are_two_payments() {
    assert_eq!(fates(&[bank(1, 500), bank(2, 500)]), ["counted", "counted"]);
    assert_eq!(fates(&[bank(1, 500), bank(2, 500), gateway(3, 500)]), ["merged", "counted", "counted"]);
    assert_eq!(
        fates(&[bank(1, 5), bank(2, 5), gateway(3, 5), gateway(4, 5)]),
        ["merged", "merged", "counted", "counted"]
    );
}

#[test]
fn different_amounts_and_directions_never_pair() {
    assert_eq!(fates(&[bank(1, 500), gateway(2, 501)]), ["counted", "counted"]);
    let refund = record(2, "gateway", SourceClass::Intermediary, SETTLED, 500, Kind::Refund);
    assert_eq!(fates(&[bank(1, 500), refund]), ["counted", "refunded"]);
}

fn merged_into(record: u64) -> Decision {
    Decision {
        by: DecidedBy::Rule,
        registry_version: 1,
        decided_at: Timestamp::from_micros(1).expect("in range"),
        merged_into: Some(RecordId(record)),
        kind: None,
        settled_at: None,
        added: Added::default(),
    }
}

/// What a refund of each record has to know.
fn unit_fates(records: &[Record]) -> Vec<&'static str> {
    standings(&KEY, records).iter().map(|standing| standing.unit_fate.name()).collect()
}

#[test]
fn a_merged_record_knows_what_became_of_its_unit() {
    let bank = bank(1, 500);
    assert_eq!(unit_fates(&[bank.clone(), gateway(2, 500)]), ["counted"; 2]);
    let voided = record(2, "gateway", SourceClass::Intermediary, Some(Status::Voided), 500, Kind::Payment);
    assert_eq!(unit_fates(&[bank.clone(), voided]), ["voided"; 2]);
    let gift = record(2, "gateway", SourceClass::Intermediary, SETTLED, 500, Kind::Donation);
    assert_eq!(unit_fates(&[bank.clone(), gift]), ["excluded"; 2]);
    let elsewhere = Record { decision: Some(merged_into(9)), ..gateway(2, 500) };
    assert_eq!(unit_fates(&[bank.clone(), elsewhere]), ["merged"; 2]);
    let pending = |id| record(id, "gateway", SourceClass::Intermediary, None, 500, Kind::Payment);
    assert_eq!(unit_fates(&[pending(1)]), ["unsettled"]);
    assert_eq!(unit_fates(&[bank, gateway(2, 500), self::bank(3, 500)]), ["counted"; 3]);
}

#[test]
fn what_is_added_to_a_record_is_its_units() {
    let added = Added { evidence: Evidence::INVOICE, fields: MinimumFields(8) };
    let decision = Decision { merged_into: None, added, ..merged_into(0) };
    let gateway = Record { decision: Some(decision), ..gateway(2, 500) };
    let before = standings(&KEY, &[bank(1, 500), self::gateway(2, 500)])[1];
    let after = standings(&KEY, &[bank(1, 500), gateway])[1];
    assert_eq!(after.evidence, before.evidence.union(Evidence::INVOICE));
    assert_eq!(after.fields, before.fields.union(MinimumFields(8)));
    assert_ne!((after.evidence, after.fields), (before.evidence, before.fields));
}

#[test]
fn a_void_on_either_side_takes_the_payment_back_once() {
    let voided = record(1, "bank", SourceClass::Bank, Some(Status::Voided), 500, Kind::Payment);
    assert_eq!(fates(&[voided, gateway(2, 500)]), ["merged", "voided"]);
}

#[test]
fn a_lump_sum_never_pairs_and_is_excluded() {
    let lump = record(1, "bank", SourceClass::Bank, SETTLED, 500, Kind::Settlement);
    assert_eq!(fates(&[lump, gateway(2, 500)]), ["excluded", "counted"]);
}

#[test]
fn a_lump_sum_shifts_no_pair() {
    let lump = record(1, "bank", SourceClass::Bank, SETTLED, 500, Kind::Settlement);
    assert_eq!(fates(&[lump, bank(2, 500), gateway(3, 500)]), ["excluded", "merged", "counted"]);
}

#[test]
fn a_named_refund_beats_an_intermediarys_plain_debit() {
    let debit = record(1, "gateway", SourceClass::Intermediary, SETTLED, 500, Kind::Outflow);
    let refund = record(2, "bank", SourceClass::Bank, SETTLED, 500, Kind::Refund);
    assert_eq!(fates(&[debit, refund]), ["merged", "refunded"]);
}

#[test]
fn an_exclusion_wins_over_a_plain_payment() {
    let budget = record(1, "bank", SourceClass::Bank, SETTLED, 500, Kind::StateBudget);
    assert_eq!(fates(&[budget, gateway(2, 500)]), ["merged", "excluded"]);
}

#[test]
fn whichever_source_can_tell_a_deposit_is_believed_unless_it_is_no_fee() {
    let told = |id, source, class, kind| record(id, source, class, SETTLED, 500, kind);
    let kind = |of_bank, of_gateway| {
        let records = [
            told(1, "bank", SourceClass::Bank, of_bank),
            told(2, "gateway", SourceClass::Intermediary, of_gateway),
        ];
        standings(&KEY, &records)[1].kind
    };
    assert_eq!(kind(Kind::Deposit, Kind::Payment), Kind::Deposit);
    assert_eq!(kind(Kind::Payment, Kind::Deposit), Kind::Deposit);
    assert_eq!(kind(Kind::Deposit, Kind::Donation), Kind::Donation);
    assert_eq!(kind(Kind::CounterCash, Kind::Deposit), Kind::CounterCash);
}

#[test]
fn a_named_refund_beats_the_banks_plain_debit() {
    let debit = record(1, "bank", SourceClass::Bank, SETTLED, 500, Kind::Outflow);
    let refund = record(2, "school", SourceClass::Institution, SETTLED, 500, Kind::Refund);
    assert_eq!(fates(&[debit, refund]), ["merged", "refunded"]);
}

#[test]
fn corrections_alone_move_no_money() {
    let corrected = record(1, "bank", SourceClass::Bank, None, 500, Kind::Payment);
    assert_eq!(fates(&[corrected]), ["unsettled"]);
}

/// One reference that very many credits carry, as a careless bank may send it, must not hold up its partition.
#[test]
fn very_many_records_in_one_payment_are_paired_at_once() {
    let records: Vec<_> =
        (0..300_000).map(|id| if id % 2 == 0 { bank(id, 500) } else { gateway(id, 500) }).collect();
    let start = Instant::now();
    let fates = fates(&records);
    // A fraction of a second; comparing each record with each unit would take half a minute.
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let counted = fates.iter().filter(|fate| **fate == "counted").count();
    assert_eq!(counted, records.len() / 2);
}
