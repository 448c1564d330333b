//! The first poll of a follow: reads the messages that exist at the start.

use super::known_messages::RowState;
use super::poll_events::PollEvents;
use super::{Event, Follow, PollProgress, later};
use crate::model::{Page, Timestamp};
use crate::pages::poller::Proof;
use crate::pages::response_rows::ResponseRows;
use crate::source::{Source, SourceError};

impl<S: Source + Send> Follow<S> {
    /// Reads the messages that exist at the start. The newest ones are shown, and all are known.
    pub(super) fn begin(
        &mut self,
        now: i64,
        events: &mut PollEvents,
    ) -> Result<PollProgress, SourceError> {
        let limit = self.options.limit;
        let start = self.poller.newest_rows(&self.query, limit, Timestamp::from_millis(now))?;
        let now = self.clock.note(start.server_time);
        let cut_at = start.cut_at;
        let response = ResponseRows::read(Page { logs: start.logs, ..Page::default() }, None);
        if response.logs.is_empty() {
            // The response may come from a replica that is behind. Without this start, all messages of
            // the source would then be shown as new.
            let started = start.server_time.unwrap_or(Timestamp::from_millis(now));
            self.query.since = later(self.query.since, Some(started));
        }
        self.newest = response.times.iter().flatten().max().map(|at| *at.min(&now));
        let mut logs = response.logs;
        // Two parts of a query can return the same row.
        logs.retain(|log| self.known.note(log, now) == RowState::New);
        let shown = logs.into_iter().take(limit).map(|log| (i64::MIN, Event::New(log)));
        events.events.extend(shown);
        events.events.reverse();
        if let Some((newest, cut_at)) = self.newest.zip(cut_at) {
            self.unread = (cut_at >= self.start(newest)).then_some(cut_at);
        }
        self.has_started = true;
        self.watched = self.start_of_poll();
        self.drop_old_messages();
        Ok(if self.unread.is_some() { PollProgress::ReadingStart } else { PollProgress::Current })
    }

    /// Reads the part of the window that the first response lacked, without showing its messages.
    pub(super) fn read_rest_of_start(
        &mut self,
        now: i64,
        events: &mut PollEvents,
    ) -> Result<(), SourceError> {
        let Some((unread, newest)) = self.unread.zip(self.newest) else { return Ok(()) };
        let query = self.window(Some(self.start(newest)), Some(unread));
        let known = &mut self.known;
        let gaps = self.poller.all(&query, Timestamp::from_millis(now), Proof::Now, |page| {
            for log in &page.logs {
                known.note(log, now);
            }
        })?;
        self.unread = None;
        self.report_gaps(gaps, events);
        Ok(())
    }
}
