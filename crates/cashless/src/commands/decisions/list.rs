//! `cashless decisions list`.

use anyhow::ensure;
use cashless_domain::BusinessDate;
use cashless_warehouse::{
    DecisionFilter, DecisionState, OpenDecision, StandingDecision, ToldRecord, Warehouse,
};
use serde_json::{Value, json};

use crate::cli::DecisionsList;
use crate::commands::demo::dotted;
use crate::commands::registry::no_institution;
use crate::telemetry::print;

/// Stands for money of no known institution.
const NOBODYS: &str = "UNKNOWN";

/// How far a decision's effect is from what its source told, with its Vietnamese words.
fn effect(decision: &StandingDecision) -> String {
    match decision.effect.as_str() {
        "merged" => format!("merged into (gộp vào) {}", decision.merged_into),
        "kind" => format!("kind (loại tiền) {}", decision.decided_kind),
        "moved" => format!("arrived (tiền đến) {}", decision.decided_settled_at),
        "completed" => format!("completed by (bổ sung) {}", decision.added.join(", ")),
        _ => "as told (giữ nguyên)".to_owned(),
    }
}

pub(super) async fn run(warehouse: &Warehouse, options: &DecisionsList) -> anyhow::Result<()> {
    if let Some(id) = options.institution.as_ref().filter(|id| *id != NOBODYS) {
        let stored = warehouse.registry(None).await?;
        ensure!(stored.registry.institutions.contains_key(id), no_institution(id, stored.version));
    }
    let filter = DecisionFilter {
        days: (
            options.from.unwrap_or(BusinessDate::UNKNOWN),
            options.to.unwrap_or(BusinessDate::from_days(u16::MAX)),
        ),
        institution_id: options.institution.clone(),
        by: options.by,
        // One more than is shown says that there are more.
        limit: options.limit.saturating_add(1),
    };
    let (wants_open, wants_decided) = (!options.decided && options.by.is_none(), !options.open);
    let mut open = if wants_open { warehouse.open_decisions(&filter).await? } else { Vec::new() };
    let mut decided = if wants_decided { warehouse.standing_decisions(&filter).await? } else { Vec::new() };
    let mut waiting = warehouse.decision_states().await?;
    waiting.retain(|state| state.state == "waiting");
    let limit = usize::try_from(options.limit).unwrap_or(usize::MAX);
    let are_left_off = open.len() > limit || decided.len() > limit;
    open.truncate(limit);
    decided.truncate(limit);
    let records = open.iter().flat_map(|open| open.candidates.iter().chain([&open.record]));
    let told = warehouse.told_of_records(&records.map(String::as_str).collect::<Vec<_>>()).await?;
    if options.output.json {
        let listed = json!({
            "open": open.iter().map(|open| open_json(open, &told)).collect::<Vec<_>>(),
            "decided": decided.iter().map(decided_json).collect::<Vec<_>>(),
            "waiting": waiting.iter().map(waiting_json).collect::<Vec<_>>(),
            "more": are_left_off,
        });
        print(&listed.to_string());
        return Ok(());
    }
    if wants_open {
        print(&format!("open (chờ quyết định): {}", open.len()));
        open.iter().flat_map(|open| open_lines(open, &told)).for_each(|line| print(&line));
    }
    if wants_decided {
        print(&format!("decided (đã quyết định): {}", decided.len()));
        decided.iter().flat_map(decided_lines).for_each(|line| print(&line));
    }
    if !waiting.is_empty() {
        let count = waiting.len();
        print(&format!(
            "logged and not in the figures (chưa vào số liệu): {count}; if it stays, repeat the command"
        ));
        for state in &waiting {
            let DecisionState { decision_id, address, decided_at, who, why, .. } = state;
            print(&format!("  decision {decision_id} of {decided_at} by {who}: {why}\n    {address}"));
        }
    }
    if are_left_off {
        print(&format!("there are more than {limit}; --limit, --from, --to and --institution choose"));
    }
    Ok(())
}

/// What was told of a record; more than once if its id was used on several days.
fn told_of<'t>(told: &'t [ToldRecord], record: &str) -> impl Iterator<Item = &'t ToldRecord> {
    told.iter().filter(move |told| told.record == record)
}

fn open_lines(open: &OpenDecision, told: &[ToldRecord]) -> Vec<String> {
    let counted = if open.is_counted { "" } else { "  not counted (không tính)" };
    let times: Vec<_> = told_of(told, &open.record).map(|told| format!("  {}", told.settled_at)).collect();
    let mut lines = vec![format!(
        "  {}  {}  {}  {} đồng  {}  same {}{}{counted}",
        open.record,
        open.business_date,
        open.institution_id,
        dotted(open.amount_dong.into()),
        open.source,
        open.rule,
        times.concat(),
    )];
    for candidate in &open.candidates {
        let mut line = format!("    may be (có thể trùng với) {candidate}");
        for ToldRecord { source, settled_at, method, .. } in told_of(told, candidate) {
            line.push_str(&format!("  {source}  {settled_at}  {method}"));
        }
        lines.push(line);
    }
    lines
}

fn decided_lines(decided: &StandingDecision) -> Vec<String> {
    let mut lines = vec![format!(
        "  {}  {}  {}  {} đồng  {}  {}  by {}",
        decided.record,
        decided.business_date,
        decided.institution_id,
        dotted(decided.amount_dong.into()),
        decided.source,
        effect(decided),
        decided.decided_by
    )];
    if !decided.decision_id.is_empty() {
        let StandingDecision { decision_id, decided_at, who, why, .. } = decided;
        lines.push(format!("    decision {decision_id} of {decided_at} by {who}: {why}"));
    }
    lines
}

fn open_json(open: &OpenDecision, told: &[ToldRecord]) -> Value {
    let told = |record: &str| {
        let told = told_of(told, record);
        let told = told
            .map(|told| json!({"source": told.source, "settled_at": told.settled_at, "method": told.method}));
        told.collect::<Vec<_>>()
    };
    json!({
        "record": open.record,
        "address": open.address,
        "business_date": open.business_date.to_string(),
        "institution_id": open.institution_id,
        "source": open.source,
        "rule": open.rule,
        "told": told(&open.record),
        "candidates": open.candidates.iter()
            .map(|candidate| json!({"record": candidate, "told": told(candidate)}))
            .collect::<Vec<_>>(),
        "amount_dong": open.amount_dong,
        "counted": open.is_counted,
    })
}

fn decided_json(decided: &StandingDecision) -> Value {
    let known = |text: &String| if text.is_empty() { Value::Null } else { Value::from(text.as_str()) };
    json!({
        "record": decided.record,
        "address": decided.address,
        "business_date": decided.business_date.to_string(),
        "institution_id": decided.institution_id,
        "institution_name": decided.institution_name,
        "source": decided.source,
        "amount_dong": decided.amount_dong,
        "fate": decided.fate,
        "decided_by": decided.decided_by,
        "effect": decided.effect,
        "merged_into": known(&decided.merged_into),
        "kind": if decided.decided_kind == "none" { Value::Null } else { Value::from(decided.decided_kind.as_str()) },
        "settled_at": known(&decided.decided_settled_at),
        "added": decided.added,
        "decided_at": decided.decided_at.to_string(),
        "decision_id": known(&decided.decision_id),
        "who": known(&decided.who),
        "why": known(&decided.why),
    })
}

fn waiting_json(state: &DecisionState) -> Value {
    json!({
        "decision_id": state.decision_id,
        "address": state.address,
        "decided_at": state.decided_at.to_string(),
        "who": state.who,
        "why": state.why,
    })
}
