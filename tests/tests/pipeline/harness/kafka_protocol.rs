//! What an operator does to Kafka, by hand: the product itself can neither delete topics nor move a group's offsets.
//!
//! One request a connection, in the oldest versions that brokers still speak, because those are the simplest.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

const ANSWER_PATIENCE: Duration = Duration::from_secs(20);
const LATEST: i64 = -1;
/// `(key, version)` of each call.
const LIST_OFFSETS: (i16, i16) = (2, 1);
const OFFSET_COMMIT: (i16, i16) = (8, 2);
const OFFSET_FETCH: (i16, i16) = (9, 1);
const DELETE_TOPICS: (i16, i16) = (20, 1);
const DELETE_GROUPS: (i16, i16) = (42, 0);

/// The next offset of each partition, or `None` while the broker cannot tell.
pub(crate) fn ends(broker: &str, topic: &str, partitions: u16) -> Option<Vec<i64>> {
    let mut request = Writer::default();
    request.int32(-1).int32(1).string(topic).int32(i32::from(partitions));
    for partition in 0..partitions {
        request.int32(i32::from(partition)).int64(LATEST);
    }
    let mut answer = call(broker, LIST_OFFSETS, &request).ok()?;
    answer.skip_to_partitions()?;
    // Answers come in an order of their own.
    let mut ends = vec![-1; usize::from(partitions)];
    for _ in 0..partitions {
        let (partition, error, _time) = (answer.int32()?, answer.int16()?, answer.int64()?);
        let end = answer.int64()?;
        if error != 0 {
            return None;
        }
        *ends.get_mut(usize::try_from(partition).ok()?)? = end;
    }
    Some(ends)
}

/// What a group has committed of each partition, -1 where nothing; `None` while the broker cannot tell.
pub(crate) fn committed(broker: &str, group: &str, topic: &str, partitions: u16) -> Option<Vec<i64>> {
    let mut request = Writer::default();
    request.string(group).int32(1).string(topic).int32(i32::from(partitions));
    for partition in 0..partitions {
        request.int32(i32::from(partition));
    }
    let mut answer = call(broker, OFFSET_FETCH, &request).ok()?;
    answer.skip_to_partitions()?;
    let mut offsets = vec![-1; usize::from(partitions)];
    for _ in 0..partitions {
        let (partition, offset) = (answer.int32()?, answer.int64()?);
        answer.string()?;
        if answer.int16()? != 0 {
            return None;
        }
        *offsets.get_mut(usize::try_from(partition).ok()?)? = offset;
    }
    Some(offsets)
}

/// Commits for a group without members. True once it is done.
pub(crate) fn commit(broker: &str, group: &str, topic: &str, offsets: &[i64]) -> bool {
    let mut request = Writer::default();
    request.string(group).int32(-1).string("").int64(-1).int32(1).string(topic);
    request.int32(i32::try_from(offsets.len()).expect("few partitions"));
    for (partition, offset) in (0..).zip(offsets) {
        request.int32(partition).int64(*offset).string("");
    }
    let committed = || {
        let mut answer = call(broker, OFFSET_COMMIT, &request).ok()?;
        answer.skip_to_partitions()?;
        offsets
            .iter()
            .map(|_| answer.int32().and_then(|_| answer.int16()))
            .all(|error| error == Some(0))
            .then_some(())
    };
    committed().is_some()
}

/// True once the topic is gone.
pub(crate) fn delete_topic(broker: &str, topic: &str) -> bool {
    let mut request = Writer::default();
    request.int32(1).string(topic).int32(10_000);
    delete(broker, DELETE_TOPICS, &request)
}

/// True once the group and its offsets are gone; groups with members stay.
pub(crate) fn delete_group(broker: &str, group: &str) -> bool {
    let mut request = Writer::default();
    request.int32(1).string(group);
    delete(broker, DELETE_GROUPS, &request)
}

fn delete(broker: &str, what: (i16, i16), request: &Writer) -> bool {
    let deleted = || {
        let mut answer = call(broker, what, request).ok()?;
        let (_throttled, _count) = (answer.int32()?, answer.int32()?);
        answer.string()?;
        answer.int16()
    };
    deleted() == Some(0)
}

fn call(broker: &str, (key, version): (i16, i16), body: &Writer) -> io::Result<Reader> {
    let mut head = Writer::default();
    head.int16(key).int16(version).int32(1).string("tests");
    let length = i32::try_from(head.0.len() + body.0.len()).map_err(io::Error::other)?;
    let mut stream = TcpStream::connect(broker)?;
    stream.set_read_timeout(Some(ANSWER_PATIENCE))?;
    stream.write_all(&[&length.to_be_bytes()[..], &head.0, &body.0].concat())?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut answer = vec![0; usize::try_from(i32::from_be_bytes(length)).map_err(io::Error::other)?];
    stream.read_exact(&mut answer)?;
    let mut answer = Reader(answer, 0);
    // The number of the request.
    answer.int32();
    Ok(answer)
}

#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn int16(&mut self, value: i16) -> &mut Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    fn int32(&mut self, value: i32) -> &mut Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    fn int64(&mut self, value: i64) -> &mut Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    fn string(&mut self, text: &str) -> &mut Self {
        self.int16(i16::try_from(text.len()).expect("a short text"));
        self.0.extend(text.as_bytes());
        self
    }
}

struct Reader(Vec<u8>, usize);

impl Reader {
    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let bytes = self.0.get(self.1..)?.first_chunk::<N>()?;
        self.1 += N;
        Some(*bytes)
    }

    fn int16(&mut self) -> Option<i16> {
        self.bytes().map(i16::from_be_bytes)
    }

    fn int32(&mut self) -> Option<i32> {
        self.bytes().map(i32::from_be_bytes)
    }

    fn int64(&mut self) -> Option<i64> {
        self.bytes().map(i64::from_be_bytes)
    }

    /// Texts are only passed over; a negative length is an absent one.
    fn string(&mut self) -> Option<()> {
        self.1 += usize::try_from(self.int16()?).unwrap_or(0);
        Some(())
    }

    /// Past the one topic of the answer, to the first of its partitions.
    fn skip_to_partitions(&mut self) -> Option<()> {
        self.int32()?;
        self.string()?;
        self.int32().map(drop)
    }
}
