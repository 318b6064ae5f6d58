//! HMAC-SHA-512 over the `vnp_` parameters as `name=value&…`, sorted by name, in one of two spellings.

use hmac::Hmac;
use sha2::Sha512;

use crate::form::{Form, Pair, encode};
use crate::proof::{Secret, hex, is_hex_of, mac};

pub(super) const HASH: &str = "vnp_SecureHash";
const HASH_TYPE: &str = "vnp_SecureHashType";

/// What PHP's `urlencode` leaves as it is, besides letters and digits.
const KEPT: &[u8] = b"-_.";

pub(super) fn is_valid(secret: &Secret, form: &Form<'_>, claimed: &str) -> bool {
    let mut pairs: Vec<&Pair<'_>> = form.pairs().iter().filter(|pair| is_signed(&pair.name)).collect();
    pairs.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    is_hex_of(claimed, &hash(secret, &as_sent(&pairs))) || is_hex_of(claimed, &hash(secret, &anew(&pairs)))
}

pub(super) fn sign(secret: &Secret, text: &str) -> String {
    hex(&hash(secret, text))
}

fn hash(secret: &Secret, text: &str) -> Vec<u8> {
    mac::<Hmac<Sha512>>(secret.as_bytes(), &[text.as_bytes()])
}

fn is_signed(name: &str) -> bool {
    name.starts_with("vnp_") && name != HASH && name != HASH_TYPE
}

/// With the sender's own escapes, parameters without a value included, as PHP samples sign them.
fn as_sent(pairs: &[&Pair<'_>]) -> String {
    pairs.iter().map(|pair| pair.raw).collect::<Vec<_>>().join("&")
}

/// Whatever a gateway on the way did to the escapes, and without parameters that have no value, which Java and .NET
/// samples leave out.
fn anew(pairs: &[&Pair<'_>]) -> String {
    let with_value = pairs.iter().filter(|pair| !pair.value.is_empty());
    encoded(with_value.map(|pair| (pair.name.as_ref(), pair.value.as_ref())))
}

/// A query of these parameters, in this order.
pub(super) fn encoded<'p>(parameters: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
    let mut text = String::new();
    for (name, value) in parameters {
        if !text.is_empty() {
            text.push('&');
        }
        encode(name, KEPT, &mut text);
        text.push('=');
        encode(value, KEPT, &mut text);
    }
    text
}
