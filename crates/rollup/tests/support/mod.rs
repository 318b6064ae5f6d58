//! Small random logs in which everything that can meet does meet.

use cashless_domain::{
    AccountId, Added, AmountDong, Beneficiary, BusinessDate, DecidedBy, Decision, Details, EventKey,
    Evidence, Flags, IdentifierId, Kind, Method, MinimumFields, PayerAccountDigest, PaymentEvent, PaymentId,
    PersonDigest, Reason, RecordId, ReferenceDigest, SourceClass, SourceId, Status, StatusChange, Timestamp,
};
use rand::RngExt as _;
use rand::seq::IndexedRandom as _;
use rand_chacha::ChaCha8Rng;

const SOURCES: [(&str, SourceClass); 3] = [
    ("bank", SourceClass::Bank),
    ("gateway", SourceClass::Intermediary),
    ("school", SourceClass::Institution),
];
const NOON_MICROS: i64 = 5 * 3_600 * 1_000_000;
const DAY_MICROS: i64 = 86_400 * 1_000_000;

fn at_noon(day: i64) -> Timestamp {
    Timestamp::from_micros(day * DAY_MICROS + NOON_MICROS).expect("in range")
}

/// One event about one of the first `payments` payments.
pub(crate) fn random_event(rng: &mut ChaCha8Rng, payments: u8) -> PaymentEvent {
    let payment = rng.random_range(0..payments);
    let (source, source_class) = SOURCES[rng.random_range(0..SOURCES.len())];
    let twin = rng.random_range(0..=u64::from(source_class == SourceClass::Bank));
    let record =
        RecordId(u64::from(payment) * 100 + u64::from(source_class.code().unsigned_abs()) * 10 + twin);
    let received_at = at_noon(20_000 + rng.random_range(0..3));
    let shape = rng.random_range(0..100);
    let version = rng.random_range(0..2);
    let status = |status| Some(StatusChange { version, status });
    let (status, details, decision) = match shape {
        0..70 => (status(Status::Settled), Some(random_details(rng, received_at)), None),
        70..80 => (None, Some(random_details(rng, received_at)), None),
        80..88 => (status(Status::Voided), None, None),
        88..92 => {
            (status(*[Status::Pending, Status::Failed, Status::Test].choose(rng).expect("some")), None, None)
        }
        _ => (None, None, Some(random_decision(rng))),
    };
    PaymentEvent {
        source: SourceId::new(source).expect("a source name"),
        source_class,
        key: EventKey {
            anchor: BusinessDate::from_days(20_000 + u16::from(payment) % 2),
            account: AccountId([payment % 2; 16]),
            payment: PaymentId([payment; 16]),
            record,
        },
        received_at,
        status,
        details,
        decision,
        erased: rng.random_bool(0.02),
    }
}

fn random_details(rng: &mut ChaCha8Rng, received_at: Timestamp) -> Details {
    let kinds = [
        Kind::Payment,
        Kind::Payment,
        Kind::Payment,
        Kind::Deposit,
        Kind::Refund,
        Kind::Settlement,
        Kind::Outflow,
    ];
    Details {
        version: rng.random_range(0..3),
        provider_time: rng.random_bool(0.8).then(|| at_noon(20_000 + rng.random_range(0..2))),
        received_at,
        amount: AmountDong::new(rng.random_range(1..=2)).expect("positive"),
        settled_at: at_noon(20_000 + rng.random_range(0..3)),
        method: *[Method::QrTransfer, Method::CardPos].choose(rng).expect("some"),
        kind: *kinds.choose(rng).expect("some"),
        identifier: IdentifierId([rng.random_range(0..2); 16]),
        evidence: Evidence(rng.random_range(0..4)),
        fields: MinimumFields(rng.random_range(0..16)),
        flags: Flags(rng.random_range(0..4)),
        reason: *[Reason::Unknown, Reason::Tuition].choose(rng).expect("some"),
        beneficiary_kind: Beneficiary::Unknown,
        payer: rng.random_bool(0.5).then(|| PersonDigest(rng.random_range(0..3))),
        beneficiary: None,
        invoice: None,
        payer_account: rng.random_bool(0.2).then(|| PayerAccountDigest(rng.random_range(0..3))),
        invoice_other_year: None,
        original: rng.random_bool(0.1).then_some(RecordId(11)),
        reference: rng.random_bool(0.2).then(|| ReferenceDigest(rng.random_range(0..3))),
    }
}

fn random_decision(rng: &mut ChaCha8Rng) -> Decision {
    Decision {
        by: *[DecidedBy::Rule, DecidedBy::Person].choose(rng).expect("some"),
        registry_version: rng.random_range(0..2),
        decided_at: at_noon(20_000 + rng.random_range(0..2)),
        merged_into: rng.random_bool(0.4).then_some(RecordId(99)),
        kind: rng.random_bool(0.3).then_some(Kind::InternalTransfer),
        settled_at: rng.random_bool(0.3).then(|| at_noon(20_000 + rng.random_range(0..4))),
        added: Added {
            evidence: Evidence(rng.random_range(0..4)),
            fields: MinimumFields(rng.random_range(0..16)),
        },
    }
}
