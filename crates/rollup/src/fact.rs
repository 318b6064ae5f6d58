use crate::record::Record;
use crate::unit::Standing;
use crate::{PaymentKey, Version};

/// A stored row of one record. The registers alone restore the state; the standing is kept for whoever reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The payment it belongs to.
    pub payment: PaymentKey,
    /// Its registers.
    pub record: Record,
    /// What it is in the figures.
    pub standing: Standing,
    /// Position of the last event that changed its payment.
    pub version: Version,
}
