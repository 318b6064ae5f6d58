//! Trying again what may pass by itself, for ever, until a stop is asked for.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use prometheus::IntCounterVec;
use tokio::sync::watch;

use crate::Config;
use crate::worker::Error;

/// How long to wait between two tries, and what ends them.
#[derive(Clone)]
pub(crate) struct Retry {
    pub(crate) first: Duration,
    longest: Duration,
    /// Turns true when the process wants to stop.
    stopping: watch::Receiver<bool>,
    retries: IntCounterVec,
}

impl Retry {
    pub(crate) fn new(config: &Config, stopping: watch::Receiver<bool>, retries: IntCounterVec) -> Self {
        Self {
            first: Duration::from_millis(config.retry_first_ms),
            longest: Duration::from_millis(config.retry_longest_ms),
            stopping,
            retries,
        }
    }

    /// Asks the warehouse until it answers, or until its answer says that asking again is no use.
    pub(crate) async fn until_answered<T, Asked: Future<Output = Result<T, cashless_warehouse::Error>>>(
        &self,
        step: &'static str,
        ask: impl Fn() -> Asked,
    ) -> Result<T, Error> {
        let mut pause = self.first;
        loop {
            match ask().await {
                Ok(answer) => return Ok(answer),
                Err(error) if error.is_retry() => self.pause(step, &error, &mut pause).await?,
                Err(error) => return Err(Error::Warehouse(error)),
            }
        }
    }

    pub(crate) async fn pause(
        &self,
        step: &'static str,
        error: &dyn ErrorChain,
        pause: &mut Duration,
    ) -> Result<(), Error> {
        self.retries.with_label_values(&[step]).inc();
        tracing::warn!(step, error = error.chain(), pause_ms = pause.as_millis(), "trying again");
        let mut stopping = self.stopping.clone();
        let stop = stopping.wait_for(|stopping| *stopping);
        if tokio::time::timeout(*pause, stop).await.is_ok() {
            return Err(Error::Stopped);
        }
        *pause = (*pause * 2).min(self.longest);
        Ok(())
    }
}

/// An error with all its causes in one line.
pub(crate) trait ErrorChain: Sync {
    fn chain(&self) -> String;
}

impl<E: std::error::Error + Sync> ErrorChain for E {
    fn chain(&self) -> String {
        let mut line = self.to_string();
        let mut source = self.source();
        while let Some(cause) = source {
            line = format!("{line}: {}", &cause as &dyn Display);
            source = cause.source();
        }
        line
    }
}
