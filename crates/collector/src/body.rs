use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use prometheus::IntGauge;
use tokio::time::timeout;

use crate::Limits;
use crate::metrics::Abandoned;

/// How much of a body that is too large is read and dropped, as a multiple of the largest allowed one.
const DISCARDED_FACTOR: usize = 32;

/// Why there is no body.
#[derive(Debug)]
pub(crate) enum NoBody {
    TooLarge,
    Overloaded,
    Abandoned(Abandoned),
}

/// A complete body, and the share of the memory for bodies that it holds.
pub(crate) struct HeldBody {
    pub(crate) bytes: Bytes,
    _share: Share,
}

/// Memory for bodies, shared by all requests.
pub(crate) struct BodyMemory {
    bytes_max: i64,
    in_use: IntGauge,
}

struct Share {
    bytes_max: i64,
    in_use: IntGauge,
    bytes: i64,
}

impl BodyMemory {
    pub(crate) fn new(bytes_max: usize, in_use: IntGauge) -> Self {
        Self { bytes_max: i64::try_from(bytes_max).unwrap_or(i64::MAX), in_use }
    }

    /// Reads a body within the limits. Memory is reserved as the body comes, never for what a head merely announces:
    /// nobody has signed anything yet.
    pub(crate) async fn read<B>(&self, mut body: B, limits: &Limits) -> Result<HeldBody, NoBody>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let patience = Duration::from_millis(limits.body_timeout_ms);
        let outcome = timeout(patience, self.read_within(&mut body, limits)).await;
        match outcome.unwrap_or(Err(NoBody::Abandoned(Abandoned::Timeout))) {
            Err(NoBody::TooLarge) => {
                let rest = limits.body_bytes_max.saturating_mul(DISCARDED_FACTOR);
                // Whether the sender ends it or not: the answer is the same.
                let _ended = timeout(patience, discard(&mut body, rest)).await;
                Err(NoBody::TooLarge)
            }
            outcome => outcome,
        }
    }

    async fn read_within<B>(&self, body: &mut B, limits: &Limits) -> Result<HeldBody, NoBody>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        if body.size_hint().exact().unwrap_or(0) > limits.body_bytes_max as u64 {
            return Err(NoBody::TooLarge);
        }
        let mut share = Share { bytes_max: self.bytes_max, in_use: self.in_use.clone(), bytes: 0 };
        let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| NoBody::Abandoned(Abandoned::Disconnected))?;
            let Ok(data) = frame.into_data() else { continue };
            length += data.len();
            if length > limits.body_bytes_max {
                return Err(NoBody::TooLarge);
            }
            share.grow_by(data.len())?;
            // Nearly every body comes in one piece and is not copied.
            if first.is_empty() && rest.is_empty() {
                first = data;
            } else {
                rest.extend_from_slice(&std::mem::take(&mut first));
                rest.extend_from_slice(&data);
            }
        }
        let bytes = if rest.is_empty() { first } else { rest.freeze() };
        Ok(HeldBody { bytes, _share: share })
    }
}

/// Reads on without keeping anything: a connection closed over unread bytes would take the answer with it.
async fn discard<B>(body: &mut B, mut bytes_max: usize)
where
    B: Body<Data = Bytes> + Unpin,
{
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        let Some(rest) = bytes_max.checked_sub(length) else { return };
        bytes_max = rest;
    }
}

impl Share {
    fn grow_by(&mut self, bytes: usize) -> Result<(), NoBody> {
        let bytes = i64::try_from(bytes).map_err(|_| NoBody::TooLarge)?;
        self.in_use.add(bytes);
        self.bytes += bytes;
        if self.in_use.get() > self.bytes_max { Err(NoBody::Overloaded) } else { Ok(()) }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.in_use.sub(self.bytes);
    }
}
