//! What a response means: a page, or a failed attempt. Pure: the response, the time and the words to
//! hide are passed in.
//!
//! The HTTP status decides; the body does where an error comes under 200. Which rows a body holds
//! is `wire`'s matter.

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
use super::server_words::ServerWords;
use super::transport::{Response, text};

/// From here on two clocks are too far apart for relative times.
const CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);

/// What reading a response needs besides the response.
pub(super) struct ResponseReader<'a> {
    /// The host of the endpoint.
    pub(super) host: String,
    /// Scheme, host and port of the endpoint.
    pub(super) origin: String,
    /// What must not show.
    pub(super) server_words: ServerWords<'a>,
    /// The time by this machine's clock.
    pub(super) now: SystemTime,
    /// A response with more rows than this is refused.
    pub(super) max_rows: usize,
}

/// How many rows a response may hold: 20 times the limit of the request, and 20,000 in any case, so that a
/// server that ignores the limit is still read.
pub(super) fn max_rows(limit: Option<u32>) -> usize {
    let requested = usize::try_from(limit.unwrap_or(0)).unwrap_or(usize::MAX);
    requested.saturating_mul(20).max(20_000)
}

impl ResponseReader<'_> {
    /// The page that a response holds, or why it holds none.
    pub(super) fn read(&self, response: &Response) -> Result<Page, AttemptError> {
        let mut page = match response.status {
            200 => self.page(response)?,
            204 => {
                let mut page = Page::default();
                page.anomalies.note(Anomaly::NoContent, 0);
                page
            }
            300..=399 => return Err(self.redirect(response)),
            400..=599 => {
                let body = self.error_body(&response.body.bytes);
                return Err(self.status(response.status, body, response));
            }
            status => {
                let message = format!("{} returned HTTP {status} instead of logs", self.host);
                return Err(AttemptError::not_understood(message, None));
            }
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
            // Most likely cut off; if it stays so, the server means it.
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
                self.server_words.text(&message)
            )),
            DecodeError::NotUnderstood { message, hint } => AttemptError::not_understood(
                format!("{}: {}", self.host, self.server_words.text(&message)),
                hint,
            ),
            DecodeError::Refusal(refusal) => {
                let status = refusal.status().unwrap_or(response.status);
                self.status(status, self.api_error(&refusal), response)
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

    /// The failure that a status means, whether it is the response's own or one that its body names.
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
            // The server did not get the request in time, as on a bad connection.
            408 => SourceError::Unreachable {
                message: format!("HTTP 408: {host} did not receive the request in time"),
                hint: None,
                transient: true,
            },
            429 => SourceError::Throttled { host, retry_after: None },
            500..=599 => SourceError::Server { host, status, reason: reason(body) },
            _ => SourceError::Refused { host, status, body },
        };
        AttemptError { error, remedy }
    }

    fn error_body(&self, body: &[u8]) -> ErrorBody {
        match wire::refusal(body) {
            Some(refusal) => self.api_error(&refusal),
            None => {
                ErrorBody::Other { description: self.server_words.text(&wire::description(body)) }
            }
        }
    }

    fn api_error(&self, refusal: &Refusal) -> ErrorBody {
        let violation = |(property, text): &(String, String)| Violation {
            property: self.server_words.text(property),
            text: self.server_words.text(text),
        };
        ErrorBody::Api {
            reason: self.server_words.text(&refusal.to_string()),
            violations: refusal.violations.iter().map(violation).collect(),
        }
    }

    /// A redirect is never followed: the credentials and the query are for one host alone.
    fn redirect(&self, response: &Response) -> AttemptError {
        let (host, status) = (&self.host, response.status);
        let target = text(&response.headers, LOCATION)
            .and_then(|location| Url::parse(&self.origin).ok()?.join(location).ok());
        let Some(target) = target else {
            let message = format!("{host} returned HTTP {status} instead of logs");
            return AttemptError::not_understood(message, None);
        };
        let origin = target.origin();
        if !origin.is_tuple() {
            let message =
                format!("HTTP {status}: {host} redirects to an address that is not https");
            return AttemptError::not_understood(message, None);
        }
        let origin = origin.ascii_serialization();
        if origin == self.origin {
            let message =
                format!("HTTP {status}: {host} redirects to another of its pages, not to logs");
            return AttemptError::not_understood(message, Some("check the base URL".to_owned()));
        }
        let origin: String = self.server_words.text(&origin).chars().take(120).collect();
        AttemptError::not_understood(
            format!("HTTP {status}: {host} redirects to {origin}, and redirects are not followed"),
            None,
        )
        .with_hint(Hint::ChangeBaseUrl)
    }
}

/// Why a server failed, in its own words or those of the intermediary that responded.
fn reason(body: ErrorBody) -> Option<String> {
    let text = match body {
        ErrorBody::Api { reason, .. } => reason,
        ErrorBody::Other { description } if description.is_empty() => description,
        ErrorBody::Other { description } => format!("the response is {description}"),
    };
    (!text.is_empty()).then_some(text)
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
