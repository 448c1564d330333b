//! The client: sends a request, waits and retries until there is a page or no retry is left.
//!
//! `retry` and `pace` decide when to wait and when to stop, and `response` what a response means; this
//! module combines them with the clock.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use reqwest::header::CONTENT_TYPE;

use crate::clock::{Clock, Interrupt, SystemClock};
use crate::model::Page;
use crate::query::Query;
use crate::source::{Source, SourceError, SourceKind};

use super::attempt_error::AttemptError;
use super::credentials::Credentials;
use super::endpoint::Endpoint;
use super::observer::{Observer, ResponseSummary, Wait, WaitReason};
use super::pace::Pace;
use super::proxy::{Proxy, ProxySettings};
use super::random::Random;
use super::request::{Accept, Request, USER_AGENT};
use super::response::{self, ResponseReader};
use super::retry::{Budget, Decision, Remedy, RetryState};
use super::text_mask::TextMask;
use super::tls::Authorities;
use super::transport::{Limits, Response, Setup, Transport, text};

/// How often a wait is reported, so that a countdown can be drawn.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);

/// How a client reaches the API: where, with which credentials, and with which limits.
///
/// [`ClientOptions::new`] sets the defaults; each field can then be changed.
#[derive(Debug)]
#[non_exhaustive]
pub struct ClientOptions {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The credentials.
    pub credentials: Credentials,
    /// The format of the response.
    pub accept: Accept,
    /// The longest time for one attempt, from the name lookup to the last byte.
    pub timeout: Duration,
    /// How many times to retry after the first attempt.
    pub retries: u32,
    /// The longest time to wait between the attempts for one response, in total. When the server
    /// requires a longer wait, the client gives up.
    pub max_wait: Duration,
    /// Requests per minute; `None` or 0: no limit.
    pub rate: Option<u32>,
    /// Authorities to trust in place of the system's.
    pub authorities: Option<Authorities>,
    /// The proxies to use.
    pub proxies: ProxySettings,
    /// The value of the header `User-Agent`.
    pub user_agent: String,
    /// The limits of one request and its response.
    pub limits: Limits,
}

impl ClientOptions {
    /// The default of [`ClientOptions::timeout`].
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

    /// The default of [`ClientOptions::max_wait`].
    pub const DEFAULT_MAX_WAIT: Duration = Duration::from_secs(60);

    /// The defaults for this account: JSON, 60 seconds per attempt, three retries with waits of 60
    /// seconds in total, the published rate of the API, the authorities of the system, no proxy.
    #[must_use]
    pub fn new(endpoint: Endpoint, credentials: Credentials) -> Self {
        Self {
            endpoint,
            credentials,
            accept: Accept::default(),
            timeout: Self::DEFAULT_TIMEOUT,
            retries: 3,
            max_wait: Self::DEFAULT_MAX_WAIT,
            rate: Some(Query::PUBLISHED_RATE),
            authorities: None,
            proxies: ProxySettings::default(),
            user_agent: USER_AGENT.to_owned(),
            limits: Limits::default(),
        }
    }

    /// The request for a query, as it would be sent.
    #[must_use]
    pub fn request(&self, query: &Query) -> Request {
        Request::new(
            &self.endpoint,
            self.credentials.scheme(),
            self.accept,
            &self.user_agent,
            query,
        )
    }
}

/// The API as a [`Source`]. The [crate documentation](crate#get-a-page-and-print-it) has an
/// example.
pub struct Client {
    options: ClientOptions,
    transport: Transport,
    clock: Arc<dyn Clock>,
    interrupt: Interrupt,
    observer: Box<dyn Observer>,
    pace: Pace,
    budget: Budget,
    random: Random,
    /// When every fetch ends, by the steady counter of the clock.
    deadline: Option<Duration>,
    /// The buffer for the next body.
    buffer: Vec<u8>,
    kind: SourceKind,
}

impl Client {
    /// A client that uses the clock of the system and cannot be interrupted. It connects with the
    /// first request.
    ///
    /// # Errors
    /// When a proxy setting cannot be read, or https is used and the system has no certificate
    /// authorities.
    pub fn new(options: ClientOptions) -> Result<Self, SourceError> {
        let interrupt = Interrupt::new();
        let clock = Arc::new(SystemClock::new(interrupt.clone()));
        Self::with_clock(options, clock, interrupt, Box::new(()))
    }

    /// A client that waits by this clock, stops when `interrupt` is raised, and reports its actions
    /// to `observer`. The sleeps of the clock must end when `interrupt` is raised.
    ///
    /// # Errors
    /// As for [`Client::new`].
    pub fn with_clock(
        options: ClientOptions,
        clock: Arc<dyn Clock>,
        interrupt: Interrupt,
        observer: Box<dyn Observer>,
    ) -> Result<Self, SourceError> {
        let proxy = Proxy::of(&options.endpoint, &options.proxies)?;
        let setup = Setup {
            endpoint: &options.endpoint,
            proxy,
            authorities: options.authorities.as_ref(),
            limits: options.limits,
            user_agent: &options.user_agent,
        };
        let transport = Transport::new(&setup, interrupt.clone())?;
        let pace = Pace::new(options.rate);
        Ok(Self {
            options,
            transport,
            clock,
            interrupt,
            observer,
            pace,
            budget: Budget::new(),
            random: Random::new(),
            deadline: None,
            buffer: Vec::new(),
            kind: SourceKind::Api,
        })
    }

    /// Sets the kind of source that the endpoint is, when it is not the API.
    #[must_use]
    pub fn of_kind(mut self, kind: SourceKind) -> Self {
        self.kind = kind;
        self
    }

    /// The URL of the proxy, if there is one, without user name and password.
    #[must_use]
    pub fn proxy(&self) -> Option<&str> {
        self.transport.proxy()
    }

    /// The time until the deadline.
    fn time_left(&self) -> Duration {
        let elapsed = self.clock.elapsed();
        self.deadline.map_or(Duration::MAX, |deadline| deadline.saturating_sub(elapsed))
    }

    /// Waits until the rate allows a request.
    fn keep_pace(&mut self, failed: u32) -> Result<(), SourceError> {
        let pause = self.pace.wait(self.clock.elapsed());
        if let Some(rate) = self.pace.lowered_rate().filter(|_| !pause.is_zero()) {
            self.observer.slowed(rate);
        }
        if self.time_left() <= pause {
            return Err(SourceError::OutOfTime);
        }
        self.wait(pause, WaitReason::Pace, failed)
    }

    /// Sends the request once and reads the response.
    fn attempt(&mut self, request: &Request, query: &Query) -> Result<Page, AttemptError> {
        let Some(authorization) = self.options.credentials.authorization() else {
            let message = "the credentials cannot be put into a header".to_owned();
            return Err(AttemptError::permanent(message, None));
        };
        let started = self.clock.elapsed();
        self.pace.record_request(started);
        self.observer.request(request, self.pace.remaining(started));
        let buffer = std::mem::take(&mut self.buffer);
        let response = self.transport.exchange(
            request,
            authorization,
            buffer,
            self.options.timeout.min(self.time_left()),
        )?;
        let text_mask = TextMask::new(&self.options.credentials, query);
        let took = self.clock.elapsed().saturating_sub(started);
        self.observer.response(&summary_of(&response, &text_mask, took));
        let endpoint = &self.options.endpoint;
        let (host, origin) = (endpoint.host(), endpoint.origin());
        let now = self.clock.now().into();
        let page = ResponseReader {
            host,
            origin,
            text_mask,
            now,
            max_rows: response::max_rows(query.limit),
        }
        .read(&response);
        self.buffer = response.body.into_buffer();
        page
    }

    fn wait(
        &mut self,
        how_long: Duration,
        reason: WaitReason,
        failed: u32,
    ) -> Result<(), SourceError> {
        let mut left = how_long;
        let mut stopped = self.interrupt.is_raised();
        while !left.is_zero() && !stopped {
            self.observer.waiting(&Wait { reason, left, failed });
            let slice = left.min(REPORT_INTERVAL);
            stopped = self.clock.sleep(slice);
            left = left.saturating_sub(slice);
        }
        if !how_long.is_zero() {
            self.observer.waited();
        }
        if stopped { Err(SourceError::Interrupted) } else { Ok(()) }
    }
}

impl Source for Client {
    fn fetch(&mut self, query: &Query) -> Result<Page, SourceError> {
        let request = self.options.request(query);
        let mut retries = RetryState::new(self.options.retries, self.options.max_wait);
        let mut last = None;
        loop {
            match self.keep_pace(retries.failed()) {
                // The last error says more than that no time is left for a retry.
                Err(SourceError::OutOfTime) => return Err(last.unwrap_or(SourceError::OutOfTime)),
                kept => kept?,
            }
            let failure = match self.attempt(&request, query) {
                Ok(page) => {
                    self.budget.record_success();
                    self.pace.record_success();
                    return Ok(page);
                }
                Err(failure) => failure,
            };
            let throttled = matches!(failure.remedy, Remedy::Throttled { .. });
            if throttled {
                self.pace.slow_down();
            }
            let decision = retries.decide(failure.remedy, &mut self.budget, || self.random.unit());
            match decision {
                Decision::GiveUp(requested) => {
                    return Err(with_requested_wait(failure.error, requested));
                }
                Decision::Now => self.observer.failure(&failure.error, retries.failed()),
                // After a wait beyond the deadline, nothing could be sent.
                Decision::After(wait) if self.time_left() <= wait => {
                    return Err(with_requested_wait(failure.error, Some(wait)));
                }
                Decision::After(wait) => {
                    self.observer.failure(&failure.error, retries.failed());
                    let reason = if throttled { WaitReason::Throttled } else { WaitReason::Retry };
                    self.wait(wait, reason, retries.failed())?;
                }
            }
            last = Some(failure.error);
        }
    }

    fn set_deadline(&mut self, deadline: Option<Duration>) {
        self.deadline = deadline;
    }

    fn kind(&self) -> SourceKind {
        self.kind
    }
}

fn with_requested_wait(error: SourceError, requested: Option<Duration>) -> SourceError {
    match error {
        SourceError::Throttled { host, status, body, .. } => {
            SourceError::Throttled { host, status, body, retry_after: requested }
        }
        error => error,
    }
}

fn summary_of(response: &Response, text_mask: &TextMask<'_>, took: Duration) -> ResponseSummary {
    let content_type = text(&response.headers, CONTENT_TYPE);
    ResponseSummary {
        status: response.status,
        content_type: content_type.map(|text| text_mask.apply(text).chars().take(80).collect()),
        on_wire: response.body.on_wire,
        decoded: response.body.bytes.len(),
        took,
        date: response::date(response).map(DateTime::from),
    }
}

#[cfg(test)]
mod tests;
