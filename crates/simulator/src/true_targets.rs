//! What every target of both plans comes to, from the invented truth alone.
//!
//! Written from the rules of the plans, without a line of the product's evaluation: where both agree, they have hardly
//! made the same mistake. Simple rather than fast.

use std::collections::BTreeMap;

use cashless_domain::BusinessDate;

use crate::declarations::{Declarations, DeclaredBy, DeclaredMonth};
use crate::identifiers::Purpose;
use crate::institutions::Institution;
use crate::months::{Flow, Flows, Month};
use crate::province::Province;
use crate::registry_tables::INDICATORS;
use crate::sources::SILENT_BANK;
use crate::truth::TrueLedger;

/// A fraction: numerator and denominator, the latter above 0.
pub type Share = (i128, i128);

/// A target as it truly stands, or a pair of them, which has a verdict only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrueTarget {
    /// The plan's id.
    pub plan: &'static str,
    /// Its own.
    pub id: &'static str,
    /// Over what is known; nothing if there is no figure.
    pub observed: Option<Share>,
    /// At least so much.
    pub low: Option<Share>,
    /// At most so much, unless it is open.
    pub high: Option<Share>,
    /// Whether money may have come in that nobody reports.
    pub high_is_open: bool,
    /// Institutions of which everything is known.
    pub coverage_n: u32,
    /// Of so many.
    pub coverage_of: u32,
    /// `achieved`, `missed` or `undetermined`.
    pub verdict: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Platform,
    Use,
    InstalledAndUse,
    Accept,
    Count,
    Value,
    Typed,
}

struct Rule {
    id: &'static str,
    is_school: bool,
    what: What,
    threshold_percent: i128,
    /// Above, not at least.
    is_strict: bool,
    /// Public provincial hospitals alone.
    is_provincial: bool,
}

const fn rule(id: &'static str, is_school: bool, what: What, threshold_percent: i128) -> Rule {
    Rule { id, is_school, what, threshold_percent, is_strict: false, is_provincial: false }
}

const DAK_NONG_RULES: [Rule; 10] = [
    rule("DN-T1-EDU", true, What::Platform, 50),
    rule("DN-T1-HEA", false, What::Platform, 50),
    rule("DN-T2-EDU", true, What::InstalledAndUse, 50),
    rule("DN-T2-HEA", false, What::InstalledAndUse, 50),
    rule("DN-T3-EDU-C", true, What::Count, 40),
    rule("DN-T3-EDU-V", true, What::Value, 40),
    rule("DN-T3-HEA-C", false, What::Count, 50),
    rule("DN-T3-HEA-V", false, What::Value, 50),
    rule("DN-M1", true, What::Typed, 100),
    rule("DN-M2", true, What::Typed, 20),
];
const THANH_HOA_RULES: [Rule; 8] = [
    rule("TH-T1-EDU", true, What::Platform, 50),
    rule("TH-T1-HEA", false, What::Platform, 50),
    rule("TH-T2-EDU", true, What::Use, 100),
    rule("TH-T2-HEA", false, What::Use, 100),
    Rule { is_strict: true, ..rule("TH-T3-EDU-C", true, What::Count, 50) },
    Rule { is_strict: true, is_provincial: true, ..rule("TH-T3-HPR-C", false, What::Count, 50) },
    rule("TH-A1-EDU", true, What::Accept, 100),
    rule("TH-A1-HEA", false, What::Accept, 100),
];
/// Targets to be met together: those whose ids begin so.
const PAIRS: [(&str, &str, &[&str]); 3] = [
    ("DN-2022", "DN-T3-EDU", &["DN-T3-EDU-C", "DN-T3-EDU-V"]),
    ("DN-2022", "DN-T3-HEA", &["DN-T3-HEA-C", "DN-T3-HEA-V"]),
    ("TH-2022", "TH-T3", &["TH-T3-EDU-C", "TH-T3-HPR-C"]),
];

/// 2022-12-31.
const REFERENCE: BusinessDate = BusinessDate::from_days(19_357);
const JANUARY: BusinessDate = BusinessDate::from_days(18_993);

/// Every target and pair of both plans, as of a day of 2022.
#[must_use]
pub fn true_targets(
    province: &Province,
    ledger: &TrueLedger,
    declarations: &Declarations,
    today: BusinessDate,
) -> Vec<TrueTarget> {
    let mut targets = Vec::new();
    for (plan, prefix, rules) in
        [("DN-2022", "DN", &DAK_NONG_RULES[..]), ("TH-2022", "TH", &THANH_HOA_RULES[..])]
    {
        let world = World::new(province, ledger, declarations, prefix, today);
        targets.extend(rules.iter().map(|rule| world.target(plan, rule)));
    }
    for (plan, id, members) in PAIRS {
        let verdicts = || targets.iter().filter(|one| members.contains(&one.id)).map(|one| one.verdict);
        let verdict = if verdicts().any(|one| one == "missed") {
            "missed"
        } else if verdicts().all(|one| one == "achieved") {
            "achieved"
        } else {
            "undetermined"
        };
        let nothing = TrueTarget { plan, id, verdict, ..TrueTarget::NOTHING };
        targets.push(nothing);
    }
    targets
}

impl TrueTarget {
    const NOTHING: Self = Self {
        plan: "",
        id: "",
        observed: None,
        low: None,
        high: None,
        high_is_open: false,
        coverage_n: 0,
        coverage_of: 0,
        verdict: "undetermined",
    };
}

/// Everything about the institutions of one province.
struct World<'a> {
    province: &'a Province,
    flows: Flows,
    declared: BTreeMap<(usize, BusinessDate), BTreeMap<DeclaredBy, DeclaredMonth>>,
    prefix: &'static str,
    running: Month,
    /// Cash per learner or visit and month: by type, and whether it is dong.
    typical: BTreeMap<(&'static str, bool), (i128, i128)>,
}

impl<'a> World<'a> {
    fn new(
        province: &'a Province,
        ledger: &TrueLedger,
        declarations: &Declarations,
        prefix: &'static str,
        today: BusinessDate,
    ) -> Self {
        let mut world = Self {
            province,
            flows: Flows::of(ledger),
            declared: declarations.standing(),
            prefix,
            running: Month::of(today),
            typical: BTreeMap::new(),
        };
        world.typical = world.typical();
        world
    }

    fn institutions(&self) -> impl Iterator<Item = (usize, &'a Institution)> {
        let all = self.province.institutions.iter().enumerate();
        all.filter(|(_, one)| one.place.prefix == self.prefix)
    }

    fn months() -> impl Iterator<Item = Month> {
        (0..12).map(|number| Month::of(JANUARY).plus(number))
    }

    /// The ninetieth of each hundred declared months, the least first.
    fn typical(&self) -> BTreeMap<(&'static str, bool), (i128, i128)> {
        let mut all: BTreeMap<_, Vec<(i128, i128)>> = BTreeMap::new();
        for (position, institution) in self.institutions() {
            let size = i128::from(institution.weight());
            for month in Self::months().filter(|month| *month < self.running && size > 0) {
                if !institution.exists(month.first_day()) {
                    continue;
                }
                for is_dong in [false, true] {
                    let per_size = self.cash(position, month, is_dong).map(|cash| (cash, size));
                    all.entry((institution.type_name, is_dong)).or_default().extend(per_size);
                }
            }
        }
        all.into_iter()
            .filter(|(_, shares)| !shares.is_empty())
            .map(|(key, mut shares)| {
                shares.sort_by(|one, other| (one.0 * other.1).cmp(&(other.0 * one.1)));
                let rank = (shares.len() * 90).div_ceil(100);
                (key, shares[rank - 1])
            })
            .collect()
    }

    /// Declared cash, in number or in net dong.
    fn cash(&self, position: usize, month: Month, is_dong: bool) -> Option<i128> {
        self.cash_beside(position, month, is_dong, self.flows.of_month(position, month).net_dong())
    }

    /// The same, if so much came in without cash.
    fn cash_beside(&self, position: usize, month: Month, is_dong: bool, net_dong: i64) -> Option<i128> {
        let (source, line) = self.declared.get(&(position, month.first_day()))?.first_key_value()?;
        if !is_dong {
            return line.cash_n.map(i128::from);
        }
        let gross = match source {
            DeclaredBy::InvoiceTotal => (line.cash_dong - net_dong).max(0),
            _ => line.cash_dong,
        };
        Some(i128::from(gross - line.cash_refunds_dong))
    }

    fn imputed(
        &self,
        position: usize,
        institution: &Institution,
        month: Month,
        is_dong: bool,
    ) -> Option<i128> {
        if let Some(cash) = self.cash(position, month.plus(-12), is_dong) {
            return Some(cash.max(0));
        }
        let (cash, size) = self.typical.get(&(institution.type_name, is_dong))?;
        let product = cash.max(&0) * i128::from(institution.weight());
        (institution.weight() > 0).then(|| (product + size - 1) / size)
    }

    /// What came in without cash at most: where the institution's software knows of more than 2% more, what it knows.
    fn at_most(&self, position: usize, month: Month, flow: Flow, is_dong: bool) -> i128 {
        let counted = i128::from(if is_dong { flow.net_dong() } else { flow.n });
        let lines = self.declared.get(&(position, month.first_day()));
        let export = lines.and_then(|lines| lines.get(&DeclaredBy::SystemExport)?.exported);
        match export {
            Some((n, dong)) if (dong - flow.net_dong()) * 50 > dong && dong > 0 => {
                i128::from(if is_dong { dong } else { n })
            }
            _ => counted,
        }
    }

    fn target(&self, plan: &'static str, rule: &Rule) -> TrueTarget {
        let mut target = TrueTarget { plan, id: rule.id, ..TrueTarget::NOTHING };
        match rule.what {
            What::Count | What::Value => self.money(&mut target, rule),
            What::Typed => {
                let rows = INDICATORS.iter().filter(|(id, ..)| *id == rule.id);
                let mut typed =
                    rows.filter(|(.., to)| to.is_empty()).map(|(_, n, of, ..)| ((*n).into(), (*of).into()));
                (target.observed, target.low, target.high) = triple(typed.next_back());
            }
            _ => self.heads(&mut target, rule),
        }
        let meets = |(numerator, denominator): Share| {
            let (have, want) = (numerator * 100, rule.threshold_percent * denominator);
            have > want || have == want && !rule.is_strict
        };
        target.verdict = if target.observed.is_none() {
            "undetermined"
        } else if target.low.is_some_and(meets) {
            "achieved"
        } else if target.high.is_some_and(|high| !meets(high)) && !target.high_is_open {
            "missed"
        } else {
            "undetermined"
        };
        target
    }

    fn population(&self, rule: &Rule) -> impl Iterator<Item = (usize, &'a Institution)> {
        let (is_school, is_provincial) = (rule.is_school, rule.is_provincial);
        self.institutions().filter(move |(_, one)| {
            let is_provincial_hospital =
                one.care_tier == "provincial" && one.ownership == "public" && one.managed_by == "province";
            one.is_school() == is_school && one.scope == "core" && (!is_provincial || is_provincial_hospital)
        })
    }

    fn money(&self, target: &mut TrueTarget, rule: &Rule) {
        let is_dong = rule.what == What::Value;
        let add = |sum: &mut Share, cashless: i128, cash: i128| {
            *sum = (sum.0 + cashless, sum.1 + cashless + cash);
        };
        let (mut observed, mut low, mut high, mut has_low) = ((0, 0), (0, 0), (0, 0), true);
        for (position, institution) in self.population(rule) {
            let (mut is_covered, mut is_due, mut takes_part) = (true, false, false);
            for month in Self::months() {
                let flow = self.flows.of_month(position, month);
                let counted = i128::from(if is_dong { flow.net_dong() } else { flow.n });
                let (n, dong) = self.flows.ambiguous(position, month);
                let at_least = counted - i128::from(if is_dong { dong } else { n });
                let at_most = self.at_most(position, month, flow, is_dong);
                let (is_active, has_ended) = (institution.exists(month.first_day()), month < self.running);
                takes_part |= flow != Flow::default() || is_active && month <= self.running;
                let cash = self.cash(position, month, is_dong);
                if is_active && has_ended {
                    is_due = true;
                    is_covered &= cash.is_some();
                }
                if let Some(cash) = cash {
                    add(&mut observed, counted, cash);
                    let cash_at_most =
                        self.cash_beside(position, month, is_dong, flow.net_dong() - dong).unwrap_or(cash);
                    add(&mut low, at_least, cash_at_most);
                    add(&mut high, at_most, cash);
                    continue;
                }
                add(&mut high, at_most, 0);
                match self.imputed(position, institution, month, is_dong) {
                    _ if !has_ended => {}
                    // Nobody has to declare it.
                    _ if !is_active => add(&mut low, at_least, 0),
                    Some(cash) => add(&mut low, at_least, cash),
                    None => has_low = false,
                }
            }
            target.coverage_of += u32::from(is_due);
            target.coverage_n += u32::from(is_due && is_covered);
            target.high_is_open |= takes_part && self.is_open(position);
        }
        let figure = |share: Share| (share.1 > 0).then_some(share);
        target.observed = figure(observed);
        target.low = figure(low).filter(|_| has_low);
        target.high = figure(high);
    }

    fn heads(&self, target: &mut TrueTarget, rule: &Rule) {
        let (mut yes, mut surely, mut unknown, mut all) = (0, 0, 0, 0);
        for (position, _) in self.population(rule).filter(|(_, one)| one.exists(REFERENCE)) {
            let declares = |attribute: &str| {
                let lines = self.province.attributes.iter();
                lines
                    .filter(|line| line.institution == position && line.attribute == attribute)
                    .any(|line| line.holds(REFERENCE))
            };
            let is_used = Self::months().any(|month| self.flows.of_month(position, month).n > 0);
            let is_surely_used = Self::months().any(|month| {
                self.flows.of_month(position, month).n > self.flows.ambiguous(position, month).0
            });
            let (is_so, is_surely_so, may_be_so) = match rule.what {
                What::Platform => both(declares("platform")),
                What::Accept => both(declares("accepting") && self.can_receive(position)),
                What::InstalledAndUse if !declares("method_ready") => both(false),
                _ => (is_used, is_surely_used, !is_used && self.is_open(position)),
            };
            yes += i128::from(is_so);
            surely += i128::from(is_surely_so);
            unknown += i128::from(may_be_so);
            all += 1;
            target.coverage_n += u32::from(!may_be_so);
            target.coverage_of += 1;
        }
        target.observed = Some((yes, all));
        target.low = Some((surely, all));
        target.high = Some((yes + unknown, all));
    }

    fn receivers(&self, position: usize) -> impl Iterator<Item = &'a crate::identifiers::Registration> {
        let lines = self.province.registrations.iter();
        lines.filter(move |line| {
            line.institution == position && !matches!(line.purpose, Purpose::Payroll | Purpose::Project)
        })
    }

    fn can_receive(&self, position: usize) -> bool {
        self.receivers(position)
            .any(|line| line.valid_from <= REFERENCE && line.valid_to.is_none_or(|to| REFERENCE < to))
    }

    /// Whether it receives money where nobody reports it.
    fn is_open(&self, position: usize) -> bool {
        self.receivers(position)
            .any(|line| self.province.identifiers[line.identifier as usize].provider == SILENT_BANK)
    }
}

/// What is known for sure, and not perhaps.
fn both(is_so: bool) -> (bool, bool, bool) {
    (is_so, is_so, false)
}

fn triple(share: Option<Share>) -> (Option<Share>, Option<Share>, Option<Share>) {
    (share, share, share)
}
