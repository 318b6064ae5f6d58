//! The pages for those who connect a provider: their entries are read, their samples are posted.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use cashless_broker::MemoryLog;
use cashless_collector::{Collector, Config};
use cashless_providers::{PROVIDERS, Provider};
use cashless_wire::Encoder;
use prometheus::Registry;
use serde_json::Value;
use tokio::net::TcpListener;

fn page(provider: &Provider) -> (PathBuf, String) {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/providers");
    let path = pages.join(format!("{}.md", provider.name));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    (path, text)
}

/// The fenced blocks of a language, in their order.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    page.split(&fence)
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(block, _)| block.to_owned())
        .collect()
}

/// Writes the files that the entry names its secrets by, with the secrets of the provider's example.
fn write_secrets(entry: &toml::Table, example: &Value, directory: &Path) {
    for (name, value) in entry {
        let refs = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        let secrets =
            example.get(name).map(|secret| secret.as_array().cloned().unwrap_or(vec![secret.clone()]));
        for (reference, secret) in refs.iter().zip(secrets.into_iter().flatten()) {
            if let (Some(file), Some(secret)) =
                (reference.get("file").and_then(toml::Value::as_str), secret.as_str())
            {
                std::fs::write(directory.join(file), secret).expect("written");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_is_answered_as_its_page_says() {
    for provider in PROVIDERS.iter().filter(|provider| provider.name != "standard-webhooks") {
        let (path, page) = page(provider);
        let directory = tempfile::tempdir().expect("a directory");
        let entries = blocks(&page, "toml");
        assert!(!entries.is_empty(), "{}: no entry", path.display());
        let example: Value = serde_json::from_str(provider.example).expect("JSON");
        for entry in &entries {
            let entry: toml::Table =
                toml::from_str(entry).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let sources = entry["source"].as_array().expect("an array of sources");
            sources
                .iter()
                .filter_map(toml::Value::as_table)
                .for_each(|entry| write_secrets(entry, &example, directory.path()));
        }
        std::fs::write(directory.path().join("sources.toml"), entries.concat()).expect("written");
        std::fs::write(directory.path().join("id.key"), "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=")
            .expect("written");
        let settings = format!(
            "sources_file = {:?}\nid_key = {{ file = {:?} }}",
            directory.path().join("sources.toml"),
            directory.path().join("id.key")
        );
        let config: Config = toml::from_str(&settings).expect("a configuration");
        let log = Arc::new(MemoryLog::new());
        let collector = Collector::build(config, Encoder::default(), Arc::clone(&log) as _, &Registry::new())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(collector.run(listener, std::future::pending()));

        let samples = blocks(&page, "sh");
        let answers = blocks(&page, "text");
        assert!(
            !samples.is_empty() && samples.len() == answers.len(),
            "{}: samples and answers",
            path.display()
        );
        for (sample, answer) in samples.into_iter().zip(answers) {
            let post = move || {
                Command::new("bash")
                    .args(["-euo", "pipefail", "-c", &sample])
                    .env("CASHLESS", format!("http://{address}"))
                    .output()
            };
            let output = tokio::task::spawn_blocking(post).await.expect("no panic").expect("bash");
            let (said, complained) =
                (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success(), "{}: {complained}", path.display());
            assert_eq!(said.trim(), answer.trim(), "{}\n{complained}", path.display());
        }
        let accepted = log.records().iter().filter(|record| record.topic == "cashless.payments.v1").count();
        assert!(accepted > 0, "{}: no sample became an event", path.display());
        server.abort();
    }
}
