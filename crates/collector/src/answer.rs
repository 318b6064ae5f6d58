//! What a request is answered. The statuses are chosen here and nowhere else.

use bytes::Bytes;
use cashless_domain::RefusalReason;
use cashless_providers::Rejection;
use http_body_util::Full;
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use serde::Serialize;

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Durable, each item as an event or as a dead letter.
    Durable { is_batch: bool, items: Vec<Result<(), Rejection>> },
    /// Nothing of it counts.
    Refused(RefusalReason),
    /// The body did not arrive in time, or not completely.
    BodyIncomplete,
    /// No such path.
    NotFound,
    /// Not `POST`.
    WrongMethod,
}

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Durable { is_batch, items } => {
                let unusable = items.iter().filter(|item| item.is_err()).count();
                match (is_batch, unusable) {
                    (false, 0) => StatusCode::NO_CONTENT,
                    (true, 0) => StatusCode::OK,
                    (_, all) if all == items.len() => StatusCode::UNPROCESSABLE_ENTITY,
                    _ => StatusCode::MULTI_STATUS,
                }
            }
            Self::Refused(reason) => match reason {
                RefusalReason::UnknownSource => StatusCode::NOT_FOUND,
                RefusalReason::BadSignature | RefusalReason::Stale => StatusCode::UNAUTHORIZED,
                RefusalReason::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                RefusalReason::Overloaded => StatusCode::TOO_MANY_REQUESTS,
                RefusalReason::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            },
            Self::BodyIncomplete => StatusCode::REQUEST_TIMEOUT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    pub(crate) fn response(&self, retry_after_s: u32) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        if !matches!(self.status(), StatusCode::NO_CONTENT) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        match self {
            Self::Refused(RefusalReason::Overloaded | RefusalReason::Unavailable) => {
                headers.insert(RETRY_AFTER, retry_after_s.into());
            }
            Self::WrongMethod => {
                headers.insert(ALLOW, HeaderValue::from_static("POST"));
            }
            _ => {}
        }
        if !self.has_read_body() {
            // The rest of the body is not worth reading, so the connection cannot be used again.
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// Whether the request's body is behind us. `Overloaded` may mean either.
    fn has_read_body(&self) -> bool {
        matches!(
            self,
            Self::Durable { .. }
                | Self::Refused(
                    RefusalReason::BadSignature | RefusalReason::Stale | RefusalReason::Unavailable
                )
        )
    }

    fn body(&self) -> Bytes {
        match self {
            Self::Durable { is_batch: false, items } if items.iter().all(Result::is_ok) => Bytes::new(),
            Self::Durable { items, .. } => {
                let items =
                    items.iter().enumerate().map(|(index, item)| ItemAnswer::new(index, item)).collect();
                serde_json::to_vec(&ItemsAnswer { items }).map(Bytes::from).unwrap_or_default()
            }
            // A stranger is not told which part of a signature is wrong; "stale" is said to the owner of a key.
            Self::Refused(reason) => Bytes::from(format!("{{\"refused\":\"{}\"}}", reason.name())),
            Self::BodyIncomplete => Bytes::from_static(b"{\"refused\":\"body_incomplete\"}"),
            Self::NotFound => Bytes::from_static(b"{\"refused\":\"not_found\"}"),
            Self::WrongMethod => Bytes::from_static(b"{\"refused\":\"wrong_method\"}"),
        }
    }
}

#[derive(Serialize)]
struct ItemsAnswer {
    items: Vec<ItemAnswer>,
}

#[derive(Serialize)]
struct ItemAnswer {
    index: usize,
    fate: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl ItemAnswer {
    fn new(index: usize, item: &Result<(), Rejection>) -> Self {
        match item {
            Ok(()) => Self { index, fate: "accepted", reason: None, detail: None },
            Err(rejection) => Self {
                index,
                fate: "dead_lettered",
                reason: Some(rejection.reason.name()),
                detail: Some(rejection.to_string()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use cashless_domain::DeadLetterReason;
    use http_body_util::BodyExt as _;

    use super::*;

    fn bad() -> Result<(), Rejection> {
        Err(Rejection {
            reason: DeadLetterReason::InvalidAmount,
            path: "data.amount_dong",
            problem: "x".into(),
        })
    }

    fn durable(is_batch: bool, items: Vec<Result<(), Rejection>>) -> Answer {
        Answer::Durable { is_batch, items }
    }

    #[test]
    fn every_outcome_has_its_status() {
        let table = [
            (durable(false, vec![Ok(())]), 204),
            (durable(false, vec![bad()]), 422),
            (durable(true, vec![Ok(())]), 200),
            (durable(true, vec![Ok(()), bad()]), 207),
            (durable(true, vec![bad(), bad()]), 422),
            (Answer::Refused(RefusalReason::UnknownSource), 404),
            (Answer::Refused(RefusalReason::BadSignature), 401),
            (Answer::Refused(RefusalReason::Stale), 401),
            (Answer::Refused(RefusalReason::BodyTooLarge), 413),
            (Answer::Refused(RefusalReason::Overloaded), 429),
            (Answer::Refused(RefusalReason::Unavailable), 503),
            (Answer::BodyIncomplete, 408),
            (Answer::NotFound, 404),
            (Answer::WrongMethod, 405),
        ];
        for (answer, status) in table {
            let response = answer.response(5);
            assert_eq!(response.status().as_u16(), status, "{answer:?}");
            let is_temporary = [429, 503].contains(&status);
            assert_eq!(response.headers().contains_key(RETRY_AFTER), is_temporary, "{answer:?}");
        }
    }

    #[tokio::test]
    async fn a_batch_is_answered_item_by_item() {
        let body =
            durable(true, vec![Ok(()), bad()]).response(5).into_body().collect().await.expect("a body");
        assert_eq!(
            body.to_bytes(),
            concat!(
                r#"{"items":[{"index":0,"fate":"accepted"},"#,
                r#"{"index":1,"fate":"dead_lettered","reason":"invalid_amount","detail":"data.amount_dong: x"}]}"#
            )
        );
    }
}
