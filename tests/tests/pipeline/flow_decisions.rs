//! The reviewer: what looks like one payment becomes one, and is decided once.

use cashless_domain::{
    AmountDong, Beneficiary, Details, EventKey, Evidence, Flags, Kind, Method, MinimumFields, PaymentEvent,
    Reason, RecordId, SourceClass, SourceId, Status, StatusChange, Timestamp,
};
use cashless_wire::Encoder;

use crate::harness::{Plan, System, records, until};

/// A record's settlement, told by a bank or by an intermediary, as the collector would append it.
fn told(
    system: &System,
    id: u64,
    source_class: SourceClass,
    dong: i64,
    at: &str,
    status: Status,
) -> (Vec<u8>, Vec<u8>) {
    let account = system.id_key.bank_account("970405", "0000000001");
    let settled_at = Timestamp::parse_rfc3339(at).expect("a time");
    let is_bank = source_class == SourceClass::Bank;
    let event = PaymentEvent {
        source: SourceId::new(if is_bank { "vi-du-bank" } else { "vi-du-gate" }).expect("valid"),
        source_class,
        key: EventKey {
            anchor: settled_at.business_date(),
            account,
            payment: RecordId(id).into(),
            record: RecordId(id),
        },
        received_at: settled_at,
        status: Some(StatusChange { version: 0, status }),
        details: Some(Details {
            version: 0,
            provider_time: Some(settled_at),
            received_at: settled_at,
            amount: AmountDong::new(dong).expect("in range"),
            settled_at,
            method: if is_bank { Method::Unknown } else { Method::QrPayment },
            kind: Kind::Payment,
            identifier: account.into(),
            evidence: Evidence::default(),
            fields: MinimumFields::default(),
            flags: Flags::default(),
            reason: Reason::Tuition,
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
    };
    let mut payload = Vec::new();
    Encoder::default().encode_payment(&event, &mut payload).expect("a valid event");
    (account.0.to_vec(), payload)
}

fn figures(system: &System) -> Vec<String> {
    let sql = "SELECT business_date, source, method, sum(n) AS payments, sum(gross_dong) AS dong, sum(merged_n) AS merged \
               FROM institution_daily GROUP BY business_date, source, method ORDER BY ALL";
    system.rows::<6>(sql).into_iter().map(|row| row.join(" ")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_like_one_payment_becomes_one_and_two_again_when_the_reason_is_gone() {
    use SourceClass::{Bank, Intermediary};
    let section = "[reviewer]\nevery_ms = 100".to_owned();
    let system = System::set_up(Plan { section, ..Plan::new(1) });
    let mut aggregator = system.start_aggregator();
    aggregator.ready().await;
    let settled = Status::Settled;
    let events = [
        told(&system, 1, Bank, 100_000, "2022-03-01T23:58:00+07:00", settled),
        told(&system, 2, Intermediary, 100_000, "2022-03-02T00:01:00+07:00", settled),
        told(&system, 3, Bank, 200_000, "2022-03-01T12:00:00+07:00", settled),
        told(&system, 4, Intermediary, 200_000, "2022-03-01T12:01:00+07:00", settled),
        told(&system, 5, Intermediary, 200_000, "2022-03-01T12:02:00+07:00", settled),
    ];
    records::append(&system.broker, &system.payments_topic(), &events).await;
    until("all are counted", async || (system.events().await == 5).then_some(())).await;
    let apart = figures(&system);
    assert_eq!(
        apart,
        [
            "2022-03-01 vi-du-bank UNKNOWN 2 300000 0",
            "2022-03-01 vi-du-gate QR_PAYMENT 2 400000 0",
            "2022-03-02 vi-du-gate QR_PAYMENT 1 100000 0",
        ]
    );

    let first = system.start_tracker();
    let merged = [
        "2022-03-01 vi-du-bank UNKNOWN 1 200000 1",
        "2022-03-01 vi-du-gate QR_PAYMENT 3 500000 0",
        "2022-03-02 vi-du-gate QR_PAYMENT 0 0 0",
    ];
    until("the two are one", async || (figures(&system) == merged).then_some(())).await;
    let ambiguous = system.rows::<2>("SELECT amount_dong, length(candidates) FROM weak_candidates");
    assert_eq!(ambiguous, [["200000", "2"]]);

    // Twice at once, over the same facts: nothing more is decided.
    system.settled().await;
    let decided = system.events().await;
    assert_eq!(decided, 7, "one merge, one earlier day");
    let second = system.start_tracker();
    for tracker in [&first, &second] {
        let reviews = async || tracker.metric("tracker_reviews_total", &[]);
        let before = until("it reviews", reviews).await;
        until("it has reviewed twice more", async || reviews().await.filter(|n| *n >= before + 2.0)).await;
    }
    assert_eq!(second.metric("tracker_decisions_total", &[]), Some(0.0));
    system.settled().await;
    assert_eq!(system.events().await, decided);

    // The gateway takes its payment back: the bank's record is no copy of anything any more.
    let voided = told(&system, 2, Intermediary, 100_000, "2022-03-02T00:01:00+07:00", Status::Voided);
    records::append(&system.broker, &system.payments_topic(), &[voided]).await;
    until("the bank's record counts again", async || {
        (figures(&system)[0] == "2022-03-01 vi-du-bank UNKNOWN 2 300000 0").then_some(())
    })
    .await;
    second.terminate().await;
    first.terminate().await;
    aggregator.terminate().await;
}
