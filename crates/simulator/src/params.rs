//! The numbers behind a stream. Defaults are estimates for one province; every one can be changed.

/// How people pay, in percent of payments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MethodMix {
    /// QR, transfer.
    pub qr_transfer: f64,
    /// QR, merchant payment.
    pub qr_payment: f64,
    /// Transfer without QR.
    pub web_transfer: f64,
    /// Gateway, bill collection, wallet checkout.
    pub web_payment: f64,
    /// Mobile Money.
    pub mobile_money: f64,
    /// Card at a terminal.
    pub card_pos: f64,
    /// Anything else without cash.
    pub other: f64,
}

impl MethodMix {
    /// As in 2022, when transfers were typed by hand.
    pub const Y2022: Self = Self {
        qr_transfer: 18.0,
        qr_payment: 6.0,
        web_transfer: 42.0,
        web_payment: 15.0,
        mobile_money: 2.0,
        card_pos: 12.0,
        other: 5.0,
    };
    /// As in 2025, when QR had won.
    pub const Y2025: Self = Self {
        qr_transfer: 52.0,
        qr_payment: 12.0,
        web_transfer: 14.0,
        web_payment: 11.0,
        mobile_money: 1.5,
        card_pos: 7.0,
        other: 2.5,
    };
}

/// Everything a [`Scenario`](crate::Scenario) can be told. Rates are shares between 0 and 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Share of payments made to schools; the rest goes to health facilities.
    pub education_share: f64,
    /// Share of payments told in a provider's own format.
    pub dialect_share: f64,
    /// How people pay.
    pub methods: MethodMix,
    /// Rates of what goes wrong, or merely differs.
    pub rates: Rates,
    /// Typical delay of a refund, void or correction behind its payment, in seconds.
    pub follow_up_median_s: f64,
    /// Largest number of statements in one batch.
    pub batch_items_max: usize,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            education_share: 0.45,
            dialect_share: 0.25,
            methods: MethodMix::Y2025,
            rates: Rates::default(),
            follow_up_median_s: 600.0,
            batch_items_max: 20,
        }
    }
}

impl Parameters {
    /// A clean stream: settled payments only, each told once, nothing wrong.
    #[must_use]
    pub fn clean() -> Self {
        Self { rates: Rates::none(), dialect_share: 0.0, ..Self::default() }
    }
}

/// Defines the rates once, with the value of an ordinary day; [`Rates::none`] has them all at zero.
macro_rules! rates {
    ($($(#[$doc:meta])* $name:ident = $default:literal,)+) => {
        /// How often each irregularity occurs, each a share of payments unless its text says otherwise.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct Rates { $($(#[$doc])* pub $name: f64,)+ }

        impl Default for Rates {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Rates {
            /// Nothing irregular ever happens.
            #[must_use]
            pub const fn none() -> Self {
                Self { $($name: 0.0,)+ }
            }

            /// Every rate multiplied, at most 1: the way to see every fault in a short stream.
            #[must_use]
            pub fn times(self, factor: f64) -> Self {
                Self { $($name: (self.$name * factor).min(1.0),)+ }
            }
        }
    };
}

rates! {
    /// A delivery sent again with the same id and body; share of deliveries.
    redelivery = 0.015,
    /// The bank reports what an intermediary reported too; share of intermediaries' account payments.
    double_report = 0.10,
    /// Of these, the bank names another amount, so that both count.
    double_report_other_amount = 0.01,
    /// Of these, the bank gives a reference of its own, so that only rules can tell that it is one payment.
    double_report_other_reference = 0.05,
    /// Of these, the bank says that the payer brought cash, which takes the payment out.
    double_report_cash = 0.01,
    /// The payer pays twice.
    double_payment = 0.0015,
    /// Settled days before it is told.
    late = 0.005,
    /// A follow-up overtakes what it follows; share of follow-ups.
    inverted = 0.03,
    /// Money returned, in part or whole; share of payments to schools.
    refund_education = 0.004,
    /// Money returned; share of outpatient payments, medicine and stations.
    refund_health = 0.007,
    /// Part of a deposit returned; share of hospital deposits.
    refund_deposit = 0.27,
    /// The refund has no id of its own; share of refunds.
    refund_without_id = 0.2,
    /// A refund of something never seen; share of refunds.
    refund_orphan = 0.03,
    /// Bank and intermediary both tell of the refund; share of refunds of twice-told payments.
    refund_double_report = 0.5,
    /// The provider takes the payment back.
    void = 0.002,
    /// A void of something that never settled.
    void_alone = 0.000_3,
    /// A card dispute is lost; share of card payments.
    chargeback = 0.000_15,
    /// Details replaced under a higher version.
    correction = 0.004,
    /// Details replaced under the same version by a later statement.
    correction_same_version = 0.001,
    /// A correction of something that never settled.
    correction_alone = 0.000_3,
    /// A pending statement before the settled one.
    pending = 0.03,
    /// Failed instead of settled.
    failed = 0.01,
    /// Expired instead of settled.
    expired = 0.005,
    /// A dispute opened over a settled payment.
    disputed = 0.000_5,
    /// A connection test.
    test = 0.000_5,
    /// Cash brought to a counter.
    counter_cash = 0.01,
    /// From the state budget to a school.
    state_budget = 0.001,
    /// From the health insurance fund to a hospital.
    bhyt_fund = 0.000_5,
    /// An intermediary's lump sum, told by the bank.
    settlement = 0.003,
    /// Each of donation, interest, loan and money back from a supplier.
    other_income = 0.000_3,
    /// Money out to nobody's original.
    outflow = 0.002,
    /// Paid to an account that the registry does not know.
    unknown_account = 0.003,
    /// Paid to an account that changed hands.
    reassigned_account = 0.005,
    /// Paid to an account kept for another purpose; share of payments to institutions that have one.
    other_purpose = 0.1,
    /// A statement is told in a batch; share of statements.
    batched = 0.05,
    /// No settlement time.
    settled_at_missing = 0.02,
    /// Times written in UTC.
    utc = 0.001,
    /// An amount written as a string.
    amount_as_string = 0.03,
    /// A member the receiver does not know.
    unknown_member = 0.02,
    /// No payer's name from intermediaries and institutions.
    payer_missing = 0.35,
    /// No payer's name from banks.
    payer_missing_at_bank = 1.0,
    /// No beneficiary.
    beneficiary_missing = 0.2,
    /// Only the institution is named as beneficiary.
    beneficiary_institution = 0.1,
    /// A number instead of the beneficiary's name; share of beneficiaries with a number.
    beneficiary_nameless = 0.1,
    /// No reason.
    reason_missing = 0.03,
    /// No invoice.
    invoice_missing = 0.12,
    /// Signed by the wrong key.
    bad_signature = 0.002,
    /// Signed too long ago.
    stale = 0.000_5,
    /// Posted under a name that is no source.
    unknown_source = 0.000_3,
    /// Not the documented format.
    malformed = 0.001,
    /// An amount that is none.
    invalid_amount = 0.000_5,
    /// Another currency.
    wrong_currency = 0.000_3,
    /// A time in the future.
    time_in_future = 0.000_3,
    /// A receiver of which the source may not speak.
    receiver_not_allowed = 0.000_5,
    /// A void that names no payment.
    void_unaddressed = 0.000_3,
}
