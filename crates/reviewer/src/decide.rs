//! From what is wanted and what is stored to the event that makes them one.

use cashless_domain::{Added, BusinessDate, DecidedBy, Decision, Kind, PaymentEvent, Timestamp};
use cashless_warehouse::ReviewedRecord;

use crate::content::Content;

/// How far the decision about a record depends on the days around: candidates of candidates, a day each, and one more.
const NEIGHBOUR_DAYS: u16 = 3;
/// Days of one question to the warehouse.
const WINDOW_DAYS: u16 = 31;

/// What a decision does, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Another record counts instead.
    Merged,
    /// It is something else, by the account the money came from or by the other record of a merge.
    Reclassified,
    /// Its day may be an earlier one.
    Moved,
    /// It has what another record of its payment has.
    Completed,
    /// What was decided holds no longer.
    TakenBack,
}

impl Effect {
    pub(crate) const ALL: [Self; 5] =
        [Self::Merged, Self::Reclassified, Self::Moved, Self::Completed, Self::TakenBack];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::Reclassified => "reclassified",
            Self::Moved => "moved",
            Self::Completed => "completed",
            Self::TakenBack => "taken_back",
        }
    }
}

/// What the rules want decided about a record that is of this kind by them, if that is not what is.
pub(crate) fn wanted_decision(
    record: &ReviewedRecord,
    kind: Option<Kind>,
    registry_version: u32,
    now: Timestamp,
) -> Option<(Decision, Effect)> {
    let ReviewedRecord { merged_into, settled_at, added, decided: stored, .. } = *record;
    let wanted = Content { merged_into, kind, settled_at, added };
    if stored.is_some_and(|stored| stored.by == DecidedBy::Person) || Content::of(stored) == wanted {
        return None;
    }
    let effect = match wanted {
        Content { merged_into: Some(_), .. } => Effect::Merged,
        Content { kind: Some(_), .. } => Effect::Reclassified,
        Content { settled_at: Some(_), .. } => Effect::Moved,
        Content { added, .. } if added != Added::default() => Effect::Completed,
        Content { .. } => Effect::TakenBack,
    };
    // The register keeps the larger decision: this one has to come after the stored one, whatever the clocks say.
    let after_stored = stored
        .and_then(|stored| Timestamp::from_micros(stored.decided_at.as_micros().saturating_add(1)).ok());
    let decision = Decision {
        by: DecidedBy::Rule,
        registry_version: stored.map_or(0, |stored| stored.registry_version).max(registry_version),
        decided_at: after_stored.map_or(now, |after| after.max(now)),
        merged_into,
        kind,
        settled_at,
        added,
    };
    Some((decision, effect))
}

/// The event that carries a decision. Its receipt is the record's own: a source is not less silent because we decide.
pub(crate) fn event(record: &ReviewedRecord, decision: Decision) -> PaymentEvent {
    PaymentEvent {
        source: record.source.clone(),
        source_class: record.source_class,
        key: record.key,
        received_at: record.received_at,
        status: None,
        details: None,
        decision: Some(decision),
        erased: false,
    }
}

/// The days to review, first and last, when these have changed.
pub(crate) fn windows(changed: &[BusinessDate]) -> Vec<(BusinessDate, BusinessDate)> {
    let mut windows: Vec<(u16, u16)> = Vec::new();
    for day in changed {
        let (from, to) =
            (day.days().saturating_sub(NEIGHBOUR_DAYS), day.days().saturating_add(NEIGHBOUR_DAYS));
        match windows.last_mut() {
            Some((first, last))
                if from <= last.saturating_add(1) && to.saturating_sub(*first) < WINDOW_DAYS =>
            {
                *last = to;
            }
            Some((_, last)) if from <= *last => {
                let from = last.saturating_add(1);
                windows.push((from, to));
            }
            _ => windows.push((from, to)),
        }
    }
    let days = |(from, to)| (BusinessDate::from_days(from), BusinessDate::from_days(to));
    windows.into_iter().filter(|(from, to)| from <= to).map(days).collect()
}

#[cfg(test)]
mod tests {
    use cashless_domain::{AccountId, EventKey, Evidence, PaymentId, RecordId, SourceClass, SourceId};

    use super::*;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros).expect("in range")
    }

    fn record(decided: Option<Decision>, merged_into: Option<u64>) -> ReviewedRecord {
        ReviewedRecord {
            key: EventKey {
                anchor: BusinessDate::from_days(19_000),
                account: AccountId([1; 16]),
                payment: PaymentId([2; 16]),
                record: RecordId(3),
            },
            source: SourceId::new("bank").expect("valid"),
            source_class: SourceClass::Bank,
            received_at: at(5),
            decided,
            merged_into: merged_into.map(RecordId),
            settled_at: None,
            paid: None,
            kind: Some(Kind::Payment),
            beside_kind: None,
            added: Added::default(),
        }
    }

    fn decided(by: DecidedBy, registry_version: u32, decided_at: i64, merged_into: Option<u64>) -> Decision {
        let merged_into = merged_into.map(RecordId);
        Decision {
            by,
            registry_version,
            decided_at: at(decided_at),
            merged_into,
            kind: None,
            settled_at: None,
            added: Added::default(),
        }
    }

    #[test]
    fn only_what_differs_is_decided_and_it_always_wins_over_the_stored_decision() {
        let (first, effect) = wanted_decision(&record(None, Some(7)), None, 4, at(100)).expect("wanted");
        assert_eq!((first, effect), (decided(DecidedBy::Rule, 4, 100, Some(7)), Effect::Merged));
        assert_eq!(wanted_decision(&record(Some(first), Some(7)), None, 5, at(200)), None, "nothing new");
        assert_eq!(wanted_decision(&record(None, None), None, 4, at(100)), None);

        // A clock that goes behind, and a registry read at an older version, lose to nobody.
        let (back, effect) =
            wanted_decision(&record(Some(first), None), None, 3, at(50)).expect("taken back");
        assert_eq!((back, effect), (decided(DecidedBy::Rule, 4, 101, None), Effect::TakenBack));
        assert!(back > first);
    }

    #[test]
    fn a_kind_is_decided_beside_a_merge_and_taken_back_alone() {
        let transfer = Some(Kind::InternalTransfer);
        let (both, effect) = wanted_decision(&record(None, Some(7)), transfer, 4, at(100)).expect("wanted");
        assert_eq!((both.merged_into, both.kind, effect), (Some(RecordId(7)), transfer, Effect::Merged));
        assert_eq!(wanted_decision(&record(Some(both), Some(7)), transfer, 4, at(200)), None);
        let (merge, _) = wanted_decision(&record(Some(both), Some(7)), None, 5, at(200)).expect("wanted");
        assert_eq!((merge.merged_into, merge.kind), (Some(RecordId(7)), None));
        let (_, effect) = wanted_decision(&record(None, None), transfer, 4, at(100)).expect("wanted");
        assert_eq!(effect, Effect::Reclassified);
    }

    #[test]
    fn what_a_merged_record_told_is_decided_about_the_other_and_taken_back() {
        let added = Added { evidence: Evidence::INVOICE, ..Added::default() };
        let more = ReviewedRecord { added, ..record(None, None) };
        let (first, effect) = wanted_decision(&more, None, 4, at(100)).expect("wanted");
        assert_eq!((first.added, effect), (added, Effect::Completed));
        let stored = ReviewedRecord { decided: Some(first), ..more };
        assert_eq!(wanted_decision(&stored, None, 4, at(200)), None, "nothing new");
        let (back, effect) = wanted_decision(&record(Some(first), None), None, 4, at(200)).expect("wanted");
        assert_eq!((back.added, effect), (Added::default(), Effect::TakenBack));
    }

    #[test]
    fn what_a_person_decided_stands() {
        let person = decided(DecidedBy::Person, 1, 1, None);
        assert_eq!(wanted_decision(&record(Some(person), Some(7)), None, 4, at(100)), None);
    }

    #[test]
    fn changed_days_are_reviewed_with_their_neighbours_in_windows_of_a_month() {
        let days = |days: &[u16]| days.iter().map(|day| BusinessDate::from_days(*day)).collect::<Vec<_>>();
        let of = |changed: &[u16]| {
            let windows = windows(&days(changed)).into_iter();
            windows.map(|(from, to)| (from.days(), to.days())).collect::<Vec<_>>()
        };
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[0]), [(0, 3)]);
        assert_eq!(of(&[100, 101, 120]), [(97, 104), (117, 123)]);
        let year: Vec<u16> = (1_000..1_365).collect();
        let windows = of(&year);
        assert_eq!((windows[0].0, windows.last().expect("some").1), (997, 1_367));
        assert!(windows.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0), "no day twice, none left out");
        assert!(windows.iter().all(|(from, to)| to - from < WINDOW_DAYS));
    }
}
