//! Shares as two integers: compared and printed exactly, whatever their size.

use std::cmp::Ordering;

use serde::Serialize;

use crate::words::Comparator;

/// A share. Only ratios with a denominator above 0 exist: without one there is no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

impl Ratio {
    /// The share, if its denominator is above 0.
    #[must_use]
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        (denominator > 0).then_some(Self { numerator, denominator })
    }

    /// What is counted; negative when more was given back than taken in.
    #[must_use]
    pub fn numerator(self) -> i128 {
        self.numerator
    }

    /// Of what.
    #[must_use]
    pub fn denominator(self) -> i128 {
        self.denominator
    }

    /// How it compares with another one, exactly.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        // As continued fractions, so that no product of two sums of money is ever needed.
        let (mut a, mut b, mut c, mut d) =
            (self.numerator, self.denominator, other.numerator, other.denominator);
        let mut is_reversed = false;
        loop {
            let ordering = a.div_euclid(b).cmp(&c.div_euclid(d));
            let (a_rest, c_rest) = (a.rem_euclid(b), c.rem_euclid(d));
            let decided = match (ordering, a_rest, c_rest) {
                (Ordering::Equal, 0, 0) => Some(Ordering::Equal),
                (Ordering::Equal, 0, _) => Some(Ordering::Less),
                (Ordering::Equal, _, 0) => Some(Ordering::Greater),
                (Ordering::Equal, _, _) => None,
                (different, _, _) => Some(different),
            };
            if let Some(decided) = decided {
                return if is_reversed { decided.reverse() } else { decided };
            }
            // a/b < c/d of the rests, exactly when b/a > d/c.
            (a, b, c, d) = (b, a_rest, d, c_rest);
            is_reversed = !is_reversed;
        }
    }

    /// In percent, truncated toward zero: two decimals, four within 0.01 point of a threshold, that included. So
    /// 49.996% never looks like 50.00%.
    #[must_use]
    pub fn display(self, threshold: Option<Threshold>) -> String {
        let decimals = if threshold.is_some_and(|threshold| threshold.is_near(self)) { 4 } else { 2 };
        let (digits, _) = self.percent_digits(decimals);
        let is_zero = digits.bytes().all(|digit| matches!(digit, b'0' | b'.'));
        if self.numerator < 0 && !is_zero { format!("-{digits}") } else { digits }
    }

    /// In percent with two decimals, rounded up: whoever reaches what is shown has reached the ratio.
    #[must_use]
    pub fn display_rounded_up(self) -> String {
        if self.numerator <= 0 {
            return "0.00".to_owned();
        }
        let (digits, is_exact) = self.percent_digits(2);
        if is_exact {
            return digits;
        }
        let mut bytes = digits.into_bytes();
        for byte in bytes.iter_mut().rev() {
            match *byte {
                b'.' => {}
                b'9' => *byte = b'0',
                digit => {
                    *byte = digit + 1;
                    return bytes.into_iter().map(char::from).collect();
                }
            }
        }
        std::iter::once('1').chain(bytes.into_iter().map(char::from)).collect()
    }

    /// The digits of its absolute value in percent, and whether nothing was cut off.
    fn percent_digits(self, decimals: usize) -> (String, bool) {
        let (numerator, denominator) = (self.numerator.unsigned_abs(), self.denominator.unsigned_abs());
        let mut digits = (numerator / denominator).to_string();
        let mut rest = numerator % denominator;
        for place in 0..2 + decimals {
            if place == 2 {
                digits.push('.');
            }
            // Ten times the rest by adding: it may not fit.
            let (mut digit, mut next) = (b'0', 0);
            for _ in 0..10 {
                if next >= denominator - rest {
                    next -= denominator - rest;
                    digit += 1;
                } else {
                    next += rest;
                }
            }
            digits.push(char::from(digit));
            rest = next;
        }
        // The percent's two places were appended to the whole number: 0 and 6, 0 are 60.
        let whole = digits.find('.').unwrap_or(digits.len());
        let leading = digits[..whole - 1].bytes().take_while(|digit| *digit == b'0').count();
        (digits[leading..].to_owned(), rest == 0)
    }
}

/// What a share is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Threshold {
    /// Numerator, at most [`Threshold::MAX`].
    pub numerator: i64,
    /// Denominator, from 1 to [`Threshold::MAX`].
    pub denominator: i64,
}

impl Threshold {
    /// The largest numerator and denominator of a plan.
    pub const MAX: i64 = 1_000_000_000;

    /// Whether a share meets it.
    #[must_use]
    pub fn is_met_by(self, share: Ratio, comparator: Comparator) -> bool {
        match share.compare(self.ratio()) {
            Ordering::Greater => true,
            Ordering::Equal => comparator == Comparator::AtLeast,
            Ordering::Less => false,
        }
    }

    pub(crate) fn ratio(self) -> Ratio {
        Ratio { numerator: self.numerator.into(), denominator: i128::from(self.denominator).max(1) }
    }

    /// Within 0.01 point, that included.
    fn is_near(self, share: Ratio) -> bool {
        let Ratio { numerator, denominator } = self.ratio();
        let shifted = |by| Ratio { numerator: numerator * 10_000 + by, denominator: denominator * 10_000 };
        share.compare(shifted(-denominator)) != Ordering::Less
            && share.compare(shifted(denominator)) != Ordering::Greater
    }
}

/// `a × b ÷ c`, rounded down, without an overflow between; `None` if it does not fit, or `c` is 0.
pub(crate) fn multiply_divide(a: u128, b: u128, c: u128) -> Option<u128> {
    if c == 0 {
        return None;
    }
    let (mut quotient, mut rest) = (0u128, 0u128);
    for bit in (0..u128::BITS - a.leading_zeros()).rev() {
        (quotient, rest) = add((quotient.checked_mul(2)?, rest), (0, rest), c)?;
        if a >> bit & 1 == 1 {
            (quotient, rest) = add((quotient, rest), (b / c, b % c), c)?;
        }
    }
    Some(quotient)
}

/// Adds two numbers that are wholes and a rest below `c`.
fn add(one: (u128, u128), other: (u128, u128), c: u128) -> Option<(u128, u128)> {
    let carries = one.1 >= c - other.1;
    let rest = if carries { one.1 - (c - other.1) } else { one.1 + other.1 };
    Some((one.0.checked_add(other.0)?.checked_add(carries.into())?, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ratio(numerator: i128, denominator: i128) -> Ratio {
        Ratio::new(numerator, denominator).expect("a denominator above 0")
    }

    fn percent(numerator: i64) -> Threshold {
        Threshold { numerator, denominator: 100 }
    }

    #[test]
    fn exactly_at_a_threshold_only_at_least_is_met() {
        let share = ratio(20, 40);
        assert!(percent(50).is_met_by(share, Comparator::AtLeast));
        assert!(!percent(50).is_met_by(share, Comparator::Above));
        assert!(percent(50).is_met_by(ratio(21, 41), Comparator::Above));
        assert!(!percent(50).is_met_by(ratio(49_999_999, 100_000_000), Comparator::AtLeast));
    }

    #[test]
    fn shares_are_shown_truncated_and_closer_near_a_threshold() {
        let table = [
            (60, 100, 40, "60.00"),
            (70, 110, 40, "63.63"),
            (70, 200, 40, "35.00"),
            (2, 3, 100, "66.66"),
            (20, 40, 50, "50.0000"),
            (49_996, 100_000, 50, "49.9960"),
            (49_990, 100_000, 50, "49.9900"),
            (49_989, 100_000, 50, "49.98"),
            (50_010, 100_000, 50, "50.0100"),
            (50_011, 100_000, 50, "50.01"),
            (499_999_999, 1_000_000_000, 50, "49.9999"),
            (1, 1, 100, "100.0000"),
            (999_999, 1_000_000, 50, "99.99"),
            (0, 7, 50, "0.00"),
            (1, 1_000, 50, "0.10"),
            (-1, 1_000_000, 50, "0.00"),
            (-1, 3, 50, "-33.33"),
            (5, 2, 50, "250.00"),
        ];
        for (numerator, denominator, threshold, shown) in table {
            let share = ratio(numerator, denominator);
            assert_eq!(share.display(Some(percent(threshold))), shown, "{numerator}/{denominator}");
        }
    }

    #[test]
    fn without_a_threshold_two_decimals_are_shown() {
        assert_eq!(ratio(49_996, 100_000).display(None), "49.99");
    }

    #[test]
    fn what_is_needed_is_rounded_up() {
        let table = [
            (1, 3, "33.34"),
            (1, 2, "50.00"),
            (9_999_999, 10_000_000, "100.00"),
            (9_999, 100_000, "10.00"),
            (1_999_999, 1_000_000, "200.00"),
            (-1, 3, "0.00"),
            (0, 3, "0.00"),
        ];
        for (numerator, denominator, shown) in table {
            assert_eq!(ratio(numerator, denominator).display_rounded_up(), shown);
        }
    }

    #[test]
    fn without_a_denominator_above_zero_there_is_no_figure() {
        assert_eq!(Ratio::new(5, 0), None);
        assert_eq!(Ratio::new(5, -1), None);
    }

    #[test]
    fn the_largest_sums_are_compared_and_shown_exactly() {
        let huge = ratio(i128::MAX - 1, i128::MAX);
        assert_eq!(huge.compare(ratio(1, 1)), Ordering::Less);
        assert_eq!(huge.display(Some(percent(100))), "99.9999");
        assert_eq!(huge.display_rounded_up(), "100.00");
        assert_eq!(ratio(i128::MIN, i128::MAX).display(None), "-100.00");
        let half = i128::MAX / 2;
        assert_eq!(ratio(half, i128::MAX).display(Some(percent(50))), "49.9999");
        assert_eq!(ratio(half, half * 2).display(Some(percent(50))), "50.0000");
    }

    proptest! {
        #[test]
        fn comparing_is_the_same_as_multiplying_crosswise(
            a in -1_000_000i128..1_000_000, b in 1i128..1_000_000,
            c in -1_000_000i128..1_000_000, d in 1i128..1_000_000,
        ) {
            prop_assert_eq!(ratio(a, b).compare(ratio(c, d)), (a * d).cmp(&(c * b)));
        }

        #[test]
        fn comparing_is_antisymmetric_at_any_size(
            a in any::<i128>(), b in 1i128..=i128::MAX, c in any::<i128>(), d in 1i128..=i128::MAX,
        ) {
            prop_assert_eq!(ratio(a, b).compare(ratio(c, d)), ratio(c, d).compare(ratio(a, b)).reverse());
        }

        #[test]
        fn a_display_is_the_truncated_percentage(a in -10_000_000i128..10_000_000, b in 1i128..1_000_000) {
            let (hundredths, sign) = ((a * 10_000 / b).abs(), if a * 10_000 / b < 0 { "-" } else { "" });
            let expected = format!("{sign}{}.{:02}", hundredths / 100, hundredths % 100);
            prop_assert_eq!(ratio(a, b).display(None), expected);
        }

        #[test]
        fn multiplying_and_dividing_is_exact(a in any::<u64>(), b in any::<u64>(), c in 1u64..) {
            let (a, b, c) = (u128::from(a), u128::from(b), u128::from(c));
            prop_assert_eq!(multiply_divide(a, b, c), Some(a * b / c));
        }

        #[test]
        fn multiplying_by_the_divisor_gives_the_same(a in any::<u128>(), c in 1u128..) {
            prop_assert_eq!(multiply_divide(a, c, c), Some(a));
            prop_assert_eq!(multiply_divide(c, a, c), Some(a));
        }
    }
}
