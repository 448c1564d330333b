//! Shows requests and responses with `-v`, and waiting times on the status line of a terminal.

use std::sync::Arc;

use omnilogs::client::{Observer, Request, ResponseSummary, Wait, WaitReason};
use omnilogs::source::{SourceError, ceil_seconds};

use crate::io::report::Report;
use crate::session::progress::RequestsLeft;
use crate::text::counted;

/// Reports the requests, responses, failures and waits of the client.
pub(crate) struct RequestLog {
    report: Arc<Report>,
    left: RequestsLeft,
    /// Whether a lower rate was reported; it changes many times in a long run.
    slowed: bool,
}

impl RequestLog {
    pub(crate) fn new(report: Arc<Report>, left: RequestsLeft) -> Self {
        Self { report, left, slowed: false }
    }
}

impl Observer for RequestLog {
    fn request(&mut self, request: &Request, left: Option<u32>) {
        self.left.set(left);
        for (at, line) in request.masked().iter().enumerate() {
            self.report.detail(if at == 0 { 1 } else { 2 }, &format!("> {line}"));
        }
        if let Some(left) = left {
            self.report.detail(2, &format!("> ({left} more requests are allowed in this minute)"));
        }
    }

    fn response(&mut self, response: &ResponseSummary) {
        let ResponseSummary { status, content_type, on_wire, decoded, took, date: _ } = response;
        let kind = content_type.as_deref().unwrap_or("no Content-Type");
        let compressed =
            if on_wire == decoded { String::new() } else { format!(" ({on_wire} compressed)") };
        self.report.detail(
            1,
            &format!(
                "< {status} {kind}, {}{compressed}, {} ms",
                counted(*decoded, "byte"),
                took.as_millis()
            ),
        );
    }

    fn failure(&mut self, error: &SourceError, failed: u32) {
        self.report.detail(1, &format!("< attempt {failed} failed: {error}"));
    }

    fn waiting(&mut self, wait: &Wait) {
        let Wait { reason, left, failed, .. } = wait;
        let seconds = ceil_seconds(*left);
        let why = match reason {
            WaitReason::Throttled => "throttled".to_owned(),
            WaitReason::Retry => format!("attempt {failed} failed"),
            WaitReason::Pace => "limited by --rate".to_owned(),
        };
        self.report.status(&format!("{why}: next request in {seconds} s"));
    }

    fn slowed(&mut self, rate: u32) {
        if !std::mem::replace(&mut self.slowed, true) {
            self.report
                .warn(&format!("HTTP 429: slowing down to {rate} requests per minute for now"));
        }
    }

    fn waited(&mut self) {
        self.report.status("");
    }
}
