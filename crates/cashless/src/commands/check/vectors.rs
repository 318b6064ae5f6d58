//! `cashless check vectors`: every delivery of a directory's vectors, given to a collector that has no Kafka behind it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use cashless_broker::MemoryLog;
use cashless_collector::Collector;
use cashless_providers::vectors::{Receiver, VectorFile};
use cashless_providers::{Delivery, Reply, Verb};
use cashless_wire::Encoder;
use http_body_util::{BodyExt as _, Full};
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request, Response};
use prometheus::Registry;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::telemetry::print;

/// The name of the one source that a vector's collector has.
const SOURCE: &str = "vectors";
/// The base64 of 32 bytes. Nothing that is checked depends on it.
const KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

pub(super) fn run(directory: &Path, as_json: bool) -> anyhow::Result<ExitCode> {
    let files = vector_files(directory)?;
    let (mut checked, mut failed) = (0, 0);
    for path in files {
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let file =
            VectorFile::parse(&text).map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
        let mut trouble = None;
        let mismatches = file.check(&mut |receiver, deliveries| {
            answers(receiver, deliveries).unwrap_or_else(|error| {
                trouble = Some(error);
                Vec::new()
            })
        });
        if let Some(error) = trouble {
            return Err(error.context(path.display().to_string()));
        }
        checked += file.len();
        let mut vectors: Vec<_> = mismatches.iter().map(|mismatch| mismatch.vector.as_str()).collect();
        vectors.dedup();
        failed += vectors.len();
        for mismatch in &mismatches {
            let (vector, member) = (&mismatch.vector, &mismatch.member);
            let (expected, got) = (&mismatch.expected, &mismatch.got);
            if as_json {
                let provider = &file.provider;
                let line = json!({"provider": provider, "vector": vector, "member": member, "expected": expected, "got": got});
                print(&line.to_string());
            } else {
                print(&format!("{}: {vector}: {member}: expected {expected}, got {got}", file.provider));
            }
        }
    }
    let passed = checked - failed;
    print(&if as_json {
        json!({"passed": passed, "failed": failed}).to_string()
    } else {
        format!("{passed} passed, {failed} failed")
    });
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn vector_files(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory).with_context(|| directory.display().to_string())?;
    let mut files: Vec<_> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    anyhow::ensure!(!files.is_empty(), "{}: no *.json in it", directory.display());
    Ok(files)
}

/// The answers of a collector that is set up for this receiver alone.
fn answers(receiver: &Receiver<'_>, deliveries: &[Delivery<'_>]) -> anyhow::Result<Vec<Reply>> {
    let directory = tempfile::tempdir()?;
    let settings = collector_settings(directory.path(), receiver)?;
    let now = receiver.now;
    let collector = Collector::build_with_clock(
        settings.try_into()?,
        Encoder::default(),
        Arc::new(MemoryLog::new()),
        &Registry::new(),
        Arc::new(move || now),
    )?;
    let answer = |delivery: &Delivery<'_>| {
        let request = request(delivery)?;
        Handle::current().block_on(async { reply(collector.answer(request, delivery.peer).await).await })
    };
    deliveries.iter().map(answer).collect()
}

/// Writes the sources file and its secrets; every secret has a file of its own, as in earnest.
fn collector_settings(directory: &Path, receiver: &Receiver<'_>) -> anyhow::Result<toml::Table> {
    let provider = receiver.provider;
    let mut source = json!({
        "id": SOURCE,
        "class": "intermediary",
        "provider": provider.name,
        "receivers": [{ "bank": "970436" }, { "merchant": "*" }],
    });
    if provider.merge_by.is_none() {
        source["merge_by"] = "transaction_id".into();
    }
    if provider.unconfirmed.is_some() {
        source["dangerous_unconfirmed_format"] = true.into();
    }
    let mut files = 0;
    for (name, value) in receiver.settings.as_object().into_iter().flatten() {
        let is_secret = provider.secrets.contains(&name.as_str());
        source[name] = if is_secret { in_files(value, directory, &mut files)? } else { value.clone() };
    }
    let sources = toml::to_string(&json!({ "source": [source] }))?;
    fs::write(directory.join("sources.toml"), sources)?;
    fs::write(directory.join("key"), KEY)?;
    let key = directory.join("key");
    Ok(toml::Table::try_from(
        json!({ "sources_file": directory.join("sources.toml"), "id_key": { "file": key } }),
    )?)
}

/// The same with each text in a file.
fn in_files(value: &Value, directory: &Path, files: &mut usize) -> anyhow::Result<Value> {
    Ok(match value {
        Value::String(secret) => {
            *files += 1;
            let name = format!("secret-{files}");
            fs::write(directory.join(&name), secret)?;
            json!({ "file": name })
        }
        Value::Array(values) => {
            values.iter().map(|value| in_files(value, directory, files)).collect::<Result<_, _>>()?
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| anyhow::Ok((name.clone(), in_files(value, directory, files)?)));
            Value::Object(members.collect::<Result<_, _>>()?)
        }
        other => other.clone(),
    })
}

fn request(delivery: &Delivery<'_>) -> anyhow::Result<Request<Full<Bytes>>> {
    let path = if delivery.path.is_empty() { String::new() } else { format!("/{}", delivery.path) };
    let query = if delivery.query.is_empty() { String::new() } else { format!("?{}", delivery.query) };
    let method = match delivery.verb {
        Verb::Get => Method::GET,
        Verb::Post => Method::POST,
    };
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/v1/webhooks/{SOURCE}{path}{query}"))
        .body(Full::new(Bytes::copy_from_slice(delivery.body)))?;
    *request.headers_mut() = delivery.headers.clone();
    Ok(request)
}

async fn reply(response: Response<Full<Bytes>>) -> anyhow::Result<Reply> {
    let status = response.status().as_u16();
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = match content_type {
        Some("application/json") => "application/json",
        Some("text/plain") => "text/plain",
        _ => "",
    };
    let body = response.into_body().collect().await?.to_bytes();
    Ok(Reply { status, content_type, body: String::from_utf8(body.to_vec())?.into() })
}
