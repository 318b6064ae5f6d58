//! Where money arrives: receiving identifiers, and the channels by which they receive it.

use cashless_domain::{AccountId, BusinessDate, IdKey, IdentifierId};

/// What an identifier is; also its spelling in `identifiers.csv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IdentifierKind {
    /// A bank account.
    Account,
    /// The leading part of virtual-account numbers at a bank.
    VirtualAccountPrefix,
    /// A merchant of an intermediary.
    Merchant,
    /// A card terminal.
    Terminal,
}

impl IdentifierKind {
    /// The spelling in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::VirtualAccountPrefix => "virtual_account_prefix",
            Self::Merchant => "merchant",
            Self::Terminal => "terminal",
        }
    }
}

/// A receiving identifier as people write it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlainIdentifier {
    /// What it is.
    pub kind: IdentifierKind,
    /// The bank's BIN, or the source that gave the merchant or terminal id out.
    pub provider: String,
    /// Number, prefix or id.
    pub value: String,
}

impl PlainIdentifier {
    /// The digest that stands for it behind the collector.
    #[must_use]
    pub fn identifier(&self, key: &IdKey) -> IdentifierId {
        match self.kind {
            IdentifierKind::VirtualAccountPrefix => key.virtual_account_prefix(&self.provider, &self.value),
            _ => self.account(key).into(),
        }
    }

    /// The digest of the receiving account, merchant or terminal.
    ///
    /// # Panics
    /// For a virtual-account prefix, which is never the account itself.
    #[must_use]
    pub fn account(&self, key: &IdKey) -> AccountId {
        match self.kind {
            IdentifierKind::Account => key.bank_account(&self.provider, &self.value),
            IdentifierKind::Merchant => key.merchant(&self.provider, &self.value),
            IdentifierKind::Terminal => key.terminal(&self.provider, &self.value),
            IdentifierKind::VirtualAccountPrefix => panic!("a virtual-account prefix is no account"),
        }
    }
}

/// What an institution keeps an identifier for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Fees of pupils and patients.
    FeeCollection,
    /// Everything.
    General,
    /// Deposits of hospital patients.
    Deposit,
    /// Salaries.
    Payroll,
    /// One project.
    Project,
    /// Nobody said.
    Unknown,
}

impl Purpose {
    /// The spelling in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FeeCollection => "fee_collection",
            Self::General => "general",
            Self::Deposit => "deposit",
            Self::Payroll => "payroll",
            Self::Project => "project",
            Self::Unknown => "unknown",
        }
    }
}

/// One line of the registry: from when to when an identifier belongs to an institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The identifier, as a position in [`Province::identifiers`](crate::Province::identifiers).
    pub identifier: u32,
    /// The institution, as a position in [`Province::institutions`](crate::Province::institutions).
    pub institution: usize,
    /// What for.
    pub purpose: Purpose,
    /// The first local day.
    pub valid_from: BusinessDate,
    /// The first day on which it is over.
    pub valid_to: Option<BusinessDate>,
}

/// How a message names its receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Receiver {
    Account { bank: String, account: String, virtual_prefix: Option<String> },
    Merchant(String),
    Terminal(String),
}

/// One way into an institution's till: what a message says, and what that means to the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Channel {
    pub(crate) receiver: Receiver,
    /// What the registry resolves.
    pub(crate) identifier: u32,
    /// What the money arrived at.
    pub(crate) account: u32,
    /// The source that reports it, unless a bank and the gateways do.
    pub(crate) source: u8,
}
