//! A synthetic province: institutions, where they receive money, and who reports it.

use std::collections::HashMap;
use std::sync::Arc;

use cashless_domain::BusinessDate;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::amounts::Stream;
use crate::attributes::{self, Attribute};
use crate::dialects::{self, FORMATS};
use crate::draw::{Weighted, chance, one_of};
use crate::identifiers::{Channel, IdentifierKind, PlainIdentifier, Purpose, Receiver, Registration};
use crate::institutions::{self, Cashless, Institution, SINCE};
use crate::places::{DAK_NONG, Place, THANH_HOA};
use crate::sources::{
    self, CONNECTED_BANKS, MERCHANT_SCOPE, ReceiverRule, SILENT_BANK, Source, UNCONNECTED_BANK, position,
};

/// Which province it is, how large, and when accounts change hands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvinceSize {
    /// Where its institutions are.
    pub place: &'static Place,
    /// Schools of all types; at least one.
    pub schools: usize,
    /// Nhóm trẻ độc lập.
    pub child_groups: usize,
    /// Provincial hospitals, general and specialist; at least one.
    pub provincial_hospitals: usize,
    /// Private hospitals.
    pub private_hospitals: usize,
    /// Phòng khám.
    pub clinics: usize,
    /// Whether some institutions take nothing without cash, or do so where nobody reports it, and schools open, close
    /// and merge. Otherwise all are alike, and have always been.
    pub is_mixed: bool,
    /// District health centres and hospitals.
    pub health_centres: usize,
    /// Commune stations.
    pub stations: usize,
    /// Accounts that pass to another institution.
    pub reassigned: usize,
    /// Accounts that the sources know and the registry does not.
    pub unregistered: usize,
    /// The day on which reassigned accounts pass over. One more account is closed on that day.
    pub reassigned_on: BusinessDate,
}

impl Default for ProvinceSize {
    /// About the size of Đăk Nông.
    fn default() -> Self {
        Self {
            place: &DAK_NONG,
            schools: 370,
            child_groups: 0,
            provincial_hospitals: 1,
            private_hospitals: 0,
            clinics: 0,
            is_mixed: false,
            health_centres: 8,
            stations: 71,
            reassigned: 5,
            unregistered: 12,
            // 2026-09-07, the first day of the default stream.
            reassigned_on: BusinessDate::from_days(20_703),
        }
    }
}

impl ProvinceSize {
    /// Đăk Nông as it was in 2022.
    #[must_use]
    pub fn dak_nong_2022() -> Self {
        Self {
            child_groups: 12,
            clinics: 6,
            is_mixed: true,
            // 2022-09-07.
            reassigned_on: BusinessDate::from_days(19_242),
            ..Self::default()
        }
    }

    /// Thanh Hóa as it was in 2022, with a quarter of its 2,000 schools and 547 stations.
    #[must_use]
    pub fn thanh_hoa_2022() -> Self {
        Self {
            place: &THANH_HOA,
            schools: 500,
            child_groups: 16,
            provincial_hospitals: 11,
            private_hospitals: 3,
            clinics: 12,
            health_centres: 27,
            stations: 137,
            ..Self::dak_nong_2022()
        }
    }
}

/// The channels of one institution.
#[derive(Debug, Clone)]
pub(crate) struct Till {
    /// Position of the bank with the main account, among the connected ones.
    pub(crate) bank: usize,
    /// The main account, as the bank and its gateways name it.
    pub(crate) account: Arc<Channel>,
    /// Virtual accounts of the main account, which only the bank's feed tells.
    pub(crate) bank_virtual: Option<Arc<Channel>>,
    /// An account or virtual accounts that only the institution's own software sees.
    pub(crate) software: Option<Arc<Channel>>,
    pub(crate) merchant: Option<Arc<Channel>>,
    pub(crate) terminals: Vec<Arc<Channel>>,
    /// Accounts for other purposes, at the same bank.
    pub(crate) others: Vec<Arc<Channel>>,
}

/// A province and everything a stream of its payments needs.
#[derive(Debug)]
pub struct Province {
    pub(crate) institutions: Vec<Institution>,
    pub(crate) identifiers: Vec<PlainIdentifier>,
    pub(crate) registrations: Vec<Registration>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) sources: Vec<Source>,
    pub(crate) tills: Vec<Till>,
    /// Accounts at connected banks that changed hands, with their bank.
    pub(crate) reassigned: Vec<(usize, Arc<Channel>)>,
    /// Accounts at connected banks that no institution registered, with their bank.
    pub(crate) unregistered: Vec<(usize, Arc<Channel>)>,
    /// What the sources with dialects collect for, in the order of their formats.
    pub(crate) dialects: Vec<Arc<Channel>>,
    by_identifier: HashMap<u32, Vec<usize>>,
    by_stream: HashMap<Stream, (Vec<usize>, Weighted)>,
}

impl Province {
    /// The same size and seed give the same province, to the byte.
    #[must_use]
    pub fn synthetic(size: &ProvinceSize, seed: u64) -> Self {
        Self::synthetic_of(std::slice::from_ref(size), seed)
    }

    /// Several provinces whose institutions are paid by the same banks and intermediaries.
    #[must_use]
    pub fn synthetic_of(sizes: &[ProvinceSize], seed: u64) -> Self {
        let mut builder = Builder::new(sizes, seed);
        for institution in 0..builder.province.institutions.len() {
            let till = builder.till(institution);
            builder.province.tills.push(till);
        }
        for size in sizes {
            builder.reassign(size);
            builder.leave_unregistered(size.unregistered);
        }
        builder.connect_dialects();
        builder.province.attributes = attributes::all(&builder.province.institutions, seed);
        builder.finish()
    }

    /// The two provinces whose plans are tracked, as they were in 2022.
    #[must_use]
    pub fn both_of_2022(seed: u64) -> Self {
        Self::synthetic_of(&[ProvinceSize::dak_nong_2022(), ProvinceSize::thanh_hoa_2022()], seed)
    }

    /// Schools and health facilities.
    #[must_use]
    pub fn institutions(&self) -> &[Institution] {
        &self.institutions
    }

    /// Every receiving identifier, registered or not.
    #[must_use]
    pub fn identifiers(&self) -> &[PlainIdentifier] {
        &self.identifiers
    }

    /// The registry.
    #[must_use]
    pub fn registrations(&self) -> &[Registration] {
        &self.registrations
    }

    /// Who posts webhooks.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// To whom an identifier belongs on a day.
    #[must_use]
    pub fn registration(&self, identifier: u32, date: BusinessDate) -> Option<&Registration> {
        self.by_identifier
            .get(&identifier)?
            .iter()
            .map(|position| &self.registrations[*position])
            .find(|line| line.valid_from <= date && line.valid_to.is_none_or(|valid_to| date < valid_to))
    }

    /// An institution that receives payments of a stream on a day, the large ones more often.
    pub(crate) fn payee(&self, random: &mut ChaCha8Rng, stream: Stream, date: BusinessDate) -> usize {
        let (institutions, weights) = &self.by_stream[&stream];
        for _ in 0..PAYEE_DRAWS {
            let payee = institutions[weights.draw(random)];
            if self.institutions[payee].exists(date) {
                return payee;
            }
        }
        // The largest one of a stream neither comes nor goes.
        institutions[0]
    }
}

/// Few institutions do not exist on a day, so that one is found long before.
const PAYEE_DRAWS: usize = 64;

struct Builder {
    province: Province,
    random: ChaCha8Rng,
}

impl Builder {
    fn new(sizes: &[ProvinceSize], seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let province = Province {
            sources: sources::all(&mut random),
            attributes: Vec::new(),
            institutions: sizes.iter().flat_map(|size| institutions::all(&mut random, size)).collect(),
            identifiers: Vec::new(),
            registrations: Vec::new(),
            tills: Vec::new(),
            reassigned: Vec::new(),
            unregistered: Vec::new(),
            dialects: Vec::new(),
            by_identifier: HashMap::new(),
            by_stream: HashMap::new(),
        };
        Self { province, random }
    }

    fn identifier(&mut self, kind: IdentifierKind, provider: &str, value: &str) -> u32 {
        let position = u32::try_from(self.province.identifiers.len()).expect("fewer than 2^32 identifiers");
        self.province.identifiers.push(PlainIdentifier {
            kind,
            provider: provider.into(),
            value: value.into(),
        });
        position
    }

    fn register(&mut self, identifier: u32, institution: usize, purpose: Purpose) {
        let owner = &self.province.institutions[institution];
        let (valid_from, valid_to) = (owner.valid_from, owner.valid_to);
        self.province.registrations.push(Registration {
            identifier,
            institution,
            purpose,
            valid_from,
            valid_to,
        });
    }

    /// A new account at a bank. Numbers are counted up, so that none occurs twice.
    fn account(&mut self, bank: &str, source: u8) -> Channel {
        let number =
            format!("{}{:07}", self.random.random_range(1_000..10_000), self.province.identifiers.len());
        let account = self.identifier(IdentifierKind::Account, bank, &number);
        let receiver = Receiver::Account { bank: bank.into(), account: number, virtual_prefix: None };
        Channel { receiver, identifier: account, account, source }
    }

    /// Virtual accounts of an account.
    fn virtual_accounts(&mut self, of: &Channel, bank: &str, prefix: &str) -> Channel {
        let identifier = self.identifier(IdentifierKind::VirtualAccountPrefix, bank, prefix);
        let mut channel = Channel { identifier, ..of.clone() };
        if let Receiver::Account { virtual_prefix, .. } = &mut channel.receiver {
            *virtual_prefix = Some(prefix.into());
        }
        self.province.sources[usize::from(of.source)].receivers.push(ReceiverRule::VirtualAccountPrefix {
            bank: bank.into(),
            virtual_account_prefix: prefix.into(),
        });
        channel
    }

    fn till(&mut self, institution: usize) -> Till {
        let Institution { beds, cashless, .. } = self.province.institutions[institution];
        let education = self.province.institutions[institution].is_school();
        let large = beds > 0;
        let bank = self.random.random_range(0..CONNECTED_BANKS.len());
        let bank_source = u8::try_from(bank).unwrap_or(0);
        let account = self.account(CONNECTED_BANKS[bank], bank_source);
        if matches!(cashless, Cashless::Used | Cashless::Unused) {
            self.register(account.identifier, institution, Purpose::FeeCollection);
        }
        if cashless == Cashless::Elsewhere {
            let elsewhere = self.account(SILENT_BANK, bank_source);
            self.register(elsewhere.identifier, institution, Purpose::FeeCollection);
        }
        if cashless != Cashless::Used {
            let account = Arc::new(account);
            return Till {
                bank,
                account,
                bank_virtual: None,
                software: None,
                merchant: None,
                terminals: Vec::new(),
                others: Vec::new(),
            };
        }

        let bank_virtual = chance(&mut self.random, 0.15).then(|| {
            let channel =
                self.virtual_accounts(&account, CONNECTED_BANKS[bank], &format!("VB{institution:04}"));
            self.register(channel.identifier, institution, Purpose::FeeCollection);
            Arc::new(channel)
        });
        let software = if large || (education && chance(&mut self.random, 0.35)) {
            Some(Arc::new(self.software(institution, education)))
        } else {
            None
        };
        let merchant = (large || chance(&mut self.random, 0.25)).then(|| {
            let value = format!("M{:02}-{institution:05}", self.random.random_range(0..100));
            let identifier = self.identifier(IdentifierKind::Merchant, MERCHANT_SCOPE, &value);
            self.register(identifier, institution, Purpose::FeeCollection);
            let receiver = Receiver::Merchant(value);
            Arc::new(Channel { receiver, identifier, account: identifier, source: position::ACQUIRER })
        });
        let terminals = if large { 4 } else { u32::from(chance(&mut self.random, 0.12)) };
        let terminals = (0..terminals).map(|number| Arc::new(self.terminal(institution, number))).collect();
        let others = self.other_accounts(institution, bank, bank_source, education, large);
        Till { bank, account: Arc::new(account), bank_virtual, software, merchant, terminals, others }
    }

    fn software(&mut self, institution: usize, education: bool) -> Channel {
        let source = if education { position::SCHOOL_FEES } else { position::HOSPITAL_SYSTEM };
        let account = self.account(UNCONNECTED_BANK, source);
        let channel = if education && chance(&mut self.random, 0.7) {
            self.virtual_accounts(&account, UNCONNECTED_BANK, &format!("SF{institution:04}"))
        } else {
            let number = self.province.identifiers[account.account as usize].value.clone();
            self.province.sources[usize::from(source)]
                .receivers
                .push(ReceiverRule::Account { bank: UNCONNECTED_BANK.into(), account: number });
            account
        };
        self.register(channel.identifier, institution, Purpose::FeeCollection);
        channel
    }

    fn terminal(&mut self, institution: usize, number: u32) -> Channel {
        let value = format!("T{institution:05}.{number}");
        let identifier = self.identifier(IdentifierKind::Terminal, MERCHANT_SCOPE, &value);
        self.register(identifier, institution, Purpose::FeeCollection);
        Channel {
            receiver: Receiver::Terminal(value),
            identifier,
            account: identifier,
            source: position::ACQUIRER,
        }
    }

    fn other_accounts(
        &mut self,
        institution: usize,
        bank: usize,
        source: u8,
        education: bool,
        large: bool,
    ) -> Vec<Arc<Channel>> {
        let mut purposes = Vec::new();
        if large && !education {
            purposes.extend([Purpose::Deposit, Purpose::General, Purpose::Project]);
        } else if chance(&mut self.random, 0.15) {
            purposes.push(one_of(
                &mut self.random,
                &[Purpose::General, Purpose::Payroll, Purpose::Project, Purpose::Unknown],
            ));
        }
        purposes
            .into_iter()
            .map(|purpose| {
                let channel = self.account(CONNECTED_BANKS[bank], source);
                self.register(channel.identifier, institution, purpose);
                Arc::new(channel)
            })
            .collect()
    }

    /// Second accounts of schools that pass to another school, and one that is closed.
    fn reassign(&mut self, size: &ProvinceSize) {
        let owners = self.lasting(Some(size.place));
        let institutions = owners.len();
        for turn in 0..=size.reassigned {
            let owner = self.random.random_range(0..institutions);
            let bank = turn % CONNECTED_BANKS.len();
            let channel = self.account(CONNECTED_BANKS[bank], u8::try_from(bank).unwrap_or(0));
            self.register(channel.identifier, owners[owner], Purpose::FeeCollection);
            if let Some(line) = self.province.registrations.last_mut() {
                line.valid_to = Some(size.reassigned_on);
            }
            if turn < size.reassigned && institutions > 1 {
                let heir = (owner + self.random.random_range(1..institutions)) % institutions;
                self.register(channel.identifier, owners[heir], Purpose::FeeCollection);
                if let Some(line) = self.province.registrations.last_mut() {
                    line.valid_from = size.reassigned_on;
                }
            }
            self.province.reassigned.push((bank, Arc::new(channel)));
        }
    }

    /// Institutions that are paid without cash and neither come nor go.
    fn lasting(&self, place: Option<&Place>) -> Vec<usize> {
        let institutions = self.province.institutions.iter().enumerate();
        institutions
            .filter(|(_, one)| place.is_none_or(|place| one.place == place))
            .filter(|(_, one)| {
                one.cashless == Cashless::Used && one.valid_from == SINCE && one.valid_to.is_none()
            })
            .map(|(position, _)| position)
            .collect()
    }

    fn leave_unregistered(&mut self, count: usize) {
        for turn in 0..count.max(1) {
            let bank = turn % CONNECTED_BANKS.len();
            let channel = self.account(CONNECTED_BANKS[bank], u8::try_from(bank).unwrap_or(0));
            self.province.unregistered.push((bank, Arc::new(channel)));
        }
    }

    /// Each provider is connected by one institution, as a contract with it would be.
    fn connect_dialects(&mut self) {
        let owners = self.lasting(None);
        for (number, format) in FORMATS.iter().enumerate() {
            let source = u8::try_from(self.province.sources.len()).expect("fewer than 256 sources");
            self.province.sources.push(Source::speaking(format));
            let (identifier, receiver) = match format.merchant {
                Some(merchant) => (
                    self.identifier(IdentifierKind::Merchant, format.provider, merchant),
                    Receiver::Merchant(merchant.into()),
                ),
                None => {
                    let account = format!("0011{number:06}");
                    let identifier = self.identifier(IdentifierKind::Account, dialects::BANK, &account);
                    (
                        identifier,
                        Receiver::Account { bank: dialects::BANK.into(), account, virtual_prefix: None },
                    )
                }
            };
            let institution = owners[number * owners.len() / FORMATS.len()];
            self.register(identifier, institution, Purpose::FeeCollection);
            self.province.dialects.push(Arc::new(Channel {
                receiver,
                identifier,
                account: identifier,
                source,
            }));
        }
    }

    fn finish(mut self) -> Province {
        let province = &mut self.province;
        for (position, line) in province.registrations.iter().enumerate() {
            province.by_identifier.entry(line.identifier).or_default().push(position);
        }
        for (stream, exponent) in Stream::EDUCATION
            .map(|(stream, _)| (stream, 0.7))
            .into_iter()
            .chain(Stream::HEALTH.map(|(s, _)| (s, 1.2)))
        {
            let payees = institutions::payees(&province.institutions, stream);
            let weights = Weighted::zipf(payees.len(), exponent);
            province.by_stream.insert(stream, (payees, weights));
        }
        self.province
    }
}
