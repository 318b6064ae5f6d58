use cashless_domain::{Added, Decision, Kind, RecordId, Timestamp};

/// What a decision says, whoever takes it and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Content {
    pub(crate) merged_into: Option<RecordId>,
    pub(crate) kind: Option<Kind>,
    pub(crate) settled_at: Option<Timestamp>,
    pub(crate) added: Added,
}

impl Content {
    pub(crate) fn of(decision: Option<Decision>) -> Self {
        decision.map_or_else(Self::default, |Decision { merged_into, kind, settled_at, added, .. }| Self {
            merged_into,
            kind,
            settled_at,
            added,
        })
    }
}
