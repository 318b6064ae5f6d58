use crate::harness::{NOW_S, Running, signed};

const CANARIES: [&str; 10] = [
    "CANARYNAME",
    "8887776665554",
    "CANARYPUPIL",
    "CANARYCODE77",
    "9990001112223",
    "CANARYVA99",
    "CANARY-INVOICE-1",
    "CANARYTXID",
    "CANARYREF",
    "msg_CANARY",
];

/// Statements that carry every canary, usable and not.
fn statements() -> Vec<String> {
    let good = r#"{"type":"payment.settled","timestamp":"2026-09-07T20:15:31+07:00","data":{"transaction_id":"CANARYTXID",
        "transaction_time":"2026-09-07T20:15:30+07:00","bank_reference":"CANARYREF","amount_dong":350000,
        "receiver":{"bank":"970405","account":"9990001112223","virtual_account":"CANARYVA99"},
        "payer":{"name":"CANARYNAME","account":"8887776665554"},"beneficiary":{"name":"CANARYPUPIL","code":"CANARYCODE77","kind":"pupil"},
        "reason":"tuition","invoice_ref":"CANARY-INVOICE-1"}}"#;
    let faults = [
        ("350000", "-1"),
        ("350000", "\"CANARYNAME\""),
        ("\"payment.settled\"", "\"payment.CANARYNAME\""),
        ("\"970405\"", "\"970999\""),
        ("\"pupil\"", "\"CANARYNAME\""),
        ("2026-09-07T20:15:30+07:00", "CANARYNAME"),
        ("2026-09-07T20:15:30+07:00", "2030-09-07T20:15:30+07:00"),
        ("\"payer\"", "\"reason\""),
        ("{\"name\":\"CANARYNAME\",", "{\"name\":\"CANARYNAME\""),
        ("\"amount_dong\"", "\"currency\":\"CANARYNAME\",\"amount_dong\""),
    ];
    std::iter::once(good.to_owned()).chain(faults.map(|(from, to)| good.replacen(from, to, 1))).collect()
}

#[tokio::test]
async fn nothing_personal_passes_the_collector() {
    let running = Running::start("").await;
    for (index, body) in statements().iter().enumerate() {
        let reply = running.send(&signed("example-bank", "msg_CANARY", NOW_S, body)).await;
        assert_eq!(reply.status, if index == 0 { 204 } else { 422 }, "{index}: {}", reply.body);
        assert_clean("an answer", reply.body.as_bytes());
        assert_clean("a head", reply.head.as_bytes());
    }
    for record in running.log.records() {
        assert_clean("a record", &record.payload);
        assert_clean("a key", &record.key);
    }
    assert_clean("an event", format!("{:?}", running.events()).as_bytes());
    assert_clean("a letter", format!("{:?}", running.dead_letters()).as_bytes());
    let metrics: String = running.registry.gather().iter().map(|family| format!("{family:?}")).collect();
    assert_clean("metrics", metrics.as_bytes());
    running.assert_fates_add_up();
}

fn assert_clean(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    for canary in CANARIES {
        assert!(!text.contains(&canary.to_lowercase()), "{canary} in {what}");
    }
}
