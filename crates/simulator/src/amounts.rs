//! How much people pay. Floats end here: an amount leaves as whole dong.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, LogNormal};

use crate::draw::{Weighted, one_of};

/// What a payment is for; decides amount, reason and who may receive it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Stream {
    Preschool,
    Primary,
    LowerSecondary,
    UpperSecondary,
    College,
    Outpatient,
    InpatientDeposit,
    InpatientSettlement,
    Medicine,
    Station,
}

impl Stream {
    pub(crate) const EDUCATION: [(Self, f64); 5] = [
        (Self::Preschool, 34.0),
        (Self::Primary, 28.0),
        (Self::LowerSecondary, 18.0),
        (Self::UpperSecondary, 15.0),
        (Self::College, 5.0),
    ];
    pub(crate) const HEALTH: [(Self, f64); 5] = [
        (Self::Outpatient, 68.0),
        (Self::InpatientDeposit, 10.0),
        (Self::InpatientSettlement, 8.0),
        (Self::Medicine, 8.0),
        (Self::Station, 6.0),
    ];

    pub(crate) const fn is_education(self) -> bool {
        matches!(
            self,
            Self::Preschool | Self::Primary | Self::LowerSecondary | Self::UpperSecondary | Self::College
        )
    }

    /// Median in dong and spread of the logarithm.
    const fn shape(self) -> (f64, f64) {
        match self {
            Self::Preschool => (350_000.0, 0.5),
            Self::Primary => (400_000.0, 0.8),
            Self::LowerSecondary => (450_000.0, 0.6),
            Self::UpperSecondary => (600_000.0, 0.6),
            Self::College => (7_500_000.0, 0.5),
            Self::Outpatient => (120_000.0, 1.2),
            // Deposits are drawn from a table of round sums instead.
            Self::InpatientDeposit => (1_500_000.0, 0.0),
            Self::InpatientSettlement => (1_400_000.0, 1.1),
            Self::Medicine => (90_000.0, 1.0),
            Self::Station => (30_000.0, 0.8),
        }
    }
}

/// Round deposits and how often each is asked for.
const DEPOSITS: [(i64, f64); 6] = [
    (500_000, 0.20),
    (1_000_000, 0.30),
    (2_000_000, 0.25),
    (3_000_000, 0.12),
    (5_000_000, 0.10),
    (10_000_000, 0.03),
];

const MOBILE_MONEY_MAX: i64 = 2_000_000;

/// The distributions of one scenario.
pub(crate) struct Amounts {
    deposits: Weighted,
}

impl Amounts {
    pub(crate) fn new() -> Self {
        Self { deposits: Weighted::new(DEPOSITS.map(|(_, weight)| weight)) }
    }

    /// What one payer pays, in dong.
    pub(crate) fn payment(&self, random: &mut ChaCha8Rng, stream: Stream, mobile_money: bool) -> i64 {
        if mobile_money {
            return lognormal_dong(random, 60_000.0, 0.9, 1_000).min(MOBILE_MONEY_MAX);
        }
        if stream == Stream::InpatientDeposit {
            return DEPOSITS[self.deposits.draw(random)].0;
        }
        let (median, sigma) = stream.shape();
        let step = if !stream.is_education() && random.random::<f64>() < 0.1 { 100 } else { 1_000 };
        lognormal_dong(random, median, sigma, step)
    }

    /// Large sums that no payer brings: budget, insurance fund, lump sums.
    pub(crate) fn lump(random: &mut ChaCha8Rng) -> i64 {
        lognormal_dong(random, 150_000_000.0, 1.0, 1_000)
    }

    /// A part of `amount`, sometimes all of it.
    pub(crate) fn refund_of(random: &mut ChaCha8Rng, amount: i64) -> i64 {
        match random.random_range(0..4) {
            0 => amount,
            part => (amount / 4 * part).max(1),
        }
    }

    /// Another amount than `amount`, as after a typing error.
    pub(crate) fn corrected(random: &mut ChaCha8Rng, amount: i64) -> i64 {
        amount + one_of(random, &[1_000, 5_000, 50_000, 100_000])
    }
}

/// Whole dong around a median, rounded to `step` and at least one step.
pub(crate) fn lognormal_dong(random: &mut ChaCha8Rng, median: f64, sigma: f64, step: i64) -> i64 {
    let drawn = LogNormal::new(median.ln(), sigma).map_or(median, |shape| shape.sample(random));
    #[expect(
        clippy::cast_possible_truncation,
        reason = "clamped far inside i64; a draw, not somebody's money"
    )]
    let dong = drawn.clamp(1.0, 1e12) as i64;
    ((dong + step / 2) / step * step).max(step)
}

/// A delay around a median, in microseconds, rounded to milliseconds.
pub(crate) fn delay_micros(random: &mut ChaCha8Rng, median_s: f64, sigma: f64) -> i64 {
    lognormal_dong(random, median_s * 1_000.0, sigma, 1) * 1_000
}
