//! The records on the Kafka topics: Avro schemas, framing, topic names and settings.
//!
//! Alone in knowing Avro. It never touches a socket: who talks to a schema registry hands the ids in.
//!
//! Promises: what [`Encoder`] writes, [`Decoder`] reads, in either framing; a released schema file is never
//! edited (its fingerprint and bytes are tests); a record that cannot be decoded is an error, never a guess.

mod avro;
mod cash_declaration;
mod codec;
mod framing;
mod payment_event;
mod records;
mod topics;

pub use codec::{DeadLetter, DecodeError, Decoder, EncodeError, Encoder};
pub use framing::{Framing, FramingError, SchemaReference};
pub use records::Schemas;
pub use topics::{Topic, TopicSettings};
