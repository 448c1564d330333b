//! The state of each id that is waited for, of its messages, and of their rows.
//!
//! Failover sends a message again over another channel, and the API shows a row for each channel. A
//! message is delivered when one of its rows is. It has failed when all of its rows are final and none
//! is delivered. The row of the next channel comes a little later, so a failure counts only after
//! some time without a change.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use super::{WaitIds, WaitProgress};
use crate::model::{Field, Log, Outcome};
use crate::query::Query;

/// A bulk is done after this many polls that return the same rows, all of them final.
const BULK_POLLS: u32 = 2;

/// The ids with the states of their messages and rows. A row takes about a hundred bytes; its text is
/// not kept.
pub(super) struct IdStates {
    are_bulks: bool,
    /// How long an id must not change before its failures count.
    settle: Duration,
    ids: Vec<Id>,
    by_id: HashMap<String, usize>,
    /// The rows, by a hash of their identity.
    rows: HashMap<u64, RowStatus>,
    /// The messages, by a hash of their id.
    messages: HashMap<u64, MessageState>,
    hasher: RandomState,
}

/// An id that is waited for: of one message, or of a bulk of messages.
#[derive(Default)]
struct Id {
    text: String,
    /// Whether a request for the id succeeded.
    is_checked: bool,
    rows: u64,
    /// Messages with a row that is not final and without a delivered row.
    pending: u64,
    /// Messages whose rows are all final and not delivered.
    failed: u64,
    /// Whether a row appeared or changed since the last complete response.
    has_changed: bool,
    /// When a row last appeared or changed.
    changed: Duration,
    /// The number of complete responses in a row with the same rows, all of them final.
    unchanged_responses: u32,
    is_done: bool,
}

#[derive(Clone, Copy, Default)]
struct MessageState {
    pending_rows: u64,
    is_delivered: bool,
}

struct RowStatus {
    status: String,
    is_final: bool,
    is_delivered: bool,
}

impl MessageState {
    fn outcome(self) -> Outcome {
        match self {
            Self { is_delivered: true, .. } => Outcome::Delivered,
            Self { pending_rows: 0, .. } => Outcome::Failed,
            _ => Outcome::Pending,
        }
    }
}

impl Id {
    fn count(&mut self, outcome: Outcome) -> Option<&mut u64> {
        match outcome {
            Outcome::Pending => Some(&mut self.pending),
            Outcome::Failed => Some(&mut self.failed),
            Outcome::Delivered => None,
        }
    }

    /// Moves a message from one count to another.
    fn count_move(&mut self, from: Option<Outcome>, to: Outcome) {
        if let Some(count) = from.and_then(|from| self.count(from)) {
            *count -= 1;
        }
        if let Some(count) = self.count(to) {
            *count += 1;
        }
    }

    /// Whether the id has rows, and all of its messages are delivered or have failed.
    fn is_final(&self) -> bool {
        self.rows > 0 && self.pending == 0
    }
}

impl IdStates {
    pub(super) fn new(ids: WaitIds, settle: Duration) -> Self {
        let (texts, are_bulks) = match ids {
            WaitIds::Messages(texts) => (texts, false),
            WaitIds::Bulks(texts) => (texts, true),
        };
        let mut states = Self {
            are_bulks,
            settle,
            ids: Vec::with_capacity(texts.len()),
            by_id: HashMap::new(),
            rows: HashMap::new(),
            messages: HashMap::new(),
            hasher: RandomState::new(),
        };
        for text in texts {
            if !states.by_id.contains_key(&text) {
                states.by_id.insert(text.clone(), states.ids.len());
                states.ids.push(Id { text, ..Id::default() });
            }
        }
        states
    }

    /// The query for the ids that are not done. Ids that were never checked come first, so that a time
    /// that is too short for all ids is not spent on the same ones.
    pub(super) fn query(&self) -> Query {
        let open = |id: &&Id| !id.is_done;
        let unchecked = self.ids.iter().filter(open).filter(|id| !id.is_checked);
        let checked = self.ids.iter().filter(open).filter(|id| id.is_checked);
        let ids = unchecked.chain(checked).map(|id| id.text.clone()).collect();
        if self.are_bulks {
            Query { bulk_ids: ids, ..Query::default() }
        } else {
            Query { message_ids: ids, ..Query::default() }
        }
    }

    /// Records a row that was received at this time. Returns whether it became final with it.
    pub(super) fn note(&mut self, log: &Log, at: Duration) -> bool {
        let field = if self.are_bulks { Field::BulkId } else { Field::MessageId };
        let owner = self.by_id.get(log.cell(field).into_text().as_ref());
        // A server that ignores the filter returns rows of other messages too.
        let Some(id) = owner.and_then(|at| self.ids.get_mut(*at)) else { return false };
        let outcome = log.outcome();
        let is_final = outcome != Outcome::Pending;
        let is_delivered = outcome == Outcome::Delivered;
        let row = RowStatus { status: log.status_name().into_owned(), is_final, is_delivered };
        let before = self.rows.get(&self.hasher.hash_one(log.identity()));
        // A response of a replica that is behind does not revert a final status. A delivery report
        // after a failure replaces the failure.
        if before.is_some_and(|before| before.is_final && (before.is_delivered || !is_delivered)) {
            return false;
        }
        let was_pending = before.map(|before| !before.is_final);
        if before.is_none_or(|before| before.status != row.status) {
            id.has_changed = true;
            id.changed = at;
        }
        id.rows += u64::from(before.is_none());
        let key = message_key(&self.hasher, log);
        let known = self.messages.get(&key).copied();
        let mut message = known.unwrap_or_default();
        message.pending_rows += u64::from(!is_final);
        message.pending_rows -= u64::from(was_pending == Some(true));
        message.is_delivered |= is_delivered;
        // A message that any channel delivered is delivered.
        id.is_done |= is_delivered && !self.are_bulks;
        id.count_move(known.map(MessageState::outcome), message.outcome());
        self.messages.insert(key, message);
        self.rows.insert(self.hasher.hash_one(log.identity()), row);
        is_final
    }

    /// Records that every row of the ids of a query was read, and decides which ids are done.
    pub(super) fn checked(&mut self, query: &Query, is_complete: bool, at: Duration) {
        let texts = if self.are_bulks { &query.bulk_ids } else { &query.message_ids };
        let needed = if self.are_bulks { BULK_POLLS } else { 1 };
        for text in texts {
            let place = self.by_id.get(text);
            let Some(id) = place.and_then(|place| self.ids.get_mut(*place)) else { continue };
            id.is_checked = true;
            let has_changed = std::mem::take(&mut id.has_changed);
            id.unchanged_responses = match (id.is_final() && is_complete, has_changed) {
                (false, _) => 0,
                (true, false) => id.unchanged_responses + 1,
                (true, true) => 1,
            };
            let is_settled = id.failed == 0 || at >= id.changed.saturating_add(self.settle);
            id.is_done = id.unchanged_responses >= needed && is_settled;
        }
    }

    pub(super) fn are_done(&self) -> bool {
        self.ids.iter().all(|id| id.is_done)
    }

    /// Whether every id is done or only waits for its failures to settle.
    pub(super) fn are_final(&self) -> bool {
        self.ids.iter().all(|id| id.is_done || self.is_settling(id))
    }

    /// Whether an id would be done if its failures needed no time to settle.
    fn is_settling(&self, id: &Id) -> bool {
        let needed = if self.are_bulks { BULK_POLLS } else { 1 };
        !id.is_done && id.is_final() && id.unchanged_responses >= needed
    }

    /// The number of messages that no channel delivered.
    pub(super) fn not_delivered(&self) -> u64 {
        self.messages.values().filter(|message| !message.is_delivered).count() as u64
    }

    pub(super) fn pending(&self) -> Vec<&str> {
        self.ids_where(|id| !id.is_done && id.rows > 0 && !self.is_settling(id))
    }

    pub(super) fn never_shown(&self) -> Vec<&str> {
        self.ids_where(|id| id.rows == 0 && id.is_checked)
    }

    pub(super) fn never_checked(&self) -> Vec<&str> {
        self.ids_where(|id| id.rows == 0 && !id.is_checked)
    }

    fn ids_where(&self, is_wanted: impl Fn(&Id) -> bool) -> Vec<&str> {
        self.ids.iter().filter(|id| is_wanted(id)).map(|id| id.text.as_str()).collect()
    }

    pub(super) fn progress(&self) -> WaitProgress {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for row in self.rows.values() {
            *counts.entry(&row.status).or_default() += 1;
        }
        let mut statuses: Vec<_> =
            counts.into_iter().map(|(status, rows)| (status.to_owned(), rows)).collect();
        statuses.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        let count = |is_wanted: fn(&Id) -> bool| self.ids.iter().filter(|id| is_wanted(id)).count();
        WaitProgress {
            statuses,
            done: count(|id| id.is_done),
            pending: count(|id| !id.is_done && id.rows > 0),
            never_shown: count(|id| id.rows == 0),
        }
    }
}

/// The key of a message: its id or, for a row without one, the identity of the row.
fn message_key(hasher: &RandomState, log: &Log) -> u64 {
    let id = log.cell(Field::MessageId).into_text();
    if id.is_empty() { hasher.hash_one(log.identity()) } else { hasher.hash_one(id) }
}
