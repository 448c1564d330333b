//! One part of a query, read row by row.

use std::collections::VecDeque;

use crate::model::{Log, StatusGroup, Timestamp};
use crate::pages::history::{ExpiredAtFirst, History};
use crate::pages::response_rows::sent_millis;
use crate::pages::response_size::ResponseSize;
use crate::pages::{Pages, Resume, RunReport, SharedSource};
use crate::query::Query;
use crate::source::{Gap, Source, SourceError};

/// The maximum number of rows of a part that are read before the next parts, so that memory stays
/// bounded.
const MAX_READ_AHEAD: usize = 20_000;

/// The reason of the gap if a part is too long to be read ahead.
const MOVED_ON: &str = "a message whose status changed during the run may have been left out";

/// A part of a query, with the rows of its pages that were not taken yet.
pub(super) struct Part<S> {
    pages: History<SharedSource<S>>,
    since: Option<Timestamp>,
    /// Whether its messages cannot change to another status group.
    keeps_its_rows: bool,
    /// Whether its messages can change to the status group of a later part during the run. The whole
    /// part is read before the first request of that part, which then has the changed messages.
    moves_on: bool,
    rows: VecDeque<Log>,
    /// A failure that is returned after the rows before it.
    failure: Option<SourceError>,
    /// The number of rows that were read.
    read: usize,
    has_ended: bool,
    /// The number of `rows` without a usable time.
    undated: usize,
    /// Where rows may be missing because messages changed their status group.
    gap: Option<Gap>,
    /// The time of the latest row that was taken.
    at: i64,
}

impl<S: Source + Send> Part<S> {
    pub(super) fn new(
        source: SharedSource<S>,
        query: Query,
        now: Timestamp,
        (size, expired): (ResponseSize, ExpiredAtFirst),
        moves_on: bool,
    ) -> Self {
        let since = query.since;
        let keeps_its_rows = !query.statuses.iter().any(|group| group.can_move_on());
        Self {
            pages: History::new(source, query, now).sharing(size, expired),
            since,
            keeps_its_rows,
            moves_on,
            rows: VecDeque::new(),
            failure: None,
            read: 0,
            has_ended: false,
            undated: 0,
            gap: None,
            at: i64::MAX,
        }
    }

    pub(super) fn resuming(self, resume: Resume) -> Self {
        Self { pages: self.pages.resuming(resume), ..self }
    }

    pub(super) fn with_page_rows(self, rows: u32) -> Self {
        Self { pages: self.pages.with_page_rows(rows), ..self }
    }

    /// Takes the next row with its time; requests the next page if needed.
    pub(super) fn next(&mut self) -> Result<Option<(i64, Log)>, SourceError> {
        while self.rows.is_empty() && !self.has_ended {
            if let Some(error) = self.failure.take() {
                self.has_ended = true;
                return Err(error);
            }
            if self.moves_on && self.read == 0 {
                self.read_ahead();
                continue;
            }
            if self.moves_on && self.gap.is_none() {
                let until = Some(Timestamp::from_millis(self.at));
                let reason = MOVED_ON.to_owned();
                self.gap = Some(Gap { since: self.since, until, at_least: 0, reason });
            }
            self.read_page();
        }
        let Some(log) = self.rows.pop_front() else { return Ok(None) };
        let sent = sent_millis(&log);
        self.undated -= usize::from(sent.is_none());
        // A row without a usable time stays after the row before it.
        self.at = sent.unwrap_or(self.at).min(self.at);
        Ok(Some((self.at, log)))
    }

    fn read_ahead(&mut self) {
        while !self.has_ended && self.failure.is_none() && self.read < MAX_READ_AHEAD {
            self.read_page();
        }
    }

    fn read_page(&mut self) {
        match self.pages.next_page() {
            None => self.has_ended = true,
            Some(Ok(page)) => {
                self.read += page.logs.len();
                let undated = page.logs.iter().filter(|log| sent_millis(log).is_none());
                self.undated += undated.count();
                self.rows.extend(page.logs);
            }
            Some(Err(error)) => self.failure = Some(error),
        }
    }

    /// Takes the rows without a usable time that are left.
    pub(super) fn take_undated(&mut self) -> impl Iterator<Item = Log> {
        self.undated = 0;
        std::mem::take(&mut self.rows).into_iter().filter(|log| sent_millis(log).is_none())
    }

    /// Whether its messages cannot change to another status group.
    pub(super) fn keeps_its_rows(&self) -> bool {
        self.keeps_its_rows
    }

    /// The rows without a usable time that were read and not taken yet.
    pub(super) fn undated(&self) -> impl Iterator<Item = &Log> {
        self.rows.iter().filter(|log| sent_millis(log).is_none()).take(self.undated)
    }

    /// The number of rows that were read so far.
    pub(super) fn read(&self) -> usize {
        self.read
    }

    /// The instant from which on every row was read, unless a gap contains it.
    pub(super) fn covered_since(&self) -> i64 {
        self.pages.covered_since()
    }

    pub(super) fn report(&self) -> RunReport {
        let mut report = self.pages.report();
        report.gaps.extend(self.gap.clone());
        report
    }
}

/// For each part, whether its messages can change to the status group of a later part: its status group
/// is not final, and another group follows.
pub(super) fn parts_that_move_on(parts: &[Query]) -> Vec<bool> {
    let last = parts.iter().flat_map(|part| &part.statuses).max().copied();
    let moves_on = |group: &StatusGroup| group.can_move_on() && Some(*group) < last;
    parts.iter().map(|part| part.statuses.first().is_some_and(moves_on)).collect()
}
