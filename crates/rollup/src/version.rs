use std::fmt;

/// A position in the log, as rows carry it: the epoch in the upper 16 bits, the offset plus one in the lower 48.
///
/// Zero is "before everything". Versions of different epochs compare as their epochs do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Version(u64);

impl Version {
    const OFFSET_BITS: u32 = 48;

    /// The version of rows last changed by the event at `offset`.
    #[must_use]
    pub const fn at(epoch: u16, offset: u64) -> Self {
        Self::before(epoch, offset + 1)
    }

    /// The version of everything before `offset`: what a reader about to read `offset` has seen.
    #[must_use]
    pub const fn before(epoch: u16, offset: u64) -> Self {
        Self(((epoch as u64) << Self::OFFSET_BITS) | offset)
    }

    /// As stored.
    #[must_use]
    pub const fn from_stored(stored: u64) -> Self {
        Self(stored)
    }

    /// As stored.
    #[must_use]
    pub const fn stored(self) -> u64 {
        self.0
    }

    /// The unbroken log it belongs to.
    #[must_use]
    pub const fn epoch(self) -> u16 {
        (self.0 >> Self::OFFSET_BITS) as u16
    }

    /// The first offset that is not in it.
    #[must_use]
    pub const fn next_offset(self) -> u64 {
        self.0 & ((1 << Self::OFFSET_BITS) - 1)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.epoch(), self.next_offset())
    }
}
