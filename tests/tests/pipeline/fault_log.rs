//! A log that is not as it should be: what cannot be read is put aside; what must not be skipped halts its partition.

use cashless_domain::SourceId;
use cashless_wire::Topic;

use crate::harness::records::{append, read_all};
use crate::harness::{Plan, Role, System, kafka_protocol, until};

const GARBAGE_RECORDS: u8 = 40;
const EVERYTHING: &str = "SELECT * FROM account_daily FINAL ORDER BY ALL";

#[tokio::test(flavor = "multi_thread")]
async fn undecodable_records_are_dead_lettered_and_counted_and_stop_nothing() {
    let system = System::set_up(Plan::new(1));
    let (collector, mut aggregator) = system.start_both().await;
    let load = system.post_for_ever(400.0);
    load.go_on(100).await;
    // Nothing, text, and beginnings of both framings.
    let payloads = [&b""[..], b"hello", b"\xc3\x01", b"\x00\x00"];
    let garbage: Vec<_> = (0..GARBAGE_RECORDS)
        .map(|n| (vec![n; 16], payloads[usize::from(n) % payloads.len()].to_vec()))
        .collect();
    append(&system.broker, &system.payments_topic(), &garbage).await;
    load.go_on(100).await;
    let (_report, truth) = load.wind_up().await;
    system.assert_true(&truth).await;
    aggregator.assert_alive();

    let ledger = system.warehouse.whole_ledger().await.expect("the warehouse answers");
    let undecodable = ledger.iter().filter(|stored| stored.key.source.as_str() == SourceId::UNDECODABLE);
    let counted: u64 = undecodable.flat_map(|stored| stored.row.events).sum();
    assert_eq!(counted, u64::from(GARBAGE_RECORDS));
    let letters = read_all(&system.broker, &system.topic(Topic::DeadLetters)).await;
    let ours = letters.iter().filter(|letter| letter.key == SourceId::UNDECODABLE.as_bytes()).count();
    assert_eq!(ours, usize::from(GARBAGE_RECORDS));
    assert_eq!(aggregator.metric("aggregator_dead_letters_total", &[]), Some(f64::from(GARBAGE_RECORDS)));
    aggregator.terminate().await;
    collector.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_the_reader_lacks_halts_its_partition_alone() {
    let system = System::set_up(Plan::new(1));
    let (collector, mut aggregator) = system.start_both().await;
    let (_report, _truth) = system.post_a_day(300).end().await;
    system.settled().await;
    let before = system.ends().expect("Kafka answers");
    append(
        &system.broker,
        &system.payments_topic(),
        &[(b"key".to_vec(), b"\xc3\x01unknown! and more".to_vec())],
    )
    .await;
    let after = system.ends().expect("Kafka answers");
    let strange = before.iter().zip(&after).position(|(before, after)| before != after).expect("a partition");
    aggregator.halted(&format!("partition {strange} is halted: offset {}", before[strange])).await;
    assert_eq!(aggregator.metric("aggregator_halted_partitions", &[]), Some(1.0));

    let (_report, _truth) = System::post_a_day(&system, 600).end().await;
    until("the other partitions go on", async || {
        let (ends, committed) = (system.ends()?, system.committed()?);
        let others = (0..ends.len()).filter(|partition| *partition != strange);
        others.into_iter().all(|partition| ends[partition] == committed[partition]).then_some(())
    })
    .await;
    assert_eq!(
        system.committed().expect("Kafka answers")[strange],
        before[strange],
        "the strange record is not skipped"
    );
    aggregator.terminate().await;
    collector.terminate().await;
}

/// A system that has worked, and whose aggregator is stopped.
async fn at_rest() -> (System, Role) {
    let system = System::set_up(Plan::new(1));
    let (collector, aggregator) = system.start_both().await;
    let (_report, truth) = system.post_a_day(300).end().await;
    system.assert_true(&truth).await;
    aggregator.terminate().await;
    (system, collector)
}

/// An aggregator started now halts with a sentence, and touches nothing.
async fn assert_halts(system: &System, sentence: &str) {
    let before = system.sql(EVERYTHING);
    let mut aggregator = system.start_aggregator();
    aggregator.halted(sentence).await;
    assert_eq!(
        aggregator.ask("/livez").map(|answer| answer.status),
        Some(200),
        "it is alive, and waits for a person"
    );
    aggregator.terminate().await;
    assert_eq!(system.sql(EVERYTHING), before, "figures moved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_group_halts() {
    let (system, _collector) = at_rest().await;
    until("the group is deleted", async || {
        kafka_protocol::delete_group(&system.broker, &system.name).then_some(())
    })
    .await;
    assert_halts(&system, "the group has no committed offset: was the group deleted?").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_ledger_halts() {
    let (system, _collector) = at_rest().await;
    system.sql("TRUNCATE TABLE ledger");
    assert_halts(&system, "there is no ledger: was the warehouse emptied?").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_made_anew_halts() {
    let (system, collector) = at_rest().await;
    collector.terminate().await;
    let (topic, old_ends) = (system.payments_topic(), system.ends().expect("Kafka answers"));
    assert!(kafka_protocol::delete_topic(&system.broker, &topic));
    until("the topic is made anew", async || {
        (system.command(&["topics", "apply"]).status.success() && system.ends()?.iter().all(|end| *end == 0))
            .then_some(())
    })
    .await;
    // Kafka forgets a group's offsets together with the topic.
    assert_halts(&system, "the group has no committed offset: was the group deleted?").await;
    // A restored group does not hide it,
    until("offsets are restored", async || {
        kafka_protocol::commit(&system.broker, &system.name, &topic, &old_ends).then_some(())
    })
    .await;
    assert_halts(&system, "it was truncated or made anew").await;
    // and neither do as many records as before.
    let enough = || system.ends().expect("Kafka answers").iter().zip(&old_ends).all(|(end, old)| end >= old);
    let mut key = 0_u32;
    while !enough() {
        let strangers: Vec<_> =
            (0..200).map(|n| ((key + n).to_be_bytes().to_vec(), b"hello".to_vec())).collect();
        append(&system.broker, &topic, &strangers).await;
        key += 200;
    }
    assert_halts(&system, "is not the one the ledger was made from").await;
}
