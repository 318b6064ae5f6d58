//! Sources that post in a provider's own format, and what those formats keep of a payment.
//!
//! What a figure has to be is stated in the table below, not asked of the code that reads the formats.

use std::fmt;
use std::sync::Arc;

use cashless_domain::{AmountDong, Evidence, Method, MinimumFields, SourceClass, Timestamp};
use cashless_providers::{Adapter, Announcement, Composed, Happening, Provider};
use serde_json::Value;

/// The bank that holds the accounts of dialect sources: the one their examples name.
pub(crate) const BANK: &str = "970436";

/// A format, and what of a payment passes through it.
pub(crate) struct Format {
    /// Its name among the providers, and the source's id.
    pub(crate) provider: &'static str,
    pub(crate) class: SourceClass,
    /// The merchant of the example's settings; none where messages name an account.
    pub(crate) merchant: Option<&'static str>,
    pub(crate) method: Method,
    /// A share among payments told in dialects, by how much the provider is used.
    pub(crate) weight: f64,
    pub(crate) fields: u8,
    /// Whether it sends the time of the transaction.
    pub(crate) sends_time: bool,
}

const NAME: u8 = MinimumFields::PAYER_NAME.0;
const REASON: u8 = MinimumFields::REASON.0;
const INVOICE: u8 = MinimumFields::INVOICE_REF.0;

use SourceClass::{Bank, Intermediary};

/// Every format but our own.
pub(crate) const FORMATS: &[Format] = &[
    format("payos", Intermediary, None, Method::QrTransfer, 15.0, NAME | REASON | INVOICE),
    format("sepay", Intermediary, None, Method::WebTransfer, 20.0, REASON | INVOICE),
    format("casso", Intermediary, None, Method::WebTransfer, 12.0, NAME | REASON),
    format("vnpay", Intermediary, Some("TRUONGVD"), Method::QrPayment, 18.0, REASON | INVOICE),
    format("momo", Intermediary, Some("TRUONGVD"), Method::QrPayment, 12.0, REASON | INVOICE),
    format("zalopay", Intermediary, Some("7301"), Method::WebPayment, 8.0, INVOICE),
    format("vietqr-vn", Intermediary, None, Method::QrTransfer, 10.0, REASON | INVOICE),
    format("vnpt-money", Intermediary, Some("4711"), Method::MobileMoney, 4.0, INVOICE),
    without_time("viettel-money", Intermediary, Some("DEMOSCHOOL"), Method::MobileMoney, 5.0, INVOICE),
    without_time("onepay", Intermediary, Some("TRUONGVD"), Method::WebPayment, 4.0, REASON | INVOICE),
    without_time("shopeepay", Intermediary, Some("TRUONGVD"), Method::WebPayment, 4.0, INVOICE),
    format("camt054", Bank, None, Method::WebTransfer, 10.0, NAME | REASON | INVOICE),
];

const fn format(
    provider: &'static str,
    class: SourceClass,
    merchant: Option<&'static str>,
    method: Method,
    weight: f64,
    fields: u8,
) -> Format {
    Format { provider, class, merchant, method, weight, fields, sends_time: true }
}

const fn without_time(
    provider: &'static str,
    class: SourceClass,
    merchant: Option<&'static str>,
    method: Method,
    weight: f64,
    fields: u8,
) -> Format {
    Format { sends_time: false, ..format(provider, class, merchant, method, weight, fields) }
}

impl Format {
    pub(crate) fn fields(&self) -> MinimumFields {
        MinimumFields(self.fields)
    }

    pub(crate) fn evidence(&self) -> Evidence {
        if self.fields().has(MinimumFields::INVOICE_REF) { Evidence::INVOICE } else { Evidence::default() }
    }
}

/// What a dialect source posts with.
#[derive(Clone)]
pub struct Dialect {
    /// The provider.
    pub provider: &'static Provider,
    /// Its settings, secrets among them.
    pub settings: Value,
    right: Arc<dyn Adapter>,
    wrong: Arc<dyn Adapter>,
    /// What it can say of attempts that moved no money.
    pub(crate) without_money: Vec<Happening>,
}

impl Dialect {
    /// The provider's example.
    pub(crate) fn example(of: &Format) -> Self {
        let provider = Provider::named(of.provider).expect("every format of the table is a provider's");
        let settings: Value = serde_json::from_str(provider.example).expect("every example is JSON");
        let mut other = settings.clone();
        for secret in provider.secrets {
            if let Some(value) = other.get_mut(secret) {
                reverse(value);
            }
        }
        let adapter = |settings| (provider.configure)(settings).expect("examples are complete");
        let (right, wrong) = (adapter(settings.clone()), adapter(other));
        let says = |happening: &Happening| {
            let probe = Told { happening: *happening, ..Told::probe() };
            right.compose(&probe.announcement(), probe.occurred_at).is_some()
        };
        let without_money = [Happening::Failed, Happening::Pending].into_iter().filter(says).collect();
        Self { provider, right, wrong, settings, without_money }
    }

    /// The request of a message, signed now, or by somebody who does not know the secret.
    #[must_use]
    pub fn compose(&self, told: &Told, now: Timestamp, by_stranger: bool) -> Option<Composed> {
        let adapter = if by_stranger { &self.wrong } else { &self.right };
        adapter.compose(&told.announcement(), now)
    }
}

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dialect({})", self.provider.name)
    }
}

/// Other secrets of the same form.
fn reverse(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.chars().rev().collect(),
        Value::Array(values) => values.iter_mut().for_each(reverse),
        Value::Object(members) => members.values_mut().for_each(reverse),
        _ => {}
    }
}

/// A message of a dialect source; it is written when it is posted, since some signatures cover that time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub(crate) happening: Happening,
    pub(crate) number: u64,
    pub(crate) bank_reference: String,
    pub(crate) account: String,
    pub(crate) amount: AmountDong,
    pub(crate) occurred_at: Timestamp,
    pub(crate) payer_name: String,
    pub(crate) reason: &'static str,
    pub(crate) invoice: String,
}

impl Told {
    fn probe() -> Self {
        Self {
            happening: Happening::Test,
            number: 1,
            bank_reference: "FT1".to_owned(),
            account: "0011000000".to_owned(),
            amount: AmountDong::new(1_000).expect("an amount"),
            occurred_at: cashless_domain::BusinessDate::from_days(20_000).start(),
            payer_name: String::new(),
            reason: "",
            invoice: "HP1".to_owned(),
        }
    }

    fn announcement(&self) -> Announcement<'_> {
        Announcement {
            happening: self.happening,
            number: self.number,
            bank_reference: &self.bank_reference,
            account: &self.account,
            virtual_account: None,
            amount: self.amount,
            occurred_at: self.occurred_at,
            payer_name: Some(&self.payer_name),
            payer_account: Some("84900000001"),
            reason: self.reason,
            invoice: Some(&self.invoice),
        }
    }
}
