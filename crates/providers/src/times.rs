//! The ways in which providers write a time. Without an offset it is Viet Nam's, UTC+7.

use cashless_domain::{DeadLetterReason, Timestamp};

use crate::item::Rejection;

/// `YYYY-MM-DD HH:MM:SS`, with or without a fraction, or RFC 3339 with an offset.
pub(crate) fn date_time(text: &str, path: &'static str) -> Result<Timestamp, Rejection> {
    let parsed = Timestamp::parse_rfc3339(text).or_else(|error| match text.split_at_checked(10) {
        Some((date, time)) if time.len() >= 9 && time.starts_with([' ', 'T']) => {
            Timestamp::parse_rfc3339(&format!("{date}T{}+07:00", &time[1..]))
        }
        _ => Err(error),
    });
    parsed.map_err(|_| Rejection::malformed(path, "not YYYY-MM-DD HH:MM:SS between 1970 and 2149"))
}

/// `yyyyMMddHHmmss`.
pub(crate) fn compact(text: &str, path: &'static str) -> Result<Timestamp, Rejection> {
    let wrong = Rejection::malformed(path, "not yyyyMMddHHmmss between 1970 and 2149");
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong);
    }
    let part = |range: std::ops::Range<usize>| &text[range];
    let written = format!(
        "{}-{}-{}T{}:{}:{}+07:00",
        part(0..4),
        part(4..6),
        part(6..8),
        part(8..10),
        part(10..12),
        part(12..14)
    );
    Timestamp::parse_rfc3339(&written).map_err(|_| wrong)
}

/// Milliseconds since 1970.
pub(crate) fn unix_millis(text: &str, path: &'static str) -> Result<Timestamp, Rejection> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let millis = plain.then(|| text.parse::<i64>().ok()).flatten();
    let time = millis.and_then(|millis| Timestamp::from_micros(millis.checked_mul(1_000)?).ok());
    time.ok_or(Rejection::new(
        DeadLetterReason::Malformed,
        path,
        "not Unix milliseconds between 1970 and 2149",
    ))
}

/// Writes `YYYY-MM-DD HH:MM:SS` in Viet Nam's time.
pub(crate) fn written(time: Timestamp) -> String {
    let text = time.to_string();
    format!("{} {}", &text[..10], &text[11..19])
}

/// Writes `yyyyMMddHHmmss` in Viet Nam's time.
pub(crate) fn written_compact(time: Timestamp) -> String {
    written(time).chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_means_the_same_instant() {
        let instant = Timestamp::parse_rfc3339("2026-07-09T08:45:40+07:00").expect("a time");
        for text in [
            "2026-07-09 08:45:40",
            "2026-07-09T08:45:40",
            "2026-07-09T08:45:40+07:00",
            "2026-07-09T08:45:40.000",
            "2026-07-09T01:45:40Z",
        ] {
            assert_eq!(date_time(text, ""), Ok(instant), "{text}");
        }
        assert_eq!(compact("20260709084540", ""), Ok(instant));
        assert_eq!(unix_millis("1783561540000", ""), Ok(instant));
        assert_eq!(
            (written(instant).as_str(), written_compact(instant).as_str()),
            ("2026-07-09 08:45:40", "20260709084540")
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "2026-07-09",
            "2026-07-09 08:45",
            "2026-13-09 08:45:40",
            "2026-07-09 25:45:40",
            "0001-01-01 00:00:00",
            "éééééééééé8:45:40",
        ] {
            assert!(date_time(text, "").is_err(), "{text}");
        }
        for text in ["", "2026070908454", "20261309084540", "2026070908454x", "+2026070908454"] {
            assert!(compact(text, "").is_err(), "{text}");
        }
        for text in ["", "-1", "1783561540.0", "99999999999999999999", "9999999999999999"] {
            assert!(unix_millis(text, "").is_err(), "{text}");
        }
    }
}
