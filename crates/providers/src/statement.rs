use std::borrow::Cow;
use std::fmt;

use cashless_domain::{AmountDong, Kind, Method, Timestamp};

/// What a provider says of one transaction, in no provider's words.
///
/// It still holds names, accounts and texts as they were sent; [`PaymentEvent`](cashless_domain::PaymentEvent) is what
/// may go further.
#[derive(Clone, PartialEq, Eq)]
pub struct Statement<'d> {
    /// What happened.
    pub said: Said<'d>,
    /// Which way the money went, from the side of the receiving account.
    pub direction: Direction,
    /// What names the transaction among all of the provider's. The same in every statement about it, whatever the
    /// state it tells.
    pub record: Cow<'d, str>,
    /// The state, for providers that announce one transaction in several.
    pub state: Option<Cow<'d, str>>,
    /// The provider's own id of the transaction.
    pub transaction_id: Option<Cow<'d, str>>,
    /// The bank's reference (mã tham chiếu, FT…).
    pub bank_reference: Option<Cow<'d, str>>,
    /// The account, merchant or terminal that every money message of the provider names.
    pub receiver: Receiver<'d>,
    /// The virtual account (tài khoản định danh) that received.
    pub virtual_account: Option<Cow<'d, str>>,
    /// The amount; always there where money moved.
    pub amount: Option<AmountDong>,
    /// When, by the provider; the same in every statement about the transaction unless `is_time_of_message`.
    pub occurred_at: Option<Timestamp>,
    /// Whether that time is of the message, and not of the transaction: a later state, or a re-send, may tell
    /// another. Then it cannot be part of the transaction's key.
    pub is_time_of_message: bool,
    /// The payer's name.
    pub payer_name: Option<Cow<'d, str>>,
    /// The payer's account or phone number.
    pub payer_account: Option<Cow<'d, str>>,
    /// The payer's bank.
    pub payer_bank: Option<Cow<'d, str>>,
    /// The holder of the receiving account.
    pub beneficiary_name: Option<Cow<'d, str>>,
    /// What the payer or the institution wrote (nội dung chuyển khoản).
    pub reason: Option<Cow<'d, str>>,
    /// The invoice, from a field that is meant for it.
    pub invoice: Option<Cow<'d, str>>,
    /// The way the money came.
    pub channel: Channel,
    /// The method, as far as the message tells.
    pub method: Method,
    /// What the money was, where the format tells more than in or out.
    pub kind: Option<Kind>,
    /// What only this format has, by the names it is known under.
    pub particulars: Vec<(&'static str, Cow<'d, str>)>,
}

/// What happened.
#[derive(Clone, PartialEq, Eq)]
pub enum Said<'d> {
    /// Money came in.
    Paid,
    /// Money went out, for no payment that is named.
    PaidOut,
    /// The transaction itself was taken back by its provider.
    Voided,
    /// An earlier transaction was undone by this one, which has an id of its own.
    Reversed {
        /// The `record` of the earlier one, as far as it is named.
        original: Option<Cow<'d, str>>,
    },
    /// It came to nothing.
    Failed,
    /// Not decided, or in a state that nobody documented.
    Pending,
    /// A message to try the connection.
    Test,
}

/// Which way the money went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the receiver.
    In,
    /// From the receiver.
    Out,
}

/// The way the money came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Between bank accounts.
    BankTransfer,
    /// From an e-wallet (ví điện tử).
    Wallet,
    /// From a Mobile Money account.
    MobileMoney,
    /// By card.
    Card,
    /// Not told.
    Unknown,
}

/// Who received the money.
#[derive(Clone, PartialEq, Eq)]
pub enum Receiver<'d> {
    /// A bank account.
    Account {
        /// The bank's BIN.
        bank: Cow<'d, str>,
        /// The account number.
        number: Cow<'d, str>,
    },
    /// A merchant of the provider.
    Merchant(Cow<'d, str>),
}

impl<'d> Statement<'d> {
    /// A statement with what every one has; the rest is unknown.
    pub(crate) fn new(
        said: Said<'d>,
        record: impl Into<Cow<'d, str>>,
        receiver: Receiver<'d>,
        channel: Channel,
        method: Method,
    ) -> Self {
        Self {
            direction: if said == Said::PaidOut { Direction::Out } else { Direction::In },
            said,
            record: record.into(),
            state: None,
            transaction_id: None,
            bank_reference: None,
            receiver,
            virtual_account: None,
            amount: None,
            occurred_at: None,
            is_time_of_message: false,
            payer_name: None,
            payer_account: None,
            payer_bank: None,
            beneficiary_name: None,
            reason: None,
            invoice: None,
            channel,
            method,
            kind: None,
            particulars: Vec::new(),
        }
    }

    /// The same, holding on to nothing.
    #[must_use]
    pub fn into_owned(self) -> Statement<'static> {
        let own = |text: Cow<'_, str>| -> Cow<'static, str> { Cow::Owned(text.into_owned()) };
        Statement {
            said: match self.said {
                Said::Paid => Said::Paid,
                Said::PaidOut => Said::PaidOut,
                Said::Voided => Said::Voided,
                Said::Reversed { original } => Said::Reversed { original: original.map(own) },
                Said::Failed => Said::Failed,
                Said::Pending => Said::Pending,
                Said::Test => Said::Test,
            },
            direction: self.direction,
            record: own(self.record),
            state: self.state.map(own),
            transaction_id: self.transaction_id.map(own),
            bank_reference: self.bank_reference.map(own),
            receiver: match self.receiver {
                Receiver::Account { bank, number } => {
                    Receiver::Account { bank: own(bank), number: own(number) }
                }
                Receiver::Merchant(merchant) => Receiver::Merchant(own(merchant)),
            },
            virtual_account: self.virtual_account.map(own),
            amount: self.amount,
            occurred_at: self.occurred_at,
            is_time_of_message: self.is_time_of_message,
            payer_name: self.payer_name.map(own),
            payer_account: self.payer_account.map(own),
            payer_bank: self.payer_bank.map(own),
            beneficiary_name: self.beneficiary_name.map(own),
            reason: self.reason.map(own),
            invoice: self.invoice.map(own),
            channel: self.channel,
            method: self.method,
            kind: self.kind,
            particulars: self.particulars.into_iter().map(|(name, text)| (name, own(text))).collect(),
        }
    }
}

impl Said<'_> {
    /// Whether money moved, or a movement was taken back.
    pub(crate) fn moves_money(&self) -> bool {
        matches!(self, Self::Paid | Self::PaidOut | Self::Reversed { .. })
    }
}

impl fmt::Debug for Statement<'_> {
    /// Nothing that a sender wrote.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Statement({:?}, {:?}, {:?})", self.said, self.channel, self.method)
    }
}

impl fmt::Debug for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Paid => "Paid",
            Self::PaidOut => "PaidOut",
            Self::Voided => "Voided",
            Self::Reversed { .. } => "Reversed",
            Self::Failed => "Failed",
            Self::Pending => "Pending",
            Self::Test => "Test",
        })
    }
}
