//! When people pay: hours, weekdays, months.

use cashless_domain::BusinessDate;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use crate::clock::{DAY, SECOND, civil};
use crate::draw::Weighted;

const HOURS_EDUCATION: [f64; 24] = [
    0.4, 0.2, 0.1, 0.1, 0.2, 0.6, 1.8, 3.5, 5.2, 6.2, 6.0, 5.2, 4.2, 3.8, 4.2, 4.6, 5.0, 5.4, 6.0, 9.6, 13.8,
    9.2, 3.4, 1.3,
];
const HOURS_HEALTH: [f64; 24] = [
    0.6, 0.4, 0.3, 0.3, 0.4, 1.4, 5.5, 10.8, 13.2, 13.4, 12.0, 7.2, 2.6, 4.4, 7.0, 7.2, 5.4, 3.0, 1.6, 1.2,
    0.8, 0.6, 0.4, 0.3,
];
/// Monday first.
const WEEKDAYS_EDUCATION: [f64; 7] = [15.5, 15.0, 14.6, 14.3, 14.2, 13.0, 13.4];
const WEEKDAYS_HEALTH: [f64; 7] = [19.0, 17.2, 16.4, 15.8, 15.2, 9.8, 6.6];
/// January first. Health is flat.
const MONTHS_EDUCATION: [f64; 12] = [11.5, 4.5, 7.0, 6.5, 5.5, 3.0, 2.0, 7.0, 22.0, 13.0, 9.5, 8.5];

/// The two hour curves, ready to draw from.
pub(crate) struct Calendar {
    education: Weighted,
    health: Weighted,
}

impl Calendar {
    pub(crate) fn new() -> Self {
        Self { education: Weighted::new(HOURS_EDUCATION), health: Weighted::new(HOURS_HEALTH) }
    }

    /// An instant of the day, in microseconds since its local midnight.
    pub(crate) fn time_of_day(&self, random: &mut ChaCha8Rng, education: bool) -> i64 {
        let hour = if education { &self.education } else { &self.health }.draw(random);
        i64::try_from(hour).unwrap_or(0) * 3_600 * SECOND + random.random_range(0..3_600_000) * 1_000
    }
}

/// How busy a day is against the average day of its sector.
pub(crate) fn day_factor(date: BusinessDate, education: bool) -> f64 {
    let days = i64::from(date.days());
    // 1970-01-01 was a Thursday.
    let weekday = usize::try_from((days + 3).rem_euclid(7)).unwrap_or(0);
    if !education {
        return WEEKDAYS_HEALTH[weekday] * 7.0 / 100.0;
    }
    let month = usize::try_from(civil(days).1 - 1).unwrap_or(0);
    WEEKDAYS_EDUCATION[weekday] * 7.0 / 100.0 * MONTHS_EDUCATION[month] * 12.0 / 100.0
}

/// The first instant of a local day.
pub(crate) fn midnight(date: BusinessDate, plus_days: u16) -> i64 {
    date.start().as_micros() + i64::from(plus_days) * DAY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_september_monday_is_busy_for_schools_and_a_sunday_quiet_for_hospitals() {
        let date = |text| BusinessDate::parse(text).expect("a date");
        assert!(day_factor(date("2026-09-07"), true) > 2.5);
        assert!(day_factor(date("2026-09-13"), false) < 0.5);
    }
}
