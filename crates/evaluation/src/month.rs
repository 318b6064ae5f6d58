//! Calendar months, counted.

use cashless_domain::BusinessDate;

/// A calendar month, as months since January of the year 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Month(i32);

impl Month {
    /// The month of a day.
    pub(crate) fn of(day: BusinessDate) -> Self {
        // Days since 0000-03-01: a year that begins in March has its leap day at the end.
        let days = i32::from(day.days()) + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        Self((era * 400 + year_of_era) * 12 + month_from_march + 2)
    }

    /// Its first day. Months outside the range of days give the range's ends.
    pub(crate) fn first_day(self) -> BusinessDate {
        let from_march = self.0 - 2;
        let (year, month) = (from_march.div_euclid(12), from_march.rem_euclid(12));
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + (153 * month + 2) / 5;
        let days = era * 146_097 + day_of_era - 719_468;
        BusinessDate::from_days(u16::try_from(days.max(0)).unwrap_or(u16::MAX))
    }

    /// So many months later, or earlier.
    pub(crate) fn plus(self, months: i32) -> Self {
        Self(self.0 + months)
    }

    /// How many months it is after another one.
    pub(crate) fn since(self, other: Self) -> i32 {
        self.0 - other.0
    }

    /// Whether a day is its first.
    pub(crate) fn starts_on(day: BusinessDate) -> bool {
        Self::of(day).first_day() == day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_is_in_the_month_that_its_text_says() {
        for days in 0..=u16::MAX {
            let day = BusinessDate::from_days(days);
            let text = day.to_string();
            let month = Month::of(day);
            assert_eq!(month.first_day().to_string(), format!("{}-01", &text[..7]));
            assert_eq!(Month::starts_on(day), text.ends_with("-01"), "{text}");
            assert_eq!(month.plus(1).since(month), 1);
        }
    }
}
