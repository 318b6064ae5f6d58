//! `cashless check source`: the first thing a bank's engineer wants to know.

use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use cashless_broker::Tail;
use cashless_collector::ConfiguredSource;
use cashless_domain::{AmountDong, PersonKeys, RecordId, Timestamp};
use cashless_providers::{
    Announcement, Composed, Content, Context as ReadContext, Delivery, DigestKeys, Happening, Verb,
};
use cashless_wire::{Decoder, Topic};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

use crate::configuration::Configuration;
use crate::telemetry::print;

const PATIENCE: Duration = Duration::from_secs(10);

/// What to try.
pub(super) struct Trial {
    pub(super) name: String,
    pub(super) url: Option<String>,
    pub(super) amount_dong: Option<i64>,
    pub(super) account: String,
    pub(super) json: bool,
}

/// What was answered.
struct Answer {
    status: u16,
    body: String,
}

pub(super) async fn run(configuration: &Configuration, trial: Trial) -> anyhow::Result<ExitCode> {
    let collector = configuration.collector()?;
    let configured = ConfiguredSource::read(&collector.sources_file, &trial.name)?;
    let keys = DigestKeys { ids: collector.read_id_key()?, persons: PersonKeys::default() };
    let url = trial.url.clone().unwrap_or_else(|| format!("http://{}", collector.listen));
    let prefix = &configuration.topics.prefix;
    let topics = [Topic::Payments.prefixed(prefix), Topic::DeadLetters.prefixed(prefix)];
    let kafka = configuration.kafka.clone();
    tokio::task::spawn_blocking(move || {
        let now = now()?;
        let (happening, composed) = compose(&configured, &trial, now)?;
        let (record, fault) = expected(&configured, &keys, &composed, now)?;
        let tails = topics.iter().map(|topic| Tail::of(&kafka, topic)).collect::<Result<Vec<_>, _>>()?;
        let answer = post(&url, &trial.name, &composed)?;
        let found = match (&tails[..], record) {
            _ if matches!(answer.status, 401 | 403..=405 | 413 | 415 | 429 | 500..) => None,
            ([payments, _], Some(record)) => find_event(payments, record)?,
            ([_, dead_letters], None) => find_letter(dead_letters, &trial.name)?,
            _ => None,
        };
        report(&trial, happening, &answer, fault.as_deref(), found.as_deref());
        Ok(if found.is_some() && fault.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
    .await?
}

/// The trial that moves no money, else the payment that was asked for.
fn compose(
    configured: &ConfiguredSource,
    trial: &Trial,
    now: Timestamp,
) -> anyhow::Result<(Happening, Composed)> {
    let number = u64::try_from(now.as_micros() / 1_000).unwrap_or(0);
    let reference = format!("CHECK{number}");
    let amount = AmountDong::new(trial.amount_dong.unwrap_or(1_000)).context("--amount-dong")?;
    let announce = |happening| Announcement {
        happening,
        number,
        bank_reference: &reference,
        account: &trial.account,
        virtual_account: None,
        amount,
        occurred_at: now,
        payer_name: None,
        payer_account: None,
        reason: "connection check",
        invoice: Some(&reference),
    };
    let happenings = match trial.amount_dong {
        Some(_) => &[Happening::Paid][..],
        None => &[Happening::Test, Happening::Failed, Happening::Pending],
    };
    let composed = happenings
        .iter()
        .find_map(|happening| Some((*happening, configured.adapter.compose(&announce(*happening), now)?)));
    composed.with_context(|| {
        format!(
            "{} has no message without money, or this source's settings hold no key to sign one with; \
             --amount-dong N posts a payment, which counts",
            configured.provider.title
        )
    })
}

/// The record it will be, or what makes it a dead letter: read as the collector will read it.
fn expected(
    configured: &ConfiguredSource,
    keys: &DigestKeys,
    composed: &Composed,
    now: Timestamp,
) -> anyhow::Result<(Option<RecordId>, Option<String>)> {
    let mut headers = HeaderMap::new();
    for (name, value) in &composed.headers {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value)?);
    }
    let (query, path) = (&composed.query, composed.path);
    let delivery =
        Delivery { verb: composed.verb, path, query, headers: &headers, body: &composed.body, peer: None };
    let context = ReadContext { source: &configured.source, keys, received_at: now };
    let Ok(received) = configured.adapter.receive(&delivery, &context) else { return Ok((None, None)) };
    let Content::Items(normalized) = received.content else { return Ok((None, None)) };
    Ok(match normalized.items().first().map(|item| &item.outcome) {
        Some(Ok(event)) => (Some(event.key.record), None),
        Some(Err(rejection)) => (None, Some(rejection.to_string())),
        None => (None, None),
    })
}

fn post(url: &str, source: &str, composed: &Composed) -> anyhow::Result<Answer> {
    let path = if composed.path.is_empty() { String::new() } else { format!("/{}", composed.path) };
    let query = if composed.query.is_empty() { String::new() } else { format!("?{}", composed.query) };
    let url = format!("{}/v1/webhooks/{source}{path}{query}", url.trim_end_matches('/'));
    let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false);
    let agent = ureq::Agent::new_with_config(config.build());
    let mut response = match composed.verb {
        Verb::Get => {
            let request = composed
                .headers
                .iter()
                .fold(agent.get(&url), |request, (name, value)| request.header(*name, value));
            request.call()
        }
        Verb::Post => {
            let request = composed
                .headers
                .iter()
                .fold(agent.post(&url), |request, (name, value)| request.header(*name, value));
            request.send(&composed.body[..])
        }
    }
    .with_context(|| format!("no answer from {url}"))?;
    Ok(Answer { status: response.status().as_u16(), body: response.body_mut().read_to_string()? })
}

fn find_event(payments: &Tail, record: RecordId) -> anyhow::Result<Option<String>> {
    let mut decoder = Decoder::default();
    let is_it = |payload: &[u8]| decoder.payment(payload).is_ok_and(|event| event.key.record == record);
    Ok(payments.find(is_it, PATIENCE)?)
}

fn find_letter(dead_letters: &Tail, source: &str) -> anyhow::Result<Option<String>> {
    let decoder = Decoder::default();
    let is_it = |payload: &[u8]| decoder.dead_letter(payload).is_ok_and(|letter| letter.source == source);
    Ok(dead_letters.find(is_it, PATIENCE)?)
}

fn report(trial: &Trial, happening: Happening, answer: &Answer, fault: Option<&str>, found: Option<&str>) {
    if trial.json {
        let line = json!({
            "source": trial.name, "posted": format!("{happening:?}").to_lowercase(), "status": answer.status,
            "body": answer.body, "dead_lettered_because": fault, "in_kafka": found,
        });
        print(&line.to_string());
        return;
    }
    let posted = match happening {
        Happening::Test => "a test message".to_owned(),
        Happening::Paid | Happening::PaidOut => {
            format!("a payment of {} dong", trial.amount_dong.unwrap_or(0))
        }
        Happening::Failed => "a failed attempt".to_owned(),
        Happening::Pending => "a pending attempt".to_owned(),
    };
    print(&format!("posted    {posted}"));
    print(&format!("answered  {} {}", answer.status, answer.body));
    if let Some(fault) = fault {
        print(&format!("unusable  {fault}; kept as a dead letter"));
    }
    print(&match found {
        Some(place) => format!("in Kafka  {place}"),
        None => "in Kafka  not found".to_owned(),
    });
}

fn now() -> anyhow::Result<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(Timestamp::from_micros(i64::try_from(since.as_micros())?)?)
}
