//! One delivery, from its head to its answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use bytes::Bytes;
use cashless_broker::{Acknowledgement, AppendError, EventLog};
use cashless_domain::{DeadLetterReason, DeliveryFate, RefusalReason, Timestamp};
use cashless_providers::standard_webhooks::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, Unverified};
use cashless_providers::{Item, Normalized, Rejection};
use cashless_wire::{EncodeError, Encoder};
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::{Method, Request};
use tokio::sync::Semaphore;
use tracing::Instrument as _;

use crate::Limits;
use crate::answer::Answer;
use crate::body::{BodyMemory, NoBody};
use crate::dead_letters::Letters;
use crate::keys::Keys;
use crate::metrics::{Metrics, UNKNOWN_SOURCE};
use crate::sources::{LiveSource, Sources};

const PATH: &str = "/v1/webhooks/";

/// Where the time comes from.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Everything a delivery needs.
pub(crate) struct Intake {
    pub(crate) sources: ArcSwap<Sources>,
    pub(crate) keys: Keys,
    pub(crate) encoder: Encoder,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) payments_topic: String,
    pub(crate) dead_letters_topic: String,
    pub(crate) metrics: Metrics,
    pub(crate) limits: Limits,
    pub(crate) requests: Semaphore,
    pub(crate) body_memory: BodyMemory,
    pub(crate) clock: Clock,
}

impl Intake {
    pub(crate) async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Answer {
        let Some(name) = request.uri().path().strip_prefix(PATH) else {
            self.metrics.misdirected.inc();
            return Answer::NotFound;
        };
        if request.method() != Method::POST {
            self.metrics.misdirected.inc();
            return Answer::WrongMethod;
        }
        let Some(source) = self.sources.load().get(name).cloned() else {
            return self.refuse(UNKNOWN_SOURCE, RefusalReason::UnknownSource);
        };
        let span = tracing::debug_span!("delivery", source = %source.source.id);
        self.deliver(source, request).instrument(span).await
    }

    async fn deliver(self: Arc<Self>, source: Arc<LiveSource>, request: Request<Incoming>) -> Answer {
        let began = Instant::now();
        let label = source.source.id.as_str();
        let Ok(_permit) = self.requests.try_acquire() else {
            return self.refuse(label, RefusalReason::Overloaded);
        };
        let _in_flight = InFlight::new(&self.metrics.requests_in_flight);
        let (head, body) = request.into_parts();
        let body = match self.body_memory.read(body, &self.limits).await {
            Ok(body) => body,
            Err(NoBody::TooLarge) => return self.refuse(label, RefusalReason::BodyTooLarge),
            Err(NoBody::Overloaded) => return self.refuse(label, RefusalReason::Overloaded),
            Err(NoBody::Abandoned(why)) => {
                self.metrics.abandon(why);
                return Answer::BodyIncomplete;
            }
        };
        self.metrics.body_bytes.with_label_values(&[label]).inc_by(body.bytes.len() as u64);
        let (intake, source, bytes) = (Arc::clone(&self), Arc::clone(&source), body.bytes.clone());
        Unstoppable::new(async move { intake.append(&source, &head.headers, &bytes, began).await }).await
    }

    /// From the complete body to the last acknowledgement.
    async fn append(&self, source: &LiveSource, headers: &HeaderMap, body: &Bytes, began: Instant) -> Answer {
        let label = source.source.id.as_str();
        let (now, header) = ((self.clock)(), |name| headers.get(name).and_then(|value| value.to_str().ok()));
        let delivery =
            Unverified::new(header(ID_HEADER), header(TIMESTAMP_HEADER), header(SIGNATURE_HEADER), body)
                .and_then(|unverified| unverified.verify(&source.keys, now));
        let delivery = match delivery {
            Ok(delivery) => delivery,
            Err(refused) => {
                tracing::debug!(reason = %refused, "delivery refused");
                return self.refuse(label, refused.into());
            }
        };
        let normalized = self.bounded(delivery.normalize(&source.source, &self.keys.digests, now));
        let items = normalized.items();
        self.metrics.receive(label, items.len());
        let letters = || Letters::new(&self.keys, &source.source.id, delivery.id(), body, now);
        let acknowledgements = self.hand_over(items, label, letters);
        let patience = Duration::from_millis(self.limits.append_timeout_ms);
        match tokio::time::timeout(patience, all(acknowledgements)).await.unwrap_or(Err(AppendError::Timeout))
        {
            Ok(()) => {
                self.metrics.time_to_durable.observe(began.elapsed().as_secs_f64());
                self.durable(label, normalized)
            }
            Err(error) => {
                tracing::warn!(%error, items = items.len(), "not durable; the sender is asked to repeat");
                for item in items {
                    self.metrics.settle(label, DeliveryFate::Refused(RefusalReason::Unavailable), item.dong);
                }
                Answer::Refused(RefusalReason::Unavailable)
            }
        }
    }

    /// Appends every item, as an event or as a dead letter. All of them are on their way when this returns.
    fn hand_over<'a>(
        &self,
        items: &[Item],
        label: &str,
        letters: impl FnOnce() -> Letters<'a>,
    ) -> Vec<Acknowledgement> {
        let (mut record, mut letters) = (Vec::with_capacity(512), std::cell::LazyCell::new(letters));
        let append = |(index, item): (usize, &Item)| {
            record.clear();
            let (topic, key, encoded): (&str, &[u8], Result<(), EncodeError>) = match &item.outcome {
                Ok(event) => (
                    &self.payments_topic,
                    &event.key.account.0,
                    self.encoder.encode_payment(event, &mut record),
                ),
                Err(rejection) => {
                    tracing::debug!(index, reason = rejection.reason.name(), "item dead-lettered");
                    let letter = letters.letter(index, rejection);
                    let encoded = self.encoder.encode_dead_letter(&letter, &mut record);
                    (&self.dead_letters_topic, label.as_bytes(), encoded)
                }
            };
            match encoded {
                Ok(()) => self.log.append(topic, key, &record),
                Err(error) => {
                    tracing::error!(%error, "a record cannot be encoded");
                    Acknowledgement::failed(AppendError::Unavailable("encoding".to_owned()))
                }
            }
        };
        items.iter().enumerate().map(append).collect()
    }

    fn durable(&self, label: &str, normalized: Normalized) -> Answer {
        for item in normalized.items() {
            let fate = match &item.outcome {
                Ok(_) => DeliveryFate::Accepted,
                Err(rejection) => DeliveryFate::DeadLettered(rejection.reason),
            };
            self.metrics.settle(label, fate, item.dong);
        }
        let (is_batch, items) = match normalized {
            Normalized::One(item) => (false, vec![item]),
            Normalized::Batch(items) => (true, items),
        };
        tracing::debug!(items = items.len(), "delivery durable");
        Answer::Durable { is_batch, items: items.into_iter().map(|item| item.outcome.map(drop)).collect() }
    }

    fn bounded(&self, normalized: Normalized) -> Normalized {
        if normalized.items().len() <= self.limits.batch_items_max {
            return normalized;
        }
        let rejection = Rejection {
            reason: DeadLetterReason::Malformed,
            path: "data",
            problem: format!("more than {} statements", self.limits.batch_items_max).into(),
        };
        Normalized::One(Item { dong: 0, outcome: Err(rejection) })
    }

    /// A delivery whose statements do not matter counts as one item.
    fn refuse(&self, label: &str, reason: RefusalReason) -> Answer {
        self.metrics.receive(label, 1);
        self.metrics.settle(label, DeliveryFate::Refused(reason), 0);
        Answer::Refused(reason)
    }
}

/// The first failure ends the wait: the whole request is repeated then.
async fn all(acknowledgements: Vec<Acknowledgement>) -> Result<(), AppendError> {
    for acknowledgement in acknowledgements {
        acknowledgement.await?;
    }
    Ok(())
}

struct InFlight<'g>(&'g prometheus::IntGauge);

impl<'g> InFlight<'g> {
    fn new(gauge: &'g prometheus::IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Runs to its end even if nobody waits for it any more.
///
/// A server drops the future of a request whose sender hangs up. By then its records are on their way and will be
/// counted by the aggregator, so they must get their fate here, too. Only then the rest moves to a task of its own:
/// one for every request would cost more than the whole verification.
struct Unstoppable<F: Future + Send + 'static>(Option<Pin<Box<F>>>)
where
    F::Output: Send;

impl<F: Future + Send + 'static> Unstoppable<F>
where
    F::Output: Send,
{
    fn new(future: F) -> Self {
        Self(Some(Box::pin(future)))
    }
}

impl<F: Future + Send + 'static> Future for Unstoppable<F>
where
    F::Output: Send,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = &mut self.0 else { return Poll::Pending };
        let polled = future.as_mut().poll(context);
        if polled.is_ready() {
            self.0 = None;
        }
        polled
    }
}

impl<F: Future + Send + 'static> Drop for Unstoppable<F>
where
    F::Output: Send,
{
    fn drop(&mut self) {
        if let (Some(future), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(future);
        }
    }
}
