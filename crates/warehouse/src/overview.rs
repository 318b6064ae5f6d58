//! Looks at everything at once, for comparisons and for people; never on the way of an event.

use cashless_domain::RecordFate;
use cashless_rollup::{Cell, CellKey};

use crate::block_rows::{Sources, from_code};
use crate::client::{Question, Warehouse};
use crate::error::Error;
use crate::ledger::StoredLedgerRow;
use crate::{cells, ledger};

/// An institution's counted payments and what stayed of them after refunds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstitutionTotal {
    /// Its id, or `UNKNOWN`.
    pub institution_id: String,
    /// Its name.
    pub name: String,
    /// Counted payments.
    pub payments: i64,
    /// Their dong less refunds.
    pub net_dong: i128,
}

impl Warehouse {
    /// How many facts there are of each source and fate: what the ledger says, once all of a batch is stored.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn facts_by_fate(&self) -> Result<Vec<((String, RecordFate), i64)>, Error> {
        let mut facts = Vec::new();
        let question = Question::new("count the facts", include_str!("queries/facts_by_fate.sql"));
        self.select(question, |block| {
            for row in 0..block.rows {
                let source = block.strings(0)?.get(row)?.to_owned();
                let fate = from_code(block.fixed::<i8>(1, "Enum8")?.get(row))?;
                facts.push(((source, fate), block.fixed::<i64>(2, "Int64")?.get(row)));
            }
            Ok(())
        })
        .await?;
        Ok(facts)
    }

    /// Every cell with its partition, empty ones too.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn every_cell(&self) -> Result<Vec<(u16, CellKey, Cell)>, Error> {
        let (mut rows, mut sources) = (Vec::new(), Sources::default());
        let question = Question::new("read every cell", include_str!("queries/every_cell.sql"));
        self.select(question, |block| cells::read(block, &mut sources, &mut rows)).await?;
        Ok(rows)
    }

    /// The ledger of all partitions.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn whole_ledger(&self) -> Result<Vec<StoredLedgerRow>, Error> {
        let (mut rows, mut sources) = (Vec::new(), Sources::default());
        let question = Question::new("read the whole ledger", include_str!("queries/whole_ledger.sql"));
        self.select(question, |block| ledger::read(block, &mut sources, &mut rows)).await?;
        Ok(rows)
    }

    /// The institutions that received most, by net dong.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn top_institutions(&self, limit: u32) -> Result<Vec<InstitutionTotal>, Error> {
        let mut totals = Vec::new();
        let question = Question::new("read top institutions", include_str!("queries/top_institutions.sql"))
            .with("limit", limit);
        self.select(question, |block| {
            let (ids, names) = (block.strings(0)?, block.strings(1)?);
            let (payments, net) = (block.fixed::<i64>(2, "Int64")?, block.fixed::<i128>(3, "Int128")?);
            for row in 0..block.rows {
                totals.push(InstitutionTotal {
                    institution_id: ids.get(row)?.to_owned(),
                    name: names.get(row)?.to_owned(),
                    payments: payments.get(row),
                    net_dong: net.get(row),
                });
            }
            Ok(())
        })
        .await?;
        Ok(totals)
    }
}
