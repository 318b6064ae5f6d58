//! Facts and cells of every shape, by proptest, with the extremes of each value well represented.

use cashless_domain::{
    AccountId, Added, AmountDong, Beneficiary, BusinessDate, DecidedBy, Decision, Details, Evidence, Flags,
    IdentifierId, InvoiceDigest, Kind, Method, MinimumFields, PayerAccountDigest, PaymentId, PersonDigest,
    Reason, RecordId, ReferenceDigest, SourceClass, SourceId, Status, StatusChange, Timestamp,
};
use cashless_rollup::{Cell, CellKey, CellValues, Payment, PaymentKey, Record, Version};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const LAST_MICROS: i64 = 65_535 * 86_400 * 1_000_000 - 1;

fn digest() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(u64::MAX), any::<u64>()]
}

fn wide_digest() -> impl Strategy<Value = [u8; 16]> {
    prop_oneof![Just([0; 16]), Just([255; 16]), any::<[u8; 16]>()]
}

fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![Just(0), Just(LAST_MICROS), 0..=LAST_MICROS]
        .prop_map(|micros| Timestamp::from_micros(micros).expect("in range"))
}

fn day() -> impl Strategy<Value = BusinessDate> {
    prop_oneof![Just(0), Just(u16::MAX), any::<u16>()].prop_map(BusinessDate::from_days)
}

fn source() -> impl Strategy<Value = SourceId> {
    prop_oneof!["[a-z0-9-]{1,40}", Just("undecodable".to_owned())]
        .prop_map(|name| SourceId::new(&name).expect("valid"))
}

prop_compose! {
    fn details()(
        (version, provider_time, received_at, settled_at) in (any::<u32>(), option::of(time()), time(), time()),
        amount in prop_oneof![Just(1), Just(AmountDong::MAX), 1..=AmountDong::MAX],
        (method, kind) in (select(Method::ALL), select(Kind::ALL)),
        identifier in wide_digest(),
        (evidence, fields, flags) in (any::<u8>(), any::<u8>(), any::<u8>()),
        (reason, beneficiary_kind) in (select(Reason::ALL), select(Beneficiary::ALL)),
        (payer, beneficiary) in (option::of(digest()), option::of(digest())),
        (payer_account, reference) in (option::of(digest()), option::of(digest())),
        (invoice, invoice_other_year, original) in (option::of(digest()), option::of(digest()), option::of(digest())),
    ) -> Details {
        Details {
            version, provider_time, received_at, settled_at, method, kind, reason, beneficiary_kind,
            amount: AmountDong::new(amount).expect("in range"),
            identifier: IdentifierId(identifier),
            evidence: Evidence(evidence),
            fields: MinimumFields(fields),
            flags: Flags(flags),
            payer: payer.map(PersonDigest),
            beneficiary: beneficiary.map(PersonDigest),
            payer_account: payer_account.map(PayerAccountDigest),
            invoice: invoice.map(InvoiceDigest),
            invoice_other_year: invoice_other_year.map(InvoiceDigest),
            original: original.map(RecordId),
            reference: reference.map(ReferenceDigest),
        }
    }
}

prop_compose! {
    fn decision()(
        by in select(DecidedBy::ALL),
        registry_version in any::<u32>(),
        decided_at in time(),
        merged_into in option::of(digest()),
        kind in option::of(select(Kind::ALL)),
        settled_at in option::of(time()),
        added in any::<(u8, u8)>(),
    ) -> Decision {
        let added = Added { evidence: Evidence(added.0), fields: MinimumFields(added.1) };
        Decision { by, registry_version, decided_at, merged_into: merged_into.map(RecordId), kind, settled_at, added }
    }
}

prop_compose! {
    pub(crate) fn record()(
        id in digest(),
        source_class in select(SourceClass::ALL),
        source in source(),
        status in option::of((any::<u32>(), select(Status::ALL))),
        details in option::of(details()),
        decision in option::of(decision()),
        erased in any::<bool>(),
    ) -> Record {
        let status = status.map(|(version, status)| StatusChange { version, status });
        Record { id: RecordId(id), source_class, source, status, details, decision, erased }
    }
}

prop_compose! {
    pub(crate) fn payment_key()(anchor in day(), account in wide_digest(), payment in wide_digest()) -> PaymentKey {
        PaymentKey { anchor, account: AccountId(account), payment: PaymentId(payment) }
    }
}

prop_compose! {
    /// Its records are in order and have ids of their own.
    pub(crate) fn payment()(version in digest(), mut records in prop::collection::vec(record(), 1..4)) -> Payment {
        records.sort_by_key(|record| record.id);
        records.dedup_by_key(|record| record.id);
        Payment { version: Version::from_stored(version), records }
    }
}

prop_compose! {
    pub(crate) fn cell()(
        (business_date, account, identifier) in (day(), wide_digest(), wide_digest()),
        source in source(),
        (method, kind, evidence) in (select(Method::ALL), select(Kind::ALL), any::<u8>()),
        counts in prop::array::uniform10(prop_oneof![Just(i64::MIN), Just(0), Just(i64::MAX), any::<i64>()]),
        dong in prop::array::uniform4(prop_oneof![Just(i128::MIN), Just(0), Just(i128::MAX), any::<i128>()]),
        version in digest(),
    ) -> (CellKey, Cell) {
        let key = CellKey {
            business_date, source, method, kind,
            account: AccountId(account),
            identifier: IdentifierId(identifier),
            evidence: Evidence(evidence),
        };
        let values = CellValues {
            n: counts[0], refunds_n: counts[1], merged_n: counts[2], voided_n: counts[3],
            payer_name_n: counts[4], beneficiary_name_n: counts[5], reason_n: counts[6], invoice_ref_n: counts[7],
            all_fields_n: counts[8], without_beneficiary_n: counts[9],
            gross_dong: dong[0], refunds_dong: dong[1], merged_dong: dong[2], voided_dong: dong[3],
        };
        (key, Cell { version: Version::from_stored(version), values })
    }
}
