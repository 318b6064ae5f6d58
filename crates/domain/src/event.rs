use std::cmp::{Ordering, Reverse};

use crate::{
    AccountId, AmountDong, BusinessDate, IdentifierId, InvoiceDigest, PayerAccountDigest, PaymentId,
    PersonDigest, RecordId, ReferenceDigest, SourceId, Timestamp,
};

/// A closed set of names, each with the number and the spelling it has in storage and on the wire.
/// Numbers are never reused: they are in stored rows.
macro_rules! closed_set {
    ($(#[$doc:meta])* $set:ident { $($(#[$member_doc:meta])* $member:ident = $code:literal $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[repr(i8)]
        pub enum $set { $($(#[$member_doc])* #[serde(rename = $name)] $member = $code,)+ }

        impl $set {
            /// Every member, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$member,)+];

            /// The spelling in storage, on the wire and in figures.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$member => $name,)+ }
            }

            /// The number in stored rows.
            #[must_use]
            pub const fn code(self) -> i8 {
                self as i8
            }

            /// The member with this number.
            #[must_use]
            pub const fn from_code(code: i8) -> Option<Self> {
                match code { $($code => Some(Self::$member),)+ _ => None }
            }

            /// The member with this spelling.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$member),)+ _ => None }
            }
        }
    };
}

closed_set! {
    /// What a source is to a payment. A bank's feed and an intermediary's report of one credit pair up, and the
    /// intermediary knows the method best.
    SourceClass {
        /// A payment intermediary (trung gian thanh toán): gateway, wallet, Mobile Money, card acquirer.
        Intermediary = 1 "intermediary",
        /// Software of a school or hospital.
        Institution = 2 "institution",
        /// A bank's balance or collection feed.
        Bank = 3 "bank",
    }
}

closed_set! {
    /// How the payer paid.
    Method {
        /// Not told.
        Unknown = 0 "UNKNOWN",
        /// QR, transfer to an account or card (chuyển khoản).
        QrTransfer = 1 "QR_TRANSFER",
        /// QR, merchant payment (thanh toán).
        QrPayment = 2 "QR_PAYMENT",
        /// Transfer by website or app without QR.
        WebTransfer = 3 "WEB_TRANSFER",
        /// Gateway, bill collection (thu hộ), e-wallet checkout, card on a website.
        WebPayment = 4 "WEB_PAYMENT",
        /// A Mobile Money account of a telecom operator; an e-wallet is not one.
        MobileMoney = 5 "MOBILE_MONEY",
        /// Card at a terminal (thẻ POS).
        CardPos = 6 "CARD_POS",
        /// Cashless by none of the four methods of the plans.
        Other = 7 "OTHER",
        /// Cash paid at a bank's or agent's counter: not cashless.
        CounterCash = 8 "COUNTER_CASH",
    }
}

closed_set! {
    /// What a movement of money is, as far as its message tells. The class in figures also needs the registry.
    Kind {
        /// A fee paid by a payer (học phí, viện phí, …), unless the registry says otherwise.
        Payment = 1 "payment",
        /// A hospital deposit (tạm ứng viện phí).
        Deposit = 2 "deposit",
        /// Money returned to a payer; lowers value on its own date, never counts.
        Refund = 3 "refund",
        /// A card dispute lost; treated as a refund.
        Chargeback = 4 "chargeback",
        /// Money out that names no original: suppliers, salaries.
        Outflow = 5 "outflow",
        /// An intermediary's lump-sum credit; its members are counted instead.
        Settlement = 6 "settlement",
        /// Cash handed in at a bank's or agent's counter.
        CounterCash = 7 "counter_cash",
        /// From the state budget (kho bạc).
        StateBudget = 8 "state_budget",
        /// From the health insurance fund (BHXH).
        HealthInsuranceFund = 9 "bhyt_fund",
        /// A donation (tài trợ).
        Donation = 10 "donation",
        /// Interest paid by the bank.
        Interest = 11 "interest",
        /// A loan.
        Loan = 12 "loan",
        /// Money back from a supplier.
        SupplierRefund = 13 "supplier_refund",
        /// Between accounts of one institution or its parent; found by review, not by a message.
        InternalTransfer = 14 "internal_transfer",
    }
}

impl Kind {
    /// Whether the money goes out of the receiving account.
    #[must_use]
    pub const fn is_outgoing(self) -> bool {
        matches!(self, Self::Refund | Self::Chargeback | Self::Outflow)
    }

    /// Whether it lowers the value of payments made.
    #[must_use]
    pub const fn is_refund(self) -> bool {
        matches!(self, Self::Refund | Self::Chargeback)
    }

    /// Whether no registry could ever make it a counted payment.
    #[must_use]
    pub const fn is_excluded(self) -> bool {
        !matches!(self, Self::Payment | Self::Deposit | Self::Refund | Self::Chargeback)
    }

    /// What money in is when another record of the same payment tells `other`: any exclusion wins, its own before the other's,
    /// and whoever tells a deposit knows more than who tells a payment.
    #[must_use]
    pub const fn beside(self, other: Self) -> Self {
        match self {
            Self::Payment => other,
            Self::Deposit if other.is_excluded() => other,
            _ => self,
        }
    }
}

closed_set! {
    /// Why it was paid (lý do thanh toán). Only the code is kept; texts can reveal health and are dropped.
    Reason {
        /// Not told, or not recognised.
        Unknown = 0 "unknown",
        /// Học phí.
        Tuition = 1 "tuition",
        /// Tiền ăn, bán trú.
        Meals = 2 "meals",
        /// Bảo hiểm.
        Insurance = 3 "insurance",
        /// Dịch vụ.
        Services = 4 "services",
        /// Lệ phí thi.
        Exam = 5 "exam",
        /// Tạm ứng nội trú.
        InpatientDeposit = 6 "inpatient_deposit",
        /// Thanh toán ra viện.
        InpatientSettlement = 7 "inpatient_settlement",
        /// Tiền thuốc.
        Medicine = 8 "medicine",
        /// Khác.
        Other = 9 "other",
    }
}

closed_set! {
    /// Whom the money serves (người thụ hưởng).
    Beneficiary {
        /// Not told.
        Unknown = 0 "unknown",
        /// A pupil or student.
        Pupil = 1 "pupil",
        /// A patient.
        Patient = 2 "patient",
        /// Only the account holder is named.
        Institution = 3 "institution",
    }
}

closed_set! {
    /// Where a payment stands. Only the first two belong to records; the others move no money.
    Status {
        /// The money arrived.
        Settled = 1 "settled",
        /// The provider cancelled the payment itself: it never counted.
        Voided = 2 "voided",
        /// Not decided yet.
        Pending = 3 "pending",
        /// Did not go through.
        Failed = 4 "failed",
        /// The payer did not pay in time.
        Expired = 5 "expired",
        /// A dispute was opened; money moves only if it is lost.
        Disputed = 6 "disputed",
        /// A message to try the connection.
        Test = 7 "test",
    }
}

impl Status {
    /// Whether the status belongs to a record of moved money.
    #[must_use]
    pub const fn moves_money(self) -> bool {
        matches!(self, Self::Settled | Self::Voided)
    }
}

closed_set! {
    /// Who took a decision; a person's outranks a rule's.
    DecidedBy {
        /// A rule of the reviewer.
        Rule = 1 "rule",
        /// A person.
        Person = 2 "person",
    }
}

/// Which of the four minimum fields of the plans' information template a message carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct MinimumFields(pub u8);

impl MinimumFields {
    /// Họ tên người trả tiền.
    pub const PAYER_NAME: Self = Self(1);
    /// Họ tên người thụ hưởng.
    pub const BENEFICIARY_NAME: Self = Self(2);
    /// Lý do thanh toán.
    pub const REASON: Self = Self(4);
    /// Mã/số hóa đơn.
    pub const INVOICE_REF: Self = Self(8);
    /// All four: the minimum of education.
    pub const ALL: Self = Self(15);
    /// The minimum of health, where a beneficiary is named only "if any".
    pub const WITHOUT_BENEFICIARY: Self = Self(13);

    /// Whether every field of `wanted` is present.
    #[must_use]
    pub const fn has(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }

    /// The names of the fields.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let named = [
            (Self::PAYER_NAME, "payer_name"),
            (Self::BENEFICIARY_NAME, "beneficiary_name"),
            (Self::REASON, "reason"),
            (Self::INVOICE_REF, "invoice_ref"),
        ];
        named.into_iter().filter(|(field, _)| self.has(*field)).map(|(_, name)| name).collect()
    }

    /// The fields of either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What ties a payment to a service, where the receiving account alone does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Evidence(pub u8);

impl Evidence {
    /// An invoice reference came with it.
    pub const INVOICE: Self = Self(1);
    /// A pupil or patient was named.
    pub const PERSON: Self = Self(2);

    /// The names of what there is.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let named = [(Self::INVOICE, "invoice"), (Self::PERSON, "person")];
        named.into_iter().filter(|(one, _)| self.0 & one.0 != 0).map(|(_, name)| name).collect()
    }

    /// The evidence of either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Oddities worth seeing that change no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Flags(pub u8);

impl Flags {
    /// No settlement time was sent; the transaction time stands in.
    pub const SETTLED_AT_MISSING: Self = Self(1);
    /// The year's key of persons is destroyed or absent, so names and invoices left no digest.
    pub const PERSON_KEY_MISSING: Self = Self(2);

    /// The flags of either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The key of a fact: fixed at the first message about a transaction and the same in every later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey {
    /// Local date of the provider's own transaction time.
    pub anchor: BusinessDate,
    /// The receiving account.
    pub account: AccountId,
    /// The movement of money.
    pub payment: PaymentId,
    /// The transaction at its source.
    pub record: RecordId,
}

/// One thing a source says about one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentEvent {
    /// Who says it.
    pub source: SourceId,
    /// What the source is to a payment.
    pub source_class: SourceClass,
    /// What it is about.
    pub key: EventKey,
    /// When the collector received it.
    pub received_at: Timestamp,
    /// A new status; absent in a correction.
    pub status: Option<StatusChange>,
    /// What was paid; absent where only the status changes.
    pub details: Option<Details>,
    /// A decision of ours about the record, never sent by a provider.
    pub decision: Option<Decision>,
    /// The persons' digests of this record are to be forgotten.
    pub erased: bool,
}

/// The status register: the larger of two wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusChange {
    /// The provider's version of the status, 0 where it has none.
    pub version: u32,
    /// Settled ranks below voided.
    pub status: Status,
}

/// The details register: one value, replaced as a whole. The larger of two wins, see [`Ord`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Details {
    /// The provider's version of the details, 0 where it has none.
    pub version: u32,
    /// When the provider made the statement; absent where it sends no time.
    pub provider_time: Option<Timestamp>,
    /// When the collector received it.
    pub received_at: Timestamp,
    /// What the payer paid.
    pub amount: AmountDong,
    /// When the money arrived; decides the business date.
    pub settled_at: Timestamp,
    /// How it was paid.
    pub method: Method,
    /// What it is.
    pub kind: Kind,
    /// What the registry resolves.
    pub identifier: IdentifierId,
    /// What ties it to a service.
    pub evidence: Evidence,
    /// Which minimum fields were present.
    pub fields: MinimumFields,
    /// Oddities.
    pub flags: Flags,
    /// Why it was paid.
    pub reason: Reason,
    /// Whom it serves.
    pub beneficiary_kind: Beneficiary,
    /// The payer.
    pub payer: Option<PersonDigest>,
    /// The pupil or patient.
    pub beneficiary: Option<PersonDigest>,
    /// The account the money came from, where a bank told it.
    pub payer_account: Option<PayerAccountDigest>,
    /// The invoice and the amount, under the key of the year of `settled_at`.
    pub invoice: Option<InvoiceDigest>,
    /// The invoice under the neighbouring year's key, within 48 hours of New Year.
    pub invoice_other_year: Option<InvoiceDigest>,
    /// The record that a refund or chargeback returns.
    pub original: Option<RecordId>,
    /// The bank's reference, whatever the day.
    pub reference: Option<ReferenceDigest>,
}

impl Ord for Details {
    /// By version, then provider time, then every counted value. Without a provider time the earliest receipt
    /// ranks highest, because a re-send is then indistinguishable from a statement made later. Otherwise equal
    /// statements settle on the first one received. Persons come last of all, so that forgetting them before or
    /// after the comparison leaves the same value.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_receipt = |details: &Self| {
            if details.provider_time.is_some() { Reverse(None) } else { Reverse(Some(details.received_at)) }
        };
        let counted =
            |d: &Self| (d.amount, d.settled_at, d.method, d.kind, d.identifier, d.evidence, d.fields);
        let carried = |d: &Self| (d.original, d.reason, d.beneficiary_kind, d.flags, d.reference);
        let persons = |d: &Self| (d.payer, d.beneficiary, d.payer_account, d.invoice, d.invoice_other_year);
        (self.version, self.provider_time)
            .cmp(&(other.version, other.provider_time))
            .then_with(|| by_receipt(self).cmp(&by_receipt(other)))
            .then_with(|| counted(self).cmp(&counted(other)))
            .then_with(|| carried(self).cmp(&carried(other)))
            .then_with(|| Reverse(self.received_at).cmp(&Reverse(other.received_at)))
            .then_with(|| persons(self).cmp(&persons(other)))
    }
}

impl PartialOrd for Details {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The decision register: the larger of two wins; a person outranks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decision {
    /// Who decided.
    pub by: DecidedBy,
    /// The registry the decision was taken under.
    pub registry_version: u32,
    /// When.
    pub decided_at: Timestamp,
    /// The record that counts instead of this one.
    pub merged_into: Option<RecordId>,
    /// What it is, whatever the message said.
    pub kind: Option<Kind>,
    /// When the money arrived, whatever the message said.
    pub settled_at: Option<Timestamp>,
    /// What it has beside what the message said, of a record that it counts for.
    pub added: Added,
}

/// What a record that counts for another one has from that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Added {
    /// What ties it to a service.
    pub evidence: Evidence,
    /// Minimum fields.
    pub fields: MinimumFields,
}
