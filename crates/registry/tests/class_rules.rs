//! What a list of class rules may say.

use cashless_domain::Kind;
use cashless_registry::{Class, ClassRules, Combination, Purpose};

const SHIPPED: &str = include_str!("../../../deploy/class-rules.csv");
const HEADER: &str = "kind,counter_cash,owner_known,purpose,evidence,class\n";

fn check(rules: &str, expected: &[&str]) {
    let errors = ClassRules::read(&format!("{HEADER}{rules}")).expect_err("refused");
    assert_eq!(errors.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
}

fn payment(purpose: Option<Purpose>, evidence: bool) -> Combination {
    Combination { kind: Kind::Payment, counter_cash: false, purpose, evidence }
}

#[test]
fn the_shipped_rules_are_a_whole_list_and_come_back_as_the_same_file() {
    let rules = ClassRules::read(SHIPPED).expect("valid");
    assert_eq!(rules.to_csv(), SHIPPED);
    assert_eq!(ClassRules::from_stored(rules.rules().to_vec()), rules);
    let class = |what: &Combination| rules.class_of(what);
    assert_eq!(class(&payment(Some(Purpose::FeeCollection), false)), Some(Class::FeePayment));
    assert_eq!(class(&payment(Some(Purpose::General), false)), Some(Class::Unknown));
    assert_eq!(class(&payment(Some(Purpose::General), true)), Some(Class::FeePayment));
    assert_eq!(class(&payment(None, true)), Some(Class::UnknownOwner));
}

#[test]
fn every_wrong_word_is_found_at_once() {
    let kinds = "payment, deposit, refund, chargeback, outflow, settlement, counter_cash, state_budget, bhyt_fund, donation, \
                 interest, loan, supplier_refund, internal_transfer, any";
    check(
        "gift,maybe,any,any,any,unknown\nany,any,any,fun,any,unknown\nany,any\n",
        &[
            "class rules, line 2: counter_cash is none of yes, no, any",
            &format!("class rules, line 2: kind is none of {kinds}"),
            "class rules, line 3: purpose is none of fee_collection, general, deposit, payroll, project, unknown, any",
            "class rules, line 4: not readable as CSV",
        ],
    );
    let columns = "class rules, line 1: the columns are kind,counter_cash,owner_known,purpose,evidence,class, in this order";
    let errors = ClassRules::read("kind,class\n").expect_err("refused");
    assert_eq!(errors.iter().map(ToString::to_string).collect::<Vec<_>>(), [columns]);
    let semicolons = SHIPPED.replace(',', ";");
    let told = ClassRules::read(&semicolons).expect_err("refused");
    let expected = "class rules, line 1: the columns are separated by ;, expected a comma";
    assert_eq!(told.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
}

#[test]
fn a_list_that_leaves_gaps_or_counts_the_uncountable_is_refused_with_all_that_is_wrong() {
    check(
        "outflow,any,any,any,any,fee_payment\nany,any,any,general,any,unknown\nany,any,yes,general,any,fee_payment\n",
        &[
            "class rules, line 2: fee_payment is counted, but money out never may: kind outflow, counter_cash no, \
             owner_known no, evidence no",
            "class rules, line 4: decides nothing: everything it matches is decided by rules above it",
            "class rules, line 0: 312 combinations get no class, for example: kind payment, counter_cash no, owner_known no, \
             evidence no; end the list with any,any,any,any,any,…",
        ],
    );
    check(
        "any,any,any,any,any,deposit\n",
        &[
            "class rules, line 2: deposit is counted, but money that no institution is known for never may: kind payment, \
           counter_cash no, owner_known no, evidence no",
        ],
    );
}

#[test]
fn a_change_is_told_by_the_combinations_it_moves() {
    let shipped = ClassRules::read(SHIPPED).expect("valid");
    let wanted = SHIPPED
        .replace("any,any,any,fee_collection,any,fee_payment", "any,any,any,general,any,fee_payment\n$&");
    let wanted = wanted.replace("$&", "any,any,any,fee_collection,any,fee_payment");
    let wanted = ClassRules::read(&wanted).expect("valid");
    let changes = wanted.changes_from(&shipped);
    assert_eq!(
        changes,
        [
            "~ kind payment, counter_cash no, purpose general, evidence no: unknown becomes fee_payment",
            "~ kind deposit, counter_cash no, purpose general, evidence no: unknown becomes fee_payment",
        ]
    );
    assert!(shipped.changes_from(&shipped).is_empty());
}
