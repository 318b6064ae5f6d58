//! A load generator that costs little itself: requests rendered beforehand, plain sockets, one thread.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::LocalSet;
use tokio::time::Instant;

/// Both servers answer a request that is durable with 204, and nothing else is counted.
const EXPECTED: &[u8] = b"HTTP/1.1 204 ";
const HEAD_END: &[u8] = b"\r\n\r\n";
const HEAD_BYTES_MAX: usize = 1024;
const ANSWER_PATIENCE: Duration = Duration::from_secs(30);

/// What to put on a server.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    /// Keep-alive connections, each with one request in flight.
    pub(crate) connections: u32,
    pub(crate) duration: Duration,
    /// Requests a second over all connections; without it each follows the answer before.
    pub(crate) rate: Option<f64>,
    /// Sent in turn, again from the first when all were sent.
    pub(crate) requests: Arc<[Bytes]>,
}

/// What a server did with it.
pub(crate) struct Outcome {
    pub(crate) requests_per_second: f64,
    pub(crate) requests: u64,
    latencies_micros: Vec<u32>,
}

impl Outcome {
    /// The time that `percent` of the answers did not exceed, in milliseconds. From when a request was due, where
    /// there is a rate: a server that falls behind cannot hide it.
    pub(crate) fn latency_ms(&self, percent: usize) -> f64 {
        let rank = (self.latencies_micros.len() * percent).div_ceil(100).max(1) - 1;
        self.latencies_micros.get(rank).map_or(f64::NAN, |micros| f64::from(*micros) / 1_000.0)
    }
}

impl Load {
    /// Puts the load on the server, on a thread of its own.
    pub(crate) async fn run(self) -> anyhow::Result<Outcome> {
        tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            LocalSet::new().block_on(&runtime, self.on_this_thread())
        })
        .await?
    }

    async fn on_this_thread(self) -> anyhow::Result<Outcome> {
        let mut streams = Vec::new();
        for _ in 0..self.connections {
            let stream =
                TcpStream::connect(self.address).await.context("the measured server takes no connection")?;
            stream.set_nodelay(true)?;
            streams.push(stream);
        }
        let (next, latencies) = (Rc::new(Cell::new(0)), Rc::new(RefCell::new(Vec::new())));
        let (start, duration) = (Instant::now(), self.duration);
        let connections: Vec<_> = (0..)
            .zip(streams)
            .map(|(number, stream)| {
                let (load, next, latencies) = (self.clone(), Rc::clone(&next), Rc::clone(&latencies));
                tokio::task::spawn_local(async move {
                    load.connection(number, stream, start, &next, &latencies).await
                })
            })
            .collect();
        for connection in connections {
            connection.await??;
        }
        let mut latencies_micros = latencies.take();
        latencies_micros.sort_unstable();
        let requests = latencies_micros.len() as u64;
        Ok(Outcome {
            requests_per_second: super::float(requests) / duration.as_secs_f64(),
            requests,
            latencies_micros,
        })
    }

    async fn connection(
        &self,
        number: u32,
        mut stream: TcpStream,
        start: Instant,
        next: &Cell<usize>,
        latencies: &RefCell<Vec<u32>>,
    ) -> anyhow::Result<()> {
        let (mut answer, end) = ([0; HEAD_BYTES_MAX], start + self.duration);
        let every = self.rate.map(|rate| Duration::from_secs_f64(f64::from(self.connections) / rate));
        let mut due = start + every.map_or(Duration::ZERO, |every| every * number / self.connections);
        loop {
            if every.is_some() {
                tokio::time::sleep_until(due).await;
            } else {
                due = Instant::now();
            }
            if due >= end {
                return Ok(());
            }
            let request = &self.requests[next.get() % self.requests.len()];
            next.set(next.get() + 1);
            tokio::time::timeout(ANSWER_PATIENCE, exchange(&mut stream, request, &mut answer))
                .await
                .context("no answer in time")??;
            let answered = Instant::now();
            if answered < end {
                latencies.borrow_mut().push(u32::try_from((answered - due).as_micros()).unwrap_or(u32::MAX));
            }
            due += every.unwrap_or_default();
        }
    }
}

/// One request and its answer, which has no body.
async fn exchange(stream: &mut TcpStream, request: &[u8], answer: &mut [u8]) -> anyhow::Result<()> {
    stream.write_all(request).await?;
    let mut length = 0;
    while !answer[..length].ends_with(HEAD_END) {
        match stream.read(&mut answer[length..]).await? {
            0 => bail!(
                "the measured server closed a connection: {}",
                String::from_utf8_lossy(&answer[..length])
            ),
            read => length += read,
        }
    }
    if !answer.starts_with(EXPECTED) {
        bail!("the measured server answered: {}", String::from_utf8_lossy(&answer[..length]));
    }
    Ok(())
}
