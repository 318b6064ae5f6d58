//! Who may declare cash, and for whom.

use cashless_domain::{BusinessDate, CashDeclaration, SourceId, Timestamp};

use crate::item::Normalized;
use crate::reply::Reply;
use crate::{Delivery, Refused};

/// The institutions that a source may declare for: ids, or beginnings of ids that end in `*`. `*` alone is all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredFor(Vec<String>);

impl DeclaredFor {
    /// # Errors
    /// No rule at all, or one with a `*` elsewhere than at its end.
    pub fn new(rules: impl IntoIterator<Item = String>) -> Result<Self, &'static str> {
        let rules: Vec<String> = rules.into_iter().collect();
        if rules.is_empty() {
            return Err("none, so every declaration would be refused; \"*\" stands for all");
        }
        let is_rule = |rule: &String| !rule.is_empty() && !rule[..rule.len() - 1].contains('*');
        if rules.iter().all(is_rule) {
            Ok(Self(rules))
        } else {
            Err("one is an id, or the beginning of ids followed by *")
        }
    }

    pub(crate) fn allow(&self, institution_id: &str) -> bool {
        self.0.iter().any(|rule| match rule.strip_suffix('*') {
            Some(beginning) => institution_id.starts_with(beginning),
            None => institution_id == rule,
        })
    }
}

/// What a declaration is read against.
#[derive(Debug, Clone, Copy)]
pub struct Declarer<'a> {
    /// Who posted it.
    pub channel: &'a SourceId,
    /// Whom it may speak for.
    pub institutions: &'a DeclaredFor,
    /// When it came.
    pub received_at: Timestamp,
}

/// A provider whose format has cash declarations.
pub trait Declaring: Send + Sync {
    /// Authenticates a delivery and reads it.
    ///
    /// # Errors
    /// It is not to be believed, or its source may not declare (no `declarer`); nothing of it counts.
    fn receive_declarations<'d>(
        &self,
        delivery: &Delivery<'d>,
        channel: &SourceId,
        institutions: Option<&DeclaredFor>,
        received_at: Timestamp,
    ) -> Result<Declared<'d>, Refused>;

    /// What the sender is answered when all of it is durable.
    fn reply_to_declarations(&self, declarations: &Normalized<CashDeclaration>) -> Reply;
}

/// A believed delivery of declarations.
pub struct Declared<'d> {
    /// The delivery's own id. It is the sender's to choose: keep it out of logs.
    pub id: &'d str,
    /// What it declares.
    pub declarations: Normalized<CashDeclaration>,
}

/// A month as people write it: `YYYY-MM`.
#[derive(Debug, Clone, Copy)]
pub struct MonthText<'a>(pub &'a str);

impl MonthText<'_> {
    /// Its first day.
    #[must_use]
    pub fn first_day(self) -> Option<BusinessDate> {
        let is_month = self.0.len() == 7 && self.0.is_ascii() && self.0.as_bytes()[4] == b'-';
        is_month.then(|| BusinessDate::parse(&format!("{}-01", self.0)).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_declares_for_whom_it_may_and_nobody_else() {
        let rules = |rules: &[&str]| DeclaredFor::new(rules.iter().map(|rule| (*rule).to_owned()));
        let some = rules(&["TH-0012", "BV-*"]).expect("rules");
        for (id, allowed) in
            [("TH-0012", true), ("TH-00123", false), ("BV-", true), ("BV-9", true), ("", false)]
        {
            assert_eq!(some.allow(id), allowed, "{id}");
        }
        assert!(rules(&["*"]).expect("a rule").allow("anybody"));
        for wrong in [&[][..], &[""], &["*-1"], &["TH", "B*V*"]] {
            assert!(rules(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_month_has_one_spelling() {
        let first = BusinessDate::parse("2022-09-01").ok();
        assert_eq!(MonthText("2022-09").first_day(), first);
        for wrong in ["2022-9", "2022-13", "2022-00", "09-2022", "2022-09-01", "202-009", "", "２022-0"] {
            assert_eq!(MonthText(wrong).first_day(), None, "{wrong}");
        }
    }
}
