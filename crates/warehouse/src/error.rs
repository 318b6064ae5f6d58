use cashless_rollup::TornPayment;
use clickhouse::error::Error as ClientError;

/// A call that failed. The variant is the decision.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Temporary: repeat the same call, with backoff, until it succeeds. Repeating an insert changes nothing.
    #[error("cannot {what} now")]
    Retry {
        /// What was being done.
        what: &'static str,
        /// Why it did not work.
        #[source]
        cause: Cause,
    },
    /// Repeating cannot help: a person has to look.
    #[error("cannot {what}")]
    Stop {
        /// What was being done.
        what: &'static str,
        /// Why it cannot work.
        #[source]
        cause: Cause,
    },
}

impl Error {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_retry(&self) -> bool {
        matches!(self, Self::Retry { .. })
    }

    /// The code of the server's answer, if there was one.
    #[must_use]
    pub fn server_code(&self) -> Option<u32> {
        let (Self::Retry { cause, .. } | Self::Stop { cause, .. }) = self;
        match cause {
            Cause::Server { code, .. } => Some(*code),
            _ => None,
        }
    }

    pub(crate) fn new(what: &'static str, cause: Cause) -> Self {
        if cause.is_temporary() { Self::Retry { what, cause } } else { Self::Stop { what, cause } }
    }
}

/// What went wrong underneath.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The server refused.
    #[error("ClickHouse answered with code {code}: {message}")]
    Server {
        /// Its error code.
        code: u32,
        /// What it says, shortened.
        message: String,
    },
    /// No answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// The connection failed, or the client could not make sense of the answer.
    #[error("the connection or the client failed")]
    Client(#[source] Box<ClientError>),
    /// The answer ended in the middle of a block.
    #[error("the answer is cut off")]
    CutOff,
    /// A column is not of the type this version of the product reads.
    #[error("column {column} is {found} where {expected} is expected")]
    Drift {
        /// The column.
        column: String,
        /// The type it should have.
        expected: &'static str,
        /// The type it has.
        found: String,
    },
    /// A stored value that no correct writer writes.
    #[error("a stored row has no valid {0}")]
    InvalidRow(&'static str),
    /// The rows of a payment were not stored together.
    #[error(transparent)]
    TornPayment(#[from] TornPayment),
    /// An applied migration is not the one in this build.
    #[error("migration {name} was changed after it had been applied")]
    EditedMigration {
        /// Its name.
        name: String,
    },
    /// The database has a migration that this build does not know.
    #[error("the database has migration {name}, which this version does not know")]
    UnknownMigration {
        /// Its name.
        name: String,
    },
    /// A version of a plan is stored with other content.
    #[error(
        "plan {plan_id} version {plan_version} is stored with other content; give the changed plan a new version"
    )]
    PlanDiffers {
        /// Id of the plan.
        plan_id: String,
        /// The version.
        plan_version: u32,
    },
    /// Nobody has made this version of the registry.
    #[error("there is no registry version {asked}; the newest is {newest}")]
    NoRegistryVersion {
        /// The version that was asked for.
        asked: u32,
        /// The one that is the newest.
        newest: u32,
    },
    /// Somebody else applied a registry change since the plan was made.
    #[error("the registry is at version {found} where the plan was made from {planned}; plan again")]
    RegistryMoved {
        /// The version the plan was made from.
        planned: u32,
        /// The version that is stored.
        found: u32,
    },
}

/// Answers that pass: time, memory, connections, part counts, a server that is starting or stopping, replicas
/// that are not there yet. The list is closed on purpose: an unknown answer stops and pages, because a writer
/// that repeats a hopeless insert for ever looks alive while its figures stand still.
const TEMPORARY_CODES: [u32; 21] = [
    3,   // UNEXPECTED_END_OF_FILE: a connection cut in the middle of a body
    23,  // CANNOT_READ_FROM_ISTREAM
    24,  // CANNOT_WRITE_TO_OSTREAM
    74,  // CANNOT_READ_FROM_FILE_DESCRIPTOR
    75,  // CANNOT_WRITE_TO_FILE_DESCRIPTOR
    159, // TIMEOUT_EXCEEDED
    202, // TOO_MANY_SIMULTANEOUS_QUERIES
    203, // NO_FREE_CONNECTION
    209, // SOCKET_TIMEOUT
    210, // NETWORK_ERROR
    236, // ABORTED: the server is stopping
    241, // MEMORY_LIMIT_EXCEEDED
    242, // TABLE_IS_READ_ONLY
    243, // NOT_ENOUGH_SPACE
    252, // TOO_MANY_PARTS
    285, // TOO_FEW_LIVE_REPLICAS
    286, // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
    319, // UNKNOWN_STATUS_OF_INSERT
    394, // QUERY_WAS_CANCELLED
    425, // SYSTEM_ERROR
    999, // KEEPER_EXCEPTION
];

impl Cause {
    fn is_temporary(&self) -> bool {
        match self {
            Self::Server { code, .. } => TEMPORARY_CODES.contains(code),
            Self::TimedOut | Self::CutOff => true,
            Self::Client(error) => matches!(
                **error,
                ClientError::Network(_)
                    | ClientError::TimedOut
                    | ClientError::Decompression(_)
                    | ClientError::BadResponse(_)
            ),
            _ => false,
        }
    }
}

impl From<ClientError> for Cause {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::TimedOut => Self::TimedOut,
            ClientError::BadResponse(answer) => match server_code(&answer) {
                Some(code) => Self::Server { code, message: shortened(&answer) },
                None => Self::Client(Box::new(ClientError::BadResponse(shortened(&answer)))),
            },
            other => Self::Client(Box::new(other)),
        }
    }
}

/// `Code: 60. DB::Exception: …`
fn server_code(answer: &str) -> Option<u32> {
    let (_, behind) = answer.split_once("Code: ")?;
    behind.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Answers can repeat the whole statement.
fn shortened(answer: &str) -> String {
    const CHARACTERS_MAX: usize = 400;
    answer.chars().take(CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_retry(answer: &str) -> bool {
        Error::new("read", ClientError::BadResponse(answer.to_owned()).into()).is_retry()
    }

    #[test]
    fn answers_that_pass_are_retried_and_all_others_stop() {
        for code in [159, 202, 209, 210, 241, 242, 252, 319, 999] {
            assert!(is_retry(&format!("Code: {code}. DB::Exception: later")), "{code}");
        }
        for code in [16, 47, 60, 62, 117, 193, 497, 516, 12_345] {
            assert!(!is_retry(&format!("Code: {code}. DB::Exception: never")), "{code}");
        }
        assert!(is_retry("502 Bad Gateway"), "a proxy speaks for a server that is away");
    }

    #[test]
    fn what_no_server_said_is_judged_by_its_nature() {
        let retry = |cause| Error::new("read", cause).is_retry();
        assert!(retry(Cause::TimedOut) && retry(Cause::CutOff));
        assert!(retry(ClientError::Network("channel closed".into()).into()));
        assert!(!retry(ClientError::Unsupported("https".into()).into()));
        assert!(!retry(Cause::InvalidRow("source")));
    }
}
