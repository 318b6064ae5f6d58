//! The figures of a system against the truth, and against each other.

use std::collections::BTreeMap;

use cashless::comparison::compare;
use cashless_domain::RecordFate;
use cashless_simulator::TrueLedger;

use super::System;

const DIFFERENCES_SHOWN: usize = 10;

impl System {
    /// Waits until everything in the log is stored; then every figure is the true one, and all agree.
    pub(crate) async fn assert_true(&self, truth: &TrueLedger) {
        self.settled().await;
        let comparison = compare(&self.warehouse, truth, &self.id_key).await.expect("the warehouse answers");
        assert!(comparison.cells > 0, "nothing was compared");
        let shown = &comparison.differences[..comparison.differences.len().min(DIFFERENCES_SHOWN)];
        assert!(comparison.is_equal(), "{} figures are not true: {shown:#?}", comparison.differences.len());
        self.assert_reconciled().await;
    }

    /// Every event of the log is in the ledger, and ledger, facts and cells say the same.
    pub(crate) async fn assert_reconciled(&self) {
        let ledger = self.warehouse.whole_ledger().await.expect("the warehouse answers");
        let mut events = vec![0; usize::from(self.partitions)];
        let mut records = BTreeMap::new();
        for stored in &ledger {
            events[usize::from(stored.key.partition)] +=
                i64::try_from(stored.row.events.iter().sum::<u64>()).expect("few");
            for fate in RecordFate::ALL {
                let totals = stored.row.records(*fate);
                let sum: &mut (i64, i128) =
                    records.entry((stored.key.source.to_string(), fate.name().to_owned())).or_default();
                *sum = (sum.0 + totals.records, sum.1 + totals.dong);
            }
        }
        assert_eq!(
            events,
            self.ends().expect("Kafka answers"),
            "events in the ledger against the log's next offsets"
        );

        let sql =
            "SELECT source, fate, count(), sum(amount_dong) FROM payments FINAL GROUP BY ALL ORDER BY ALL";
        let facts: BTreeMap<_, _> = self
            .rows(sql)
            .into_iter()
            .map(|[source, fate, n, dong]| {
                ((source, fate), (n.parse().expect("a number"), dong.parse().expect("a number")))
            })
            .collect();
        records.retain(|_, sum| *sum != (0, 0));
        assert_eq!(records, facts, "the ledger against the facts, by source and fate");

        let by_date = "business_date,
            sumIf(1, fate IN ('counted', 'excluded')), sumIf(amount_dong, fate IN ('counted', 'excluded')),
            sumIf(1, fate = 'refunded'), sumIf(amount_dong, fate = 'refunded'),
            sumIf(1, fate = 'merged'), sumIf(amount_dong, fate = 'merged'),
            sumIf(1, fate = 'voided'), sumIf(amount_dong, fate = 'voided')";
        let facts = self.rows::<9>(&format!(
            "SELECT {by_date} FROM payments FINAL WHERE fate != 'unsettled' GROUP BY business_date ORDER BY business_date"
        ));
        let sums = "sum(n), sum(gross_dong), sum(refunds_n), sum(refunds_dong), sum(merged_n), sum(merged_dong), \
                    sum(voided_n), sum(voided_dong)";
        let cells = self.rows::<9>(&format!(
            "SELECT business_date, {sums} FROM account_daily FINAL GROUP BY business_date
             HAVING sum(n) + sum(refunds_n) + sum(merged_n) + sum(voided_n) > 0 ORDER BY business_date"
        ));
        assert_eq!(facts, cells, "the facts against the cells, by day");
    }
}
