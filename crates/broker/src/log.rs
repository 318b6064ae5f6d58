use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::oneshot;

/// Why a record is not known to be in the log. Every variant but [`AppendError::TooLarge`] may pass by itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The queue in front of the log is full: slow down.
    #[error("the queue in front of the log is full")]
    Full,
    /// Not acknowledged in time.
    #[error("not acknowledged in time")]
    Timeout,
    /// Larger than the topic takes; repeating it does not help.
    #[error("the record is larger than the topic takes")]
    TooLarge,
    /// The log refused it, or cannot be reached.
    #[error("the log is unavailable: {0}")]
    Unavailable(String),
    /// The log was closed before it answered.
    #[error("the log was closed")]
    Closed,
}

/// An append-only log of records by topic.
pub trait EventLog: Send + Sync + 'static {
    /// Hands a record over. The record is queued, or its acknowledgement already failed, when this returns.
    /// Records of one key keep their order.
    fn append(&self, topic: &str, key: &[u8], payload: &[u8]) -> Acknowledgement;

    /// Whether appends are expected to succeed.
    fn is_reachable(&self) -> bool;

    /// Waits until everything handed over is answered; false if that took longer than `patience`. Blocks the thread.
    fn flush(&self, patience: std::time::Duration) -> bool;
}

/// Resolves when the log has the record durably, or says why not.
#[must_use = "a record is not durable before its acknowledgement"]
pub struct Acknowledgement(Inner);

enum Inner {
    Waiting(oneshot::Receiver<Result<(), AppendError>>),
    Failed(Option<AppendError>),
}

/// The log's end of an [`Acknowledgement`]. Dropping it means [`AppendError::Closed`].
pub struct Acknowledge(oneshot::Sender<Result<(), AppendError>>);

/// Both ends of a new acknowledgement.
pub fn acknowledgement() -> (Acknowledge, Acknowledgement) {
    let (sender, receiver) = oneshot::channel();
    (Acknowledge(sender), Acknowledgement(Inner::Waiting(receiver)))
}

impl Acknowledge {
    /// Answers. Nobody may be listening any more, which is fine.
    pub fn answer(self, result: Result<(), AppendError>) {
        drop(self.0.send(result));
    }
}

impl Acknowledgement {
    /// One that failed before it began.
    pub fn failed(error: AppendError) -> Self {
        Self(Inner::Failed(Some(error)))
    }
}

impl Future for Acknowledgement {
    type Output = Result<(), AppendError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Inner::Waiting(receiver) => {
                Pin::new(receiver).poll(context).map(|answer| answer.unwrap_or(Err(AppendError::Closed)))
            }
            Inner::Failed(error) => Poll::Ready(Err(error.take().unwrap_or(AppendError::Closed))),
        }
    }
}
