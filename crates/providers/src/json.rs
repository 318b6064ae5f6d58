//! Reading JSON objects of a documented shape, where one wrong member costs its own statement and not the body.
//!
//! `serde`'s derived structs stop the whole body at the first member of an unexpected type, and their messages quote
//! what was found, which may be a name. Here a member of another type is remembered as wrong, members that appear
//! twice are noticed even among the unknown ones, and leaves stay borrowed lexemes until somebody asks for them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// How deep the value of an unknown member may be nested before the object counts as abuse.
const UNKNOWN_DEPTH_MAX: usize = 32;

/// The text of a member's value as it was sent. A missing member and `null` are the same: empty.
#[derive(Default, Clone, Copy)]
pub(crate) struct Lexeme<'de>(Option<&'de str>);

/// A value of another type than text.
pub(crate) struct NotText;

impl<'de> Lexeme<'de> {
    pub(crate) fn raw(self) -> Option<&'de str> {
        self.0
    }

    /// The string it stands for.
    pub(crate) fn text(self) -> Result<Option<Cow<'de, str>>, NotText> {
        let Some(raw) = self.0 else { return Ok(None) };
        let inner = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or(NotText)?;
        if inner.contains('\\') {
            serde_json::from_str(raw).map(|text| Some(Cow::Owned(text))).map_err(|_| NotText)
        } else {
            Ok(Some(Cow::Borrowed(inner)))
        }
    }
}

impl<'de> Deserialize<'de> for Lexeme<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        Ok(Self((raw != "null").then_some(raw)))
    }
}

/// An object with documented members; see [`members`].
pub(crate) trait Members<'de>: Default {
    /// Reads the value of a documented member and returns its number; leaves others unread.
    fn read<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<Option<u32>, A::Error>;
}

/// What stands where an object is documented.
#[derive(Default)]
pub(crate) enum Object<T> {
    /// Nothing, or `null`.
    #[default]
    Missing,
    /// An object, if its members are unambiguous.
    Members(T),
    /// An object with a member that appears twice.
    Repeated,
    /// An object with an unknown member nested beyond reason.
    TooDeep,
    /// An array.
    Array,
    /// Another type.
    Wrong,
}

impl<'de, T: Members<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Members<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut members, mut seen, mut unknown) = (T::default(), 0_u32, None::<HashSet<Cow<'de, str>>>);
        let (mut repeated, mut too_deep) = (false, false);
        while let Some(Key(key)) = map.next_key()? {
            if let Some(number) = members.read(&key, &mut map)? {
                repeated |= seen & (1 << number) != 0;
                seen |= 1 << number;
            } else {
                repeated |= !unknown.get_or_insert_default().insert(key);
                too_deep |= is_deeper_than(UNKNOWN_DEPTH_MAX, map.next_value::<&RawValue>()?.get());
            }
        }
        Ok(match (repeated, too_deep) {
            (true, _) => Object::Repeated,
            (false, true) => Object::TooDeep,
            (false, false) => Object::Members(members),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Object::Array)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Object::Missing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Object::Wrong)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Object::Wrong)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Object::Wrong)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Object::Wrong)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Object::Wrong)
    }
}

/// The name of a member, borrowed unless it was escaped.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a member")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Counts brackets outside strings; `json` is known to be valid.
fn is_deeper_than(depth_max: usize, json: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > depth_max {
            return true;
        }
    }
    false
}

/// A struct of documented members, each a [`Lexeme`] or an [`Object`].
macro_rules! members {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty = $key:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Default)]
        pub(crate) struct $name<'de> { $(pub(crate) $field: $type,)+ }

        impl<'de> $crate::json::Members<'de> for $name<'de> {
            fn read<A: serde::de::MapAccess<'de>>(
                &mut self,
                key: &str,
                map: &mut A,
            ) -> Result<Option<u32>, A::Error> {
                #[expect(non_camel_case_types, reason = "named after the members, to number them")]
                enum Number { $($field,)+ }
                let number = match key {
                    $($key => { self.$field = map.next_value()?; Number::$field })+
                    _ => return Ok(None),
                };
                Ok(Some(number as u32))
            }
        }
    };
}
pub(crate) use members;
