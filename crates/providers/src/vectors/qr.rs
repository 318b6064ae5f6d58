//! Codes instead of deliveries: `request.body` is the text of a VietQR code.

use serde_json::Value;

use super::expected::Differences;
use super::{Mismatch, Vector};
use crate::vietqr::{Initiation, Invalid, Scheme, decode};

/// The name that stands for no provider, but for the codes.
pub(super) const PROVIDER: &str = "vietqr_emvco";

pub(super) fn compare(vector: &Vector) -> Vec<Mismatch> {
    let expected = &vector.expected;
    let wanted = expected.get("error").and_then(Value::as_str).unwrap_or("accepted");
    let mut differences = Differences { vector: &vector.name, found: Vec::new() };
    let qr = match decode(vector.request.body.as_deref().unwrap_or("")) {
        Ok(qr) => qr,
        Err(invalid) => {
            let error = match invalid {
                Invalid::Checksum => "bad_crc",
                Invalid::Malformed => "malformed",
                Invalid::Currency => "unsupported_currency",
            };
            differences.note("error", wanted, error);
            return differences.found;
        }
    };
    differences.note("error", wanted, "accepted");
    let initiation = qr.initiation.map(|initiation| match initiation {
        Initiation::Static => "11",
        Initiation::Dynamic => "12",
    });
    let scheme = qr.scheme.map(|scheme| match scheme {
        Scheme::Napas => "napas",
        Scheme::Vnpay => "vnpay",
    });
    let amount = qr.amount.map(|amount| amount.get().to_string());
    let texts = [
        ("kind", Some("qr")),
        ("initiation", initiation),
        ("scheme", scheme),
        ("bank_bin", qr.bank_bin),
        ("account", qr.account),
        ("service", qr.service),
        ("amount", amount.as_deref()),
        ("purpose", qr.purpose),
        ("bill_number", qr.bill_number),
        ("reference_label", qr.reference_label),
        ("merchant_name", qr.merchant_name),
        ("terminal", qr.terminal),
        // A code with another checksum is none.
        ("crc_ok", Some("true")),
    ];
    for (member, got) in texts {
        differences.text(expected, member, got);
    }
    differences.found
}
