//! A synthetic province: institutions, where they receive money, and who reports it.

use std::collections::HashMap;
use std::sync::Arc;

use cashless_domain::BusinessDate;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::amounts::Stream;
use crate::dialects::{self, FORMATS};
use crate::draw::{Weighted, chance, one_of};
use crate::identifiers::{Channel, IdentifierKind, PlainIdentifier, Purpose, Receiver, Registration};
use crate::institutions::{self, Institution};
use crate::sources::{
    self, CONNECTED_BANKS, MERCHANT_SCOPE, ReceiverRule, Source, UNCONNECTED_BANK, position,
};

/// How large the province is, and when accounts change hands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvinceSize {
    /// Schools of all types; at least one.
    pub schools: usize,
    /// District health centres.
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
            schools: 370,
            health_centres: 8,
            stations: 71,
            reassigned: 5,
            unregistered: 12,
            // 2026-09-07, the first day of the default stream.
            reassigned_on: BusinessDate::from_days(20_703),
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
        let mut builder = Builder::new(size, seed);
        for institution in 0..builder.province.institutions.len() {
            let till = builder.till(institution);
            builder.province.tills.push(till);
        }
        builder.reassign(size);
        builder.leave_unregistered(size.unregistered);
        builder.connect_dialects();
        builder.finish()
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

    /// An institution that receives payments of a stream, the large ones more often.
    pub(crate) fn payee(&self, random: &mut ChaCha8Rng, stream: Stream) -> usize {
        let (institutions, weights) = &self.by_stream[&stream];
        institutions[weights.draw(random)]
    }
}

struct Builder {
    province: Province,
    random: ChaCha8Rng,
    since: BusinessDate,
}

impl Builder {
    fn new(size: &ProvinceSize, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let province = Province {
            sources: sources::all(&mut random),
            institutions: institutions::all(
                &mut random,
                size.schools.max(1),
                size.health_centres,
                size.stations,
            ),
            identifiers: Vec::new(),
            registrations: Vec::new(),
            tills: Vec::new(),
            reassigned: Vec::new(),
            unregistered: Vec::new(),
            dialects: Vec::new(),
            by_identifier: HashMap::new(),
            by_stream: HashMap::new(),
        };
        // 2020-01-01.
        Self { province, random, since: BusinessDate::from_days(18_262) }
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
        let valid_from = self.since;
        self.province.registrations.push(Registration {
            identifier,
            institution,
            purpose,
            valid_from,
            valid_to: None,
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
        let education = self.province.institutions[institution].is_school();
        let large = self.province.institutions[institution].beds > 0;
        let bank = self.random.random_range(0..CONNECTED_BANKS.len());
        let bank_source = u8::try_from(bank).unwrap_or(0);
        let account = self.account(CONNECTED_BANKS[bank], bank_source);
        self.register(account.identifier, institution, Purpose::FeeCollection);

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
        let institutions = self.province.institutions.len();
        for turn in 0..=size.reassigned {
            let owner = self.random.random_range(0..institutions);
            let bank = turn % CONNECTED_BANKS.len();
            let channel = self.account(CONNECTED_BANKS[bank], u8::try_from(bank).unwrap_or(0));
            self.register(channel.identifier, owner, Purpose::FeeCollection);
            if let Some(line) = self.province.registrations.last_mut() {
                line.valid_to = Some(size.reassigned_on);
            }
            if turn < size.reassigned && institutions > 1 {
                let heir = (owner + self.random.random_range(1..institutions)) % institutions;
                self.register(channel.identifier, heir, Purpose::FeeCollection);
                if let Some(line) = self.province.registrations.last_mut() {
                    line.valid_from = size.reassigned_on;
                }
            }
            self.province.reassigned.push((bank, Arc::new(channel)));
        }
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
            let institution = number * 31 % self.province.institutions.len();
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
