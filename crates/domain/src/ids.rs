use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

macro_rules! digest_128 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }

        impl fmt::Display for $name {
            /// Lower-case hexadecimal, as ClickHouse's `lower(hex(…))` prints it.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    };
}

macro_rules! digest_64 {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:016x}", self.0)
            }
        }
    };
}

digest_128! {
    /// The receiving field that every money message of a provider carries; the key of the Kafka topic.
    AccountId
}
digest_128! {
    /// One movement of money, whoever reports it. Records of several sources meet in one payment.
    PaymentId
}
digest_128! {
    /// What the registry resolves to an institution: an account, a merchant, a terminal, a virtual-account prefix.
    IdentifierId
}
digest_64! {
    /// One transaction as one source reports it.
    RecordId
}
digest_64! {
    /// A person's name or code under the key of one year, for one purpose and one receiving account. 64 bits
    /// tell the payers of an account apart; more would only make a stored payment larger.
    PersonDigest
}
digest_64! {
    /// The payer's bank account under the key of one year, for one receiving account.
    PayerAccountDigest
}
digest_64! {
    /// An invoice number or code together with the amount, under the key of one year; the same at every receiving
    /// account, so that a bank's record and a merchant's can be seen to speak of one payment.
    InvoiceDigest
}
digest_64! {
    /// A bank's reference at one account, whatever the day: two sources may date one payment differently.
    ReferenceDigest
}

impl From<RecordId> for PaymentId {
    /// A payment that no other source can name is called after its only record.
    fn from(record: RecordId) -> Self {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&record.0.to_be_bytes());
        Self(bytes)
    }
}

impl PaymentId {
    /// Its first 64 bits, enough to say "certainly never seen" of a payment.
    #[must_use]
    pub fn prefix(&self) -> u64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.0[..8]);
        u64::from_be_bytes(bytes)
    }
}

/// The name of a bank, intermediary or institution that posts webhooks: 1–40 of `a-z 0-9 -`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(Arc<str>);

impl SourceId {
    /// The ledger's row for log records that cannot be decoded, so that even they add up.
    pub const UNDECODABLE: &'static str = "undecodable";

    /// # Errors
    /// Anything but 1–40 characters of `a-z 0-9 -`.
    pub fn new(name: &str) -> Result<Self, InvalidSourceId> {
        let valid = (1..=40).contains(&name.len())
            && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if valid { Ok(Self(name.into())) } else { Err(InvalidSourceId) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for SourceId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A source name with other characters, or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a source name is 1 to 40 of a-z, 0-9 and -")]
pub struct InvalidSourceId;
