//! Which record a person means.

use cashless_domain::{BusinessDate, EventKey, RecordId};
use cashless_reviewer::person::Found;
use cashless_rollup::PaymentKey;
use cashless_warehouse::{RecordAddress, Warehouse};

use super::Refused;

/// Choices that are shown.
const CHOICES_MAX: u32 = 10;
/// Digits that say which record is meant: 8 of 16 are shared by chance once in ten million records or so.
const DIGITS_LEAST: usize = 8;
const DIGITS: usize = 16;

/// Why nobody can tell which record that is.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotFound {
    #[error(
        "{0}: a record is 8 to 16 hexadecimal digits, or DAY/ACCOUNT/RECORD, as `decisions list` shows it"
    )]
    Invalid(String),
    #[error("no record is stored that begins with {0}")]
    Unknown(String),
    #[error("{0} may be any of these; give one of them:\n  {1}")]
    Several(String, String),
    #[error("{0}: a decision is 16 hexadecimal digits, as `decisions list` shows them")]
    InvalidDecision(String),
}

/// Reads `RECORD` or `DAY/ACCOUNT/RECORD`.
fn parse(text: &str) -> Result<RecordAddress, NotFound> {
    let invalid = || NotFound::Invalid(text.to_owned());
    let hexadecimal = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts: Vec<&str> = text.split('/').collect();
    let (anchor, account, digits) = match parts[..] {
        [digits] => (None, "", digits),
        [day, account, digits] => (Some(BusinessDate::parse(day).map_err(|_| invalid())?), account, digits),
        _ => return Err(invalid()),
    };
    if !(DIGITS_LEAST..=DIGITS).contains(&digits.len()) || !hexadecimal(digits) || !hexadecimal(account) {
        return Err(invalid());
    }
    let bound = |filler: &str| {
        let padded = format!("{digits}{}", filler.repeat(DIGITS - digits.len()));
        u64::from_str_radix(&padded, 16).map_err(|_| invalid())
    };
    Ok(RecordAddress { anchor, account: account.to_ascii_lowercase(), records: (bound("0")?, bound("f")?) })
}

/// The id of a decision.
pub(super) fn decision_id(text: &str) -> Result<u64, NotFound> {
    let digits = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = u64::from_str_radix(text, 16).ok().filter(|_| digits);
    id.ok_or_else(|| NotFound::InvalidDecision(text.to_owned()))
}

/// A record as people copy it: unique.
pub(super) fn written(key: &EventKey) -> String {
    format!("{}/{}/{:?}", key.anchor, key.account, key.record)
}

/// The record a person means, with its payment.
pub(super) async fn find(warehouse: &Warehouse, text: &str) -> Result<Found, Refused> {
    let mut found = load(warehouse, warehouse.records_at(&parse(text)?, CHOICES_MAX).await?).await?;
    match found.len() {
        0 => Err(NotFound::Unknown(text.to_owned()).into()),
        1 => Ok(found.remove(0)),
        _ => {
            let choices: Vec<_> = found.iter().map(described).collect();
            Err(NotFound::Several(text.to_owned(), choices.join("\n  ")).into())
        }
    }
}

fn described(found: &Found) -> String {
    let Some(record) = found.record() else { return written(&found.key) };
    let dong = record.details.as_ref().map_or(0, |details| details.amount.get());
    let at = record.details.as_ref().map(|details| details.settled_at.to_string()).unwrap_or_default();
    format!("{}  {}  {dong} đồng  {at}", written(&found.key), record.source)
}

/// Every stored record of this id.
pub(super) async fn find_all(warehouse: &Warehouse, record: RecordId) -> Result<Vec<Found>, Refused> {
    let address = RecordAddress { records: (record.0, record.0), ..RecordAddress::default() };
    load(warehouse, warehouse.records_at(&address, CHOICES_MAX).await?).await
}

/// These very records, as far as they are stored.
pub(super) async fn find_keys(warehouse: &Warehouse, keys: &[EventKey]) -> Result<Vec<Found>, Refused> {
    let mut all = Vec::new();
    for key in keys {
        let account = key.account.to_string();
        let address =
            RecordAddress { anchor: Some(key.anchor), account, records: (key.record.0, key.record.0) };
        let stored = warehouse.records_at(&address, CHOICES_MAX).await?;
        all.extend(load(warehouse, stored.into_iter().filter(|(_, stored)| stored == key).collect()).await?);
    }
    Ok(all)
}

/// The records that are merged into one by a decision.
pub(super) async fn find_merged_into(warehouse: &Warehouse, into: &Found) -> Result<Vec<Found>, Refused> {
    let stored = warehouse.records_merged_into(into.key.record).await?;
    let mut found = load(warehouse, stored).await?;
    found.retain(|found| {
        let decision = found.record().and_then(|record| record.decision);
        decision.and_then(|decision| decision.merged_into) == Some(into.key.record)
    });
    Ok(found)
}

async fn load(warehouse: &Warehouse, records: Vec<(u16, EventKey)>) -> Result<Vec<Found>, Refused> {
    let keys: Vec<_> = records.iter().map(|(partition, key)| (*partition, PaymentKey::from(*key))).collect();
    let payments = warehouse.payments(&keys, &[]).await?;
    let of = |key: EventKey| {
        let payment = payments.iter().find(|(_, of, _)| *of == PaymentKey::from(key));
        payment.map(|(_, _, payment)| Found { key, payment: payment.clone() })
    };
    Ok(records.into_iter().filter_map(|(_, key)| of(key)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_its_digits_their_beginning_or_its_whole_address() {
        let whole = parse("0A1b2c3d4e5f6071").expect("valid");
        assert_eq!(whole.records, (0x0a1b_2c3d_4e5f_6071, 0x0a1b_2c3d_4e5f_6071));
        assert_eq!(parse("0a1b2c3d").expect("valid").records, (0x0a1b_2c3d_0000_0000, 0x0a1b_2c3d_ffff_ffff));
        let address = parse("2022-03-01/AB/0a1b2c3d4e5f6071").expect("valid");
        assert_eq!(
            (address.anchor, address.account),
            (BusinessDate::parse("2022-03-01").ok(), "ab".to_owned())
        );
        for text in [
            "",
            "0a1b2c3",
            "0a1b2c3d4e5f60711",
            "0a1b2c3g",
            "x/ab/0a1b2c3d",
            "2022-03-01/0a1b2c3d",
            "+a1b2c3d4",
        ] {
            assert_eq!(parse(text), Err(NotFound::Invalid(text.to_owned())), "{text}");
        }
        assert_eq!(decision_id("00000000000000ff"), Ok(255));
        assert!(decision_id("ff").is_err() && decision_id("+00000000000000f").is_err());
    }
}
