//! The least that could stand in the collector's place: reads a body, appends it, awaits the acknowledgement.
//!
//! No authentication, no parsing, no limits, no metrics. The producer is the collector's own, with the same settings.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use cashless_broker::{EventLog as _, KafkaLog, WantedTopic};
use cashless_wire::Topic;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::configuration::Configuration;

const TOPIC: &str = "bench-floor";

/// The floor's topic: as the collector's, under another name.
pub(crate) fn topic(configuration: &Configuration) -> anyhow::Result<WantedTopic> {
    let payments = Topic::Payments.prefixed(&configuration.topics.prefix);
    let wanted = configuration.wanted_topics().into_iter().find(|topic| topic.name == payments);
    let wanted = wanted.ok_or_else(|| anyhow::anyhow!("no topic {payments} is wanted"))?;
    Ok(WantedTopic { name: TOPIC.to_owned(), ..wanted })
}

struct Floor {
    log: KafkaLog,
    /// Stands for a key, so that records spread over the partitions as the collector's do.
    appended: AtomicU64,
}

pub(crate) async fn serve(configuration: &Configuration, listen: SocketAddr) -> anyhow::Result<ExitCode> {
    let log = KafkaLog::new(&configuration.kafka, &configuration.producer)?;
    let floor = Arc::new(Floor { log, appended: AtomicU64::new(0) });
    let listener = TcpListener::bind(listen).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(connection(Arc::clone(&floor), stream));
    }
}

async fn connection(floor: Arc<Floor>, stream: TcpStream) {
    drop(stream.set_nodelay(true));
    let service = service_fn(|request: Request<Incoming>| floor.answer(request));
    // A broken connection is the load generator's to report.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

impl Floor {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
        let mut response = Response::new(Empty::new());
        *response.status_mut() = match request.into_body().collect().await {
            Ok(body) => {
                let key = self.appended.fetch_add(1, Ordering::Relaxed).to_le_bytes();
                match self.log.append(TOPIC, &key, &body.to_bytes()).await {
                    Ok(()) => StatusCode::NO_CONTENT,
                    Err(_) => StatusCode::SERVICE_UNAVAILABLE,
                }
            }
            Err(_) => StatusCode::BAD_REQUEST,
        };
        Ok(response)
    }
}
