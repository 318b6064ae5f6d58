//! The truth once what looks like one payment is one: both records become what the payment is, and their refunds with them.

use std::collections::HashMap;
use std::sync::Arc;

use cashless_domain::{Kind, RecordFate};

use super::{
    CellSums, InstitutionSums, Member, Original, Tally, TrueLedger, cell_of, counted, fate_of, standing_of,
};
use crate::clock::local_date;
use crate::lookalikes::{Owner, find};

impl TrueLedger {
    /// The truth once rules have decided what is one payment although its records never met.
    #[must_use]
    pub fn reviewed(&self) -> Self {
        let mut reviewed = self.clone();
        let province = Arc::clone(&self.province);
        let owner = |member: &Member| {
            let line = province.registration(member.identifier, local_date(member.arrived_at));
            line.map_or(Owner::Identifier(member.identifier), |line| Owner::Institution(line.institution))
        };
        let lone = std::mem::take(&mut reviewed.lone);
        let refunds = std::mem::take(&mut reviewed.refunds);
        let mut refunds_of: HashMap<usize, Vec<&Member>> = HashMap::new();
        for (of, refund) in &refunds {
            refunds_of.entry(*of).or_default().push(refund);
        }
        let found = find(&lone, owner, |member| province.sources[usize::from(member.source)].id.as_str());
        for (bank, position) in found.merged {
            let (bank, other) = ((bank, lone[bank].member), (position, lone[position].member));
            let with = |one: Member, beside: Member| Member {
                kind: match (one.kind, beside.kind) {
                    (Kind::Payment, of_other) => of_other,
                    (Kind::Deposit, of_other) if of_other.is_excluded() => of_other,
                    (told, _) => told,
                },
                evidence: one.evidence.union(beside.evidence),
                fields: one.fields.union(beside.fields),
                ..one
            };
            let merged = with(bank.1, other.1);
            let arrived_at = bank.1.arrived_at.min(other.1.arrived_at);
            let counting = Member { arrived_at, ..with(other.1, bank.1) };
            reviewed.merge_away(&bank.1, &merged);
            reviewed.replace(&other.1, &counting);
            for ((position, told), united) in [(bank, merged), (other, counting)] {
                let lost = reviewed.is_lost(&united);
                if lost != reviewed.is_lost(&told) {
                    let refunds = refunds_of.remove(&position).into_iter().flatten();
                    refunds.for_each(|refund| reviewed.judge_refund(refund, lost));
                }
            }
        }
        for bank in found.ambiguous {
            let (row, sums) = reviewed.row_of(&lone[bank].member);
            if let (Some(institution), "fee_payment" | "deposit") = (row.institution, row.class) {
                let sum = reviewed.ambiguous.entry((institution, row.business_date)).or_default();
                *sum = (sum.0 + sums.n, sum.1 + sums.gross_dong);
            }
        }
        reviewed.cells.retain(|_, sums| *sums != CellSums::default());
        reviewed.institutions.retain(|_, sums| *sums != InstitutionSums::default());
        reviewed.records.retain(|_, tally| *tally != Tally::default());
        reviewed
    }

    /// Another record counts instead of one, which is `merged` beside it.
    fn merge_away(&mut self, member: &Member, merged: &Member) {
        let (row, sums) = self.row_of(member);
        *self.institutions.entry(row).or_default() -= sums;
        *self.cells.entry(cell_of(member)).or_default() -= counted(member.amount, member.fields);
        let cell = self.cells.entry(cell_of(merged)).or_default();
        cell.merged_n += 1;
        cell.merged_dong += member.amount;
        self.unrecord(member);
        self.record(member.source, RecordFate::Merged, member.amount);
    }

    /// A record has arrived at another time, is something else, or has more beside it.
    fn replace(&mut self, member: &Member, by: &Member) {
        *self.cells.entry(cell_of(member)).or_default() -= counted(member.amount, member.fields);
        *self.cells.entry(cell_of(by)).or_default() += counted(by.amount, by.fields);
        let (row, sums) = self.row_of(member);
        *self.institutions.entry(row).or_default() -= sums;
        let (row, sums) = self.row_of(by);
        *self.institutions.entry(row).or_default() += sums;
        self.unrecord(member);
        self.record(by.source, fate_of(by.kind), by.amount);
    }

    /// Whether a record's class keeps it out of the figures of its known owner.
    fn is_lost(&self, member: &Member) -> bool {
        standing_of(self.row(&cell_of(member)).1) == Original::NotCounted
    }

    fn unrecord(&mut self, member: &Member) {
        let tally = self.records.entry((member.source, fate_of(member.kind))).or_default();
        *tally = Tally { n: tally.n - 1, dong: tally.dong - member.amount };
    }

    /// What a refund returns is lost, or counts after all.
    fn judge_refund(&mut self, refund: &Member, lost: bool) {
        let (row, _) = self.row(&cell_of(refund));
        let sign = if lost { 1 } else { -1 };
        let sums = self.institutions.entry(row).or_default();
        sums.refunds_n -= sign;
        sums.refunds_dong -= sign * refund.amount;
        sums.refunds_excluded_n += sign;
        sums.refunds_excluded_dong += sign * refund.amount;
    }
}

#[cfg(test)]
mod tests {
    use cashless_domain::{BusinessDate, Evidence, Method, MinimumFields, SourceClass};

    use super::*;
    use crate::province::Province;

    /// Payments, dong of them, refunds that lower value and those that do not.
    fn figures(ledger: &TrueLedger, class: &str) -> (i64, i64, i64, i64) {
        let rows = ledger.institutions.iter().filter(|(row, _)| row.class == class);
        rows.fold((0, 0, 0, 0), |sum, (_, row)| {
            (sum.0 + row.n, sum.1 + row.gross_dong, sum.2 + row.refunds_n, sum.3 + row.refunds_excluded_n)
        })
    }

    #[test]
    fn over_midnight_one_side_knows_that_a_payment_is_none_and_what_it_is_for() {
        let province = Arc::new(Province::both_of_2022(1));
        let source = |class| province.sources.iter().position(|source| source.class == class).expect("one");
        let [bank, gate] = [SourceClass::Bank, SourceClass::Intermediary]
            .map(|class| u8::try_from(source(class)).expect("few"));
        let day = BusinessDate::parse("2022-03-02").expect("a date");
        let (before, after) = (BusinessDate::from_days(day.days() - 1), day);
        let account = &province.tills[0].account;
        let told = |source, kind| Member {
            source,
            identifier: account.identifier,
            account: account.account,
            arrived_at: i64::from(day.days()) * 86_400_000_000,
            amount: 500,
            method: Method::QrPayment,
            kind,
            evidence: Evidence::default(),
            fields: MinimumFields::default(),
            voided: false,
        };
        for (of_bank, of_gate) in [(Kind::Donation, Kind::Payment), (Kind::Payment, Kind::Donation)] {
            let mut ledger = TrueLedger::new(Arc::clone(&province));
            for (source, kind, anchor) in [(bank, of_bank, before), (gate, of_gate, after)] {
                let original = ledger.lone(told(source, kind), Some(1), anchor);
                ledger.unit(&[Member { amount: 100, ..told(source, Kind::Refund) }], original);
            }
            assert_eq!(figures(&ledger, "fee_payment"), (1, 500, 1, 1), "two payments, a gift and a fee");
            let reviewed = ledger.reviewed();
            assert_eq!(
                figures(&reviewed, "fee_payment"),
                (0, 0, 0, 2),
                "one, and no refund of it lowers value"
            );
            assert_eq!(figures(&reviewed, "donation"), (1, 500, 0, 0));
        }
    }
}
