//! What `make` and `undo` do at last: show, log, append.

use anyhow::Context as _;
use cashless_broker::{EventLog as _, KafkaLog};
use cashless_domain::{Decision, EventKey};
use cashless_reviewer::person::{Change, Found, Part, Words, changes, decision_id, waiting};
use cashless_warehouse::{LoggedDecision, Warehouse};
use cashless_wire::Topic;
use serde_json::{Value, json};

use super::Refused;
use super::address::written;
use super::preview::Preview;
use crate::cli::SignedDecision;
use crate::commands::roles::codec;
use crate::commands::simulate::now;
use crate::configuration::Configuration;
use crate::telemetry::print;

/// What is to be done.
pub(super) struct Order<'o> {
    pub(super) parts: Vec<Part>,
    /// Every record it is about.
    pub(super) found: &'o [Found],
    pub(super) log: &'o [LoggedDecision],
    pub(super) undo_of: Option<u64>,
    pub(super) words: &'o Words,
}

/// What is decided about the records, and the row that says so where one is still to be written.
struct Decided {
    decisions: Vec<(EventKey, Decision)>,
    id: u64,
    /// By whom, if it was logged before and its event is still to be seen.
    logged_by: Option<String>,
}

pub(super) async fn carry_out(
    configuration: &Configuration,
    warehouse: &Warehouse,
    order: Order<'_>,
    signed: &SignedDecision,
) -> Result<(), Refused> {
    let decided = match known(&order) {
        Some(decided) => decided,
        None => decide(configuration, warehouse, &order).await?,
    };
    let founds: Vec<&Found> = order.found.iter().collect();
    let changes = changes(&founds, &decided.decisions);
    let rows = rows(&order, &decided, &changes);
    let preview = Preview::of(warehouse, changes).await?;
    if !signed.output.json {
        preview.lines().iter().for_each(|line| print(line));
        print(
            "the reviewer looks at the records around again: one that had several candidates may have one now, or again several",
        );
        let beside = decided.decisions.iter().filter(|(key, _)| !preview.shows(key));
        beside
            .for_each(|(key, _)| print(&format!("also decided about (cũng quyết định về) {}", written(key))));
    }
    if signed.yes {
        if decided.logged_by.is_none() {
            warehouse.log_decisions(&rows).await?;
        }
        append(configuration, &order.parts, &decided).await?;
    }
    say(&decided, &preview, signed);
    Ok(())
}

/// The same decision, if it is logged and not in the facts: its events are appended once more, which changes nothing if
/// they are in the log, and makes it whole if the command ended in between.
fn known(order: &Order<'_>) -> Option<Decided> {
    let mut decisions = Vec::new();
    for part in &order.parts {
        let waiting = waiting(order.log, part).filter(|waiting| part.is_said_by(waiting))?;
        decisions.push((part.key, waiting));
    }
    let (key, first) = decisions.first()?;
    let row = order.log.iter().find(|row| row.key == *key && row.after == *first)?;
    (row.undo_of == order.undo_of).then(|| Decided {
        id: row.decision_id,
        logged_by: Some(row.who.clone()),
        decisions: decisions.clone(),
    })
}

/// Takes the decision, unless another one about the same records is on its way.
async fn decide(
    configuration: &Configuration,
    warehouse: &Warehouse,
    order: &Order<'_>,
) -> Result<Decided, Refused> {
    let now = now()?;
    let patience = i64::try_from(configuration.reviewer.stored_within_ms).unwrap_or(i64::MAX);
    let registry_version = warehouse.input_marks().await?.registry_version;
    let mut decisions = Vec::new();
    for part in &order.parts {
        let waiting = waiting(order.log, part);
        let since = |waiting: Decision| now.as_micros().saturating_sub(waiting.decided_at.as_micros());
        if waiting.is_some_and(|waiting| since(waiting) < patience.saturating_mul(1_000)) {
            let busy =
                "another decision about this record is on its way; ask again once it is in the figures";
            return Err(anyhow::anyhow!(busy).into());
        }
        decisions.push((part.key, part.decision(registry_version, now, waiting)));
    }
    Ok(Decided { decisions, id: decision_id(&order.parts, order.undo_of), logged_by: None })
}

fn rows(order: &Order<'_>, decided: &Decided, changes: &[Change]) -> Vec<LoggedDecision> {
    let row = |(index, part): (usize, &Part)| {
        let (_, after) = decided.decisions.iter().find(|(key, _)| *key == part.key)?;
        let change = changes.iter().find(|change| change.key == part.key)?;
        Some(LoggedDecision {
            decision_id: decided.id,
            part: u8::try_from(index).ok()?,
            undo_of: order.undo_of,
            returns_to_rules: part.returns_to_rules,
            who: order.words.who().to_owned(),
            why: order.words.why().to_owned(),
            key: part.key,
            source: part.source.clone(),
            amount_dong: part.amount_dong,
            before: part.before,
            after: *after,
            fates: (change.before.fate, change.after.fate),
            business_dates: (change.before.business_date, change.after.business_date),
        })
    };
    order.parts.iter().enumerate().filter_map(row).collect()
}

async fn append(configuration: &Configuration, parts: &[Part], decided: &Decided) -> anyhow::Result<()> {
    let (encoder, _) = codec(configuration).await?;
    let topic = Topic::Payments.prefixed(&configuration.topics.prefix);
    let log = KafkaLog::new(&configuration.kafka, &configuration.producer)?;
    for part in parts {
        let Some((_, decision)) = decided.decisions.iter().find(|(key, _)| *key == part.key) else {
            continue;
        };
        let mut payload = Vec::new();
        encoder.encode_payment(&part.event(*decision), &mut payload)?;
        log.append(&topic, &part.key.account.0, &payload).await.context(
            "the decision is logged, but its event was not appended; the same command again appends it",
        )?;
    }
    Ok(())
}

fn say(decided: &Decided, preview: &Preview, signed: &SignedDecision) {
    let id = format!("{:016x}", decided.id);
    if signed.output.json {
        let mut said = preview.json();
        said["decision_id"] = Value::from(id);
        said["applied"] = Value::from(signed.yes);
        said["decided_about"] = decided.decisions.iter().map(|(key, _)| written(key)).collect();
        said["logged_before_by"] = json!(decided.logged_by);
        print(&said.to_string());
        return;
    }
    if let Some(who) = &decided.logged_by {
        print(&format!("{who} has decided this already; it is not in the figures yet"));
    }
    print(&if signed.yes {
        format!("decision (quyết định) {id} is appended; a running aggregator stores it")
    } else {
        "nothing is changed yet (chưa thay đổi gì); --yes decides it".to_owned()
    });
}

pub(super) fn say_unchanged(why: &str, as_json: bool) {
    if as_json {
        print(&json!({ "records": [], "figures": [], "applied": false, "unchanged": why }).to_string());
    } else {
        print(&format!("nothing to change (không có gì thay đổi): {why}"));
    }
}
