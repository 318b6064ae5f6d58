//! What money is by the account it comes from: an institution's own, its parent's, or one that the registry knows.

use std::collections::{BTreeMap, HashMap, HashSet};

use cashless_domain::{
    AccountId, BusinessDate, IdentifierId, Kind, PayerAccountDigest, PersonKeys, Timestamp,
};
use cashless_registry::{
    IdentifierKind, IdentifierRow, InstitutionRow, PayerAccountRow, PayerKind, Registry,
};
use cashless_warehouse::Paid;

/// Digests kept between rounds, of all receiving accounts together: about 100 MB. Beyond it they are made again.
const DIGESTS_MAX: usize = 2_000_000;

/// Money of a year whose key is not there (any more): its account can be recognised by nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyMissing;

/// Every account that money may come from without being a fee.
pub(crate) struct Payers {
    keys: PersonKeys,
    identifiers: BTreeMap<IdentifierId, Vec<IdentifierRow>>,
    institutions: BTreeMap<String, Vec<InstitutionRow>>,
    known: BTreeMap<IdentifierId, Vec<PayerAccountRow>>,
    /// The bank accounts that an institution has, or once had.
    accounts: HashMap<String, Vec<AccountId>>,
    /// By receiving account, its owner and year: what each candidate's account reads like there.
    digests: HashMap<(AccountId, String, i16), HashMap<PayerAccountDigest, AccountId>>,
    digests_n: usize,
}

impl Payers {
    pub(crate) fn new(registry: Registry, keys: PersonKeys) -> Self {
        let Registry { identifiers, institutions, payer_accounts, .. } = registry;
        let mut accounts: HashMap<String, Vec<AccountId>> = HashMap::new();
        for (identifier, rows) in &identifiers {
            let owners: HashSet<&str> = rows
                .iter()
                .filter(|row| row.kind == IdentifierKind::Account)
                .map(|row| row.institution_id.as_str())
                .collect();
            for owner in owners {
                accounts.entry(owner.to_owned()).or_default().push(AccountId(identifier.0));
            }
        }
        let (digests, digests_n) = (HashMap::new(), 0);
        Self { keys, identifiers, institutions, known: payer_accounts, accounts, digests, digests_n }
    }

    /// What the money is by the account it came from; nothing where that says nothing.
    pub(crate) fn kind(&mut self, account: AccountId, paid: &Paid) -> Result<Option<Kind>, KeyMissing> {
        let day = paid.settled_at.business_date();
        if !self.keys.has_year(day.year()) {
            return Err(KeyMissing);
        }
        let owner = self.owner(&paid.identifier, day).map(str::to_owned);
        let payer = self.recognised(account, owner.as_deref().unwrap_or_default(), paid);
        Ok(payer.and_then(|payer| {
            let of = self.owner(&payer.into(), day);
            let parent = owner.as_deref().and_then(|owner| self.parent(owner, day));
            if of.is_some() && (of == owner.as_deref() || of == parent) {
                return Some(Kind::InternalTransfer);
            }
            let rows = self.known.get(&payer.into())?;
            rows.iter().find(|row| row.valid.contains(day)).map(|row| kind(row.kind))
        }))
    }

    /// Whose an identifier is on a day.
    fn owner(&self, identifier: &IdentifierId, day: BusinessDate) -> Option<&str> {
        let rows = self.identifiers.get(identifier)?;
        rows.iter().find(|row| row.valid.contains(day)).map(|row| row.institution_id.as_str())
    }

    fn parent(&self, institution: &str, day: BusinessDate) -> Option<&str> {
        let rows = self.institutions.get(institution)?;
        let row = rows.iter().find(|row| row.valid.contains(day))?;
        (!row.parent_id.is_empty()).then_some(row.parent_id.as_str())
    }

    /// The account behind a digest, if it is one of those that could matter to this owner.
    fn recognised(&mut self, account: AccountId, owner: &str, paid: &Paid) -> Option<AccountId> {
        let key = (account, owner.to_owned(), paid.settled_at.business_date().year());
        if !self.digests.contains_key(&key) {
            if self.digests_n > DIGESTS_MAX {
                self.digests.clear();
                self.digests_n = 0;
            }
            let digests = self.digests_at(account, owner, paid.settled_at);
            self.digests_n += digests.len();
            self.digests.insert(key.clone(), digests);
        }
        self.digests.get(&key)?.get(&paid.payer_account).copied()
    }

    fn digests_at(
        &self,
        account: AccountId,
        owner: &str,
        at: Timestamp,
    ) -> HashMap<PayerAccountDigest, AccountId> {
        let rows = self.institutions.get(owner).into_iter().flatten();
        let family: HashSet<&str> = rows.map(|row| row.parent_id.as_str()).chain([owner]).collect();
        let own =
            family.into_iter().filter_map(|institution| self.accounts.get(institution)).flatten().copied();
        let known = self.known.keys().map(|identifier| AccountId(identifier.0));
        let digest = |payer| Some((self.keys.payer_account(account, at, payer)?, payer));
        known.chain(own).filter_map(digest).collect()
    }
}

const fn kind(payer: PayerKind) -> Kind {
    match payer {
        PayerKind::StateBudget => Kind::StateBudget,
        PayerKind::BhytFund => Kind::HealthInsuranceFund,
        PayerKind::Donation => Kind::Donation,
        PayerKind::Interest => Kind::Interest,
        PayerKind::Loan => Kind::Loan,
        PayerKind::SupplierRefund => Kind::SupplierRefund,
    }
}

#[cfg(test)]
mod tests {
    use cashless_domain::IdKey;
    use cashless_registry::{Files, PlanOptions, read};

    use super::*;

    const INSTITUTIONS: &str =
        "institution_id,name,sector,type,ownership,care_tier,scope,unit_code,unit_name,\
parent_id,status,learners,beds,fee_collecting,valid_from,valid_to
OFFICE,Phòng Ví Dụ,education,other,public,,core,660,Gia Nghĩa,,active,0,0,false,2020-01-01,
SCHOOL,Trường Ví Dụ,education,primary,public,,core,660,Gia Nghĩa,OFFICE,active,500,0,true,2020-01-01,2022-09-01
SCHOOL,Trường Ví Dụ,education,primary,public,,core,660,Gia Nghĩa,,active,500,0,true,2022-09-01,
OTHER,Trường Khác,education,primary,public,,core,660,Gia Nghĩa,,active,500,0,true,2020-01-01,
";
    const IDENTIFIERS: &str = "kind,provider,value,institution_id,purpose,valid_from,valid_to,evidence
account,970405,0001,SCHOOL,fee_collection,2020-01-01,,
account,970436,0002,SCHOOL,general,2020-01-01,2022-06-01,
account,970436,0003,OFFICE,general,2020-01-01,,
account,970436,0004,OTHER,general,2020-01-01,,
merchant,gate,M1,SCHOOL,fee_collection,2020-01-01,,
";
    const PAYER_ACCOUNTS: &str = "bank,account,kind,valid_from,valid_to,evidence
970999,0005,state_budget,2020-01-01,2022-06-01,
";

    fn ids() -> IdKey {
        IdKey::new(&[7; 32]).expect("long enough")
    }

    fn persons() -> PersonKeys {
        PersonKeys::new([(2022, [8; 32].as_slice())]).expect("long enough")
    }

    fn payers() -> Payers {
        let files = Files {
            institutions: Some(INSTITUTIONS.as_bytes()),
            identifiers: Some(IDENTIFIERS.as_bytes()),
            payer_accounts: Some(PAYER_ACCOUNTS.as_bytes()),
            ..Files::default()
        };
        let registry = read(&files, &Registry::default(), PlanOptions::default(), &ids());
        Payers::new(registry.unwrap_or_else(|errors| panic!("{errors:?}")), persons())
    }

    /// Money of an account that came in on a day, as its event tells it.
    fn paid(receiver: AccountId, from: (&str, &str), on: &str) -> Paid {
        let settled_at = Timestamp::parse_rfc3339(&format!("{on}T12:00:00+07:00")).expect("a time");
        let payer = ids().bank_account(from.0, from.1);
        let payer_account = persons().payer_account(receiver, settled_at, payer);
        // Of a year without a key anything may be there that was digested when there was one.
        let payer_account = payer_account.unwrap_or(PayerAccountDigest(1));
        Paid { identifier: receiver.into(), settled_at, payer_account }
    }

    fn kind_at(receiver: AccountId, from: (&str, &str), on: &str) -> Result<Option<Kind>, KeyMissing> {
        payers().kind(receiver, &paid(receiver, from, on))
    }

    #[test]
    fn money_of_the_institution_or_its_parent_is_a_transfer_on_the_days_the_accounts_are_theirs() {
        let school = ids().bank_account("970405", "0001");
        let kind = |from, on| kind_at(school, from, on);
        assert_eq!(kind(("970436", "0002"), "2022-05-31"), Ok(Some(Kind::InternalTransfer)));
        assert_eq!(kind(("970436", "0002"), "2022-06-01"), Ok(None), "not its account any more");
        assert_eq!(kind(("970436", "0003"), "2022-07-01"), Ok(Some(Kind::InternalTransfer)), "its parent's");
        assert_eq!(kind(("970436", "0003"), "2022-09-01"), Ok(None), "its parent no more");
        assert_eq!(kind(("970436", "0004"), "2022-05-01"), Ok(None), "another institution's");
        assert_eq!(kind(("970415", "0002"), "2022-05-01"), Ok(None), "the number at another bank");
        assert_eq!(kind(("970436", "0099"), "2022-05-01"), Ok(None), "a payer's");
        let merchant = ids().merchant("gate", "M1");
        assert_eq!(kind_at(merchant, ("970405", "0001"), "2022-05-01"), Ok(Some(Kind::InternalTransfer)));
        let office = ids().bank_account("970436", "0003");
        assert_eq!(
            kind_at(office, ("970405", "0001"), "2022-05-01"),
            Ok(None),
            "a child's is not a parent's"
        );
    }

    #[test]
    fn an_account_that_the_registry_knows_gives_its_money_a_kind_on_its_days() {
        let school = ids().bank_account("970405", "0001");
        let treasury = ("970999", "0005");
        assert_eq!(kind_at(school, treasury, "2022-05-31"), Ok(Some(Kind::StateBudget)));
        assert_eq!(kind_at(school, treasury, "2022-06-01"), Ok(None));
        let stranger = ids().bank_account("970405", "0098");
        assert_eq!(
            kind_at(stranger, treasury, "2022-05-31"),
            Ok(Some(Kind::StateBudget)),
            "whoever receives it"
        );
    }

    #[test]
    fn without_the_years_key_nobody_can_tell() {
        let school = ids().bank_account("970405", "0001");
        assert_eq!(kind_at(school, ("970436", "0003"), "2023-05-01"), Err(KeyMissing));
    }

    #[test]
    fn digests_that_were_let_go_are_made_again() {
        let school = ids().bank_account("970405", "0001");
        let mut payers = payers();
        payers.digests_n = DIGESTS_MAX + 1;
        let paid = paid(school, ("970436", "0003"), "2022-05-01");
        for _ in 0..2 {
            assert_eq!(payers.kind(school, &paid), Ok(Some(Kind::InternalTransfer)));
        }
        assert_eq!(payers.digests_n, 4, "two of its own, one of its parent, one of the registry");
    }
}
