//! The stream against the documented format, and the truth against a slow fold of the same stream.
//!
//! The fold below reads the messages as the collector does and groups them by brute force. It is not the product's
//! arithmetic and not the generator's: where all three agree, they have hardly made the same mistake.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cashless_domain::{
    BusinessDate, Details, Evidence, IdKey, MinimumFields, PaymentEvent, PersonKeys, SourceClass, Status,
    StatusChange, Timestamp,
};
use cashless_providers::standard_webhooks::{Keys, PublicKey, SigningSecret, Unverified};
use cashless_providers::{
    Adapter, CodePatterns, Content, Context, Delivery as Request, DigestKeys, MergeBy, Normalized,
    ReceiverRule, Receivers, Source,
};
use cashless_simulator::{
    CellSums, Clock, Delivery, Dialect, DigestedCellKey, Key, MergeBy as Merging, Parameters, Province,
    ProvinceSize, Rates, ReceiverRule as Rule, Scenario, Told, TrueLedger, Voice,
};
use http::{HeaderMap, HeaderName};

fn ids() -> IdKey {
    IdKey::new(&[1; 32]).expect("long enough")
}

/// How a source's deliveries are believed.
enum Reader {
    Standard(Keys),
    Dialect(Arc<dyn Adapter>),
}

fn source(of: &cashless_simulator::Source) -> (Source, Reader) {
    let rules = of.receivers.iter().map(|rule| match rule.clone() {
        Rule::Bank { bank } => ReceiverRule::Bank { bank },
        Rule::Account { bank, account } => ReceiverRule::Account { bank, account },
        Rule::VirtualAccountPrefix { bank, virtual_account_prefix: prefix } => {
            ReceiverRule::VirtualAccountPrefix { bank, prefix }
        }
        Rule::Merchant { .. } => ReceiverRule::AnyMerchant,
        Rule::Terminal { .. } => ReceiverRule::AnyTerminal,
    });
    let source = Source {
        id: of.id.clone(),
        class: of.class,
        merge_by: match of.merge_by {
            Merging::BankReference => MergeBy::BankReference,
            Merging::TransactionId => MergeBy::TransactionId,
        },
        id_scope: of.id.to_string(),
        merchant_scope: of.id.to_string(),
        receivers: Receivers::new(rules),
        invoice_codes: CodePatterns::default(),
    };
    let reader = match &of.voice {
        Voice::Standard(key) => {
            let secret = key.shared_secret().map(|text| SigningSecret::parse(&text).expect("a secret"));
            let public = key.public_key().map(|text| PublicKey::parse(&text).expect("a key"));
            Reader::Standard(Keys::new(secret.as_ref(), public.as_ref()).expect("a key"))
        }
        Voice::Dialect(dialect) => {
            let adapter = (dialect.provider.configure)(dialect.settings.clone());
            Reader::Dialect(adapter.unwrap_or_else(|problem| panic!("{problem}")))
        }
    };
    (source, reader)
}

/// Reads a whole stream as the collector would; every item must meet the fate it was made for.
fn events_of(scenario: &mut Scenario, province: &Province, now: Timestamp) -> Vec<PaymentEvent> {
    let sources: Vec<_> = province.sources().iter().map(source).collect();
    let keys = DigestKeys { ids: ids(), persons: PersonKeys::default() };
    let mut events = Vec::new();
    for delivery in scenario {
        let (source, reader) = &sources[delivery.source];
        let context = Context { source, keys: &keys, received_at: now };
        let speaker = &province.sources()[delivery.source];
        let normalized = match (reader, &speaker.voice, &delivery.told) {
            (Reader::Standard(live), Voice::Standard(key), None) => standard(live, key, &delivery, &context),
            (Reader::Dialect(adapter), Voice::Dialect(dialect), Some(told)) => {
                in_dialect(adapter.as_ref(), dialect, told, &delivery, &context)
            }
            _ => panic!("a source speaks in one way"),
        };
        assert_eq!(normalized.is_none(), delivery.expected.refused.is_some(), "{}", source.id);
        let Some(normalized) = normalized else { continue };
        let mut dead_lettered = Vec::new();
        let accepted = events.len();
        for item in normalized.items() {
            match &item.outcome {
                Ok(event) => events.push(event.clone()),
                Err(rejection) => dead_lettered.push(rejection.reason),
            }
        }
        let text = String::from_utf8_lossy(&delivery.body);
        assert_eq!(dead_lettered, delivery.expected.dead_lettered, "{text}");
        assert_eq!(events.len() - accepted, delivery.expected.accepted as usize, "{text}");
    }
    events
}

fn standard(live: &Keys, key: &Key, delivery: &Delivery, context: &Context<'_>) -> Option<Normalized> {
    let now = context.received_at;
    let seconds = now.as_micros() / 1_000_000;
    let key = if delivery.expected.refused.is_some() { key.wrong() } else { key.clone() };
    let signature = key.sign(&delivery.webhook_id, seconds, &delivery.body);
    let seconds = seconds.to_string();
    let unverified =
        Unverified::new(Some(&delivery.webhook_id), Some(&seconds), Some(&signature), &delivery.body);
    let verified = unverified.expect("all headers").verify(live, now).ok()?;
    Some(verified.normalize(context.source, context.keys, now))
}

fn in_dialect(
    adapter: &dyn Adapter,
    dialect: &Dialect,
    told: &Told,
    delivery: &Delivery,
    context: &Context<'_>,
) -> Option<Normalized> {
    let by_stranger = delivery.expected.refused.is_some();
    let composed = dialect.compose(told, context.received_at, by_stranger).expect("the format can say it");
    let headers = composed.headers.iter();
    let headers =
        headers.map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a value")));
    let headers: HeaderMap = headers.collect();
    let request = Request {
        verb: composed.verb,
        path: composed.path,
        query: &composed.query,
        headers: &headers,
        body: &composed.body,
        peer: None,
    };
    match adapter.receive(&request, context).ok()?.content {
        Content::Items(normalized) => Some(normalized),
        Content::Answer(_) => panic!("{dialect:?}: a payment is no question"),
    }
}

#[derive(Clone)]
struct Record {
    source: cashless_domain::SourceId,
    class: SourceClass,
    account: cashless_domain::AccountId,
    status: Option<StatusChange>,
    details: Option<Details>,
}

/// The cells of a set of events, computed the slow way.
fn folded(events: &[PaymentEvent]) -> BTreeMap<DigestedCellKey, CellSums> {
    let mut payments: BTreeMap<_, BTreeMap<_, Record>> = BTreeMap::new();
    for event in events {
        if event.status.is_some_and(|status| !status.status.moves_money()) {
            continue;
        }
        let record = payments
            .entry((event.key.anchor, event.key.account, event.key.payment))
            .or_default()
            .entry((event.source.clone(), event.key.record))
            .or_insert_with(|| Record {
                source: event.source.clone(),
                class: event.source_class,
                account: event.key.account,
                status: None,
                details: None,
            });
        record.status = record.status.max(event.status);
        record.details = record.details.max(event.details);
    }
    let mut cells = BTreeMap::new();
    for records in payments.into_values() {
        let told: Vec<_> =
            records.into_values().filter_map(|r| Some((r.clone(), r.status?, r.details?))).collect();
        let sums: BTreeSet<_> = told.iter().map(|(_, _, d)| (d.amount, d.kind.is_outgoing())).collect();
        for sum in sums {
            let unit: Vec<_> =
                told.iter().filter(|(_, _, d)| (d.amount, d.kind.is_outgoing()) == sum).cloned().collect();
            add_unit(&mut cells, unit);
        }
    }
    cells
}

fn add_unit(cells: &mut BTreeMap<DigestedCellKey, CellSums>, mut unit: Vec<(Record, StatusChange, Details)>) {
    unit.sort_by_key(|(record, ..)| (record.class, record.source.clone()));
    let date = unit.iter().map(|(_, _, details)| details.settled_at).min().expect("a member").business_date();
    let evidence = unit.iter().fold(Evidence::default(), |all, (_, _, d)| all.union(d.evidence));
    let fields = unit.iter().fold(MinimumFields::default(), |all, (_, _, d)| all.union(d.fields));
    let excluded = unit.iter().map(|(_, _, d)| d.kind).find(|kind| kind.is_excluded());
    let lead = unit[0].2;
    let kind = excluded.unwrap_or(lead.kind);
    let voided = unit.iter().any(|(_, status, _)| status.status == Status::Voided);
    for (place, (record, _, details)) in unit.iter().enumerate() {
        let key = DigestedCellKey {
            business_date: date,
            account: record.account,
            identifier: details.identifier,
            source: record.source.clone(),
            method: lead.method,
            kind,
            evidence,
        };
        let cell = cells.entry(key).or_default();
        let dong = details.amount.get();
        let bit = |wanted| i64::from(fields.has(wanted));
        if place > 0 {
            (cell.merged_n, cell.merged_dong) = (cell.merged_n + 1, cell.merged_dong + dong);
        } else if voided {
            (cell.voided_n, cell.voided_dong) = (cell.voided_n + 1, cell.voided_dong + dong);
        } else if kind.is_refund() {
            (cell.refunds_n, cell.refunds_dong) = (cell.refunds_n + 1, cell.refunds_dong + dong);
        } else {
            (cell.n, cell.gross_dong) = (cell.n + 1, cell.gross_dong + dong);
            cell.payer_name_n += bit(MinimumFields::PAYER_NAME);
            cell.beneficiary_name_n += bit(MinimumFields::BENEFICIARY_NAME);
            cell.reason_n += bit(MinimumFields::REASON);
            cell.invoice_n += bit(MinimumFields::INVOICE_REF);
            cell.all_fields_n += bit(MinimumFields::ALL);
            cell.without_beneficiary_n += bit(MinimumFields::WITHOUT_BENEFICIARY);
        }
    }
}

fn check(parameters: Parameters, clock: Clock, now: &str, seed: u64) -> TrueLedger {
    check_in(Province::synthetic(&ProvinceSize::default(), seed), parameters, clock, now, seed)
}

fn check_in(province: Province, parameters: Parameters, clock: Clock, now: &str, seed: u64) -> TrueLedger {
    let province = Arc::new(province);
    let mut scenario = Scenario::new(Arc::clone(&province), parameters, clock, seed);
    let now = Timestamp::parse_rfc3339(now).expect("a time");
    let events = events_of(&mut scenario, &province, now);
    let truth = scenario.into_ledger();
    let (found, expected) = (folded(&events), truth.cells(&ids()));
    for (key, sums) in &expected {
        assert_eq!(found.get(key), Some(sums), "seed {seed}: {key:?}");
    }
    assert_eq!(found.len(), expected.len(), "seed {seed}");
    truth
}

#[test]
fn the_truth_of_a_noisy_day_is_what_its_messages_fold_to() {
    for seed in 0..4 {
        let noisy = Parameters { rates: Rates::default().times(10.0), ..Parameters::default() };
        check(noisy, Clock::one_day(2_000), "2026-10-01T00:00:00+07:00", seed);
        check(Parameters::default(), Clock::one_day(5_000), "2026-10-01T00:00:00+07:00", seed);
    }
}

#[test]
fn the_truth_of_a_live_stream_across_midnight_is_what_its_messages_fold_to() {
    let base = Timestamp::parse_rfc3339("2026-09-30T23:59:30+07:00").expect("a time");
    let rates = Rates::default().times(5.0);
    let parameters = Parameters { rates: Rates { double_report: 1.0, ..rates }, ..Parameters::default() };
    let clock = Clock::Live { base, payments: 6_000, rate: 100.0 };
    check(parameters, clock, "2026-10-01T00:00:30+07:00", 3);
}

/// Only now, formats that send no time are told.
#[test]
fn the_truth_of_a_live_stream_in_dialects_is_what_its_messages_fold_to() {
    let base = Timestamp::parse_rfc3339("2026-09-30T12:00:00+07:00").expect("a time");
    let parameters = Parameters { dialect_share: 1.0, ..Parameters::default() };
    let clock = Clock::Live { base, payments: 3_000, rate: 100.0 };
    let truth = check(parameters, clock, "2026-09-30T12:02:00+07:00", 4);
    let sources: BTreeSet<_> = truth.record_fates().into_keys().map(|(source, _)| source).collect();
    assert!(sources.len() >= 12, "{sources:?}");
}

#[test]
fn a_clean_day_has_payments_only() {
    let truth = check(Parameters::clean(), Clock::one_day(1_000), "2026-10-01T00:00:00+07:00", 9);
    let fates: BTreeSet<_> = truth.record_fates().into_keys().map(|(_, fate)| fate).collect();
    assert_eq!(fates, BTreeSet::from(["counted"]));
    assert!(truth.plain_cells().values().all(|sums| sums.n == sums.all_fields_n));
}

/// Years later, in two provinces, in large batches and as it happened.
#[test]
fn the_truth_of_2022_told_today_is_what_its_messages_fold_to() {
    let rates = Rates { batched: 1.0, ..Rates::default() };
    let parameters = Parameters { batch_items_max: 500, rates, ..Parameters::default() };
    let first_day = BusinessDate::parse("2022-06-15").expect("a date");
    let history = Clock::Historic { first_day, days: 40, payments_per_day: 100 };
    check_in(Province::both_of_2022(6), parameters, history, "2026-11-25T12:00:00+07:00", 6);
    let base = Timestamp::parse_rfc3339("2022-12-20T07:00:00+07:00").expect("a time");
    let replay = Clock::Replay { base, payments: 3_000, rate: 100.0 };
    check_in(Province::both_of_2022(7), Parameters::default(), replay, "2026-11-25T12:00:00+07:00", 7);
}
