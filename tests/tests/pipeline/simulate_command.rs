//! Posting an invented province, as an operator does.

use std::net::TcpListener;

use nix::sys::signal::Signal;

use crate::harness::{Role, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_port_at_which_nobody_answers_is_told_and_in_the_end_what_was_not_accepted() {
    let directory = tempfile::tempdir().expect("a directory");
    let dead = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let (here, dead) = (directory.path().to_string_lossy(), dead.to_string());
    let arguments = ["simulate", "--directory", &here, "--post-to", &dead, "--payments", "20"];
    let mut command = Role::start_command(&arguments, directory.path().join("log"));
    let told = format!("nobody answers at {dead}");
    until("it says that nobody answers", async || command.log().contains(&told).then_some(())).await;
    command.assert_alive();

    command.signal(Signal::SIGINT);
    let status = command.ended().await;
    let log = command.log();
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("stopped: 0 deliveries answered, "), "{log}");
    assert!(!log.contains(", 0 not, "), "{log}");
    assert!(!directory.path().join("truth.jsonl").exists(), "nothing was posted");
}
