use cashless_domain::{
    AccountId, Added, AmountDong, Beneficiary, BusinessDate, DecidedBy, Decision, Details, EventKey,
    Evidence, Flags, Kind, Method, MinimumFields, PaymentId, Reason, RecordFate, RecordId, SourceClass,
    SourceId, Status, StatusChange, Timestamp,
};
use cashless_rollup::{Payment, Record, Version};
use cashless_warehouse::LoggedDecision;

use super::{Change, Found, NoUndo, Part, Refusal, Undo, Wish, changes, keep_merged, plan, undo, waiting};

fn time(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(&format!("2022-03-{text}+07:00")).expect("a time")
}

fn now() -> Timestamp {
    time("20T00:00:00")
}

fn record(id: u64, source_class: SourceClass, kind: Kind, at: &str) -> Record {
    let source = if source_class == SourceClass::Bank { "bank" } else { "gate" };
    Record {
        id: RecordId(id),
        source_class,
        source: SourceId::new(source).expect("valid"),
        status: Some(StatusChange { version: 0, status: Status::Settled }),
        details: Some(Details {
            version: 0,
            provider_time: None,
            received_at: time(at),
            amount: AmountDong::new(100_000).expect("in range"),
            settled_at: time(at),
            method: Method::QrPayment,
            kind,
            identifier: AccountId([1; 16]).into(),
            evidence: Evidence::default(),
            fields: MinimumFields::default(),
            flags: Flags::default(),
            reason: Reason::Tuition,
            beneficiary_kind: Beneficiary::Unknown,
            payer: None,
            beneficiary: None,
            invoice: None,
            invoice_other_year: None,
            original: None,
            payer_account: None,
            reference: None,
        }),
        decision: None,
        erased: false,
    }
}

/// Each record in a payment of its own, unless `payment` says otherwise.
fn found(record: Record, payment: u64) -> Found {
    let key = EventKey {
        anchor: BusinessDate::parse("2022-03-01").expect("a day"),
        account: AccountId([1; 16]),
        payment: PaymentId::from(RecordId(payment)),
        record: record.id,
    };
    Found { key, payment: Payment { version: Version::at(1, 1), records: vec![record] } }
}

fn bank() -> Found {
    found(record(1, SourceClass::Bank, Kind::Payment, "01T23:58:00"), 1)
}

fn gate() -> Found {
    found(record(2, SourceClass::Intermediary, Kind::Payment, "02T00:01:00"), 2)
}

fn decided(mut found: Found, decision: Decision) -> Found {
    found.payment.records[0].decision = Some(decision);
    found
}

fn rule(merged_into: Option<u64>, settled_at: Option<Timestamp>) -> Decision {
    let merged_into = merged_into.map(RecordId);
    let (by, decided_at) = (DecidedBy::Rule, time("03T00:00:00"));
    Decision {
        by,
        registry_version: 4,
        decided_at,
        merged_into,
        kind: None,
        settled_at,
        added: Added::default(),
    }
}

/// The parts as they are decided now, under registry 3.
fn decisions(parts: &[Part]) -> Vec<(EventKey, Decision)> {
    parts.iter().map(|part| (part.key, part.decision(3, now(), None))).collect()
}

fn after(found: &Found, decisions: &[(EventKey, Decision)]) -> Found {
    let mut found = found.clone();
    if let Some((_, decision)) = decisions.iter().find(|(key, _)| *key == found.key) {
        found.payment.records[0].decision = Some(*decision);
    }
    found
}

fn told(changes: &[Change]) -> Vec<(u64, RecordFate, String)> {
    let of =
        |change: &Change| (change.key.record.0, change.after.fate, change.after.business_date.to_string());
    changes.iter().map(of).collect()
}

fn log(parts: &[Part], undo_of: Option<u64>, decision_id: u64) -> Vec<LoggedDecision> {
    let row = |(index, (part, (key, after))): (usize, (&Part, (EventKey, Decision)))| LoggedDecision {
        decision_id,
        part: u8::try_from(index).expect("few"),
        undo_of,
        returns_to_rules: part.returns_to_rules,
        who: "Lê An".to_owned(),
        why: "vì vậy".to_owned(),
        key,
        source: part.source.clone(),
        amount_dong: part.amount_dong,
        before: part.before,
        after,
        fates: (RecordFate::Counted, RecordFate::Merged),
        business_dates: (key.anchor, key.anchor),
    };
    parts.iter().zip(decisions(parts)).enumerate().map(row).collect()
}

#[test]
fn a_merge_is_decided_about_both_records_and_the_earlier_day_counts() {
    let (bank, gate) = (bank(), gate());
    let parts = plan(&bank, None, Wish::MergedInto(&gate), now()).expect("taken");
    let decisions = decisions(&parts);
    let day = "2022-03-01".to_owned();
    assert_eq!(
        told(&changes(&[&bank, &gate], &decisions)),
        [(1, RecordFate::Merged, day.clone()), (2, RecordFate::Counted, day)]
    );
    assert!(decisions.iter().all(|(_, decision)| decision.by == DecidedBy::Person));

    // The same once more, when it is stored: nothing.
    let (bank, gate) = (after(&bank, &decisions), after(&gate, &decisions));
    assert_eq!(plan(&bank, Some(&gate), Wish::MergedInto(&gate), now()), Ok(vec![]));
    // What a rule has decided just so is decided by a person all the same.
    let by_rule = decided(self::bank(), rule(Some(2), None));
    assert_eq!(plan(&by_rule, None, Wish::MergedInto(&self::gate()), now()).expect("taken").len(), 2);
}

#[test]
fn a_separated_record_takes_its_day_along() {
    let (bank, gate) =
        (decided(bank(), rule(Some(2), None)), decided(gate(), rule(None, Some(time("01T23:58:00")))));
    let parts = plan(&bank, Some(&gate), Wish::Separate, now()).expect("taken");
    assert_eq!(
        told(&changes(&[&bank, &gate], &decisions(&parts))),
        [
            (1, RecordFate::Counted, "2022-03-01".to_owned()),
            (2, RecordFate::Counted, "2022-03-02".to_owned()),
        ]
    );
    // A day that it has for another reason stays.
    let moved = decided(self::gate(), rule(None, Some(time("01T12:00:00"))));
    assert_eq!(plan(&bank, Some(&moved), Wish::Separate, now()).expect("taken").len(), 1);
}

#[test]
fn a_merged_record_that_is_no_fee_makes_none_of_the_other_until_it_is_separated() {
    let kinds = |changes: &[Change]| changes.iter().map(|change| change.after.kind).collect::<Vec<_>>();
    let cash = found(record(1, SourceClass::Bank, Kind::CounterCash, "02T00:02:00"), 1);
    let parts = plan(&cash, None, Wish::MergedInto(&gate()), now()).expect("taken");
    let merge = decisions(&parts);
    assert_eq!(kinds(&changes(&[&cash, &gate()], &merge)), [Kind::CounterCash; 2]);
    let merged = [after(&cash, &merge), after(&gate(), &merge)];
    let parts = plan(&merged[0], Some(&merged[1]), Wish::Separate, now()).expect("taken");
    let apart = changes(&[&merged[0], &merged[1]], &decisions(&parts));
    assert_eq!(kinds(&apart), [Kind::CounterCash, Kind::Payment]);
    // What the merged record told beside goes the same way.
    let mut told = bank();
    told.payment.records[0].details.as_mut().expect("told").evidence = Evidence::INVOICE;
    let merge = decisions(&plan(&told, None, Wish::MergedInto(&gate()), now()).expect("taken"));
    let evidence =
        |changes: &[Change]| changes.iter().map(|change| change.after.evidence).collect::<Vec<_>>();
    assert_eq!(evidence(&changes(&[&told, &gate()], &merge)), [Evidence::INVOICE; 2]);
    let merged = [after(&told, &merge), after(&gate(), &merge)];
    let apart = decisions(&plan(&merged[0], Some(&merged[1]), Wish::Separate, now()).expect("taken"));
    let apart = changes(&[&merged[0], &merged[1]], &apart);
    assert_eq!(evidence(&apart), [Evidence::INVOICE, Evidence::default()]);
    // What a person says of a merged record goes to the one that counts, whoever had merged them.
    let by_rule = [decided(bank(), rule(Some(2), None)), gate()];
    let wish = Wish::Told { kind: Some(Kind::Donation), settled_at: None };
    let gift = decisions(&plan(&by_rule[0], Some(&by_rule[1]), wish, now()).expect("taken"));
    assert_eq!(kinds(&changes(&[&by_rule[0], &by_rule[1]], &gift)), [Kind::Donation; 2]);
    let gifts = [after(&by_rule[0], &gift), after(&by_rule[1], &gift)];
    let wish = Wish::Told { kind: Some(Kind::Payment), settled_at: None };
    let fee = decisions(&plan(&gifts[0], Some(&gifts[1]), wish, now()).expect("taken"));
    assert_eq!(kinds(&changes(&[&gifts[0], &gifts[1]], &fee)), [Kind::Payment; 2]);
    // Money out has no kind to give, and neither has a lump sum.
    let debit = found(record(1, SourceClass::Bank, Kind::Outflow, "02T00:02:00"), 1);
    let refund = found(record(2, SourceClass::Intermediary, Kind::Refund, "02T00:01:00"), 2);
    let merge = decisions(&plan(&debit, None, Wish::MergedInto(&refund), now()).expect("taken"));
    assert_eq!(kinds(&changes(&[&debit, &refund], &merge))[1], Kind::Refund);
    let lump = found(record(1, SourceClass::Bank, Kind::Settlement, "02T00:02:00"), 1);
    let merge = decisions(&plan(&lump, None, Wish::MergedInto(&self::gate()), now()).expect("taken"));
    assert_eq!(kinds(&changes(&[&lump, &self::gate()], &merge))[1], Kind::Payment);
    // A deposit is a deposit for both.
    let deposit = found(record(1, SourceClass::Bank, Kind::Deposit, "02T00:02:00"), 1);
    let merge = decisions(&plan(&deposit, None, Wish::MergedInto(&self::gate()), now()).expect("taken"));
    assert_eq!(kinds(&changes(&[&deposit, &self::gate()], &merge))[1], Kind::Deposit);
    // What is no fee itself stays what it is.
    let gift = found(record(2, SourceClass::Intermediary, Kind::Donation, "02T00:01:00"), 2);
    let parts = plan(&cash, None, Wish::MergedInto(&gift), now()).expect("taken");
    assert_eq!(kinds(&changes(&[&cash, &gift], &decisions(&parts)))[1], Kind::Donation);
}

#[test]
fn what_a_rule_merged_into_a_record_stays_merged_when_a_person_decides_about_that() {
    let merged = decided(bank(), rule(Some(2), None));
    let wish = Wish::Told { kind: Some(Kind::Donation), settled_at: None };
    let mut parts = plan(&gate(), None, wish, now()).expect("taken");
    keep_merged(&mut parts, std::slice::from_ref(&merged)).expect("kept");
    let made = decisions(&parts);
    let changes = changes(&[&gate(), &merged], &made);
    let told = changes.iter().map(|change| (change.after.fate, change.after.kind)).collect::<Vec<_>>();
    assert_eq!(told[0], (RecordFate::Excluded, Kind::Donation));
    assert_eq!(told[1].0, RecordFate::Merged);
    assert!(made.iter().all(|(_, decision)| decision.by == DecidedBy::Person) && made.len() == 2);
    // Once a person has kept it, nothing is to be said again.
    let kept = after(&merged, &made);
    let mut again = Vec::new();
    keep_merged(&mut again, &[kept]).expect("kept");
    assert!(again.is_empty());
}

#[test]
fn a_decision_wins_over_what_is_known_whatever_the_clocks_say() {
    let late = Decision { decided_at: time("25T00:00:00"), ..rule(Some(2), None) };
    let parts = plan(&decided(bank(), late), None, Wish::Separate, now()).expect("taken");
    let decision = parts[0].decision(3, now(), None);
    assert!(decision > late);
    assert_eq!(decision.registry_version, 4, "the higher one of the two");
    let person =
        Decision { by: DecidedBy::Person, registry_version: 9, decided_at: time("26T00:00:00"), ..late };
    assert!(parts[0].decision(3, now(), Some(person)) > person);
}

#[test]
fn taking_a_decision_back_restores_what_stood_before_and_doing_so_twice_is_once() {
    let start =
        [decided(bank(), rule(Some(2), None)), decided(gate(), rule(None, Some(time("01T23:58:00"))))];
    let content = |found: &Found| {
        let decision = found.payment.records[0].decision.expect("decided");
        (decision.merged_into, decision.kind, decision.settled_at)
    };
    let parts = plan(&start[0], Some(&start[1]), Wish::Separate, now()).expect("taken");
    let mut log = log(&parts, None, 7);
    assert_eq!(undo(&log, 7, &start), Err(NoUndo::Waiting));
    assert_eq!(undo(&log, 8, &start), Err(NoUndo::Unknown));
    let made = start.each_ref().map(|found| after(found, &decisions(&parts)));
    let Ok(Undo::Parts(back)) = undo(&log, 7, &made) else { panic!("it can be taken back") };
    let taken_back = made.each_ref().map(|found| after(found, &decisions(&back)));
    assert_eq!(taken_back.each_ref().map(content), start.each_ref().map(content));
    assert!(
        taken_back
            .iter()
            .all(|found| found.payment.records[0].decision.expect("decided").by == DecidedBy::Person)
    );

    log.extend(self::log(&back, Some(7), 9));
    assert_eq!(
        waiting(&log, &back[0]),
        Some(back[0].decision(3, now(), None)),
        "logged, and not in the facts"
    );
    assert_eq!(undo(&log, 7, &taken_back), Ok(Undo::Done));

    // Somebody decides anew: the first decision is not what holds any more.
    let anew = plan(&taken_back[0], None, Wish::Told { kind: Some(Kind::Donation), settled_at: None }, now())
        .expect("taken");
    log.extend(self::log(&anew, None, 11));
    let anew = [after(&taken_back[0], &decisions(&anew)), taken_back[1].clone()];
    assert_eq!(undo(&log, 7, &anew), Err(NoUndo::Overtaken(11)));
}

#[test]
fn decisions_are_taken_back_one_after_the_other_down_to_the_rules() {
    let told = |found: &Found, kind| {
        plan(found, None, Wish::Told { kind: Some(kind), settled_at: None }, now()).expect("taken")
    };
    let start = bank();
    let first = told(&start, Kind::Donation);
    let mut log = self::log(&first, None, 1);
    let donation = after(&start, &decisions(&first));
    let second = told(&donation, Kind::Loan);
    log.extend(self::log(&second, None, 2));
    let loan = after(&donation, &decisions(&second));
    let back = |log: &[LoggedDecision], id, found: &Found| match undo(log, id, std::slice::from_ref(found)) {
        Ok(Undo::Parts(parts)) => parts,
        other => panic!("{other:?}"),
    };
    assert_eq!(undo(&log, 1, std::slice::from_ref(&loan)), Err(NoUndo::Overtaken(2)));
    let one = back(&log, 2, &loan);
    assert!(!one[0].returns_to_rules, "the first decision holds again");
    log.extend(self::log(&one, Some(2), 3));
    let donation_again = after(&loan, &decisions(&one));
    let other = back(&log, 1, &donation_again);
    assert!(other[0].returns_to_rules);
    log.extend(self::log(&other, Some(1), 4));
    let nothing = after(&donation_again, &decisions(&other));
    assert_eq!(nothing.payment.records[0].decision.expect("a person's").kind, None);
    for id in [1, 2] {
        assert_eq!(undo(&log, id, std::slice::from_ref(&nothing)), Ok(Undo::Done));
    }
    // An undo is a decision, too.
    let redone = back(&log, 4, &nothing);
    assert!(!redone[0].returns_to_rules);
    assert_eq!(redone[0].decision(1, now(), None).kind, Some(Kind::Donation));
}

#[test]
fn what_cannot_be_is_refused() {
    let (bank, gate) = (bank(), gate());
    let refused = |found: &Found, wish| plan(found, None, wish, now()).expect_err("refused");
    assert_eq!(refused(&bank, Wish::MergedInto(&bank)), Refusal::Itself);
    let merged = decided(self::gate(), rule(Some(9), None));
    assert_eq!(refused(&bank, Wish::MergedInto(&merged)), Refusal::OtherIs(RecordFate::Merged));
    let refund = found(record(3, SourceClass::Intermediary, Kind::Refund, "02T00:01:00"), 3);
    assert_eq!(refused(&bank, Wish::MergedInto(&refund)), Refusal::Directions);
    let told = |kind, settled_at| Wish::Told { kind, settled_at };
    assert_eq!(refused(&bank, told(Some(Kind::Refund), None)), Refusal::KindOfOtherDirection(Kind::Refund));
    assert_eq!(refused(&bank, told(None, Some(time("21T00:00:00")))), Refusal::InFuture);
    let mut voided = self::bank();
    voided.payment.records[0].status = Some(StatusChange { version: 0, status: Status::Voided });
    assert_eq!(refused(&voided, Wish::Separate), Refusal::Voided);
    let mut status_only = self::bank();
    status_only.payment.records[0].details = None;
    assert_eq!(refused(&status_only, Wish::Separate), Refusal::StatusOnly);
    // The bank's reference made them one payment.
    let mut met = self::bank();
    met.payment.records.extend(gate.payment.records);
    assert_eq!(refused(&met, Wish::Separate), Refusal::MetByReference);
}
