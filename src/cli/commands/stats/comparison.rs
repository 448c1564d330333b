//! `--vs`: compares with the same window at an earlier time. The time ranges of the requests are
//! decided here, so that no row is requested twice, and each row is counted in the window or windows
//! in which it was sent.

use std::time::Duration;

use chrono::{DateTime, Utc};
use omnilogs::query::Extent;
use omnilogs::sink::{Flow, Sink, SinkError};
use omnilogs::stats::{Stats, Summary};
use omnilogs::{Log, Query, SourceKind, Timestamp};

use super::options::span_text;
use crate::failure::Failure;
use crate::text::counted;

/// The two windows of a comparison, in milliseconds since 1970, both ends inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Windows {
    pub(super) now: (i64, i64),
    pub(super) before: (i64, i64),
    is_one_request: bool,
}

impl Windows {
    /// The windows of a query. The query gets the time range of the first request.
    ///
    /// # Errors
    /// When the source no longer has the earlier window, or when the query has a limit.
    pub(super) fn new(
        shift: Duration,
        query: &mut Query,
        kind: SourceKind,
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        if query.extent != Extent::All {
            return Err(Failure::usage("--vs cannot be used with --limit").because(
                "two windows can be compared only when all of their messages are counted",
            ));
        }
        let now = Timestamp::from(now);
        let millis = i64::try_from(shift.as_millis()).unwrap_or(i64::MAX);
        let until = query.until.map_or(now.millis(), |until| until.millis().min(now.millis()));
        let since = query.since.map_or(until.saturating_sub(millis), Timestamp::millis);
        let before = (since.saturating_sub(millis), until.saturating_sub(millis) - 1);
        let is_one_request = kind == SourceKind::File || before.1 + 1 >= since;
        if let Some(kept) = kind.kept_since(now)
            && before.0 < kept.millis()
        {
            return Err(too_long(shift, since, now, kept));
        }
        let first = if is_one_request { before.0 } else { since };
        query.since = Some(Timestamp::from_millis(first));
        Ok(Self { now: (since, until), before, is_one_request })
    }

    /// The query of the second request, if there is one.
    pub(super) fn second(&self, query: &Query) -> Option<Query> {
        let mut query = query.clone();
        query.since = Some(Timestamp::from_millis(self.before.0));
        query.until = Some(Timestamp::from_millis(self.before.1));
        (!self.is_one_request).then_some(query)
    }
}

fn too_long(shift: Duration, since: i64, now: Timestamp, kept: Timestamp) -> Failure {
    let hours = (now.millis() - kept.millis()) / 3_600_000;
    let failure = Failure::usage(format!(
        "--vs: the earlier window would begin {} before the oldest messages of the API",
        span_text(kept.millis() - (since - i64::try_from(shift.as_millis()).unwrap_or(0)))
    ))
    .because(format!("the API keeps messages for {hours} hours"));
    let longest = (now.millis() - kept.millis()) - i64::try_from(shift.as_millis()).unwrap_or(0);
    if longest >= 3_600_000 {
        failure.hint(format!("use --since {}h or later", longest / 3_600_000))
    } else {
        failure.hint("use a shorter duration: --since 1h --vs 1h")
    }
}

/// The earlier window of a comparison.
pub(crate) struct EarlierWindow {
    /// When the window was, as the start of a clause: `yesterday 90% of 100`.
    pub(crate) label: String,
    pub(crate) summary: Summary,
}

impl EarlierWindow {
    /// How many messages there were, for a window in which there are none now; `None` without any.
    pub(super) fn sentence(&self) -> Option<String> {
        let messages = self.summary.total.messages;
        (messages > 0).then(|| {
            format!("the earlier window ({}) has {}", self.label, counted(messages, "message"))
        })
    }
}

/// The label of the earlier window.
pub(super) fn label(shift: Duration) -> String {
    if shift.as_secs() == 86_400 {
        return "yesterday".to_owned();
    }
    format!("{} before", span_text(i64::try_from(shift.as_millis()).unwrap_or(i64::MAX)))
}

/// Counts rows by the window that they were sent in.
pub(super) struct WindowsSink<'s> {
    pub(super) windows: Windows,
    pub(super) now: &'s mut Stats,
    pub(super) before: &'s mut Stats,
}

impl Sink for WindowsSink<'_> {
    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        let Some(sent_at) = log.sent_at() else { return Ok(Flow::Continue) };
        let is_in = |(since, until): (i64, i64)| (since..=until).contains(&sent_at.millis());
        if is_in(self.windows.now) {
            self.now.log(log)?;
        }
        if is_in(self.windows.before) {
            self.before.log(log)?;
        }
        Ok(Flow::Continue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const NOW: i64 = 1_795_305_600_000;

    fn windows(
        since: Option<i64>,
        hours: u64,
        kind: SourceKind,
    ) -> Result<(Windows, Query), Failure> {
        let mut query = Query::default();
        query.extent = Extent::All;
        query.since = since.map(|hours| Timestamp::from_millis(NOW - hours * HOUR));
        let now = DateTime::from_timestamp_millis(NOW).unwrap();
        let windows = Windows::new(Duration::from_secs(hours * 3600), &mut query, kind, now)?;
        Ok((windows, query))
    }

    /// The time range of a request; without an end, it ends now.
    fn range(query: &Query) -> (i64, i64) {
        let until = query.until.map_or(NOW, Timestamp::millis);
        (query.since.unwrap().millis() - NOW, until - NOW)
    }

    #[test]
    fn windows_with_time_between_them_are_two_requests_that_share_no_instant() {
        let (windows, first) = windows(Some(1), 24, SourceKind::Api).unwrap();
        let second = windows.second(&first).unwrap();
        assert_eq!(range(&first), (-HOUR, 0));
        assert_eq!(range(&second), (-25 * HOUR, -24 * HOUR - 1));
    }

    #[test]
    fn windows_that_touch_or_overlap_are_one_request() {
        for (since, hours) in [(2, 2), (6, 1)] {
            let (windows, query) = windows(Some(since), hours, SourceKind::Sandbox).unwrap();
            assert_eq!(windows.second(&query), None);
            assert_eq!(range(&query), (-(since + i64::try_from(hours).unwrap()) * HOUR, 0));
        }
        let (windows, query) = windows(Some(1), 24, SourceKind::File).unwrap();
        assert_eq!((windows.second(&query), range(&query).0), (None, -25 * HOUR));
    }

    #[test]
    fn without_a_start_the_window_is_as_long_as_the_time_between() {
        let (windows, query) = windows(None, 24, SourceKind::Api).unwrap();
        assert_eq!(windows.now, (NOW - 24 * HOUR, NOW));
        assert_eq!(range(&query), (-48 * HOUR, 0));
    }

    #[test]
    fn a_window_that_the_source_no_longer_has_is_refused_with_one_that_it_has() {
        let refused = windows(Some(30), 24, SourceKind::Api).unwrap_err();
        assert!(
            refused.message.contains("begin 6h before the oldest messages of the API"),
            "{}",
            refused.message
        );
        assert_eq!(refused.hints, ["use --since 24h or later"]);
        assert!(windows(None, 30, SourceKind::Sandbox).is_err());
        assert!(windows(Some(30), 24, SourceKind::File).is_ok());
    }
}
