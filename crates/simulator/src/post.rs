//! Posting a stream as providers do: keep-alive connections, fresh signatures, patience.
//!
//! A delivery is posted until it is answered. 408, 429, 5xx and broken connections are tried again with the same
//! `webhook-id` and body under a new timestamp and signature; anything else is an answer. Connections work
//! side by side, so the order of arrival is arbitrary, as it is between real providers.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use cashless_domain::Timestamp;
use cashless_providers::Verb;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST, RETRY_AFTER};
use hyper::{Method, Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::dialects::{Dialect, Told};
use crate::faults::Presentation;
use crate::outbox::Delivery;
use crate::post_report::{Outcome, PostReport};
use crate::province::Province;
use crate::signing::Key;
use crate::sources::Voice;
use crate::truth_files::NO_SOURCE;

/// How old the signature of a stale delivery is.
const STALE_S: i64 = 3_600;
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// How fast to post.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// As fast as answers come.
    Unpaced,
    /// So many deliveries a second, whenever they are due.
    PerSecond(f64),
    /// Each when it is due, counted from the start of the run. The pace of a live stream.
    WhenDue,
}

/// How to post a stream.
#[derive(Debug, Clone)]
pub struct PosterConfig {
    /// Where the collector listens.
    pub address: SocketAddr,
    /// Keep-alive connections, each with one delivery in flight.
    pub connections: usize,
    /// How fast to post.
    pub pace: Pace,
    /// The longest pause before a delivery is tried again, whatever `Retry-After` says.
    pub retry_pause_max: Duration,
    /// How long an answer may take before the connection counts as broken.
    pub answer_timeout: Duration,
    /// Keeps an [`Outcome`] of every delivery, some 40 bytes each.
    pub keep_outcomes: bool,
}

impl PosterConfig {
    /// 64 connections, unpaced.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            connections: 64,
            pace: Pace::Unpaced,
            retry_pause_max: Duration::from_secs(2),
            answer_timeout: Duration::from_secs(30),
            keep_outcomes: false,
        }
    }
}

/// What a run has done so far, and the way to end it early.
#[derive(Debug, Default)]
pub struct Progress {
    /// Deliveries taken from the stream.
    pub taken: AtomicU64,
    /// Deliveries answered for good.
    pub answered: AtomicU64,
    /// Attempts that were not.
    pub retried: AtomicU64,
    /// Attempts to which nobody said anything.
    pub broken: AtomicU64,
    /// Once true, nothing more is taken or retried; what is in flight ends.
    pub stop: AtomicBool,
}

/// Posts deliveries to a collector.
pub struct Poster {
    config: PosterConfig,
    sources: Arc<[SourceKeys]>,
}

struct SourceKeys {
    path: String,
    voice: Voice,
}

/// What all connections of one run share.
struct Run<I> {
    config: PosterConfig,
    sources: Arc<[SourceKeys]>,
    deliveries: Mutex<I>,
    progress: Arc<Progress>,
    start: Instant,
}

impl Poster {
    /// For the sources of a province, with their keys.
    #[must_use]
    pub fn new(config: PosterConfig, province: &Province) -> Self {
        let sources = province.sources().iter().map(|source| SourceKeys {
            path: format!("/v1/webhooks/{}", source.id),
            voice: source.voice.clone(),
        });
        Self { config, sources: sources.collect() }
    }

    /// Posts every delivery until it is answered, and gives the stream back with the report.
    ///
    /// # Panics
    /// If the stream itself panics.
    pub async fn run<I>(&self, deliveries: I, progress: Arc<Progress>) -> (PostReport, I)
    where
        I: Iterator<Item = Delivery> + Send + 'static,
    {
        let run = Arc::new(Run {
            config: self.config.clone(),
            sources: Arc::clone(&self.sources),
            deliveries: Mutex::new(deliveries),
            progress,
            start: Instant::now(),
        });
        let workers: Vec<_> = (0..self.config.connections.max(1))
            .map(|_| {
                let run = Arc::clone(&run);
                tokio::spawn(async move {
                    Worker { run, connection: None, report: PostReport::default() }.work().await
                })
            })
            .collect();
        let mut report = PostReport::default();
        for worker in workers {
            report.add(worker.await.expect("a worker panics only if the stream does"));
        }
        report.finish(run.start.elapsed());
        let run = Arc::into_inner(run).expect("all workers have ended");
        (report, run.deliveries.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Worker<I> {
    run: Arc<Run<I>>,
    connection: Option<SendRequest<Full<Bytes>>>,
    report: PostReport,
}

impl<I: Iterator<Item = Delivery> + Send + 'static> Worker<I> {
    async fn work(mut self) -> PostReport {
        while let Some((delivery, planned)) = self.take() {
            if let Some(planned) = planned {
                tokio::time::sleep_until(planned).await;
            }
            let begun = planned.unwrap_or_else(Instant::now);
            self.deliver(&delivery, begun).await;
        }
        self.report
    }

    /// The next delivery, and when to post it.
    fn take(&self) -> Option<(Delivery, Option<Instant>)> {
        if self.run.progress.stop.load(Ordering::Relaxed) {
            return None;
        }
        let delivery = self.run.deliveries.lock().unwrap_or_else(PoisonError::into_inner).next()?;
        let number = self.run.progress.taken.fetch_add(1, Ordering::Relaxed);
        let offset = match self.run.config.pace {
            Pace::Unpaced => None,
            #[expect(clippy::cast_precision_loss, reason = "a pace; exact below 2^53 deliveries")]
            Pace::PerSecond(rate) => Some(Duration::from_secs_f64(number as f64 / rate.max(1e-6))),
            Pace::WhenDue => Some(Duration::from_micros(delivery.due_micros.unsigned_abs())),
        };
        Some((delivery, offset.map(|offset| self.run.start + offset)))
    }

    async fn deliver(&mut self, delivery: &Delivery, begun: Instant) {
        let mut pause = FIRST_PAUSE;
        let mut attempts = 1;
        loop {
            let answer = self.attempt(delivery).await;
            let asked = match answer {
                Ok((status, _)) if !matches!(status, 408 | 429 | 500..) => {
                    self.run.progress.answered.fetch_add(1, Ordering::Relaxed);
                    let outcome = Outcome {
                        sequence: delivery.sequence,
                        status,
                        attempts,
                        answered_at_micros: unix_micros(),
                        latency_micros: u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
                    };
                    self.report.answer(delivery, outcome, self.run.config.keep_outcomes);
                    return;
                }
                Ok((status, retry_after)) => {
                    self.report.postpone(status);
                    retry_after
                }
                Err(_broken) => {
                    self.connection = None;
                    self.report.connection_errors += 1;
                    self.run.progress.broken.fetch_add(1, Ordering::Relaxed);
                    None
                }
            };
            if self.run.progress.stop.load(Ordering::Relaxed) {
                self.report.unanswered += 1;
                return;
            }
            self.run.progress.retried.fetch_add(1, Ordering::Relaxed);
            attempts += 1;
            tokio::time::sleep(asked.unwrap_or(pause).min(self.run.config.retry_pause_max)).await;
            pause = (pause * 2).min(self.run.config.retry_pause_max);
        }
    }

    /// One POST: the status, and how long the collector asks to wait.
    async fn attempt(&mut self, delivery: &Delivery) -> Result<(u16, Option<Duration>), Broken> {
        let request = self.run.request(delivery);
        let timeout = self.run.config.answer_timeout;
        tokio::time::timeout(timeout, async {
            let connection = self.connected().await?;
            let response: Response<Incoming> = connection.send_request(request).await?;
            let status = response.status().as_u16();
            let retry_after =
                response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            // The connection serves the next request only when this answer is read to its end.
            response.into_body().collect().await?;
            Ok((status, retry_after.map(Duration::from_secs)))
        })
        .await
        .map_err(|_| Broken)?
    }

    async fn connected(&mut self) -> Result<&mut SendRequest<Full<Bytes>>, Broken> {
        let usable = match self.connection.as_mut() {
            Some(connection) => connection.ready().await.is_ok(),
            None => false,
        };
        if !usable {
            let stream = TcpStream::connect(self.run.config.address).await?;
            stream.set_nodelay(true)?;
            let (connection, driver) = http1::handshake(TokioIo::new(stream)).await?;
            // It ends with its connection; its error reaches the request that waits on it.
            tokio::spawn(driver);
            self.connection = Some(connection);
        }
        self.connection.as_mut().ok_or(Broken)
    }
}

impl<I> Run<I> {
    fn request(&self, delivery: &Delivery) -> Request<Full<Bytes>> {
        let source = &self.sources[delivery.source];
        let path = match delivery.presentation {
            Presentation::UnknownSource => format!("/v1/webhooks/{NO_SOURCE}"),
            _ => source.path.clone(),
        };
        match (&source.voice, &delivery.told) {
            (Voice::Standard(key), _) => self.standard(delivery, key, &path),
            (Voice::Dialect(dialect), Some(told)) => self.dialect(delivery, dialect, told, &path),
            (Voice::Dialect(_), None) => unreachable!("a source with a dialect tells nothing else"),
        }
    }

    fn standard(&self, delivery: &Delivery, key: &Key, path: &str) -> Request<Full<Bytes>> {
        let now_s = unix_micros() / 1_000_000;
        let signed_at = if delivery.presentation == Presentation::Stale { now_s - STALE_S } else { now_s };
        let signature = match delivery.presentation {
            Presentation::WrongKey => key.wrong().sign(&delivery.webhook_id, signed_at, &delivery.body),
            _ => key.sign(&delivery.webhook_id, signed_at, &delivery.body),
        };
        Request::post(path)
            .header(HOST, self.config.address.to_string())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &delivery.webhook_id)
            .header("webhook-timestamp", signed_at)
            .header("webhook-signature", signature)
            .body(Full::new(delivery.body.clone()))
            .expect("every part is printable ASCII")
    }

    fn dialect(
        &self,
        delivery: &Delivery,
        dialect: &Dialect,
        told: &Told,
        path: &str,
    ) -> Request<Full<Bytes>> {
        let now = Timestamp::from_micros(unix_micros()).expect("a clock after 1970");
        let by_stranger = delivery.presentation == Presentation::WrongKey;
        let composed = dialect.compose(told, now, by_stranger).expect("only what the format can say is told");
        let behind = if composed.path.is_empty() { String::new() } else { format!("/{}", composed.path) };
        let query = if composed.query.is_empty() { String::new() } else { format!("?{}", composed.query) };
        let method = match composed.verb {
            Verb::Get => Method::GET,
            Verb::Post => Method::POST,
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("{path}{behind}{query}"))
            .header(HOST, self.config.address.to_string());
        let request =
            composed.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        request.body(Full::new(composed.body.into())).expect("every part is printable ASCII")
    }
}

fn unix_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// The connection failed, was closed, or said nothing in time.
#[derive(Debug)]
struct Broken;

impl From<std::io::Error> for Broken {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

impl From<hyper::Error> for Broken {
    fn from(_: hyper::Error) -> Self {
        Self
    }
}
