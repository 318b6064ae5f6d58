//! What a request is answered: by its provider's own contract, or before it is anybody's delivery, by this one.

use std::borrow::Cow;

use bytes::Bytes;
use cashless_domain::RefusalReason;
use cashless_providers::Reply;
use http_body_util::Full;
use hyper::header::{ALLOW, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};

/// What a request is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// In the provider's words.
    Said(Reply),
    /// In the provider's words: it was not durable and has to be repeated.
    Again(Reply),
    /// Turned away before it was a delivery.
    Refused(RefusalReason),
    /// The body did not arrive in time, or not completely.
    BodyIncomplete,
    /// No such path.
    NotFound,
    /// Neither `POST` nor `GET`.
    WrongMethod,
}

impl Answer {
    fn status(&self) -> StatusCode {
        match self {
            Self::Said(reply) | Self::Again(reply) => {
                StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
            Self::Refused(reason) => match reason {
                RefusalReason::UnknownSource => StatusCode::NOT_FOUND,
                RefusalReason::BadSignature | RefusalReason::Stale => StatusCode::UNAUTHORIZED,
                RefusalReason::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                RefusalReason::Overloaded => StatusCode::TOO_MANY_REQUESTS,
                RefusalReason::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                RefusalReason::Unreadable => StatusCode::BAD_REQUEST,
                RefusalReason::MayNotDeclare => StatusCode::FORBIDDEN,
            },
            Self::BodyIncomplete => StatusCode::REQUEST_TIMEOUT,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
        }
    }

    pub(crate) fn response(self, retry_after_s: u32) -> Response<Full<Bytes>> {
        let (status, comes_again, has_read_body) = (self.status(), self.is_temporary(), self.has_read_body());
        let is_wrong_method = self == Self::WrongMethod;
        let (content_type, body) = self.content();
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        if !content_type.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if comes_again {
            headers.insert(RETRY_AFTER, retry_after_s.into());
        }
        if is_wrong_method {
            headers.insert(ALLOW, HeaderValue::from_static("POST, GET"));
        }
        if !has_read_body {
            // The rest of the body is not worth reading, so the connection cannot be used again.
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    fn is_temporary(&self) -> bool {
        matches!(self, Self::Again(_) | Self::Refused(RefusalReason::Overloaded | RefusalReason::Unavailable))
    }

    /// Whether the request's body is behind us. `Overloaded` may mean either.
    fn has_read_body(&self) -> bool {
        matches!(self, Self::Said(_) | Self::Again(_))
    }

    fn content(self) -> (&'static str, Bytes) {
        const JSON: &str = "application/json";
        match self {
            Self::Said(reply) | Self::Again(reply) => {
                let body = match reply.body {
                    Cow::Borrowed(text) => Bytes::from_static(text.as_bytes()),
                    Cow::Owned(text) => Bytes::from(text),
                };
                (reply.content_type, body)
            }
            Self::Refused(reason) => (JSON, Bytes::from(format!("{{\"refused\":\"{}\"}}", reason.name()))),
            Self::BodyIncomplete => (JSON, Bytes::from_static(b"{\"refused\":\"body_incomplete\"}")),
            Self::NotFound => (JSON, Bytes::from_static(b"{\"refused\":\"not_found\"}")),
            Self::WrongMethod => (JSON, Bytes::from_static(b"{\"refused\":\"wrong_method\"}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_its_status() {
        let table = [
            (Answer::Said(Reply::empty(204)), 204),
            (Answer::Again(Reply::empty(503)), 503),
            // Some providers repeat only what they are told so with a 200.
            (Answer::Again(Reply::json(200, "{}")), 200),
            (Answer::Refused(RefusalReason::UnknownSource), 404),
            (Answer::Refused(RefusalReason::BodyTooLarge), 413),
            (Answer::Refused(RefusalReason::Overloaded), 429),
            (Answer::BodyIncomplete, 408),
            (Answer::NotFound, 404),
            (Answer::WrongMethod, 405),
        ];
        for (answer, status) in table {
            let is_temporary = matches!(answer, Answer::Again(_)) || status == 429;
            let (name, response) = (format!("{answer:?}"), answer.response(5));
            assert_eq!(response.status().as_u16(), status, "{name}");
            assert_eq!(response.headers().contains_key(RETRY_AFTER), is_temporary, "{name}");
        }
    }
}
