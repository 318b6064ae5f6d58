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
use cashless_domain::{DeadLetterReason, DeliveryFate, PaymentEvent, RefusalReason, Timestamp};
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

/// What is posted to a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Payments,
    Declarations,
}

impl Subject {
    const PATHS: [(Self, &str); 2] =
        [(Self::Payments, "/v1/webhooks/"), (Self::Declarations, "/v1/declarations/")];
}

/// Where the time comes from.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Everything a delivery needs.
pub(crate) struct Intake {
    pub(crate) sources: ArcSwap<Sources>,
    pub(crate) keys: Keys,
    pub(crate) encoder: Encoder,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) payments_topic: String,
    pub(crate) declarations_topic: String,
    pub(crate) dead_letters_topic: String,
    pub(crate) metrics: Metrics,
    pub(crate) limits: Limits,
    pub(crate) requests: Semaphore,
    pub(crate) body_memory: BodyMemory,
    pub(crate) clock: Clock,
    pub(crate) trusted_proxies: Vec<IpAddr>,
}

/// A complete request to a known source.
pub(crate) struct Complete {
    head: Parts,
    body: HeldBody,
    verb: Verb,
    peer: Option<IpAddr>,
    began: Instant,
}

impl Complete {
    pub(crate) fn delivery(&self) -> Delivery<'_> {
        let path = split(self.head.uri.path()).map_or("", |(_, _, behind)| behind);
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

/// What is posted, the source's name and what follows it.
fn split(path: &str) -> Option<(Subject, &str, &str)> {
    Subject::PATHS.into_iter().find_map(|(subject, beginning)| {
        let rest = path.strip_prefix(beginning)?;
        let (name, behind) = rest.split_once('/').unwrap_or((rest, ""));
        Some((subject, name, behind))
    })
}

/// A record of the log that an item becomes.
pub(crate) trait Kept {
    fn topic<'i>(&self, intake: &'i Intake) -> &'i str;
    fn key(&self) -> &[u8];
    fn encode(&self, encoder: &Encoder, record: &mut Vec<u8>) -> Result<(), EncodeError>;
}

impl Kept for PaymentEvent {
    fn topic<'i>(&self, intake: &'i Intake) -> &'i str {
        &intake.payments_topic
    }

    fn key(&self) -> &[u8] {
        &self.key.account.0
    }

    fn encode(&self, encoder: &Encoder, record: &mut Vec<u8>) -> Result<(), EncodeError> {
        encoder.encode_payment(self, record)
    }
}

impl Intake {
    pub(crate) async fn answer<B>(self: Arc<Self>, request: Request<B>, peer: Option<IpAddr>) -> Answer
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let Some((subject, name, behind)) = split(request.uri().path()) else {
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
        let is_known = match subject {
            Subject::Payments => source.provider.paths.contains(&behind),
            Subject::Declarations => behind.is_empty() && source.adapter.declaring().is_some(),
        };
        if !is_known {
            self.metrics.misdirected.inc();
            return Answer::NotFound;
        }
        self.deliver(source, subject, verb, request, peer).await
    }

    async fn deliver<B>(
        self: Arc<Self>,
        source: Arc<LiveSource>,
        subject: Subject,
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
        match subject {
            Subject::Payments => {
                Unstoppable::new(async move { intake.append(&source, &request).await }).await
            }
            Subject::Declarations => {
                Unstoppable::new(async move { intake.append_declarations(&source, &request).await }).await
            }
        }
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
        let kept = self.keep(source, request, received.id, normalized.items(), now).await;
        match kept {
            Ok(()) => {
                let repeated = source.repeats.as_ref().is_some_and(|repeats| repeats.remember(&normalized));
                let answered = Answered { normalized: &normalized, repeated };
                Answer::Said(source.adapter.reply_to_items(&delivery, answered, now))
            }
            Err(_) => Answer::Again(source.adapter.reply(&delivery, Outcome::Unavailable, now)),
        }
    }

    /// Appends every item and waits until all are durable. Each has met its fate when this returns.
    pub(crate) async fn keep<T: Kept>(
        &self,
        source: &LiveSource,
        request: &Complete,
        delivery_id: &str,
        items: &[Item<T>],
        now: Timestamp,
    ) -> Result<(), AppendError> {
        let (label, delivery) = (source.source.id.as_str(), request.delivery());
        let counters = source.metrics.get_or_init(|| self.metrics.of(label));
        counters.receive(items.len());
        let letters = || Letters::new(&self.keys, &source.source.id, delivery_id, delivery.raw(), now);
        let acknowledgements = self.hand_over(items, label, letters);
        let patience = Duration::from_millis(self.limits.append_timeout_ms);
        let kept = tokio::time::timeout(patience, all(acknowledgements)).await;
        let kept = kept.unwrap_or(Err(AppendError::Timeout));
        match &kept {
            Ok(()) => {
                self.metrics.time_to_durable.observe(request.began.elapsed().as_secs_f64());
                self.settle(label, counters, items);
            }
            Err(error) => {
                tracing::warn!(source = label, %error, items = items.len(), "not durable; the sender is asked to repeat");
                for item in items {
                    self.metrics.settle(label, DeliveryFate::Refused(RefusalReason::Unavailable), item.dong);
                }
            }
        }
        kept
    }

    /// Appends every item, as an event or as a dead letter. All of them are on their way when this returns.
    fn hand_over<'a, T: Kept>(
        &self,
        items: &[Item<T>],
        label: &str,
        letters: impl FnOnce() -> Letters<'a>,
    ) -> Vec<Acknowledgement> {
        let (mut record, mut letters) = (Vec::with_capacity(512), std::cell::LazyCell::new(letters));
        let append = |(index, item): (usize, &Item<T>)| {
            record.clear();
            let (topic, key, encoded): (&str, &[u8], Result<(), EncodeError>) = match &item.outcome {
                Ok(kept) => (kept.topic(self), kept.key(), kept.encode(&self.encoder, &mut record)),
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
    fn settle<T>(&self, label: &str, counters: &SourceMetrics, items: &[Item<T>]) {
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
    pub(crate) fn count_refused(&self, label: &str, reason: RefusalReason) {
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
