use std::fmt;

/// An amount of money in whole dong, from 1 to [`AmountDong::MAX`].
///
/// The dong has no minor unit in use, so there is nothing to round. Direction is never in the amount: a
/// refund is a record of another [`Kind`](crate::Kind), not a negative amount.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AmountDong(i64);

impl AmountDong {
    /// 10^15 dong, above any single payment ever made; larger numbers are a unit mistake of the sender.
    pub const MAX: i64 = 1_000_000_000_000_000;

    /// # Errors
    /// Zero, negative, or above [`AmountDong::MAX`].
    pub fn new(dong: i64) -> Result<Self, InvalidAmount> {
        if (1..=Self::MAX).contains(&dong) { Ok(Self(dong)) } else { Err(InvalidAmount) }
    }

    /// The number of dong.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Debug for AmountDong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} dong", self.0)
    }
}

/// An amount outside 1 ..= 10^15 dong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount is a whole number of dong from 1 to {}", AmountDong::MAX)]
pub struct InvalidAmount;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_accepted_up_to_the_edge_and_refused_beyond_it() {
        assert_eq!(AmountDong::new(1).map(AmountDong::get), Ok(1));
        assert_eq!(AmountDong::new(AmountDong::MAX).map(AmountDong::get), Ok(AmountDong::MAX));
        for refused in [0, -1, i64::MIN, AmountDong::MAX + 1] {
            assert_eq!(AmountDong::new(refused), Err(InvalidAmount));
        }
    }
}
