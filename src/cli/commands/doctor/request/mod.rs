//! One request as the listing makes them: credentials, scope, answer, and the server's clock. The
//! row that comes back is not shown.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use omnilogs::client::{Answered, Client, Observer, Request, Wait};
use omnilogs::clock::Clock;
use omnilogs::source::{ErrorBody, SourceError};
use omnilogs::{Query, Source};

use super::network::{millis, with_mend};
use super::target::Subject;
use crate::args::ConnectionArgs;
use crate::commands::doctor::check::Checkup;
use crate::failure::Failure;
use crate::session::context::Context;
use crate::session::progress::RequestsLeft;
use crate::session::request_log::Watcher;
use crate::session::source_failure;
use crate::settings;
use crate::text::counted;

/// From here on `--since 1m` can miss all that it asks for.
const CLOCK_SKEW: TimeDelta = TimeDelta::seconds(60);

/// The query that costs the server least.
pub(super) fn query() -> Query {
    let mut query = Query::default();
    query.limit = Some(1);
    query
}

/// Asks, and tells what the answer says about each check.
///
/// # Errors
/// When the run is asked to stop.
pub(super) fn check(
    subject: Subject,
    connection: &ConnectionArgs,
    context: &Context,
    checkup: &mut Checkup,
) -> Result<(), Failure> {
    let (kind, origin) = subject.credentials.clone().unwrap_or_default();
    let passed_over = subject.passed_over.iter().map(|note| format!("; {note}"));
    let whose = format!("{kind} ({origin})");
    let more = passed_over.collect::<String>();
    let (asked, endpoint) = (subject.asked(), subject.endpoint.clone());
    let (credentials, _served_meanwhile) = match subject.open() {
        Ok(opened) => opened,
        Err(failure) => {
            checkup.failed("credentials", failure);
            return Ok(());
        }
    };
    let mut options =
        settings::client_options(connection, endpoint, credentials, &context.surroundings)?;
    options.retries = 0;
    let ear = Ear::new(context);
    let heard = Arc::clone(&ear.heard);
    let (clock, interrupt) = (Arc::clone(&context.clock), context.interrupt.clone());
    context.report.status("asking for one message");
    let answer = Client::with_clock(options, clock, interrupt, Box::new(ear))
        .and_then(|mut client| client.fetch(&query()));
    context.report.status("");
    let heard = heard.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let failure = |error| source_failure::failure(error, &asked, context.signals.kind());
    match &answer {
        Ok(_) => {
            checkup.ok("credentials", format!("{whose}, accepted{more}"));
            checkup.ok("scope", "may read logs");
            checkup.ok("answer", heard.as_ref().map(|h| told(&h.answer)).unwrap_or_default());
        }
        Err(error @ SourceError::Unauthorized { body: ErrorBody::Api { .. }, .. }) => {
            checkup.failed("credentials", failure(error));
        }
        Err(error @ SourceError::Forbidden { body: ErrorBody::Api { .. }, .. }) => {
            checkup.ok("credentials", format!("{whose}, accepted{more}"));
            checkup.failed("scope", failure(error));
        }
        Err(error @ SourceError::Interrupted) => return Err(failure(error)),
        Err(error) => {
            checkup.skipped("credentials", format!("{whose}, not judged by the server{more}"));
            let mend = "doctor -vv shows the request and what came back";
            checkup.failed("answer", with_mend(failure(error), mend));
        }
    }
    clock_check(heard.as_ref(), checkup);
    Ok(())
}

fn told(answer: &Answered) -> String {
    let Answered { status, content_type, decoded, took, .. } = answer;
    let kind = content_type.as_deref().unwrap_or("no Content-Type");
    format!("HTTP {status}, {kind}, {}, {}", counted(*decoded, "byte"), millis(*took))
}

/// This machine's clock against the server's, which tells whole seconds, some time between the
/// request and its answer.
fn clock_check(heard: Option<&Heard>, checkup: &mut Checkup) {
    let Some(Heard { answer, at }) = heard else { return };
    let Some(server) = answer.date else {
        return checkup.skipped("clock", "the server does not tell its time");
    };
    let sent = *at - TimeDelta::from_std(answer.took).unwrap_or_default();
    let (behind, ahead) = (server - *at, sent - (server + TimeDelta::seconds(1)));
    let (off, way) = if behind > ahead { (behind, "behind") } else { (ahead, "ahead of") };
    if off < TimeDelta::seconds(1) {
        return checkup.ok("clock", "as the server's");
    }
    let detail = format!("{} {way} the server's", length(off));
    if off < CLOCK_SKEW {
        checkup.ok("clock", detail);
    } else {
        let mend = "set this machine's clock; until then --since 15m is off by as much, and \
                    certificates may seem out of date";
        checkup.warning("clock", detail, vec![mend.to_owned()]);
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

/// An answer, and when it had come.
#[derive(Clone)]
struct Heard {
    answer: Answered,
    at: DateTime<Utc>,
}

/// Hears the answer, and passes everything on to `-v`.
struct Ear {
    watcher: Watcher,
    clock: Arc<dyn Clock>,
    heard: Arc<Mutex<Option<Heard>>>,
}

impl Ear {
    fn new(context: &Context) -> Self {
        let watcher = Watcher::new(Arc::clone(&context.report), RequestsLeft::unknown());
        Self { watcher, clock: Arc::clone(&context.clock), heard: Arc::default() }
    }
}

impl Observer for Ear {
    fn request(&mut self, request: &Request, left: Option<u32>) {
        self.watcher.request(request, left);
    }

    fn answer(&mut self, answer: &Answered) {
        let heard = Heard { answer: answer.clone(), at: self.clock.now() };
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(heard);
        self.watcher.answer(answer);
    }

    fn failure(&mut self, error: &SourceError, failed: u32) {
        self.watcher.failure(error, failed);
    }

    fn waiting(&mut self, wait: &Wait) {
        self.watcher.waiting(wait);
    }

    fn waited(&mut self) {
        self.watcher.waited();
    }
}

#[cfg(test)]
mod tests;
