//! The message as a stream: what is open, and the text of one element, are all that is held besides one entry.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::message::{At, Leaf, Part, TEXT_BYTES_MAX};
use crate::item::Rejection;

/// `camt.054.001.NN`, in whatever version.
const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.";
/// The deepest element that is read stands at 11.
const DEPTH_MAX: usize = 40;
const TAG_BYTES_MAX: usize = 2_048;
/// More than one message of a bank holds; each becomes an event.
const TRANSACTIONS_MAX: usize = 50_000;

const NOT_XML: Rejection = Rejection::malformed("", "not well-formed XML in UTF-8");
const NOT_PLAIN: Rejection = Rejection::malformed("", "a document type, or an entity of its own");
const TOO_LARGE: Rejection =
    Rejection::malformed("", "nested too deeply, too long a text, or too many transactions");
const TWO_NAMES: Rejection = Rejection::malformed("", "two prefixes for one namespace");
const OTHER: Rejection = Rejection::malformed("", Rejection::OTHER_MESSAGE);

/// What is known where an entry ends.
pub(super) struct Entry<'p, 'd> {
    pub(super) message: &'p Part<'d>,
    pub(super) notification: &'p Part<'d>,
    pub(super) entry: &'p Part<'d>,
    pub(super) details: &'p [Part<'d>],
}

/// Reads a message and hands over each of its entries.
///
/// # Errors
/// Not well-formed, not this message, or out of bounds: nothing of it is to be used.
pub(super) fn read<'d>(body: &'d [u8], each: &mut dyn FnMut(Entry<'_, 'd>)) -> Result<(), Rejection> {
    let text = std::str::from_utf8(body).map_err(|_| NOT_XML)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.bytes().any(|byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) {
        return Err(NOT_XML);
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut state = State::default();
    loop {
        match reader.read_event().map_err(|_| NOT_XML)? {
            Event::Start(tag) => state.open(&tag)?,
            Event::Empty(tag) => {
                state.open(&tag)?;
                state.close(each)?;
            }
            Event::End(_) => state.close(each)?,
            Event::Text(piece) => state.text(piece.xml10_content())?,
            Event::CData(piece) => state.text(piece.xml10_content())?,
            Event::GeneralRef(reference) => state.text(resolved(&reference)?)?,
            Event::Decl(declaration) => {
                let encoding = declaration.encoding().transpose().map_err(|_| NOT_XML)?;
                if state.root.is_some() || encoding.is_some_and(|name| !name.eq_ignore_ascii_case("utf-8")) {
                    return Err(NOT_XML);
                }
            }
            Event::DocType(_) => return Err(NOT_PLAIN),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof if state.stack.is_empty() && state.root.is_some() => return Ok(()),
            Event::Eof => return Err(NOT_XML),
        }
    }
}

/// The character behind `&lt;` or `&#60;`; nobody else's entities are known.
fn resolved(reference: &BytesRef<'_>) -> Result<Cow<'static, str>, Rejection> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| NOT_XML)? {
        let is_legal = character >= ' ' || matches!(character, '\t' | '\n' | '\r');
        return if is_legal { Ok(Cow::Owned(character.to_string())) } else { Err(NOT_XML) };
    }
    resolve_xml_entity(reference).map(Cow::Borrowed).ok_or(NOT_PLAIN)
}

/// The namespace of the root and how elements in it are written.
struct Root {
    namespace: String,
    prefix: String,
    /// `xmlns` or `xmlns:PREFIX`.
    declaration: String,
}

#[derive(Default)]
struct State<'d> {
    root: Option<Root>,
    stack: Vec<At>,
    /// Of the element that is read at the moment.
    text: Cow<'d, str>,
    message: Part<'d>,
    notification: Part<'d>,
    entry: Part<'d>,
    transaction: Part<'d>,
    details: Vec<Part<'d>>,
    /// Which of the four is being filled.
    scope: Scope,
    transactions: usize,
}

#[derive(Default, Clone, Copy)]
enum Scope {
    #[default]
    Message,
    Notification,
    Entry,
    Transaction,
}

impl<'d> State<'d> {
    fn part(&mut self) -> &mut Part<'d> {
        match self.scope {
            Scope::Message => &mut self.message,
            Scope::Notification => &mut self.notification,
            Scope::Entry => &mut self.entry,
            Scope::Transaction => &mut self.transaction,
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), Rejection> {
        if self.stack.len() >= DEPTH_MAX || tag.len() > TAG_BYTES_MAX {
            return Err(TOO_LARGE);
        }
        let parent = self.stack.last().copied().unwrap_or(At::Root);
        let (mut at, currency) = if parent == At::Root {
            if self.root.is_some() {
                return Err(NOT_XML);
            }
            self.root = Some(root(tag)?);
            (At::Document, None)
        } else {
            self.child(parent, tag)?
        };
        if parent == At::Document && at != At::Message {
            return Err(OTHER);
        }
        match at {
            At::Notification => self.enter(Scope::Notification),
            At::Entry => self.enter(Scope::Entry),
            At::Transaction => self.enter(Scope::Transaction),
            At::Card => self.part().put(Leaf::Card, Cow::Borrowed("")),
            At::Mark(leaf) => self.part().put(leaf, Cow::Borrowed("")),
            _ => {}
        }
        if let At::Text(leaf) = parent
            && (!matches!(at, At::Text(_)) || !self.text.trim_ascii().is_empty())
        {
            // An element in the middle of a text that has none.
            self.part().fault = Some(leaf);
            at = At::Elsewhere;
        }
        if let At::Text(leaf) = at {
            self.text = Cow::Borrowed("");
            if let Some((leaf, currency)) = leaf.currency().zip(currency) {
                self.part().put(leaf, Cow::Owned(currency));
            }
        }
        self.stack.push(at);
        Ok(())
    }

    /// Where a child stands, and its currency.
    fn child(&self, parent: At, tag: &BytesStart<'_>) -> Result<(At, Option<String>), Rejection> {
        let Some(root) = &self.root else { return Err(NOT_XML) };
        let name = tag.name();
        let (prefix, name) = name.as_ref().split_once(':').unwrap_or(("", name.as_ref()));
        let mut at = if prefix == root.prefix { parent.child(name) } else { At::Elsewhere };
        let mut currency = None;
        if !tag.attributes_raw().is_empty() {
            for attribute in tag.attributes() {
                let attribute = attribute.map_err(|_| NOT_XML)?;
                let key = attribute.key.as_ref();
                let is_root_s = attribute.value == root.namespace;
                if key == root.declaration && !is_root_s {
                    at = At::Elsewhere;
                } else if key.starts_with("xmlns") && key != root.declaration && is_root_s {
                    // Elements under a second name for the same namespace would be passed over, money among them.
                    return Err(TWO_NAMES);
                } else if key == "Ccy" {
                    currency = Some(attribute.value.into_owned());
                }
            }
        }
        Ok((at, currency))
    }

    fn enter(&mut self, scope: Scope) {
        self.scope = scope;
        *self.part() = Part::default();
    }

    fn text(&mut self, piece: Cow<'d, str>) -> Result<(), Rejection> {
        match self.stack.last() {
            None if piece.trim_ascii().is_empty() => {}
            None => return Err(NOT_XML),
            Some(At::Text(_)) if self.text.len() + piece.len() > TEXT_BYTES_MAX => return Err(TOO_LARGE),
            Some(At::Text(_)) if self.text.is_empty() => self.text = piece,
            Some(At::Text(_)) => self.text.to_mut().push_str(&piece),
            Some(_) => {}
        }
        Ok(())
    }

    fn close(&mut self, each: &mut dyn FnMut(Entry<'_, 'd>)) -> Result<(), Rejection> {
        match self.stack.pop() {
            Some(At::Text(leaf)) => {
                let text = std::mem::take(&mut self.text);
                self.part().put(leaf, text);
            }
            Some(At::Notification) => self.scope = Scope::Message,
            Some(At::Transaction) => {
                self.count()?;
                self.details.push(std::mem::take(&mut self.transaction));
                self.scope = Scope::Entry;
            }
            Some(At::Entry) => {
                self.count()?;
                each(Entry {
                    message: &self.message,
                    notification: &self.notification,
                    entry: &self.entry,
                    details: &self.details,
                });
                self.details.clear();
                self.scope = Scope::Notification;
            }
            Some(_) => {}
            None => return Err(NOT_XML),
        }
        Ok(())
    }

    fn count(&mut self) -> Result<(), Rejection> {
        self.transactions += 1;
        if self.transactions > TRANSACTIONS_MAX { Err(TOO_LARGE) } else { Ok(()) }
    }
}

/// Reads the root: `Document` in a namespace of camt.054.001.
fn root(tag: &BytesStart<'_>) -> Result<Root, Rejection> {
    let name = tag.name();
    let (prefix, name) = name.as_ref().split_once(':').unwrap_or(("", name.as_ref()));
    let declaration = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
    let mut namespace = None;
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|_| NOT_XML)?;
        if attribute.key.as_ref() == declaration {
            namespace = Some(attribute.value.into_owned());
        }
    }
    let namespace = namespace.ok_or(OTHER)?;
    let version = namespace.strip_prefix(NAMESPACE).unwrap_or("");
    if name != "Document" || version.len() != 2 || !version.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(OTHER);
    }
    Ok(Root { namespace, prefix: prefix.to_owned(), declaration })
}
