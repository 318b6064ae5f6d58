//! The text of a VietQR code: EMVCo merchant-presented QR with the templates of NAPAS and VNPAY.
//!
//! A code is what a payer is asked for, not what was paid: it is read to check an institution's printed or shown
//! codes against what is registered, never to make an event.
//!
//! ```
//! use cashless_providers::vietqr;
//!
//! let text = "00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA53037045802VN6304AE9F";
//! let qr = vietqr::decode(text)?;
//! assert_eq!((qr.bank_bin, qr.account), (Some("970416"), Some("257678859")));
//! # Ok::<(), vietqr::Invalid>(())
//! ```

use cashless_domain::AmountDong;

use crate::amount::amount_dong;

/// QR codes hold at most 4,296 characters of this kind.
const CHARS_MAX: usize = 4_296;

const NAPAS: &str = "A000000727";
const VNPAY: &str = "A000000775";

/// What a code says, in its own spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Qr<'t> {
    /// Whether it is for one payment or for any number.
    pub initiation: Option<Initiation>,
    /// Whose template names the receiver; none if it is neither's.
    pub scheme: Option<Scheme>,
    /// The BIN of the receiving bank.
    pub bank_bin: Option<&'t str>,
    /// The account, card or merchant that receives.
    pub account: Option<&'t str>,
    /// `QRIBFTTA` to an account, `QRIBFTTC` to a card, `QRPUSH` a purchase.
    pub service: Option<&'t str>,
    /// The amount, which a payer can change in a reusable code.
    pub amount: Option<AmountDong>,
    /// The merchant's name.
    pub merchant_name: Option<&'t str>,
    /// The number of the bill; mostly not forwarded by a transfer.
    pub bill_number: Option<&'t str>,
    /// The reference of a wallet or an aggregator.
    pub reference_label: Option<&'t str>,
    /// The terminal.
    pub terminal: Option<&'t str>,
    /// What becomes the text of the transfer.
    pub purpose: Option<&'t str>,
}

/// How often a code is meant to be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initiation {
    /// Reusable (`11`).
    Static,
    /// For one payment (`12`).
    Dynamic,
}

/// Whose template names the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// NAPAS (VietQR).
    Napas,
    /// VNPAY-QR.
    Vnpay,
}

/// Why a text is no code that could be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// The checksum is of another text.
    #[error("the checksum is wrong")]
    Checksum,
    /// Not tags, lengths and values as documented.
    #[error("not a VietQR text")]
    Malformed,
    /// It asks for another currency than dong.
    #[error("not in VND")]
    Currency,
}

/// Reads the text of a code.
///
/// # Errors
/// See [`Invalid`].
pub fn decode(text: &str) -> Result<Qr<'_>, Invalid> {
    if text.len() > CHARS_MAX {
        return Err(Invalid::Malformed);
    }
    let digits_at = text.len().checked_sub(4).filter(|at| text.is_char_boundary(*at));
    let (signed, claimed) = text.split_at(digits_at.ok_or(Invalid::Malformed)?);
    if !signed.ends_with("6304") {
        return Err(Invalid::Malformed);
    }
    if !claimed.eq_ignore_ascii_case(&format!("{:04X}", checksum(signed.as_bytes()))) {
        return Err(Invalid::Checksum);
    }
    let fields = Fields::parse(text)?;
    let is_first = fields.0.first() == Some(&("00", "01"));
    if !is_first || fields.0.last() != Some(&("63", claimed)) {
        return Err(Invalid::Malformed);
    }
    match fields.get("53") {
        Some("704") => {}
        Some(_) => return Err(Invalid::Currency),
        None => return Err(Invalid::Malformed),
    }
    if fields.get("58").is_some_and(|country| country != "VN") {
        return Err(Invalid::Malformed);
    }
    let initiation = match fields.get("01") {
        Some("11") => Some(Initiation::Static),
        Some("12") => Some(Initiation::Dynamic),
        Some(_) => return Err(Invalid::Malformed),
        None => None,
    };
    let amount = match fields.get("54") {
        Some(text) if text.starts_with(|first: char| first.is_ascii_digit()) => {
            Some(amount_dong(text).ok_or(Invalid::Malformed)?)
        }
        Some(_) => return Err(Invalid::Malformed),
        None => None,
    };
    let receiver = Receiver::of(&fields)?;
    let more = fields.get("62").map_or(Ok(Fields::default()), Fields::parse)?;
    Ok(Qr {
        initiation,
        scheme: receiver.scheme,
        bank_bin: receiver.bank_bin,
        account: receiver.account,
        service: receiver.service,
        amount,
        merchant_name: fields.get("59"),
        bill_number: more.get("01"),
        reference_label: more.get("05"),
        terminal: more.get("07"),
        purpose: more.get("08"),
    })
}

#[derive(Default)]
struct Receiver<'t> {
    scheme: Option<Scheme>,
    bank_bin: Option<&'t str>,
    account: Option<&'t str>,
    service: Option<&'t str>,
}

impl<'t> Receiver<'t> {
    /// A code may hold the templates of several schemes; a transfer goes by that of NAPAS.
    fn of(fields: &Fields<'t>) -> Result<Self, Invalid> {
        let mut found = Self::default();
        for (_, template) in fields.0.iter().filter(|(tag, _)| ("26"..="51").contains(tag)) {
            let template = Fields::parse(template)?;
            match template.get("00") {
                Some(NAPAS) => {
                    let account = Fields::parse(template.get("01").ok_or(Invalid::Malformed)?)?;
                    let bin = account.get("00").ok_or(Invalid::Malformed)?;
                    if bin.len() != 6 || !bin.bytes().all(|digit| digit.is_ascii_digit()) {
                        return Err(Invalid::Malformed);
                    }
                    return Ok(Self {
                        scheme: Some(Scheme::Napas),
                        bank_bin: Some(bin),
                        account: Some(account.get("01").ok_or(Invalid::Malformed)?),
                        service: template.get("02"),
                    });
                }
                Some(VNPAY) => {
                    let account = Some(template.get("01").ok_or(Invalid::Malformed)?);
                    found = Self { scheme: Some(Scheme::Vnpay), account, ..Self::default() };
                }
                _ => {}
            }
        }
        Ok(found)
    }
}

/// Tags and values, in their order. No tag appears twice.
#[derive(Default)]
struct Fields<'t>(Vec<(&'t str, &'t str)>);

impl<'t> Fields<'t> {
    fn parse(mut text: &'t str) -> Result<Self, Invalid> {
        let mut fields: Vec<(&str, &str)> = Vec::new();
        let mut seen = [false; 100];
        while !text.is_empty() {
            let (tag, rest) = number(text)?;
            let (length, rest) = number(rest)?;
            // Lengths count characters, not bytes.
            let end = match rest.char_indices().nth(length.1) {
                Some((end, _)) => end,
                None if rest.chars().count() == length.1 => rest.len(),
                None => return Err(Invalid::Malformed),
            };
            let (value, behind) = rest.split_at(end);
            let seen = seen.get_mut(tag.1).ok_or(Invalid::Malformed)?;
            if std::mem::replace(seen, true) {
                return Err(Invalid::Malformed);
            }
            fields.push((tag.0, value));
            text = behind;
        }
        Ok(Self(fields))
    }

    /// The value of a tag; empty is the same as missing.
    fn get(&self, wanted: &str) -> Option<&'t str> {
        self.0
            .iter()
            .find(|(tag, _)| *tag == wanted)
            .map(|(_, value)| *value)
            .filter(|value| !value.is_empty())
    }
}

/// Two digits as text and number, and what follows.
fn number(text: &str) -> Result<((&str, usize), &str), Invalid> {
    let (digits, rest) = text.split_at_checked(2).ok_or(Invalid::Malformed)?;
    if !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Invalid::Malformed);
    }
    Ok(((digits, digits.parse().map_err(|_| Invalid::Malformed)?), rest))
}

/// CRC-16/CCITT-FALSE.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(
            crc ^ u16::from(*byte) << 8,
            |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 }
            },
        )
    })
}

#[cfg(test)]
mod tests;
