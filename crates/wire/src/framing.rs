/// Which bytes precede the Avro body of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Avro single-object encoding: `C3 01`, then the CRC-64-AVRO fingerprint of the schema, little-endian.
    SingleObject,
    /// Confluent's: `00`, then the schema's id in the registry, big-endian.
    Confluent {
        /// The id that the registry gave to the schema being written.
        schema_id: u32,
    },
}

/// How a framed record names its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SchemaReference {
    /// CRC-64-AVRO of the schema's canonical form.
    Fingerprint(u64),
    /// The id in the schema registry.
    RegistryId(u32),
}

/// A record that begins like neither framing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither Avro single-object encoding nor Confluent framing")]
pub struct FramingError;

const SINGLE_OBJECT_MAGIC: [u8; 2] = [0xc3, 0x01];
const CONFLUENT_MAGIC: u8 = 0;

impl Framing {
    /// Writes the header for a schema with this fingerprint.
    pub(crate) fn write_header(self, fingerprint: u64, out: &mut Vec<u8>) {
        match self {
            Self::SingleObject => {
                out.extend_from_slice(&SINGLE_OBJECT_MAGIC);
                out.extend_from_slice(&fingerprint.to_le_bytes());
            }
            Self::Confluent { schema_id } => {
                out.push(CONFLUENT_MAGIC);
                out.extend_from_slice(&schema_id.to_be_bytes());
            }
        }
    }

    /// Splits a framed record into its schema reference and its Avro body.
    ///
    /// # Errors
    /// Shorter than a header, or of neither framing.
    pub fn split(record: &[u8]) -> Result<(SchemaReference, &[u8]), FramingError> {
        if let Some(rest) = record.strip_prefix(&SINGLE_OBJECT_MAGIC)
            && let Some((fingerprint, body)) = rest.split_first_chunk::<8>()
        {
            return Ok((SchemaReference::Fingerprint(u64::from_le_bytes(*fingerprint)), body));
        }
        if let Some(rest) = record.strip_prefix(&[CONFLUENT_MAGIC])
            && let Some((id, body)) = rest.split_first_chunk::<4>()
        {
            return Ok((SchemaReference::RegistryId(u32::from_be_bytes(*id)), body));
        }
        Err(FramingError)
    }
}
