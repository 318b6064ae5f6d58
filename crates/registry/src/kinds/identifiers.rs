use cashless_domain::{IdKey, IdentifierId};

use super::{Kept, ends};
use crate::csv_file::Row;
use crate::error::FileName;
use crate::rows::{IdentifierRow, Interval};
use crate::spelling::{ACCOUNT, BANK, MERCHANT};
use crate::words::{IdentifierKind, Purpose};

impl Kept for IdentifierRow {
    type Key = IdentifierId;
    const FILE: FileName = FileName::Identifiers;
    const COLUMNS: &'static [&'static str] = &[
        "kind",
        "provider",
        "value",
        "tail",
        "institution_id",
        "purpose",
        "valid_from",
        "valid_to",
        "evidence",
    ];
    /// Only exported files have it.
    const OPTIONAL: &'static [&'static str] = &["tail"];

    fn read(line: &mut Row<'_>, key: &IdKey) -> (Option<IdentifierId>, Option<Self>) {
        let institution_id = line.institution("institution_id");
        let kind = line.word("kind", IdentifierKind::ALL, IdentifierKind::name);
        let is_at_a_bank =
            kind.map(|kind| matches!(kind, IdentifierKind::Account | IdentifierKind::VirtualAccountPrefix));
        let provider = match is_at_a_bank {
            Some(true) => line.spelled("provider", &BANK),
            _ => line.required("provider"),
        };
        let spelling = is_at_a_bank.map(|at_a_bank| if at_a_bank { &ACCOUNT } else { &MERCHANT });
        let digest = |value: &str| {
            let provider = provider.as_deref()?;
            Some(match kind? {
                IdentifierKind::Account => key.bank_account(provider, value).into(),
                IdentifierKind::VirtualAccountPrefix => key.virtual_account_prefix(provider, value),
                IdentifierKind::Merchant => key.merchant(provider, value).into(),
                IdentifierKind::Terminal => key.terminal(provider, value).into(),
            })
        };
        let (identifier, tail) = line.pseudonym("value", spelling, digest).unzip();
        let purpose = line.word("purpose", Purpose::ALL, Purpose::name);
        let valid = line.interval();
        let evidence = line.text("evidence").to_owned();
        let row = || {
            Some(Self {
                valid: valid?,
                kind: kind?,
                provider: provider.clone()?,
                tail: tail?,
                institution_id: institution_id?,
                purpose: purpose?,
                evidence,
            })
        };
        (identifier.flatten(), row())
    }

    fn cells(&self, key: &IdentifierId) -> Vec<String> {
        let [from, to] = ends(self.valid);
        vec![
            self.kind.name().into(),
            self.provider.clone(),
            format!("digest:{key}"),
            self.tail.clone(),
            self.institution_id.clone(),
            self.purpose.name().into(),
            from,
            to,
            self.evidence.clone(),
        ]
    }

    fn valid(&self) -> Interval {
        self.valid
    }

    fn institutions<'r>(&'r self, _key: &'r IdentifierId) -> [&'r str; 2] {
        [&self.institution_id, ""]
    }

    fn head(&self, _key: &IdentifierId) -> String {
        format!("identifier {} ({}, {})", self.tail, self.kind.name(), self.provider)
    }

    fn detail(&self) -> String {
        format!("{} for {}", self.institution_id, self.purpose.name())
    }
}
