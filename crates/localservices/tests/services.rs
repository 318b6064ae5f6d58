//! The promises of the crate, kept with real services.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use cashless_localservices::{
    ClickHouse, ClickHouseOptions, DIRECTORY_VARIABLE, Installation, Kafka, KafkaOptions, Launcher,
    Prometheus,
};

const TESTBED: &str = env!("CARGO_BIN_EXE_localservices-testbed");
const PATIENCE: Duration = Duration::from_secs(20);
const TOPIC_EXISTS: i16 = 36;

fn installation() -> Installation {
    Installation::new(Launcher::program(TESTBED))
}

#[test]
fn stopped_services_leave_no_process_and_no_directory() {
    let clickhouse = ClickHouse::start(ClickHouseOptions::new(installation())).expect("ClickHouse starts");
    let kafka = Kafka::start(KafkaOptions::new(installation())).expect("Kafka starts");
    let traces = [
        (clickhouse.pid(), clickhouse.data_dir().to_path_buf()),
        (kafka.pid(), kafka.data_dir().to_path_buf()),
    ];
    assert_eq!(query(&clickhouse, clickhouse.user(), "SELECT 1"), "1\n");
    assert_eq!(create_topic(&kafka, "payments"), 0);
    for (pid, directory) in &traces {
        assert!(is_running(*pid) && directory.is_dir());
    }

    clickhouse.stop().expect("ClickHouse stops");
    drop(kafka);
    for (pid, directory) in &traces {
        assert!(!is_running(*pid), "{pid}");
        assert!(!directory.exists(), "{}", directory.display());
    }
}

#[test]
fn clickhouse_keeps_rows_and_port_over_a_kill() {
    let mut clickhouse =
        ClickHouse::start(ClickHouseOptions::new(installation())).expect("ClickHouse starts");
    let user = clickhouse.user();
    for statement in [
        "CREATE DATABASE shop",
        "CREATE TABLE shop.sales (id UInt64) ENGINE = MergeTree ORDER BY id",
        "INSERT INTO shop.sales SELECT number FROM numbers(1000)",
    ] {
        assert_eq!(query(&clickhouse, user, statement), "");
    }
    let (url, pid) = (clickhouse.http_url(), clickhouse.pid());

    clickhouse.kill9().expect("it can be killed");
    assert!(!is_running(pid));
    clickhouse.restart().expect("it starts again");
    assert_eq!(clickhouse.http_url(), url);
    assert_eq!(query(&clickhouse, user, "SELECT count() FROM shop.sales"), "1000\n");
}

#[test]
fn clickhouse_users_can_do_what_they_are_for_and_not_read_files() {
    let clickhouse = ClickHouse::start(ClickHouseOptions::new(installation())).expect("ClickHouse starts");
    let (user, analyst) = (clickhouse.user(), clickhouse.analyst());
    let check = |name: &str, statement: &str, expected: &str| {
        let answer = query(&clickhouse, name, statement);
        assert!(answer.contains(expected), "{name}: {statement}: {answer}");
    };
    const DENIED: &str = "ACCESS_DENIED";

    for statement in [
        "CREATE DATABASE shop",
        "CREATE TABLE shop.sales (id UInt64, amount Int64) ENGINE = ReplacingMergeTree ORDER BY id",
        "CREATE TABLE shop.sums (day UInt8, amount Int64) ENGINE = SummingMergeTree ORDER BY day",
        "CREATE MATERIALIZED VIEW shop.fold TO shop.sums AS SELECT 1 AS day, amount FROM shop.sales",
        "CREATE VIEW shop.all AS SELECT * FROM shop.sales",
        "INSERT INTO shop.sales VALUES (1, 10), (2, 20)",
        "ALTER TABLE shop.sales DROP PARTITION tuple()",
        "INSERT INTO shop.sales VALUES (3, 30)",
        "OPTIMIZE TABLE shop.sales FINAL",
        "SYSTEM STOP MERGES shop.sales",
        "CREATE TABLE shop.t (id UInt64) ENGINE = Memory",
        "EXCHANGE TABLES shop.t AND shop.sums",
        "EXCHANGE TABLES shop.t AND shop.sums",
        "TRUNCATE TABLE shop.t",
        "DROP TABLE shop.t",
    ] {
        assert_eq!(query(&clickhouse, user, statement), "", "{statement}");
    }
    check(user, "SELECT sum(amount) FROM shop.sums", "60");
    check(
        user,
        "SELECT count() FROM system.parts WHERE database = 'shop' AND active HAVING count() > 0",
        "\n",
    );
    check(user, "SELECT getSetting('async_insert')", "false");
    check(user, "SELECT * FROM default.`/etc/hostname`", DENIED);
    check(user, "SELECT * FROM file('/etc/hostname', 'LineAsString')", DENIED);
    check(user, "SELECT * FROM url('http://127.0.0.1/', 'LineAsString')", DENIED);

    check(analyst, "SELECT count() FROM shop.all SETTINGS max_threads = 1", "1");
    check(analyst, "INSERT INTO shop.sales VALUES (4, 40)", DENIED);
    check(analyst, "SELECT * FROM default.`/etc/hostname`", DENIED);
    check(user, "SELECT count() FROM shop.sales", "1\n");

    for statement in ["SYSTEM STOP LISTEN HTTP", "SELECT * FROM shop.sales", "SELECT * FROM `/etc/hostname`"]
    {
        let answer = post(&clickhouse, "", statement);
        assert!(answer.contains("QUOTA_EXCEEDED") || answer.contains(DENIED), "{statement}: {answer}");
    }
    assert!(
        post(&clickhouse, "X-ClickHouse-User: cashless\r\n", "SELECT 1").contains("AUTHENTICATION_FAILED")
    );
}

#[test]
fn kafka_keeps_topics_and_port_over_a_kill() {
    let mut kafka = Kafka::start(KafkaOptions::new(installation())).expect("Kafka starts");
    let (servers, pid) = (kafka.bootstrap_servers(), kafka.pid());
    assert_eq!(create_topic(&kafka, "payments"), 0);

    kafka.kill9().expect("it can be killed");
    assert!(!is_running(pid));
    kafka.restart().expect("it starts again");
    assert_eq!(kafka.bootstrap_servers(), servers);
    assert_eq!(create_topic(&kafka, "payments"), TOPIC_EXISTS);
}

#[test]
fn prometheus_scrapes_what_its_configuration_names_and_leaves_nothing() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let configuration = directory.path().join("prometheus.yml");
    // Nobody listens there, which is what the sample has to say.
    let text = "global: {scrape_interval: 100ms}\n\
                scrape_configs: [{job_name: nobody, static_configs: [{targets: ['127.0.0.1:1']}]}]\n";
    std::fs::write(&configuration, text).expect("a small file");
    let prometheus = Prometheus::start(installation(), &configuration).expect("Prometheus starts");
    let (pid, data) = (prometheus.pid(), prometheus.data_dir().to_path_buf());
    assert!(is_running(pid) && data.is_dir());
    wait_until("there is a sample", || {
        let answer = get(&prometheus.base_url(), "/api/v1/query?query=up");
        answer.contains(r#""job":"nobody""#) && answer.contains(r#""0"]"#)
    });
    prometheus.stop().expect("Prometheus stops");
    assert!(!is_running(pid) && !data.exists());
}

#[test]
fn promtool_tells_a_good_configuration_from_a_bad_one() {
    let promtool = installation().prometheus().expect("Prometheus is there").promtool;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("prometheus.yml");
    for (text, is_good) in [("global: {}\n", true), ("globe: {}\n", false)] {
        std::fs::write(&file, text).expect("a small file");
        let output = Command::new(&promtool).args(["check", "config"]).arg(&file).output().expect("it runs");
        assert_eq!(output.status.success(), is_good, "{text}");
    }
}

#[test]
fn a_parent_killed_outright_leaves_no_process_and_no_directory() {
    let mut parent = Command::new(TESTBED)
        .args(["clickhouse", "kafka", "prometheus"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the testbed runs");
    let lines: Vec<String> = BufReader::new(parent.stdout.take().expect("a pipe"))
        .lines()
        .map(|line| line.expect("text"))
        .take_while(|line| line != "ready")
        .collect();
    let traces: Vec<(u32, PathBuf)> = lines
        .iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(pid, directory)| (pid.parse().expect("a process id"), PathBuf::from(directory)))
        .collect();
    assert_eq!(traces.len(), 3, "{lines:?}");
    assert!(traces.iter().all(|(pid, directory)| is_running(*pid) && directory.is_dir()));

    parent.kill().expect("SIGKILL is sent");
    parent.wait().expect("it is gone");
    for (pid, directory) in &traces {
        wait_until("the service is gone", || !is_running(*pid));
        wait_until("its directory is gone", || !directory.exists());
    }
}

#[test]
fn a_missing_program_is_one_line_that_says_what_to_install() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (service, program) in [("clickhouse", "npm"), ("kafka", "java"), ("prometheus", "apt-get")] {
        let output = Command::new(TESTBED)
            .arg(service)
            .env("PATH", "")
            .env_remove("JAVA_HOME")
            .env(DIRECTORY_VARIABLE, directory.path())
            .output()
            .expect("the testbed runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success());
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(&format!("`{program}` was not found")) && said.contains("install"), "{said}");
    }
}

#[test]
fn a_port_that_another_program_takes_is_replaced() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = taken.local_addr().expect("an address").port();

    let options = ClickHouseOptions { preferred_port: Some(port), ..ClickHouseOptions::new(installation()) };
    let clickhouse = ClickHouse::start(options).expect("ClickHouse starts elsewhere");
    assert_ne!(clickhouse.http_url(), format!("http://127.0.0.1:{port}"));
    assert_eq!(query(&clickhouse, clickhouse.user(), "SELECT 1"), "1\n");

    let options = KafkaOptions { preferred_port: Some(port), ..KafkaOptions::new(installation()) };
    let kafka = Kafka::start(options).expect("Kafka starts elsewhere");
    assert_ne!(kafka.bootstrap_servers(), format!("127.0.0.1:{port}"));
    assert_eq!(create_topic(&kafka, "payments"), 0);
}

fn is_running(pid: u32) -> bool {
    Path::new("/proc").join(pid.to_string()).exists()
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

fn query(clickhouse: &ClickHouse, user: &str, statement: &str) -> String {
    let headers = format!("X-ClickHouse-User: {user}\r\nX-ClickHouse-Key: {}\r\n", clickhouse.password());
    post(clickhouse, &headers, statement)
}

fn post(clickhouse: &ClickHouse, headers: &str, statement: &str) -> String {
    let request =
        format!("POST / HTTP/1.0\r\n{headers}Content-Length: {}\r\n\r\n{statement}", statement.len());
    exchange(&clickhouse.http_url(), &request)
}

fn get(url: &str, path: &str) -> String {
    exchange(url, &format!("GET {path} HTTP/1.0\r\n\r\n"))
}

/// The body of the answer; HTTP 1.0, so that it comes in one piece.
fn exchange(url: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("the service listens");
    stream.write_all(request.as_bytes()).expect("the request is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).expect("a body")
}

/// Kafka's CreateTopics, version 2, by hand: a client library would be the heaviest dependency of this crate. The error code.
fn create_topic(kafka: &Kafka, topic: &str) -> i16 {
    let string = |text: &str| {
        let length = i16::try_from(text.len()).expect("a short name");
        [&length.to_be_bytes()[..], text.as_bytes()].concat()
    };
    let request = [
        &[0, 19, 0, 2, 0, 0, 0, 1][..], // api, version, correlation
        &string("test"),
        &[0, 0, 0, 1], // one topic
        &string(topic),
        &[0, 0, 0, 1, 0, 1],       // one partition, one replica
        &[0, 0, 0, 0, 0, 0, 0, 0], // no assignment, no settings
        &[0, 0, 0x27, 0x10, 0],    // ten seconds, for good
    ]
    .concat();
    let mut stream = TcpStream::connect(kafka.bootstrap_servers()).expect("Kafka listens");
    let length = u32::try_from(request.len()).expect("a short request");
    stream.write_all(&[&length.to_be_bytes()[..], &request].concat()).expect("the request is sent");
    let mut length = [0; 4];
    stream.read_exact(&mut length).expect("an answer");
    let mut answer = vec![0; usize::try_from(u32::from_be_bytes(length)).expect("a short answer")];
    stream.read_exact(&mut answer).expect("a whole answer");
    // After correlation, throttle time, count, and the name with its length.
    let code = 12 + 2 + topic.len();
    i16::from_be_bytes([answer[code], answer[code + 1]])
}
