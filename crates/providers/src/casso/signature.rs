//! HMAC-SHA-512 over `t.body`: `t` in milliseconds, the body as compact JSON with the members of every object sorted.

use cashless_domain::Timestamp;
use hmac::Hmac;
use sha2::Sha512;

use crate::Refused;
use crate::proof::{Secret, hex, is_hex_of, mac};
use crate::tree::{Members, Node};

pub(super) const HEADER: &str = "x-casso-signature";

pub(super) fn check(
    key: &Secret,
    tolerance_s: u32,
    header: &str,
    body: &Members<'_>,
    now: Timestamp,
) -> Result<(), Refused> {
    let part = |name| header.split(',').find_map(|part| part.trim().strip_prefix(name));
    let (Some(t), Some(claimed)) = (part("t="), part("v1=")) else {
        return Err(Refused::MissingSignature);
    };
    let json = sorted_json(body);
    let is_signed = |json: &str| is_hex_of(claimed, &signature(key, t, json));
    // The official samples leave open how other letters than ASCII are written: JavaScript leaves them and slashes
    // alone, PHP escapes both, Python the letters.
    if !is_signed(&json) && !is_signed(&escaped(&json, true)) && !is_signed(&escaped(&json, false)) {
        return Err(Refused::BadSignature);
    }
    let is_plain = t.bytes().all(|byte| byte.is_ascii_digit());
    let sent_at = t.parse::<i64>().ok().filter(|_| is_plain).ok_or(Refused::Unreadable)?;
    if millis(now).abs_diff(sent_at) > u64::from(tolerance_s) * 1_000 {
        return Err(Refused::Stale);
    }
    Ok(())
}

pub(super) fn sign(key: &Secret, body: &Members<'_>, now: Timestamp) -> String {
    let t = millis(now).to_string();
    format!("t={t},v1={}", hex(&signature(key, &t, &sorted_json(body))))
}

fn signature(key: &Secret, t: &str, json: &str) -> Vec<u8> {
    mac::<Hmac<Sha512>>(key.as_bytes(), &[t.as_bytes(), b".", json.as_bytes()])
}

fn millis(time: Timestamp) -> i64 {
    time.as_micros().div_euclid(1_000)
}

pub(super) fn sorted_json(body: &Members<'_>) -> String {
    let mut json = String::new();
    push_members(body, &mut json);
    json
}

fn push_members(members: &Members<'_>, json: &mut String) {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    json.push('{');
    for (index, (name, value)) in members.into_iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        push_string(name, json);
        json.push(':');
        push(value, json);
    }
    json.push('}');
}

fn push(node: &Node<'_>, json: &mut String) {
    match node {
        Node::Null => json.push_str("null"),
        Node::Bool(value) => json.push_str(if *value { "true" } else { "false" }),
        Node::Number(lexeme) => json.push_str(lexeme),
        Node::Text(text) => push_string(text, json),
        Node::Array(elements) => {
            json.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                push(element, json);
            }
            json.push(']');
        }
        Node::Object(members) => push_members(members, json),
    }
}

fn push_string(text: &str, json: &mut String) {
    json.push_str(&serde_json::Value::from(text).to_string());
}

/// The same JSON in ASCII. Only its strings can hold other letters, or slashes.
pub(super) fn escaped(json: &str, slashes: bool) -> String {
    let mut escaped = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '/' if slashes => escaped.push_str("\\/"),
            _ if letter.is_ascii() => escaped.push(letter),
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    escaped.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    escaped
}
