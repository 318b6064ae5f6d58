//! SHA-256 over values and the secret, joined by `|`. It is no HMAC; the secret at the end keeps a code from being
//! carried on by who knows the hash of a beginning.

use sha2::{Digest as _, Sha256};

use crate::Refused;
use crate::form::Form;
use crate::proof::{Secret, hex, is_hex_of};
use crate::tree::{self, Members, Node};

/// What the code of a notice is over, in this order.
pub(super) const SIGNED: [&str; 10] = [
    "ACTION",
    "RESPONSE_CODE",
    "MERCHANT_SERVICE_ID",
    "MERCHANT_ORDER_ID",
    "AMOUNT",
    "CURRENCY_CODE",
    "VNPTPAY_TRANSACTION_ID",
    "PAYMENT_METHOD",
    "PAY_DATE",
    "ADDITIONAL_INFO",
];

/// A notice, its values as they are signed: a number is its lexeme, what is absent is empty, none holds a `|`.
#[derive(Default)]
pub(super) struct Notice {
    pub(super) values: [String; 10],
    secure_code: String,
}

impl Notice {
    /// From JSON, or from a form whose field `data` is that JSON: senders of both kinds are known.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refused> {
        if body.trim_ascii_start().starts_with(b"{") {
            return Self::of(&tree::object(body)?);
        }
        let form = Form::parse(body)?;
        Self::of(&tree::object(form.get("data").ok_or(Refused::Unreadable)?.as_bytes())?)
    }

    fn of(members: &Members<'_>) -> Result<Self, Refused> {
        let mut notice = Self::default();
        for (value, name) in notice.values.iter_mut().zip(SIGNED) {
            *value = match members.get(name) {
                None | Some(Node::Null) => String::new(),
                Some(Node::Text(text)) => text.to_string(),
                Some(Node::Number(lexeme)) => (*lexeme).to_owned(),
                Some(_) => return Err(Refused::Unreadable),
            };
            if value.contains('|') {
                return Err(Refused::Unreadable);
            }
        }
        notice.secure_code = members.text("SECURE_CODE").unwrap_or("").to_owned();
        Ok(notice)
    }

    pub(super) fn check(&self, key: &Secret) -> Result<(), Refused> {
        match self.secure_code.as_str() {
            "" => Err(Refused::MissingSignature),
            claimed if is_hex_of(claimed, &code(key, self.values.iter().map(String::as_str))) => Ok(()),
            _ => Err(Refused::BadSignature),
        }
    }

    pub(super) fn service(&self) -> &str {
        &self.values[2]
    }

    pub(super) fn order(&self) -> &str {
        &self.values[3]
    }
}

pub(super) fn sign(key: &Secret, values: &[&str]) -> String {
    hex(&code(key, values.iter().copied()))
}

fn code<'v>(key: &Secret, values: impl Iterator<Item = &'v str>) -> Vec<u8> {
    let mut hash = Sha256::new();
    for value in values {
        hash.update(value);
        hash.update("|");
    }
    hash.update(key.as_bytes());
    hash.finalize().to_vec()
}
