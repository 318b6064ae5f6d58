//! What holds for every provider of the table: keys that never move, answers that never lie, and no way around proof.

mod every;

use std::collections::HashSet;

use cashless_domain::{AmountDong, EventKey, PaymentEvent, Status, Timestamp};
use cashless_providers::{Announcement, Delivery, Happening, Outcome, PROVIDERS, Refused};
use every::{Connected, HAPPENINGS, Request, connected, example, now};
use http::HeaderMap;
use serde_json::Value;

/// The ones whose signature covers the time of sending.
const SIGN_A_TIME: [&str; 3] = ["standard-webhooks", "casso", "sepay"];

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("a time")
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

/// The request of an announcement, made and sent at a time; none if the format cannot say it.
fn sent(connected: &Connected, announcement: &Announcement<'_>, now: Timestamp) -> Option<Request> {
    connected.adapter.compose(announcement, now).map(|composed| Request::from(&composed))
}

fn paid(connected: &Connected) -> Request {
    let request = sent(connected, &announcement(Happening::Paid), now());
    request.unwrap_or_else(|| panic!("{:?}: no payment", connected.provider))
}

fn event(connected: &Connected, request: &Request, now: Timestamp) -> PaymentEvent {
    let provider = connected.provider;
    let normalized =
        connected.answer(request, now).0.unwrap_or_else(|refused| panic!("{provider:?}: {refused}"));
    let [item] = normalized.items() else { panic!("{provider:?}: one item") };
    item.outcome.clone().unwrap_or_else(|rejection| panic!("{provider:?}: {rejection}"))
}

#[test]
fn names_are_unique_and_every_example_is_complete() {
    let names: HashSet<_> = PROVIDERS.iter().map(|provider| provider.name).collect();
    assert_eq!(names.len(), PROVIDERS.len());
    for provider in PROVIDERS {
        let example = example(provider);
        assert!(
            provider.secrets.iter().any(|secret| example.get(secret).is_some()),
            "{provider:?}: no secret"
        );
        let shown = format!("{:?}", (provider.configure)(Value::from("CANARY")).err());
        assert!(!shown.contains("CANARY"), "{provider:?}: {shown}");
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
    for connected in connected() {
        let provider = connected.provider;
        let mut said = 0;
        for happening in HAPPENINGS {
            let Some(request) = sent(&connected, &announcement(happening), now()) else { continue };
            said += 1;
            let event = event(&connected, &request, now());
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

/// A re-send, whenever it comes, is about the same record; another payment of the account is not.
#[test]
fn the_key_of_a_transaction_never_moves() {
    let year_later = at("2027-09-10T12:00:00+07:00");
    for connected in connected() {
        let provider = connected.provider;
        let key = |announcement: &Announcement<'_>, now| -> Option<EventKey> {
            Some(event(&connected, &sent(&connected, announcement, now)?, now).key)
        };
        let of = |happening, now| key(&announcement(happening), now);
        let paid = of(Happening::Paid, now()).unwrap_or_else(|| panic!("{provider:?}: no payment"));
        assert_eq!(of(Happening::Paid, year_later), Some(paid), "{provider:?}: signed anew");
        for happening in [Happening::Pending, Happening::Failed] {
            if let Some(other) = of(happening, now()) {
                // Some attempts have no id of their own yet, and none of their money is ever counted.
                assert_eq!(other.account, paid.account, "{provider:?} {happening:?}");
            }
        }
        // Our own contract asks for an id of each movement; others may book a payment and its return under one.
        let out = of(Happening::PaidOut, now()).filter(|_| provider.merge_by.is_some());
        if let Some(out) = out {
            assert_ne!(out.record, paid.record, "{provider:?}: what goes out replaces what came in");
        }
        let other = Announcement {
            number: 4_211_978,
            bank_reference: "FT26253099999999",
            ..announcement(Happening::Paid)
        };
        let other = key(&other, now()).unwrap_or_else(|| panic!("{provider:?}: no payment"));
        assert_ne!(other.record, paid.record, "{provider:?}");
        assert_eq!(other.account, paid.account, "{provider:?}");
    }
}

/// Most schemes sign no time of sending: the very bytes of a year ago are authentic, and mean the same record.
#[test]
fn a_year_old_delivery_is_the_same_record_or_stale() {
    let year_later = at("2027-09-10T12:00:00+07:00");
    for connected in connected() {
        let provider = connected.provider;
        let request = paid(&connected);
        let first = event(&connected, &request, now());
        match connected.answer(&request, year_later).0 {
            Err(refused) => {
                assert!(matches!(refused, Refused::Stale | Refused::BadToken), "{provider:?}: {refused}");
                assert_eq!(refused == Refused::Stale, SIGN_A_TIME.contains(&provider.name), "{provider:?}");
            }
            Ok(_) => {
                let again = event(&connected, &request, year_later);
                assert_eq!(again.key, first.key, "{provider:?}");
                let amount = |event: &PaymentEvent| event.details.map(|details| details.amount);
                assert_eq!(amount(&again), amount(&first), "{provider:?}");
            }
        }
    }
}

/// Every text of a secret changed in one character: what was signed under the old one is not believed.
#[test]
fn another_secret_believes_nothing() {
    for connected in connected() {
        let provider = connected.provider;
        let request = paid(&connected);
        let mut changed = 0;
        for secret in provider.secrets {
            let mut settings = example(provider);
            let Some(value) = settings.get_mut(secret) else { continue };
            for text in texts(value) {
                *text = changed_in_one_character(text);
            }
            let Ok(other) = Connected::with(provider, settings) else { continue };
            changed += 1;
            let (refused, reply) = other.answer(&request, now());
            assert!(refused.is_err(), "{provider:?}: {secret}");
            let stored = other.answer(&paid(&other), now()).1;
            assert_ne!(reply, stored, "{provider:?}: a refusal reads like a success");
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
    for connected in connected() {
        let (provider, request) = (connected.provider, paid(&connected));
        let stored = connected.answer(&request, now()).1;
        let headers = HeaderMap::new();
        let delivery = Delivery { headers: &headers, ..request.delivery() };
        let reply = |outcome| connected.adapter.reply(&delivery, outcome, now());
        let unavailable = reply(Outcome::Unavailable);
        assert_ne!(unavailable, stored, "{provider:?}");
        assert!(!(400..500).contains(&unavailable.status), "{provider:?}: senders give up on a 4xx");
        let repeated = reply(Outcome::Repeated);
        assert_eq!(repeated != reply(Outcome::Stored), provider.tells_repeats, "{provider:?}");
        assert!((200..300).contains(&repeated.status), "{provider:?}");
    }
}
