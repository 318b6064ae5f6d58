use cashless_domain::RefusalReason;

/// Why a delivery is not believed. The answer never says which part was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// What should prove the sender is not there.
    #[error("not signed")]
    MissingSignature,
    /// No live key made the signature.
    #[error("no signature by a live key")]
    BadSignature,
    /// A key, token or password that is not live, or none.
    #[error("no live key or token")]
    BadToken,
    /// Rightly signed, but too long ago or ahead.
    #[error("signed too long ago, or in the future")]
    Stale,
    /// So far from the format that there is nothing to authenticate.
    #[error("unreadable")]
    Unreadable,
    /// Rightly signed, but of a source that may not declare cash.
    #[error("this source may not declare")]
    MayNotDeclare,
    /// Not a path, method or content type of this provider.
    #[error("not for this provider")]
    Misdirected,
}

impl From<Refused> for RefusalReason {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::MissingSignature | Refused::BadSignature | Refused::BadToken => Self::BadSignature,
            Refused::Stale => Self::Stale,
            Refused::MayNotDeclare => Self::MayNotDeclare,
            Refused::Unreadable | Refused::Misdirected => Self::Unreadable,
        }
    }
}
