//! What the tests of every provider begin with.

use cashless_domain::{AmountDong, IdKey, PaymentEvent, PersonKeys, SourceClass, SourceId, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    Adapter, Announcement, CodePatterns, Composed, Content, Context, Delivery, DigestKeys, Happening,
    MergeBy, ReceiverRule, Receivers, Refused, Rejection, Said, Source, Statement,
};

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

/// The event that such a request becomes at a source that may report any merchant.
pub(crate) fn event(adapter: &dyn Adapter, composed: &Composed, now: Timestamp) -> PaymentEvent {
    let source = Source {
        id: SourceId::new("example").expect("a name"),
        class: SourceClass::Intermediary,
        merge_by: MergeBy::TransactionId,
        id_scope: "example".to_owned(),
        merchant_scope: "example".to_owned(),
        receivers: Receivers::new([ReceiverRule::AnyMerchant]),
        invoice_codes: CodePatterns::default(),
    };
    let keys = DigestKeys { ids: IdKey::new(&[1; 32]).expect("a key"), persons: PersonKeys::default() };
    let context = Context { source: &source, keys: &keys, received_at: now };
    let headers = headers(composed);
    let received = adapter.receive(&delivery(composed, &headers), &context);
    let Content::Items(normalized) = received.unwrap_or_else(|refused| panic!("{refused}")).content else {
        panic!("items")
    };
    let outcome = normalized.items().first().map(|item| item.outcome.clone());
    outcome.expect("an item").unwrap_or_else(|rejection| panic!("{rejection}"))
}

/// Why a request is not believed, or why its statement cannot be used.
pub(crate) fn fault(
    adapter: &dyn Adapter,
    composed: &Composed,
    now: Timestamp,
) -> Result<Rejection, Refused> {
    let headers = headers(composed);
    let mut statements = adapter.statements(&delivery(composed, &headers), now)?;
    Ok(statements.remove(0).expect_err("a statement that cannot be used"))
}

/// Every state that a format can tell says again what was announced, under one key now and a year later. Whatever else
/// happens it cannot say. Gives the statements, in the order of the states.
pub(crate) fn told_again(
    adapter: &dyn Adapter,
    record: &str,
    states: &[(Happening, Said<'_>, Option<&str>)],
) -> Vec<Statement<'static>> {
    let a_year_later = Timestamp::parse_rfc3339("2027-09-10T12:00:00+07:00").expect("a time");
    let compose = |happening| adapter.compose(&announcement(happening), now());
    let key = event(adapter, &compose(Happening::Paid).expect("every provider tells of payments"), now()).key;
    for happening in [Happening::PaidOut, Happening::Failed, Happening::Pending, Happening::Test] {
        let is_told = states.iter().any(|(told, ..)| *told == happening);
        assert_eq!(compose(happening).is_some(), is_told, "{happening:?}");
    }
    let told = |(happening, said, state): &(Happening, Said<'_>, Option<&str>)| {
        let composed = compose(*happening).expect("checked above");
        let statement = statement(adapter, &composed, now());
        assert_eq!((&statement.said, statement.state.as_deref()), (said, *state));
        assert_eq!(statement.record, record);
        let announced = announcement(*happening);
        assert_eq!(statement.amount, Some(announced.amount));
        assert_eq!(statement.invoice.as_deref(), announced.invoice);
        for at in [now(), a_year_later] {
            assert_eq!(event(adapter, &composed, at).key, key);
        }
        statement
    };
    states.iter().map(told).collect()
}
