//! Cash: what institutions took in, and what they say of it.

use std::collections::BTreeMap;

use cashless_domain::{BusinessDate, Timestamp};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Beta, Distribution as _};

use crate::amounts::lognormal_dong;
use crate::clock::{DAY, SECOND};
use crate::draw::chance;
use crate::institutions::{Cashless, Institution};
use crate::months::{Flow, Flows, Month};
use crate::places::Habits;
use crate::province::Province;
use crate::registry_files::table;
use crate::truth::TrueLedger;

/// Where a declared month comes from; also its spelling in `declarations.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeclaredBy {
    /// The institution's software.
    SystemExport,
    /// A person who answers for it.
    Declaration,
    /// The total of all invoices, cash and cashless together.
    InvoiceTotal,
}

impl DeclaredBy {
    /// The spelling in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SystemExport => "system_export",
            Self::Declaration => "declaration",
            Self::InvoiceTotal => "invoice_total",
        }
    }
}

/// One line of `declarations.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclaredMonth {
    /// The institution, as a position in [`Province::institutions`].
    pub institution: usize,
    /// The first day of the month.
    pub month: BusinessDate,
    /// Where it comes from.
    pub source: DeclaredBy,
    /// Counted from 1; the highest stands.
    pub version: u32,
    /// Cash receipts; unknown of a total of invoices.
    pub cash_n: Option<i64>,
    /// Their dong; of a total of invoices that of all of them.
    pub cash_dong: i64,
    /// Cash given back.
    pub cash_refunds_dong: i64,
    /// What the software knows as cashless: how many, and their net dong.
    pub exported: Option<(i64, i64)>,
    /// When it was declared.
    pub declared_at: Timestamp,
}

impl DeclaredMonth {
    /// The next revision of an export, now that the institution has so many cashless payments in the month: its cash has grown
    /// with them.
    #[must_use]
    pub fn grown_to(self, n: i64, net_dong: i64, declared_at: Timestamp) -> Self {
        let (cash_n, of) = (self.cash_n.unwrap_or_default(), self.exported.map_or(0, |(n, _)| n));
        let grown = if of > 0 { cash_n * n / of } else { cash_n };
        let each = self.cash_dong.checked_div(cash_n).unwrap_or_default();
        Self {
            version: self.version + 1,
            cash_n: Some(grown),
            cash_dong: self.cash_dong + (grown - cash_n) * each,
            exported: Some((n, net_dong.max(0))),
            declared_at,
            ..self
        }
    }
}

/// How often something is out of order, each a share of institution-months.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeclarationRates {
    /// Declared after the fifth of the following month.
    pub late: f64,
    /// Never declared. Most of them are a few institutions'.
    pub missing: f64,
    /// Export and declaration differ; share of the months that have both.
    pub conflict: f64,
    /// Nothing was taken in cash, and nothing was declared.
    pub unreported_zero: f64,
    /// Nothing was taken in cash, as declared.
    pub declared_zero: f64,
    /// Corrected by a second version.
    pub corrected: f64,
    /// Some cash is given back.
    pub refunded: f64,
}

impl Default for DeclarationRates {
    fn default() -> Self {
        Self {
            late: 0.15,
            missing: 0.07,
            conflict: 0.04,
            unreported_zero: 0.02,
            declared_zero: 0.02,
            corrected: 0.015,
            refunded: 0.03,
        }
    }
}

/// Everything that was declared until an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declarations {
    /// By institution, month and version.
    pub lines: Vec<DeclaredMonth>,
}

/// How an institution declares, all year long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    Export,
    Person,
    Both,
    Invoices,
}

const INVOICES_SHARE: f64 = 0.03;
const BOTH_SHARE: f64 = 0.12;
const EXPORT_SHARE: f64 = 0.4;
/// What a person who errs declares, in percent of the export.
const CONFLICTING_PERCENT: i64 = 86;
/// Days of December that the last export has, and days of the month.
const DECEMBER: (i64, i64) = (19, 31);

impl Declarations {
    /// What the institutions declared of the year of `history` and the year before, as far as it was known at `now`.
    /// Software exports the running month daily, everybody else declares a month that has ended.
    ///
    /// # Panics
    /// Never: shares are drawn within their bounds.
    #[must_use]
    pub fn invent(
        province: &Province,
        history: &TrueLedger,
        rates: DeclarationRates,
        now: Timestamp,
        seed: u64,
    ) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(3);
        let running = Month::of(now.business_date());
        let flows = Flows::of(history);
        let mut lines = Vec::new();
        for (position, institution) in province.institutions.iter().enumerate() {
            let mut declaring = Declaring {
                habit: habit(&mut random, institution),
                share: share(&mut random, institution),
                forgets: forgets(&mut random, rates),
                random: &mut random,
                position,
                institution,
                rates,
                running,
                lines: &mut lines,
            };
            declaring.declare(&flows);
        }
        lines.retain(|line| line.declared_at <= now);
        lines.sort_by_key(|line| (line.institution, line.month, line.source, line.version));
        Self { lines }
    }

    /// The text of `declarations.csv`.
    #[must_use]
    pub fn csv(&self, province: &Province) -> String {
        let header = "institution_id,month,source,version,cash_n,cash_dong,cash_refunds_dong,\
                      exported_cashless_n,exported_cashless_dong,signer_role,declared_at";
        table(
            header,
            self.lines.iter().map(|line| {
                let exported = |part: fn((i64, i64)) -> i64| {
                    line.exported.map(|both| part(both).to_string()).unwrap_or_default()
                };
                vec![
                    province.institutions[line.institution].id.clone(),
                    line.month.to_string()[..7].to_owned(),
                    line.source.name().into(),
                    line.version.to_string(),
                    line.cash_n.map(|n| n.to_string()).unwrap_or_default(),
                    line.cash_dong.to_string(),
                    line.cash_refunds_dong.to_string(),
                    exported(|(n, _)| n),
                    exported(|(_, dong)| dong),
                    SIGNER_ROLE.into(),
                    line.declared_at.to_string(),
                ]
            }),
        )
    }

    /// What software exported last of a month, by the id of the institution.
    ///
    /// # Panics
    /// If the lines are another province's.
    #[must_use]
    pub fn exports_of(&self, month: BusinessDate, province: &Province) -> BTreeMap<String, DeclaredMonth> {
        let exports =
            self.lines.iter().filter(|line| line.month == month && line.source == DeclaredBy::SystemExport);
        exports.map(|line| (province.institutions[line.institution].id.clone(), *line)).collect()
    }

    /// The standing revision of each institution, month and source.
    pub(crate) fn standing(&self) -> BTreeMap<(usize, BusinessDate), BTreeMap<DeclaredBy, DeclaredMonth>> {
        let mut standing: BTreeMap<_, BTreeMap<_, DeclaredMonth>> = BTreeMap::new();
        // The lines are in the order of their versions.
        for line in &self.lines {
            standing.entry((line.institution, line.month)).or_default().insert(line.source, *line);
        }
        standing
    }
}

/// Who answers for what is declared.
pub const SIGNER_ROLE: &str = "kế toán trưởng";

fn habit(random: &mut ChaCha8Rng, institution: &Institution) -> Habit {
    // Where a bank reports nothing, the institution's software is all there is.
    if institution.beds > 0 || institution.cashless == Cashless::Elsewhere {
        return if chance(random, BOTH_SHARE) { Habit::Both } else { Habit::Export };
    }
    let point = random.random::<f64>();
    match point {
        _ if point < INVOICES_SHARE => Habit::Invoices,
        _ if point < INVOICES_SHARE + BOTH_SHARE => Habit::Both,
        _ if point < INVOICES_SHARE + BOTH_SHARE + EXPORT_SHARE => Habit::Export,
        _ => Habit::Person,
    }
}

/// The share of payments without cash in January.
fn share(random: &mut ChaCha8Rng, institution: &Institution) -> f64 {
    let (alpha, beta) = Habits::of(institution.place.habits.share_tenths, institution.is_school());
    // Hospitals are more alike than schools and stations.
    let unit = if institution.beds > 0 { 1.0 } else { 10.0 };
    let shape = Beta::new(f64::from(alpha) / unit, f64::from(beta) / unit);
    shape.expect("both are above zero").sample(random)
}

/// How often an institution forgets to declare a month, and to declare that it took nothing.
fn forgets(random: &mut ChaCha8Rng, rates: DeclarationRates) -> (f64, f64) {
    let mut one = |rate: f64| {
        // Six in seven lapses are those of every tenth institution.
        let times = if chance(random, 0.1) { 60.0 / 7.0 } else { 10.0 / 63.0 };
        (rate * times).min(1.0)
    };
    (one(rates.missing), one(rates.unreported_zero))
}

/// What an institution took in cash in a month.
#[derive(Debug, Clone, Copy)]
struct Cash {
    n: i64,
    dong: i64,
    refunds_dong: i64,
}

struct Declaring<'a> {
    random: &'a mut ChaCha8Rng,
    lines: &'a mut Vec<DeclaredMonth>,
    position: usize,
    institution: &'a Institution,
    habit: Habit,
    share: f64,
    /// Months that are missing, and months without cash that are.
    forgets: (f64, f64),
    rates: DeclarationRates,
    running: Month,
}

impl Declaring<'_> {
    fn declare(&mut self, flows: &Flows) {
        let first = Month::of(BusinessDate::from_days(18_993));
        for number in 0..12 {
            let month = first.plus(number);
            let flow = flows.of_month(self.position, month);
            let cash = self.cash(number, flow, flows.per_weight(self.institution.is_school(), month));
            if self.institution.exists(month.first_day()) && month <= self.running {
                self.month(month, cash, flow);
            }
            if self.institution.exists(month.plus(-12).first_day()) {
                let before = self.a_year_before(cash, month == self.running);
                self.month(month.plus(-12), before, Flow::default());
            }
        }
    }

    fn cash(&mut self, number: i32, flow: Flow, per_weight: f64) -> Cash {
        let share = (self.share + 0.015 * f64::from(number)).clamp(0.06, 0.95);
        let expected = if flow.n > 0 {
            ratio(flow.n) * (1.0 - share) / share
        } else {
            ratio(self.institution.weight()) * per_weight
        };
        let n = lognormal_dong(self.random, expected.max(0.4), 0.2, 1) - 1;
        let typical = if flow.n > 0 {
            flow.gross_dong / flow.n
        } else if self.institution.is_school() {
            380_000
        } else {
            90_000
        };
        let each = lognormal_dong(self.random, ratio(typical) * 0.85, 0.15, 1_000);
        let refunds_dong = if n > 5 && chance(self.random, self.rates.refunded) { each } else { 0 };
        Cash { n, dong: n * each, refunds_dong }
    }

    /// Cash of last year's same month: somewhat more, and of the whole month.
    fn a_year_before(&mut self, cash: Cash, is_part: bool) -> Cash {
        let (days, of) = if is_part { DECEMBER } else { (1, 1) };
        let percent = self.random.random_range(100..130);
        let grown = |figure: i64| figure * percent * of / days / 100;
        let each = if cash.n > 0 { cash.dong / cash.n } else { 0 };
        Cash { n: grown(cash.n), dong: grown(cash.n) * each, refunds_dong: 0 }
    }

    fn month(&mut self, month: Month, mut cash: Cash, flow: Flow) {
        let rates = self.rates;
        let is_silent = chance(self.random, self.forgets.0);
        let is_unreported = chance(self.random, self.forgets.1);
        if is_silent || is_unreported {
            return;
        }
        // A hospital takes some cash every month.
        if chance(self.random, rates.declared_zero) && self.institution.beds == 0 {
            cash = Cash { n: 0, dong: 0, refunds_dong: 0 };
        }
        let is_running = month == self.running;
        if matches!(self.habit, Habit::Export | Habit::Both) {
            self.export(month, cash, flow, is_running);
        }
        if is_running {
            return;
        }
        let due = month.plus(1).first_day().start().as_micros();
        let declared_at = if chance(self.random, rates.late) {
            due + self.random.random_range(5 * 24..20 * 24) * 3_600 * SECOND
        } else {
            due + self.random.random_range(8..4 * 24) * 3_600 * SECOND
        };
        match self.habit {
            Habit::Export => {}
            Habit::Invoices => {
                let total = Cash { dong: (flow.net_dong() + cash.dong).max(0), refunds_dong: 0, ..cash };
                self.line(month, DeclaredBy::InvoiceTotal, total, None, declared_at);
            }
            Habit::Both | Habit::Person => {
                if self.habit == Habit::Both && chance(self.random, rates.conflict) {
                    cash.dong = cash.dong * CONFLICTING_PERCENT / 100;
                }
                self.line(month, DeclaredBy::Declaration, cash, None, declared_at);
            }
        }
    }

    fn export(&mut self, month: Month, cash: Cash, flow: Flow, is_running: bool) {
        let unseen = if self.institution.cashless == Cashless::Elsewhere {
            let n = cash.n / 4;
            (n, n * 300_000)
        } else {
            (flow.n, flow.net_dong())
        };
        let hours = if is_running { 24 * (DECEMBER.0 + 1) - 24 } else { 1 };
        let from = if is_running { month } else { month.plus(1) };
        let declared_at = from.first_day().start().as_micros() + hours * 3_600 * SECOND;
        self.line(month, DeclaredBy::SystemExport, cash, Some(unseen), declared_at);
    }

    fn line(
        &mut self,
        month: Month,
        source: DeclaredBy,
        cash: Cash,
        exported: Option<(i64, i64)>,
        declared_at: i64,
    ) {
        let line = DeclaredMonth {
            institution: self.position,
            month: month.first_day(),
            source,
            version: 1,
            cash_n: (source != DeclaredBy::InvoiceTotal).then_some(cash.n),
            cash_dong: cash.dong,
            cash_refunds_dong: cash.refunds_dong,
            exported: exported.map(|(n, dong)| (n, dong.max(0))),
            declared_at: at(declared_at),
        };
        if source == DeclaredBy::Declaration && cash.n > 0 && chance(self.random, self.rates.corrected) {
            // The first version had forgotten a tenth.
            let first = DeclaredMonth {
                cash_n: Some(cash.n - cash.n / 10),
                cash_dong: cash.dong - cash.dong / 10,
                ..line
            };
            self.lines.push(first);
            self.lines.push(DeclaredMonth { version: 2, declared_at: at(declared_at + 9 * DAY), ..line });
        } else {
            self.lines.push(line);
        }
    }
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).expect("months of two simulated years")
}

#[expect(clippy::cast_precision_loss, reason = "a draw, not somebody's money")]
fn ratio(figure: i64) -> f64 {
    figure as f64
}
