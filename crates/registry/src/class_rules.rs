//! The rules of the classes: what a movement of money is in the figures.
//!
//! A file is a whole list. The first rule that matches decides; [`ClassRules::read`] refuses a list that leaves a
//! combination without a class, counts what must never count, or has a rule that can decide nothing.

use std::fmt;

use cashless_domain::Kind;

use crate::Purpose;
use crate::csv_file::{is_of_semicolons, line_of};
use crate::words::Class;

const COLUMNS: [&str; 6] = ["kind", "counter_cash", "owner_known", "purpose", "evidence", "class"];
/// Rules of a list; far above what anybody needs, and what storage numbers.
const RULES_MAX: usize = 1_000;
const ANY: &str = "any";

/// What the class of a movement of money depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Combination {
    /// What the movement is, as far as its message or a decision tells.
    pub kind: Kind,
    /// Cash handed in at a counter (nộp tiền mặt tại quầy).
    pub counter_cash: bool,
    /// What the receiving identifier is kept for; `None` while the registry knows no owner.
    pub purpose: Option<Purpose>,
    /// An invoice or a person came with it.
    pub evidence: bool,
}

impl Combination {
    fn all() -> impl Iterator<Item = Self> {
        let purposes = || std::iter::once(None).chain(Purpose::ALL.iter().copied().map(Some));
        Kind::ALL.iter().flat_map(move |kind| {
            [false, true].into_iter().flat_map(move |counter_cash| {
                purposes().flat_map(move |purpose| {
                    [false, true].map(|evidence| Self { kind: *kind, counter_cash, purpose, evidence })
                })
            })
        })
    }

    /// Why no rule may count this, if none may.
    fn never_counts(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Outflow => Some("money out"),
            Kind::Settlement => Some("a lump sum whose payments are counted one by one"),
            Kind::CounterCash => Some("cash"),
            _ if self.counter_cash => Some("cash"),
            _ if self.purpose.is_none() => Some("money that no institution is known for"),
            _ => None,
        }
    }
}

impl fmt::Display for Combination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "kind {}, counter_cash {}, {}, evidence {}",
            self.kind.name(),
            yes_or_no(self.counter_cash),
            self.purpose.map_or("owner_known no".to_owned(), |purpose| format!("purpose {}", purpose.name())),
            yes_or_no(self.evidence)
        )
    }
}

/// One rule; `None` matches anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassRule {
    /// The kind it is about.
    pub kind: Option<Kind>,
    /// Whether it is about cash at a counter.
    pub counter_cash: Option<bool>,
    /// Whether it is about identifiers whose owner is known.
    pub owner_known: Option<bool>,
    /// The purpose it is about; an identifier without known owner has none.
    pub purpose: Option<Purpose>,
    /// Whether it is about movements with evidence.
    pub evidence: Option<bool>,
    /// What it decides.
    pub class: Class,
}

impl ClassRule {
    fn matches(&self, what: &Combination) -> bool {
        self.kind.is_none_or(|kind| kind == what.kind)
            && self.counter_cash.is_none_or(|counter_cash| counter_cash == what.counter_cash)
            && self.owner_known.is_none_or(|known| known == what.purpose.is_some())
            && (self.purpose.is_none() || self.purpose == what.purpose)
            && self.evidence.is_none_or(|evidence| evidence == what.evidence)
    }

    /// The columns of the file, in their order.
    #[must_use]
    pub fn words(&self) -> [&'static str; 6] {
        let answer = |word: Option<bool>| word.map_or(ANY, yes_or_no);
        [
            self.kind.map_or(ANY, Kind::name),
            answer(self.counter_cash),
            answer(self.owner_known),
            self.purpose.map_or(ANY, Purpose::name),
            answer(self.evidence),
            self.class.name(),
        ]
    }

    /// A rule from the words of the columns.
    ///
    /// # Errors
    /// Every column whose word is none of those it takes.
    pub fn from_words(words: [&str; 6]) -> Result<Self, Vec<RuleProblem>> {
        let [kind, counter_cash, owner_known, purpose, evidence, class] = words;
        let mut wrong = Vec::new();
        let mut answer = |column, word: &str| match word {
            ANY => None,
            "yes" => Some(true),
            "no" => Some(false),
            _ => {
                wrong.push(RuleProblem::NotAWord { column, expected: "yes, no, any".to_owned() });
                None
            }
        };
        let counter_cash = answer("counter_cash", counter_cash);
        let owner_known = answer("owner_known", owner_known);
        let evidence = answer("evidence", evidence);
        let mut not_a_word = |column, words: Vec<&'static str>| {
            wrong.push(RuleProblem::NotAWord { column, expected: words.join(", ") });
        };
        let known_kind = Kind::from_name(kind);
        if known_kind.is_none() && kind != ANY {
            not_a_word("kind", Kind::ALL.iter().map(|kind| kind.name()).chain([ANY]).collect());
        }
        let known_purpose = Purpose::from_name(purpose);
        if known_purpose.is_none() && purpose != ANY {
            not_a_word("purpose", Purpose::ALL.iter().map(|purpose| purpose.name()).chain([ANY]).collect());
        }
        let known_class = Class::from_name(class);
        if known_class.is_none() {
            not_a_word("class", Class::ALL.iter().map(|class| class.name()).collect());
        }
        match known_class {
            Some(class) if wrong.is_empty() => Ok(Self {
                kind: known_kind,
                counter_cash,
                owner_known,
                purpose: known_purpose,
                evidence,
                class,
            }),
            _ => Err(wrong),
        }
    }
}

const fn yes_or_no(answer: bool) -> &'static str {
    if answer { "yes" } else { "no" }
}

/// A list of rules that gives every combination a class.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClassRules {
    rules: Vec<ClassRule>,
}

impl ClassRules {
    /// Reads and checks a file: CSV with the columns kind, counter_cash, owner_known, purpose, evidence and class, a word or
    /// `any` in each.
    ///
    /// # Errors
    /// Every error there is, in the order of the lines; what is wrong with the whole list stands behind them.
    pub fn read(text: &str) -> Result<Self, Vec<RuleError>> {
        let mut errors = Vec::new();
        let rules = read_rules(text, &mut errors);
        // A list of which a line is missing would be judged for what is not in it.
        if errors.is_empty() {
            check(&rules, &mut errors);
        }
        if errors.is_empty() {
            Ok(Self { rules: rules.into_iter().map(|(_, rule)| rule).collect() })
        } else {
            Err(errors)
        }
    }

    /// Rules that were checked before they were stored.
    #[must_use]
    pub fn from_stored(rules: Vec<ClassRule>) -> Self {
        Self { rules }
    }

    /// From the top.
    #[must_use]
    pub fn rules(&self) -> &[ClassRule] {
        &self.rules
    }

    /// The class of a combination.
    #[must_use]
    pub fn class_of(&self, what: &Combination) -> Option<Class> {
        self.rules.iter().find(|rule| rule.matches(what)).map(|rule| rule.class)
    }

    /// Each combination whose class differs from what `before` says, as a line.
    #[must_use]
    pub fn changes_from(&self, before: &Self) -> Vec<String> {
        let word = |class: Option<Class>| class.map_or("nothing", Class::name);
        Combination::all()
            .filter_map(|what| {
                let (old, new) = (before.class_of(&what), self.class_of(&what));
                (old != new).then(|| format!("~ {what}: {} becomes {}", word(old), word(new)))
            })
            .collect()
    }

    /// The file that reads as this list.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = COLUMNS.join(",");
        for rule in &self.rules {
            text.push('\n');
            text.push_str(&rule.words().join(","));
        }
        text.push('\n');
        text
    }
}

/// What is wrong with a list of rules, and on which line; 1 is the header's, 0 means the whole list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("class rules, line {line}: {problem}")]
pub struct RuleError {
    /// Where.
    pub line: u64,
    /// What.
    pub problem: RuleProblem,
}

/// What can be wrong with rules of the classes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleProblem {
    /// As spreadsheet programs write it where a comma begins a fraction.
    #[error("the columns are separated by ;, expected a comma")]
    Semicolons,
    /// Another header than the columns.
    #[error("the columns are kind,counter_cash,owner_known,purpose,evidence,class, in this order")]
    Columns,
    /// Not CSV, not UTF-8, or a row of another length than the header.
    #[error("not readable as CSV")]
    Unreadable,
    /// More rules than a list may have.
    #[error("more than {RULES_MAX} rules")]
    TooMany,
    /// Not one of the words a column takes.
    #[error("{column} is none of {expected}")]
    NotAWord {
        /// The column.
        column: &'static str,
        /// What it takes.
        expected: String,
    },
    /// Everything it matches is decided further up.
    #[error("decides nothing: everything it matches is decided by rules above it")]
    NeverReached,
    /// It counts what may never count.
    #[error("{class} is counted, but {what} never may: {combination}")]
    Counts {
        /// The class.
        class: &'static str,
        /// What it would count.
        what: &'static str,
        /// For example this.
        combination: String,
    },
    /// No rule decides these.
    #[error(
        "{count} combinations get no class, for example: {combination}; end the list with any,any,any,any,any,…"
    )]
    NoClass {
        /// How many.
        count: usize,
        /// The first of them.
        combination: String,
    },
}

fn read_rules(text: &str, errors: &mut Vec<RuleError>) -> Vec<(u64, ClassRule)> {
    let mut rules = Vec::new();
    // Spreadsheet programs begin UTF-8 files with a byte-order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let problem = match reader.headers() {
        Ok(header) if header.iter().eq(COLUMNS) => None,
        Ok(header) if is_of_semicolons(header) => Some(RuleProblem::Semicolons),
        _ => Some(RuleProblem::Columns),
    };
    if let Some(problem) = problem {
        errors.push(RuleError { line: 1, problem });
        return rules;
    }
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = line_of(text.as_bytes(), record.position());
                let word = |position| record.get(position).unwrap_or_default();
                match ClassRule::from_words([word(0), word(1), word(2), word(3), word(4), word(5)]) {
                    Ok(rule) => rules.push((line, rule)),
                    Err(wrong) => {
                        errors.extend(wrong.into_iter().map(|problem| RuleError { line, problem }));
                    }
                }
            }
            Err(error) => {
                let line = line_of(text.as_bytes(), error.position());
                errors.push(RuleError { line, problem: RuleProblem::Unreadable });
            }
        }
    }
    if rules.len() > RULES_MAX {
        errors.push(RuleError { line: 0, problem: RuleProblem::TooMany });
    }
    rules
}

fn check(rules: &[(u64, ClassRule)], errors: &mut Vec<RuleError>) {
    let mut decided = vec![false; rules.len()];
    let mut miscounted: Vec<Option<RuleProblem>> = vec![None; rules.len()];
    let mut without_class = Vec::new();
    for what in Combination::all() {
        let Some(index) = rules.iter().position(|(_, rule)| rule.matches(&what)) else {
            without_class.push(what);
            continue;
        };
        decided[index] = true;
        let class = rules[index].1.class;
        if let Some(reason) = what.never_counts().filter(|_| class.is_counted()) {
            let wrong =
                || RuleProblem::Counts { class: class.name(), what: reason, combination: what.to_string() };
            miscounted[index].get_or_insert_with(wrong);
        }
    }
    for (((line, _), decides), miscounts) in rules.iter().zip(decided).zip(miscounted) {
        let never_reached = (!decides).then_some(RuleProblem::NeverReached);
        let problems = never_reached.into_iter().chain(miscounts);
        errors.extend(problems.map(|problem| RuleError { line: *line, problem }));
    }
    if let Some(first) = without_class.first() {
        let problem = RuleProblem::NoClass { count: without_class.len(), combination: first.to_string() };
        errors.push(RuleError { line: 0, problem });
    }
}
