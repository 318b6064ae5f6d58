use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use bytes::Bytes;
use cashless_broker::EventLog;
use cashless_domain::Timestamp;
use cashless_wire::{Encoder, Topic};
use http_body_util::Full;
use hyper::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use prometheus::Registry;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::body::BodyMemory;
use crate::intake::{Clock, Intake};
use crate::keys::Keys;
use crate::metrics::{Metrics, UNKNOWN_SOURCE};
use crate::sources::Sources;
use crate::{Config, KeysError, ReloadSummary, SourcesError};

/// Why a collector cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Limits that cannot work.
    #[error("configuration: {}", .0.join("; "))]
    Limits(Vec<&'static str>),
    /// A key.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The sources file.
    #[error(transparent)]
    Sources(#[from] SourcesError),
    /// Metrics of these names exist already.
    #[error("metrics cannot be registered")]
    Metrics(#[from] prometheus::Error),
}

/// The HTTP intake, ready to run.
pub struct Collector {
    shared: Arc<Shared>,
}

struct Shared {
    intake: Arc<Intake>,
    config: Config,
    is_serving: AtomicBool,
}

/// Reaches into a running collector.
#[derive(Clone)]
pub struct Handle(Arc<Shared>);

impl Collector {
    /// Reads keys and sources and registers the metrics; opens no socket.
    ///
    /// # Errors
    /// See [`BuildError`].
    pub fn build(
        config: Config,
        encoder: Encoder,
        log: Arc<dyn EventLog>,
        registry: &Registry,
    ) -> Result<Self, BuildError> {
        Self::build_with_clock(config, encoder, log, registry, Arc::new(system_time))
    }

    /// As [`Collector::build`], with a clock of the caller's.
    ///
    /// # Errors
    /// See [`BuildError`].
    pub fn build_with_clock(
        config: Config,
        encoder: Encoder,
        log: Arc<dyn EventLog>,
        registry: &Registry,
        clock: Clock,
    ) -> Result<Self, BuildError> {
        let problems = config.limits.problems();
        if !problems.is_empty() {
            return Err(BuildError::Limits(problems));
        }
        let (keys, sources) = (Keys::read(&config)?, Sources::read(&config.sources_file)?);
        let metrics = Metrics::register(registry)?;
        metrics.introduce(UNKNOWN_SOURCE);
        sources.names().for_each(|name| metrics.introduce(name));
        let limits = config.limits.clone();
        let intake = Intake {
            sources: ArcSwap::from_pointee(sources),
            keys,
            encoder,
            log,
            payments_topic: Topic::Payments.prefixed(&config.topic_prefix),
            declarations_topic: Topic::CashDeclarations.prefixed(&config.topic_prefix),
            dead_letters_topic: Topic::DeadLetters.prefixed(&config.topic_prefix),
            requests: Semaphore::new(limits.requests_max),
            body_memory: BodyMemory::new(limits.in_flight_bytes_max, metrics.bytes_in_flight.clone()),
            metrics,
            limits,
            clock,
            trusted_proxies: config.trusted_proxies.clone(),
        };
        let shared = Shared { intake: Arc::new(intake), config, is_serving: AtomicBool::new(false) };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// A handle that outlives [`Collector::run`].
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle(Arc::clone(&self.shared))
    }

    /// Answers one request as [`Collector::run`] would, without a socket. Checks use it.
    pub async fn answer<B>(&self, request: Request<B>, peer: Option<IpAddr>) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let intake = Arc::clone(&self.shared.intake);
        let retry_after_s = intake.limits.retry_after_s;
        intake.answer(request, peer).await.response(retry_after_s)
    }

    /// Serves until `shutdown` resolves, then finishes the requests in flight within the drain timeout and flushes
    /// the log.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let intake = Arc::clone(&self.shared.intake);
        let limits = &intake.limits;
        let connections = Arc::new(Semaphore::new(limits.connections_max));
        let (closing, closing_seen) = watch::channel(false);
        self.shared.is_serving.store(true, Ordering::Relaxed);

        let mut shutdown = pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                accepted = accept(&listener, &connections) => accepted,
                () = &mut shutdown => break,
            };
            if let Some((stream, permit)) = accepted {
                tokio::spawn(serve(Arc::clone(&intake), stream, permit, closing_seen.clone()));
            }
        }

        drop(listener);
        self.shared.is_serving.store(false, Ordering::Relaxed);
        closing.send_replace(true);
        let patience = Duration::from_millis(limits.drain_timeout_ms);
        let every = u32::try_from(limits.connections_max).unwrap_or(u32::MAX);
        if tokio::time::timeout(patience, connections.acquire_many(every)).await.is_err() {
            tracing::warn!(
                "requests were still in flight when the drain timeout ended; their senders will repeat"
            );
        }
        let log = Arc::clone(&intake.log);
        if !tokio::task::spawn_blocking(move || log.flush(patience)).await.unwrap_or(false) {
            tracing::warn!("the log did not acknowledge everything before the drain timeout ended");
        }
    }
}

impl Handle {
    /// Reads the sources file again and swaps it in as a whole. Requests under way keep the source they began with.
    ///
    /// # Errors
    /// Everything wrong with the file, which is also logged; the sources before it stay in use.
    pub fn reload(&self) -> Result<ReloadSummary, SourcesError> {
        let intake = &self.0.intake;
        let sources = Sources::read(&self.0.config.sources_file);
        intake.metrics.reloaded(sources.is_ok());
        match sources {
            Ok(sources) => {
                sources.names().for_each(|name| intake.metrics.introduce(name));
                let summary = ReloadSummary { sources: sources.len() };
                intake.sources.store(Arc::new(sources));
                tracing::info!(sources = summary.sources, "sources reloaded");
                Ok(summary)
            }
            Err(error) => {
                tracing::error!(%error, "sources not reloaded; the ones before stay in use");
                Err(error)
            }
        }
    }

    /// Whether it serves, and its log is expected to take what comes.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.0.is_serving.load(Ordering::Relaxed) && self.0.intake.log.is_reachable()
    }

    /// The configured address.
    #[must_use]
    pub fn listen(&self) -> SocketAddr {
        self.0.config.listen
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, permit)),
        Err(error) => {
            // Out of file descriptors, most likely: give connections time to end.
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

async fn serve(
    intake: Arc<Intake>,
    stream: TcpStream,
    permit: OwnedSemaphorePermit,
    mut closing: watch::Receiver<bool>,
) {
    intake.metrics.connections_total.inc();
    intake.metrics.connections.inc();
    // An answer is one small segment; waiting for company would only delay it.
    drop(stream.set_nodelay(true));
    let peer = stream.peer_addr().ok().map(|address| address.ip());
    let heads = Arc::new(Heads::default());
    let service = service_fn(|request| {
        let (intake, under_way) = (Arc::clone(&intake), heads.arrived());
        async move {
            let retry_after_s = intake.limits.retry_after_s;
            let answer = intake.answer(request, peer).await;
            drop(under_way);
            Ok::<_, std::convert::Infallible>(answer.response(retry_after_s))
        }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .max_buf_size(intake.limits.head_bytes_max)
            .serve_connection(TokioIo::new(stream), service)
    );
    let close = async move { drop(closing.wait_for(|closing| *closing).await) };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = heads.overdue(Duration::from_millis(intake.limits.head_timeout_ms)) => Ok(()),
        () = close => {
            connection.as_mut().graceful_shutdown();
            connection.as_mut().await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
    intake.metrics.connections.dec();
    drop(permit);
}

/// When the heads of a connection's requests arrived.
///
/// It is looked at twice within the time that a head may take. A timer of every request, which is what the server
/// itself offers, would cost a twentieth of the whole work.
#[derive(Default)]
struct Heads {
    arrived: AtomicU64,
    under_way: AtomicBool,
}

/// A request whose answer is not ready; the connection is not waiting for a head.
struct UnderWay(Arc<Heads>);

impl Heads {
    fn arrived(self: &Arc<Self>) -> UnderWay {
        self.arrived.fetch_add(1, Ordering::Relaxed);
        self.under_way.store(true, Ordering::Relaxed);
        UnderWay(Arc::clone(self))
    }

    /// Resolves when no head has come for `patience`, or up to half as long again.
    async fn overdue(&self, patience: Duration) {
        let (mut seen, mut idle) = (0, 0);
        loop {
            tokio::time::sleep(patience / 2).await;
            let arrived = self.arrived.load(Ordering::Relaxed);
            let waits = arrived == seen && !self.under_way.load(Ordering::Relaxed);
            (seen, idle) = (arrived, if waits { idle + 1 } else { 0 });
            if idle == 2 {
                return;
            }
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.store(false, Ordering::Relaxed);
    }
}

fn system_time() -> Timestamp {
    let micros = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
    let micros = i64::try_from(micros).unwrap_or(0);
    // A clock outside 1970 to 2149 makes every signature stale, which is the safe way to be wrong.
    Timestamp::from_micros(micros).unwrap_or_else(|_| cashless_domain::BusinessDate::UNKNOWN.start())
}
