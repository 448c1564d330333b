//! The passing line that tells how far a long listing has come, while rows go to a file or a pipe.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::Utc;
use omnilogs::clock::Clock;
use omnilogs::pages::{Account, Pages};
use omnilogs::source::{SourceError, ceil_seconds};
use omnilogs::zone::Zone;
use omnilogs::{Page, Query, Timestamp};

use crate::io::report::Report;

/// Requests that fit into this minute, as the client last said; `u32::MAX` when it did not.
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

/// Pages whose progress is told.
pub(crate) struct Watched {
    pages: Box<dyn Pages>,
    report: Arc<Report>,
    clock: Arc<dyn Clock>,
    left: RequestsLeft,
    zone: Zone,
    started: Duration,
}

impl Watched {
    pub(crate) fn new(
        pages: Box<dyn Pages>,
        report: Arc<Report>,
        clock: Arc<dyn Clock>,
        left: RequestsLeft,
        zone: Zone,
    ) -> Self {
        let started = clock.elapsed();
        Self { pages, report, clock, left, zone, started }
    }
}

impl Pages for Watched {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        let page = self.pages.next_page();
        let text = match &page {
            Some(Ok(_)) => {
                let taken = self.clock.elapsed().saturating_sub(self.started);
                let now = self.clock.now().into();
                line(&self.pages.account(), now, taken, self.left.get(), self.zone)
            }
            _ => String::new(),
        };
        self.report.passing(&text);
        page
    }

    fn account(&self) -> Account {
        self.pages.account()
    }
}

/// Rows, pages, the point in the window that is reached, requests left, time left.
fn line(
    account: &Account,
    now: Timestamp,
    taken: Duration,
    left: Option<u32>,
    zone: Zone,
) -> String {
    let mut parts = vec![format!("{} rows", account.rows), format!("{} pages", account.pages)];
    if let Some(moment) = account.reached.and_then(Timestamp::to_datetime) {
        let shown = zone.at(moment.with_timezone(&Utc)).format("%m-%d %H:%M:%S");
        parts.push(format!("back to {shown}"));
    }
    if let Some(left) = left {
        parts.push(format!("{left} requests left"));
    }
    if let Some(time) = time_left(account, now, taken) {
        parts.push(format!("about {} s left", ceil_seconds(time)));
    }
    parts.join(" · ")
}

/// By how much of the window is done; nothing while that is too little to tell.
fn time_left(account: &Account, now: Timestamp, taken: Duration) -> Option<Duration> {
    let until = account.until.unwrap_or(now).millis();
    let kept = Query::kept_since(now).millis();
    let since = account.since.map_or(kept, |since| since.millis().max(kept));
    let whole = u32::try_from((until - since).max(1) / 1000).ok()?;
    let done = u32::try_from((until - account.reached?.millis()).max(0) / 1000).ok()?;
    let share = f64::from(done) / f64::from(whole.max(1));
    if account.pages < 3 || !(0.02..=1.0).contains(&share) {
        return None;
    }
    Duration::try_from_secs_f64(taken.as_secs_f64() * (1.0 - share) / share).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_how_far_it_has_come_and_how_long_it_will_take() {
        let now = Timestamp::parse("2026-11-23T12:00:00Z").unwrap();
        let account = Account {
            rows: 5000,
            pages: 5,
            since: Some(now.plus_millis(-4 * 3_600_000)),
            until: Some(now),
            reached: Some(now.plus_millis(-3_600_000)),
            ..Account::default()
        };
        let line = line(&account, now, Duration::from_secs(10), Some(115), Zone::UTC);
        assert_eq!(
            line,
            "5000 rows · 5 pages · back to 11-23 11:00:00 · 115 requests left · about 30 s left"
        );
    }
}
