//! The table of providers. A provider is its folder and its entry here; routing, configuration, documentation and
//! tests go by this table.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::source::MergeBy;
use crate::{
    Adapter, camt054, casso, momo, onepay, payos, sepay, shopeepay, standard_webhooks, vietqr_vn,
    viettel_money, vnpay, vnpt_money, zalopay,
};

/// A kind of provider.
pub struct Provider {
    /// Its name in configurations and vectors.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What names a movement of money in its messages; none where the source's configuration says so.
    pub merge_by: Option<MergeBy>,
    /// Whether its messages name bank accounts; else merchants of its own.
    pub names_accounts: bool,
    /// What is not confirmed about its format. Such a format works only where a source says
    /// `dangerous_unconfirmed_format = true`.
    pub unconfirmed: Option<&'static str>,
    /// Whether its answer to a repetition differs from the first one.
    pub tells_repeats: bool,
    /// Its settings that are secrets, single or lists: they have to be named by reference.
    pub secrets: &'static [&'static str],
    /// The paths behind the source's name that it posts to; the first one gets the payments.
    pub paths: &'static [&'static str],
    /// Settings of an invented source, as JSON: what the demo, the simulator, the pages, tests and benchmarks use.
    pub example: &'static str,
    /// Makes an adapter of a source's settings: an object of this provider's members, secrets already read.
    pub configure: fn(Value) -> Result<Arc<dyn Adapter>, String>,
}

/// Every provider there is.
pub static PROVIDERS: &[Provider] = &[
    standard_webhooks::PROVIDER,
    payos::PROVIDER,
    sepay::PROVIDER,
    casso::PROVIDER,
    vnpay::PROVIDER,
    momo::PROVIDER,
    zalopay::PROVIDER,
    vietqr_vn::PROVIDER,
    vnpt_money::PROVIDER,
    viettel_money::PROVIDER,
    onepay::PROVIDER,
    shopeepay::PROVIDER,
    camt054::PROVIDER,
];

impl Provider {
    /// The provider of this name, written with hyphens or underscores.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        let name = name.replace('_', "-");
        PROVIDERS.iter().find(|provider| provider.name == name)
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// Reads the settings of a provider. Its own words quote no value: a misplaced one may be a secret.
pub(crate) fn settings<T: DeserializeOwned>(settings: Value) -> Result<T, String> {
    serde_json::from_value(settings).map_err(|error| {
        let error = error.to_string();
        match error.split_once(": ") {
            Some(("invalid type" | "invalid value", _)) => {
                "a setting is of another type than documented".to_owned()
            }
            _ if error.starts_with("unknown variant") => {
                "a setting has a value that is not documented".to_owned()
            }
            _ => error,
        }
    })
}
