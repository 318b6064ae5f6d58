//! HMAC-SHA1 over the access code and values without anything between them.

use hmac::Hmac;
use sha1::Sha1;

use super::Settings;
use crate::form::Form;
use crate::proof::{base64, hex, is_base64_of, is_hex_of, mac};

/// How a checksum is written: base64 by the gateway 2.0, hexadecimal where it is shown a QR code.
#[derive(Clone, Copy)]
pub(super) enum Encoding {
    Base64,
    Hex,
}

impl Encoding {
    /// Twenty bytes are 40 hexadecimal digits, and never as long in base64.
    pub(super) fn of(claimed: Option<&str>) -> Self {
        if claimed.is_some_and(|claimed| claimed.len() == 40) { Self::Hex } else { Self::Base64 }
    }

    pub(super) fn is_of(self, claimed: &str, code: &[u8]) -> bool {
        match self {
            Self::Base64 => is_base64_of(claimed, code),
            Self::Hex => is_hex_of(claimed, code),
        }
    }

    pub(super) fn write(self, code: &[u8]) -> String {
        match self {
            Self::Base64 => base64(code),
            Self::Hex => hex(code),
        }
    }
}

impl Settings {
    /// Of the question for the amount of an order, which counts as sent along.
    pub(super) fn question_code(&self, form: &Form<'_>, amount: &str) -> Vec<u8> {
        let [bill, merchant, order] = ["billcode", "merchant_code", "order_id"].map(|name| value(form, name));
        self.code(&[bill, merchant, order, amount])
    }

    /// Of a result.
    pub(super) fn result_code(&self, form: &Form<'_>) -> Vec<u8> {
        let names = [
            "billcode",
            "cust_msisdn",
            "error_code",
            "merchant_code",
            "order_id",
            "payment_status",
            "trans_amount",
            "vt_transaction_id",
        ];
        self.code(&names.map(|name| value(form, name)))
    }

    pub(super) fn code(&self, values: &[&str]) -> Vec<u8> {
        let parts: Vec<_> =
            [self.access_code.as_str()].iter().chain(values).map(|value| value.as_bytes()).collect();
        mac::<Hmac<Sha1>>(self.hash_key.as_bytes(), &parts)
    }
}

fn value<'f>(form: &'f Form<'_>, name: &str) -> &'f str {
    form.get(name).unwrap_or("")
}
