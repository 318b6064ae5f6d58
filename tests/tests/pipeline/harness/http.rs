//! Just enough HTTP: ask, and look at the answer whatever its status is.

use std::time::Duration;

use ureq::Agent;

/// Long enough for a query over everything; whoever waits for a role asks again anyway.
const ANSWER_PATIENCE: Duration = Duration::from_secs(30);

/// Status and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

fn agent() -> Agent {
    let config = Agent::config_builder().timeout_global(Some(ANSWER_PATIENCE)).http_status_as_error(false);
    config.build().into()
}

fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Option<Answer> {
    let mut answer = answer.ok()?;
    let status = answer.status().as_u16();
    // Tables hold digests, which are no text.
    let bytes = answer.body_mut().with_config().limit(1 << 30).read_to_vec().ok()?;
    Some(Answer { status, body: String::from_utf8_lossy(&bytes).into_owned() })
}

/// `None` if there is no answer.
pub(crate) fn get(url: &str) -> Option<Answer> {
    read(agent().get(url).call())
}

/// `None` if there is no answer.
pub(crate) fn post(url: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Answer> {
    let request =
        headers.iter().fold(agent().post(url), |request, (name, value)| request.header(*name, *value));
    read(request.send(body))
}
