//! Places where a test may kill the process: behind each step of a batch.
//!
//! With the feature `failpoints`, `CASHLESS_FAILPOINT=<step>:<nth>` aborts the process the n-th time the step was
//! done, which leaves everything as `kill -9` would. Without the feature there is nothing here.

use crate::steps::Step;

#[cfg(feature = "failpoints")]
pub(crate) fn passed(step: Step) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static WANTED: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static TIMES: AtomicU64 = AtomicU64::new(0);

    let wanted = WANTED.get_or_init(|| {
        let setting = std::env::var("CASHLESS_FAILPOINT").ok()?;
        let (step, nth) = setting.split_once(':')?;
        Some((step.to_owned(), nth.parse().ok()?))
    });
    if let Some((name, nth)) = wanted
        && name == step.name()
        && TIMES.fetch_add(1, Ordering::Relaxed) + 1 == *nth
    {
        std::process::abort();
    }
}

#[cfg(not(feature = "failpoints"))]
pub(crate) const fn passed(_step: Step) {}
