//! Reads pending messages again by their ids.

use std::borrow::Cow;

use super::tracked_source::lock;
use super::{StepError, Sync};
use crate::archive::ranges;
use crate::archive::selection::PendingMessage;
use crate::model::{TimeRange, Timestamp};
use crate::pages::{History, Pages};
use crate::query::Query;
use crate::source::Source;

const MINUTE: i64 = 60_000;

/// The ages at which a pending message is read again, in milliseconds. The intervals grow: most
/// messages get their final status within seconds, and the longer one is pending, the less likely it
/// changes soon.
const AGES: [i64; 5] = [24 * 60 * MINUTE, 6 * 60 * MINUTE, 60 * MINUTE, 10 * MINUTE, 2 * MINUTE];

/// The number of pending messages that are read from the store at once; their ids fill about ten
/// requests.
const CHUNK: usize = 500;

/// The length of an id of the API, with a comma.
const ID_CHARACTERS: u64 = 37;

/// The number of requests that read this many messages by their ids.
pub(super) fn requests_for_ids(messages: u64) -> u64 {
    messages.saturating_mul(ID_CHARACTERS) / Query::MAX_ID_CHARACTERS as u64 + 1
}

impl<S: Source + Send> Sync<'_, S> {
    /// Reads the pending messages that have reached one of the [`AGES`] since the last run, except
    /// those that this run has listed, until the budget of requests is used up.
    pub(super) fn refresh(&mut self) -> Result<(), StepError> {
        let mut budget = self.options.refresh_requests;
        for age in AGES {
            let name = format!("refresh {} {}", age / MINUTE, self.writer.scope());
            let until = self.server_now().saturating_sub(age);
            let since = self.writer.bookmark(&name)?.unwrap_or(until).max(self.edge());
            let listed = self.writer.listed().to_vec();
            let mut reached = until.max(since);
            for range in ranges::uncovered(TimeRange { since, until }, &listed) {
                let (used, stopped_at) = self.read_pending(range, budget)?;
                budget = budget.saturating_sub(used);
                if let Some(at) = stopped_at {
                    reached = at;
                    break;
                }
            }
            self.writer.set_bookmark(&name, reached)?;
        }
        Ok(())
    }

    /// Reads the pending messages of a range by their ids, oldest first, until `max_requests` were
    /// sent. Returns the number of requests, and the time of the first message that was not read.
    /// Messages are read in chunks, so that the requests can exceed the maximum by a part of a chunk.
    pub(super) fn read_pending(
        &mut self,
        range: TimeRange,
        max_requests: u64,
    ) -> Result<(u64, Option<i64>), StepError> {
        let mut requests = 0;
        let mut after: Option<PendingMessage> = None;
        loop {
            let messages = self.writer.pending(range, after.as_ref(), CHUNK)?;
            let Some(first) = messages.first() else { return Ok((requests, None)) };
            if requests >= max_requests {
                return Ok((requests, Some(first.at)));
            }
            requests += self.read_messages(&messages)?;
            after = messages.into_iter().next_back();
        }
    }

    /// Reads messages by their ids, and skips those without one, which only a listing can find.
    /// Returns the number of requests.
    fn read_messages(&mut self, messages: &[PendingMessage]) -> Result<u64, StepError> {
        let id = |message: &PendingMessage| message.key.message_id().map(Cow::into_owned);
        let mut message_ids: Vec<_> = messages.iter().filter_map(id).collect();
        message_ids.sort_unstable();
        message_ids.dedup();
        if message_ids.is_empty() {
            return Ok(0);
        }
        let at = |message: Option<&PendingMessage>| message.map(|m| Timestamp::from_millis(m.at));
        let query = Query {
            message_ids,
            since: at(messages.first()),
            until: at(messages.last()),
            ..self.filters()
        };
        let before = lock(&self.tracking).requests();
        for part in query.parts() {
            self.writer.renew_lease()?;
            self.read_part(part)?;
        }
        Ok(lock(&self.tracking).requests() - before)
    }

    fn read_part(&mut self, query: Query) -> Result<(), StepError> {
        let now = Timestamp::from_millis(self.server_now());
        let mut pages = History::new(&mut self.source, query, now);
        while let Some(page) = pages.next_page() {
            match page {
                Ok(page) => {
                    self.failures = 0;
                    self.writer.write_rows(page.logs)?;
                }
                Err(error) => {
                    drop(pages);
                    return self.note_failure(error);
                }
            }
        }
        Ok(())
    }
}
