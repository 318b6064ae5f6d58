//! Avro's binary encoding, as far as the payment record needs it.
//!
//! The record is written for every request and read for every event of the log. By hand this costs a tenth of what
//! the general library needs to walk the schema along with the value; the library stays the witness in the tests,
//! and does all that is not hot.

/// A body that does not follow its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(&'static str);

/// A closed set whose members stand in the order of the schema's symbols, numbered without a gap.
pub(crate) trait Symbol: Copy + 'static {
    const ALL: &'static [Self];
    fn code(self) -> i8;
}

macro_rules! symbols {
    ($($set:ident)+) => { $(
        impl Symbol for cashless_domain::$set {
            const ALL: &'static [Self] = Self::ALL;
            fn code(self) -> i8 {
                self.code()
            }
        }
    )+ };
}

symbols! { Beneficiary DecidedBy Kind Method Reason SourceClass Status }

/// Appends the parts of a record.
pub(crate) struct Writer<'o>(pub(crate) &'o mut Vec<u8>);

impl Writer<'_> {
    /// An `int` or `long`: zigzag, seven bits a byte, lowest first.
    pub(crate) fn long(&mut self, value: impl Into<i64>) {
        let value = value.into();
        let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
        while rest > 0x7f {
            self.0.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        self.0.push(rest.to_le_bytes()[0]);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.long(i64::try_from(text.len()).unwrap_or(i64::MAX));
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn fixed(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn boolean(&mut self, value: bool) {
        self.0.push(value.into());
    }

    pub(crate) fn symbol<S: Symbol>(&mut self, symbol: S) {
        self.long(symbol.code() - S::ALL[0].code());
    }

    /// A union of null and something.
    pub(crate) fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            None => self.long(0),
            Some(value) => {
                self.long(1);
                write(self, value);
            }
        }
    }
}

/// What is left of a body.
pub(crate) struct Reader<'r>(pub(crate) &'r [u8]);

impl<'r> Reader<'r> {
    pub(crate) fn long(&mut self) -> Result<i64, Malformed> {
        let (mut value, mut shift) = (0_u64, 0);
        loop {
            let (byte, rest) = self.0.split_first().ok_or(Malformed("the body ends within a number"))?;
            self.0 = rest;
            // The tenth byte has room for one bit.
            if shift == 63 && *byte > 1 {
                return Err(Malformed("a number of more than 64 bits"));
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
            shift += 7;
        }
    }

    pub(crate) fn int(&mut self) -> Result<i32, Malformed> {
        i32::try_from(self.long()?).map_err(|_| Malformed("an int of more than 32 bits"))
    }

    fn bytes(&mut self, length: usize) -> Result<&'r [u8], Malformed> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Malformed("the body ends too early"))?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(crate) fn text(&mut self) -> Result<&'r str, Malformed> {
        let length = usize::try_from(self.long()?).map_err(|_| Malformed("a text of negative length"))?;
        str::from_utf8(self.bytes(length)?).map_err(|_| Malformed("a text that is not UTF-8"))
    }

    pub(crate) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Malformed("the body ends too early"))?;
        self.0 = rest;
        Ok(*bytes)
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, Malformed> {
        match self.bytes(1)? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(Malformed("a boolean that is neither")),
        }
    }

    pub(crate) fn symbol<S: Symbol>(&mut self) -> Result<S, Malformed> {
        let index = usize::try_from(self.long()?).ok();
        index.and_then(|index| S::ALL.get(index)).copied().ok_or(Malformed("a symbol that its enum lacks"))
    }

    pub(crate) fn optional<T, E: From<Malformed>>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        match self.long()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            _ => Err(Malformed("a branch that its union lacks").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length_come_back() {
        let numbers = (0..64).map(|bits| 1_i64 << bits);
        let numbers = numbers.flat_map(|number| [number, number.wrapping_neg(), number.wrapping_sub(1)]);
        for number in numbers.chain([i64::MIN, i64::MAX]) {
            let mut bytes = Vec::new();
            Writer(&mut bytes).long(number);
            let mut reader = Reader(&bytes);
            assert_eq!((reader.long(), reader.0.len()), (Ok(number), 0));
        }
    }

    #[test]
    fn a_number_that_does_not_end_is_refused() {
        assert!(Reader(&[0x80; 9]).long().is_err());
        assert!(Reader(&[0xff; 11]).long().is_err());
        assert!(Reader(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]).long().is_err());
    }
}
