//! The checks of one request: credentials, scope, response, and the server's clock. The request is
//! like those of a listing; the row of the response must not be shown.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use omnilogs::client::{Client, Observer, Request, ResponseSummary, Wait};
use omnilogs::clock::Clock;
use omnilogs::source::{ErrorBody, SourceError};
use omnilogs::{Query, Source};

use super::network::{millis, with_fix};
use super::target::DoctorTarget;
use crate::args::ConnectionArgs;
use crate::commands::doctor::check::Checks;
use crate::failure::Failure;
use crate::session::context::Context;
use crate::session::progress::RequestsLeft;
use crate::session::request_log::RequestLog;
use crate::session::source_failure::{self, RequestLimits, RequestOrigins};
use crate::settings;
use crate::text::counted;

/// With a larger difference of the clocks, `--since 1m` can miss every row.
const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::seconds(60);

/// The query that costs the server the least.
pub(super) fn query() -> Query {
    let mut query = Query::default();
    query.limit = Some(1);
    query
}

/// Sends one request, and reports what the response says about each check.
///
/// # Errors
/// When the run is interrupted.
pub(super) fn check(
    target: DoctorTarget,
    connection: &ConnectionArgs,
    context: &Context,
    checks: &mut Checks,
) -> Result<(), Failure> {
    let (kind, origin) = target.credentials.clone().unwrap_or_default();
    let credentials_name = format!("{kind} ({origin})");
    let notes = [&[String::new()], target.passed_over.as_slice()].concat().join("; ");
    let limits = RequestLimits::of(connection);
    let origins = RequestOrigins { limits, ..target.origins() };
    let endpoint = target.endpoint.clone();
    let (credentials, _sandbox) = match target.open() {
        Ok(opened) => opened,
        Err(failure) => {
            checks.failed("credentials", failure);
            return Ok(());
        }
    };
    let mut options =
        settings::client_options(connection, endpoint, credentials, &context.environment)?;
    options.retries = 0;
    let observer = ResponseRecorder::new(context);
    let recorded = Arc::clone(&observer.recorded);
    let (clock, interrupt) = (Arc::clone(&context.clock), context.interrupt.clone());
    context.report.status("requesting one message");
    let response = Client::with_clock(options, clock, interrupt, Box::new(observer))
        .and_then(|mut client| client.fetch(&query()));
    context.report.status("");
    let recorded = recorded.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let failure = |error| source_failure::diagnosis(error, &origins, context.signals.kind());
    match &response {
        Ok(_) => {
            checks.ok("credentials", format!("{credentials_name}, accepted{notes}"));
            checks.ok("scope", "may read logs");
            let detail = recorded.as_ref().map(|recorded| response_detail(&recorded.response));
            checks.ok("response", detail.unwrap_or_default());
        }
        Err(error @ SourceError::Unauthorized { body: ErrorBody::Api { .. }, .. }) => {
            checks.failed("credentials", failure(error));
        }
        Err(error @ SourceError::Forbidden { body: ErrorBody::Api { .. }, .. }) => {
            checks.ok("credentials", format!("{credentials_name}, accepted{notes}"));
            checks.failed("scope", failure(error));
        }
        Err(error @ SourceError::Interrupted) => return Err(failure(error)),
        Err(error) => {
            let detail = format!("{credentials_name}, not checked by the server{notes}");
            checks.skipped("credentials", detail);
            let fix = "doctor -vv shows the request and the response";
            checks.failed("response", with_fix(failure(error), fix));
        }
    }
    clock_check(recorded.as_ref(), checks);
    Ok(())
}

fn response_detail(response: &ResponseSummary) -> String {
    let ResponseSummary { status, content_type, decoded, took, .. } = response;
    let kind = content_type.as_deref().unwrap_or("no Content-Type");
    format!("HTTP {status}, {kind}, {}, {}", counted(*decoded, "byte"), millis(*took))
}

/// Compares this machine's clock with that of the server. The server's time is in whole seconds, and
/// is from some time between the request and the response.
fn clock_check(recorded: Option<&RecordedResponse>, checks: &mut Checks) {
    let Some(RecordedResponse { response, at }) = recorded else { return };
    let Some(server) = response.date else {
        return checks.skipped("clock", "the server does not send its time");
    };
    let sent = *at - TimeDelta::from_std(response.took).unwrap_or_default();
    let (behind, ahead) = (server - *at, sent - (server + TimeDelta::seconds(1)));
    let (off, way) = if behind > ahead { (behind, "behind") } else { (ahead, "ahead of") };
    if off < TimeDelta::seconds(1) {
        return checks.ok("clock", "same as the server's");
    }
    let detail = format!("{} {way} the server's", length(off));
    if off < MAX_CLOCK_SKEW {
        checks.ok("clock", detail);
    } else {
        let fix = "set this machine's clock; until then --since 15m is off by as much, and \
                    certificates may seem out of date";
        checks.warning("clock", detail, vec![fix.to_owned()]);
    }
}

/// A length of time in its two largest units.
fn length(time: TimeDelta) -> String {
    let (days, hours, minutes) = (time.num_days(), time.num_hours(), time.num_minutes());
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{} s", time.num_seconds()),
        (0, 0, _) => format!("{minutes} min {} s", time.num_seconds() % 60),
        (0, ..) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

/// A response, and when it arrived.
#[derive(Clone)]
struct RecordedResponse {
    response: ResponseSummary,
    at: DateTime<Utc>,
}

/// Records the response, and passes everything to the log of `-v`.
struct ResponseRecorder {
    request_log: RequestLog,
    clock: Arc<dyn Clock>,
    recorded: Arc<Mutex<Option<RecordedResponse>>>,
}

impl ResponseRecorder {
    fn new(context: &Context) -> Self {
        let request_log = RequestLog::new(Arc::clone(&context.report), RequestsLeft::unknown());
        Self { request_log, clock: Arc::clone(&context.clock), recorded: Arc::default() }
    }
}

impl Observer for ResponseRecorder {
    fn request(&mut self, request: &Request, left: Option<u32>) {
        self.request_log.request(request, left);
    }

    fn response(&mut self, response: &ResponseSummary) {
        let recorded = RecordedResponse { response: response.clone(), at: self.clock.now() };
        *self.recorded.lock().unwrap_or_else(PoisonError::into_inner) = Some(recorded);
        self.request_log.response(response);
    }

    fn failure(&mut self, error: &SourceError, failed: u32) {
        self.request_log.failure(error, failed);
    }

    fn waiting(&mut self, wait: &Wait) {
        self.request_log.waiting(wait);
    }

    fn waited(&mut self) {
        self.request_log.waited();
    }
}

#[cfg(test)]
mod tests;
