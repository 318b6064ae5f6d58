//! Cash as institutions declare it (khai báo thu tiền mặt): the denominators of every cashless share.

use sha2::{Digest as _, Sha256};

use crate::{AmountDong, BusinessDate, Method, SourceId, Timestamp};

closed_set! {
    /// Where a declared month of cash comes from, the more trusted first.
    DeclarationSource {
        /// A: totals out of hospital or school-fee software, by its own export.
        SystemExport = 1 "system_export",
        /// B: count and value of cash receipts (phiếu thu), answered for by a person in a role.
        Declaration = 2 "declaration",
        /// C: total of invoices or receipts (hóa đơn, biên lai): value only, cash and cashless together.
        InvoiceTotal = 3 "invoice_total",
    }
}

/// What an institution's own software says it received cashless by one method: shows what we do not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExportedCashless {
    /// How it was paid; [`Method::Unknown`] where only the total is told.
    pub method: Method,
    /// Payments.
    pub n: i64,
    /// Their dong.
    pub dong: i64,
}

/// What an institution took in cash in one month, in one revision of one source. No person is in it: who answers for it
/// is named by role.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CashDeclaration {
    /// The institution, as the registry calls it.
    pub institution_id: String,
    /// The first day of the month.
    pub month: BusinessDate,
    /// Where it comes from.
    pub source: DeclarationSource,
    /// Counts revisions of one institution, month and source from 1; the highest stands.
    pub version: u32,
    /// Cash receipts; absent only of an [`DeclarationSource::InvoiceTotal`].
    pub cash_n: Option<i64>,
    /// Gross dong of the cash receipts; of an [`DeclarationSource::InvoiceTotal`] the dong of all its invoices.
    pub cash_dong: i64,
    /// Dong given back in cash in that month.
    pub cash_refunds_dong: i64,
    /// Of a [`DeclarationSource::SystemExport`] alone: what the software knows as cashless. Each method once, in the order
    /// of their numbers.
    pub exported_cashless: Vec<ExportedCashless>,
    /// The role of who answers for it, such as "kế toán trưởng". Never a name.
    pub signer_role: String,
    /// When it was declared, as its sender says.
    pub declared_at: Timestamp,
    /// When we received it.
    pub recorded_at: Timestamp,
    /// Through whom: a source of the collector, or `file`.
    pub channel: SourceId,
}

/// What is wrong with a declaration. Names members, never what is in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeclarationProblem {
    /// An id of another form.
    #[error(
        "institution_id is 1 to {} letters, digits and . _ - / : without spaces",
        CashDeclaration::INSTITUTION_CHARS_MAX
    )]
    InstitutionId,
    /// Another day than the first.
    #[error("month is not the first of a month")]
    Month,
    /// Revisions count from 1.
    #[error("version is not 1 to {max}", max = CashDeclaration::VERSION_MAX)]
    Version,
    /// A or B without a count: a zero has to be declared.
    #[error("cash_n is missing: a month without cash is declared as 0")]
    CountMissing,
    /// C with a count.
    #[error("cash_n is there, but a total of invoices tells no count of cash receipts")]
    CountOfInvoices,
    /// A number outside 0 to 10^15.
    #[error("{0} is not 0 to {max}", max = AmountDong::MAX)]
    OutOfRange(&'static str),
    /// Dong without receipts.
    #[error("cash_n is 0 while cash_dong is not")]
    DongWithoutCount,
    /// Exported figures of a source that exports nothing.
    #[error("exported cashless figures belong to a system_export only")]
    ExportedByAnother,
    /// A method twice, or not in order.
    #[error("exported cashless figures name a method twice, or are out of order")]
    ExportedOrder,
    /// Cash among the cashless.
    #[error("counter cash is not cashless")]
    ExportedCash,
    /// Nobody, or more than a role.
    #[error(
        "signer_role is not the role of a person in 1 to {} letters, spaces and . , - / ( ) &",
        CashDeclaration::ROLE_CHARS_MAX
    )]
    SignerRole,
}

impl CashDeclaration {
    /// Characters of an institution's id.
    pub const INSTITUTION_CHARS_MAX: usize = 40;
    /// The highest revision, which is what an Avro int holds.
    pub const VERSION_MAX: u32 = 2_147_483_647;
    /// Characters of a signer's role.
    pub const ROLE_CHARS_MAX: usize = 80;

    /// Everything that is wrong, in the order of the members; nothing of a declaration that may be stored.
    #[must_use]
    pub fn problems(&self) -> Vec<DeclarationProblem> {
        use DeclarationProblem as Problem;
        let amount = |dong: i64| (0..=AmountDong::MAX).contains(&dong);
        let id_chars = self.institution_id.chars().count();
        let is_id = (1..=Self::INSTITUTION_CHARS_MAX).contains(&id_chars)
            && self
                .institution_id
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':'));
        let role = self.signer_role.as_str();
        // Digits and @ are of phones, cards and addresses, never of a role.
        let is_role = (1..=Self::ROLE_CHARS_MAX).contains(&role.chars().count())
            && role.trim() == role
            && role.chars().all(|c| c.is_alphabetic() || is_combining(c) || " .,-/()&".contains(c));
        let exported = &self.exported_cashless;
        let of_invoices = self.source == DeclarationSource::InvoiceTotal;
        let rules = [
            (is_id, Problem::InstitutionId),
            (self.month == self.month.first_of_month(), Problem::Month),
            ((1..=Self::VERSION_MAX).contains(&self.version), Problem::Version),
            (of_invoices || self.cash_n.is_some(), Problem::CountMissing),
            (!of_invoices || self.cash_n.is_none(), Problem::CountOfInvoices),
            (amount(self.cash_n.unwrap_or(0)), Problem::OutOfRange("cash_n")),
            (amount(self.cash_dong), Problem::OutOfRange("cash_dong")),
            (amount(self.cash_refunds_dong), Problem::OutOfRange("cash_refunds_dong")),
            (self.cash_n != Some(0) || self.cash_dong == 0, Problem::DongWithoutCount),
            (
                exported.is_empty() || self.source == DeclarationSource::SystemExport,
                Problem::ExportedByAnother,
            ),
            (exported.iter().all(|one| amount(one.n)), Problem::OutOfRange("exported n")),
            (exported.iter().all(|one| amount(one.dong)), Problem::OutOfRange("exported dong")),
            (exported.windows(2).all(|pair| pair[0].method < pair[1].method), Problem::ExportedOrder),
            (exported.iter().all(|one| one.method != Method::CounterCash), Problem::ExportedCash),
            (is_role, Problem::SignerRole),
        ];
        rules.into_iter().filter(|(holds, _)| !holds).map(|(_, problem)| problem).collect()
    }

    /// The first 64 bits of the SHA-256 of what is declared: every member but `recorded_at` and `channel`, which tell how
    /// it came to us. What is declared again, by whatever way, has the same digest and is the same revision.
    #[must_use]
    pub fn digest(&self) -> u64 {
        let mut hash = Sha256::new();
        let mut text = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        };
        text(&self.institution_id);
        text(&self.signer_role);
        let cash_n = self.cash_n.map_or([0; 9], |n| {
            let mut bytes = [1; 9];
            bytes[1..].copy_from_slice(&n.to_be_bytes());
            bytes
        });
        hash.update(self.month.days().to_be_bytes());
        hash.update(self.source.code().to_be_bytes());
        hash.update(self.version.to_be_bytes());
        hash.update(cash_n);
        for number in [self.cash_dong, self.cash_refunds_dong, self.declared_at.as_micros()] {
            hash.update(number.to_be_bytes());
        }
        for one in &self.exported_cashless {
            hash.update(one.method.code().to_be_bytes());
            hash.update(one.n.to_be_bytes());
            hash.update(one.dong.to_be_bytes());
        }
        let mut first = [0; 8];
        first.copy_from_slice(&hash.finalize()[..8]);
        u64::from_be_bytes(first)
    }
}

/// Accents that stand behind their letter, as some systems write them.
fn is_combining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declaration() -> CashDeclaration {
        CashDeclaration {
            institution_id: "TH-0012".to_owned(),
            month: BusinessDate::parse("2022-09-01").expect("a date"),
            source: DeclarationSource::SystemExport,
            version: 1,
            cash_n: Some(120),
            cash_dong: 45_000_000,
            cash_refunds_dong: 150_000,
            exported_cashless: vec![
                ExportedCashless { method: Method::QrTransfer, n: 300, dong: 120_000_000 },
                ExportedCashless { method: Method::CardPos, n: 12, dong: 4_000_000 },
            ],
            signer_role: "Kế toán trưởng".to_owned(),
            declared_at: Timestamp::parse_rfc3339("2022-10-03T09:00:00+07:00").expect("a time"),
            recorded_at: Timestamp::parse_rfc3339("2022-10-03T09:00:05+07:00").expect("a time"),
            channel: SourceId::new("example-his").expect("a name"),
        }
    }

    #[test]
    fn what_may_be_stored_has_no_problem() {
        assert_eq!(declaration().problems(), []);
        let zero = CashDeclaration { cash_n: Some(0), cash_dong: 0, ..declaration() };
        assert_eq!(zero.problems(), []);
        let invoices = CashDeclaration {
            source: DeclarationSource::InvoiceTotal,
            cash_n: None,
            exported_cashless: vec![],
            cash_dong: AmountDong::MAX,
            ..declaration()
        };
        assert_eq!(invoices.problems(), []);
    }

    #[test]
    fn every_rule_is_told_by_the_problem_it_has() {
        use DeclarationProblem as Problem;
        type Change = fn(&mut CashDeclaration);
        let table: [(Change, Problem); 21] = [
            (|d| d.institution_id.clear(), Problem::InstitutionId),
            (|d| d.institution_id = "x".repeat(41), Problem::InstitutionId),
            (|d| d.institution_id = "TH 12".to_owned(), Problem::InstitutionId),
            (|d| d.month = BusinessDate::parse("2022-09-02").expect("a date"), Problem::Month),
            (|d| d.version = 0, Problem::Version),
            (|d| d.version = u32::MAX, Problem::Version),
            (|d| d.cash_n = None, Problem::CountMissing),
            (
                |d| {
                    d.source = DeclarationSource::InvoiceTotal;
                    d.exported_cashless.clear();
                },
                Problem::CountOfInvoices,
            ),
            (|d| d.cash_n = Some(-1), Problem::OutOfRange("cash_n")),
            (|d| d.cash_dong = -1, Problem::OutOfRange("cash_dong")),
            (|d| d.cash_dong = AmountDong::MAX + 1, Problem::OutOfRange("cash_dong")),
            (|d| d.cash_refunds_dong = -1, Problem::OutOfRange("cash_refunds_dong")),
            (|d| d.cash_n = Some(0), Problem::DongWithoutCount),
            (|d| d.source = DeclarationSource::Declaration, Problem::ExportedByAnother),
            (|d| d.exported_cashless[0].n = -1, Problem::OutOfRange("exported n")),
            (|d| d.exported_cashless[1].dong = -1, Problem::OutOfRange("exported dong")),
            (|d| d.exported_cashless.reverse(), Problem::ExportedOrder),
            (|d| d.exported_cashless[1].method = Method::CounterCash, Problem::ExportedCash),
            (|d| d.signer_role.clear(), Problem::SignerRole),
            (|d| d.signer_role = "Kế toán 0912345678".to_owned(), Problem::SignerRole),
            (|d| d.signer_role = "x".repeat(81), Problem::SignerRole),
        ];
        for (index, (change, problem)) in table.into_iter().enumerate() {
            let mut changed = declaration();
            change(&mut changed);
            assert_eq!(changed.problems(), [problem], "case {index}");
        }
    }

    #[test]
    fn a_digest_is_of_what_is_declared_and_not_of_how_it_came() {
        type Change = fn(&mut CashDeclaration);
        let digest = declaration().digest();
        // Stored rows and their order rest on it.
        assert_eq!(digest, 12_243_607_437_322_256_399);
        let same: [Change; 2] =
            [|d| d.recorded_at = d.declared_at, |d| d.channel = SourceId::new("file").expect("a name")];
        for change in same {
            let mut changed = declaration();
            change(&mut changed);
            assert_eq!(changed.digest(), digest);
        }
        let other: [Change; 11] = [
            |d| d.institution_id.push('K'),
            |d| d.month = d.month.first_of_next_month(),
            |d| d.source = DeclarationSource::Declaration,
            |d| d.version = 2,
            |d| d.cash_n = None,
            |d| d.cash_dong += 1,
            |d| d.cash_refunds_dong += 1,
            |d| d.exported_cashless.truncate(1),
            |d| d.exported_cashless[0].n += 1,
            |d| d.signer_role.push('K'),
            |d| d.declared_at = d.recorded_at,
        ];
        for (index, change) in other.into_iter().enumerate() {
            let mut changed = declaration();
            change(&mut changed);
            assert_ne!(changed.digest(), digest, "case {index}");
        }
    }
}
