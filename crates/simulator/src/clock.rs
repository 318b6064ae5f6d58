//! Times as providers write them, without a formatting machinery in the hot path.

use cashless_domain::{BusinessDate, Timestamp};

/// Microseconds in a second.
pub(crate) const SECOND: i64 = 1_000_000;
/// Microseconds in a day.
pub(crate) const DAY: i64 = 86_400 * SECOND;
const LOCAL_OFFSET: i64 = 7 * 3_600 * SECOND;

/// How one message writes its times. All three name the same instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone {
    /// `+07:00`.
    Local,
    /// `Z`.
    Utc,
    /// No offset at all: not the documented format.
    Missing,
}

/// The local day of an instant.
///
/// # Panics
/// Outside 1970 … 2149, where no simulated time lies.
pub(crate) fn local_date(micros: i64) -> BusinessDate {
    Timestamp::from_micros(micros).expect("simulated times lie between 1970 and 2149").business_date()
}

/// Days since 1970-01-01 as year, month, day (proleptic Gregorian).
pub(crate) fn civil(days: i64) -> (i64, i64, i64) {
    // Years are counted from 1 March, so that the leap day is the last day of a year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Writes RFC 3339 with milliseconds.
pub(crate) fn write_time(micros: i64, zone: Zone, out: &mut String) {
    let wall = micros + if zone == Zone::Utc { 0 } else { LOCAL_OFFSET };
    let (year, month, day) = civil(wall.div_euclid(DAY));
    let millis = wall.rem_euclid(DAY) / 1_000;
    let seconds = millis / 1_000;
    digits(year, 4, out);
    out.push('-');
    digits(month, 2, out);
    out.push('-');
    digits(day, 2, out);
    out.push('T');
    digits(seconds / 3_600, 2, out);
    out.push(':');
    digits(seconds / 60 % 60, 2, out);
    out.push(':');
    digits(seconds % 60, 2, out);
    out.push('.');
    digits(millis % 1_000, 3, out);
    out.push_str(match zone {
        Zone::Local => "+07:00",
        Zone::Utc => "Z",
        Zone::Missing => "",
    });
}

/// Writes the last `width` digits of a number that is not negative.
pub(crate) fn digits(number: i64, width: u32, out: &mut String) {
    for place in (0..width).rev() {
        let digit = number / 10_i64.pow(place) % 10;
        out.push(char::from(b'0' + u8::try_from(digit).unwrap_or(0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_times_are_read_back_as_the_same_instant() {
        for micros in [0, 951_782_399_999_000, 1_788_740_130_123_000, 4_102_444_800_000_000] {
            for zone in [Zone::Local, Zone::Utc] {
                let mut text = String::new();
                write_time(micros, zone, &mut text);
                let read = Timestamp::parse_rfc3339(&text).expect("RFC 3339");
                assert_eq!(read.as_micros(), micros, "{text}");
            }
        }
    }
}
