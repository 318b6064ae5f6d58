//! What nobody should send, sent to every provider of the table.

mod every;

use std::time::{Duration, Instant};

use cashless_providers::{Happening, Verb};
use every::{Connected, HAPPENINGS, Request, connected};
use http::HeaderValue;
use proptest::prelude::*;

/// Formats without a signature: whoever holds the token can say anything.
const NOT_SIGNED: &[&str] = &["camt054", "vietqr-vn"];

fn requests() -> Vec<(Connected, Vec<Request>)> {
    let composed = |connected: Connected| {
        let requests = HAPPENINGS.iter().filter_map(|happening| connected.compose(*happening));
        let requests: Vec<_> = requests.map(|composed| Request::from(&composed)).collect();
        assert!(!requests.is_empty(), "{} composes nothing", connected.provider.name);
        (connected, requests)
    };
    connected().into_iter().map(composed).collect()
}

/// Every byte of the message and of the headers, replaced by a few others.
fn mutations(request: &Request) -> Vec<Request> {
    let mut mutations = Vec::new();
    let others =
        |byte: u8| [byte ^ 1, byte ^ 0x20, b'0', b'"', b'&', 0, 0xff].into_iter().filter(move |&b| b != byte);
    let message = request.message();
    for (at, &byte) in message.iter().enumerate() {
        for other in others(byte) {
            let mut message = message.clone();
            message[at] = other;
            mutations.push(request.with_message(&message));
        }
    }
    for (name, value) in &request.headers {
        for (at, &byte) in value.as_bytes().iter().enumerate() {
            for other in others(byte) {
                let mut value = value.as_bytes().to_vec();
                value[at] = other;
                if let Ok(value) = HeaderValue::from_bytes(&value) {
                    let mut other = request.clone();
                    other.headers.insert(name, value);
                    mutations.push(other);
                }
            }
        }
    }
    mutations
}

#[test]
fn no_changed_byte_of_a_signed_request_changes_what_it_says() {
    for (connected, requests) in requests() {
        let name = connected.provider.name;
        let mut changed = 0;
        for request in &requests {
            let said = connected.read(request).unwrap_or_else(|refused| panic!("{name}: {refused}"));
            assert!(said.has_events(), "{name}");
            for mutation in mutations(request) {
                match connected.read(&mutation) {
                    Ok(other) if other != said => {
                        changed += 1;
                        assert!(
                            NOT_SIGNED.contains(&name),
                            "{name} reads another statement in\n{:?} {}\n{}",
                            mutation.headers,
                            mutation.query,
                            String::from_utf8_lossy(&mutation.body)
                        );
                    }
                    _ => {}
                }
            }
        }
        assert!(changed > 0 || !NOT_SIGNED.contains(&name), "{name} does sign its messages");
    }
}

#[test]
fn a_part_of_a_request_says_nothing() {
    for (connected, requests) in requests() {
        for request in requests {
            let message = request.message();
            // White space at the end of a body may be missing.
            for end in 0..message.trim_ascii_end().len() {
                let read = connected.read(&request.with_message(&message[..end]));
                let name = connected.provider.name;
                assert!(!read.is_ok_and(|read| read.has_events()), "{name} believes the first {end} bytes");
            }
        }
    }
}

#[test]
fn names_that_appear_twice_are_refused() {
    for (connected, requests) in requests() {
        for request in requests {
            let text = String::from_utf8(request.message()).expect("text");
            let twice = match text.trim_end() {
                json if json.starts_with('{') => {
                    let tree: serde_json::Value = serde_json::from_str(json).expect("JSON");
                    let members = tree.as_object().expect("an object");
                    let (name, value) = members.iter().next().expect("a member");
                    json.replacen('{', &format!("{{{}:{value},", serde_json::Value::from(name.as_str())), 1)
                }
                xml if xml.starts_with('<') => {
                    xml.replacen("<CdtDbtInd>", "<CdtDbtInd>CRDT</CdtDbtInd><CdtDbtInd>", 1)
                }
                form => format!("{form}&{}", form.split('&').next().unwrap_or("")),
            };
            let read = connected.read(&request.with_message(twice.as_bytes()));
            assert!(
                !read.is_ok_and(|read| read.has_events()),
                "{} believes {twice}",
                connected.provider.name
            );
        }
    }
}

/// Something of about `size` bytes that no parser should dwell on, as JSON, form or XML has room for it.
fn burdens(size: usize) -> Vec<(&'static str, String)> {
    let members = |quote: &str, assign: &str, between: &str| {
        let members: Vec<String> =
            (0..size / 12).map(|number| format!("{quote}z{number:06}{quote}{assign}0")).collect();
        members.join(between)
    };
    vec![
        ("arrays", format!("{}{}", "[".repeat(size / 2), "]".repeat(size / 2))),
        ("objects", format!("{}0{}", "{\"a\":".repeat(size / 6), "}".repeat(size / 6))),
        ("open arrays", "[".repeat(size)),
        ("open objects", "{\"a\":".repeat(size / 5)),
        ("digits", "9".repeat(size)),
        ("fraction", format!("0.{}", "0".repeat(size))),
        ("exponent", format!("1e{}", "9".repeat(size))),
        ("string", format!("\"{}\"", "x".repeat(size))),
        ("escapes", format!("\"{}\"", "\\u0041".repeat(size / 6))),
        ("open string", format!("\"{}", "\\".repeat(size))),
        ("flat array", format!("[{}0]", "0,".repeat(size / 2))),
        ("members", format!("{{{}}}", members("\"", ":", ","))),
        ("pairs", members("", "=", "&")),
        ("percents", "%41".repeat(size / 3)),
        ("tags", "<a>".repeat(size / 3)),
        ("nested tags", format!("{}{}", "<a>".repeat(size / 7), "</a>".repeat(size / 7))),
        ("attributes", format!("<a {}/>", members("", "=\"", "\" ").replace("=\"0", "=\"0\" "))),
        ("references", "&amp;".repeat(size / 5)),
        ("own references", "&a;".repeat(size / 3)),
        ("comments", "<!---->".repeat(size / 7)),
        ("open comment", format!("<!--{}", "-".repeat(size))),
        ("sections", "<![CDATA[x]]>".repeat(size / 13)),
        ("empty tags", "<Ntry/>".repeat(size / 7)),
        ("texts", "<Ustrd>x</Ustrd>".repeat(size / 16)),
    ]
}

/// The burden instead of the message, and in the middle of it.
fn burdened(request: &Request, burden: &str) -> Vec<Request> {
    let text = String::from_utf8(request.message()).expect("text");
    let mut messages = vec![burden.to_owned()];
    if text.starts_with('{') {
        let value = if burden.starts_with(['[', '{', '"', '9', '0', '1']) { burden } else { "0" };
        for at in [text.find('{'), text.rfind('{')].into_iter().flatten() {
            let (head, tail) = text.split_at(at + 1);
            messages.push(format!("{head}\"zzz\":{value},{tail}"));
        }
    } else if text.starts_with('<') {
        for inside in ["<Ntry>", "<RmtInf>", "<Ustrd>", "<AcctSvcrRef>", "<Amt Ccy=\"VND\">"] {
            messages.push(text.replacen(inside, &format!("{inside}{burden}"), 1));
        }
    } else {
        messages.push(format!("{text}&zzz={burden}"));
        messages.push(format!("{text}&{burden}"));
    }
    messages.iter().map(|message| request.with_message(message.as_bytes())).collect()
}

/// The shortest of three runs: the others were disturbed.
fn took(connected: &Connected, request: &Request) -> Duration {
    let run = || {
        let began = Instant::now();
        let _ = std::hint::black_box(connected.read(request));
        began.elapsed()
    };
    (0..3).map(|_| run()).min().unwrap_or_default()
}

#[test]
fn time_grows_with_length_and_no_faster() {
    const SIZE: usize = 100_000;
    // Four times as long may take four times as long; what is above that is noise, or a square.
    const TIMES_MAX: u32 = 10;
    const NOISE: Duration = Duration::from_millis(4);
    for (connected, requests) in requests() {
        let Some(request) = requests.first() else { continue };
        for ((kind, short), (_, long)) in burdens(SIZE).into_iter().zip(burdens(4 * SIZE)) {
            for (short, long) in burdened(request, &short).iter().zip(&burdened(request, &long)) {
                let measured = || (took(&connected, short), took(&connected, long));
                let is_square =
                    |(once, fourfold): &(Duration, Duration)| *fourfold > *once * TIMES_MAX + NOISE;
                // A square is one every time; a machine is busy now and then.
                let squares: Vec<_> = (0..5).map(|_| measured()).take_while(is_square).collect();
                let name = connected.provider.name;
                assert!(squares.len() < 5, "{name}, {kind}: for four times the length {squares:?}");
            }
        }
    }
}

#[test]
fn burdens_and_other_encodings_make_no_event_of_their_own() {
    for (connected, requests) in requests() {
        let name = connected.provider.name;
        for request in &requests {
            for (kind, burden) in burdens(2_000) {
                let alone = request.with_message(burden.as_bytes());
                assert!(!connected.read(&alone).is_ok_and(|read| read.has_events()), "{name}: {kind}");
            }
            let message = request.message();
            let middle = message.len() / 2;
            for other in [&[0xff][..], &[0xc3, 0x28], &[0xed, 0xa0, 0x80], &[0]] {
                let spoilt = [&message[..middle], other, &message[middle..]].concat();
                let read = connected.read(&request.with_message(&spoilt));
                assert!(!read.is_ok_and(|read| read.has_events()), "{name}: {other:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_bytes_make_no_event(message in prop::collection::vec(any::<u8>(), 0..600), path in "[a-z/]{0,8}") {
        for (connected, _) in requests_once() {
            let composed = connected.compose(Happening::Paid).expect("every provider announces payments");
            let request = Request::from(&composed).with_message(&message);
            prop_assert!(!connected.read(&request).is_ok_and(|read| read.has_events()));
            let elsewhere = Request { path: path.clone(), ..request.clone() };
            let _ = connected.read(&elsewhere);
            let verb = if request.verb == Verb::Get { Verb::Post } else { Verb::Get };
            let _ = connected.read(&Request { verb, ..request });
        }
    }

    #[test]
    fn cut_and_spliced_requests_are_survived(
        at in any::<prop::sample::Index>(),
        length in 0_usize..40,
        insert in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        for (connected, requests) in requests_once() {
            for request in requests {
                let mut message = request.message();
                let from = at.index(message.len() + 1);
                let to = (from + length).min(message.len());
                message.splice(from..to, insert.iter().copied());
                let _ = connected.read(&request.with_message(&message));
            }
        }
    }
}

fn requests_once() -> &'static [(Connected, Vec<Request>)] {
    static ONCE: std::sync::OnceLock<Vec<(Connected, Vec<Request>)>> = std::sync::OnceLock::new();
    ONCE.get_or_init(requests)
}
