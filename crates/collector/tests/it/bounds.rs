use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::harness::{NOW_S, Running, batch, read_reply, settled, signed, until};

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_announced_or_not() {
    let running = Running::start("body_bytes_max = 600").await;
    let body = format!("{}{}", settled("T1", "1000"), " ".repeat(600));
    assert_eq!(running.post(&body).await.status, 413);

    let chunked = signed("example-bank", "msg_1", NOW_S, "")
        .replace("content-length: 0", "transfer-encoding: chunked")
        + &format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    assert_eq!(running.send(&chunked).await.status, 413);
    assert_eq!(running.post(&settled("T1", "1000")).await.status, 204);

    // More than the sockets between hold: the answer must not be lost over what was not read.
    let running = Running::start("").await;
    let body = format!("{}{}", settled("T1", "1000"), " ".repeat(14 << 20));
    assert_eq!(running.post(&body).await.status, 413);
    running.assert_fates_add_up();
}

#[tokio::test]
async fn a_chunked_body_is_read_like_any_other() {
    let running = Running::start("").await;
    let body = settled("T1", "1000");
    let (head, _) = signed("example-bank", "msg_1", NOW_S, &body)
        .split_once("content-length")
        .map_or_else(|| panic!("a head"), |(head, rest)| (head.to_owned(), rest.to_owned()));
    let (one, two) = body.split_at(100);
    let chunks = format!("{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n", one.len(), two.len());
    let reply = running.send(&format!("{head}transfer-encoding: chunked\r\n\r\n{chunks}")).await;
    assert_eq!(reply.status, 204);
}

#[tokio::test]
async fn too_many_statements_are_one_unusable_delivery() {
    let running = Running::start("batch_items_max = 2").await;
    let statements: Vec<_> = (0..3).map(|n| settled(&format!("T{n}"), "1000")).collect();
    assert_eq!(running.post(&batch(&statements)).await.status, 422);
    assert_eq!(running.dead_letters().len(), 1);
    let many: Vec<_> = (0..501).map(|n| settled(&format!("T{n}"), "1000")).collect();
    assert_eq!(running.post(&batch(&many)).await.status, 422);
    assert!(running.events().is_empty());
    running.assert_fates_add_up();
}

#[tokio::test]
async fn requests_and_bytes_beyond_the_limits_are_told_to_come_back() {
    let running = Running::start("requests_max = 1").await;
    running.log.keep_silent();
    let first = signed("example-bank", "msg_1", NOW_S, &settled("T1", "1000"));
    let mut stream = TcpStream::connect(running.address).await.expect("connected");
    stream.write_all(first.as_bytes()).await.expect("written");
    until("the first request to be in flight", || running.log.records().len() == 1).await;

    let refused = running.post(&settled("T2", "1000")).await;
    assert_eq!(refused.status, 429);
    assert!(refused.head.contains("retry-after: 5"));
    running.log.speak();
    assert_eq!(read_reply(stream).await.status, 204);
    running.assert_fates_add_up();

    let running = Running::start("body_bytes_max = 1000\nin_flight_bytes_max = 1000").await;
    running.log.keep_silent();
    let mut stream = TcpStream::connect(running.address).await.expect("connected");
    stream.write_all(first.as_bytes()).await.expect("written");
    until("the first body to be held", || running.log.records().len() == 1).await;
    let large = format!("{}{}", settled("T2", "1000"), " ".repeat(600));
    assert_eq!(running.post(&large).await.status, 429);
    running.log.speak();
    assert_eq!(read_reply(stream).await.status, 204);
    assert_eq!(running.post(&large).await.status, 204, "the memory is free again");
    until("no bytes to be held", || running.metric("collector_bytes_in_flight", "") < 0.5).await;
    running.assert_fates_add_up();
}

#[tokio::test]
async fn a_body_that_never_comes_is_given_up() {
    let running = Running::start("body_timeout_ms = 50").await;
    let request = signed("example-bank", "msg_1", NOW_S, &settled("T1", "1000"));
    let reply = running.send(&request[..request.len() - 10]).await;
    assert_eq!(reply.status, 408);
    assert_eq!(running.metric("collector_requests_abandoned_total", "timeout").to_string(), "1");
    assert!(running.log.records().is_empty());
}

#[tokio::test]
async fn a_head_that_never_comes_ends_the_connection() {
    let running = Running::start("head_timeout_ms = 50").await;
    let mut stream = TcpStream::connect(running.address).await.expect("connected");
    stream.write_all(b"POST /v1/webhooks/example-bank HTTP/1.1\r\nhost:").await.expect("written");
    until("the connection to be closed", || {
        running.metric("collector_connections_total", "") > 0.5
            && running.metric("collector_connections", "") < 0.5
    })
    .await;
}
