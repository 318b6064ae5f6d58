use cashless_domain::{IdKey, PersonKeys, SourceClass, SourceId};

use crate::CodePatterns;

/// The keys of every digest a delivery is turned into.
#[derive(Debug, Clone)]
pub struct DigestKeys {
    /// The long-lived key of ids.
    pub ids: IdKey,
    /// The yearly keys of persons and invoices.
    pub persons: PersonKeys,
}

/// Who posts deliveries, and what it may say. All of it is configuration; no message can change it.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name.
    pub id: SourceId,
    /// What it is to a payment.
    pub class: SourceClass,
    /// What names a movement of money.
    pub merge_by: MergeBy,
    /// Who gives out its transaction ids. Two sources of one scope speak of the same records.
    pub id_scope: String,
    /// Who gives out its merchant and terminal ids.
    pub merchant_scope: String,
    /// The receiving identifiers it may report.
    pub receivers: Receivers,
    /// The forms of the invoice codes that payers write into the text of a transfer.
    pub invoice_codes: CodePatterns,
}

/// What names a movement of money in a source's messages. It belongs to the source, not to the message: a payment
/// whose name depended on whether a reference happened to be there would have two names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeBy {
    /// The bank's reference, which other sources carry too, so that their records meet.
    BankReference,
    /// The source's own transaction id: its payments meet nobody else's.
    TransactionId,
}

/// One entry of a source's list of receivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiverRule {
    /// Any account at a bank.
    Bank {
        /// The bank's BIN or code.
        bank: String,
    },
    /// One account.
    Account {
        /// The bank's BIN or code.
        bank: String,
        /// The account number.
        account: String,
    },
    /// The virtual accounts with this prefix, whatever account is behind them. The prefix is also the identifier
    /// that the registry resolves.
    VirtualAccountPrefix {
        /// The bank's BIN or code.
        bank: String,
        /// How the virtual account begins.
        prefix: String,
    },
    /// One merchant.
    Merchant(String),
    /// Every merchant.
    AnyMerchant,
    /// One terminal.
    Terminal(String),
    /// Every terminal.
    AnyTerminal,
}

/// The receiving identifiers a source may report.
#[derive(Debug, Clone, Default)]
pub struct Receivers(Vec<ReceiverRule>);

impl Receivers {
    /// A list of rules; whatever none of them allows is refused.
    #[must_use]
    pub fn new(rules: impl IntoIterator<Item = ReceiverRule>) -> Self {
        Self(rules.into_iter().collect())
    }

    /// The longest configured prefix of a virtual account.
    pub(crate) fn prefix_of(&self, at_bank: &str, virtual_account: &str) -> Option<&str> {
        let prefixes = self.0.iter().filter_map(|rule| match rule {
            ReceiverRule::VirtualAccountPrefix { bank, prefix } if bank == at_bank => Some(prefix.as_str()),
            _ => None,
        });
        prefixes.filter(|prefix| virtual_account.starts_with(prefix)).max_by_key(|prefix| prefix.len())
    }

    pub(crate) fn allow_account(&self, at_bank: &str, number: &str, virtual_account: Option<&str>) -> bool {
        self.0.iter().any(|rule| match rule {
            ReceiverRule::Bank { bank } => bank == at_bank,
            ReceiverRule::Account { bank, account } => bank == at_bank && account == number,
            ReceiverRule::VirtualAccountPrefix { bank, prefix } => {
                bank == at_bank && virtual_account.is_some_and(|number| number.starts_with(prefix))
            }
            _ => false,
        })
    }

    pub(crate) fn allow_merchant(&self, merchant: &str) -> bool {
        self.0.iter().any(|rule| match rule {
            ReceiverRule::AnyMerchant => true,
            ReceiverRule::Merchant(allowed) => allowed == merchant,
            _ => false,
        })
    }

    pub(crate) fn allow_terminal(&self, terminal: &str) -> bool {
        self.0.iter().any(|rule| match rule {
            ReceiverRule::AnyTerminal => true,
            ReceiverRule::Terminal(allowed) => allowed == terminal,
            _ => false,
        })
    }
}
