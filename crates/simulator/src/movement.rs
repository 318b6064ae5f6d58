//! Payments as they are made: who pays whom for what, by which way, and who tells of it.

use std::sync::Arc;

use cashless_domain::{AmountDong, Beneficiary, Kind, Method, Reason, SourceClass, Timestamp};
use cashless_providers::Happening;
use rand::RngExt as _;

use crate::amounts::{Amounts, Stream, delay_micros};
use crate::body::{Served, Statement, Style, What};
use crate::clock::{DAY, SECOND, Zone, local_date};
use crate::dialects::{FORMATS, Told};
use crate::draw::{chance, one_of};
use crate::faults::{AMOUNTS, Fault, MALFORMED, Presentation, Trouble, trouble};
use crate::identifiers::{Channel, Receiver};
use crate::names::write_person;
use crate::outbox::Sending;
use crate::scenario::{METHODS, Scenario};
use crate::sources::{MergeBy, Voice, gateways_of};
use crate::truth::{Member, Original};

/// The way of a payment into a till.
pub(crate) struct Route {
    pub(crate) channel: Arc<Channel>,
    /// Who tells of it.
    pub(crate) source: u8,
    /// The bank that tells of it too, and how it names the receiver.
    pub(crate) twin: Option<(u8, Arc<Channel>)>,
}

impl Scenario {
    /// One payment with everything that happens to it.
    pub(crate) fn payment(&mut self, at: i64, education: bool) {
        let streams =
            if education { (&self.education, Stream::EDUCATION) } else { (&self.health, Stream::HEALTH) };
        let stream = streams.1[streams.0.draw(&mut self.random)].0;
        if chance(&mut self.random, self.parameters.dialect_share) && self.in_dialect(at, stream) {
            return;
        }
        let method = METHODS[self.methods.draw(&mut self.random)];
        let institution = self.province.payee(&mut self.random, stream, local_date(at));
        self.lumps(at, institution);

        let route = self.route(institution, method);
        let amount = self.amounts.payment(&mut self.random, stream, method == Method::MobileMoney);
        let mut told = self.statement(&route.channel, route.source, at, amount, method);
        self.purpose(&mut told, stream, institution);
        if chance(&mut self.random, self.parameters.rates.late) {
            let longest = if chance(&mut self.random, 0.1) { 60 } else { 7 };
            let days = self.random.random_range(1..=longest) * DAY;
            told.transaction_time -= days;
            told.settled_at = told.settled_at.map(|settled_at| settled_at - days);
            told.timestamp -= days;
        }
        let point = self.random.random();
        match trouble(&self.parameters.rates, point) {
            Some(trouble) => self.in_trouble(told, at, trouble),
            None if self.never_settles(&told, at) => {}
            None => self.settles(told, at, route.twin, stream),
        }
    }

    /// One payment told in a provider's own format; false where the format cannot say when it was made, and the day
    /// matters.
    fn in_dialect(&mut self, at: i64, stream: Stream) -> bool {
        let number = self.formats.draw(&mut self.random);
        let (format, channel) = (&FORMATS[number], Arc::clone(&self.province.dialects[number]));
        if !format.sends_time && !self.is_now(at) {
            return false;
        }
        let source = &self.province.sources[usize::from(channel.source)];
        let Voice::Dialect(dialect) = &source.voice else { return false };
        let rates = self.parameters.rates;
        let happening = if chance(&mut self.random, rates.pending) && !dialect.without_money.is_empty() {
            one_of(&mut self.random, &dialect.without_money)
        } else {
            Happening::Paid
        };
        let amount = self.amounts.payment(&mut self.random, stream, format.method == Method::MobileMoney);
        let occurred_at = at - self.random.random_range(500..5_000) * 1_000;
        let (number, reason) =
            (self.new_id(), one_of(&mut self.random, &["nop hoc phi", "vien phi", "CHUYEN TIEN"]));
        let account = match &channel.receiver {
            Receiver::Account { account, .. } => account.clone(),
            _ => String::new(),
        };
        let told = Told {
            happening,
            number: self.outbox.number(number),
            bank_reference: format!("FT{}", self.outbox.number(number)),
            account,
            amount: AmountDong::new(amount).expect("amounts are drawn within the bounds of money"),
            occurred_at: Timestamp::from_micros(occurred_at).expect("streams begin after 1970"),
            payer_name: self.person(true),
            reason,
            invoice: format!("HP{number:08}"),
        };
        let is_forged = chance(&mut self.random, rates.bad_signature);
        let presentation = if is_forged { Presentation::WrongKey } else { Presentation::Genuine };
        let again = chance(&mut self.random, rates.redelivery)
            .then(|| at + delay_micros(&mut self.random, 10.0, 1.0).min(self.follow_up_max).max(SECOND));
        let again = again.filter(|again| format.sends_time || self.is_now(*again));
        self.outbox.tell(channel.source, told, Sending { arrival: at, presentation, batch: None, again });
        if !is_forged && happening == Happening::Paid {
            let member = Member {
                source: channel.source,
                identifier: channel.identifier,
                account: channel.account,
                arrived_at: occurred_at,
                amount,
                method: format.method,
                kind: Kind::Payment,
                evidence: format.evidence(),
                fields: format.fields(),
                voided: false,
            };
            self.ledger.unit(&[member], Original::CountedOrUnseen);
        }
        true
    }

    fn route(&mut self, institution: usize, method: Method) -> Route {
        let province = Arc::clone(&self.province);
        let till = &province.tills[institution];
        let rates = self.parameters.rates;
        if chance(&mut self.random, rates.unknown_account) {
            let at = self.random.random_range(0..province.unregistered.len());
            let (bank, channel) = &province.unregistered[at];
            return self.by_account(*bank, channel, method, None);
        }
        if chance(&mut self.random, rates.reassigned_account) {
            let at = self.random.random_range(0..province.reassigned.len());
            let (bank, channel) = &province.reassigned[at];
            return self.by_account(*bank, channel, method, None);
        }
        if !till.others.is_empty() && chance(&mut self.random, rates.other_purpose) {
            let at = self.random.random_range(0..till.others.len());
            return self.by_account(till.bank, &till.others[at], method, None);
        }
        let own = |channel: &Arc<Channel>| Route {
            channel: Arc::clone(channel),
            source: channel.source,
            twin: None,
        };
        match method {
            Method::CardPos if !till.terminals.is_empty() => {
                own(&till.terminals[self.random.random_range(0..till.terminals.len())])
            }
            Method::CardPos | Method::MobileMoney | Method::QrPayment | Method::WebPayment => {
                match &till.merchant {
                    Some(merchant) if chance(&mut self.random, 0.6) => own(merchant),
                    _ => self.by_account(till.bank, &till.account, method, till.bank_virtual.as_ref()),
                }
            }
            _ => match (&till.software, &till.bank_virtual) {
                (Some(software), _) if chance(&mut self.random, 0.5) => own(software),
                (_, Some(virtual_account)) if chance(&mut self.random, 0.6) => own(virtual_account),
                _ => self.by_account(till.bank, &till.account, method, None),
            },
        }
    }

    /// Transfers are told by the bank, the rest by a gateway and sometimes by the bank as well.
    fn by_account(
        &mut self,
        bank: usize,
        channel: &Arc<Channel>,
        method: Method,
        virtual_account: Option<&Arc<Channel>>,
    ) -> Route {
        let channel = Arc::clone(channel);
        let bank_source = channel.source;
        if matches!(method, Method::QrTransfer | Method::WebTransfer | Method::Other) {
            return Route { channel, source: bank_source, twin: None };
        }
        let source = one_of(&mut self.random, gateways_of(bank));
        let twin = chance(&mut self.random, self.parameters.rates.double_report)
            .then(|| (bank_source, Arc::clone(virtual_account.unwrap_or(&channel))));
        Route { channel, source, twin }
    }

    pub(crate) fn new_id(&mut self) -> u64 {
        self.ids += 1;
        self.ids
    }

    /// A settled payment told at `at`, without reason or persons.
    pub(crate) fn statement(
        &mut self,
        channel: &Arc<Channel>,
        source: u8,
        at: i64,
        amount: i64,
        method: Method,
    ) -> Statement {
        let rates = self.parameters.rates;
        let transaction_time = at - self.random.random_range(500..5_000) * 1_000;
        let settled_at = transaction_time + self.random.random_range(0..500) * 1_000;
        let merges = self.province.sources[usize::from(source)].merge_by == MergeBy::BankReference;
        Statement {
            source,
            what: What::Settled,
            timestamp: settled_at,
            transaction: Some(self.new_id()),
            transaction_time,
            settled_at: (!chance(&mut self.random, rates.settled_at_missing)).then_some(settled_at),
            version: 0,
            channel: Arc::clone(channel),
            virtual_suffix: self.random.random_range(0..100_000),
            amount,
            method,
            kind: Kind::Payment,
            bank_reference: merges.then(|| self.new_id()),
            original: None,
            payer: None,
            served: None,
            reason: Reason::Unknown,
            invoice: None,
            style: Style {
                zone: if chance(&mut self.random, rates.utc) { Zone::Utc } else { Zone::Local },
                amount_as_string: chance(&mut self.random, rates.amount_as_string),
                unknown_member: chance(&mut self.random, rates.unknown_member),
            },
            fault: None,
        }
    }

    /// Adds what the payment is for and who is named in it.
    pub(crate) fn purpose(&mut self, told: &mut Statement, stream: Stream, institution: usize) {
        let rates = self.parameters.rates;
        if stream == Stream::InpatientDeposit {
            told.kind = Kind::Deposit;
        }
        if chance(&mut self.random, rates.counter_cash) {
            if self.random.random() {
                told.method = Method::CounterCash;
                told.kind = Kind::Payment;
            } else {
                told.kind = Kind::CounterCash;
            }
        }
        if told.kind == Kind::Deposit || !chance(&mut self.random, rates.reason_missing) {
            told.reason = self.reason(stream);
        }
        if !chance(&mut self.random, rates.invoice_missing) {
            told.invoice = Some(self.new_id());
        }
        let bank = self.province.sources[usize::from(told.source)].class == SourceClass::Bank;
        let plain = self.random.random::<f64>() < 0.8;
        if !chance(&mut self.random, if bank { rates.payer_missing_at_bank } else { rates.payer_missing }) {
            told.payer = Some(self.person(plain));
        }
        if chance(&mut self.random, rates.beneficiary_missing) {
            return;
        }
        told.served = Some(if chance(&mut self.random, rates.beneficiary_institution) {
            let name = self.province.institutions[institution].name.clone();
            Served { kind: Beneficiary::Institution, name: Some(name), code: None }
        } else {
            let kind = if stream.is_education() { Beneficiary::Pupil } else { Beneficiary::Patient };
            let code = self.random.random::<bool>().then(|| self.random.random_range(0..100_000));
            let nameless = code.is_some() && chance(&mut self.random, rates.beneficiary_nameless);
            Served { kind, name: (!nameless).then(|| self.person(plain)), code }
        });
    }

    fn person(&mut self, plain: bool) -> String {
        let mut name = String::with_capacity(32);
        write_person(&mut self.random, plain, &mut name);
        name
    }

    fn reason(&mut self, stream: Stream) -> Reason {
        match stream {
            Stream::Preschool | Stream::Primary => one_of(
                &mut self.random,
                &[Reason::Meals, Reason::Services, Reason::Tuition, Reason::Insurance],
            ),
            Stream::LowerSecondary | Stream::UpperSecondary => {
                one_of(&mut self.random, &[Reason::Tuition, Reason::Services, Reason::Exam])
            }
            Stream::College => Reason::Tuition,
            Stream::Outpatient | Stream::Station => {
                one_of(&mut self.random, &[Reason::Services, Reason::Other, Reason::Insurance])
            }
            Stream::InpatientDeposit => Reason::InpatientDeposit,
            Stream::InpatientSettlement => Reason::InpatientSettlement,
            Stream::Medicine => Reason::Medicine,
        }
    }

    /// Money that no payer brings, or that goes out; now and then beside ordinary payments.
    fn lumps(&mut self, at: i64, institution: usize) {
        let rates = self.parameters.rates;
        let school = self.province.institutions[institution].is_school();
        let lumps = [
            (if school { rates.state_budget } else { 0.0 }, Kind::StateBudget),
            (if school { 0.0 } else { rates.bhyt_fund }, Kind::HealthInsuranceFund),
            (rates.settlement, Kind::Settlement),
            (rates.outflow, Kind::Outflow),
            (rates.other_income, Kind::Donation),
            (rates.other_income, Kind::Interest),
            (rates.other_income, Kind::Loan),
            (rates.other_income, Kind::SupplierRefund),
        ];
        for (rate, kind) in lumps {
            if !chance(&mut self.random, rate) {
                continue;
            }
            let amount = Amounts::lump(&mut self.random);
            let channel = Arc::clone(&self.province.tills[institution].account);
            let mut told = self.statement(&channel, channel.source, at, amount, Method::WebTransfer);
            if kind == Kind::Outflow {
                told.what = What::Debited;
            } else {
                told.kind = kind;
            }
            self.send(&told, at);
            self.ledger.unit(&[member(&told, false)], Original::CountedOrUnseen);
        }
    }

    fn in_trouble(&mut self, mut told: Statement, at: i64, trouble: Trouble) {
        let mut presentation = Presentation::Genuine;
        match trouble {
            Trouble::Presented(presented) => presentation = presented,
            Trouble::Malformed => told.fault = Some(one_of(&mut self.random, &MALFORMED)),
            Trouble::RefundWithoutOriginal => {
                told.what = What::Refunded;
                told.kind = Kind::Payment;
                told.fault = Some(Fault::WithoutOriginal);
            }
            Trouble::InvalidAmount => told.fault = Some(one_of(&mut self.random, &AMOUNTS)),
            Trouble::WrongCurrency => told.fault = Some(Fault::OtherCurrency),
            Trouble::TimeInFuture => told.fault = Some(Fault::Future),
            Trouble::ReceiverNotAllowed => told.fault = Some(Fault::ReceiverNotAllowed),
            Trouble::VoidUnaddressed => {
                told.what = What::Voided;
                told.fault = Some(Fault::VoidUnaddressed);
            }
        }
        self.send_as(&told, at, presentation);
    }

    pub(crate) fn send(&mut self, told: &Statement, arrival: i64) {
        self.send_as(told, arrival, Presentation::Genuine);
    }

    fn send_as(&mut self, told: &Statement, arrival: i64, presentation: Presentation) {
        let rates = self.parameters.rates;
        let batch = chance(&mut self.random, rates.batched)
            .then(|| self.random.random_range(2..=self.parameters.batch_items_max.max(2)));
        let again = chance(&mut self.random, rates.redelivery)
            .then(|| arrival + delay_micros(&mut self.random, 10.0, 1.0).min(self.follow_up_max).max(SECOND));
        self.outbox.send(told, Sending { arrival, presentation, batch, again });
    }
}

/// The record that a settled statement makes.
pub(crate) fn member(told: &Statement, voided: bool) -> Member {
    Member {
        source: told.source,
        identifier: told.channel.identifier,
        account: told.channel.account,
        arrived_at: told.arrived_at(),
        amount: told.amount,
        method: told.method,
        kind: told.read_kind(),
        evidence: told.evidence(),
        fields: told.fields(),
        voided,
    }
}
