//! The rules of the classes: whole lists, versioned with the registry, so that one version says how figures were read.

use cashless_registry::{ClassRule, ClassRules};
use twox_hash::XxHash3_64;

use crate::Applicant;
use crate::client::{Question, Warehouse};
use crate::error::{Cause, Error};
use crate::native::BlockWriter;

impl Warehouse {
    /// The rules of the classes as they are now, or as they were at an earlier registry version, and that version.
    ///
    /// # Errors
    /// See [`Error`]; a [`Cause::NoRegistryVersion`] if there is no such version.
    pub async fn class_rules(&self, as_of: Option<u32>) -> Result<(u32, ClassRules), Error> {
        const WHAT: &str = "read the rules of the classes";
        let version = self.registry_version(WHAT, as_of).await?;
        let mut rules = Vec::new();
        let question =
            Question::new(WHAT, include_str!("queries/class_rules.sql")).with("registry_version", version);
        self.select(question, |block| {
            for row in 0..block.rows {
                let word = |position| block.strings(position)?.get(row);
                let words = [word(0)?, word(1)?, word(2)?, word(3)?, word(4)?, word(5)?];
                rules.push(ClassRule::from_words(words).map_err(|_| Cause::InvalidRow("rule of a class"))?);
            }
            Ok(())
        })
        .await?;
        Ok((version, ClassRules::from_stored(rules)))
    }

    /// Stores a list of rules under the next registry version and makes it visible for all days; gives that version. Until
    /// the last step nobody sees any of it. Rules that hold already change nothing.
    ///
    /// # Errors
    /// See [`Error`]; a [`Cause::RegistryMoved`] if another change than `base_version` came first.
    pub async fn apply_class_rules(
        &self,
        base_version: u32,
        rules: &ClassRules,
        applicant: &Applicant,
    ) -> Result<u32, Error> {
        const WHAT: &str = "apply rules of the classes";
        let (visible, _, used) = self.registry_versions(u32::MAX).await?;
        let moved = |found| Error::new(WHAT, Cause::RegistryMoved { planned: base_version, found });
        if visible != base_version {
            return Err(moved(visible));
        }
        let (_, current) = self.class_rules(None).await?;
        if current == *rules {
            return Ok(visible);
        }
        let version = used + 1;
        let digest = XxHash3_64::oneshot(format!("{rules:?}{applicant:?}").as_bytes());
        let at = applicant.at.as_micros();
        let rows = rules.rules().len();
        let each = || rules.rules().iter();
        let mut block = BlockWriter::new(rows, 120);
        block.fixed("registry_version", "UInt32", each().map(|_| version));
        block.fixed("digest", "UInt64", each().map(|_| digest));
        block.fixed("position", "UInt16", (1..).take(rows).map(|position: u16| position));
        let columns = ["kind", "counter_cash", "owner_known", "purpose", "evidence", "class"];
        for (position, column) in columns.into_iter().enumerate() {
            block.strings(column, each().map(|rule| rule.words()[position]));
        }
        block.fixed("recorded_at", "DateTime64(6)", each().map(|_| at));
        self.insert_block(WHAT, "INSERT INTO class_rules FORMAT Native", block.finish()).await?;

        let mut block = BlockWriter::new(1, 300);
        block.fixed("registry_version", "UInt32", [version].into_iter());
        block.fixed("digest", "UInt64", [digest].into_iter());
        block.fixed("applied_at", "DateTime64(6)", [at].into_iter());
        block.strings("applied_by", [applicant.by.as_str()].into_iter());
        block.strings("note", [applicant.note.as_str()].into_iter());
        self.insert_block(WHAT, "INSERT INTO registry_versions FORMAT Native", block.finish()).await?;
        // Of two who came at once, only the one whose digest stands is seen.
        let (found, standing, _) = self.registry_versions(u32::MAX).await?;
        if (found, standing) == (version, digest) { Ok(version) } else { Err(moved(found)) }
    }
}
