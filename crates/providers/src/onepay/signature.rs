//! HMAC-SHA-256 over the signed parameters as `name=value&…`, sorted by name, values decoded.

use hmac::Hmac;
use sha2::Sha256;

use crate::form::{Form, Pair};
use crate::proof::{hex, is_hex_of, mac};

pub(super) const HASH: &str = "vpc_SecureHash";
const HASH_TYPE: &str = "vpc_SecureHashType";
const SIGNED: [&str; 2] = ["vpc_", "user_"];

pub(super) fn is_valid(key: &[u8], form: &Form<'_>, claimed: &str) -> bool {
    signed_text(form).is_some_and(|text| is_hex_of(claimed, &mac::<Hmac<Sha256>>(key, &[text.as_bytes()])))
}

pub(super) fn sign(key: &[u8], form: &Form<'_>) -> Option<String> {
    Some(hex(&mac::<Hmac<Sha256>>(key, &[signed_text(form)?.as_bytes()])).to_ascii_uppercase())
}

/// None where another set of parameters has the same text. A payer who chose a text like
/// `x&vpc_TxnResponseCode=0&vpc_Z=` could otherwise turn the signed news of a failure into that of a success.
pub(super) fn signed_text(form: &Form<'_>) -> Option<String> {
    let mut pairs: Vec<&Pair<'_>> = form.pairs().iter().filter(|pair| is_signed(pair)).collect();
    pairs.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    if !pairs.iter().all(|pair| is_plain(&pair.name) && !begins_another(&pair.value)) {
        return None;
    }
    let texts = pairs.iter().map(|pair| format!("{}={}", pair.name, pair.value));
    Some(texts.collect::<Vec<_>>().join("&"))
}

fn is_signed(pair: &Pair<'_>) -> bool {
    let name = pair.name.as_ref();
    SIGNED.iter().any(|prefix| name.starts_with(prefix))
        && name != HASH
        && name != HASH_TYPE
        && !pair.value.is_empty()
}

fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn begins_another(value: &str) -> bool {
    value.split('&').skip(1).any(|rest| SIGNED.iter().any(|prefix| rest.starts_with(prefix)))
}
