//! A system under test, and the patience to watch it.

pub(crate) mod http;
pub(crate) mod kafka_protocol;
mod load;
mod reconciliation;
pub(crate) mod records;
mod role;
mod services;
mod system;

use std::time::{Duration, Instant};

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

pub(crate) use load::Load;
pub(crate) use role::{Role, run_command};
pub(crate) use services::{Services, installation};
pub(crate) use system::{Plan, System};

/// The product's executable with failpoints compiled in.
pub(crate) const EXECUTABLE: &str = env!("CARGO_BIN_EXE_cashless-under-test");

/// How long anything may take before a test gives up. Generous: it only costs time where a test fails.
const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(10);

/// Looks again and again until there is something to see. The only place that lets time pass.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(GLANCE).await;
    }
}

/// The seed of a test's faults: fixed, unless `FAULT_SEED` asks for others.
pub(crate) fn fault_seed() -> u64 {
    let seed =
        std::env::var("FAULT_SEED").map_or(20_260_907, |seed| seed.parse().expect("FAULT_SEED is a number"));
    eprintln!("FAULT_SEED={seed}");
    seed
}

/// Randomness of one test.
pub(crate) fn chance(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}
