//! HMAC-SHA-256 over `data` as `key=value&…`, sorted by key, values as JavaScript prints them.

use std::borrow::Cow;

use hmac::Hmac;
use sha2::Sha256;

use crate::Refused;
use crate::proof::{Secret, hex, is_hex_of, mac};
use crate::tree::{Members, Node};

pub(super) fn is_valid(key: &Secret, data: &Members<'_>, claimed: &str) -> Result<bool, Refused> {
    Ok(is_hex_of(claimed, &mac::<Hmac<Sha256>>(key.as_bytes(), &[signed_text(data)?.as_bytes()])))
}

pub(super) fn sign(key: &Secret, data: &Members<'_>) -> Result<String, Refused> {
    Ok(hex(&mac::<Hmac<Sha256>>(key.as_bytes(), &[signed_text(data)?.as_bytes()])))
}

/// A member that is null contributes its name alone; one that is absent contributes nothing.
pub(super) fn signed_text(data: &Members<'_>) -> Result<String, Refused> {
    let mut members: Vec<_> = data.iter().collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    let mut text = String::new();
    for (name, value) in members {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        match value {
            Node::Null => {}
            Node::Text(value) if matches!(value.as_ref(), "null" | "undefined") => {}
            Node::Text(value) => text.push_str(value),
            Node::Number(lexeme) => text.push_str(&as_javascript_prints(lexeme)),
            Node::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Node::Array(elements) => push_array(elements, &mut text)?,
            // The official library prints "[object Object]" here, which signs nothing.
            Node::Object(_) => return Err(Refused::Unreadable),
        }
    }
    if is_one_message(data, &text) { Ok(text) } else { Err(Refused::BadSignature) }
}

/// The members that decide what a message means.
const TELLING: [&str; 8] = [
    "accountNumber",
    "amount",
    "code",
    "currency",
    "orderCode",
    "paymentLinkId",
    "reference",
    "transactionDateTime",
];

/// Whether no other message has the same text, as when a payer writes `x&reference=y` into the description.
fn is_one_message(data: &Members<'_>, text: &str) -> bool {
    TELLING.iter().all(|name| {
        let first = usize::from(text.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')));
        let others = text.matches(&format!("&{name}=")).count();
        first + others == usize::from(data.get(name).is_some())
    })
}

/// Whole numbers as they are written; `3000.0` is `3000`, `1.50` is `1.5`, `1e5` is `100000`.
fn as_javascript_prints(lexeme: &str) -> Cow<'_, str> {
    if !lexeme.contains(['.', 'e', 'E']) {
        return Cow::Borrowed(lexeme);
    }
    // Beyond these bounds JavaScript prints an exponent; no number of a payment is there.
    match lexeme.parse::<f64>() {
        Ok(number) if number == 0.0 || (1e-6..1e21).contains(&number.abs()) => Cow::Owned(number.to_string()),
        _ => Cow::Borrowed(lexeme),
    }
}

fn push_array(elements: &[Node<'_>], text: &mut String) -> Result<(), Refused> {
    text.push('[');
    for (index, element) in elements.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        push_json(element, true, text)?;
    }
    text.push(']');
    Ok(())
}

/// Compact JSON; only the objects that are elements of an array are sorted.
fn push_json(node: &Node<'_>, is_element: bool, text: &mut String) -> Result<(), Refused> {
    match node {
        Node::Null => text.push_str("null"),
        Node::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Node::Number(lexeme) => text.push_str(&as_javascript_prints(lexeme)),
        Node::Text(value) => push_string(value, text)?,
        Node::Array(elements) => push_array(elements, text)?,
        Node::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            if is_element {
                members.sort_unstable_by_key(|(name, _)| *name);
            }
            text.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                push_string(name, text)?;
                text.push(':');
                push_json(value, false, text)?;
            }
            text.push('}');
        }
    }
    Ok(())
}

fn push_string(value: &str, text: &mut String) -> Result<(), Refused> {
    text.push_str(&serde_json::to_string(value).map_err(|_| Refused::Unreadable)?);
    Ok(())
}
