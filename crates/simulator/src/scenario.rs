//! A stream of deliveries in posting order, and the truth that grows beside it.

use std::sync::Arc;

use cashless_domain::{BusinessDate, Method, Timestamp};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::amounts::{Amounts, Stream};
use crate::calendar::{Calendar, day_factor, midnight};
use crate::clock::{DAY, SECOND, local_date};
use crate::dialects::FORMATS;
use crate::draw::Weighted;
use crate::outbox::{Delivery, Outbox};
use crate::params::Parameters;
use crate::province::Province;
use crate::truth::{ItemFate, TrueLedger};

/// Which time the payments of a stream are made in.
#[derive(Debug, Clone, PartialEq)]
pub enum Clock {
    /// Whole local days of the past, with their hours, weekdays and months.
    Historic {
        /// The first day.
        first_day: BusinessDate,
        /// How many days.
        days: u16,
        /// Payments on an average day of the year.
        payments_per_day: u32,
    },
    /// From an instant on, evenly spaced. Post each delivery when it is due: times in bodies are then now.
    Live {
        /// The first instant.
        base: Timestamp,
        /// How many payments.
        payments: u64,
        /// Payments a second; deliveries are about a sixth more.
        rate: f64,
    },
    /// As `Live`, of a past instant: times in bodies are then. Formats that send no time are not told, since their
    /// payments would be of the day on which they are received.
    Replay {
        /// The first instant.
        base: Timestamp,
        /// How many payments.
        payments: u64,
        /// Payments a second.
        rate: f64,
    },
}

impl Clock {
    /// One day of an average September in the past.
    ///
    /// # Panics
    /// Never: the date exists.
    #[must_use]
    pub fn one_day(payments_per_day: u32) -> Self {
        let first_day = BusinessDate::parse("2026-09-07").expect("the date exists");
        Self::Historic { first_day, days: 1, payments_per_day }
    }

    fn start(&self) -> i64 {
        match self {
            Self::Historic { first_day, .. } => midnight(*first_day, 0),
            // Whole milliseconds, as messages carry them.
            Self::Live { base, .. } | Self::Replay { base, .. } => base.as_micros() / 1_000 * 1_000,
        }
    }
}

/// The payments to come: when, and to which sector.
struct Timeline {
    clock: Clock,
    calendar: Calendar,
    /// Live: payments begun. Historic: days begun.
    begun: u64,
    /// The rest of the day, latest first.
    today: Vec<(i64, bool)>,
}

impl Timeline {
    fn next(&mut self, random: &mut ChaCha8Rng, education_share: f64) -> Option<(i64, bool)> {
        match self.clock {
            Clock::Live { payments, rate, .. } | Clock::Replay { payments, rate, .. } => {
                if self.begun >= payments {
                    return None;
                }
                let at = self.clock.start() + offset_micros(self.begun, rate);
                self.begun += 1;
                Some((at, crate::draw::chance(random, education_share)))
            }
            Clock::Historic { first_day, days, payments_per_day } => {
                while self.today.is_empty() {
                    if self.begun >= u64::from(days) {
                        return None;
                    }
                    let day = u16::try_from(self.begun).unwrap_or(u16::MAX);
                    self.begun += 1;
                    self.fill(random, first_day, day, f64::from(payments_per_day), education_share);
                }
                self.today.pop()
            }
        }
    }

    fn fill(&mut self, random: &mut ChaCha8Rng, first: BusinessDate, day: u16, average: f64, education: f64) {
        let date = BusinessDate::from_days(first.days() + day);
        for (school, share) in [(true, education), (false, 1.0 - education)] {
            let payments = (average * share * day_factor(date, school)).round().clamp(0.0, 1e9);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped; a draw")]
            let payments = payments as u32;
            let start = midnight(first, day);
            self.today
                .extend((0..payments).map(|_| (start + self.calendar.time_of_day(random, school), school)));
        }
        self.today.sort_unstable_by_key(|(at, school)| std::cmp::Reverse((*at, *school)));
    }
}

/// When the `number`-th payment of a steady stream is made, in whole milliseconds.
fn offset_micros(number: u64, rate: f64) -> i64 {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a pace, not money")]
    let millis = (number as f64 / rate.max(1e-6) * 1_000.0) as i64;
    millis * 1_000
}

/// The generator. As an iterator it yields the deliveries in posting order; afterwards
/// [`into_ledger`](Self::into_ledger) gives the truth.
///
/// The same province, parameters, clock and seed give the same deliveries, to the byte.
pub struct Scenario {
    pub(crate) province: Arc<Province>,
    pub(crate) parameters: Parameters,
    pub(crate) random: ChaCha8Rng,
    pub(crate) amounts: Amounts,
    pub(crate) education: Weighted,
    pub(crate) health: Weighted,
    pub(crate) methods: Weighted,
    pub(crate) formats: Weighted,
    pub(crate) outbox: Outbox,
    pub(crate) ledger: TrueLedger,
    pub(crate) ids: u64,
    /// No follow-up happens later than this after its payment.
    pub(crate) follow_up_max: i64,
    /// No follow-up happens after this instant.
    pub(crate) end: i64,
    timeline: Timeline,
    /// The next payment that was not begun yet.
    upcoming: Option<(i64, bool)>,
    wound_up: bool,
}

/// The methods of [`MethodMix`](crate::MethodMix), in the order of its fields.
pub(crate) const METHODS: [Method; 7] = [
    Method::QrTransfer,
    Method::QrPayment,
    Method::WebTransfer,
    Method::WebPayment,
    Method::MobileMoney,
    Method::CardPos,
    Method::Other,
];

impl Scenario {
    /// A stream of payments in a province.
    #[must_use]
    pub fn new(province: Arc<Province>, parameters: Parameters, clock: Clock, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        // The province may have been drawn from the same seed.
        random.set_stream(1);
        let start = clock.start();
        let (end, follow_up_max) = match clock {
            Clock::Historic { first_day, days, .. } => (midnight(first_day, days) - 1_000, 30 * DAY),
            Clock::Live { .. } | Clock::Replay { .. } => (i64::MAX, 30 * SECOND),
        };
        let mix = parameters.methods;
        let methods = [
            mix.qr_transfer,
            mix.qr_payment,
            mix.web_transfer,
            mix.web_payment,
            mix.mobile_money,
            mix.card_pos,
            mix.other,
        ];
        let mut timeline = Timeline { clock, calendar: Calendar::new(), begun: 0, today: Vec::new() };
        let upcoming = timeline.next(&mut random, parameters.education_share);
        Self {
            ledger: TrueLedger::new(Arc::clone(&province)),
            outbox: Outbox::new(run_name(seed, start), start, province.sources.len()),
            province,
            parameters,
            random,
            amounts: Amounts::new(),
            education: Weighted::new(Stream::EDUCATION.map(|(_, share)| share)),
            health: Weighted::new(Stream::HEALTH.map(|(_, share)| share)),
            methods: Weighted::new(methods),
            formats: Weighted::new(FORMATS.iter().map(|format| format.weight)),
            ids: 0,
            follow_up_max,
            end,
            timeline,
            upcoming,
            wound_up: false,
        }
    }

    /// Begins no further payment. Deliveries already on their way still come.
    pub fn wind_up(&mut self) {
        self.upcoming = None;
        self.timeline.today.clear();
        self.timeline.begun = u64::MAX;
    }

    /// The truth of everything yielded, exact once the iterator has ended.
    ///
    /// # Panics
    /// While deliveries are still to come: their payments are in the truth already.
    #[must_use]
    pub fn into_ledger(self) -> TrueLedger {
        assert!(self.wound_up, "the truth is complete when every delivery was taken");
        self.ledger
    }

    /// Whether what is posted at `at` is received on the same local day, and its day is known that way.
    pub(crate) fn is_now(&self, at: i64) -> bool {
        let margin = 5 * 60 * SECOND;
        matches!(self.timeline.clock, Clock::Live { .. })
            && local_date(at - margin) == local_date(at + margin)
            && local_date(at) == local_date(self.timeline.clock.start())
    }

    fn account(&mut self, delivery: &Delivery) {
        let source = u8::try_from(delivery.source).unwrap_or(u8::MAX);
        let expected = &delivery.expected;
        self.ledger.deliveries += 1;
        if let Some(reason) = expected.refused {
            self.ledger.item(source, ItemFate::Refused(reason));
            return;
        }
        for _ in 0..expected.no_money {
            self.ledger.item(source, ItemFate::AcceptedNoMoney);
        }
        for _ in expected.no_money..expected.accepted {
            self.ledger.item(source, ItemFate::Accepted);
        }
        for reason in &expected.dead_lettered {
            self.ledger.item(source, ItemFate::DeadLettered(*reason));
        }
    }
}

impl Iterator for Scenario {
    type Item = Delivery;

    fn next(&mut self) -> Option<Delivery> {
        loop {
            let until = self.upcoming.map_or(i64::MAX, |(at, _)| at);
            if let Some(delivery) = self.outbox.next_due(until) {
                self.account(&delivery);
                return Some(delivery);
            }
            match self.upcoming {
                Some((at, education)) => {
                    self.payment(at, education);
                    self.upcoming = self.timeline.next(&mut self.random, self.parameters.education_share);
                    if self.upcoming.is_none() {
                        self.outbox.close_batches(at);
                    }
                }
                None if self.wound_up => return None,
                None => {
                    self.wound_up = true;
                    self.outbox.close_batches(self.timeline.clock.start());
                }
            }
        }
    }
}

/// Eight letters that keep the ids of different streams apart.
fn run_name(seed: u64, start: i64) -> String {
    let mut mixed =
        seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ start.unsigned_abs().wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^= mixed >> 29;
    format!("{:08x}", mixed.wrapping_mul(0x94d0_49bb_1331_11eb) >> 32)
}
