//! What providers get wrong, and what the collector is expected to say to it.

use cashless_domain::{DeadLetterReason, RefusalReason};

use crate::params::Rates;

/// A defect inside one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Truncated,
    UnknownType,
    WithoutZone,
    WithoutTransactionId,
    WithoutOriginal,
    NegativeVersion,
    DuplicateMember,
    SecondReceiver,
    AmountZero,
    AmountNegative,
    AmountFractional,
    AmountAbsurd,
    OtherCurrency,
    Future,
    ReceiverNotAllowed,
    VoidUnaddressed,
}

/// Every way to miss the documented format in a settled statement.
pub(crate) const MALFORMED: [Fault; 7] = [
    Fault::Truncated,
    Fault::UnknownType,
    Fault::WithoutZone,
    Fault::WithoutTransactionId,
    Fault::NegativeVersion,
    Fault::DuplicateMember,
    Fault::SecondReceiver,
];

/// Amounts that are none.
pub(crate) const AMOUNTS: [Fault; 4] =
    [Fault::AmountZero, Fault::AmountNegative, Fault::AmountFractional, Fault::AmountAbsurd];

impl Fault {
    /// Where the item ends.
    pub(crate) const fn reason(self) -> DeadLetterReason {
        match self {
            Self::AmountZero | Self::AmountNegative | Self::AmountFractional | Self::AmountAbsurd => {
                DeadLetterReason::InvalidAmount
            }
            Self::OtherCurrency => DeadLetterReason::UnsupportedCurrency,
            Self::Future => DeadLetterReason::TimeInFuture,
            Self::ReceiverNotAllowed => DeadLetterReason::ReceiverNotAllowed,
            Self::VoidUnaddressed => DeadLetterReason::VoidUnaddressed,
            _ => DeadLetterReason::Malformed,
        }
    }

    /// Whether the rest of a batch could be read beside it.
    pub(crate) const fn spares_its_neighbours(self) -> bool {
        !matches!(self.reason(), DeadLetterReason::Malformed)
    }
}

/// How a delivery presents itself to the collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presentation {
    /// Signed by its source, now.
    Genuine,
    /// Signed by a key that is not the source's.
    WrongKey,
    /// Signed rightly, an hour ago.
    Stale,
    /// Posted under the name of no source.
    UnknownSource,
}

impl Presentation {
    /// Why the collector is to refuse it.
    #[must_use]
    pub const fn refusal(self) -> Option<RefusalReason> {
        match self {
            Self::Genuine => None,
            Self::WrongKey => Some(RefusalReason::BadSignature),
            Self::Stale => Some(RefusalReason::Stale),
            Self::UnknownSource => Some(RefusalReason::UnknownSource),
        }
    }
}

/// The classes of trouble that replace a payment, each with its rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    Presented(Presentation),
    Malformed,
    RefundWithoutOriginal,
    InvalidAmount,
    WrongCurrency,
    TimeInFuture,
    ReceiverNotAllowed,
    VoidUnaddressed,
}

/// One draw decides which trouble, if any, a payment meets.
pub(crate) fn trouble(rates: &Rates, mut point: f64) -> Option<Trouble> {
    let table = [
        (rates.bad_signature, Trouble::Presented(Presentation::WrongKey)),
        (rates.stale, Trouble::Presented(Presentation::Stale)),
        (rates.unknown_source, Trouble::Presented(Presentation::UnknownSource)),
        (rates.malformed * 0.9, Trouble::Malformed),
        (rates.malformed * 0.1, Trouble::RefundWithoutOriginal),
        (rates.invalid_amount, Trouble::InvalidAmount),
        (rates.wrong_currency, Trouble::WrongCurrency),
        (rates.time_in_future, Trouble::TimeInFuture),
        (rates.receiver_not_allowed, Trouble::ReceiverNotAllowed),
        (rates.void_unaddressed, Trouble::VoidUnaddressed),
    ];
    for (rate, trouble) in table {
        if point < rate {
            return Some(trouble);
        }
        point -= rate;
    }
    None
}
