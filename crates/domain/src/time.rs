use std::fmt;

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// Viet Nam keeps UTC+7 all year.
const LOCAL_OFFSET_MICROS: i64 = 7 * 3_600 * MICROS_PER_SECOND;

/// An instant in microseconds since 1970-01-01T00:00:00Z, between the years 1970 and 2149.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last business date that ClickHouse's two-byte `Date` can hold is 2149-06-06.
    const MAX_MICROS: i64 = 65_535 * MICROS_PER_DAY - 1;

    /// # Errors
    /// Before 1970 or after 2149-06-05.
    pub fn from_micros(micros: i64) -> Result<Self, InvalidTime> {
        if (0..=Self::MAX_MICROS).contains(&micros) { Ok(Self(micros)) } else { Err(InvalidTime) }
    }

    /// Reads RFC 3339. An offset is required; nothing is guessed.
    ///
    /// # Errors
    /// Not RFC 3339, without offset, or outside the range.
    pub fn parse_rfc3339(text: &str) -> Result<Self, InvalidTime> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| InvalidTime)?;
        Self::from_micros(instant.as_microsecond())
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn as_micros(self) -> i64 {
        self.0
    }

    /// The day in Viet Nam (UTC+7, no daylight saving) on which this instant falls.
    #[must_use]
    pub fn business_date(self) -> BusinessDate {
        let days = (self.0 + LOCAL_OFFSET_MICROS).div_euclid(MICROS_PER_DAY);
        BusinessDate(u16::try_from(days).unwrap_or(u16::MAX))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let local = instant.to_zoned(TimeZone::fixed(Offset::constant(7)));
        write!(f, "{}", local.strftime("%Y-%m-%dT%H:%M:%S%.f+07:00"))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A local day in Viet Nam, as days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessDate(u16);

impl BusinessDate {
    /// The anchor of records whose provider sends no transaction time.
    pub const UNKNOWN: Self = Self(0);

    /// From days since 1970-01-01.
    #[must_use]
    pub const fn from_days(days: u16) -> Self {
        Self(days)
    }

    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// Not a day of the calendar, or outside 1970-01-01 ..= 2149-06-06.
    pub fn parse(text: &str) -> Result<Self, InvalidDay> {
        let date: Date = text.parse().map_err(|_| InvalidDay)?;
        let days = (date - Date::constant(1970, 1, 1)).get_days();
        u16::try_from(days).map(Self).map_err(|_| InvalidDay)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub fn days(self) -> u16 {
        self.0
    }

    /// The first instant of the day.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp((i64::from(self.0) * MICROS_PER_DAY - LOCAL_OFFSET_MICROS).max(0))
    }

    /// The calendar year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.civil().year()
    }

    /// The first day of its calendar month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self::of_civil(self.civil().first_of_month())
    }

    /// The first day of the calendar month after its own. The last month there is, June 2149, is followed by itself.
    #[must_use]
    pub fn first_of_next_month(self) -> Self {
        let next = self.civil().first_of_month().checked_add(jiff::Span::new().months(1));
        match next.map(Self::of_civil) {
            Ok(next) if next > self => next,
            _ => self.first_of_month(),
        }
    }

    fn of_civil(date: Date) -> Self {
        let days = (date - Date::constant(1970, 1, 1)).get_days();
        u16::try_from(days).map_or(Self(u16::MAX), Self)
    }

    fn civil(self) -> Date {
        let days = jiff::Span::new().days(i64::from(self.0));
        Date::constant(1970, 1, 1).checked_add(days).unwrap_or(Date::MAX)
    }
}

impl fmt::Display for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.civil())
    }
}

impl fmt::Debug for BusinessDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A time that is not RFC 3339 with an offset, or outside 1970 … 2149.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a time is RFC 3339 with an offset, between 1970 and 2149")]
pub struct InvalidTime;

/// What is no day of the calendar, or one outside 1970-01-01 … 2149-06-06.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day is YYYY-MM-DD, as 2022-02-28, and one of the calendar, between 1970-01-01 and 2149-06-06")]
pub struct InvalidDay;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_changes_at_seventeen_hours_utc() {
        let before = Timestamp::parse_rfc3339("2022-09-05T16:59:59.999Z").expect("a time");
        let after = Timestamp::parse_rfc3339("2022-09-05T17:00:00.000Z").expect("a time");
        assert_eq!(before.business_date().to_string(), "2022-09-05");
        assert_eq!(after.business_date().to_string(), "2022-09-06");
        assert_eq!(after.business_date().start(), after);
        assert_eq!(after.to_string(), "2022-09-06T00:00:00+07:00");
    }

    #[test]
    fn times_without_offset_or_outside_the_range_are_refused() {
        for text in ["2022-09-05T16:59:59", "2022-09-05", "1969-12-31T23:59:59Z", "2150-01-01T00:00:00Z", ""]
        {
            assert_eq!(Timestamp::parse_rfc3339(text), Err(InvalidTime), "{text}");
        }
    }

    #[test]
    fn months_begin_on_their_first_day() {
        let date = |text| BusinessDate::parse(text).expect("a date");
        let table = [
            ("2024-02-29", "2024-02-01", "2024-03-01"),
            ("2022-12-01", "2022-12-01", "2023-01-01"),
            ("1970-01-31", "1970-01-01", "1970-02-01"),
            ("2149-06-06", "2149-06-01", "2149-06-01"),
        ];
        for (day, first, next) in table {
            assert_eq!(date(day).first_of_month(), date(first), "{day}");
            assert_eq!(date(day).first_of_next_month(), date(next), "{day}");
        }
    }

    #[test]
    fn dates_print_as_they_are_read() {
        let date = BusinessDate::parse("2024-02-29").expect("a date");
        assert_eq!((date.to_string().as_str(), date.year()), ("2024-02-29", 2024));
        for text in ["1969-12-31", "2149-06-07", "2022-02-30", "2022-2-3", "28/02/2022", ""] {
            assert_eq!(BusinessDate::parse(text), Err(InvalidDay), "{text}");
        }
    }
}
