//! What the tests of every provider begin with.

use cashless_domain::{AmountDong, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{Adapter, Announcement, Composed, Delivery, Happening, Statement};

pub(crate) fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-09-10T12:00:00+07:00").expect("a time")
}

pub(crate) fn announcement(happening: Happening) -> Announcement<'static> {
    Announcement {
        happening,
        number: 4_211_977,
        bank_reference: "FT26253012345678",
        account: "0011223344",
        virtual_account: None,
        amount: AmountDong::new(350_000).expect("an amount"),
        occurred_at: Timestamp::parse_rfc3339("2026-09-10T11:59:58+07:00").expect("a time"),
        payer_name: Some("NGUYEN VAN VI DU"),
        payer_account: Some("1029384756"),
        reason: "HP26A00123 nop hoc phi",
        invoice: Some("HP26A00123"),
    }
}

pub(crate) fn headers(composed: &Composed) -> HeaderMap {
    let pairs = composed.headers.iter();
    pairs
        .map(|(name, value)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value of a header"))
        })
        .collect()
}

pub(crate) fn delivery<'d>(composed: &'d Composed, headers: &'d HeaderMap) -> Delivery<'d> {
    Delivery {
        verb: composed.verb,
        path: composed.path,
        query: &composed.query,
        headers,
        body: &composed.body,
        peer: None,
    }
}

/// The one statement of a request that the adapter has to believe.
pub(crate) fn statement(adapter: &dyn Adapter, composed: &Composed, now: Timestamp) -> Statement<'static> {
    let headers = headers(composed);
    let statements = adapter.statements(&delivery(composed, &headers), now);
    let mut statements = statements.unwrap_or_else(|refused| panic!("{refused}"));
    assert_eq!(statements.len(), 1);
    statements.remove(0).unwrap_or_else(|rejection| panic!("{rejection}"))
}
