use cashless_broker::AppendError;
use cashless_domain::{DeadLetterReason, Status};
use serde_json::json;

use crate::harness::{NOW_S, Running, SOURCES, batch, settled, signed, until};

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|_| panic!("not JSON: {text}"))
}

#[tokio::test]
async fn a_signed_payment_is_in_the_log_before_it_is_answered() {
    let running = Running::start("").await;
    let reply = running.post(&settled("T1", "350000")).await;
    assert_eq!((reply.status, reply.body.as_str()), (204, ""));

    let events = running.events();
    let [event] = events.as_slice() else { panic!("one event") };
    assert_eq!(event.status.map(|change| change.status), Some(Status::Settled));
    assert_eq!(event.details.map(|details| details.amount.get()), Some(350_000));
    assert_eq!(running.log.records()[0].key, event.key.account.0, "keyed by the account");

    let again = running.post(&settled("T1", "350000")).await;
    assert_eq!(again.status, 204, "a duplicate has the same answer");
    assert_eq!(running.metric("collector_dong_total", "accepted").to_string(), "700000");
    running.assert_fates_add_up();
}

#[tokio::test]
async fn a_batch_is_judged_statement_by_statement() {
    let running = Running::start("").await;
    let body = batch(&[settled("T1", "1000"), settled("T2", "12.5"), settled("T3", "3000")]);
    let reply = running.post(&body).await;
    assert_eq!(reply.status, 207);
    let answer = json(&reply.body);
    assert_eq!(answer["items"][0], json!({"index": 0, "fate": "accepted"}));
    assert_eq!(answer["items"][1]["reason"], "invalid_amount");
    assert!(
        answer["items"][1]["detail"].as_str().is_some_and(|detail| detail.starts_with("data.amount_dong: "))
    );
    assert_eq!(running.events().len(), 2);

    assert_eq!(running.post(&batch(&[settled("T1", "1000")])).await.status, 200);
    assert_eq!(running.post(&batch(&[settled("T1", "0"), settled("T2", "0")])).await.status, 422);
    running.assert_fates_add_up();
}

#[tokio::test]
async fn an_unusable_payment_is_a_dead_letter_with_a_stable_id_and_a_sealed_body() {
    let running = Running::start("").await;
    let body = settled("T1", "-5");
    for _ in 0..2 {
        assert_eq!(running.post(&body).await.status, 422);
    }
    let letters = running.dead_letters();
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0].id, letters[1].id);
    assert_eq!(letters[0].reason, DeadLetterReason::InvalidAmount);
    assert_eq!(letters[0].body_bytes, body.len() as u64);
    let sealer = cashless_collector::Sealer::new(&[1; 32]).expect("a key");
    let sealed = letters[0].sealed_body.as_ref().expect("sealed");
    assert_eq!(sealer.open(&letters[0].id, sealed), Ok(body.into_bytes()));

    assert_eq!(running.post("not json").await.status, 422);
    assert_eq!(running.dead_letters()[2].reason, DeadLetterReason::Malformed);
    running.assert_fates_add_up();
}

#[tokio::test]
async fn strangers_are_refused_without_a_hint_and_leave_no_record() {
    let running = Running::start("").await;
    let good = signed("example-bank", "msg_1", NOW_S, &settled("T1", "1000"));
    let forged = [
        good.replace("msg_1", "msg_2"),
        good.replace("1000", "9000"),
        good.replace("webhook-signature: v1,", "webhook-signature: v2,"),
        good.replace("webhook-signature", "x-signature"),
        good.replace("webhook-id", "x-id"),
    ];
    let mut bodies = Vec::new();
    for request in forged {
        let reply = running.send(&request).await;
        assert_eq!(reply.status, 401);
        bodies.push(reply.body);
    }
    assert!(bodies.iter().all(|body| body == r#"{"refused":"bad_signature"}"#));

    let stale = running.send(&signed("example-bank", "msg_1", NOW_S - 301, &settled("T1", "1000"))).await;
    assert_eq!((stale.status, stale.body.as_str()), (401, r#"{"refused":"stale"}"#));
    let unknown = running.send(&signed("nobody", "msg_1", NOW_S, &settled("T1", "1000"))).await;
    assert_eq!(unknown.status, 404);
    let method = running.send(&good.replacen("POST", "PUT", 1)).await;
    assert_eq!(method.status, 405);
    assert!(method.head.contains("allow: post"));
    let elsewhere = good.replacen("/example-bank ", "/example-bank/elsewhere ", 1);
    assert_eq!(running.send(&elsewhere).await.status, 404);
    assert_eq!(running.send("GET /metrics HTTP/1.1\r\nhost: test\r\n\r\n").await.status, 404);
    assert!(running.log.records().is_empty());
    running.assert_fates_add_up();
}

#[tokio::test]
async fn one_record_that_is_not_durable_makes_the_whole_request_repeatable() {
    let running = Running::start("").await;
    let body = batch(&[settled("T1", "1000"), settled("T2", "bad"), settled("T3", "3000")]);
    let body = body.replace("\"amount_dong\":bad", "\"amount_dong\":-1");
    for position in 0..3 {
        let failures = (0..3).map(|index| (index == position).then_some(AppendError::Full));
        running.log.fail_next(failures);
        let reply = running.post(&body).await;
        assert_eq!(reply.status, 503, "failure at {position}");
        assert!(reply.head.contains("retry-after: 5"));
    }
    assert_eq!(running.metric("collector_items_total", "unavailable").to_string(), "9");
    assert_eq!(running.post(&body).await.status, 207);
    running.assert_fates_add_up();
}

#[tokio::test]
async fn a_silent_log_is_never_answered_with_success() {
    let running = Running::start("append_timeout_ms = 50").await;
    running.log.keep_silent();
    assert_eq!(running.post(&settled("T1", "1000")).await.status, 503);
    assert!(!running.handle.is_ready());
    running.log.speak();
    assert_eq!(running.post(&settled("T1", "1000")).await.status, 204);
    assert!(running.handle.is_ready());
    running.assert_fates_add_up();
}

#[tokio::test]
async fn a_sender_that_hangs_up_does_not_lose_its_fate() {
    use tokio::io::AsyncWriteExt as _;
    let running = Running::start("append_timeout_ms = 15000").await;
    running.log.keep_silent();
    let request = signed("example-bank", "msg_1", NOW_S, &settled("T1", "1000"));
    let mut stream = tokio::net::TcpStream::connect(running.address).await.expect("connected");
    stream.write_all(request.as_bytes()).await.expect("written");
    until("the record to be handed over", || running.log.records().len() == 1).await;
    drop(stream);
    until("the connection to end", || running.metric("collector_connections", "") < 0.5).await;
    assert!(
        running.metric("collector_bytes_in_flight", "") > 0.5,
        "what is held is counted until it is let go"
    );
    running.log.speak();
    until("the fate", || running.metric("collector_items_total", "accepted") > 0.5).await;
    running.assert_fates_add_up();
}

#[tokio::test]
async fn shutdown_finishes_the_requests_in_flight() {
    use tokio::io::AsyncWriteExt as _;
    let mut running = Running::start("").await;
    running.log.keep_silent();
    let request = signed("example-bank", "msg_1", NOW_S, &settled("T1", "1000"));
    let mut stream = tokio::net::TcpStream::connect(running.address).await.expect("connected");
    stream.write_all(request.as_bytes()).await.expect("written");
    until("the record to be handed over", || running.log.records().len() == 1).await;

    let server = running.shut_down();
    until("the port to close", || !running.handle.is_ready() && !server.is_finished()).await;
    running.log.speak();
    assert_eq!(crate::harness::read_reply(stream).await.status, 204);
    server.await.expect("ended");
    assert!(tokio::net::TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn reloading_swaps_the_sources_and_a_bad_file_changes_nothing() {
    let running = Running::start("").await;
    let file = running.directory.path().join("sources.toml");
    let request = signed("new-bank", "msg_1", NOW_S, &settled("T1", "1000"));
    assert_eq!(running.send(&request).await.status, 404);

    std::fs::write(&file, SOURCES.replace("example-bank", "new-bank")).expect("written");
    assert_eq!(running.handle.reload().expect("a good file").sources, 3);
    assert_eq!(running.send(&request).await.status, 204);

    std::fs::write(&file, SOURCES.replace("class = \"bank\"", "class = \"shop\"")).expect("written");
    assert!(running.handle.reload().is_err());
    assert_eq!(running.send(&request).await.status, 204, "the sources before stay in use");
    assert_eq!(running.metric("collector_reloads_total", "refused").to_string(), "1");
}

#[tokio::test]
async fn a_provider_is_answered_in_its_own_words() {
    let running = Running::start("").await;
    let file = running.directory.path().join("sources.toml");
    let source = "[[source]]\nid = 'shop'\nclass = 'intermediary'\nprovider = 'payos'\nbank = '970405'\n\
                  checksum_key = { file = 'secret' }\nreceivers = [{ bank = '970405' }]\n";
    std::fs::write(&file, source).expect("written");
    running.handle.reload().expect("a good file");
    let post = |body: &str| {
        format!(
            "POST /v1/webhooks/shop HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let forged = running.send(&post(r#"{"data":{"code":"00"},"signature":"00"}"#)).await;
    assert_eq!((forged.status, forged.body.as_str()), (401, r#"{"success":false}"#));
    let unreadable = running.send(&post("{")).await;
    assert_eq!((unreadable.status, unreadable.body.as_str()), (400, r#"{"success":false}"#));
    assert_eq!(running.metric("collector_items_total", "unreadable").to_string(), "1");
    assert!(running.log.records().is_empty());
    running.assert_fates_add_up();
}

/// Our own contract ends a batch at 500 statements; a bank's day does not.
#[tokio::test]
async fn every_transaction_of_a_long_bank_message_is_accepted() {
    let running = Running::start("").await;
    let file = running.directory.path().join("sources.toml");
    let source = "[[source]]\nid = 'bank'\nclass = 'bank'\nprovider = 'camt054'\nbank = '970405'\n\
                  bearer_tokens = [{ file = 'secret' }]\nreceivers = [{ bank = '970405' }]\n";
    std::fs::write(&file, source).expect("written");
    running.handle.reload().expect("a good file");
    let entry = |n: u32| {
        format!(
            "<Ntry><Amt Ccy=\"VND\">1000</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
             <BookgDt><Dt>2026-09-07</Dt></BookgDt><AcctSvcrRef>FT{n}</AcctSvcrRef></Ntry>"
        )
    };
    let entries: String = (0..1_000).map(entry).collect();
    let body = format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn><Ntfctn><Acct><Id>\
         <Othr><Id>0011223344</Id></Othr></Id></Acct>{entries}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    );
    let request = format!(
        "POST /v1/webhooks/bank HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-type: application/xml\r\n\
         authorization: Bearer {}\r\ncontent-length: {}\r\n\r\n{body}",
        crate::harness::SECRET,
        body.len()
    );
    let reply = running.send(&request).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(running.events().len(), 1_000);
    running.assert_fates_add_up();
}

#[tokio::test]
async fn an_event_about_something_else_is_kept_and_not_asked_for_again() {
    let running = Running::start("").await;
    for body in [
        r#"{"hello":"world"}"#,
        r#"{"type":"invoice.paid","timestamp":"2026-09-07T20:15:31+07:00","data":{}}"#,
    ] {
        assert_eq!(running.post(body).await.status, 204);
    }
    assert_eq!(running.dead_letters().len(), 2);
    assert!(running.events().is_empty());
    running.assert_fates_add_up();
}
