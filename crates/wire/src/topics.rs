use crate::Schemas;

/// Every topic of the product, bound to its name, key, record and settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// What sources say about payments; key: the account's digest.
    Payments,
    /// What could not be used; key: the source's name.
    DeadLetters,
    /// Cash declared by institutions; key: the institution's id.
    CashDeclarations,
}

/// How a topic is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TopicSettings {
    /// Without the configured prefix.
    pub name: &'static str,
    /// Never changed in place: an account's events must stay in one partition.
    pub partitions: i32,
    /// Names and values as Kafka spells them.
    pub configuration: &'static [(&'static str, &'static str)],
}

impl Topic {
    /// All of them, in the order they are created.
    pub const ALL: [Self; 3] = [Self::Payments, Self::DeadLetters, Self::CashDeclarations];

    /// Its name and settings.
    #[must_use]
    pub const fn settings(self) -> TopicSettings {
        match self {
            Self::Payments => TopicSettings {
                name: "cashless.payments.v1",
                partitions: 12,
                // The log is the truth: it is kept for ever.
                configuration: &[
                    ("cleanup.policy", "delete"),
                    ("retention.ms", "-1"),
                    ("retention.bytes", "-1"),
                    ("compression.type", "producer"),
                ],
            },
            Self::DeadLetters => TopicSettings {
                name: "cashless.dead-letters.v1",
                partitions: 3,
                // 30 days, the life of sealed bodies.
                configuration: &[("cleanup.policy", "delete"), ("retention.ms", "2592000000")],
            },
            Self::CashDeclarations => TopicSettings {
                name: "cashless.cash-declarations.v1",
                partitions: 3,
                configuration: &[
                    ("cleanup.policy", "delete"),
                    ("retention.ms", "-1"),
                    ("retention.bytes", "-1"),
                ],
            },
        }
    }

    /// The name under a prefix, which is empty in production and keeps tests apart.
    #[must_use]
    pub fn prefixed(self, prefix: &str) -> String {
        format!("{prefix}{}", self.settings().name)
    }

    /// The schemas of its records that this release reads, the oldest first. It writes with the last one.
    #[must_use]
    pub fn schemas(self) -> &'static [&'static str] {
        match self {
            Self::Payments => {
                &[Schemas::PAYMENT_EVENT_V1, Schemas::PAYMENT_EVENT_V2, Schemas::PAYMENT_EVENT_V3]
            }
            Self::DeadLetters => &[Schemas::DEAD_LETTER_V1],
            Self::CashDeclarations => &[Schemas::CASH_DECLARATION_V1],
        }
    }
}
