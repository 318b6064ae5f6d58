//! HMAC-SHA-256 over `timestamp.body`, the body byte for byte. A timestamp is digits alone, so that text cannot be cut
//! in another place.

use cashless_domain::Timestamp;
use hmac::Hmac;
use sha2::Sha256;

use super::seconds;
use crate::proof::{Secret, hex, is_hex_of, mac};
use crate::{Delivery, Refused};

pub(super) const TIMESTAMP_HEADER: &str = "x-sepay-timestamp";
pub(super) const SIGNATURE_HEADER: &str = "x-sepay-signature";
const PREFIX: &str = "sha256=";

pub(super) fn check(
    secret: &Secret,
    tolerance_s: u32,
    delivery: &Delivery<'_>,
    now: Timestamp,
) -> Result<(), Refused> {
    let timestamp = delivery.header(TIMESTAMP_HEADER).ok_or(Refused::MissingSignature)?;
    let claimed = delivery.header(SIGNATURE_HEADER).ok_or(Refused::MissingSignature)?;
    let claimed = claimed.strip_prefix(PREFIX).ok_or(Refused::BadSignature)?;
    if !is_hex_of(claimed, &signature(secret, timestamp, delivery.body)) {
        return Err(Refused::BadSignature);
    }
    let is_plain = timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let sent_at = timestamp.parse::<i64>().ok().filter(|_| is_plain).ok_or(Refused::Unreadable)?;
    if seconds(now).abs_diff(sent_at) > u64::from(tolerance_s) {
        return Err(Refused::Stale);
    }
    Ok(())
}

pub(super) fn sign(secret: &Secret, timestamp: &str, body: &[u8]) -> String {
    format!("{PREFIX}{}", hex(&signature(secret, timestamp, body)))
}

fn signature(secret: &Secret, timestamp: &str, body: &[u8]) -> Vec<u8> {
    mac::<Hmac<Sha256>>(secret.as_bytes(), &[timestamp.as_bytes(), b".", body])
}
