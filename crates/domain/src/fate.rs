/// What became of one delivered item at the collector: exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryFate {
    /// Durable in the log.
    Accepted,
    /// Answered and counted, kept nowhere.
    Refused(RefusalReason),
    /// Authentic but unusable: durable in the dead-letter topic.
    DeadLettered(DeadLetterReason),
}

closed_set! {
    /// Why a delivery was turned away before its content mattered.
    RefusalReason {
        /// No source of this name.
        UnknownSource = 1 "unknown_source",
        /// A signature that no live key of the source made, or none at all.
        BadSignature = 2 "bad_signature",
        /// Signed too long ago, or in the future.
        Stale = 3 "stale",
        /// Larger than the collector takes.
        BodyTooLarge = 4 "body_too_large",
        /// Too many requests or bytes in flight; try again.
        Overloaded = 5 "overloaded",
        /// The log did not take it in time; try again.
        Unavailable = 6 "unavailable",
        /// So far from the source's format that nothing in it can be authenticated.
        Unreadable = 7 "unreadable",
        /// Authentic, but cash declarations of a source that may not declare.
        MayNotDeclare = 8 "may_not_declare",
    }
}

closed_set! {
    /// Why an authentic item or a log record could not be used.
    DeadLetterReason {
        /// Not the documented format.
        Malformed = 1 "malformed",
        /// Zero, negative, fractional or absurd.
        InvalidAmount = 2 "invalid_amount",
        /// Not VND.
        UnsupportedCurrency = 3 "unsupported_currency",
        /// More than five minutes in the future.
        TimeInFuture = 4 "time_in_future",
        /// The source may not report this receiving identifier, or declare for this institution.
        ReceiverNotAllowed = 5 "receiver_not_allowed",
        /// A void that does not name the payment it takes back.
        VoidUnaddressed = 6 "void_unaddressed",
        /// A log record that is no `PaymentEvent`.
        Undecodable = 7 "undecodable",
    }
}

closed_set! {
    /// Where an item was dead-lettered.
    Stage {
        /// Before the log.
        Collector = 1 "collector",
        /// Behind the log.
        Aggregator = 2 "aggregator",
    }
}

closed_set! {
    /// What one log record did, counted in the ledger. Every record of the log has exactly one.
    EventFate {
        /// It changed the state of a record.
        Applied = 1 "applied",
        /// It said what was known.
        Repeated = 2 "repeated",
        /// It moves no money: pending, failed, expired, disputed, test.
        NoMoney = 3 "no_money",
        /// It could not be decoded.
        DeadLettered = 4 "dead_lettered",
    }
}

closed_set! {
    /// What a stored record is in the figures, in records and in dong. Every record has exactly one.
    RecordFate {
        /// A counted payment, or one whose class the registry decides.
        Counted = 1 "counted",
        /// A refund or lost chargeback that lowers value.
        Refunded = 2 "refunded",
        /// Another record of the same payment counts instead.
        Merged = 3 "merged",
        /// Taken back by its provider.
        Voided = 4 "voided",
        /// Money of a kind that is never a payer's fee.
        Excluded = 5 "excluded",
        /// Known by a correction, void or decision alone: no settled money to count.
        Unsettled = 6 "unsettled",
    }
}
