//! One statement of a source, and its JSON as payment.v1 has it.

use std::fmt::Write as _;
use std::sync::Arc;

use cashless_domain::{Beneficiary, Evidence, Kind, Method, MinimumFields, Reason};

use crate::clock::{Zone, digits, write_time};
use crate::faults::Fault;
use crate::identifiers::{Channel, Receiver};

/// What a statement says of its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Settled,
    Corrected,
    Voided,
    Refunded,
    ChargedBack,
    Debited,
    Pending,
    Failed,
    Expired,
    Disputed,
    Test,
}

impl What {
    const fn name(self) -> &'static str {
        match self {
            Self::Settled => "payment.settled",
            Self::Corrected => "payment.corrected",
            Self::Voided => "payment.voided",
            Self::Refunded => "payment.refunded",
            Self::ChargedBack => "payment.charged_back",
            Self::Debited => "payment.debited",
            Self::Pending => "payment.pending",
            Self::Failed => "payment.failed",
            Self::Expired => "payment.expired",
            Self::Disputed => "payment.disputed",
            Self::Test => "payment.test",
        }
    }

    /// Whether it says nothing of money that moved.
    pub(crate) const fn moves_no_money(self) -> bool {
        matches!(self, Self::Pending | Self::Failed | Self::Expired | Self::Disputed | Self::Test)
    }
}

/// Whom the money serves, as a message names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Served {
    pub(crate) kind: Beneficiary,
    pub(crate) name: Option<String>,
    /// A pupil's or patient's number.
    pub(crate) code: Option<u32>,
}

/// One statement; numbers become ids when it is written.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) source: u8,
    pub(crate) what: What,
    pub(crate) timestamp: i64,
    /// Absent only in a refund that is the one refund of its original.
    pub(crate) transaction: Option<u64>,
    pub(crate) transaction_time: i64,
    pub(crate) settled_at: Option<i64>,
    pub(crate) version: u32,
    pub(crate) channel: Arc<Channel>,
    /// The pupil behind a virtual account.
    pub(crate) virtual_suffix: u32,
    pub(crate) amount: i64,
    pub(crate) method: Method,
    pub(crate) kind: Kind,
    /// Absent where the source does not merge by it.
    pub(crate) bank_reference: Option<u64>,
    pub(crate) original: Option<u64>,
    pub(crate) payer: Option<String>,
    pub(crate) served: Option<Served>,
    pub(crate) reason: Reason,
    pub(crate) invoice: Option<u64>,
    pub(crate) style: Style,
    pub(crate) fault: Option<Fault>,
}

/// Freedoms of the format that change nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) zone: Zone,
    pub(crate) amount_as_string: bool,
    pub(crate) unknown_member: bool,
}

impl Statement {
    /// When the money arrived, as the message will be read.
    pub(crate) fn arrived_at(&self) -> i64 {
        self.settled_at.unwrap_or(self.transaction_time)
    }

    /// What the money is, as the message will be read.
    pub(crate) fn read_kind(&self) -> Kind {
        match self.what {
            What::Refunded => Kind::Refund,
            What::ChargedBack => Kind::Chargeback,
            What::Debited => Kind::Outflow,
            _ if self.method == Method::CounterCash => Kind::CounterCash,
            _ => self.kind,
        }
    }

    /// What ties it to a service.
    pub(crate) fn evidence(&self) -> Evidence {
        let invoice = if self.invoice.is_some() { Evidence::INVOICE } else { Evidence::default() };
        let person = self.served.as_ref().is_some_and(|served| {
            matches!(served.kind, Beneficiary::Pupil | Beneficiary::Patient)
                && (served.name.is_some() || served.code.is_some())
        });
        if person { invoice.union(Evidence::PERSON) } else { invoice }
    }

    /// Which of the minimum fields it carries.
    pub(crate) fn fields(&self) -> MinimumFields {
        let served = self.served.as_ref().is_some_and(|served| served.name.is_some());
        [
            (self.payer.is_some(), MinimumFields::PAYER_NAME),
            (served, MinimumFields::BENEFICIARY_NAME),
            (self.reason != Reason::Unknown, MinimumFields::REASON),
            (self.invoice.is_some(), MinimumFields::INVOICE_REF),
        ]
        .into_iter()
        .filter(|(present, _)| *present)
        .fold(MinimumFields::default(), |fields, (_, field)| fields.union(field))
    }

    /// Appends the statement's JSON. `run` keeps the ids of different streams apart.
    pub(crate) fn write(&self, run: &str, out: &mut String) {
        out.push_str("{\"type\":\"");
        out.push_str(if self.fault == Some(Fault::UnknownType) {
            "payment.teleported"
        } else {
            self.what.name()
        });
        out.push_str("\",\"timestamp\":\"");
        self.time(self.timestamp, out);
        out.push_str("\",\"data\":{");
        self.write_key(run, out);
        self.write_money(out);
        self.write_persons(run, out);
        if self.style.unknown_member {
            out.push_str(",\"channel\":{\"app\":\"demo\",\"build\":7}");
        }
        out.push_str("}}");
        if self.fault == Some(Fault::Truncated) {
            out.truncate(out.len() - 3);
        }
    }

    fn time(&self, micros: i64, out: &mut String) {
        match self.fault {
            // Far enough to be in the future whenever the stream is posted.
            Some(Fault::Future) => out.push_str("2120-01-01T00:00:00+07:00"),
            Some(Fault::WithoutZone) => write_time(micros, Zone::Missing, out),
            _ => write_time(micros, self.style.zone, out),
        }
    }

    /// The members that say which transaction is meant.
    fn write_key(&self, run: &str, out: &mut String) {
        self.write_receiver(out);
        let unaddressed = self.fault == Some(Fault::VoidUnaddressed);
        let fault = |wanted| self.fault == Some(wanted);
        if let Some(transaction) = self.transaction
            && !fault(Fault::WithoutTransactionId)
            && !(unaddressed && self.bank_reference.is_none())
        {
            id(",\"transaction_id\":\"T", run, transaction, out);
        }
        out.push_str(",\"transaction_time\":\"");
        self.time(self.transaction_time, out);
        out.push('"');
        if let Some(reference) = self.bank_reference
            && !unaddressed
        {
            id(",\"bank_reference\":\"FT", run, reference, out);
        }
        if let Some(original) = self.original
            && !fault(Fault::WithoutOriginal)
        {
            id(",\"original\":{\"transaction_id\":\"T", run, original, out);
            out.push('}');
        }
        if fault(Fault::NegativeVersion) {
            out.push_str(",\"version\":-1");
        } else if self.version > 0 {
            let _ = write!(out, ",\"version\":{}", self.version);
        }
        if fault(Fault::DuplicateMember) {
            out.push_str(",\"version\":1,\"version\":1");
        }
    }

    fn write_receiver(&self, out: &mut String) {
        out.push_str("\"receiver\":{");
        match &self.channel.receiver {
            Receiver::Account { bank, account, virtual_prefix } => {
                let bank = if self.fault == Some(Fault::ReceiverNotAllowed) { "970499" } else { bank };
                let _ = write!(out, "\"bank\":\"{bank}\",\"account\":\"{account}\"");
                if let Some(prefix) = virtual_prefix {
                    let _ = write!(out, ",\"virtual_account\":\"{prefix}HS{:05}\"", self.virtual_suffix);
                }
            }
            _ if self.fault == Some(Fault::ReceiverNotAllowed) => {
                out.push_str("\"bank\":\"970499\",\"account\":\"10002000\"");
            }
            Receiver::Merchant(merchant) => {
                let _ = write!(out, "\"merchant\":\"{merchant}\"");
            }
            Receiver::Terminal(terminal) => {
                let _ = write!(out, "\"terminal\":\"{terminal}\"");
            }
        }
        if self.fault == Some(Fault::SecondReceiver) {
            out.push_str(",\"merchant\":\"M1\",\"terminal\":\"T1\"");
        }
        out.push('}');
    }

    fn write_money(&self, out: &mut String) {
        if self.what == What::Voided {
            return;
        }
        if let Some(settled_at) = self.settled_at {
            out.push_str(",\"settled_at\":\"");
            self.time(settled_at, out);
            out.push('"');
        }
        out.push_str(",\"amount_dong\":");
        match self.fault {
            Some(Fault::AmountZero) => out.push('0'),
            Some(Fault::AmountNegative) => out.push_str("-350000"),
            Some(Fault::AmountFractional) => out.push_str("350000.5"),
            Some(Fault::AmountAbsurd) => out.push_str("1000000000000001"),
            _ if self.style.amount_as_string => {
                let _ = write!(out, "\"{}\"", self.amount);
            }
            _ => {
                let _ = write!(out, "{}", self.amount);
            }
        }
        let currency = if self.fault == Some(Fault::OtherCurrency) { "USD" } else { "VND" };
        let _ = write!(out, ",\"currency\":\"{currency}\"");
        if self.method != Method::Unknown {
            let _ = write!(out, ",\"method\":\"{}\"", self.method.name());
        }
        let said = matches!(self.what, What::Settled | What::Corrected | What::Pending | What::Failed);
        if said && self.kind != Kind::Payment {
            let _ = write!(out, ",\"kind\":\"{}\"", self.kind.name());
        }
    }

    fn write_persons(&self, run: &str, out: &mut String) {
        if self.what == What::Voided {
            return;
        }
        if let Some(payer) = &self.payer {
            let _ = write!(out, ",\"payer\":{{\"name\":\"{payer}\"}}");
        }
        if let Some(served) = &self.served {
            let _ = write!(out, ",\"beneficiary\":{{\"kind\":\"{}\"", served.kind.name());
            if let Some(name) = &served.name {
                let _ = write!(out, ",\"name\":\"{name}\"");
            }
            if let Some(code) = served.code {
                out.push_str(",\"code\":\"HS");
                digits(i64::from(code), 5, out);
                out.push('"');
            }
            out.push('}');
        }
        if self.reason != Reason::Unknown {
            let _ = write!(out, ",\"reason\":\"{}\"", self.reason.name());
        }
        if let Some(invoice) = self.invoice {
            id(",\"invoice_ref\":\"HD", run, invoice, out);
        }
    }
}

/// Writes a member whose value is an id, with its closing quote.
fn id(before: &str, run: &str, number: u64, out: &mut String) {
    out.push_str(before);
    out.push_str(run);
    out.push('-');
    digits(i64::try_from(number).unwrap_or(i64::MAX), 10, out);
    out.push('"');
}
