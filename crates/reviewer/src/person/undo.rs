use cashless_domain::{DecidedBy, Decision};
use cashless_warehouse::LoggedDecision;

use super::plan::{Content, Found, Part, Refusal};

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
        match stands.filter(|stands| stands.by == DecidedBy::Person) {
            Some(stands) if stands == row.after => parts.push(Part::of(found, Content::of(row.before))?),
            Some(stands) if stands > row.after => {
                let later = log.iter().find(|later| later.key == row.key && later.after == stands);
                if later.is_none_or(|later| later.undo_of != Some(decision_id)) {
                    return Err(NoUndo::Overtaken(later.map_or(0, |later| later.decision_id)));
                }
            }
            _ => return Err(NoUndo::Waiting),
        }
    }
    Ok(if parts.is_empty() { Undo::Done } else { Undo::Parts(parts) })
}

/// The decision about a record that is logged and not in the facts, the newest if there are several.
#[must_use]
pub fn waiting(log: &[LoggedDecision], part: &Part) -> Option<Decision> {
    let of_record = log.iter().filter(|row| row.key == part.key).map(|row| row.after);
    of_record.filter(|after| part.before.is_none_or(|before| *after > before)).max()
}
