use cashless_domain::{IdKey, IdentifierId};

use super::{Kept, ends};
use crate::csv_file::Row;
use crate::error::FileName;
use crate::rows::{Interval, PayerAccountRow};
use crate::spelling::{ACCOUNT, BANK};
use crate::words::PayerKind;

impl Kept for PayerAccountRow {
    type Key = IdentifierId;
    const FILE: FileName = FileName::PayerAccounts;
    const COLUMNS: &'static [&'static str] =
        &["bank", "account", "tail", "kind", "valid_from", "valid_to", "evidence"];
    /// Only exported files have it.
    const OPTIONAL: &'static [&'static str] = &["tail"];

    fn read(line: &mut Row<'_>, key: &IdKey) -> (Option<IdentifierId>, Option<Self>) {
        let provider = line.spelled("bank", &BANK);
        let digest = |account: &str| Some(key.bank_account(provider.as_deref()?, account).into());
        let (account, tail) = line.pseudonym("account", Some(&ACCOUNT), digest).unzip();
        let kind = line.word("kind", PayerKind::ALL, PayerKind::name);
        let valid = line.interval();
        let evidence = line.text("evidence").to_owned();
        let row =
            || Some(Self { valid: valid?, kind: kind?, provider: provider.clone()?, tail: tail?, evidence });
        (account.flatten(), row())
    }

    fn cells(&self, key: &IdentifierId) -> Vec<String> {
        let [from, to] = ends(self.valid);
        vec![
            self.provider.clone(),
            format!("digest:{key}"),
            self.tail.clone(),
            self.kind.name().into(),
            from,
            to,
            self.evidence.clone(),
        ]
    }

    fn valid(&self) -> Interval {
        self.valid
    }

    fn head(&self, _key: &IdentifierId) -> String {
        format!("payer account {} ({})", self.tail, self.provider)
    }

    fn detail(&self) -> String {
        self.kind.name().to_owned()
    }
}
