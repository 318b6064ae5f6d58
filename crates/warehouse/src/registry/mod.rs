//! The registry's rows: bitemporal, made visible by the row of their version, which is written last.

mod load;
mod store;

use std::collections::BTreeMap;

use cashless_domain::Timestamp;
use cashless_registry::{Plan, Registry};
use twox_hash::XxHash3_64;

use self::load::{Line, Loaded};
use self::store::Stamp;
use crate::client::{Question, Warehouse};
use crate::error::{Cause, Error};

/// The registry as a version shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRegistry {
    /// The highest visible version, 0 before the first.
    pub version: u32,
    /// Its rows.
    pub registry: Registry,
}

/// Who changes the registry, why and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// Who.
    pub by: String,
    /// Why.
    pub note: String,
    /// When.
    pub at: Timestamp,
}

/// A visible version of the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryChange {
    /// It.
    pub version: u32,
    /// Who made it, why and when.
    pub applicant: Applicant,
}

impl Warehouse {
    /// The registry as it is now, or as it was at an earlier version.
    ///
    /// # Errors
    /// See [`Error`]; a [`Cause::NoRegistryVersion`] if there is no such version.
    pub async fn registry(&self, as_of: Option<u32>) -> Result<StoredRegistry, Error> {
        let version = self.registry_version("read the registry", as_of).await?;
        let registry = Registry {
            institutions: self.registry_rows(include_str!("../queries/institutions.sql"), version).await?,
            identifiers: self.registry_rows(include_str!("../queries/identifiers.sql"), version).await?,
            units: self.registry_rows(include_str!("../queries/units.sql"), version).await?,
            attributes: self
                .registry_rows(include_str!("../queries/institution_attributes.sql"), version)
                .await?,
            connections: self.registry_rows(include_str!("../queries/connections.sql"), version).await?,
            payer_accounts: self
                .registry_rows(include_str!("../queries/payer_accounts.sql"), version)
                .await?,
            successions: self.registry_rows(include_str!("../queries/successions.sql"), version).await?,
            indicators: self.registry_rows(include_str!("../queries/indicators.sql"), version).await?,
        };
        Ok(StoredRegistry { version, registry })
    }

    /// The rows of one kind by key, in the order of their days.
    async fn registry_rows<R: Loaded>(
        &self,
        sql: &'static str,
        as_of: u32,
    ) -> Result<BTreeMap<R::Key, Vec<R>>, Error> {
        let mut rows: BTreeMap<R::Key, Vec<R>> = BTreeMap::new();
        let question = Question::new("read the registry", sql).with("registry_version", as_of);
        self.select(question, |block| {
            for row in 0..block.rows {
                let (key, loaded) = R::load(&Line { block, row })?;
                rows.entry(key).or_default().push(loaded);
            }
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    /// Who changed the registry, in the order of the versions, up to one.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn registry_changes(&self, as_of: Option<u32>) -> Result<Vec<RegistryChange>, Error> {
        let mut changes = Vec::new();
        let question =
            Question::new("read registry versions", include_str!("../queries/registry_changes.sql"))
                .with("registry_version", as_of.unwrap_or(u32::MAX));
        self.select(question, |block| {
            for row in 0..block.rows {
                let line = Line { block, row };
                let at = Timestamp::from_micros(block.fixed::<i64>(1, "DateTime64(6)")?.get(row));
                let applicant = Applicant {
                    by: line.text(2)?,
                    note: line.text(3)?,
                    at: at.map_err(|_| Cause::InvalidRow("time of a registry version"))?,
                };
                changes.push(RegistryChange { version: line.number(0)?, applicant });
            }
            Ok(())
        })
        .await?;
        Ok(changes)
    }

    /// Stores a plan under the next version and makes it visible; gives that version. Until the last step nobody sees any
    /// of it, and what a broken attempt leaves behind is never seen. An empty plan changes nothing.
    ///
    /// # Errors
    /// See [`Error`]; a [`Cause::RegistryMoved`] if another change came first.
    pub async fn apply_registry(&self, plan: &Plan, applicant: &Applicant) -> Result<u32, Error> {
        const WHAT: &str = "apply a registry change";
        let (visible, _, used) = self.registry_versions(u32::MAX).await?;
        let moved = |found| Error::new(WHAT, Cause::RegistryMoved { planned: plan.base_version, found });
        if visible != plan.base_version {
            return Err(moved(visible));
        }
        if plan.is_empty() {
            return Ok(visible);
        }
        // Above every version that a broken attempt may have left rows of.
        let version = used + 1;
        let digest = XxHash3_64::oneshot(format!("{plan:?}{applicant:?}").as_bytes());
        let stamp = Stamp { version, digest, at: applicant.at };
        for (sql, block) in stamp.blocks(plan) {
            self.insert_block(WHAT, sql, block).await?;
        }
        self.insert_block(
            WHAT,
            "INSERT INTO registry_versions FORMAT Native",
            stamp.version(plan, applicant),
        )
        .await?;
        // Of two who came at once, only the one whose digest stands is seen.
        let (found, standing, _) = self.registry_versions(u32::MAX).await?;
        if (found, standing) == (version, digest) { Ok(version) } else { Err(moved(found)) }
    }

    /// The version that is asked for, or the highest visible one. Version 0 is what was before the first change.
    pub(crate) async fn registry_version(
        &self,
        what: &'static str,
        as_of: Option<u32>,
    ) -> Result<u32, Error> {
        let (newest, _, _) = self.registry_versions(u32::MAX).await?;
        let Some(asked) = as_of else { return Ok(newest) };
        let (found, _, _) = self.registry_versions(asked).await?;
        if found == asked {
            Ok(asked)
        } else {
            Err(Error::new(what, Cause::NoRegistryVersion { asked, newest }))
        }
    }

    /// The highest visible version up to one, its digest, and the highest version that any row has.
    pub(crate) async fn registry_versions(&self, as_of: u32) -> Result<(u32, u64, u32), Error> {
        let mut found = (0, 0, 0);
        let question =
            Question::new("read registry versions", include_str!("../queries/registry_versions.sql"))
                .with("registry_version", as_of);
        self.select(question, |block| {
            if block.rows > 0 {
                let version = |position| Ok::<_, Cause>(block.fixed::<u32>(position, "UInt32")?.get(0));
                found = (version(0)?, block.fixed::<u64>(1, "UInt64")?.get(0), version(2)?);
            }
            Ok(())
        })
        .await?;
        Ok(found)
    }
}
