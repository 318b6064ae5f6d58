//! The truth as others read it: by digest, by name, and as JSON lines.

use std::collections::BTreeMap;
use std::io::{self, Write};

use cashless_domain::{
    AccountId, BusinessDate, Evidence, IdKey, IdentifierId, Kind, Method, RecordFate, SourceId,
};
use serde_json::json;

use crate::identifiers::PlainIdentifier;
use crate::truth::{CellKey, CellSums, InstitutionKey, InstitutionSums, ItemFate, Tally, TrueLedger};

/// The key of a cell as the warehouse has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DigestedCellKey {
    /// Local day on which the money arrived.
    pub business_date: BusinessDate,
    /// The receiving account.
    pub account: AccountId,
    /// What the registry resolves.
    pub identifier: IdentifierId,
    /// Who told of it.
    pub source: SourceId,
    /// How it was paid.
    pub method: Method,
    /// What it is.
    pub kind: Kind,
    /// What ties it to a service.
    pub evidence: Evidence,
}

/// The name under which deliveries of no source are counted.
pub const NO_SOURCE: &str = "nobody";

impl ItemFate {
    /// Fate and reason as words.
    #[must_use]
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Accepted => ("accepted", ""),
            Self::AcceptedNoMoney => ("accepted", "no_money"),
            Self::DeadLettered(reason) => ("dead_lettered", reason.name()),
            Self::Refused(reason) => ("refused", reason.name()),
        }
    }
}

impl TrueLedger {
    /// Every cell under the digests of `key`.
    #[must_use]
    pub fn cells(&self, key: &IdKey) -> BTreeMap<DigestedCellKey, CellSums> {
        // An identifier stands in many cells; digesting is the slow part.
        let mut digests = vec![None; self.province.identifiers.len()];
        let mut cells = BTreeMap::new();
        for (cell, sums) in &self.cells {
            let [identifier, account] = [cell.identifier, cell.account].map(|position| position as usize);
            let plain = &self.province.identifiers;
            let identifier = *digests[identifier].get_or_insert_with(|| plain[identifier].identifier(key));
            let account = match digests[account] {
                Some(IdentifierId(digest)) => AccountId(digest),
                None => {
                    let digest = plain[account].account(key);
                    digests[account] = Some(digest.into());
                    digest
                }
            };
            let cell = DigestedCellKey {
                business_date: cell.business_date,
                account,
                identifier,
                source: self.province.sources[usize::from(cell.source)].id.clone(),
                method: cell.method,
                kind: cell.kind,
                evidence: cell.evidence,
            };
            cells.insert(cell, *sums);
        }
        cells
    }

    /// Every cell by positions in the province, in the order of its key.
    #[must_use]
    pub fn plain_cells(&self) -> BTreeMap<CellKey, CellSums> {
        self.cells.iter().map(|(key, sums)| (*key, *sums)).collect()
    }

    /// Every row by institution, in the order of its key.
    #[must_use]
    pub fn institution_rows(&self) -> BTreeMap<InstitutionKey, InstitutionSums> {
        self.institutions.iter().map(|(key, sums)| (*key, *sums)).collect()
    }

    /// Counted payments and dong that may be second reports of others, by institution and day. There are none before the
    /// truth is [`reviewed`](Self::reviewed).
    #[must_use]
    pub fn ambiguous_rows(&self) -> BTreeMap<(usize, BusinessDate), (i64, i64)> {
        self.ambiguous.iter().map(|(key, sums)| (*key, *sums)).collect()
    }

    /// Records by source and fate. Each record is in exactly one.
    #[must_use]
    pub fn record_fates(&self) -> BTreeMap<(String, &'static str), Tally> {
        let name = |(source, fate): &(u8, RecordFate)| (self.source_name(*source), fate.name());
        self.records.iter().map(|(key, tally)| (name(key), *tally)).collect()
    }

    /// Items by source, fate and reason; refused deliveries count once, however many items they hold.
    #[must_use]
    pub fn item_fates(&self) -> BTreeMap<(String, &'static str, &'static str), i64> {
        let mut fates = BTreeMap::new();
        for ((source, fate), n) in &self.items {
            let nobody = *fate == ItemFate::Refused(cashless_domain::RefusalReason::UnknownSource);
            let source = if nobody { NO_SOURCE.to_owned() } else { self.source_name(*source) };
            let (name, reason) = fate.names();
            *fates.entry((source, name, reason)).or_default() += n;
        }
        fates
    }

    /// How many deliveries the stream had, re-sent ones included.
    #[must_use]
    pub fn deliveries(&self) -> i64 {
        self.deliveries
    }

    /// The identifier at a position of a [`CellKey`].
    #[must_use]
    pub fn identifier(&self, position: u32) -> &PlainIdentifier {
        &self.province.identifiers[position as usize]
    }

    /// The institution's id in the registry, or `UNKNOWN`.
    #[must_use]
    pub fn institution_id(&self, institution: Option<usize>) -> &str {
        institution.map_or("UNKNOWN", |position| &self.province.institutions[position].id)
    }

    fn source_name(&self, source: u8) -> String {
        self.province.sources[usize::from(source)].id.to_string()
    }

    /// Writes the whole truth as JSON lines: `cell`, `institution`, `record_fate`, `item_fate`, each in the
    /// order of its key, so that equal truths are equal files.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_json_lines(&self, out: &mut impl Write) -> io::Result<()> {
        for (key, sums) in self.plain_cells() {
            let [identifier, account] = [key.identifier, key.account].map(|position| {
                let plain = self.identifier(position);
                json!([plain.kind.name(), plain.provider, plain.value])
            });
            let line = json!({"cell": {
                "business_date": key.business_date.to_string(), "identifier": identifier, "account": account,
                "source": self.source_name(key.source), "method": key.method.name(), "kind": key.kind.name(),
                "evidence": key.evidence.0, "sums": sums,
            }});
            writeln!(out, "{line}")?;
        }
        for (key, sums) in self.institution_rows() {
            let line = json!({"institution": {
                "business_date": key.business_date.to_string(), "institution_id": self.institution_id(key.institution),
                "source": self.source_name(key.source), "method": key.method.name(), "class": key.class,
                "sums": sums, "net_dong": sums.net_dong(),
            }});
            writeln!(out, "{line}")?;
        }
        for ((source, fate), tally) in self.record_fates() {
            writeln!(out, "{}", json!({"record_fate": {"source": source, "fate": fate, "tally": tally}}))?;
        }
        for ((source, fate, reason), n) in self.item_fates() {
            let line = json!({"item_fate": {"source": source, "fate": fate, "reason": reason, "n": n}});
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}
