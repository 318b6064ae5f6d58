use cashless_domain::{DecidedBy, Decision};
use cashless_warehouse::LoggedDecision;

use super::plan::{Found, Part, Refusal};
use crate::content::Content;

/// What taking a decision back means now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undo {
    /// What it decided stands; these parts restore what stood before.
    Parts(Vec<Part>),
    /// It is taken back already.
    Done,
}

/// Why a decision is not taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoUndo {
    /// No person decided that.
    #[error("there is no such decision of a person; a rule's is changed by `decisions make`")]
    Unknown,
    /// Its event is on its way, or was never appended.
    #[error(
        "the decision is not in the facts: wait for the aggregator, or make it again if it was never appended"
    )]
    Waiting,
    /// Another person decided later.
    #[error("a later decision holds ({0:016x}); take that one back first")]
    Overtaken(u64),
    /// The record is not what it was.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// How to take a decision back. `log` is the whole log of decisions, `found` every record that the decision is about.
///
/// # Errors
/// See [`NoUndo`].
pub fn undo(log: &[LoggedDecision], decision_id: u64, found: &[Found]) -> Result<Undo, NoUndo> {
    let rows: Vec<_> = log.iter().filter(|row| row.decision_id == decision_id).collect();
    if rows.is_empty() {
        return Err(NoUndo::Unknown);
    }
    let mut parts = Vec::new();
    for row in rows {
        let found = found.iter().find(|found| found.key == row.key).ok_or(NoUndo::Waiting)?;
        let stands = found.record().and_then(|record| record.decision);
        let Some(stands) = stands.filter(|stands| stands.by == DecidedBy::Person && *stands >= row.after)
        else {
            return Err(NoUndo::Waiting);
        };
        let Ok(holds) = holding(log, row, stands) else { return Err(NoUndo::Overtaken(0)) };
        if stands == row.after || holds.is_some_and(|holds| holds.decision_id == decision_id) {
            let restored = row.before.filter(|before| before.by == DecidedBy::Person);
            let returns_to_rules = match restored {
                Some(restored) => holding(log, row, restored) == Ok(None),
                None => true,
            };
            let mut part = Part::of(found, Content::of(row.before))?;
            part.returns_to_rules = returns_to_rules;
            parts.push(part);
        } else if let Some(holds) = holds.filter(|holds| holds.after > row.after) {
            return Err(NoUndo::Overtaken(holds.decision_id));
        }
    }
    Ok(if parts.is_empty() { Undo::Done } else { Undo::Parts(parts) })
}

/// Something stands that the log does not know.
#[derive(Debug, PartialEq, Eq)]
struct NotLogged;

/// The decision about the record of a row that holds when this one stands: itself, or, if it takes another one back, what
/// held before that one. Nothing if no person's does.
fn holding<'l>(
    log: &'l [LoggedDecision],
    of: &LoggedDecision,
    mut stands: Decision,
) -> Result<Option<&'l LoggedDecision>, NotLogged> {
    let about_it = || log.iter().filter(|row| row.key == of.key);
    loop {
        let row = about_it().find(|row| row.after == stands).ok_or(NotLogged)?;
        let Some(undone) = row.undo_of else { return Ok(Some(row)) };
        let undone = about_it().find(|row| row.decision_id == undone).ok_or(NotLogged)?;
        // What stood before a decision is older than it, so this ends.
        match undone.before.filter(|before| before.by == DecidedBy::Person && *before < undone.after) {
            Some(before) => stands = before,
            None => return Ok(None),
        }
    }
}

/// The decision about a record that is logged and not in the facts, the newest if there are several.
#[must_use]
pub fn waiting(log: &[LoggedDecision], part: &Part) -> Option<Decision> {
    let of_record = log.iter().filter(|row| row.key == part.key).map(|row| row.after);
    of_record.filter(|after| part.before.is_none_or(|before| *after > before)).max()
}
