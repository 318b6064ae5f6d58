use cashless_domain::{
    Added, DecidedBy, Decision, EventKey, Evidence, IdentifierId, Kind, MinimumFields, PaymentEvent,
    RecordFate, SourceClass, SourceId, Timestamp,
};
use cashless_rollup::{Payment, PaymentKey, Record, Standing, standings};
use twox_hash::XxHash3_64;

use crate::content::Content;

/// A stored record, with all records of its payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which one.
    pub key: EventKey,
    /// Its payment.
    pub payment: Payment,
}

impl Found {
    /// The record itself.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        self.payment.records.iter().find(|record| record.id == self.key.record)
    }

    /// What it is in the figures.
    #[must_use]
    pub fn standing(&self) -> Option<Standing> {
        let standings = standings(&PaymentKey::from(self.key), &self.payment.records);
        let of = self.payment.records.iter().zip(standings);
        of.into_iter().find(|(record, _)| record.id == self.key.record).map(|(_, standing)| standing)
    }
}

/// What a person wants to be so.
#[derive(Debug, Clone, Copy)]
pub enum Wish<'f> {
    /// The other record counts instead.
    MergedInto(&'f Found),
    /// It stands alone, whatever looks like it.
    Separate,
    /// It is something else, or its money arrived at another time. What is not given stays.
    Told {
        /// What it is.
        kind: Option<Kind>,
        /// When its money arrived.
        settled_at: Option<Timestamp>,
    },
}

/// Why a decision is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no money to decide about.
    #[error("nothing is known of the record but its status: there is nothing to decide")]
    StatusOnly,
    /// Its source took it back.
    #[error("its source took the record back (voided): it is in no figure")]
    Voided,
    /// A record cannot count instead of itself.
    #[error("a record cannot be merged into itself")]
    Itself,
    /// The other one is in no figure either.
    #[error("the other record does not count itself, it is {}; name the one that counts", .0.name())]
    OtherIs(RecordFate),
    /// The same money cannot be of two amounts, unless a person says so.
    #[error("the amounts differ, {0} and {1} dong; --other-amount merges them all the same")]
    Amounts(i64, i64),
    /// Nor of two owners.
    #[error("the two are of different institutions by the registry; correct that first")]
    Owners,
    /// One brings money, the other takes it.
    #[error("one of the two is money in, the other money out")]
    Directions,
    /// Of a kind that flows the other way.
    #[error("{} is money the other way", .0.name())]
    KindOfOtherDirection(Kind),
    /// The other record of its payment carries the same bank reference.
    #[error(
        "it carries the same bank reference as the record that counts: they are one payment, which no decision parts"
    )]
    MetByReference,
    /// Not yet.
    #[error("that time is still to come")]
    InFuture,
}

/// What is decided about one record, and what stood before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The record.
    pub key: EventKey,
    /// Who reports it.
    pub source: SourceId,
    source_class: SourceClass,
    received_at: Timestamp,
    /// Its dong.
    pub amount_dong: i64,
    /// What stands.
    pub before: Option<Decision>,
    /// Whether no person's decision holds from here on: rules see the record as one nobody has decided about.
    pub returns_to_rules: bool,
    wanted: Content,
}

impl Part {
    pub(super) fn of(found: &Found, wanted: Content) -> Result<Self, Refusal> {
        let record = found.record().ok_or(Refusal::StatusOnly)?;
        let details = record.details.as_ref().ok_or(Refusal::StatusOnly)?;
        Ok(Self {
            key: found.key,
            source: record.source.clone(),
            source_class: record.source_class,
            received_at: details.received_at,
            amount_dong: details.amount.get(),
            before: record.decision,
            returns_to_rules: false,
            wanted,
        })
    }

    /// Whether a person has decided just this already.
    pub(super) fn stands(&self) -> bool {
        self.before.is_some_and(|before| before.by == DecidedBy::Person && self.is_said_by(&before))
    }

    /// Whether a decision says just this.
    #[must_use]
    pub fn is_said_by(&self, decision: &Decision) -> bool {
        Content::of(Some(*decision)) == self.wanted
    }

    /// The decision, taken now. It wins over what stands and over `other`, whatever the clocks say.
    #[must_use]
    pub fn decision(&self, registry_version: u32, now: Timestamp, other: Option<Decision>) -> Decision {
        let Content { merged_into, kind, settled_at, added } = self.wanted;
        let known = [self.before, other].into_iter().flatten();
        let registry_version =
            known.clone().map(|known| known.registry_version).fold(registry_version, u32::max);
        let after =
            |known: Decision| Timestamp::from_micros(known.decided_at.as_micros().saturating_add(1)).ok();
        let decided_at = known.filter_map(after).fold(now, Timestamp::max);
        Decision { by: DecidedBy::Person, registry_version, decided_at, merged_into, kind, settled_at, added }
    }

    /// The event that carries a decision about the record. Its receipt is the record's own: a source is not less silent
    /// because we decide.
    #[must_use]
    pub fn event(&self, decision: Decision) -> PaymentEvent {
        PaymentEvent {
            source: self.source.clone(),
            source_class: self.source_class,
            key: self.key,
            received_at: self.received_at,
            status: None,
            details: None,
            decision: Some(decision),
            erased: false,
        }
    }
}

/// The parts of a decision; none if a person has decided just this already. `former` is the record that counts instead of
/// this one now, if there is one.
///
/// # Errors
/// See [`Refusal`].
pub fn plan(
    found: &Found,
    former: Option<&Found>,
    wish: Wish<'_>,
    now: Timestamp,
) -> Result<Vec<Part>, Refusal> {
    let record = found.record().ok_or(Refusal::StatusOnly)?;
    let kind_told = record.details.as_ref().ok_or(Refusal::StatusOnly)?.kind;
    if found.standing().is_some_and(|standing| standing.fate == RecordFate::Voided) {
        return Err(Refusal::Voided);
    }
    let stands = Content::of(record.decision);
    let mut parts = Vec::new();
    match wish {
        Wish::MergedInto(other) => {
            check_merge(found, other)?;
            parts.push(Part::of(found, Content { merged_into: Some(other.key.record), ..stands })?);
            parts.push(Part::of(other, counting_for(other, found))?);
        }
        Wish::Separate => {
            let part = Part::of(found, Content { merged_into: None, ..stands })?;
            if is_merged(found, &part) {
                return Err(Refusal::MetByReference);
            }
            parts.push(part);
        }
        Wish::Told { kind, settled_at } => {
            if let Some(kind) = kind.filter(|kind| kind.is_outgoing() != kind_told.is_outgoing()) {
                return Err(Refusal::KindOfOtherDirection(kind));
            }
            if settled_at.is_some_and(|at| at > now) {
                return Err(Refusal::InFuture);
            }
            let wanted = Content {
                kind: kind.or(stands.kind),
                settled_at: settled_at.or(stands.settled_at),
                ..stands
            };
            parts.push(Part::of(found, wanted)?);
        }
    }
    // The record that counts instead, or did, gives back what it had from this one; and has what this one is from now on.
    if let Some(former) = former.filter(|former| parts.iter().all(|part| part.key != former.key)) {
        let stands = Content::of(former.record().and_then(|record| record.decision));
        let mut left = without(stands, found, record);
        if let (Wish::Told { .. }, Some(told)) = (wish, parts.first()) {
            let now_told = decided(found, told);
            left = counting_for(&decided(former, &Part::of(former, left)?), &now_told);
        }
        if left != stands {
            parts.push(Part::of(former, left)?);
        }
    }
    parts.retain(|part| !part.stands());
    Ok(parts)
}

fn check_merge(found: &Found, other: &Found) -> Result<(), Refusal> {
    if found.key == other.key {
        return Err(Refusal::Itself);
    }
    let outgoing = |found: &Found| found.standing().map(|standing| standing.kind.is_outgoing());
    match other.standing().map(|standing| standing.fate) {
        Some(RecordFate::Counted | RecordFate::Refunded | RecordFate::Excluded) => {}
        fate => return Err(Refusal::OtherIs(fate.unwrap_or(RecordFate::Unsettled))),
    }
    if outgoing(found) == outgoing(other) { Ok(()) } else { Err(Refusal::Directions) }
}

/// What rules merged into a record that a person decides about stays merged, by the person's word from now on: rules decide
/// nothing about the record any more, and would part them.
///
/// # Errors
/// See [`Refusal`].
pub fn keep_merged(parts: &mut Vec<Part>, partners: &[Found]) -> Result<(), Refusal> {
    for partner in partners {
        if parts.iter().all(|part| part.key != partner.key) {
            let stands = partner.record().and_then(|record| record.decision);
            parts.push(Part::of(partner, Content::of(stands))?);
        }
    }
    parts.retain(|part| !part.stands());
    Ok(())
}

/// What is left of the decision about a record once the merged one is taken from it.
fn without(stands: Content, merged: &Found, record: &Record) -> Content {
    Content {
        settled_at: stands.settled_at.filter(|at| Some(*at) != settled_at(record)),
        kind: stands.kind.filter(|kind| Some(*kind) != given_kind(merged)),
        added: merged.standing().map_or(stands.added, |of| Added {
            evidence: Evidence(stands.added.evidence.0 & !of.evidence.0),
            fields: MinimumFields(stands.added.fields.0 & !of.fields.0),
        }),
        ..stands
    }
}

/// The record as it is once a part is decided.
fn decided(found: &Found, part: &Part) -> Found {
    let decision = part.decision(0, Timestamp::from_micros(0).expect("the first instant"), None);
    with_decisions(found, &[(found.key, decision)])
}

/// What counts for both. Money that was there is paid: the earlier of the two times decides the day.
fn counting_for(other: &Found, merged: &Found) -> Content {
    let stands = Content::of(other.record().and_then(|other| other.decision));
    let settled_at = match (merged.record().and_then(settled_at), other.record().and_then(settled_at)) {
        (Some(earlier), Some(later)) if earlier < later => Some(earlier),
        _ => stands.settled_at,
    };
    let kind = match (other.standing(), given_kind(merged)) {
        (Some(Standing { kind, .. }), Some(given)) if kind.beside(given) != kind => Some(given),
        _ => stands.kind,
    };
    let added = match (merged.standing(), other.standing()) {
        (Some(merged), Some(other)) => Added {
            evidence: Evidence(stands.added.evidence.0 | merged.evidence.0 & !other.evidence.0),
            fields: MinimumFields(stands.added.fields.0 | merged.fields.0 & !other.fields.0),
        },
        _ => stands.added,
    };
    Content { kind, settled_at, added, ..stands }
}

/// What money in is, where it makes the record that counts the same. A lump sum stands alone and makes nothing of others.
fn given_kind(found: &Found) -> Option<Kind> {
    let kind = found.standing().map(|standing| standing.kind);
    kind.filter(|kind| !kind.is_outgoing() && !matches!(kind, Kind::Payment | Kind::Settlement))
}

fn settled_at(record: &Record) -> Option<Timestamp> {
    let decided = record.decision.and_then(|decision| decision.settled_at);
    decided.or(record.details.as_ref().map(|details| details.settled_at))
}

/// Whether the record would still be merged.
fn is_merged(found: &Found, part: &Part) -> bool {
    decided(found, part).standing().is_some_and(|standing| standing.fate == RecordFate::Merged)
}

/// What one record is in the figures, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The record.
    pub key: EventKey,
    /// Who reports it.
    pub source: SourceId,
    /// What the registry resolves.
    pub identifier: Option<IdentifierId>,
    /// What it is.
    pub before: Standing,
    /// What it becomes.
    pub after: Standing,
}

/// What decisions make of all records of these payments, whether it changes or not; each record once.
#[must_use]
pub fn changes(founds: &[&Found], decisions: &[(EventKey, Decision)]) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for found in founds {
        let key = PaymentKey::from(found.key);
        let decided = with_decisions(found, decisions);
        let before = standings(&key, &found.payment.records);
        let after = standings(&key, &decided.payment.records);
        for ((record, before), after) in found.payment.records.iter().zip(before).zip(after) {
            let key = EventKey { record: record.id, ..found.key };
            if changes.iter().all(|change| change.key != key) {
                let (source, identifier) =
                    (record.source.clone(), record.details.as_ref().map(|details| details.identifier));
                changes.push(Change { key, source, identifier, before, after });
            }
        }
    }
    changes
}

fn with_decisions(found: &Found, decisions: &[(EventKey, Decision)]) -> Found {
    let mut decided = found.clone();
    for record in &mut decided.payment.records {
        let of = |(key, _): &&(EventKey, Decision)| *key == EventKey { record: record.id, ..found.key };
        if let Some((_, decision)) = decisions.iter().find(of) {
            record.decision = Some(*decision);
        }
    }
    decided
}

/// The id of a decision, the same for the same decision about the same state; never 0.
#[must_use]
pub fn decision_id(parts: &[Part], undo_of: Option<u64>) -> u64 {
    let mut text = format!("{undo_of:?}");
    for part in parts {
        text.push_str(&format!("{:?}{:?}{:?}", part.key, part.before, part.wanted));
    }
    XxHash3_64::oneshot(text.as_bytes()).max(1)
}
