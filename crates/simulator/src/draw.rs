//! Drawing from weights, and yes or no at a rate.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

/// Numbers from 0, each as likely as its weight.
#[derive(Debug, Clone)]
pub(crate) struct Weighted(Vec<f64>);

impl Weighted {
    pub(crate) fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        Self(
            weights
                .into_iter()
                .map(|weight| {
                    sum += weight;
                    sum
                })
                .collect(),
        )
    }

    /// The first rank has weight 1, the n-th n^-s.
    pub(crate) fn zipf(count: usize, exponent: f64) -> Self {
        Self::new((1..=count).map(|rank| f64::from(u32::try_from(rank).unwrap_or(u32::MAX)).powf(-exponent)))
    }

    /// # Panics
    /// Without any weight.
    pub(crate) fn draw(&self, random: &mut ChaCha8Rng) -> usize {
        let total = *self.0.last().expect("something to draw from");
        let point = random.random::<f64>() * total;
        self.0.partition_point(|sum| *sum <= point).min(self.0.len() - 1)
    }
}

/// Yes, as often as `rate` says. A rate of zero draws nothing.
pub(crate) fn chance(random: &mut ChaCha8Rng, rate: f64) -> bool {
    rate > 0.0 && random.random::<f64>() < rate
}

/// One of them, all alike.
pub(crate) fn one_of<T: Copy>(random: &mut ChaCha8Rng, choices: &[T]) -> T {
    choices[random.random_range(0..choices.len())]
}
