//! What the fuzz targets feed, and the corpora of them as plain tests.

use std::fmt::Write as _;
use std::sync::LazyLock;

use cashless_providers::{Happening, Verb, vietqr};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Connected, Request, connected};

static ALL: LazyLock<Vec<(Connected, Request)>> = LazyLock::new(|| {
    let paying = |connected: Connected| {
        let composed = connected.compose(Happening::Paid)?;
        Some((connected, Request::from(&composed)))
    };
    connected().into_iter().filter_map(paying).collect()
});

/// A target: its name, which is that of its corpus too, and what it does.
pub(crate) type Target = (&'static str, fn(&[u8]));

pub(crate) const TARGETS: &[Target] =
    &[("json", json), ("form", form), ("camt054", camt054), ("vietqr", vietqr), ("delivery", delivery)];

/// The tree of JSON, and what each provider that posts JSON does with it before and behind its proof.
pub(crate) fn json(data: &[u8]) {
    feed(data, |_, request| request.verb == Verb::Post && has_type(request, "json"));
}

/// Names and values of a query or a form.
pub(crate) fn form(data: &[u8]) {
    feed(data, |_, request| request.verb == Verb::Get || has_type(request, "form-urlencoded"));
}

/// XML behind a live token.
pub(crate) fn camt054(data: &[u8]) {
    feed(data, |connected, _| connected.provider.name == "camt054");
}

/// The text of a QR code.
pub(crate) fn vietqr(data: &[u8]) {
    let _ = std::str::from_utf8(data).map(vietqr::decode);
}

/// A whole request, to every provider.
pub(crate) fn delivery(data: &[u8]) {
    if let Some(request) = parse(data) {
        for (connected, _) in ALL.iter() {
            let _ = connected.read(&request);
        }
    }
}

fn feed(data: &[u8], is_meant: impl Fn(&Connected, &Request) -> bool) {
    for (connected, request) in ALL.iter().filter(|(connected, request)| is_meant(connected, request)) {
        let _ = connected.read(&request.with_message(data));
    }
}

fn has_type(request: &Request, part: &str) -> bool {
    let value = request.headers.get("content-type").and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.contains(part))
}

/// Reads `POST path?query`, headers, an empty line and the body.
pub(crate) fn parse(data: &[u8]) -> Option<Request> {
    let end = data.windows(2).position(|two| two == b"\n\n")?;
    let (head, body) = data.split_at_checked(end + 2)?;
    let mut lines = std::str::from_utf8(head).ok()?.lines();
    let (verb, target) = lines.next()?.split_once(' ')?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        headers.append(HeaderName::try_from(name).ok()?, HeaderValue::from_str(value).ok()?);
    }
    Some(Request {
        verb: if verb == "GET" { Verb::Get } else { Verb::Post },
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: body.to_vec(),
    })
}

/// Writes what [`parse`] reads.
pub(crate) fn written(request: &Request) -> Vec<u8> {
    let verb = if request.verb == Verb::Get { "GET" } else { "POST" };
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    let mut head = format!("{verb} {}{query}\n", request.path);
    for (name, value) in &request.headers {
        let _ = writeln!(head, "{name}: {}", value.to_str().unwrap_or(""));
    }
    head.push('\n');
    [head.as_bytes(), &request.body].concat()
}
