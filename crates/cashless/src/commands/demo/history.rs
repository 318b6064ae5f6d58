//! Posting the year before the demo, with a bar.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::bail;
use cashless_simulator::{Delivery, PostReport, Poster, PosterConfig, Progress, Province};
use cashless_warehouse::Warehouse;

use super::screen::{Screen, dotted};
use super::stage::Roles;

/// Large bodies: a few connections keep the collector busy.
const CONNECTIONS: usize = 8;
const LOOK_EVERY: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(120);

/// Posts the deliveries as fast as they are answered, until everything accepted is visible. Says how many events that
/// are.
pub(super) async fn post(
    screen: &mut Screen,
    warehouse: &Warehouse,
    roles: &Roles,
    province: &Province,
    deliveries: Vec<Delivery>,
) -> anyhow::Result<(PostReport, u64)> {
    let expected: u64 = deliveries.iter().map(|delivery| u64::from(delivery.expected.accepted)).sum();
    let config = PosterConfig { connections: CONNECTIONS, ..PosterConfig::new(roles.webhooks) };
    let (progress, poster) = (Arc::new(Progress::default()), Poster::new(config, province));
    let (of_poster, count) = (Arc::clone(&progress), deliveries.len());
    let posting = tokio::spawn(async move { poster.run(deliveries.into_iter(), of_poster).await });
    let (mut last, mut changed_at) = (0, Instant::now());
    loop {
        let visible = events(warehouse).await?;
        screen.bar(
            &format!(
                "năm 2022   {} / {} yêu cầu đã trả lời   {} / {} sự kiện đã vào số liệu",
                dotted(progress.answered.load(Ordering::Relaxed).into()),
                dotted(i128::try_from(count)?),
                dotted(visible.into()),
                dotted(expected.into()),
            ),
            visible,
            expected,
        );
        if visible != last {
            (last, changed_at) = (visible, Instant::now());
        }
        if posting.is_finished() && visible >= expected {
            break;
        }
        if changed_at.elapsed() > PATIENCE || roles.ended() {
            bail!("{visible} of {expected} statements of the year before became visible");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let (report, _) = posting.await?;
    screen.keep();
    Ok((report, last))
}

/// How many events the ledger counts.
pub(super) async fn events(warehouse: &Warehouse) -> anyhow::Result<u64> {
    Ok(warehouse.whole_ledger().await?.iter().flat_map(|stored| stored.row.events).sum())
}
