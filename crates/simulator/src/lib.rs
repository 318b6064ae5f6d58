//! Synthetic provinces, their noisy stream of payment webhooks, and the exact truth behind it.
//!
//! [`Province::both_of_2022`] are the two provinces whose plans are tracked; [`Declarations`] is what their institutions
//! say of their cash, and [`true_targets()`] what every target of both plans comes to.
//!
//! Promises: the same seed gives the same bytes; no person or account in a stream is real; the truth is
//! computed from the invented movements of money, without a line of the product's own merging or evaluation. Sockets are
//! touched in [`post`] only.
//!
//! ```
//! use std::sync::Arc;
//! use cashless_simulator::{Clock, Parameters, Province, ProvinceSize, Scenario};
//!
//! let province = Arc::new(Province::synthetic(&ProvinceSize::default(), 7));
//! let mut scenario = Scenario::new(province, Parameters::default(), Clock::one_day(100), 7);
//! let deliveries: Vec<_> = scenario.by_ref().collect();
//! let truth = scenario.into_ledger();
//! assert_eq!(truth.deliveries(), i64::try_from(deliveries.len()).unwrap());
//! ```

mod amounts;
mod attributes;
mod body;
mod calendar;
mod clock;
mod declarations;
mod dialects;
mod draw;
mod faults;
mod follow_ups;
mod identifiers;
mod institutions;
mod lookalikes;
mod months;
mod movement;
mod names;
mod outbox;
mod params;
mod places;
pub mod post;
mod post_report;
mod province;
mod registry_files;
mod registry_tables;
mod scenario;
mod signing;
mod sources;
mod true_targets;
mod truth;
mod truth_files;

pub use declarations::{DeclarationRates, Declarations, DeclaredBy, DeclaredMonth, SIGNER_ROLE};
pub use dialects::{Dialect, Told};
pub use faults::Presentation;
pub use identifiers::{IdentifierKind, PlainIdentifier, Purpose, Registration};
pub use institutions::Institution;
pub use names::canaries;
pub use outbox::{Delivery, Expected};
pub use params::{MethodMix, Parameters, Rates};
pub use places::{DAK_NONG, Place, THANH_HOA};
pub use post::{Pace, Poster, PosterConfig, Progress};
pub use post_report::{Outcome, PostReport, Surprise};
pub use province::{Province, ProvinceSize};
pub use registry_files::{ProvinceFiles, WriteError};
pub use scenario::{Clock, Scenario};
pub use signing::Key;
pub use sources::{MergeBy, ReceiverRule, Source, Voice};
pub use true_targets::{Share, TrueTarget, true_targets};
pub use truth::{CellKey, CellSums, InstitutionKey, InstitutionSums, ItemFate, Tally, TrueLedger};
pub use truth_files::{DigestedCellKey, NO_SOURCE};
