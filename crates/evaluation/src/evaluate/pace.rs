//! What is left to do, and where it leads if it goes on like this.

use super::bounds::{Measure, Sums};
use super::reading::Reading;
use crate::input::Input;
use crate::ratio::{Ratio, Threshold, multiply_divide};
use crate::result::{Figures, Pace, Sum};
use crate::words::{Comparator, Metric};

const WHOLE_YEAR: &str = "số liệu cả năm, không còn tháng nào";
const SHARE_OF_INSTITUTIONS: &str = "số cơ sở tại thời điểm chốt, không dự báo";
const NO_VOLUME: &str = "chưa có tháng nào để ước lượng";

pub(super) fn pace(input: &Input<'_>, sums: &Sums<'_>, reading: &Reading<'_>, figures: &Figures) -> Pace {
    let months_left = sums.window.months_left();
    let mut pace = Pace {
        months_left: u16::try_from(months_left.len()).unwrap_or(u16::MAX),
        required: None,
        required_display: String::new(),
        required_institutions: None,
        projected: None,
        projected_display: String::new(),
        projection_basis: String::new(),
    };
    if months_left.is_empty() {
        pace.projected = figures.observed;
        pace.projected_display.clone_from(&figures.display);
        WHOLE_YEAR.clone_into(&mut pace.projection_basis);
        return pace;
    }
    match reading.metric {
        Metric::CountShare => money(&mut pace, Measure::Count, input, sums, reading),
        Metric::ValueShare => money(&mut pace, Measure::Value, input, sums, reading),
        metric if metric.is_manual() || metric == Metric::MinimumFieldsShare => {}
        _ => {
            pace.required_institutions =
                figures.observed.and_then(|share| more_needed(share, reading.comparator, reading.threshold));
            SHARE_OF_INSTITUTIONS.clone_into(&mut pace.projection_basis);
        }
    }
    pace
}

/// How many more institutions meet the threshold; nothing if not even all of them do.
fn more_needed(share: Ratio, comparator: Comparator, threshold: Threshold) -> Option<u64> {
    let product = i128::from(threshold.numerator) * share.denominator();
    let denominator = i128::from(threshold.denominator);
    let needed = match comparator {
        Comparator::AtLeast => product / denominator + i128::from(product % denominator > 0),
        Comparator::Above => product / denominator + 1,
    };
    (needed <= share.denominator()).then(|| u64::try_from((needed - share.numerator()).max(0)).unwrap_or(0))
}

fn money(pace: &mut Pace, measure: Measure, input: &Input<'_>, sums: &Sums<'_>, reading: &Reading<'_>) {
    let (ended, left): (Vec<usize>, Vec<usize>) =
        reading.months.clone().partition(|month| sums.window.has_ended(*month));
    let observed = |months: &[usize]| -> Vec<Sum> {
        months.iter().filter_map(|month| observed_in(measure, sums, reading, *month).0).collect()
    };
    let months = observed(&ended);
    let of_ended = total(&months);
    let percent = input.plan.settings.preliminary_coverage_percent;
    let season = season(measure, sums, reading, (&ended, &left), percent);
    let (expected, volume_basis): (Vec<Option<i128>>, _) = match &season {
        Some((ended, left)) => (
            left.iter().map(|left| by_season(of_ended, *ended, *left)).collect(),
            "lượng các tháng còn lại theo mùa vụ năm trước",
        ),
        None => (
            vec![mean(of_ended, months.len()); left.len()],
            "lượng các tháng còn lại bằng bình quân các tháng đã qua",
        ),
    };
    // What software declares of the month that is running is a part of what was expected of it.
    let running = total(&observed(&left));
    let to_come = left.iter().zip(expected).map(|(month, expected)| match sums.window.days_of(*month) {
        Some(days) => expected.map(|expected| rest(expected, whole(running), days)),
        None => expected,
    });
    let volume = to_come.reduce(|all, month| Some(all?.saturating_add(month?))).flatten();
    let Some(volume) = volume.filter(|volume| *volume > 0) else {
        NO_VOLUME.clone_into(&mut pace.projection_basis);
        return;
    };
    let so_far = of_ended.plus(running);
    pace.required = required(so_far, volume, reading.threshold);
    pace.required_display = pace.required.map_or(String::new(), Ratio::display_rounded_up);
    let last = months.len().min(input.plan.settings.projection_months.into());
    pace.projected = projected(so_far, total(&months[months.len() - last..]), volume);
    pace.projected_display =
        pace.projected.map_or(String::new(), |share| share.display(Some(reading.threshold)));
    pace.projection_basis = match pace.projected {
        Some(_) => format!("{volume_basis}; tỷ lệ như {last} tháng gần nhất đã kê khai"),
        None => volume_basis.to_owned(),
    };
}

fn total(months: &[Sum]) -> Sum {
    months.iter().fold(Sum::default(), |all, month| all.plus(*month))
}

/// What a running month still brings: what it lacks of what was expected of it, and at least what was expected of the days
/// that are left.
fn rest(expected: i128, so_far: i128, (passed, left): (u16, u16)) -> i128 {
    let of_days_left = expected.saturating_mul(left.into()) / i128::from(passed + left);
    expected.saturating_sub(so_far).max(of_days_left)
}

fn whole(sum: Sum) -> i128 {
    sum.cashless.saturating_add(sum.cash)
}

/// The observed sum of one month, and how many institutions are in it.
fn observed_in(
    measure: Measure,
    sums: &Sums<'_>,
    reading: &Reading<'_>,
    month: usize,
) -> (Option<Sum>, usize) {
    let (mut all, mut institutions) = (None, 0);
    for (number, _) in sums.members.iter().enumerate().filter(|(_, member)| reading.holds(member)) {
        let cell = sums.cells.get(number, month);
        if let Some(cash) = measure.cash(cell) {
            let sum = Sum { cashless: measure.cashless(cell), cash };
            all = Some(all.map_or(sum, |all: Sum| all.plus(sum)));
            institutions += 1;
        }
    }
    (all, institutions)
}

/// Last year's receipts, cashless and cash: in all months of the year that have ended by now, and in each that is left; if
/// nearly all institutions had declared each.
fn season(
    measure: Measure,
    sums: &Sums<'_>,
    reading: &Reading<'_>,
    (ended, left): (&[usize], &[usize]),
    percent: u8,
) -> Option<(i128, Vec<i128>)> {
    let volume = |month: &usize| {
        let active =
            sums.members.iter().filter(|member| member.active_months[*month] && reading.holds(member));
        let before = month.checked_sub(super::window::SEASON)?;
        let (sum, declared) = observed_in(measure, sums, reading, before);
        let is_declared = declared * 100 >= active.count() * usize::from(percent);
        sum.filter(|_| is_declared).map(whole)
    };
    let ended: Vec<i128> = ended.iter().map(volume).collect::<Option<_>>()?;
    let ended = ended.iter().fold(0i128, |all, month| all.saturating_add(*month));
    Some((ended, left.iter().map(volume).collect::<Option<_>>()?)).filter(|_| ended > 0)
}

/// What a month is expected to bring if it is to the ended ones as last year: a year in which less of the money was reported
/// tells the season all the same.
fn by_season(of_ended: Sum, ended: i128, left: i128) -> Option<i128> {
    let part = |number: i128| u128::try_from(number).ok();
    i128::try_from(multiply_divide(part(whole(of_ended))?, part(left)?, part(ended)?)?).ok()
}

fn mean(of_ended: Sum, months: usize) -> Option<i128> {
    let months = i128::try_from(months).ok().filter(|months| *months > 0)?;
    Some(whole(of_ended) / months)
}

/// The share of what is still to come with which the whole year just meets the threshold.
fn required(so_far: Sum, volume: i128, threshold: Threshold) -> Option<Ratio> {
    let needed = whole(so_far)
        .saturating_add(volume)
        .saturating_mul(threshold.numerator.into())
        .saturating_sub(so_far.cashless.saturating_mul(threshold.denominator.into()));
    Ratio::new(needed, volume.saturating_mul(threshold.denominator.into()))
}

/// The share of the whole year, if what is still to come has the share of the recent months.
fn projected(so_far: Sum, recent: Sum, volume: i128) -> Option<Ratio> {
    let share = recent.share()?;
    let part = |number: i128| u128::try_from(number).ok();
    let coming = multiply_divide(part(volume)?, part(share.numerator().max(0))?, part(share.denominator())?)?;
    let of_year = whole(so_far).saturating_add(volume);
    Ratio::new(so_far.cashless.saturating_add(i128::try_from(coming).ok()?), of_year)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Threshold = Threshold { numerator: 50, denominator: 100 };

    #[test]
    fn the_required_share_brings_the_year_exactly_to_the_threshold() {
        // 30 of 100 so far; with 100 to come, 70 of them make 100 of 200.
        let required = required(Sum { cashless: 30, cash: 70 }, 100, HALF).expect("a volume");
        assert_eq!(required.display_rounded_up(), "70.00");
    }

    #[test]
    fn the_required_share_is_above_one_when_it_cannot_be_reached_and_zero_when_it_is_safe() {
        let shown = |cashless, cash| {
            required(Sum { cashless, cash }, 10, HALF).expect("a volume").display_rounded_up()
        };
        assert_eq!(shown(0, 100), "550.00");
        assert_eq!(shown(100, 0), "0.00");
    }

    #[test]
    fn the_projection_goes_on_with_the_recent_share() {
        let projected = projected(Sum { cashless: 30, cash: 70 }, Sum { cashless: 3, cash: 1 }, 100);
        assert_eq!(projected, Ratio::new(105, 200));
    }

    #[test]
    fn institutions_that_are_still_needed_are_counted_up() {
        let at_least = |n, of| more_needed(Ratio::new(n, of).expect("some"), Comparator::AtLeast, HALF);
        assert_eq!((at_least(0, 3), at_least(1, 2), at_least(9, 10)), (Some(2), Some(0), Some(0)));
        let above = |n, of| more_needed(Ratio::new(n, of).expect("some"), Comparator::Above, HALF);
        assert_eq!((above(1, 2), above(1, 3)), (Some(1), Some(1)));
        let all = Threshold { numerator: 1, denominator: 1 };
        assert_eq!(more_needed(Ratio::new(1, 2).expect("some"), Comparator::Above, all), None);
    }
}
