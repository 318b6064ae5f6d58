//! What holds for every provider of the table: keys that never move, answers that never lie, and no way around proof.

use std::collections::HashSet;
use std::sync::Arc;

use cashless_domain::{
    AmountDong, EventKey, IdKey, PaymentEvent, PersonKeys, SourceClass, SourceId, Status, Timestamp,
};
use cashless_providers::{
    Adapter, Announcement, Answered, CodePatterns, Composed, Content, Context, Delivery, DigestKeys,
    Happening, MergeBy, Normalized, Outcome, PROVIDERS, Provider, ReceiverRule, Receivers, Refused, Reply,
    Source,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

const HAPPENINGS: [Happening; 5] =
    [Happening::Paid, Happening::PaidOut, Happening::Failed, Happening::Pending, Happening::Test];
/// The ones whose signature covers the time of sending.
const SIGN_A_TIME: [&str; 3] = ["standard-webhooks", "casso", "sepay"];

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("a time")
}

fn now() -> Timestamp {
    at("2026-09-10T12:00:00+07:00")
}

fn announcement(happening: Happening) -> Announcement<'static> {
    Announcement {
        happening,
        number: 4_211_977,
        bank_reference: "FT26253012345678",
        account: "0011223344",
        virtual_account: None,
        amount: AmountDong::new(350_000).expect("an amount"),
        occurred_at: at("2026-09-10T11:59:58+07:00"),
        payer_name: Some("NGUYEN VAN VI DU"),
        payer_account: Some("84900000001"),
        reason: "HP26A00123 nop hoc phi",
        invoice: Some("HP26A00123"),
    }
}

fn example(provider: &Provider) -> Value {
    serde_json::from_str(provider.example).unwrap_or_else(|error| panic!("{provider:?}: {error}"))
}

fn adapter(provider: &Provider, settings: Value) -> Arc<dyn Adapter> {
    (provider.configure)(settings).unwrap_or_else(|problem| panic!("{provider:?}: {problem}"))
}

fn receive(
    provider: &Provider,
    adapter: &dyn Adapter,
    composed: &Composed,
    now: Timestamp,
) -> (Result<Normalized, Refused>, Reply) {
    let source = Source {
        id: SourceId::new("example").expect("a name"),
        class: SourceClass::Intermediary,
        merge_by: provider.merge_by.unwrap_or(MergeBy::BankReference),
        id_scope: "scope".to_owned(),
        merchant_scope: "merchants".to_owned(),
        receivers: Receivers::new([
            ReceiverRule::Bank { bank: "970436".to_owned() },
            ReceiverRule::AnyMerchant,
        ]),
        invoice_codes: CodePatterns::default(),
    };
    let persons = PersonKeys::new([(2026, [2; 32].as_slice())]).expect("a key");
    let keys = DigestKeys { ids: IdKey::new(&[1; 32]).expect("a key"), persons };
    let context = Context { source: &source, keys: &keys, received_at: now };
    let headers = composed.headers.iter().map(|(name, value)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).expect("the value of a header"))
    });
    let headers: HeaderMap = headers.collect();
    let delivery = Delivery {
        verb: composed.verb,
        path: composed.path,
        query: &composed.query,
        headers: &headers,
        body: &composed.body,
        peer: Some([127, 0, 0, 1].into()),
    };
    match adapter.receive(&delivery, &context) {
        Ok(received) => match received.content {
            Content::Items(normalized) => {
                let answered = Answered { normalized: &normalized, repeated: false };
                let reply = adapter.reply_to_items(&delivery, answered, now);
                (Ok(normalized), reply)
            }
            Content::Answer(reply) => {
                panic!("{provider:?}: a payment was answered like a question: {}", reply.body)
            }
        },
        Err(refused) => (Err(refused), adapter.reply(&delivery, Outcome::Refused(refused), now)),
    }
}

fn event(provider: &Provider, adapter: &dyn Adapter, composed: &Composed, now: Timestamp) -> PaymentEvent {
    let (normalized, _) = receive(provider, adapter, composed, now);
    let normalized = normalized.unwrap_or_else(|refused| panic!("{provider:?}: {refused}"));
    let [item] = normalized.items() else { panic!("{provider:?}: one item") };
    item.outcome.clone().unwrap_or_else(|rejection| panic!("{provider:?}: {rejection}"))
}

#[test]
fn names_are_unique_and_every_example_is_complete() {
    let names: HashSet<_> = PROVIDERS.iter().map(|provider| provider.name).collect();
    assert_eq!(names.len(), PROVIDERS.len());
    for provider in PROVIDERS {
        let example = example(provider);
        adapter(provider, example.clone());
        for secret in provider.secrets {
            if let Some(value) = example.get(secret) {
                let shown = format!("{:?}", (provider.configure)(Value::from("CANARY")).err());
                assert!(!shown.contains("CANARY"), "{provider:?}: {shown}");
                assert!(!value.is_null(), "{provider:?}: {secret}");
            }
        }
        let mut misspelt = example;
        misspelt["no_such_setting"] = 1.into();
        assert!((provider.configure)(misspelt).is_err(), "{provider:?}: takes settings it does not know");
        assert!(
            (provider.configure)(Value::Object(serde_json::Map::new())).is_err(),
            "{provider:?}: needs nothing"
        );
    }
}

#[test]
fn what_is_composed_is_believed_and_read_as_it_was_meant() {
    for provider in PROVIDERS {
        let adapter = adapter(provider, example(provider));
        let mut said = 0;
        for happening in HAPPENINGS {
            let Some(composed) = adapter.compose(&announcement(happening), now()) else { continue };
            said += 1;
            let event = event(provider, adapter.as_ref(), &composed, now());
            let status = match happening {
                Happening::Paid | Happening::PaidOut => Status::Settled,
                Happening::Failed => Status::Failed,
                Happening::Pending => Status::Pending,
                Happening::Test => Status::Test,
            };
            assert_eq!(event.status.map(|change| change.status), Some(status), "{provider:?} {happening:?}");
            let amount = event.details.map(|details| details.amount.get());
            assert_eq!(amount, (status == Status::Settled).then_some(350_000), "{provider:?} {happening:?}");
            if let Some(details) = event.details {
                assert_eq!(
                    details.kind.is_outgoing(),
                    happening == Happening::PaidOut,
                    "{provider:?} {happening:?}"
                );
                assert!(details.settled_at <= now(), "{provider:?}");
            }
        }
        assert!(said > 0, "{provider:?} says nothing");
    }
}

/// A re-send, whenever it comes and whatever state it tells, is about the same record.
#[test]
fn the_key_of_a_transaction_never_moves() {
    let year_later = at("2027-09-10T12:00:00+07:00");
    for provider in PROVIDERS {
        let adapter = adapter(provider, example(provider));
        let key = |happening, now| -> Option<EventKey> {
            let composed = adapter.compose(&announcement(happening), now)?;
            Some(event(provider, adapter.as_ref(), &composed, now).key)
        };
        let paid = key(Happening::Paid, now()).unwrap_or_else(|| panic!("{provider:?}: no payment"));
        assert_eq!(key(Happening::Paid, year_later), Some(paid), "{provider:?}: signed anew");
        for happening in [Happening::Pending, Happening::Failed] {
            if let Some(other) = key(happening, now()) {
                // Some attempts have no id of their own yet, and none of their money is ever counted.
                assert_eq!(other.account, paid.account, "{provider:?} {happening:?}");
            }
        }
        // Our own contract asks for an id of each movement; others may book a payment and its return under one.
        let out = key(Happening::PaidOut, now()).filter(|_| provider.merge_by.is_some());
        if let Some(out) = out {
            assert_ne!(out.record, paid.record, "{provider:?}: what goes out replaces what came in");
        }
        let other = Announcement {
            number: 4_211_978,
            bank_reference: "FT26253099999999",
            ..announcement(Happening::Paid)
        };
        let composed = adapter.compose(&other, now()).unwrap_or_else(|| panic!("{provider:?}: no payment"));
        let other = event(provider, adapter.as_ref(), &composed, now()).key;
        assert_ne!(other.record, paid.record, "{provider:?}");
        assert_eq!(other.account, paid.account, "{provider:?}");
    }
}

/// Most schemes sign no time of sending: the very bytes of a year ago are authentic, and mean the same record.
#[test]
fn a_year_old_delivery_is_the_same_record_or_stale() {
    let year_later = at("2027-09-10T12:00:00+07:00");
    for provider in PROVIDERS {
        let adapter = adapter(provider, example(provider));
        let composed =
            adapter.compose(&announcement(Happening::Paid), now()).unwrap_or_else(|| panic!("{provider:?}"));
        let first = event(provider, adapter.as_ref(), &composed, now());
        let (again, _) = receive(provider, adapter.as_ref(), &composed, year_later);
        match again {
            Err(refused) => {
                assert!(matches!(refused, Refused::Stale | Refused::BadToken), "{provider:?}: {refused}");
                assert_eq!(refused == Refused::Stale, SIGN_A_TIME.contains(&provider.name), "{provider:?}");
            }
            Ok(_) => {
                let again = event(provider, adapter.as_ref(), &composed, year_later);
                assert_eq!(again.key, first.key, "{provider:?}");
                assert_eq!(
                    again.details.map(|details| details.amount),
                    first.details.map(|details| details.amount)
                );
            }
        }
    }
}

/// Every text of the settings changed in one character: what was signed under the old ones is not believed.
#[test]
fn another_secret_believes_nothing() {
    for provider in PROVIDERS {
        let composed = adapter(provider, example(provider)).compose(&announcement(Happening::Paid), now());
        let composed = composed.unwrap_or_else(|| panic!("{provider:?}"));
        let mut changed = 0;
        for secret in provider.secrets {
            let mut settings = example(provider);
            let Some(value) = settings.get_mut(secret) else { continue };
            for text in texts(value) {
                *text = changed_in_one_character(text);
            }
            let Ok(other) = (provider.configure)(settings) else { continue };
            changed += 1;
            let (refused, reply) = receive(provider, other.as_ref(), &composed, now());
            assert!(refused.is_err(), "{provider:?}: {secret}");
            let stored = other
                .compose(&announcement(Happening::Paid), now())
                .map(|composed| receive(provider, other.as_ref(), &composed, now()).1);
            assert_ne!(Some(reply), stored, "{provider:?}: a refusal reads like a success");
        }
        assert!(changed > 0, "{provider:?}: no secret in its example");
    }
}

fn texts(value: &mut Value) -> Vec<&mut String> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter_mut().flat_map(texts).collect(),
        Value::Object(members) => members.values_mut().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// In its middle, and so that base64 and hexadecimal stay what they are.
fn changed_in_one_character(text: &str) -> String {
    let middle = text.len() / 2;
    let changed = |(index, letter): (usize, char)| match letter {
        letter if index != middle => letter,
        'a' | 'A' => 'b',
        _ => 'a',
    };
    text.char_indices().map(changed).collect()
}

#[test]
fn trouble_of_ours_never_reads_like_success() {
    for provider in PROVIDERS {
        let adapter = adapter(provider, example(provider));
        let composed =
            adapter.compose(&announcement(Happening::Paid), now()).unwrap_or_else(|| panic!("{provider:?}"));
        let (_, stored) = receive(provider, adapter.as_ref(), &composed, now());
        let headers = HeaderMap::new();
        let delivery = Delivery {
            verb: composed.verb,
            path: composed.path,
            query: &composed.query,
            headers: &headers,
            body: &composed.body,
            peer: None,
        };
        let unavailable = adapter.reply(&delivery, Outcome::Unavailable, now());
        assert_ne!(unavailable, stored, "{provider:?}");
        assert!(!(400..500).contains(&unavailable.status), "{provider:?}: senders give up on a 4xx");
        let repeated = adapter.reply(&delivery, Outcome::Repeated, now());
        assert_eq!(
            repeated != adapter.reply(&delivery, Outcome::Stored, now()),
            provider.tells_repeats,
            "{provider:?}"
        );
        assert!((200..300).contains(&repeated.status), "{provider:?}");
    }
}
