//! The months that an evaluation looks at: the year before the target year, and the target year.

use std::ops::Range;

use cashless_domain::BusinessDate;
use cashless_registry::Interval;

use crate::month::Month;

/// How far back a season is compared.
pub(super) const SEASON: usize = 12;

/// Months are numbered from the first one of the year before; the target year begins at [`SEASON`].
pub(super) struct Window {
    first: Month,
    len: usize,
    target_year: Interval,
    today: BusinessDate,
}

impl Window {
    pub(super) fn new(target_year: Interval, today: BusinessDate) -> Self {
        let from = Month::of(target_year.from);
        let months = Month::of(target_year.to).since(from);
        let len = SEASON + usize::try_from(months).unwrap_or(0);
        Self { first: from.plus(-12), len, target_year, today }
    }

    /// How many months there are, the year before included.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// All months.
    pub(super) fn months(&self) -> Range<usize> {
        0..self.len
    }

    /// The months of the target year.
    pub(super) fn target_months(&self) -> Range<usize> {
        SEASON..self.len
    }

    /// The months of the target year that have not ended.
    pub(super) fn months_left(&self) -> Range<usize> {
        let first = self.target_months().find(|month| !self.has_ended(*month)).unwrap_or(self.len);
        first..self.len
    }

    /// The number of a day's month, if it is one of these and has begun: what lies after today is not there.
    pub(super) fn month_of(&self, day: BusinessDate) -> Option<usize> {
        let month = usize::try_from(Month::of(day).since(self.first)).ok()?;
        (month < self.len && self.has_begun(month)).then_some(month)
    }

    pub(super) fn first_day(&self, month: usize) -> BusinessDate {
        i32::try_from(month)
            .map_or(BusinessDate::from_days(u16::MAX), |month| self.first.plus(month).first_day())
    }

    /// Whether its last day is over: only then something has to be declared.
    pub(super) fn has_ended(&self, month: usize) -> bool {
        self.first_day(month + 1) <= self.today
    }

    /// Whether its first day has come.
    pub(super) fn has_begun(&self, month: usize) -> bool {
        self.first_day(month) <= self.today
    }

    /// Days of a month that is running: today and those before, and those that are left.
    pub(super) fn days_of(&self, month: usize) -> Option<(u16, u16)> {
        if self.has_ended(month) || !self.has_begun(month) {
            return None;
        }
        let (today, tomorrow) = (self.today.days(), self.today.days() + 1);
        Some((tomorrow - self.first_day(month).days(), self.first_day(month + 1).days() - 1 - today))
    }

    /// The last day on which a declaration of the month is in time.
    pub(super) fn due_day(&self, month: usize, day: u8) -> BusinessDate {
        let next = self.first_day(month + 1).days();
        BusinessDate::from_days(next.saturating_add(u16::from(day)).saturating_sub(1))
    }

    pub(super) fn is_over(&self) -> bool {
        self.target_year.to <= self.today
    }

    /// The days of the target year until today.
    pub(super) fn so_far(&self) -> Interval {
        let tomorrow = BusinessDate::from_days(self.today.days().saturating_add(1));
        Interval { from: self.target_year.from, to: self.target_year.to.min(tomorrow) }
    }
}
