//! What happens to a payment after, or instead of, its arrival.

use std::sync::Arc;

use cashless_domain::{Kind, Method};
use rand::RngExt as _;

use crate::amounts::{Amounts, Stream, delay_micros};
use crate::body::{Statement, What};
use crate::clock::{SECOND, local_date};
use crate::draw::{chance, one_of};
use crate::identifiers::Channel;
use crate::movement::member;
use crate::scenario::Scenario;
use crate::truth::Original;

/// A payment on its way into the truth.
struct Course {
    /// What is first told.
    first: Statement,
    /// What holds in the end.
    last: Statement,
    voided: bool,
    /// When the first statement is posted; later than its follow-ups where they overtake it.
    arrival: i64,
}

impl Scenario {
    /// Statements about money that does not move, in place of a payment.
    pub(crate) fn never_settles(&mut self, told: &Statement, at: i64) -> bool {
        let rates = self.parameters.rates;
        let instead = [
            (rates.failed, What::Failed),
            (rates.expired, What::Expired),
            (rates.test, What::Test),
            (rates.void_alone, What::Voided),
            (rates.correction_alone, What::Corrected),
        ];
        for (rate, what) in instead {
            if !chance(&mut self.random, rate) {
                continue;
            }
            let mut told = told.clone();
            told.what = what;
            match what {
                What::Voided => self.ledger.unsettled(told.source, 0),
                What::Corrected => {
                    told.version = 1;
                    self.ledger.unsettled(told.source, told.amount);
                }
                _ => {}
            }
            self.send(&told, at);
            return true;
        }
        false
    }

    /// A payment that settles, with its twin, corrections, void, refunds and disputes.
    pub(crate) fn settles(
        &mut self,
        first: Statement,
        at: i64,
        twin: Option<(u8, Arc<Channel>)>,
        stream: Stream,
    ) {
        let rates = self.parameters.rates;
        let mut course = Course { last: first.clone(), first, voided: false, arrival: at };
        self.no_money_about(&mut course);
        self.correct(&mut course);
        if chance(&mut self.random, rates.void) {
            let mut void = Statement { what: What::Voided, ..course.first.clone() };
            void.version = self.random.random_range(0..2);
            self.follow(&mut void, &mut course.arrival, at);
            course.voided = true;
        }
        let twin = twin.map(|(source, channel)| self.twin(&course, source, &channel));
        let standing = self.count(&course, twin.as_ref());
        self.give_back(&mut course, twin.as_ref(), standing, stream, at);
        if chance(&mut self.random, rates.double_payment) {
            let mut second = course.first.clone();
            second.transaction = Some(self.new_id());
            second.bank_reference = second.bank_reference.map(|_| self.new_id());
            self.send(&second, at);
            self.alone(&second, false);
        }
        self.send(&course.first, course.arrival);
    }

    /// Later than `at`, but neither after the end of the stream nor too late for it.
    fn later(&mut self, at: i64) -> i64 {
        let delay =
            delay_micros(&mut self.random, self.parameters.follow_up_median_s, 1.2).min(self.follow_up_max);
        (at + delay.max(SECOND)).min(self.end.max(at + SECOND))
    }

    /// Sends a follow-up, now and then ahead of what it follows.
    fn follow(&mut self, told: &mut Statement, arrival: &mut i64, at: i64) {
        let later = self.later(at);
        told.timestamp = later;
        self.send(told, later);
        if chance(&mut self.random, self.parameters.rates.inverted) {
            *arrival = (*arrival).max(later + SECOND);
        }
    }

    fn no_money_about(&mut self, course: &mut Course) {
        let rates = self.parameters.rates;
        if chance(&mut self.random, rates.pending) {
            let pending = Statement { what: What::Pending, ..course.first.clone() };
            let before = course.arrival;
            if chance(&mut self.random, rates.inverted) {
                self.send(&pending, before + SECOND);
            } else {
                self.send(&pending, before);
                course.arrival += 2 * SECOND;
            }
        }
        if chance(&mut self.random, rates.disputed) {
            let mut disputed = Statement { what: What::Disputed, ..course.first.clone() };
            let at = course.arrival;
            self.follow(&mut disputed, &mut course.arrival, at);
        }
    }

    fn correct(&mut self, course: &mut Course) {
        let rates = self.parameters.rates;
        let at = course.arrival;
        if chance(&mut self.random, rates.correction) {
            let times = if chance(&mut self.random, 0.3) { 2 } else { 1 };
            for version in 1..=times {
                let mut told = Statement { what: What::Corrected, version, ..course.last.clone() };
                self.change(&mut told);
                self.follow(&mut told, &mut course.arrival, at);
                course.last = told;
            }
        } else if chance(&mut self.random, rates.correction_same_version) {
            // A statement made later under the same version holds.
            let mut told = course.last.clone();
            self.change(&mut told);
            self.follow(&mut told, &mut course.arrival, at);
            course.last = told;
        }
        course.last.what = What::Settled;
    }

    fn change(&mut self, told: &mut Statement) {
        match self.random.random_range(0..4) {
            0 => told.amount = Amounts::corrected(&mut self.random, told.amount),
            1 => told.invoice = Some(self.new_id()),
            2 => told.served = None,
            // Cash stays cash: its exclusion has rates of its own.
            _ if told.method != Method::CounterCash => {
                told.method =
                    one_of(&mut self.random, &[Method::WebPayment, Method::QrPayment, Method::Other]);
            }
            _ => {}
        }
    }

    /// The bank's own word on the payment.
    fn twin(&mut self, course: &Course, source: u8, channel: &Arc<Channel>) -> Statement {
        let rates = self.parameters.rates;
        let first = &course.first;
        let method = one_of(&mut self.random, &[Method::WebTransfer, Method::Unknown]);
        let mut twin = self.statement(channel, source, course.arrival, first.amount, method);
        let skew = self.random.random_range(0..3_000) * 1_000;
        let settles_in = self.random.random_range(0..2_000) * 1_000;
        twin.transaction_time = first.transaction_time + skew;
        twin.settled_at = twin.settled_at.map(|_| twin.transaction_time + settles_in);
        twin.timestamp = twin.arrived_at();
        if !chance(&mut self.random, rates.double_report_other_reference) {
            twin.bank_reference = first.bank_reference;
        }
        twin.kind = first.kind;
        twin.reason = first.reason;
        if twin.kind == Kind::CounterCash || first.method == Method::CounterCash {
            // Both tell of cash, or the unit would have two kinds.
            (twin.kind, twin.method) = (Kind::CounterCash, Method::Other);
        } else if chance(&mut self.random, rates.double_report_cash) {
            (twin.kind, twin.method) = (Kind::Payment, Method::CounterCash);
        }
        if chance(&mut self.random, rates.double_report_other_amount) {
            twin.amount += 1_100;
        }
        let apart = delay_micros(&mut self.random, 20.0, 1.5).min(self.follow_up_max);
        self.send(&twin, course.arrival + apart);
        twin
    }

    /// Puts the movement into the truth: as one unit where both sides tell the same, else as two.
    fn count(&mut self, course: &Course, twin: Option<&Statement>) -> Original {
        let Some(twin) = twin else { return self.alone(&course.last, course.voided) };
        if paired(&course.last, twin) {
            let members = [member(&course.last, course.voided), member(twin, false)];
            return self.ledger.unit(&members, Original::CountedOrUnseen);
        }
        if course.voided && meets(&course.last, twin) {
            // Told under one reference and day: what is voided takes it out of every rule's sight.
            self.ledger.unit(&[member(twin, false)], Original::CountedOrUnseen);
        } else {
            self.alone(twin, false);
        }
        self.alone(&course.last, course.voided)
    }

    /// A movement that one source tells, or that its two tell so differently that they stay two.
    fn alone(&mut self, told: &Statement, voided: bool) -> Original {
        self.ledger.lone(member(told, voided), told.bank_reference, local_date(told.transaction_time))
    }

    fn give_back(
        &mut self,
        course: &mut Course,
        twin: Option<&Statement>,
        standing: Original,
        stream: Stream,
        at: i64,
    ) {
        let rates = self.parameters.rates;
        let rate = match stream {
            // A payment taken back is sometimes paid out as well; the refund must not lower value then.
            _ if course.voided => rates.refund_education * 10.0,
            Stream::InpatientDeposit => rates.refund_deposit,
            stream if stream.is_education() => rates.refund_education,
            _ => rates.refund_health,
        };
        if course.first.method == Method::CardPos && chance(&mut self.random, rates.chargeback) {
            let back = self.returned(&course.first, What::ChargedBack, course.last.amount);
            self.return_money(course, back, standing, at);
        } else if chance(&mut self.random, rate.min(1.0)) {
            let amount = Amounts::refund_of(&mut self.random, course.last.amount);
            let mut back = self.returned(&course.first, What::Refunded, amount);
            let mut standing = standing;
            if chance(&mut self.random, rates.refund_orphan) {
                back.original = Some(self.new_id());
                standing = Original::CountedOrUnseen;
            } else if chance(&mut self.random, rates.refund_without_id) {
                back.transaction = None;
            } else if let Some(twin) = twin
                && paired(&course.last, twin)
                && chance(&mut self.random, rates.refund_double_report)
            {
                self.return_twice(course, back, twin, standing, at);
                return;
            }
            self.return_money(course, back, standing, at);
        }
    }

    /// Money on its way back, as the source of the payment tells it.
    fn returned(&mut self, of: &Statement, what: What, amount: i64) -> Statement {
        Statement {
            what,
            amount,
            transaction: Some(self.new_id()),
            original: of.transaction,
            bank_reference: of.bank_reference.map(|_| self.new_id()),
            kind: Kind::Payment,
            method: if of.method == Method::CounterCash { Method::Other } else { of.method },
            payer: None,
            served: None,
            invoice: None,
            ..of.clone()
        }
    }

    fn return_money(&mut self, course: &mut Course, mut back: Statement, standing: Original, at: i64) {
        self.date_and_follow(&mut back, &mut course.arrival, at);
        self.ledger.unit(&[member(&back, false)], standing);
    }

    /// Bank and intermediary both tell of one refund.
    fn return_twice(
        &mut self,
        course: &mut Course,
        mut back: Statement,
        twin: &Statement,
        standing: Original,
        at: i64,
    ) {
        self.date_and_follow(&mut back, &mut course.arrival, at);
        let mut other = self.returned(twin, What::Refunded, back.amount);
        other.bank_reference = back.bank_reference;
        other.transaction_time = back.transaction_time;
        other.settled_at = Some(back.arrived_at());
        other.timestamp = back.timestamp;
        self.send(&other, back.arrived_at() + SECOND);
        self.ledger.unit(&[member(&back, false), member(&other, false)], standing);
    }

    fn date_and_follow(&mut self, back: &mut Statement, arrival: &mut i64, at: i64) {
        let later = self.later(at);
        back.transaction_time = later;
        back.settled_at = back.settled_at.map(|_| later);
        back.timestamp = later;
        self.send(back, later);
        if chance(&mut self.random, self.parameters.rates.inverted) {
            *arrival = (*arrival).max(later + SECOND);
        }
    }
}

/// Whether bank and intermediary tell of the same money: equal amounts in one payment.
fn paired(one: &Statement, other: &Statement) -> bool {
    one.amount == other.amount && meets(one, other)
}

/// Whether they meet in one payment: under one reference, on one local day of their own clocks.
fn meets(one: &Statement, other: &Statement) -> bool {
    one.bank_reference == other.bank_reference
        && local_date(one.transaction_time) == local_date(other.transaction_time)
}
