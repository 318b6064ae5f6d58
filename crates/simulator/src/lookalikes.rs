//! What is one payment although two records of it never meet: the documented rule, in an arithmetic of its own.
//!
//! A bank's and an intermediary's settled record of money in, no lump sum, of one amount, for one owner: one bank reference
//! on neighbouring days says that they are one, and else, of two that tell a fee, one account and no more than ten minutes, if
//! the bank's record has one candidate. Of several bank records with the same only candidate the nearest has it. With several
//! candidates nobody knows. If one of the two is no fee, the payment is none.

use std::collections::HashMap;

use cashless_domain::BusinessDate;

use crate::clock::SECOND;
use crate::truth::Member;

const TEN_MINUTES: i64 = 600 * SECOND;

/// A settled record that is alone in its payment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lone {
    pub(crate) member: Member,
    pub(crate) is_bank: bool,
    /// The bank's reference that its sender gave.
    pub(crate) reference: Option<u64>,
    /// Local day of the transaction.
    pub(crate) anchor: BusinessDate,
}

/// Whose it is: an institution, or nobody's identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    Institution(usize),
    Identifier(u32),
}

/// What becomes of the bank's records, by their positions.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// A bank's record, and the record that counts instead.
    pub(crate) merged: Vec<(usize, usize)>,
    /// Bank's records with several candidates.
    pub(crate) ambiguous: Vec<usize>,
}

/// Applies the rule. `owner` says whose a record is, `name` what its source is called.
pub(crate) fn find<'n>(
    lone: &[Lone],
    owner: impl Fn(&Member) -> Owner,
    name: impl Fn(&Member) -> &'n str,
) -> Found {
    let mut groups: HashMap<(Owner, i64), (Vec<usize>, Vec<usize>)> = HashMap::new();
    for (position, one) in lone.iter().enumerate() {
        let (banks, others) = groups.entry((owner(&one.member), one.member.amount)).or_default();
        if one.is_bank { banks.push(position) } else { others.push(position) }
    }
    let mut found = Found::default();
    // By the only candidate: who wants it, the nearest first.
    let mut wanted: HashMap<usize, Vec<(bool, i64, &str, usize)>> = HashMap::new();
    for (banks, others) in groups.values() {
        for &bank in banks {
            let apart = |other: usize| lone[bank].member.arrived_at.abs_diff(lone[other].member.arrived_at);
            let is_same_account = |other: usize| lone[bank].member.account == lone[other].member.account;
            let is_same_reference = |other: usize| {
                let days = lone[bank].anchor.days().abs_diff(lone[other].anchor.days());
                lone[bank].reference.is_some() && lone[bank].reference == lone[other].reference && days == 1
            };
            let by_reference: Vec<usize> =
                others.iter().copied().filter(|o| is_same_account(*o) && is_same_reference(*o)).collect();
            let is_by_reference = !by_reference.is_empty();
            let candidates = if is_by_reference {
                by_reference
            } else {
                let near = |o: &usize| {
                    let are_fees = [bank, *o].into_iter().all(|one| !lone[one].member.kind.is_excluded());
                    are_fees && is_same_account(*o) && apart(*o) <= TEN_MINUTES.unsigned_abs()
                };
                others.iter().copied().filter(near).collect()
            };
            match candidates[..] {
                [] => {}
                [only] => {
                    let apart = i64::try_from(apart(only)).unwrap_or(i64::MAX);
                    let claim = (!is_by_reference, apart, name(&lone[bank].member), bank);
                    wanted.entry(only).or_default().push(claim);
                }
                _ => found.ambiguous.push(bank),
            }
        }
    }
    let nearest = |(only, claims): (usize, Vec<(bool, i64, &str, usize)>)| {
        claims.into_iter().min().map(|(.., bank)| (bank, only))
    };
    found.merged = wanted.into_iter().filter_map(nearest).collect();
    found.merged.sort_unstable();
    found.ambiguous.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use cashless_domain::{Evidence, Kind, Method, MinimumFields};

    use super::*;

    fn lone(is_bank: bool, amount: i64, seconds: i64) -> Lone {
        let member = Member {
            source: u8::from(is_bank),
            identifier: 1,
            account: 1,
            arrived_at: 1_000_000 * SECOND + seconds * SECOND,
            amount,
            method: Method::QrPayment,
            kind: Kind::Payment,
            evidence: Evidence::default(),
            fields: MinimumFields::default(),
            voided: false,
        };
        Lone { member, is_bank, reference: None, anchor: BusinessDate::from_days(11) }
    }

    fn found(lone: &[Lone]) -> (Vec<(usize, usize)>, Vec<usize>) {
        let owner = |member: &Member| Owner::Identifier(member.identifier);
        let found = find(lone, owner, |member| if member.source == 1 { "bank" } else { "gate" });
        (found.merged, found.ambiguous)
    }

    #[test]
    fn one_candidate_within_ten_minutes_on_one_account_is_the_same_payment() {
        let (bank, gate) = (lone(true, 100, 0), lone(false, 100, 600));
        assert_eq!(found(&[bank, gate]), (vec![(0, 1)], vec![]));
        assert_eq!(found(&[bank, lone(false, 100, 601)]), (vec![], vec![]));
        assert_eq!(found(&[bank, lone(false, 101, 0)]), (vec![], vec![]), "another amount");
        assert_eq!(found(&[bank, lone(true, 100, 0)]), (vec![], vec![]), "two banks");
        let mut other = gate;
        other.member.account = 2;
        assert_eq!(found(&[bank, other]), (vec![], vec![]), "another account");
        let mut other = gate;
        other.member.identifier = 2;
        assert_eq!(found(&[bank, other]), (vec![], vec![]), "another owner");
    }

    #[test]
    fn several_candidates_are_ambiguous_and_the_nearest_of_several_banks_has_the_only_one() {
        let gates = [lone(false, 100, 60), lone(false, 100, -60)];
        assert_eq!(found(&[lone(true, 100, 0), gates[0], gates[1]]), (vec![], vec![0]));
        assert_eq!(found(&[gates[0], lone(true, 100, 0), lone(true, 100, 90)]), (vec![(2, 0)], vec![]));
    }

    #[test]
    fn a_reference_over_midnight_says_which() {
        let (bank, near, far) = (lone(true, 100, 0), lone(false, 100, 1), lone(false, 100, 2));
        let named =
            |of: Lone, anchor| Lone { reference: Some(7), anchor: BusinessDate::from_days(anchor), ..of };
        assert_eq!(found(&[named(bank, 11), near, named(far, 12)]), (vec![(0, 2)], vec![]));
        assert_eq!(
            found(&[named(bank, 11), near, named(far, 11)]),
            (vec![], vec![0]),
            "the same day is no neighbour"
        );
    }
}
