use cashless_domain::{AmountDong, DeadLetterReason, Kind, Method};
use http::{HeaderMap, HeaderValue};
use serde_json::json;

use super::*;
use crate::testing::{announcement, now};
use crate::{Channel, Direction, Rejection, Said, Statement};

const TOKEN: &str = "camt054-test-token";
const CREDIT: &str = "<Amt Ccy=\"VND\">350000</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
                      <BookgDt><DtTm>2026-09-10T09:30:00+07:00</DtTm></BookgDt>";

fn adapter() -> Arc<dyn Adapter> {
    configure(json!({ "bearer_tokens": [TOKEN], "bank": "970436" })).expect("settings")
}

fn headers(content_type: &'static str, token: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static(content_type));
    headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {token}")).expect("a value"));
    headers
}

fn read(body: &[u8]) -> Vec<Result<Statement<'static>, Rejection>> {
    let headers = headers("application/xml", TOKEN);
    let delivery = Delivery { verb: Verb::Post, path: "", query: "", headers: &headers, body, peer: None };
    adapter().statements(&delivery, now()).unwrap_or_else(|refused| panic!("{refused}"))
}

fn notification(inside: &str) -> String {
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn>\
         <GrpHdr><MsgId>M1</MsgId></GrpHdr><Ntfctn><Id>N1</Id>{inside}</Ntfctn>\
         </BkToCstmrDbtCdtNtfctn></Document>"
    )
}

fn entries(entries: &[String]) -> String {
    let entries: String = entries.iter().map(|entry| format!("<Ntry>{entry}</Ntry>")).collect();
    notification(&format!("<Acct><Id><Othr><Id>0011223344</Id></Othr></Id></Acct>{entries}"))
}

fn entry(inside: &str) -> Vec<Result<Statement<'static>, Rejection>> {
    read(entries(&[inside.to_owned()]).as_bytes())
}

fn one(inside: &str) -> Statement<'static> {
    let mut statements = entry(inside);
    assert_eq!(statements.len(), 1);
    statements.remove(0).unwrap_or_else(|rejection| panic!("{rejection}"))
}

fn details(details: &[&str]) -> String {
    let details: String = details.iter().map(|detail| format!("<TxDtls>{detail}</TxDtls>")).collect();
    format!("<NtryDtls>{details}</NtryDtls>")
}

/// The record of each, or `held`.
fn records<'s>(statements: &'s [Result<Statement<'static>, Rejection>]) -> Vec<&'s str> {
    statements
        .iter()
        .map(|statement| statement.as_ref().map_or("held", |statement| statement.record.as_ref()))
        .collect()
}

#[test]
fn what_is_composed_is_read_again() {
    for happening in [Happening::Paid, Happening::PaidOut, Happening::Pending] {
        let sent = announcement(happening);
        let composed = adapter().compose(&sent, now()).expect("camt.054 can say this");
        let statement = crate::testing::statement(adapter().as_ref(), &composed, now());
        let said = match happening {
            Happening::Paid => Said::Paid,
            Happening::PaidOut => Said::PaidOut,
            _ => Said::Pending,
        };
        assert_eq!(statement.said, said);
        assert_eq!(statement.amount, Some(sent.amount));
        assert_eq!(statement.occurred_at, Some(sent.occurred_at));
        assert_eq!(statement.bank_reference.as_deref(), Some(sent.bank_reference));
        assert_eq!(statement.record, "0011223344:FT26253012345678");
        assert_eq!(statement.payer_name.as_deref(), sent.payer_name);
        assert_eq!(statement.reason.as_deref(), Some(sent.reason));
        assert_eq!(statement.invoice.as_deref(), sent.invoice);
        // A year later it still says the same.
        let later = Timestamp::parse_rfc3339("2027-09-10T12:00:00+07:00").expect("a time");
        assert_eq!(crate::testing::statement(adapter().as_ref(), &composed, later), statement);
    }
    for happening in [Happening::Failed, Happening::Test] {
        assert!(adapter().compose(&announcement(happening), now()).is_none());
    }
}

#[test]
fn all_versions_and_prefixes_say_the_same() {
    let wide = entries(&[format!(
        "{CREDIT}<AcctSvcrRef>FT1</AcctSvcrRef>{}",
        details(&["<Amt Ccy=\"VND\">350000.00</Amt><RltdPties><Dbtr><Pty><Nm>LE VAN MAU</Nm></Pty></Dbtr>\
                   </RltdPties><RmtInf><Ustrd>HP26A00123</Ustrd></RmtInf>"])
    )]);
    let narrow = wide
        .replace("camt.054.001.08", "camt.054.001.02")
        .replace("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>")
        .replace("<Pty>", "")
        .replace("</Pty>", "")
        .replace(
            "<TxDtls><Amt Ccy=\"VND\">350000.00</Amt>",
            "<TxDtls><AmtDtls><TxAmt><Amt Ccy=\"VND\">350000.00</Amt></TxAmt></AmtDtls>",
        );
    let later = wide.replace("camt.054.001.08", "camt.054.001.13");
    let spaced = wide.replace('<', "\n  <").replace("\n  </Ustrd", "</Ustrd").replace("\n  </Nm", "</Nm");
    let prefixed = wide.replace("</", "</x:").replace("xmlns=", "xmlns:x=");
    let prefixed = prefixed.replace('<', "<x:").replace("<x:/x:", "</x:");
    let statements = read(wide.as_bytes());
    assert_eq!(records(&statements), ["0011223344:FT1"]);
    for other in [&narrow, &later, &prefixed, &spaced] {
        assert_eq!(read(other.as_bytes()), statements, "{other}");
    }
    // What belongs to another namespace is not the message.
    let foreign = wide.replace("<Ntry>", "<Ntry xmlns=\"urn:other\">");
    assert!(records(&read(foreign.as_bytes())).is_empty());
}

#[test]
fn other_messages_are_named_as_such() {
    let good = entries(&[CREDIT.to_owned()]);
    let others = [
        good.replace("camt.054.001.08", "camt.053.001.08"),
        good.replace("camt.054.001.08", "camt.054.001.0x"),
        good.replace("BkToCstmrDbtCdtNtfctn", "BkToCstmrStmt"),
        good.replace(" xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"", ""),
        good.replace("Document", "Envelope"),
    ];
    for other in others {
        let statements = read(other.as_bytes());
        assert_eq!(statements, [Err(Rejection::malformed("", Rejection::OTHER_MESSAGE))], "{other}");
    }
    assert_eq!(read(notification("").as_bytes()), []);
}

#[test]
fn what_is_no_plain_xml_is_refused_as_a_whole() {
    let good = entries(&[format!("{CREDIT}<AcctSvcrRef>FT1</AcctSvcrRef>")]);
    assert_eq!(records(&read(good.as_bytes())), ["0011223344:FT1"]);
    let inside = |text: &str| good.replace("FT1", text);
    let wrong = [
        format!("<!DOCTYPE Document>{good}"),
        format!("<!DOCTYPE Document [<!ENTITY a \"aa\">]>{good}"),
        format!("<!DOCTYPE d SYSTEM \"file:///etc/passwd\">{good}"),
        inside("&a;"),
        inside("&nbsp;"),
        inside("&#0;"),
        inside("&#1;"),
        inside("&"),
        inside("\u{1}"),
        inside(&"x".repeat(5_000)),
        format!("{}{}", "<a>".repeat(50_000), "</a>".repeat(50_000)),
        good.replace("<Ntry>", &format!("<Ntry>{}{}", "<a>".repeat(40), "</a>".repeat(40))),
        good.replace("<Ntry>", &format!("<Ntry a=\"{}\">", "x".repeat(3_000))),
        good.replace("<Ntry>", "<Ntry a=\"1\" a=\"2\">"),
        good.replace("</Ntry>", "</Entry>"),
        format!("{good}{good}"),
        format!("{good}x"),
        format!("x{good}"),
        format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{good}"),
        "{}".to_owned(),
        String::new(),
    ];
    for text in wrong {
        let statements = read(text.as_bytes());
        assert!(
            matches!(&statements[..], [Err(Rejection { reason: DeadLetterReason::Malformed, .. })]),
            "{}",
            text.chars().take(400).collect::<String>()
        );
    }
    for end in 0..good.len() {
        assert!(read(&good.as_bytes()[..end])[0].is_err(), "{end}");
    }
    let mut bytes = good.clone().into_bytes();
    bytes[good.len() / 2] = 0xff;
    assert!(read(&bytes)[0].is_err());
    // These are plain.
    for text in ["F&#84;1", "F&#x54;1", "<![CDATA[FT1]]>", "F<!-- x -->T1", " FT1\r\n"] {
        assert_eq!(records(&read(inside(text).as_bytes())), ["0011223344:FT1"], "{text}");
    }
    let declared = format!("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<?p i?>{good}\n<!-- -->\n");
    assert_eq!(records(&read(declared.as_bytes())), ["0011223344:FT1"]);
}

#[test]
fn what_two_readers_could_read_differently_holds_its_entry_alone() {
    let good = format!("{CREDIT}<AcctSvcrRef>FT2</AcctSvcrRef>");
    for twice in [
        format!("{good}<AcctSvcrRef>FT3</AcctSvcrRef>"),
        format!("{good}<Amt Ccy=\"VND\">350000</Amt>"),
        format!("{good}<Sts>PDNG</Sts>"),
        good.replace("350000", "35<b/>0000"),
        good.replace("<Cd>BOOK</Cd>", "PDNG<Cd>BOOK</Cd>"),
        good.replace("CRDT", "CREDIT"),
        good.replace("<CdtDbtInd>CRDT</CdtDbtInd>", ""),
        good.replace("<Sts><Cd>BOOK</Cd></Sts>", ""),
        good.replace("2026-09-10T", "2026-13-10T"),
        good.replace(" Ccy=\"VND\"", ""),
        format!("{good}<RvslInd>maybe</RvslInd>"),
    ] {
        let statements = read(entries(&[twice.clone(), good.clone()]).as_bytes());
        assert_eq!(records(&statements), ["held", "0011223344:FT2"], "{twice}");
    }
}

#[test]
fn amounts_are_whole_dong_and_details_make_up_their_entry() {
    let amount = |text: &str| format!("<Amt Ccy=\"VND\">{text}</Amt>");
    let reason_of = |inside: &str| entry(inside).remove(0).err().map(|rejection| rejection.reason);
    for text in ["350000.50", "-350000", "0", "3.5e5", "\"350000\"", "1000000000000001", "35 0000", ""] {
        assert!(reason_of(&CREDIT.replace("350000", text)).is_some(), "{text}");
    }
    let dollars = CREDIT.replace("VND", "USD");
    assert_eq!(reason_of(&dollars), Some(DeadLetterReason::UnsupportedCurrency));

    let sums: &[(&[&str], bool)] = &[
        (&["350000"], true),
        (&["349999"], false),
        (&["100000", "250000.00"], true),
        (&["100000", "250001"], false),
        (&["100000", "200000"], false),
    ];
    for (parts, adds_up) in sums {
        let parts: Vec<String> = parts.iter().map(|part| amount(part)).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let statements = entry(&format!("{CREDIT}{}", details(&parts)));
        let held = Rejection::new(DeadLetterReason::InvalidAmount, "NtryDtls/TxDtls", Rejection::SUM_DIFFERS);
        if *adds_up {
            assert!(statements.len() == parts.len() && statements.iter().all(Result::is_ok), "{parts:?}");
        } else {
            assert_eq!(statements, [Err(held)], "{parts:?}");
        }
    }
    // A returned transfer within a batch lowers it.
    let back = format!("{}<CdtDbtInd>DBIT</CdtDbtInd>", amount("50000"));
    let net = entry(&format!("{CREDIT}{}", details(&[&amount("400000"), &back])));
    let directions: Vec<_> = net.iter().flatten().map(|statement| statement.direction).collect();
    assert_eq!(directions, [Direction::In, Direction::Out]);
    // Without its own amount, only a single detail has that of the entry.
    assert_eq!(one(&format!("{CREDIT}{}", details(&[""]))).amount.map(AmountDong::get), Some(350_000));
    assert!(entry(&format!("{CREDIT}{}", details(&["", &amount("350000")])))[0].is_err());
    // What the payer ordered in another currency is not what arrived.
    let ordered = "<AmtDtls><InstdAmt><Amt Ccy=\"USD\">14.20</Amt></InstdAmt></AmtDtls>";
    assert_eq!(one(&format!("{CREDIT}{}", details(&[ordered]))).amount.map(AmountDong::get), Some(350_000));
    let foreign = "<Amt Ccy=\"USD\">350000</Amt>";
    let reason = reason_of(&format!("{CREDIT}{}", details(&[foreign])));
    assert_eq!(reason, Some(DeadLetterReason::UnsupportedCurrency));
}

#[test]
fn every_transaction_has_a_name_of_its_own() {
    let part = |references: &str| format!("<Refs>{references}</Refs><Amt Ccy=\"VND\">175000</Amt>");
    let (own, same) = ("<AcctSvcrRef>T{}</AcctSvcrRef>", "<AcctSvcrRef>FT1</AcctSvcrRef>");
    let end = "<EndToEndId>E{}</EndToEndId>";
    let two = |references: &str| {
        let parts = ["1", "2"].map(|number| part(&references.replace("{}", number)));
        let parts = details(&parts.each_ref().map(String::as_str));
        entry(&format!("{CREDIT}<AcctSvcrRef>FT1</AcctSvcrRef>{parts}"))
    };
    let cases: &[(String, [&str; 2])] = &[
        (own.to_owned(), ["T1", "T2"]),
        (format!("{own}{end}"), ["T1", "T2"]),
        (end.to_owned(), ["FT1:E1", "FT1:E2"]),
        // Some banks repeat the reference of the entry, and payers repeat theirs.
        (format!("{same}{end}"), ["FT1:E1", "FT1:E2"]),
        ("<EndToEndId>E</EndToEndId>".to_owned(), ["FT1:1", "FT1:2"]),
        ("<EndToEndId>NOTPROVIDED</EndToEndId>".to_owned(), ["FT1:1", "FT1:2"]),
        (same.to_owned(), ["FT1:1", "FT1:2"]),
        (end.replace("E{}", "a:{}%"), ["FT1:a%3A1%25", "FT1:a%3A2%25"]),
    ];
    for (references, expected) in cases {
        let statements = two(references);
        let expected = expected.map(|record| format!("0011223344:{record}"));
        assert_eq!(records(&statements), expected, "{references}");
        let banks: Vec<_> =
            statements.iter().flatten().map(|statement| statement.bank_reference.as_deref()).collect();
        assert!(banks[0].is_none() || banks[0] != banks[1], "{references}: merged into one payment");
    }
    let single = format!("{CREDIT}<AcctSvcrRef>FT1</AcctSvcrRef>{}", details(&[""]));
    assert_eq!(one(&single).record, "0011223344:FT1");
}

#[test]
fn without_references_the_content_names_a_transaction() {
    let (first, second) = (CREDIT.to_owned(), CREDIT.replace("350000", "350001"));
    let statements = read(entries(&[first.clone(), second, first.clone()]).as_bytes());
    let names = records(&statements);
    assert!(names[0].starts_with("0011223344:sha256-") && names[0] != names[1]);
    assert_eq!(names[2], format!("{}:2", names[0]), "two equal payments are two");
    let again = entries(&[first]).replace("M1", "M2").replace("N1", "N2");
    assert_eq!(records(&read(again.as_bytes()))[..], names[..1], "a message of another id is a repetition");
    // A copy of the notification in the same message, too.
    let copied = |marker: &str| {
        let (head, rest) = again.split_once("<Ntfctn>").expect("a notification");
        let (notification, tail) = rest.split_once("</Ntfctn>").expect("its end");
        let copy = notification.replace("<Id>N2</Id>", &format!("<Id>N3</Id>{marker}"));
        format!("{head}<Ntfctn>{notification}</Ntfctn><Ntfctn>{copy}</Ntfctn>{tail}")
    };
    let copy = read(copied("<CpyDplctInd>DUPL</CpyDplctInd>").as_bytes());
    assert_eq!(records(&copy), [names[0], names[0]]);
    assert_eq!(records(&read(copied("").as_bytes())), [names[0], names[2]]);
}

#[test]
fn a_reference_of_two_movements_names_neither() {
    let first = format!("{CREDIT}<AcctSvcrRef>FT1</AcctSvcrRef>");
    let statements = read(entries(&[first.clone(), first.replace("350000", "1100")]).as_bytes());
    assert_eq!(records(&statements), ["0011223344:FT1", "held"]);
    // A bank books a payment and its fee or its return under one reference: two records, by their direction.
    let returned = read(entries(&[first.clone(), first.replace("CRDT", "DBIT")]).as_bytes());
    assert_eq!(records(&returned), ["0011223344:FT1"; 2]);
    let again = read(entries(&[first.clone(), first]).as_bytes());
    assert_eq!(records(&again), ["0011223344:FT1"; 2]);
}

#[test]
fn elements_under_a_second_prefix_are_not_passed_over() {
    let message = entries(&[CREDIT.to_owned()]);
    let namespace = message.split('"').find(|text| text.starts_with("urn:")).expect("a namespace").to_owned();
    let mixed = message.replacen("<Ntry>", &format!("<d:Ntry xmlns:d=\"{namespace}\">"), 1);
    let mixed = mixed.replacen("</Ntry>", "</d:Ntry>", 1);
    assert_ne!(mixed, message);
    assert_eq!(records(&read(mixed.as_bytes())), ["held"]);
}

#[test]
fn only_booked_entries_are_money_and_all_states_are_of_one_record() {
    let with = |status: &str| {
        one(&format!("{}<AcctSvcrRef>FT1</AcctSvcrRef>", CREDIT.replace("<Cd>BOOK</Cd>", status)))
    };
    let booked = with("<Cd>BOOK</Cd>");
    assert_eq!(booked.said, Said::Paid);
    for status in ["<Cd>PDNG</Cd>", "<Cd>INFO</Cd>", "FUTR", "<Prtry>SOMETHING</Prtry>", "book"] {
        let statement = with(status);
        assert_eq!(statement.said, Said::Pending, "{status}");
        assert_eq!((&statement.record, statement.occurred_at), (&booked.record, booked.occurred_at));
    }
    // What is announced for tomorrow has no time yet, rather than one in the future.
    let future = CREDIT.replace("2026-09-10T", "2026-09-12T").replace("BOOK", "FUTR");
    assert_eq!(one(&future).occurred_at, None);
}

#[test]
fn times_without_an_offset_are_viet_nams() {
    let at = |date: &str| one(&CREDIT.replace("<DtTm>2026-09-10T09:30:00+07:00</DtTm>", date)).occurred_at;
    let time = |text| Timestamp::parse_rfc3339(text).ok();
    let half_past_nine = time("2026-09-10T09:30:00+07:00");
    for text in [
        "2026-09-10T09:30:00",
        "2026-09-10T02:30:00Z",
        "2026-09-10T09:30:00.000",
        "2026-09-10T02:30:00+00:00",
    ] {
        assert_eq!(at(&format!("<DtTm>{text}</DtTm>")), half_past_nine, "{text}");
    }
    for text in ["2026-09-10", "2026-09-10+07:00", "2026-09-10Z"] {
        assert_eq!(at(&format!("<Dt>{text}</Dt>")), time("2026-09-10T00:00:00+07:00"), "{text}");
    }
    assert_eq!(one(&CREDIT.replace("BookgDt", "ValDt")).occurred_at, half_past_nine);
}

#[test]
fn a_reversal_names_an_original_that_is_no_record() {
    let reversal = |direction: &str, references: &str| {
        one(&format!(
            "{}<RvslInd>true</RvslInd><AcctSvcrRef>FT9</AcctSvcrRef>{}",
            CREDIT.replace("CRDT", direction),
            details(&[&format!("<Refs>{references}</Refs>")])
        ))
    };
    let named = |statement: &Statement<'_>| match &statement.said {
        Said::Reversed { original: Some(original) } => original.to_string(),
        said => panic!("{said:?}"),
    };
    let back = reversal("DBIT", "<EndToEndId>HP26A00123</EndToEndId>");
    assert_eq!((named(&back).as_str(), back.direction), (":original:0011223344:HP26A00123", Direction::Out));
    assert_eq!(back.record, "0011223344:FT9:HP26A00123");
    let nameless = reversal("DBIT", "<EndToEndId>NOTPROVIDED</EndToEndId><TxId>T:1</TxId>");
    assert_eq!(named(&nameless), ":original:0011223344:T%3A1");
    assert_eq!(named(&reversal("DBIT", "")), ":original:0011223344:0011223344:FT9");
    assert_eq!(reversal("CRDT", "<EndToEndId>HP26A00123</EndToEndId>").direction, Direction::In);
}

#[test]
fn codes_tell_the_way_the_money_came() {
    let coded = |domain: &str, family: &str, sub: &str, more: &str| {
        let statement = one(&format!(
            "{CREDIT}<BkTxCd><Domn><Cd>{domain}</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd>\
             </Fmly></Domn></BkTxCd>{more}"
        ));
        (statement.channel, statement.method, statement.kind)
    };
    let sale = "<CardTx><POI><Id><Id>T0001</Id></Id></POI><Tx><Indv><SaleRefNb>BN0012345</SaleRefNb>\
                </Indv></Tx></CardTx>";
    let batch = "<CardTx><Tx><Aggtd><AddtlSvc>CASH</AddtlSvc></Aggtd></Tx></CardTx>";
    let in_detail = |card: &str| details(&[card]);
    let (card, pos, bank) = (Channel::Card, Method::CardPos, Channel::BankTransfer);
    assert_eq!(coded("PMNT", "MCRD", "POSP", sale), (card, pos, None));
    assert_eq!(coded("PMNT", "MCRD", "POSP", &in_detail(sale)), (card, pos, None));
    assert_eq!(coded("PMNT", "MCRD", "POSP", batch), (card, pos, Some(Kind::Settlement)));
    assert_eq!(coded("PMNT", "MCRD", "POSP", &in_detail(batch)), (card, pos, Some(Kind::Settlement)));
    assert_eq!(coded("PMNT", "MCRD", "POSP", ""), (card, pos, None));
    assert_eq!(coded("PMNT", "CNTR", "CDPT", "").1, Method::CounterCash);
    assert_eq!(coded("PMNT", "CNTR", "CHKD", "").1, Method::Other);
    assert_eq!(coded("PMNT", "RCDT", "DMCT", ""), (bank, Method::WebTransfer, None));
    assert_eq!(coded("PMNT", "MCOP", "INTR", ""), (bank, Method::Unknown, Some(Kind::Interest)));
    assert_eq!(coded("LDAS", "FTLN", "DDWN", ""), (bank, Method::Unknown, Some(Kind::Loan)));
    let returned = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>";
    assert_eq!(coded("PMNT", "RCDT", "DMCT", &in_detail(returned)).2, Some(Kind::SupplierRefund));
    // A batch of sales is not each of its sales.
    let two = details(&[
        "<Amt Ccy=\"VND\">175000</Amt><Refs><AcctSvcrRef>A</AcctSvcrRef></Refs>",
        "<Amt Ccy=\"VND\">175000</Amt><Refs><AcctSvcrRef>B</AcctSvcrRef></Refs>",
    ]);
    let statements = entry(&format!("{CREDIT}{batch}{two}"));
    assert!(statements.iter().flatten().all(|statement| (statement.channel, statement.kind) == (card, None)));
    let terminal = one(&format!("{CREDIT}{sale}"));
    assert!(terminal.particulars.contains(&("terminal", "T0001".into())));
    assert_eq!(terminal.invoice.as_deref(), Some("BN0012345"));
}

#[test]
fn invoices_come_from_the_best_field() {
    let end = |text: &str| format!("<Refs><EndToEndId>{text}</EndToEndId></Refs>");
    let structured = |text: &str| format!("<RmtInf><Strd>{text}</Strd></RmtInf>");
    let reference = |text: &str| format!("<CdtrRefInf><Ref>{text}</Ref></CdtrRefInf>");
    let document = "<RfrdDocInf><Nb>HD0099</Nb></RfrdDocInf>";
    let sale = "<CardTx><Tx><Indv><SaleRefNb>S77</SaleRefNb></Indv></Tx></CardTx>";
    let two = format!("<RmtInf><Strd>{}</Strd><Strd>{}</Strd></RmtInf>", reference("A1"), reference("A2"));
    let cases: &[(String, Option<&str>)] = &[
        (end("HP26A00123") + &structured(&reference("BN0012345")), Some("BN0012345")),
        (end("HP26A00123") + sale, Some("HP26A00123")),
        // Chosen by the payer's side: its own numbers are no invoice.
        (end("20260910BFTVVNVX0001"), None),
        (end("9f1c6d52a4"), None),
        (end("FT26253012345678"), None),
        (end("TRA TIEN"), None),
        (end("NOTPROVIDED") + sale, Some("S77")),
        (structured(document), Some("HD0099")),
        (two, None),
        (structured("<AddtlRmtInf>HP26A00123</AddtlRmtInf>"), None),
    ];
    for (inside, expected) in cases {
        let statement = one(&format!("{CREDIT}{}", details(&[inside])));
        assert_eq!(statement.invoice.as_deref(), *expected, "{inside}");
    }
    // With forms of its own, an institution knows its invoices.
    let settings =
        json!({ "transport_authenticates": true, "end_to_end_codes": ["[0-9]{8}"], "bank": "970436" });
    let adapter = configure(settings).expect("settings");
    let headers = headers("application/xml", "");
    for (text, expected) in [("26000123", Some("26000123")), ("HP26A00123", None)] {
        let body = entries(&[format!("{CREDIT}{}", details(&[&end(text)]))]);
        let body = body.as_bytes();
        let delivery =
            Delivery { verb: Verb::Post, path: "", query: "", headers: &headers, body, peer: None };
        let statements = adapter.statements(&delivery, now()).expect("authentic");
        assert_eq!(statements[0].as_ref().ok().and_then(|statement| statement.invoice.as_deref()), expected);
    }
}

#[test]
fn texts_are_joined_as_they_were_cut() {
    let text = |inside: &str| one(&format!("{CREDIT}{inside}<AddtlNtryInf>NGAN HANG</AddtlNtryInf>")).reason;
    let cut = details(&["<RmtInf><Ustrd>NOP HOC PHI HP26A</Ustrd><Ustrd>00123 </Ustrd></RmtInf>"]);
    assert_eq!(text(&cut).as_deref(), Some("NOP HOC PHI HP26A00123 "));
    let free = details(&["<AddtlTxInf>D &amp; E</AddtlTxInf>"]);
    assert_eq!(text(&free).as_deref(), Some("D & E"));
    assert_eq!(text("").as_deref(), Some("NGAN HANG"));
    let long = details(&[&format!("<RmtInf>{}</RmtInf>", "<Ustrd>0123456789</Ustrd>".repeat(500))]);
    assert!(entry(&format!("{CREDIT}{long}"))[0].is_err());
}

#[test]
fn persons_and_accounts_stand_where_they_were_printed() {
    let parties = "<RltdPties><Dbtr><Nm>LE VAN MAU</Nm></Dbtr><UltmtDbtr><Pty><Nm>LE THI THI DU</Nm></Pty>\
                   </UltmtDbtr><DbtrAcct><Id><IBAN>VN001</IBAN></Id></DbtrAcct>\
                   <CdtrAcct><Id><Othr><Id>V2MS0001</Id></Othr></Id></CdtrAcct></RltdPties>\
                   <RltdAgts><DbtrAgt><FinInstnId><BIC>ICBVVNVX</BIC></FinInstnId></DbtrAgt></RltdAgts>";
    let statement = one(&format!("{CREDIT}{}", details(&[parties])));
    assert_eq!(statement.payer_name.as_deref(), Some("LE THI THI DU"));
    assert_eq!(statement.payer_account.as_deref(), Some("VN001"));
    assert_eq!(statement.payer_bank.as_deref(), Some("ICBVVNVX"));
    assert_eq!(statement.virtual_account.as_deref(), Some("V2MS0001"));
}

#[test]
fn the_bank_is_the_configured_one_or_the_one_that_is_named() {
    let adapter = configure(json!({ "transport_authenticates": true })).expect("settings");
    let headers = headers("text/xml; charset=UTF-8", "");
    let bank = |servicer: &str| {
        let account = format!("<Acct><Id><Othr><Id>1</Id></Othr></Id>{servicer}</Acct><Ntry>{CREDIT}</Ntry>");
        let body = notification(&account);
        let body = body.as_bytes();
        let delivery =
            Delivery { verb: Verb::Post, path: "", query: "", headers: &headers, body, peer: None };
        let statement = adapter.statements(&delivery, now()).expect("authentic").remove(0);
        statement.map(|statement| match statement.receiver {
            crate::Receiver::Account { bank, .. } => bank.into_owned(),
            crate::Receiver::Merchant(_) => String::new(),
        })
    };
    let named = |name: &str| format!("<Svcr><FinInstnId>{name}</FinInstnId></Svcr>");
    for (name, bin) in [
        ("<BICFI>BFTVVNVX</BICFI>", "970436"),
        ("<BIC>ICBVVNVXXXX</BIC>", "970415"),
        ("<Nm>Agribank</Nm>", "970405"),
    ] {
        assert_eq!(bank(&named(name)), Ok(bin.to_owned()), "{name}");
    }
    assert!(bank(&named("<BICFI>XXXXVNVX</BICFI>")).is_err());
    assert!(bank("").is_err());
    assert!(adapter.compose(&announcement(Happening::Paid), now()).is_none());
}

#[test]
fn nobody_is_believed_by_default() {
    for settings in [json!({}), json!({ "transport_authenticates": false }), json!({ "bearer_tokens": [] })] {
        let problem = configure(settings).err().expect("refused");
        assert!(problem.contains("nothing authenticates"), "{problem}");
    }
    let body = entries(&[CREDIT.to_owned()]);
    let verdict = |settings: Value, headers: &HeaderMap, peer: &str| {
        let adapter = configure(settings).expect("settings");
        let peer = peer.parse().ok();
        let body = body.as_bytes();
        let delivery = Delivery { verb: Verb::Post, path: "", query: "", headers, body, peer };
        adapter.statements(&delivery, now()).map(|_| ())
    };
    let tokens = || json!({ "bearer_tokens": ["camt054-old-token", TOKEN], "bank": "970436" });
    let right = headers("application/xml", TOKEN);
    assert_eq!(verdict(tokens(), &right, ""), Ok(()));
    for wrong in ["", "camt054-test-toke", "camt054-test-token2"] {
        assert_eq!(verdict(tokens(), &headers("application/xml", wrong), ""), Err(Refused::BadToken));
    }
    let mut twice = right.clone();
    twice.append("authorization", HeaderValue::from_static("Bearer x"));
    let mut basic = right.clone();
    basic.insert("authorization", HeaderValue::from_static("Basic camt054-test-token"));
    let mut none = right;
    none.remove("authorization");
    for headers in [twice, basic, none.clone()] {
        assert_eq!(verdict(tokens(), &headers, ""), Err(Refused::BadToken));
    }
    // Tokens are asked for also behind a tunnel.
    let both = json!({ "bearer_tokens": [TOKEN], "transport_authenticates": true });
    assert_eq!(verdict(both, &none, ""), Err(Refused::BadToken));
    let from = || json!({ "transport_authenticates": true, "allowed_addresses": ["10.1.2.3"] });
    assert_eq!(verdict(from(), &none, "10.1.2.3"), Ok(()));
    assert_eq!(verdict(from(), &none, "::ffff:10.1.2.3"), Ok(()));
    assert_eq!(verdict(from(), &none, "10.1.2.4"), Err(Refused::BadToken));
    assert_eq!(verdict(from(), &none, ""), Err(Refused::BadToken));
    for other in ["application/json", "text/plain", "application/xml; charset=iso-8859-1"] {
        assert_eq!(verdict(tokens(), &headers(other, TOKEN), ""), Err(Refused::Misdirected), "{other}");
    }
    for xml in ["text/xml", "APPLICATION/XML;charset=\"utf-8\"", "application/camt.054.001.08+xml"] {
        assert_eq!(verdict(tokens(), &headers(xml, TOKEN), ""), Ok(()), "{xml}");
    }
}
