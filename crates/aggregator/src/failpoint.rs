//! Places where a test may kill the process, behind each step of a batch, or refuse a commit.
//!
//! With the feature `failpoints`, `CASHLESS_FAILPOINT=<step>:<nth>` aborts the process the n-th time the step was
//! done, which leaves everything as `kill -9` would; `refuse_commit:<nth>` refuses the n-th commit, as the group does
//! while it divides its partitions anew. Without the feature there is nothing here.

#[cfg(feature = "failpoints")]
pub(crate) fn passed(step: &str) {
    if is_reached(step) {
        std::process::abort();
    }
}

#[cfg(feature = "failpoints")]
pub(crate) fn refuses_commit() -> bool {
    is_reached("refuse_commit")
}

#[cfg(feature = "failpoints")]
fn is_reached(place: &str) -> bool {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static WANTED: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static TIMES: AtomicU64 = AtomicU64::new(0);

    let wanted = WANTED.get_or_init(|| {
        let setting = std::env::var("CASHLESS_FAILPOINT").ok()?;
        let (place, nth) = setting.split_once(':')?;
        Some((place.to_owned(), nth.parse().ok()?))
    });
    (wanted.as_ref())
        .is_some_and(|(wanted, nth)| wanted == place && TIMES.fetch_add(1, Ordering::Relaxed) + 1 == *nth)
}

#[cfg(not(feature = "failpoints"))]
pub(crate) const fn passed(_step: &str) {}

#[cfg(not(feature = "failpoints"))]
pub(crate) const fn refuses_commit() -> bool {
    false
}
