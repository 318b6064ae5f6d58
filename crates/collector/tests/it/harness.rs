use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use cashless_broker::{EventLog, MemoryLog};
use cashless_collector::{Collector, Config, Handle};
use cashless_domain::{PaymentEvent, Timestamp};
use cashless_providers::standard_webhooks::{SigningSecret, sign_v1};
use cashless_wire::{DeadLetter, Decoder, Encoder};
use prometheus::Registry;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub(crate) const NOW_S: i64 = 1_788_787_000; // 2026-09-07T20:16:40+07:00
const KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
/// How long a test waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const SOURCES: &str = r#"
    [[source]]
    id = "example-bank"
    class = "bank"
    provider = "standard-webhooks"
    merge_by = "bank_reference"
    secrets = [{ file = "secret" }]
    receivers = [{ bank = "970405" }]

    [[source]]
    id = "example-his"
    class = "institution"
    provider = "standard-webhooks"
    secrets = [{ file = "secret" }]
    declares = true
    institutions = ["BV-*", "TH-0012", "TH-0013"]

    [[source]]
    id = "example-payos"
    class = "intermediary"
    provider = "payos"
    checksum_key = { file = "secret" }
    bank = "970405"
    receivers = [{ bank = "970405" }]
"#;

/// A running collector.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) registry: Registry,
    pub(crate) handle: Handle,
    pub(crate) directory: tempfile::TempDir,
    shutdown: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Running {
    pub(crate) async fn start(limits: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| directory.path().join(name);
        for (name, content) in [("secret", SECRET), ("key", KEY), ("sources.toml", SOURCES)] {
            std::fs::write(path(name), content).expect("written");
        }
        let config = format!(
            "sources_file = {:?}\nid_key = {{ file = {:?} }}\nseal_key = {{ file = {1:?} }}\n\
             person_keys = [{{ year = 2026, key = {{ file = {1:?} }} }}]\n[limits]\n{limits}\n",
            path("sources.toml"),
            path("key")
        );
        let config: Config = toml::from_str(&config).expect("a configuration");
        let (log, registry) = (Arc::new(MemoryLog::new()), Registry::new());
        let clock = Arc::new(|| Timestamp::from_micros(NOW_S * 1_000_000).expect("a time"));
        let shared_log: Arc<dyn EventLog> = Arc::clone(&log) as _;
        let collector = Collector::build_with_clock(config, Encoder::default(), shared_log, &registry, clock)
            .unwrap_or_else(|error| panic!("{error}"));
        let handle = collector.handle();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (shutdown, stop) = oneshot::channel();
        let server = tokio::spawn(collector.run(listener, async move { drop(stop.await) }));
        let (shutdown, server) = (Some(shutdown), Some(server));
        Self { address, log, registry, handle, directory, shutdown, server }
    }

    pub(crate) async fn post(&self, body: &str) -> Reply {
        self.send(&signed("example-bank", "msg_1", NOW_S, body)).await
    }

    /// Writes a whole request and reads the whole answer.
    pub(crate) async fn send(&self, request: &str) -> Reply {
        let mut stream = TcpStream::connect(self.address).await.expect("connected");
        stream.write_all(request.as_bytes()).await.expect("written");
        read_reply(stream).await
    }

    pub(crate) fn shut_down(&mut self) -> JoinHandle<()> {
        drop(self.shutdown.take());
        self.server.take().expect("shut down once")
    }

    pub(crate) fn events(&self) -> Vec<PaymentEvent> {
        let mut decoder = Decoder::default();
        let records = self.log.records().into_iter().filter(|record| record.topic == "cashless.payments.v1");
        records.map(|record| decoder.payment(&record.payload).expect("an event")).collect()
    }

    pub(crate) fn dead_letters(&self) -> Vec<DeadLetter> {
        let decoder = Decoder::default();
        let records =
            self.log.records().into_iter().filter(|record| record.topic == "cashless.dead-letters.v1");
        records.map(|record| decoder.dead_letter(&record.payload).expect("a letter")).collect()
    }

    /// The sum of a metric over all series whose labels contain `label`.
    pub(crate) fn metric(&self, name: &str, label: &str) -> f64 {
        let families = self.registry.gather();
        let family = families.iter().find(|family| family.name() == name);
        let metrics = family.map_or(&[][..], |family| family.get_metric());
        let matching = metrics
            .iter()
            .filter(|metric| label.is_empty() || metric.get_label().iter().any(|pair| pair.value() == label));
        matching.map(|metric| metric.get_counter().get_value() + metric.get_gauge().get_value()).sum()
    }

    /// Every item that came in has exactly one fate.
    pub(crate) fn assert_fates_add_up(&self) {
        let received = self.metric("collector_items_received_total", "");
        let fates = self.metric("collector_items_total", "");
        assert!((received - fates).abs() < 0.5, "{received} received, {fates} fates");
        assert!(received > 0.5, "nothing received");
    }
}

pub(crate) async fn read_reply(mut stream: TcpStream) -> Reply {
    let mut bytes = Vec::new();
    let reading = async {
        let mut chunk = [0; 4096];
        while !is_complete(&bytes) {
            match stream.read(&mut chunk).await {
                Ok(0) | Err(_) => break,
                Ok(read) => bytes.extend_from_slice(&chunk[..read]),
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("an answer");
    let text = String::from_utf8(bytes).expect("text");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Reply { status, head: head.to_lowercase(), body: body.to_owned() }
}

fn is_complete(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let head = head.to_lowercase();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).and_then(|n| n.parse().ok());
    length.map_or(head.contains(" 204 "), |length: usize| body.len() >= length)
}

pub(crate) fn signed(source: &str, id: &str, at_s: i64, body: &str) -> String {
    signed_to(&format!("/v1/webhooks/{source}"), id, at_s, body)
}

pub(crate) fn signed_to(path: &str, id: &str, at_s: i64, body: &str) -> String {
    let secret = SigningSecret::parse(SECRET).expect("a secret");
    let signature = sign_v1(&secret, id, at_s, body.as_bytes());
    format!(
        "POST {path} HTTP/1.1\r\nhost: test\r\nwebhook-id: {id}\r\nwebhook-timestamp: {at_s}\r\n\
         webhook-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub(crate) fn settled(id: &str, amount: &str) -> String {
    format!(
        r#"{{"type":"payment.settled","timestamp":"2026-09-07T20:15:31+07:00","data":{{"transaction_id":"{id}",
        "transaction_time":"2026-09-07T20:15:30+07:00","bank_reference":"FT-{id}","amount_dong":{amount},
        "receiver":{{"bank":"970405","account":"5000200300400"}}}}}}"#
    )
}

pub(crate) fn batch(statements: &[String]) -> String {
    format!(r#"{{"type":"payment.batch","data":[{}]}}"#, statements.join(","))
}

/// Waits for a condition that must come true.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "waited for: {what}");
}
