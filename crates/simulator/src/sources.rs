//! Who posts webhooks: banks, intermediaries and the software of institutions, each with its key.

use cashless_domain::{SourceClass, SourceId};
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use crate::dialects::{self, Dialect, Format};
use crate::signing::Key;

/// How the records of a source meet those of other sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeBy {
    /// By the bank's reference.
    BankReference,
    /// Not at all.
    TransactionId,
}

impl MergeBy {
    /// The spelling in `sources.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BankReference => "bank_reference",
            Self::TransactionId => "transaction_id",
        }
    }
}

/// Of which receivers a source may speak.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum ReceiverRule {
    /// Virtual accounts with this prefix.
    VirtualAccountPrefix {
        /// The bank's BIN.
        bank: String,
        /// The prefix.
        virtual_account_prefix: String,
    },
    /// One account.
    Account {
        /// The bank's BIN.
        bank: String,
        /// The account number.
        account: String,
    },
    /// Every account of a bank.
    Bank {
        /// The bank's BIN.
        bank: String,
    },
    /// A merchant, or `*`.
    Merchant {
        /// Its id.
        merchant: String,
    },
    /// A terminal, or `*`.
    Terminal {
        /// Its id.
        terminal: String,
    },
}

/// A party that posts webhooks.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name in the webhook's address.
    pub id: SourceId,
    /// What it is to a payment.
    pub class: SourceClass,
    /// How its records meet others.
    pub merge_by: MergeBy,
    /// Of which receivers it may speak.
    pub receivers: Vec<ReceiverRule>,
    /// How it speaks.
    pub voice: Voice,
}

/// How a source speaks.
#[derive(Debug, Clone)]
pub enum Voice {
    /// By our own contract, signed with this.
    Standard(Key),
    /// As its provider does.
    Dialect(Dialect),
}

impl Source {
    /// What it signs our own contract with.
    #[must_use]
    pub fn key(&self) -> Option<&Key> {
        match &self.voice {
            Voice::Standard(key) => Some(key),
            Voice::Dialect(_) => None,
        }
    }

    /// The provider it posts as.
    #[must_use]
    pub fn dialect(&self) -> Option<&Dialect> {
        match &self.voice {
            Voice::Standard(_) => None,
            Voice::Dialect(dialect) => Some(dialect),
        }
    }

    /// A source that posts as a provider does.
    pub(crate) fn speaking(format: &Format) -> Self {
        let receiver = match format.merchant {
            Some(merchant) => ReceiverRule::Merchant { merchant: merchant.into() },
            None => ReceiverRule::Bank { bank: dialects::BANK.into() },
        };
        let dialect = Dialect::example(format);
        Self {
            id: SourceId::new(format.provider).expect("names of providers are source names"),
            class: format.class,
            merge_by: match dialect.provider.merge_by {
                Some(cashless_providers::MergeBy::BankReference) => MergeBy::BankReference,
                _ => MergeBy::TransactionId,
            },
            receivers: vec![receiver],
            voice: Voice::Dialect(dialect),
        }
    }
}

/// Positions of the sources in [`Province::sources`](crate::Province::sources).
pub(crate) mod position {
    pub(crate) const GATEWAYS: [u8; 2] = [3, 4];
    pub(crate) const ACQUIRER: u8 = 5;
    pub(crate) const SCHOOL_FEES: u8 = 6;
    pub(crate) const HOSPITAL_SYSTEM: u8 = 7;
}

/// The BINs of the banks whose feeds are connected; their sources stand at the same positions.
pub(crate) const CONNECTED_BANKS: [&str; 3] = ["970405", "970415", "970418"];
/// A bank without a feed, where fee software and the hospital system see the accounts.
pub(crate) const UNCONNECTED_BANK: &str = "970436";
/// A bank that reports nothing to anybody.
pub(crate) const SILENT_BANK: &str = "970422";
/// The name under which merchants and terminals are given out.
pub(crate) const MERCHANT_SCOPE: &str = "acquirer";

/// The gateways that report accounts of a connected bank.
pub(crate) fn gateways_of(bank: usize) -> &'static [u8] {
    match bank {
        0 => &position::GATEWAYS,
        1 => &position::GATEWAYS[..1],
        _ => &position::GATEWAYS[1..],
    }
}

/// All sources, without the receivers that institutions bring later.
pub(crate) fn all(random: &mut ChaCha8Rng) -> Vec<Source> {
    use SourceClass::{Bank, Institution, Intermediary};
    let any = |bank: &str| ReceiverRule::Bank { bank: bank.into() };
    let mut source = |id: &str, class, merge_by, receivers| Source {
        id: SourceId::new(id).expect("the names below are source names"),
        class,
        merge_by,
        receivers,
        voice: Voice::Standard(if id == "hospital-system" {
            Key::private(seed(random))
        } else {
            Key::shared(seed(random))
        }),
    };
    let [first, second, third] = CONNECTED_BANKS;
    vec![
        source("bank-1", Bank, MergeBy::BankReference, vec![any(first)]),
        source("bank-2", Bank, MergeBy::BankReference, vec![any(second)]),
        source("bank-3", Bank, MergeBy::BankReference, vec![any(third)]),
        source("gateway-1", Intermediary, MergeBy::BankReference, vec![any(first), any(second)]),
        source("gateway-2", Intermediary, MergeBy::BankReference, vec![any(first), any(third)]),
        source(
            MERCHANT_SCOPE,
            Intermediary,
            MergeBy::TransactionId,
            vec![
                ReceiverRule::Merchant { merchant: "*".into() },
                ReceiverRule::Terminal { terminal: "*".into() },
            ],
        ),
        source("school-fees", Institution, MergeBy::TransactionId, Vec::new()),
        source("hospital-system", Institution, MergeBy::TransactionId, Vec::new()),
    ]
}

fn seed(random: &mut ChaCha8Rng) -> [u8; 32] {
    let mut bytes = [0; 32];
    random.fill_bytes(&mut bytes);
    bytes
}
