//! The invented year 2022 of both provinces, until the morning from which a demo goes on.

use std::sync::Arc;

use anyhow::Context as _;
use cashless_domain::{BusinessDate, Timestamp};
use cashless_simulator::{
    Clock, DeclarationRates, Declarations, Delivery, MethodMix, Parameters, Province, Rates, Scenario,
    TrueLedger,
};

/// The instant from which payments are replayed.
const NOW: &str = "2022-12-20T07:00:00+07:00";
const FIRST_DAY: &str = "2022-01-01";
/// Whole days before [`NOW`].
const DAYS: u16 = 353;
/// Our own contract's limit.
const BATCH_ITEMS_MAX: usize = 500;
/// Most of a year is told by files of banks and gateways; few providers would tell of it again one by one.
const DIALECT_SHARE: f64 = 0.02;

/// Everything that happened before the demo begins.
pub(crate) struct Year {
    pub(crate) province: Arc<Province>,
    /// The year's payments, in large batches.
    pub(crate) deliveries: Vec<Delivery>,
    /// What they come to, before lookalikes are reviewed.
    pub(crate) ledger: TrueLedger,
    /// What the institutions declared until now.
    pub(crate) declarations: Declarations,
}

impl Year {
    /// Invents it; the same seed and number of payments give the same year.
    pub(crate) fn invent(payments: u32, seed: u64) -> anyhow::Result<Self> {
        let province = Arc::new(Province::both_of_2022(seed));
        let clock = Clock::Historic {
            first_day: BusinessDate::parse(FIRST_DAY)?,
            days: DAYS,
            payments_per_day: payments.div_ceil(DAYS.into()),
        };
        let parameters = Parameters {
            methods: MethodMix::Y2022,
            dialect_share: DIALECT_SHARE,
            batch_items_max: BATCH_ITEMS_MAX,
            rates: Rates { batched: 1.0, ..Rates::default() },
            ..Parameters::default()
        };
        let mut scenario = Scenario::new(Arc::clone(&province), parameters, clock, seed);
        let deliveries = scenario.by_ref().collect();
        let ledger = scenario.into_ledger();
        // What institutions know of their money is the truth, too.
        let known = ledger.reviewed();
        let declarations =
            Declarations::invent(&province, &known, DeclarationRates::default(), replayed_now()?, seed);
        Ok(Self { province, deliveries, ledger, declarations })
    }
}

/// The instant from which payments are replayed.
pub(crate) fn replayed_now() -> anyhow::Result<Timestamp> {
    Timestamp::parse_rfc3339(NOW).context("the replayed instant")
}

/// How people paid in the payments that are replayed.
pub(crate) fn replayed_parameters(follow_up_median_s: f64) -> Parameters {
    Parameters { methods: MethodMix::Y2022, follow_up_median_s, ..Parameters::default() }
}
