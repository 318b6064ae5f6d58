//! The two shipped plans: put in force on the stage, and shown.

use anyhow::bail;
use cashless_domain::BusinessDate;
use cashless_evaluation::Plan;
use cashless_warehouse::{Applicant, TargetNow, Warehouse};

use super::screen::Line;
use super::targets::{Table, Titles, in_vietnamese, legend};
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
            let (before, today) = (self.before.as_slice(), self.today);
            lines.extend(Table { plan, now: &of_plan, before, titles, today }.lines(width));
            lines.push(Line::new());
        }
        let months_left = now.iter().map(|one| one.months_left).max().unwrap_or_default();
        lines.extend(legend(&self.day(), months_left, titles, width));
        lines
    }
}
