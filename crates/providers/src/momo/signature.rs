//! HMAC-SHA-256 over the access key and twelve members as `name=value&…`, in this order, values without escapes.

use hmac::Hmac;
use sha2::Sha256;

use crate::Refused;
use crate::proof::{Secret, hex, is_hex_of, mac};
use crate::tree::{Members, Node};

/// The signed members, and whether each is a number.
const SIGNED: [(&str, bool); 12] = [
    ("amount", true),
    ("extraData", false),
    ("message", false),
    ("orderId", false),
    ("orderInfo", false),
    ("orderType", false),
    ("partnerCode", false),
    ("payType", false),
    ("requestId", false),
    ("responseTime", true),
    ("resultCode", true),
    ("transId", true),
];

pub(super) fn is_valid(
    access_key: &Secret,
    secret_key: &Secret,
    body: &Members<'_>,
    claimed: &str,
) -> Result<bool, Refused> {
    let text = signed_text(access_key.as_str(), body)?;
    Ok(is_hex_of(claimed, &mac::<Hmac<Sha256>>(secret_key.as_bytes(), &[text.as_bytes()])))
}

pub(super) fn sign(access_key: &Secret, secret_key: &Secret, body: &Members<'_>) -> Result<String, Refused> {
    let text = signed_text(access_key.as_str(), body)?;
    Ok(hex(&mac::<Hmac<Sha256>>(secret_key.as_bytes(), &[text.as_bytes()])))
}

/// A missing member is an empty one.
///
/// # Errors
/// A member that is neither text nor a number; or another body has the same text, as when the description of an order
/// is `x&orderType=y`. Numbers stand at both ends and hold no `&`, so only the names between them can be displaced.
pub(super) fn signed_text(access_key: &str, body: &Members<'_>) -> Result<String, Refused> {
    let mut text = format!("accessKey={access_key}");
    for (name, is_number) in SIGNED {
        let value = match body.get(name) {
            Some(Node::Text(value)) => value.as_ref(),
            Some(Node::Number(lexeme)) => lexeme,
            Some(Node::Null) | None => "",
            Some(Node::Bool(_) | Node::Array(_) | Node::Object(_)) => return Err(Refused::Unreadable),
        };
        if is_number && value.contains('&') {
            return Err(Refused::BadSignature);
        }
        text.extend(["&", name, "=", value]);
    }
    let is_once = |name: &str| text.matches(&format!("&{name}=")).count() == 1;
    let texts = SIGNED.iter().filter(|(_, is_number)| !is_number);
    if texts.into_iter().all(|(name, _)| is_once(name)) { Ok(text) } else { Err(Refused::BadSignature) }
}
