//! A person's decisions: checked against what is stored, shown before they are made, and taken back.
//!
//! A decision replaces the whole decision register of a record, so what is not named stays as it stands. Two records may
//! change: one that is merged, and the one that counts instead and has its day, its kind if it is no fee, and what it told.
//!
//! Taking a decision back restores exactly the content that stood before it, by a person's decision of its own: the figures
//! are as they were, to the dong, and no rule decides about the record any more until a person does again.
//!
//! Pure: no clock, no sockets.

mod plan;
#[cfg(test)]
mod tests;
mod undo;
mod words;

pub use plan::{Change, Found, Part, Refusal, Wish, changes, decision_id, keep_merged, plan};
pub use undo::{NoUndo, Undo, undo, waiting};
pub use words::{InvalidWords, Words};
