//! What the tables' rows share on their way into and out of blocks.

use std::collections::HashMap;

use cashless_domain::{
    Beneficiary, DecidedBy, Kind, Method, Reason, RecordFate, SourceClass, SourceId, Status,
};

use crate::error::Cause;

/// Rows of a block: few enough that they stay in the processor's cache while their columns are filled one after the
/// other. The server joins the blocks of an insert before it stores them.
const ROWS_MAX: usize = 2_048;

/// Cuts rows into blocks, only where `may_cut` says that two neighbours may be stored apart.
pub(crate) fn spans<T>(rows: &[T], may_cut: impl Fn(&T, &T) -> bool) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.len().min(ROWS_MAX);
        while end < rest.len() && !may_cut(&rest[end - 1], &rest[end]) {
            end += 1;
        }
        let (span, behind) = rest.split_at(end);
        rest = behind;
        Some(span)
    })
}

/// A closed set whose numbers are stored.
pub(crate) trait Stored: Sized {
    const WHAT: &'static str;
    fn with_code(code: i8) -> Option<Self>;
}

macro_rules! stored {
    ($($set:ident $what:literal,)+) => { $(
        impl Stored for $set {
            const WHAT: &'static str = $what;
            fn with_code(code: i8) -> Option<Self> {
                Self::from_code(code)
            }
        }
    )+ };
}

stored! {
    Beneficiary "beneficiary kind",
    DecidedBy "decider",
    Kind "kind",
    Method "method",
    Reason "reason",
    RecordFate "fate",
    SourceClass "source class",
    Status "status",
}

pub(crate) fn from_code<T: Stored>(code: i8) -> Result<T, Cause> {
    T::with_code(code).ok_or(Cause::InvalidRow(T::WHAT))
}

/// Where zero stands for "none".
pub(crate) fn optional_from_code<T: Stored>(code: i8) -> Result<Option<T>, Cause> {
    if code == 0 { Ok(None) } else { from_code(code).map(Some) }
}

/// Few sources stand in many rows; each name is made once.
#[derive(Default)]
pub(crate) struct Sources(HashMap<String, SourceId>);

impl Sources {
    pub(crate) fn intern(&mut self, name: &str) -> Result<SourceId, Cause> {
        if let Some(source) = self.0.get(name) {
            return Ok(source.clone());
        }
        let source = SourceId::new(name).map_err(|_| Cause::InvalidRow("source"))?;
        self.0.insert(name.to_owned(), source.clone());
        Ok(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_together_is_never_cut() {
        let rows: Vec<usize> = (0..ROWS_MAX + 5).collect();
        let together = |row: &usize| (*row).clamp(ROWS_MAX - 2, ROWS_MAX + 1);
        let lengths: Vec<_> =
            spans(&rows, |one, next| together(one) != together(next)).map(<[_]>::len).collect();
        assert_eq!(lengths.iter().sum::<usize>(), rows.len());
        assert_eq!(spans(&rows[..0], |_, _| true).count(), 0);
        let uncut: Vec<_> = spans(&rows, |_, _| false).map(<[_]>::len).collect();
        assert_eq!(uncut, [rows.len()]);
        assert!(lengths[0] >= ROWS_MAX);
    }
}
