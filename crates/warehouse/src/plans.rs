//! Plans: documents that are kept as they were applied. The content of a version never changes.

use cashless_domain::Timestamp;
use twox_hash::XxHash3_64;

use crate::client::{Question, Warehouse};
use crate::error::{Cause, Error};
use crate::native::BlockWriter;
use crate::registry::Applicant;

/// A version of a plan as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPlan {
    /// Id of the plan.
    pub plan_id: String,
    /// Version.
    pub plan_version: u32,
    /// The plan file as it was applied.
    pub document: String,
    /// Whether the tracker evaluates it.
    pub is_active: bool,
    /// Who applied or retired it, why and when.
    pub applicant: Applicant,
}

impl StoredPlan {
    /// Digest of the document.
    #[must_use]
    pub fn digest(&self) -> u64 {
        XxHash3_64::oneshot(self.document.as_bytes())
    }
}

impl Warehouse {
    /// Every version of every plan, by id and version.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn plans(&self) -> Result<Vec<StoredPlan>, Error> {
        let mut plans = Vec::new();
        let question = Question::new("read the plans", include_str!("queries/plans.sql"));
        self.select(question, |block| {
            for row in 0..block.rows {
                let text = |position| Ok::<_, Cause>(block.strings(position)?.get(row)?.to_owned());
                let micros = block.fixed::<i64>(5, "DateTime64(6)")?.get(row);
                let at = Timestamp::from_micros(micros).map_err(|_| Cause::InvalidRow("time"))?;
                let plan = StoredPlan {
                    plan_id: text(0)?,
                    plan_version: block.fixed::<u32>(1, "UInt32")?.get(row),
                    document: text(3)?,
                    is_active: block.fixed::<u8>(4, "UInt8")?.get(row) != 0,
                    applicant: Applicant { at, by: text(6)?, note: text(7)? },
                };
                if plan.digest() != block.fixed::<u64>(2, "UInt64")?.get(row) {
                    return Err(Cause::InvalidRow("document of a plan"));
                }
                plans.push(plan);
            }
            Ok(())
        })
        .await?;
        Ok(plans)
    }

    /// The versions that are evaluated: one of a plan at most, the highest if two were applied at the same moment.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn active_plans(&self) -> Result<Vec<StoredPlan>, Error> {
        let mut active: Vec<StoredPlan> = Vec::new();
        for plan in self.plans().await?.into_iter().filter(|plan| plan.is_active) {
            match active.last_mut() {
                Some(last) if last.plan_id == plan.plan_id => *last = plan,
                _ => active.push(plan),
            }
        }
        Ok(active)
    }

    /// Stores a version of a plan and makes it the active one. Repeating it changes nothing but who, why and when.
    ///
    /// # Errors
    /// See [`Error`]; a [`Cause::PlanDiffers`] if the version is stored with another document.
    pub async fn apply_plan(
        &self,
        plan_id: &str,
        plan_version: u32,
        document: &str,
        applicant: &Applicant,
    ) -> Result<(), Error> {
        const WHAT: &str = "apply a plan";
        let applied = StoredPlan {
            plan_id: plan_id.to_owned(),
            plan_version,
            document: document.to_owned(),
            is_active: true,
            applicant: applicant.clone(),
        };
        // All versions of the plan in one block: there is no moment with two active ones, or none.
        let mut rows = vec![applied];
        for plan in self.plans().await?.into_iter().filter(|plan| plan.plan_id == plan_id) {
            if plan.plan_version != plan_version {
                if plan.is_active {
                    rows.push(StoredPlan { is_active: false, ..plan });
                }
            } else if plan.document != document {
                let (plan_id, plan_version) = (plan.plan_id, plan.plan_version);
                return Err(Error::new(WHAT, Cause::PlanDiffers { plan_id, plan_version }));
            }
        }
        self.insert_plans(WHAT, &rows, applicant).await
    }

    /// Ends the evaluation of a plan; says which version that was. What was appended stays.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn retire_plan(&self, plan_id: &str, applicant: &Applicant) -> Result<Option<u32>, Error> {
        let active = self.plans().await?.into_iter().filter(|plan| plan.plan_id == plan_id && plan.is_active);
        let rows: Vec<_> = active.map(|plan| StoredPlan { is_active: false, ..plan }).collect();
        let Some(last) = rows.last().map(|plan| plan.plan_version) else { return Ok(None) };
        self.insert_plans("retire a plan", &rows, applicant).await?;
        Ok(Some(last))
    }

    async fn insert_plans(
        &self,
        what: &'static str,
        rows: &[StoredPlan],
        applicant: &Applicant,
    ) -> Result<(), Error> {
        let mut block = BlockWriter::new(rows.len(), 20_000);
        block.strings("plan_id", rows.iter().map(|plan| plan.plan_id.as_str()));
        block.fixed("plan_version", "UInt32", rows.iter().map(|plan| plan.plan_version));
        block.fixed("digest", "UInt64", rows.iter().map(StoredPlan::digest));
        block.strings("document", rows.iter().map(|plan| plan.document.as_str()));
        block.fixed("is_active", "UInt8", rows.iter().map(|plan| u8::from(plan.is_active)));
        block.fixed("applied_at", "DateTime64(6)", rows.iter().map(|_| applicant.at.as_micros()));
        block.strings("applied_by", rows.iter().map(|_| applicant.by.as_str()));
        block.strings("note", rows.iter().map(|_| applicant.note.as_str()));
        self.insert_block(what, "INSERT INTO plans FORMAT Native", block.finish()).await
    }
}
