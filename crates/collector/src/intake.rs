//! One delivery, from its head to its answer.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use bytes::Bytes;
use cashless_broker::{Acknowledgement, AppendError, EventLog};
use cashless_domain::{DeadLetterReason, DeliveryFate, RefusalReason, Timestamp};
use cashless_providers::{Answered, Content, Context, Delivery, Item, Normalized, Outcome, Rejection, Verb};
use cashless_wire::{EncodeError, Encoder};
use hyper::body::Body;
use hyper::http::request::Parts;
use hyper::{Method, Request};
use tokio::sync::Semaphore;

use crate::Limits;
use crate::answer::Answer;
use crate::body::{BodyMemory, HeldBody, NoBody};
use crate::dead_letters::Letters;
use crate::keys::Keys;
use crate::metrics::{Metrics, SourceMetrics, UNKNOWN_SOURCE};
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
    pub(crate) trusted_proxies: Vec<IpAddr>,
}

/// A complete request to a known source.
struct Complete {
    head: Parts,
    body: HeldBody,
    verb: Verb,
    peer: Option<IpAddr>,
    began: Instant,
}

impl Complete {
    fn delivery(&self) -> Delivery<'_> {
        let (_, path) = split(self.head.uri.path()).unwrap_or_default();
        Delivery {
            verb: self.verb,
            path,
            query: self.head.uri.query().unwrap_or(""),
            headers: &self.head.headers,
            body: &self.body.bytes,
            peer: self.peer,
        }
    }
}

/// The source's name and what follows it.
fn split(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix(PATH)?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

impl Intake {
    pub(crate) async fn answer<B>(self: Arc<Self>, request: Request<B>, peer: Option<IpAddr>) -> Answer
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let Some((name, behind)) = split(request.uri().path()) else {
            self.metrics.misdirected.inc();
            return Answer::NotFound;
        };
        let verb = match *request.method() {
            Method::POST => Verb::Post,
            Method::GET => Verb::Get,
            _ => {
                self.metrics.misdirected.inc();
                return Answer::WrongMethod;
            }
        };
        let Some(source) = self.sources.load().get(name).cloned() else {
            return self.refuse(UNKNOWN_SOURCE, RefusalReason::UnknownSource);
        };
        if !source.provider.paths.contains(&behind) {
            self.metrics.misdirected.inc();
            return Answer::NotFound;
        }
        self.deliver(source, verb, request, peer).await
    }

    async fn deliver<B>(
        self: Arc<Self>,
        source: Arc<LiveSource>,
        verb: Verb,
        request: Request<B>,
        peer: Option<IpAddr>,
    ) -> Answer
    where
        B: Body<Data = Bytes> + Unpin,
    {
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
        let peer = self.sender(&head, peer);
        let request = Complete { head, body, verb, peer, began };
        let (intake, source) = (Arc::clone(&self), Arc::clone(&source));
        Unstoppable::new(async move { intake.append(&source, &request).await }).await
    }

    /// Who sent a request: the other end of the connection, or whom a trusted proxy names last.
    fn sender(&self, head: &Parts, peer: Option<IpAddr>) -> Option<IpAddr> {
        if !peer.is_some_and(|peer| self.trusted_proxies.contains(&peer)) {
            return peer;
        }
        let forwarded = head.headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        forwarded.rsplit(',').next()?.trim().parse().ok()
    }

    /// From the complete body to the last acknowledgement.
    async fn append(&self, source: &LiveSource, request: &Complete) -> Answer {
        let (label, now, delivery) = (source.source.id.as_str(), (self.clock)(), request.delivery());
        let counters = source.metrics.get_or_init(|| self.metrics.of(label));
        counters.body_bytes.inc_by(delivery.body.len() as u64);
        let context = Context { source: &source.source, keys: &self.keys.digests, received_at: now };
        let received = match source.adapter.receive(&delivery, &context) {
            Ok(received) => received,
            Err(refused) => {
                tracing::debug!(source = label, reason = %refused, "delivery refused");
                self.count_refused(label, refused.into());
                return Answer::Said(source.adapter.reply(&delivery, Outcome::Refused(refused), now));
            }
        };
        let normalized = match received.content {
            Content::Items(normalized) => self.bounded(normalized),
            Content::Answer(reply) => {
                self.metrics.answered.with_label_values(&[label]).inc();
                return Answer::Said(reply);
            }
        };
        let items = normalized.items();
        counters.receive(items.len());
        let letters = || Letters::new(&self.keys, &source.source.id, received.id, delivery.raw(), now);
        let acknowledgements = self.hand_over(items, label, letters);
        let patience = Duration::from_millis(self.limits.append_timeout_ms);
        match tokio::time::timeout(patience, all(acknowledgements)).await.unwrap_or(Err(AppendError::Timeout))
        {
            Ok(()) => {
                self.metrics.time_to_durable.observe(request.began.elapsed().as_secs_f64());
                self.settle(label, counters, items);
                let repeated = source.repeats.as_ref().is_some_and(|repeats| repeats.remember(&normalized));
                let answered = Answered { normalized: &normalized, repeated };
                Answer::Said(source.adapter.reply_to_items(&delivery, answered, now))
            }
            Err(error) => {
                tracing::warn!(source = label, %error, items = items.len(), "not durable; the sender is asked to repeat");
                for item in items {
                    self.metrics.settle(label, DeliveryFate::Refused(RefusalReason::Unavailable), item.dong);
                }
                Answer::Again(source.adapter.reply(&delivery, Outcome::Unavailable, now))
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

    /// The fates of items that are durable.
    fn settle(&self, label: &str, counters: &SourceMetrics, items: &[Item]) {
        for item in items {
            match &item.outcome {
                Ok(_) => counters.accept(item.dong),
                Err(rejection) => {
                    self.metrics.settle(label, DeliveryFate::DeadLettered(rejection.reason), item.dong);
                }
            }
        }
    }

    fn bounded(&self, normalized: Normalized) -> Normalized {
        if normalized.items().len() <= self.limits.batch_items_max {
            return normalized;
        }
        let rejection = Rejection {
            reason: DeadLetterReason::Malformed,
            path: "",
            problem: format!("more than {} statements", self.limits.batch_items_max).into(),
        };
        Normalized::One(Item { dong: 0, outcome: Err(rejection) })
    }

    fn refuse(&self, label: &str, reason: RefusalReason) -> Answer {
        self.count_refused(label, reason);
        Answer::Refused(reason)
    }

    /// A delivery whose statements do not matter counts as one item.
    fn count_refused(&self, label: &str, reason: RefusalReason) {
        self.metrics.receive(label, 1);
        self.metrics.settle(label, DeliveryFate::Refused(reason), 0);
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

    fn poll(mut self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<Self::Output> {
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
