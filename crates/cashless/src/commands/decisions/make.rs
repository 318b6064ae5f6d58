//! `cashless decisions make|undo`: from what a person wants to what is decided about which records.

use cashless_reviewer::person::{Found, Refusal, Undo, Wish, Words, keep_merged, plan, undo as plan_undo};
use cashless_warehouse::Warehouse;

use super::Refused;
use super::address::{decision_id, find, find_all, find_keys, find_merged_into};
use super::carry_out::{Order, carry_out, say_unchanged};
use crate::cli::{DecisionsMake, DecisionsUndo};
use crate::commands::simulate::now;
use crate::configuration::Configuration;

pub(super) async fn make(
    configuration: &Configuration,
    warehouse: &Warehouse,
    options: &DecisionsMake,
) -> Result<(), Refused> {
    let (signed, wish) = (&options.signed, &options.wish);
    let words = Words::new(&signed.who, &signed.why)?;
    let record = find(warehouse, &options.record).await?;
    let other = match &wish.merged_into {
        Some(other) => Some(find(warehouse, other).await?),
        None => None,
    };
    if let Some(other) = &other {
        same_money(warehouse, &record, other, wish.other_amount).await?;
    }
    let former = former(warehouse, &record).await?;
    let wish = match &other {
        Some(other) => Wish::MergedInto(other),
        None if wish.separate => Wish::Separate,
        None => Wish::Told { kind: wish.kind, settled_at: wish.settled_at },
    };
    let mut parts = plan(&record, former.as_ref(), wish, now()?)?;
    if parts.is_empty() {
        say_unchanged("a person has decided just this already", signed.output.json);
        return Ok(());
    }
    let mut partners = Vec::new();
    if !matches!(wish, Wish::Separate) {
        for into in [Some(&record), other.as_ref()].into_iter().flatten() {
            partners.extend(find_merged_into(warehouse, into).await?);
        }
        keep_merged(&mut parts, &partners)?;
    }
    let found: Vec<Found> = [Some(record), other, former].into_iter().flatten().chain(partners).collect();
    let log = warehouse.decision_log().await?;
    let order = Order { parts, found: &found, log: &log, undo_of: None, words: &words };
    carry_out(configuration, warehouse, order, signed).await
}

/// Two reports of one payment tell one amount, for one institution.
async fn same_money(
    warehouse: &Warehouse,
    record: &Found,
    other: &Found,
    may_differ: bool,
) -> Result<(), Refused> {
    let details = |found: &Found| found.record().and_then(|record| record.details);
    let (Some(one), Some(two)) = (details(record), details(other)) else { return Ok(()) };
    if one.amount != two.amount && !may_differ {
        return Err(Refusal::Amounts(one.amount.get(), two.amount.get()).into());
    }
    let (Some(standing), Some(of_other)) = (record.standing(), other.standing()) else { return Ok(()) };
    let owner = warehouse.ownership(one.identifier, &standing).await?.institution_id;
    let owner_of_other = warehouse.ownership(two.identifier, &of_other).await?.institution_id;
    let is_same = owner == owner_of_other && (owner != "UNKNOWN" || one.identifier == two.identifier);
    if is_same { Ok(()) } else { Err(Refusal::Owners.into()) }
}

/// The record that counts instead of this one, if it can be told.
async fn former(warehouse: &Warehouse, record: &Found) -> Result<Option<Found>, Refused> {
    let decision = record.record().and_then(|record| record.decision);
    let Some(into) = decision.and_then(|decision| decision.merged_into) else { return Ok(None) };
    let mut all = find_all(warehouse, into).await?;
    Ok(if all.len() == 1 { all.pop() } else { None })
}

pub(super) async fn undo(
    configuration: &Configuration,
    warehouse: &Warehouse,
    options: &DecisionsUndo,
) -> Result<(), Refused> {
    let signed = &options.signed;
    let words = Words::new(&signed.who, &signed.why)?;
    let decision = decision_id(&options.decision)?;
    let log = warehouse.decision_log().await?;
    let keys: Vec<_> = log.iter().filter(|row| row.decision_id == decision).map(|row| row.key).collect();
    let found = find_keys(warehouse, &keys).await?;
    let parts = match plan_undo(&log, decision, &found)? {
        Undo::Parts(parts) => parts,
        Undo::Done => {
            say_unchanged("the decision is taken back already", signed.output.json);
            return Ok(());
        }
    };
    let order = Order { parts, found: &found, log: &log, undo_of: Some(decision), words: &words };
    carry_out(configuration, warehouse, order, signed).await
}
