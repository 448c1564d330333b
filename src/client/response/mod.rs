//! Decides what a response means: a page, or a failed attempt. Does no input or output: the caller
//! passes the response, the time and the text to hide.
//!
//! The HTTP status decides, except for an error body under HTTP 200. `wire` decodes the rows.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderValue, LOCATION, RETRY_AFTER};

use crate::model::{Anomaly, Page};
use crate::source::{ErrorBody, Hint, SourceError, Violation};
use crate::wire::{self, DecodeError, DecodeOptions, Refusal};

use super::attempt_error::AttemptError;
use super::retry::Remedy;
use super::retry_after::{self, retry_after};
use super::text_mask::TextMask;
use super::transport::{Response, text};

/// When two clocks differ by more than this, relative times select other messages than expected.
const CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);

/// Reads responses of one endpoint.
pub(super) struct ResponseReader<'a> {
    /// The host of the endpoint.
    pub(super) host: String,
    /// Scheme, host and port of the endpoint.
    pub(super) origin: String,
    /// Hides secrets in text from the server.
    pub(super) text_mask: TextMask<'a>,
    /// The time by the clock of this machine.
    pub(super) now: SystemTime,
    /// A response with more rows than this is refused.
    pub(super) max_rows: usize,
}

/// How many rows a response may contain: 20 times the limit of the request, and at least 20,000, so
/// that the response of a server that ignores the limit is still read.
pub(super) fn max_rows(limit: Option<u32>) -> usize {
    let requested = usize::try_from(limit.unwrap_or(0)).unwrap_or(usize::MAX);
    requested.saturating_mul(20).max(20_000)
}

impl ResponseReader<'_> {
    /// The page in a response, or why there is none.
    pub(super) fn read(&self, response: &Response) -> Result<Page, AttemptError> {
        self.read_page(response).map_err(|error| error.with_status(response.status))
    }

    fn read_page(&self, response: &Response) -> Result<Page, AttemptError> {
        let mut page = match response.status {
            200 => self.page(response)?,
            204 => {
                let mut page = Page::default();
                page.anomalies.note(Anomaly::NoContent, 0);
                page
            }
            300..=399 => return Err(self.redirect(response)),
            400..=599 => {
                let body = self.error_body(response.status, &response.body.bytes);
                return Err(self.status(response.status, body, response));
            }
            _ => return Err(self.no_logs()),
        };
        if response.body.trailing {
            page.anomalies.note(Anomaly::TrailingBytes, 0);
        }
        let date = date(response);
        page.server_time = Some(DateTime::<Utc>::from(date.unwrap_or(self.now)).into());
        if date.is_some_and(|date| apart(date, self.now) > CLOCK_SKEW) {
            page.anomalies.note(Anomaly::ClockSkew, 0);
        }
        Ok(page)
    }

    fn page(&self, response: &Response) -> Result<Page, AttemptError> {
        let body = &response.body.bytes;
        if body.trim_ascii().is_empty() {
            // Probably cut off, so it is retried; if every attempt is empty, this error is reported.
            let failure =
                AttemptError::not_understood(format!("{} sent an empty response", self.host), None);
            return Err(AttemptError { remedy: Remedy::Later { retry_after: None }, ..failure });
        }
        let content_type = text(&response.headers, CONTENT_TYPE);
        let decoded = wire::decode(body, content_type, DecodeOptions::max_rows(self.max_rows));
        decoded.map_err(|error| match error {
            DecodeError::CutOff { message } => AttemptError::transient(format!(
                "{}: {}",
                self.host,
                self.text_mask.apply(&message)
            )),
            DecodeError::NotUnderstood { message, hint } => AttemptError::not_understood(
                format!("{}: {}", self.host, self.text_mask.apply(&message)),
                hint,
            ),
            DecodeError::Refusal(refusal) => {
                let status = refusal.status().unwrap_or(response.status);
                self.status(status, self.body_of(&refusal, status, body), response)
            }
            DecodeError::TooManyRows { max_rows } => AttemptError::not_understood(
                format!(
                    "the response of {} holds more than {max_rows} rows, many times the limit",
                    self.host
                ),
                Some(
                    "check what the base URL leads to: the API sends 1000 rows at most".to_owned(),
                ),
            ),
        })
    }

    /// The failure that a status means: the HTTP status of the response, or the one that its error
    /// body names.
    fn status(&self, meaning: u16, body: ErrorBody, response: &Response) -> AttemptError {
        let host = self.host.clone();
        let retry_after = || {
            let headers = response.headers.get_all(RETRY_AFTER);
            retry_after(headers.iter().map(HeaderValue::as_bytes), date(response), self.now)
        };
        let remedy = match meaning {
            408 | 500 | 502 | 503 | 504 => Remedy::Later { retry_after: retry_after() },
            429 => Remedy::Throttled { retry_after: retry_after() },
            _ => Remedy::None,
        };
        let status = response.status;
        let error = match meaning {
            401 => SourceError::Unauthorized { host, status, body },
            403 => SourceError::Forbidden { host, status, body },
            // The server did not receive the request in time, as on a bad connection.
            408 => SourceError::Unreachable {
                message: request_timeout(&host, status, &body),
                hint: None,
                transient: true,
                at_proxy: false,
                status: Some(status),
            },
            429 => SourceError::Throttled { host, status, body, retry_after: None },
            500..=599 => SourceError::Server { host, status, body },
            _ => SourceError::Refused { host, status, body },
        };
        AttemptError { error, remedy }
    }

    fn error_body(&self, status: u16, body: &[u8]) -> ErrorBody {
        match wire::refusal(body) {
            Some(refusal) => self.body_of(&refusal, status, body),
            None => self.other_body(body),
        }
    }

    /// A refused login or a missing scope must be what the API says, and not a firewall in front of
    /// it, whose JSON may look similar.
    fn body_of(&self, refusal: &Refusal, meaning: u16, body: &[u8]) -> ErrorBody {
        if matches!(meaning, 401 | 403) && !refusal.has_api_form {
            return self.other_body(body);
        }
        self.api_error(refusal)
    }

    fn other_body(&self, body: &[u8]) -> ErrorBody {
        ErrorBody::Other { description: self.text_mask.apply(&wire::description(body)) }
    }

    fn api_error(&self, refusal: &Refusal) -> ErrorBody {
        let violation = |(property, text): &(String, String)| Violation {
            property: self.text_mask.apply(property),
            text: self.text_mask.apply(text),
        };
        ErrorBody::Api {
            reason: self.text_mask.apply(&refusal.to_string()),
            violations: refusal.violations.iter().map(violation).collect(),
            omitted_violations: refusal.omitted_violations,
        }
    }

    fn no_logs(&self) -> AttemptError {
        AttemptError::not_understood(format!("{} sent no logs", self.host), None)
    }

    /// A redirect is never followed: the credentials and the query are for one host alone.
    fn redirect(&self, response: &Response) -> AttemptError {
        let host = &self.host;
        let target = text(&response.headers, LOCATION)
            .and_then(|location| Url::parse(&self.origin).ok()?.join(location).ok());
        let Some(target) = target else {
            return self.no_logs();
        };
        let origin = target.origin();
        if !origin.is_tuple() {
            let message = format!("{host} redirects to an address that is not https");
            return AttemptError::not_understood(message, None);
        }
        let origin = origin.ascii_serialization();
        if origin == self.origin {
            let message = format!("{host} redirects to another of its pages, not to logs");
            return AttemptError::not_understood(message, Some("check the base URL".to_owned()));
        }
        let origin: String = self.text_mask.apply(&origin).chars().take(120).collect();
        AttemptError::not_understood(
            format!("{host} redirects to {origin}, and redirects are not followed"),
            None,
        )
        .with_hint(Hint::ChangeBaseUrl)
    }
}

/// The message for a request that did not arrive in time. `status` is another one than 408 if only
/// the error body says so; its code must not look like the status of HTTP.
fn request_timeout(host: &str, status: u16, body: &ErrorBody) -> String {
    if let (408, ErrorBody::Other { description }) = (status, body) {
        return format!(
            "{host} or a proxy in front of it did not receive the request in time: the response is \
             {description}, not an error of the API"
        );
    }
    let message = if status == 408 {
        format!("{host} did not receive the request in time")
    } else {
        format!("an error body of {host} says that it did not receive the request in time")
    };
    match body {
        ErrorBody::Api { reason, .. } if !reason.is_empty() => format!("{message}: {reason}"),
        _ => message,
    }
}

/// The time of the response by the server's clock.
pub(super) fn date(response: &Response) -> Option<SystemTime> {
    retry_after::date(response.headers.get(DATE).map(HeaderValue::as_bytes))
}

fn apart(one: SystemTime, other: SystemTime) -> Duration {
    one.duration_since(other).unwrap_or_else(|error| error.duration())
}

#[cfg(test)]
mod tests;
