//! What a caller can observe while a page is fetched: requests, responses, failures, waits.
//!
//! Everything passed to an observer is safe to show: no secret, no query value, no message text.
//! The exceptions are [`Request::url`] and [`Request::curl`].

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::source::SourceError;

use super::request::Request;

/// A response as it arrived, before it is decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseSummary {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type`, made safe to look at.
    pub content_type: Option<String>,
    /// Size of the body on the wire, in bytes.
    pub on_wire: usize,
    /// Size of the decompressed body, in bytes.
    pub decoded: usize,
    /// From the start of the request to the last byte of the response.
    pub took: Duration,
    /// The time by the server's clock (the header `Date`), to the second.
    pub date: Option<DateTime<Utc>>,
}

/// Why the next request waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// The server throttles (429).
    Throttled,
    /// The last attempt failed.
    Retry,
    /// The next request would exceed the rate.
    Pace,
}

/// A wait before the next request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wait {
    /// Why the client waits.
    pub reason: WaitReason,
    /// How much longer the client waits.
    pub left: Duration,
    /// How many attempts to get this response have failed so far.
    pub failed: u32,
}

/// Observes a [`super::Client`]. The default methods do nothing.
pub trait Observer: Send {
    /// A request is about to be sent; `left` more may follow within a minute without a wait
    /// (`None`: no rate is set).
    fn request(&mut self, request: &Request, left: Option<u32>) {
        let _ = (request, left);
    }

    /// A complete response arrived.
    fn response(&mut self, response: &ResponseSummary) {
        let _ = response;
    }

    /// An attempt failed, the `failed`-th for this page, and another one follows.
    fn failure(&mut self, error: &SourceError, failed: u32) {
        let _ = (error, failed);
    }

    /// The client is waiting. Called when a wait starts and about once per second.
    fn waiting(&mut self, wait: &Wait) {
        let _ = wait;
    }

    /// A request waits because HTTP 429 has lowered the pace to this many requests per minute.
    fn slowed(&mut self, rate: u32) {
        let _ = rate;
    }

    /// The wait is over.
    fn waited(&mut self) {}
}

/// Ignores everything.
impl Observer for () {}
