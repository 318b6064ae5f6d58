//! Signed webhooks, rendered to the last byte before anything is measured.

use std::fmt::Write as _;
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use cashless_domain::Timestamp;
use cashless_simulator::{Clock, Delivery, Parameters, Province, Scenario};

use crate::commands::simulate::now;

/// Payments happened on the day before the run, so that none lies in the future.
const DAY_MICROS: i64 = 86_400_000_000;

/// Deliveries of one settled payment each, from sources that sign with a shared secret (`v1`, HMAC-SHA-256).
pub(crate) struct Pool {
    province: Arc<Province>,
    deliveries: Vec<Delivery>,
}

impl Pool {
    pub(crate) fn invent(province: &Arc<Province>, count: usize) -> anyhow::Result<Self> {
        let base = Timestamp::from_micros(now()?.as_micros() - DAY_MICROS)?;
        let clock = Clock::Live { base, payments: u64::MAX, rate: 1_000.0 };
        let scenario = Scenario::new(Arc::clone(province), Parameters::clean(), clock, 1);
        let is_signed_by_secret = |delivery: &Delivery| {
            province.sources()[delivery.source].key().is_some_and(|key| key.shared_secret().is_some())
        };
        let deliveries = scenario
            .filter(|delivery| delivery.expected.accepted == 1 && is_signed_by_secret(delivery))
            .take(count)
            .collect();
        Ok(Self { province: Arc::clone(province), deliveries })
    }

    /// Every request as it goes over the wire. Signatures age, so render anew for each pair of rounds.
    pub(crate) fn render(&self) -> anyhow::Result<Arc<[Bytes]>> {
        let now_s = now()?.as_micros() / 1_000_000;
        self.deliveries.iter().map(|delivery| self.render_one(delivery, now_s)).collect()
    }

    fn render_one(&self, delivery: &Delivery, now_s: i64) -> anyhow::Result<Bytes> {
        let Delivery { webhook_id, body, .. } = delivery;
        let source = &self.province.sources()[delivery.source];
        let key = source.key().context("a source that signs")?;
        let signature = key.sign(webhook_id, now_s, body);
        let mut head = String::with_capacity(512);
        write!(
            head,
            "POST /v1/webhooks/{} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nwebhook-id: {webhook_id}\r\nwebhook-timestamp: {now_s}\r\n\
             webhook-signature: {signature}\r\n\r\n",
            source.id,
            body.len(),
        )?;
        Ok([head.as_bytes(), body].concat().into())
    }
}
