//! What looks alike, and what should be decided about it.

use cashless_domain::{
    Added, AmountDong, BusinessDate, DecidedBy, Decision, Details, Evidence, Flags, InvoiceDigest, Kind,
    Method, MinimumFields, PayerAccountDigest, PaymentId, Reason, RecordId, ReferenceDigest, SourceClass,
    SourceId, Status, StatusChange, Timestamp,
};
use cashless_rollup::{Fact, PaymentKey, Record, Version, standings};
use cashless_warehouse::{MonthLookalikes, Paid, ReviewedRecord};

use crate::figures::{account, apply, day};
use crate::setup::Database;

use SourceClass::{Bank, Intermediary};

/// A record as it was told, on one account.
#[derive(Clone, Copy)]
struct Told {
    id: u64,
    source: &'static str,
    class: SourceClass,
    dong: i64,
    at: &'static str,
    invoice: Option<u64>,
    reference: Option<u64>,
    payer_account: Option<u64>,
    is_erased: bool,
    status: Status,
    decision: Option<Decision>,
    account: &'static str,
    payment: Option<u64>,
    kind: Kind,
    evidence: u8,
    fields: u8,
}

fn told(id: u64, class: SourceClass, dong: i64, at: &'static str) -> Told {
    let source = if class == Bank { "bank" } else { "gate" };
    let (status, account) = (Status::Settled, "1");
    Told {
        id,
        source,
        class,
        dong,
        at,
        invoice: None,
        reference: None,
        payer_account: None,
        is_erased: false,
        status,
        decision: None,
        account,
        payment: None,
        kind: Kind::Payment,
        evidence: 0,
        fields: 0,
    }
}

fn time(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(&format!("2022-03-{text}+07:00")).expect("a time")
}

fn fact(told: &Told, version: u64) -> Fact {
    let at = time(told.at);
    let details = Details {
        version: 0,
        provider_time: None,
        received_at: at,
        amount: AmountDong::new(told.dong).expect("in range"),
        settled_at: at,
        method: Method::QrTransfer,
        kind: told.kind,
        identifier: account(told.account).into(),
        evidence: Evidence(told.evidence),
        fields: MinimumFields(told.fields),
        flags: Flags::default(),
        reason: Reason::Tuition,
        beneficiary_kind: cashless_domain::Beneficiary::Unknown,
        payer: None,
        beneficiary: None,
        invoice: told.invoice.map(InvoiceDigest),
        payer_account: told.payer_account.map(PayerAccountDigest),
        invoice_other_year: None,
        original: None,
        reference: told.reference.map(ReferenceDigest),
    };
    let record = Record {
        id: RecordId(told.id),
        source_class: told.class,
        source: SourceId::new(told.source).expect("valid"),
        status: Some(StatusChange { version: 0, status: told.status }),
        details: Some(details),
        decision: told.decision,
        erased: told.is_erased,
    };
    let payment = PaymentKey {
        anchor: at.business_date(),
        account: account(told.account),
        payment: PaymentId::from(RecordId(told.payment.unwrap_or(told.id))),
    };
    let standing = standings(&payment, std::slice::from_ref(&record))[0];
    Fact { payment, record, standing, version: Version::at(1, version) }
}

async fn store(database: &Database, told: &[Told], version: u64) {
    let facts: Vec<_> = told.iter().map(|told| fact(told, version)).collect();
    database.warehouse.insert_facts(&[(0, &facts)]).await.expect("stored");
}

async fn reviewed(database: &Database, registry_version: u32) -> Vec<ReviewedRecord> {
    let (from, to): (BusinessDate, BusinessDate) = (day("2022-03-01"), day("2022-03-20"));
    let mut reviewed =
        database.warehouse.reviewed_records(registry_version, from, to).await.expect("readable");
    reviewed.sort_by_key(|record| record.key.record);
    reviewed
}

/// `bank > gateway` for each merge, `gateway @ time` for each earlier settlement.
async fn wanted(database: &Database, registry_version: u32) -> Vec<String> {
    let mut lines = Vec::new();
    for record in reviewed(database, registry_version).await {
        let id = record.key.record.0;
        lines.extend(record.merged_into.map(|into| format!("{id} > {}", into.0)));
        lines.extend(record.settled_at.map(|at| format!("{id} @ {at}")));
        let known = record.beside_kind.filter(|kind| *kind != Kind::Payment);
        if record.added != Added::default() {
            lines.push(format!("{id} + {} {}", record.added.evidence.0, record.added.fields.0));
        }
        lines.extend(known.map(|kind| format!("{id} = {}", kind.name())));
    }
    lines
}

async fn check(database: &Database, told: &[Told], expected: &[&str], why: &str) {
    database.execute("TRUNCATE TABLE payments").await;
    store(database, told, 1).await;
    assert_eq!(wanted(database, 1).await, expected, "{why}");
}

const OWNED: &str =
    "account,970405,1,A,fee_collection,2020-01-01,,\naccount,970405,2,A,fee_collection,2020-01-01,,\n";

pub(crate) async fn lookalikes_are_merged_when_there_is_exactly_one_candidate(database: Database) {
    let database = database.migrated().await;
    apply(&database.warehouse, OWNED).await;
    let bank = |at| told(1, Bank, 100, at);
    let gate = |id, at| told(id, Intermediary, 100, at);
    let noon = "01T12:00:00";
    let check = async |told: &[Told], expected: &[&str], why| check(&database, told, expected, why).await;
    check(&[bank(noon), gate(2, "01T12:10:00")], &["1 > 2", "2 @ 2022-03-01T12:00:00+07:00"], "ten minutes")
        .await;
    check(&[bank(noon), gate(2, "01T12:10:01")], &[], "more than ten minutes").await;
    check(&[bank(noon), gate(2, "01T11:50:00")], &["1 > 2"], "the gateway's time is the earlier one").await;
    check(&[bank(noon), Told { dong: 101, ..gate(2, noon) }], &[], "another amount").await;
    check(&[bank(noon), Told { account: "2", ..gate(2, noon) }], &[], "another account").await;
    check(&[bank(noon), Told { status: Status::Voided, ..gate(2, noon) }], &[], "voided").await;
    check(&[bank(noon), told(2, Bank, 100, noon)], &[], "two banks").await;
    let midnight = [bank("01T23:58:00"), gate(2, "02T00:01:00")];
    check(&midnight, &["1 > 2", "2 @ 2022-03-01T23:58:00+07:00"], "the two sides of midnight").await;

    let several = [bank(noon), gate(2, "01T12:01:00"), gate(3, "01T12:09:00")];
    check(&several, &[], "several candidates").await;
    let with_invoice = |told: Told, invoice| Told { invoice: Some(invoice), ..told };
    let told_by_invoice =
        [with_invoice(bank(noon), 7), gate(2, "01T12:01:00"), with_invoice(gate(3, "02T12:00:00"), 7)];
    check(&told_by_invoice, &["1 > 3", "3 @ 2022-03-01T12:00:00+07:00"], "an invoice says which").await;
    let a_day_later = [with_invoice(bank(noon), 7), with_invoice(gate(3, "02T12:00:01"), 7)];
    check(&a_day_later, &[], "an invoice of more than a day").await;
    let elsewhere =
        |account| [with_invoice(bank(noon), 7), with_invoice(Told { account, ..gate(2, noon) }, 7)];
    check(&elsewhere("2"), &["1 > 2"], "an invoice at another account of the institution").await;
    check(&elsewhere("3"), &[], "an invoice at somebody else's account").await;

    let with_reference = |told: Told, reference| Told { reference: Some(reference), ..told };
    let late = with_reference(bank("01T22:30:00"), 5);
    let early = with_reference(gate(2, "02T00:45:00"), 5);
    check(&[late, early], &["1 > 2", "2 @ 2022-03-01T22:30:00+07:00"], "one reference around midnight").await;
    check(&[late, Told { reference: Some(6), ..early }], &[], "another reference").await;
    check(&[late, Told { dong: 101, ..early }], &[], "one reference of two amounts").await;
    check(&[late, Told { at: "03T00:45:00", ..early }], &[], "a midnight later").await;
    check(&[late, Told { at: "01T12:45:00", ..early }], &[], "the same day under another payment").await;
    let posted = [with_reference(bank("02T17:00:00"), 5), with_reference(gate(2, "01T08:00:00"), 5)];
    check(&posted, &["1 > 2"], "posted by the bank the day after").await;
    let said_twice = [late, early, gate(3, "01T22:31:00")];
    check(&said_twice, &["1 > 2", "2 @ 2022-03-01T22:30:00+07:00"], "a reference says which").await;
    let met = [Told { payment: Some(9), ..bank(noon) }, Told { payment: Some(9), ..gate(2, noon) }];
    check(&met, &[], "a reference made them one already").await;
}

pub(crate) async fn what_one_side_alone_knows_is_told_to_the_other(database: Database) {
    let database = database.migrated().await;
    apply(&database.warehouse, OWNED).await;
    let (bank, gate) = (told(1, Bank, 100, "01T12:00:00"), told(2, Intermediary, 100, "01T11:59:00"));
    let check = async |told: &[Told], expected: &[&str], why| check(&database, told, expected, why).await;
    let of = |told: Told, kind| Told { invoice: Some(7), kind, ..told };
    let (bank_of, gate_of) = (|kind| of(bank, kind), |kind| of(gate, kind));
    let fee = Kind::Payment;
    check(&[bank_of(Kind::CounterCash), gate_of(fee)], &["1 > 2", "2 = counter_cash"], "the bank").await;
    check(&[bank_of(fee), gate_of(Kind::Donation)], &["1 > 2", "1 = donation"], "the gateway").await;
    check(&[bank_of(Kind::Settlement), gate_of(fee)], &[], "a lump sum stands alone").await;
    check(&[bank_of(Kind::Refund), gate_of(fee)], &[], "money out").await;
    let by_chance = [Told { kind: Kind::CounterCash, ..bank }, gate];
    check(&by_chance, &[], "at one time, and nothing else in common").await;
    let by_rule = Decision {
        by: DecidedBy::Rule,
        registry_version: 1,
        decided_at: time("02T00:00:00"),
        merged_into: Some(RecordId(2)),
        kind: Some(Kind::InternalTransfer),
        settled_at: None,
        added: Added::default(),
    };
    let decided = Told { decision: Some(by_rule), ..bank };
    check(&[decided, gate], &["1 > 2", "2 = internal_transfer"], "decided").await;
    let (bank, gate) = (Told { evidence: 3, fields: 9, ..bank }, Told { evidence: 1, fields: 12, ..gate });
    check(&[bank, gate], &["1 > 2", "1 + 0 4", "2 + 2 1"], "what the other did not tell").await;
    let told_all = Told { evidence: 3, fields: 15, ..gate };
    check(&[bank, told_all], &["1 > 2", "1 + 0 6"], "the gateway told it all").await;
    check(&[Told { at: "01T13:00:00", ..bank }, gate], &[], "no payment in common").await;
}

pub(crate) async fn of_bank_records_with_one_candidate_the_nearest_has_it(database: Database) {
    let database = database.migrated().await;
    apply(&database.warehouse, OWNED).await;
    let gate = told(9, Intermediary, 100, "01T12:00:00");
    let bank = |id, at| told(id, Bank, 100, at);
    let check = async |told: &[Told], expected: &[&str], why| check(&database, told, expected, why).await;
    check(&[gate, bank(1, "01T12:03:00"), bank(2, "01T12:02:00")], &["2 > 9"], "the nearest").await;
    let other_source = |told: Told| Told { source: "bank-a", ..told };
    let tie = [gate, bank(1, "01T12:02:00"), other_source(bank(2, "01T12:02:00"))];
    check(&tie, &["1 > 9"], "equally near: by the name of the source").await;
    let tie = [gate, bank(4, "01T12:02:00"), bank(3, "01T12:02:00")];
    check(&tie, &["3 > 9"], "equally near and of one source: by the record").await;
}

pub(crate) async fn ambiguous_records_are_listed_with_their_value_until_they_are_not(database: Database) {
    let database = database.migrated().await;
    apply(&database.warehouse, OWNED).await;
    let told = |id, class| told(id, class, 100, if class == Bank { "01T12:00:00" } else { "01T12:05:00" });
    let several = [told(1, Bank), told(2, Intermediary), told(3, Intermediary)];
    store(&database, &several, 1).await;
    let found = async || {
        let (from, to) = (day("2022-03-01"), day("2022-03-31"));
        for _ in 0..2 {
            database.warehouse.store_weak_candidates(1, from, to).await.expect("stored");
        }
        let sql = "SELECT institution_id, rule, record, candidates, amount_dong, class, counted FROM weak_candidates";
        database.lines(sql).await
    };
    assert_eq!(
        found().await,
        ["A\tminutes\t0000000000000001\t['0000000000000002','0000000000000003']\t100\tfee_payment\t1"]
    );
    assert_eq!(database.lines("SELECT count() FROM weak_candidates_found").await, ["1"], "twice stores once");
    // The bounds of the targets have it: the bank's record, not its candidates, in the month in which it counts.
    let months = [day("2022-02-01"), day("2022-03-01")];
    let lookalikes = async || database.warehouse.lookalikes(&months).await.expect("readable");
    let march = MonthLookalikes { institution_id: "A".to_owned(), month: day("2022-03-01"), n: 1, dong: 100 };
    assert_eq!(lookalikes().await, [march]);
    assert_eq!(database.warehouse.lookalikes(&months[..1]).await.expect("readable"), []);
    store(&database, &[Told { status: Status::Voided, ..several[2] }], 2).await;
    assert_eq!(found().await, Vec::<String>::new());
    assert_eq!(lookalikes().await, []);
    let left = ["1 > 2", "2 @ 2022-03-01T12:00:00+07:00"];
    assert_eq!(wanted(&database, 1).await, left, "one candidate is left");
}

pub(crate) async fn what_a_person_took_back_is_a_candidate_as_before(database: Database) {
    let database = database.migrated().await;
    apply(&database.warehouse, OWNED).await;
    let by_person = |merged_into: Option<u64>| {
        Some(Decision {
            by: DecidedBy::Person,
            registry_version: 1,
            decided_at: time("02T00:00:00"),
            merged_into: merged_into.map(RecordId),
            kind: None,
            settled_at: None,
            added: Added::default(),
        })
    };
    let banks = [told(1, Bank, 100, "01T12:00:00"), told(2, Bank, 100, "01T12:01:00")];
    let gates = [told(8, Intermediary, 100, "01T12:02:00"), told(9, Intermediary, 100, "01T12:03:00")];
    let all = async |first: Option<Decision>, gate: Option<Decision>, version| {
        let told =
            [Told { decision: first, ..banks[0] }, banks[1], Told { decision: gate, ..gates[0] }, gates[1]];
        store(&database, &told, version).await;
        wanted(&database, 1).await
    };
    assert_eq!(all(None, None, 1).await, Vec::<String>::new(), "two candidates each");
    let decided = (by_person(Some(8)), by_person(None));
    assert_eq!(all(decided.0, decided.1, 2).await, ["2 > 9", "9 @ 2022-03-01T12:01:00+07:00"]);
    // The decision is taken back: what it left to the rules is ambiguous again.
    let logged = "INSERT INTO decision_log (decision_id, part, undo_of, returns_to_rules, who, why, decided_at, anchor, account, payment, record, \
                  fate_before, fate_after) SELECT 7, record = 8, 6, 1, 'Lê An', 'sao kê', decided_at, anchor, account, payment, record, \
                  'counted', 'counted' FROM payments FINAL WHERE decided_by = 'person'";
    database.execute(logged).await;
    assert_eq!(all(by_person(None), by_person(None), 3).await, Vec::<String>::new());
    // A candidate goes: the rules merge the other record, and ask a person about the one that was taken back.
    store(&database, &[Told { status: Status::Voided, ..gates[1] }], 4).await;
    assert_eq!(wanted(&database, 1).await, ["2 > 8", "8 @ 2022-03-01T12:01:00+07:00"]);
    let (from, to) = (day("2022-03-01"), day("2022-03-02"));
    database.warehouse.store_weak_candidates(1, from, to).await.expect("stored");
    let open = "SELECT record, candidates FROM weak_candidates";
    assert_eq!(database.lines(open).await, ["0000000000000001\t['0000000000000008']"]);
}

pub(crate) async fn money_is_told_with_the_account_it_came_from(database: Database) {
    let database = database.migrated().await;
    apply(&database.warehouse, OWNED).await;
    let paid = Told { payer_account: Some(77), ..told(1, Bank, 100, "01T12:00:00") };
    store(&database, &[paid, told(2, Bank, 100, "01T13:00:00")], 1).await;
    let found = reviewed(&database, 1).await;
    assert_eq!(found.len(), 1, "only where an account is told");
    let expected = Paid {
        identifier: account("1").into(),
        settled_at: time("01T12:00:00"),
        payer_account: PayerAccountDigest(77),
    };
    assert_eq!((found[0].paid, found[0].decided), (Some(expected), None));
    store(&database, &[Told { status: Status::Voided, ..paid }], 2).await;
    assert_eq!(reviewed(&database, 1).await, [], "what was taken back is nothing");
}

pub(crate) async fn what_was_decided_stands_when_persons_are_forgotten(database: Database) {
    let database = database.migrated().await;
    apply(&database.warehouse, OWNED).await;
    let decided = |merged_into: Option<u64>, settled_at: Option<&str>| {
        Some(Decision {
            by: DecidedBy::Rule,
            registry_version: 1,
            decided_at: time("02T00:00:00"),
            merged_into: merged_into.map(RecordId),
            kind: None,
            settled_at: settled_at.map(time),
            added: Added::default(),
        })
    };
    let bank = Told { decision: decided(Some(2), None), ..told(1, Bank, 100, "01T12:00:00") };
    let gate = Told {
        account: "2",
        decision: decided(None, Some("01T12:00:00")),
        ..told(2, Intermediary, 100, "01T15:00:00")
    };
    let stored = async |erased: [bool; 2], version| {
        let told = [Told { is_erased: erased[0], ..bank }, Told { is_erased: erased[1], ..gate }];
        store(&database, &told, version).await;
        reviewed(&database, 1).await.len()
    };
    // Their invoice is gone, and with it the reason of the merge.
    assert_eq!(stored([false, false], 1).await, 2, "both are taken back");
    assert_eq!(stored([true, false], 2).await, 0);
    database.execute("TRUNCATE TABLE payments").await;
    assert_eq!(stored([false, true], 3).await, 0);
}

pub(crate) async fn decisions_are_told_with_what_is_stored_and_a_persons_stands(database: Database) {
    let database = database.migrated().await;
    let warehouse = &database.warehouse;
    let first = apply(warehouse, OWNED).await;
    let (bank, gate) = (told(1, Bank, 100, "01T12:00:00"), told(2, Intermediary, 100, "01T11:59:00"));
    let decision = |by| Decision {
        by,
        registry_version: first,
        decided_at: time("02T00:00:00"),
        merged_into: Some(RecordId(2)),
        kind: None,
        settled_at: None,
        added: Added::default(),
    };
    let rule = Told { decision: Some(decision(DecidedBy::Rule)), ..bank };
    store(&database, &[rule, gate], 1).await;
    let found = reviewed(&database, first).await;
    assert_eq!(found.len(), 2, "and the one that counts, which has nothing to learn");
    assert_eq!(
        (found[1].merged_into, found[1].settled_at, found[1].beside_kind),
        (None, None, Some(Kind::Payment))
    );
    assert_eq!((found[0].decided, found[0].merged_into), (rule.decision, Some(RecordId(2))));
    assert_eq!(found[0].received_at, time("01T12:00:00"));

    // Nobody's account is still one account.
    let second = apply(warehouse, "").await;
    assert_eq!(reviewed(&database, second).await[0].merged_into, Some(RecordId(2)));
    store(&database, &[Told { status: Status::Voided, ..gate }], 2).await;
    let found = reviewed(&database, second).await;
    assert_eq!((found.len(), found[0].merged_into), (1, None), "decided, and wanted no longer");

    let person = Told { decision: Some(decision(DecidedBy::Person)), ..bank };
    store(&database, &[person, gate], 3).await;
    assert_eq!(reviewed(&database, second).await, []);

    let versions = warehouse.fact_versions().await.expect("readable");
    assert_eq!(versions, [Version::at(1, 3)]);
    assert_eq!(warehouse.changed_days(&[]).await.expect("readable"), [day("2022-03-01")]);
    assert_eq!(warehouse.changed_days(&versions).await.expect("readable"), []);
}
