//! Names and values of a query, or of a form in a body.

use std::borrow::Cow;
use std::collections::HashSet;

use percent_encoding::percent_decode_str;

use crate::Refused;

/// More pairs than any documented message has.
const PAIRS_MAX: usize = 128;

/// One pair: as it was sent, and what it stands for.
pub(crate) struct Pair<'d> {
    /// `name=value` as sent.
    pub(crate) raw: &'d str,
    pub(crate) name: Cow<'d, str>,
    pub(crate) value: Cow<'d, str>,
}

/// The pairs in their order. No name appears twice.
pub(crate) struct Form<'d>(Vec<Pair<'d>>);

impl<'d> Form<'d> {
    /// # Errors
    /// Not UTF-8 once decoded, a name that appears twice, or too many pairs.
    pub(crate) fn parse(text: &'d [u8]) -> Result<Self, Refused> {
        let text = std::str::from_utf8(text).map_err(|_| Refused::Unreadable)?;
        let mut pairs = Vec::new();
        for raw in text.split('&').filter(|raw| !raw.is_empty()) {
            let (name, value) = raw.split_once('=').unwrap_or((raw, ""));
            pairs.push(Pair { raw, name: decode(name)?, value: decode(value)? });
            if pairs.len() > PAIRS_MAX {
                return Err(Refused::Unreadable);
            }
        }
        let mut seen = HashSet::with_capacity(pairs.len());
        if pairs.iter().all(|pair| seen.insert(pair.name.as_ref())) {
            Ok(Self(pairs))
        } else {
            Err(Refused::Unreadable)
        }
    }

    pub(crate) fn pairs(&self) -> &[Pair<'d>] {
        &self.0
    }

    /// The value of a name; empty is the same as missing.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|pair| pair.name == name)?;
        Some(pair.value.as_ref()).filter(|value| !value.is_empty())
    }
}

/// A plus sign is a space, `%XX` a byte; the bytes have to be UTF-8.
fn decode(text: &str) -> Result<Cow<'_, str>, Refused> {
    if !text.contains(['+', '%']) {
        return Ok(Cow::Borrowed(text));
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().map_err(|_| Refused::Unreadable)?;
    Ok(Cow::Owned(decoded.into_owned()))
}

/// Encodes as HTML forms do: letters, digits and `*-._` stay, a space becomes `+`, the rest `%XX`.
pub(crate) fn encode(text: &str, keep: &[u8], into: &mut String) {
    for byte in text.bytes() {
        match byte {
            b' ' => into.push('+'),
            _ if byte.is_ascii_alphanumeric() || keep.contains(&byte) => into.push(char::from(byte)),
            _ => {
                into.push('%');
                into.extend(
                    [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_and_keep_how_they_were_sent() {
        let form =
            Form::parse("a=1+2&b=%C4%90&c&d=&e=x%3Dy".as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(form.get("a"), Some("1 2"));
        assert_eq!(form.get("b"), Some("Đ"));
        assert_eq!((form.get("c"), form.get("d"), form.get("f")), (None, None, None));
        assert_eq!(form.pairs().last().map(|pair| pair.raw), Some("e=x%3Dy"));
    }

    #[test]
    fn what_is_ambiguous_or_no_text_is_unreadable() {
        for text in ["a=1&a=2", "a=1&%61=2", "a=%FF"] {
            assert!(Form::parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Form::parse(&[b'a', b'=', 0xff]).is_err());
        let many: String = (0..=PAIRS_MAX).map(|n| format!("n{n}=1&")).collect();
        assert!(Form::parse(many.as_bytes()).is_err());
    }
}
