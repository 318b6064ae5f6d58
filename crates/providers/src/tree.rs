//! Any JSON as a tree that keeps the lexemes of its numbers and the order of its members.
//!
//! For providers that sign values after parsing: they need every member, also the ones nobody documented. Members
//! that appear twice make a body unreadable, since two readers could see two different payments in it.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::Refused;
use crate::item::Rejection;

/// Deeper than any documented body. Each level is read once more than the one above it.
const DEPTH_MAX: usize = 8;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node<'d> {
    Null,
    Bool(bool),
    /// As it was sent.
    Number(&'d str),
    Text(Cow<'d, str>),
    Array(Vec<Node<'d>>),
    Object(Members<'d>),
}

/// The members of an object, in their order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Members<'d>(Vec<(Cow<'d, str>, Node<'d>)>);

/// Reads a body that is an object.
///
/// # Errors
/// Not UTF-8, not JSON, not an object, a member that appears twice, or nested too deeply.
pub(crate) fn object(body: &[u8]) -> Result<Members<'_>, Refused> {
    let text = std::str::from_utf8(body).map_err(|_| Refused::Unreadable)?;
    let raw: &RawValue = serde_json::from_str(text).map_err(|_| Refused::Unreadable)?;
    match node(raw.get(), DEPTH_MAX)? {
        Node::Object(members) => Ok(members),
        _ => Err(Refused::Unreadable),
    }
}

fn node(raw: &str, depth: usize) -> Result<Node<'_>, Refused> {
    let deeper = || depth.checked_sub(1).ok_or(Refused::Unreadable);
    Ok(match raw.as_bytes().first() {
        Some(b'{') => {
            let RawMembers(members) = serde_json::from_str(raw).map_err(|_| Refused::Unreadable)?;
            let depth = deeper()?;
            let members = members.into_iter().map(|(name, raw)| Ok((name, node(raw.get(), depth)?)));
            Node::Object(Members(members.collect::<Result<_, _>>()?))
        }
        Some(b'[') => {
            let elements: Vec<&RawValue> = serde_json::from_str(raw).map_err(|_| Refused::Unreadable)?;
            let depth = deeper()?;
            Node::Array(elements.into_iter().map(|raw| node(raw.get(), depth)).collect::<Result<_, _>>()?)
        }
        Some(b'"') => Node::Text(text(raw)?),
        Some(b'n') => Node::Null,
        Some(b't') => Node::Bool(true),
        Some(b'f') => Node::Bool(false),
        _ => Node::Number(raw),
    })
}

fn text(raw: &str) -> Result<Cow<'_, str>, Refused> {
    let inner = raw.get(1..raw.len() - 1).ok_or(Refused::Unreadable)?;
    if inner.contains('\\') {
        serde_json::from_str(raw).map(Cow::Owned).map_err(|_| Refused::Unreadable)
    } else {
        Ok(Cow::Borrowed(inner))
    }
}

struct RawMembers<'d>(Vec<(Cow<'d, str>, &'d RawValue)>);

impl<'de> Deserialize<'de> for RawMembers<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = RawMembers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    let name = text(name.get()).map_err(|_| serde::de::Error::custom("a name"))?;
                    members.push((name, value));
                }
                let mut seen = HashSet::with_capacity(members.len());
                if members.iter().all(|(name, _)| seen.insert(name.as_ref())) {
                    Ok(RawMembers(members))
                } else {
                    Err(serde::de::Error::custom("a member appears twice"))
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
                Err(serde::de::Error::custom("not an object"))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

impl<'d> Members<'d> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Node<'d>)> {
        self.0.iter().map(|(name, node)| (name.as_ref(), node))
    }

    /// A member's value; `null` is a value.
    pub(crate) fn get(&self, name: &str) -> Option<&Node<'d>> {
        self.0.iter().find(|(member, _)| member == name).map(|(_, node)| node)
    }

    /// Puts all names into lower case, for senders that do not agree on it.
    ///
    /// # Errors
    /// Two names that differ in case alone.
    pub(crate) fn fold_names(&mut self) -> Result<(), Refused> {
        for (name, _) in &mut self.0 {
            if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
                name.to_mut().make_ascii_lowercase();
            }
        }
        let mut seen = HashSet::with_capacity(self.0.len());
        if self.0.iter().all(|(name, _)| seen.insert(name.as_ref())) {
            Ok(())
        } else {
            Err(Refused::Unreadable)
        }
    }

    /// Takes a member out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Node<'d>> {
        let index = self.0.iter().position(|(member, _)| member == name)?;
        Some(self.0.swap_remove(index).1)
    }

    /// A member that is an object.
    pub(crate) fn object(&self, name: &str) -> Option<&Members<'d>> {
        match self.get(name) {
            Some(Node::Object(members)) => Some(members),
            _ => None,
        }
    }

    /// The text of a member; a number counts as its lexeme. Empty, `null` and missing are the same.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let text = match self.get(name)? {
            Node::Text(text) => text.as_ref(),
            Node::Number(lexeme) => lexeme,
            _ => return None,
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// The text of a member that a usable statement has.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, Rejection> {
        self.text(name).ok_or(Rejection::malformed(name, "missing"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_lexemes_and_members_their_order() {
        let body = br#"{"b":3000.0,"a":["x\u00e9",null,true],"c":{"d":1e3},"":"","n":null}"#;
        let members = object(body).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(members.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["b", "a", "c", "", "n"]);
        assert_eq!(members.text("b"), Some("3000.0"));
        assert_eq!(members.object("c").and_then(|inner| inner.text("d")), Some("1e3"));
        assert_eq!((members.text(""), members.text("n"), members.text("x")), (None, None, None));
        let Some(Node::Array(elements)) = members.get("a") else { panic!("an array") };
        assert_eq!(elements, &[Node::Text("xé".into()), Node::Null, Node::Bool(true)]);
    }

    #[test]
    fn what_two_readers_could_read_differently_is_unreadable() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(DEPTH_MAX), "]".repeat(DEPTH_MAX));
        let bodies = [
            r#"{"a":1,"a":2}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"o":{"a":1,"a":1}}"#,
            "[]",
            "",
            "{",
            "{}x",
            &deep,
        ];
        for body in bodies {
            assert!(object(body.as_bytes()).is_err(), "{body}");
        }
        assert!(object(b"{\"a\":\"\xff\"}").is_err());
        let fits = format!("{{\"a\":{}1{}}}", "[".repeat(DEPTH_MAX - 1), "]".repeat(DEPTH_MAX - 1));
        assert!(object(fits.as_bytes()).is_ok());
    }
}
