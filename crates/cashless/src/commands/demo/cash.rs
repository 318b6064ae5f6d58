//! Cash of the month that is replayed: while payments arrive, the institutions' software exports what it took at the counter.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cashless_domain::{BusinessDate, Timestamp};
use cashless_simulator::{Declarations, DeclaredMonth, Province};

use super::stage::Stage;

const EVERY: Duration = Duration::from_secs(3);

/// Who exports the running month, and what stands.
pub(super) struct Cash<'a> {
    stage: &'a Stage,
    province: &'a Province,
    month: BusinessDate,
    /// When the replay began, in its time and in ours.
    began: (Timestamp, Instant),
    exports: BTreeMap<String, DeclaredMonth>,
    /// Everything that was declared.
    declarations: Declarations,
}

impl<'a> Cash<'a> {
    pub(super) fn new(
        stage: &'a Stage,
        province: &'a Province,
        declarations: Declarations,
        month: BusinessDate,
        from: Timestamp,
    ) -> Self {
        let exports = declarations.exports_of(month, province);
        Self { stage, province, month, began: (from, Instant::now()), exports, declarations }
    }

    /// Exports every few seconds, until it is dropped.
    pub(super) async fn keep_exporting(&mut self) -> anyhow::Result<()> {
        loop {
            tokio::time::sleep(EVERY).await;
            self.export().await?;
        }
    }

    /// Exports the cash of every institution that has received payments since.
    pub(super) async fn export(&mut self) -> anyhow::Result<()> {
        let warehouse = &self.stage.warehouse;
        let registry_version = warehouse.input_marks().await?.registry_version;
        let (from, began) = self.began;
        let micros = from.as_micros() + i64::try_from(began.elapsed().as_micros())?;
        let now = Timestamp::from_micros(micros)?;
        let mut lines = Vec::new();
        for flow in warehouse.flows(registry_version, &[self.month]).await? {
            let net_dong = i64::try_from(flow.net_dong)?;
            let known = self.exports.get(&flow.institution_id).filter(|known| {
                known.exported.is_some_and(|(n, dong)| (n, dong) != (flow.n, net_dong.max(0)))
            });
            lines.extend(known.map(|known| known.grown_to(flow.n, net_dong, now)));
        }
        self.stage.declare(self.province, &lines).await?;
        for line in lines {
            self.exports.insert(self.province.institutions()[line.institution].id.clone(), line);
            self.declarations.lines.push(line);
        }
        Ok(())
    }

    /// Everything that was declared, and since.
    pub(super) fn declarations(&self) -> &Declarations {
        &self.declarations
    }
}
