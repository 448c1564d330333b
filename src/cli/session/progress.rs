//! The status line that shows the progress of a long listing, while its rows do not go to the
//! terminal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::Utc;
use omnilogs::clock::Clock;
use omnilogs::pages::{Pages, RunReport};
use omnilogs::source::{SourceError, ceil_seconds};
use omnilogs::zone::Zone;
use omnilogs::{Page, SourceKind, Timestamp};

use crate::io::report::Report;
use crate::text::counted;

/// A run that ends sooner needs no status line.
const DELAY: Duration = Duration::from_secs(2);

/// The requests that the rate allows in the rest of this minute, as the client last reported;
/// `u32::MAX` while it has reported none.
#[derive(Clone, Debug)]
pub(crate) struct RequestsLeft(Arc<AtomicU32>);

impl RequestsLeft {
    pub(crate) fn unknown() -> Self {
        Self(Arc::new(AtomicU32::new(u32::MAX)))
    }

    pub(crate) fn set(&self, left: Option<u32>) {
        self.0.store(left.unwrap_or(u32::MAX), Ordering::Relaxed);
    }

    fn get(&self) -> Option<u32> {
        Some(self.0.load(Ordering::Relaxed)).filter(|left| *left != u32::MAX)
    }
}

/// Pages whose progress is shown.
pub(crate) struct ProgressPages {
    pages: Box<dyn Pages>,
    kind: SourceKind,
    report: Arc<Report>,
    clock: Arc<dyn Clock>,
    left: RequestsLeft,
    zone: Zone,
    started: Duration,
}

impl ProgressPages {
    pub(crate) fn new(
        pages: Box<dyn Pages>,
        kind: SourceKind,
        report: Arc<Report>,
        clock: Arc<dyn Clock>,
        left: RequestsLeft,
        zone: Zone,
    ) -> Self {
        let started = clock.elapsed();
        Self { pages, kind, report, clock, left, zone, started }
    }
}

impl Pages for ProgressPages {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        let page = self.pages.next_page();
        let taken = self.clock.elapsed().saturating_sub(self.started);
        let text = match &page {
            Some(Ok(_)) if taken < DELAY => return page,
            Some(Ok(_)) => {
                let now = self.clock.now().into();
                line(&self.pages.report(), (now, self.kind), taken, self.left.get(), self.zone)
            }
            _ => String::new(),
        };
        self.report.status(&text);
        page
    }

    fn report(&self) -> RunReport {
        self.pages.report()
    }
}

/// Rows, pages, the time in the window that is reached, time left, requests left.
fn line(
    report: &RunReport,
    (now, kind): (Timestamp, SourceKind),
    taken: Duration,
    left: Option<u32>,
    zone: Zone,
) -> String {
    let mut parts = vec![counted(report.rows, "row"), counted(report.pages, "page")];
    if let Some(reached) = report.reached.and_then(Timestamp::to_datetime) {
        let shown = zone.at(reached.with_timezone(&Utc)).format("%m-%d %H:%M");
        parts.push(format!("back to {shown}"));
    }
    if let Some(time) = time_left(report, (now, kind), taken) {
        parts.push(format!("about {} s left", ceil_seconds(time)));
    }
    // Last, since a narrow terminal cuts the end off.
    if let Some(left) = left {
        parts.push(format!("{} left", counted(left, "request")));
    }
    parts.join(" · ")
}

/// The time left, estimated from the part of the window that is done; `None` while that part is too
/// small.
fn time_left(
    report: &RunReport,
    (now, kind): (Timestamp, SourceKind),
    taken: Duration,
) -> Option<Duration> {
    let until = report.until.unwrap_or(now).millis();
    let since = report.since.max(kind.kept_since(now))?.millis();
    let whole = u32::try_from((until - since).max(1) / 1000).ok()?;
    let done = u32::try_from((until - report.reached?.millis()).max(0) / 1000).ok()?;
    let share = f64::from(done) / f64::from(whole.max(1));
    if report.pages < 3 || !(0.02..=1.0).contains(&share) {
        return None;
    }
    Duration::try_from_secs_f64(taken.as_secs_f64() * (1.0 - share) / share).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::report::test_support::on_terminal;
    use crate::session::test_support::VirtualClock;

    /// Pages that take a second each.
    struct SlowPages {
        clock: Arc<VirtualClock>,
        report: RunReport,
    }

    impl Pages for SlowPages {
        fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
            if self.report.pages == 3 {
                return None;
            }
            self.clock.sleep(Duration::from_secs(1));
            self.report.pages += 1;
            self.report.rows += 1;
            Some(Ok(Page::default()))
        }

        fn report(&self) -> RunReport {
            self.report.clone()
        }
    }

    #[test]
    fn progress_is_drawn_after_two_seconds_and_removed_at_the_end() {
        let (options, report) = on_terminal(80);
        let (report, written) = report(options);
        let clock = Arc::new(VirtualClock::default());
        let pages = SlowPages { clock: Arc::clone(&clock), report: RunReport::default() };
        let mut pages = ProgressPages::new(
            Box::new(pages),
            SourceKind::Api,
            Arc::new(report),
            clock,
            RequestsLeft::unknown(),
            Zone::UTC,
        );
        pages.next_page();
        assert_eq!(written.text(), "");
        pages.next_page();
        assert_eq!(written.text(), "\r2 rows · 2 pages");
        pages.next_page();
        assert!(pages.next_page().is_none() && written.text().ends_with('\r'));
    }

    #[test]
    fn the_line_says_how_far_it_is_and_how_long_it_will_take() {
        let now = Timestamp::parse("2026-11-23T12:00:00Z").unwrap();
        let mut report = RunReport::default();
        report.rows = 5000;
        report.pages = 5;
        report.since = Some(now.plus_millis(-4 * 3_600_000));
        report.until = Some(now);
        report.reached = Some(now.plus_millis(-3_600_000));
        let line =
            line(&report, (now, SourceKind::Api), Duration::from_secs(10), Some(115), Zone::UTC);
        assert_eq!(
            line,
            "5,000 rows · 5 pages · back to 11-23 11:00 · about 30 s left · 115 requests left"
        );
    }
}
