//! Units: what is counted once, however many sources report it.

use cashless_domain::{
    Added, AmountDong, BusinessDate, Details, Evidence, Kind, Method, MinimumFields, RecordFate, RecordId,
    SourceClass, SourceId,
};

use crate::cell::CellValues;
use crate::record::Record;
use crate::{CellKey, PaymentKey};

/// What one record is in the figures, given all records of its payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Counted, merged, voided, …
    pub fate: RecordFate,
    /// The fate of the record that speaks for its unit.
    pub unit_fate: RecordFate,
    /// The unit's day; of a record without details, the payment's anchor.
    pub business_date: BusinessDate,
    /// The unit's method.
    pub method: Method,
    /// The unit's kind.
    pub kind: Kind,
    /// The unit's evidence.
    pub evidence: Evidence,
    /// The unit's minimum fields.
    pub fields: MinimumFields,
    /// The record's amount, 0 while unknown.
    pub dong: i64,
}

impl Standing {
    fn unknown(payment: &PaymentKey) -> Self {
        Self {
            fate: RecordFate::Unsettled,
            unit_fate: RecordFate::Unsettled,
            business_date: payment.anchor,
            method: Method::Unknown,
            kind: Kind::Payment,
            evidence: Evidence::default(),
            fields: MinimumFields::default(),
            dong: 0,
        }
    }

    /// The cell this record adds to and what it adds, if it adds anything.
    pub(crate) fn contribution(
        &self,
        payment: &PaymentKey,
        record: &Record,
    ) -> Option<(CellKey, CellValues)> {
        let values = match self.fate {
            RecordFate::Counted | RecordFate::Excluded => CellValues::counted(self.dong, self.fields),
            RecordFate::Refunded => CellValues::refunded(self.dong),
            RecordFate::Merged => CellValues::merged(self.dong),
            RecordFate::Voided => CellValues::voided(self.dong),
            RecordFate::Unsettled => return None,
        };
        let key = CellKey {
            business_date: self.business_date,
            account: payment.account,
            identifier: record.details?.identifier,
            source: record.source.clone(),
            method: self.method,
            kind: self.kind,
            evidence: self.evidence,
        };
        Some((key, values))
    }
}

/// A record with details, as the pairing sees it.
#[derive(Clone, Copy)]
struct Member<'r> {
    index: usize,
    record: &'r Record,
    details: &'r Details,
    kind: Kind,
}

impl<'r> Member<'r> {
    fn of(index: usize, record: &'r Record) -> Option<Self> {
        let details = record.details.as_ref()?;
        let decided = record.decision.and_then(|decision| decision.kind);
        Some(Member { index, record, details, kind: decided.unwrap_or(details.kind) })
    }

    /// Only records of one side pair. Lump sums are a side of their own, so that they shift no pair.
    fn side(&self) -> (AmountDong, bool, bool) {
        (self.details.amount, self.kind.is_outgoing(), self.stands_alone())
    }

    fn stands_alone(&self) -> bool {
        self.kind == Kind::Settlement
    }

    fn evidence(&self) -> Evidence {
        self.details.evidence.union(self.added().evidence)
    }

    fn fields(&self) -> MinimumFields {
        self.details.fields.union(self.added().fields)
    }

    fn added(&self) -> Added {
        self.record.decision.map(|decision| decision.added).unwrap_or_default()
    }

    /// The lowest speaks for its unit. Of money out, one that names what it returns beats a plain debit.
    fn rank(&self) -> (bool, SourceClass, &'r SourceId, RecordId) {
        let is_plain_debit = self.kind.is_outgoing() && !self.kind.is_refund();
        (is_plain_debit, self.record.source_class, &self.record.source, self.record.id)
    }
}

/// The standing of a payment's only record: what [`standings`] says, without its lists.
pub(crate) fn lone_standing(payment: &PaymentKey, record: &Record) -> Standing {
    let mut standing = [Standing::unknown(payment)];
    if let Some(member) = Member::of(0, record) {
        settle_unit(&[member], &mut standing);
    }
    standing[0]
}

/// The standing of every record of a payment, in the order of the records.
///
/// Among records of equal amount and direction, the i-th of each source (by record id) form the i-th unit, so
/// two records of one source never meet. Lump sums stand alone, since their members are reported one by one.
#[must_use]
pub fn standings(payment: &PaymentKey, records: &[Record]) -> Vec<Standing> {
    let mut standings = vec![Standing::unknown(payment); records.len()];
    let mut members: Vec<Member<'_>> =
        records.iter().enumerate().filter_map(|(index, record)| Member::of(index, record)).collect();
    if members.len() == 1 {
        settle_unit(&members, &mut standings);
        return standings;
    }
    members.sort_by_key(|m| (m.side(), &m.record.source, m.record.id));
    for side in members.chunk_by(|one, other| one.side() == other.side()) {
        for unit in units_of(side) {
            settle_unit(&unit, &mut standings);
        }
    }
    standings
}

/// The units of one side, whose members come ordered by source and id.
fn units_of<'r>(side: &[Member<'r>]) -> Vec<Vec<Member<'r>>> {
    if side.first().is_some_and(Member::stands_alone) {
        return side.iter().map(|member| vec![*member]).collect();
    }
    let mut units: Vec<Vec<Member<'r>>> = Vec::new();
    for source in side.chunk_by(|one, other| one.record.source == other.record.source) {
        for (ordinal, member) in source.iter().enumerate() {
            match units.get_mut(ordinal) {
                Some(unit) => unit.push(*member),
                None => units.push(vec![*member]),
            }
        }
    }
    units
}

fn settle_unit(unit: &[Member<'_>], standings: &mut [Standing]) {
    let Some(lead) = unit.iter().min_by(|one, other| one.rank().cmp(&other.rank())) else { return };
    let kind = unit_kind(unit, lead.kind);
    let settled_at = unit.iter().map(|m| m.record.settled_at(m.details)).min();
    let unit_fate = if unit.iter().any(|m| m.record.is_voided()) {
        RecordFate::Voided
    } else if unit.iter().any(|m| m.record.is_merged_away()) {
        RecordFate::Merged
    } else if !unit.iter().any(|m| m.record.is_settled()) {
        RecordFate::Unsettled
    } else if kind.is_refund() {
        RecordFate::Refunded
    } else if kind.is_excluded() {
        RecordFate::Excluded
    } else {
        RecordFate::Counted
    };
    let shared = Standing {
        fate: unit_fate,
        unit_fate,
        business_date: settled_at.unwrap_or(lead.details.settled_at).business_date(),
        method: lead.details.method,
        kind,
        evidence: unit.iter().fold(Evidence::default(), |all, m| all.union(m.evidence())),
        fields: unit.iter().fold(MinimumFields::default(), |all, m| all.union(m.fields())),
        dong: lead.details.amount.get(),
    };
    for member in unit {
        let is_beside = member.index != lead.index && unit_fate != RecordFate::Unsettled;
        let fate = if is_beside { RecordFate::Merged } else { unit_fate };
        standings[member.index] = Standing { fate, ..shared };
    }
}

/// Of money in, any exclusion wins, then a deposit: not every source can tell one.
fn unit_kind(unit: &[Member<'_>], lead: Kind) -> Kind {
    if lead.is_outgoing() {
        return lead;
    }
    let tells_most = |kind: &Kind| (!kind.is_excluded(), *kind != Kind::Deposit, *kind);
    unit.iter().map(|member| member.kind).min_by_key(tells_most).unwrap_or(lead)
}
