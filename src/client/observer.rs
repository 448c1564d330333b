//! What a caller can observe while a response is fetched: requests, responses, waits.
//!
//! All of it is safe to show: no secret, no query value, no message text.

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
    /// Size of the body unpacked, in bytes.
    pub decoded: usize,
    /// From the start of the request to the last byte of the response.
    pub took: Duration,
    /// What time it was by the server's clock (`Date`), to the second.
    pub date: Option<DateTime<Utc>>,
}

/// Why the next request waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// The server throttles (429).
    Throttled,
    /// The last attempt failed.
    Retry,
    /// The rate would be exceeded.
    Pace,
}

/// A wait before the next request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wait {
    /// Why.
    pub reason: WaitReason,
    /// How much longer.
    pub left: Duration,
    /// How many attempts to get this response have failed so far.
    pub failed: u32,
}

/// Observes a [`super::Client`]. By default every method does nothing.
pub trait Observer: Send {
    /// A request is about to be sent; `left` more may follow within a minute without a wait
    /// (`None`: no rate is set).
    fn request(&mut self, request: &Request, left: Option<u32>) {
        let _ = (request, left);
    }

    /// A response arrived complete.
    fn response(&mut self, response: &ResponseSummary) {
        let _ = response;
    }

    /// The `failed`-th attempt failed; the next call shows whether another follows.
    fn failure(&mut self, error: &SourceError, failed: u32) {
        let _ = (error, failed);
    }

    /// A wait goes on; called as it starts and about once a second.
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

/// Watches nothing.
impl Observer for () {}
