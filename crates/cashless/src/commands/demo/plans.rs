//! The two shipped plans: put in force on the stage, and shown.

use anyhow::bail;
use cashless_domain::BusinessDate;
use cashless_evaluation::Plan;
use cashless_warehouse::{Applicant, TargetNow, Warehouse};

use super::screen::Line;
use super::targets::{Table, Titles, legend, wrap};
use crate::commands::year::replayed_now;

const DOCUMENTS: [&str; 2] = [
    include_str!("../../../../../deploy/plans/dn-2022.json"),
    include_str!("../../../../../deploy/plans/th-2022.json"),
];

/// The plans as they are shipped.
pub(super) fn shipped() -> anyhow::Result<Vec<Plan>> {
    let parse = |document: &str| match Plan::parse(document) {
        Ok(plan) => Ok(plan),
        Err(errors) => bail!("a shipped plan is not valid: {errors:?}"),
    };
    DOCUMENTS.into_iter().map(parse).collect()
}

/// The plans, and how their targets stood before the demo's own payments.
pub(super) struct Plans {
    plans: Vec<Plan>,
    before: Vec<TargetNow>,
    /// The replayed day.
    today: BusinessDate,
}

impl Plans {
    /// Puts both in force.
    pub(super) async fn apply(warehouse: &Warehouse, applicant: &Applicant) -> anyhow::Result<Self> {
        let plans = shipped()?;
        for (plan, document) in plans.iter().zip(DOCUMENTS) {
            warehouse.apply_plan(&plan.id, plan.version, document, applicant).await?;
        }
        Ok(Self { plans, before: Vec::new(), today: replayed_now()?.business_date() })
    }

    /// From here on movement is shown.
    pub(super) fn set_before(&mut self, targets: Vec<TargetNow>) {
        self.before = targets;
    }

    /// The replayed day, as officials write it.
    pub(super) fn day(&self) -> String {
        in_vietnamese(self.today)
    }

    /// A table a plan, and what their signs mean.
    pub(super) fn lines(&self, now: &[TargetNow], titles: Titles, width: usize) -> Vec<Line> {
        let mut lines = Vec::new();
        for plan in &self.plans {
            let of_plan: Vec<_> = now.iter().filter(|one| one.plan_id == plan.id).cloned().collect();
            if of_plan.is_empty() {
                continue;
            }
            let title = wrap(&plan.title_vi, width.saturating_sub(2));
            lines.extend(title.iter().map(|text| Line::new().bold(&format!("  {text}"))));
            let dates = wrap(&dates(plan, self.today), width.saturating_sub(2));
            lines.extend(dates.iter().map(|text| Line::new().plain(&format!("  {text}"))));
            lines.extend(Table { plan, now: &of_plan, before: &self.before, titles }.lines(width));
            lines.push(Line::new());
        }
        let months_left = now.iter().map(|one| one.months_left).max().unwrap_or_default();
        lines.extend(legend(&self.day(), months_left, titles, width));
        lines
    }
}

/// When the plan's figures are due, as its officials reckon: the day of the plan is too late.
fn dates(plan: &Plan, today: BusinessDate) -> String {
    let year = &plan.target_year.from.to_string()[..4];
    let mut due: Vec<&str> =
        plan.reporting.iter().flat_map(|line| &line.due_before).map(String::as_str).collect();
    due.sort_unstable();
    due.dedup();
    let last_days: Vec<BusinessDate> = (due.iter())
        .filter_map(|day| BusinessDate::parse(&format!("{year}-{day}")).ok())
        .map(|day| BusinessDate::from_days(day.days().saturating_sub(1)))
        .collect();
    let next = last_days.iter().find(|last| **last >= today).or(last_days.last());
    let next = next.map_or(String::new(), |last| {
        let distance = match (last.days().checked_sub(today.days()), today.days().abs_diff(last.days())) {
            (Some(0), _) => "hôm nay".to_owned(),
            (Some(_), days) => format!("còn {days} ngày"),
            (None, days) => format!("đã qua {days} ngày"),
        };
        let due = due.iter().map(|day| format!("{}/{}", &day[3..], &day[..2])).collect::<Vec<_>>();
        format!(
            " · báo cáo trước ngày {}; kỳ này hết ngày {}, {distance}",
            due.join(", "),
            in_vietnamese(*last)
        )
    });
    format!("Chốt số liệu hết ngày {}{next}", in_vietnamese(plan.reference_date))
}

/// A day as officials write it.
fn in_vietnamese(day: BusinessDate) -> String {
    day.to_string().split('-').rev().collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_due_on_the_day_before_the_plans() {
        let plans = shipped().expect("valid plans");
        let said = |today: &str| dates(&plans[1], BusinessDate::parse(today).expect("a day"));
        let passed =
            "Chốt số liệu hết ngày 31/12/2022 · báo cáo trước ngày 30/06, 20/12; kỳ này hết ngày 19/12/2022";
        assert_eq!(said("2022-12-20"), format!("{passed}, đã qua 1 ngày"));
        assert_eq!(said("2022-12-19"), format!("{passed}, hôm nay"));
        assert_eq!(said("2022-12-01"), format!("{passed}, còn 18 ngày"));
        assert!(said("2022-06-01").ends_with("kỳ này hết ngày 29/06/2022, còn 28 ngày"));
    }
}
