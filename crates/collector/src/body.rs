use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use prometheus::IntGauge;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::Limits;
use crate::metrics::Abandoned;

/// Why there is no body.
#[derive(Debug)]
pub(crate) enum NoBody {
    TooLarge,
    Overloaded,
    Abandoned(Abandoned),
}

/// A complete body, and the share of the memory for bodies that it holds.
pub(crate) struct HeldBody<'s> {
    pub(crate) bytes: Bytes,
    _share: Share<'s>,
}

/// Memory for bodies, shared by all requests.
pub(crate) struct BodyMemory {
    free: Semaphore,
    in_use: IntGauge,
}

struct Share<'s> {
    memory: &'s BodyMemory,
    permits: Option<SemaphorePermit<'s>>,
    bytes: u32,
}

impl BodyMemory {
    pub(crate) fn new(bytes: usize, in_use: IntGauge) -> Self {
        Self { free: Semaphore::new(bytes), in_use }
    }

    /// Reads a body within the limits. Memory is reserved as the body comes, never for what a head merely announces:
    /// nobody has signed anything yet.
    pub(crate) async fn read<B>(&self, mut body: B, limits: &Limits) -> Result<HeldBody<'_>, NoBody>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let announced = body.size_hint().exact().unwrap_or(0);
        if announced > limits.body_bytes_max as u64 {
            return Err(NoBody::TooLarge);
        }
        let mut share = Share { memory: self, permits: None, bytes: 0 };
        let reading = async {
            let (mut first, mut rest) = (Bytes::new(), BytesMut::new());
            let mut length = 0;
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|_| NoBody::Abandoned(Abandoned::Disconnected))?;
                let Ok(data) = frame.into_data() else { continue };
                length += data.len();
                if length > limits.body_bytes_max {
                    return Err(NoBody::TooLarge);
                }
                share.grow_to(u32::try_from(length).map_err(|_| NoBody::TooLarge)?)?;
                // Nearly every body comes in one piece and is not copied.
                if first.is_empty() && rest.is_empty() {
                    first = data;
                } else {
                    rest.extend_from_slice(&std::mem::take(&mut first));
                    rest.extend_from_slice(&data);
                }
            }
            Ok(if rest.is_empty() { first } else { rest.freeze() })
        };
        let patience = Duration::from_millis(limits.body_timeout_ms);
        let bytes = timeout(patience, reading).await.map_err(|_| NoBody::Abandoned(Abandoned::Timeout))??;
        Ok(HeldBody { bytes, _share: share })
    }
}

impl Share<'_> {
    fn grow_to(&mut self, bytes: u32) -> Result<(), NoBody> {
        let more = bytes.saturating_sub(self.bytes);
        if more == 0 {
            return Ok(());
        }
        let permits = self.memory.free.try_acquire_many(more).map_err(|_| NoBody::Overloaded)?;
        match &mut self.permits {
            Some(held) => held.merge(permits),
            None => self.permits = Some(permits),
        }
        self.memory.in_use.add(i64::from(more));
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.memory.in_use.sub(i64::from(self.bytes));
    }
}
