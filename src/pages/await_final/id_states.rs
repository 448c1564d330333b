//! What is known of each id that is waited for, of its messages, and of each of their rows.
//!
//! A message is delivered when one of its rows is: failover sends it again over another channel,
//! and the API shows a row for each. It has failed when all of its rows are final and none was
//! delivered; the row of the next channel comes a little later, so a failure counts only after a
//! time without news.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use super::{WaitIds, WaitProgress};
use crate::model::{Field, Log, Outcome};
use crate::query::Query;

/// A bulk is done after this many polls that show the same rows, all final.
const BULK_POLLS: u32 = 2;

/// The ids and their rows. A row takes about a hundred bytes; its text is not kept.
pub(super) struct IdStates {
    are_bulks: bool,
    /// How long a failure must be the last news of an id before it counts.
    settle: Duration,
    ids: Vec<Id>,
    by_id: HashMap<String, usize>,
    /// Rows by a hash of their identity.
    rows: HashMap<u64, RowStatus>,
    /// Messages by a hash of their id.
    messages: HashMap<u64, MessageState>,
    hasher: RandomState,
}

/// An id that is waited for: of one message, or of a bulk of them.
#[derive(Default)]
struct Id {
    text: String,
    /// Whether a response to a request for it has come.
    is_checked: bool,
    rows: u64,
    /// Messages with a row that is not final and none that was delivered.
    pending: u64,
    /// Messages whose rows are all final and none of them delivered.
    failed: u64,
    /// Whether anything changed since the last complete response.
    has_news: bool,
    /// When something last changed.
    changed: Duration,
    /// Complete responses in a row that showed the same rows, all final.
    calm: u32,
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
    fn moved(&mut self, from: Option<Outcome>, to: Outcome) {
        if let Some(count) = from.and_then(|from| self.count(from)) {
            *count -= 1;
        }
        if let Some(count) = self.count(to) {
            *count += 1;
        }
    }

    /// Whether every message that is known of it has an end.
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

    /// The query for the ids that are not done; those that were never checked come first, so that
    /// a time too short for all of them is not spent on the same ones.
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

    /// Notes a row that came at this time; says whether it has just become final.
    pub(super) fn note(&mut self, log: &Log, at: Duration) -> bool {
        let field = if self.are_bulks { Field::BulkId } else { Field::MessageId };
        let owner = self.by_id.get(log.cell(field).into_text().as_ref());
        // A server that ignores the filter returns rows of other messages.
        let Some(id) = owner.and_then(|at| self.ids.get_mut(*at)) else { return false };
        let outcome = log.outcome();
        let is_final = outcome != Outcome::Pending;
        let is_delivered = outcome == Outcome::Delivered;
        let row = RowStatus { status: log.status_name().into_owned(), is_final, is_delivered };
        let before = self.rows.get(&self.hasher.hash_one(log.identity()));
        // A response that is older than the one before does not take an end back. A delivery report
        // after a failure is a better end.
        if before.is_some_and(|before| before.is_final && (before.is_delivered || !is_delivered)) {
            return false;
        }
        let was_pending = before.map(|before| !before.is_final);
        if before.is_none_or(|before| before.status != row.status) {
            id.has_news = true;
            id.changed = at;
        }
        id.rows += u64::from(before.is_none());
        let key = message_key(&self.hasher, log);
        let known = self.messages.get(&key).copied();
        let mut message = known.unwrap_or_default();
        message.pending_rows += u64::from(!is_final);
        message.pending_rows -= u64::from(was_pending == Some(true));
        message.is_delivered |= is_delivered;
        // Delivered over any channel is delivered, whatever the others say.
        id.is_done |= is_delivered && !self.are_bulks;
        id.moved(known.map(MessageState::outcome), message.outcome());
        self.messages.insert(key, message);
        self.rows.insert(self.hasher.hash_one(log.identity()), row);
        is_final
    }

    /// Notes that everything there is about these ids was read; decides those that can be.
    pub(super) fn checked(&mut self, query: &Query, is_complete: bool, at: Duration) {
        let texts = if self.are_bulks { &query.bulk_ids } else { &query.message_ids };
        let needed = if self.are_bulks { BULK_POLLS } else { 1 };
        for text in texts {
            let place = self.by_id.get(text);
            let Some(id) = place.and_then(|place| self.ids.get_mut(*place)) else { continue };
            id.is_checked = true;
            let had_news = std::mem::take(&mut id.has_news);
            id.calm = match (id.is_final() && is_complete, had_news) {
                (false, _) => 0,
                (true, false) => id.calm + 1,
                (true, true) => 1,
            };
            let is_settled = id.failed == 0 || at >= id.changed.saturating_add(self.settle);
            id.is_done = id.calm >= needed && is_settled;
        }
    }

    pub(super) fn are_done(&self) -> bool {
        self.ids.iter().all(|id| id.is_done)
    }

    /// Whether nothing is left but failures for which another channel might make up.
    pub(super) fn are_final(&self) -> bool {
        self.ids.iter().all(|id| id.is_done || self.is_settling(id))
    }

    /// Whether an id would be done if its failures needed no time to settle.
    fn is_settling(&self, id: &Id) -> bool {
        let needed = if self.are_bulks { BULK_POLLS } else { 1 };
        !id.is_done && id.is_final() && id.calm >= needed
    }

    /// How many messages no channel delivered.
    pub(super) fn not_delivered(&self) -> u64 {
        self.messages.values().filter(|message| !message.is_delivered).count() as u64
    }

    pub(super) fn pending(&self) -> Vec<&str> {
        self.texts(|id| !id.is_done && id.rows > 0 && !self.is_settling(id))
    }

    pub(super) fn never_shown(&self) -> Vec<&str> {
        self.texts(|id| id.rows == 0 && id.is_checked)
    }

    pub(super) fn never_checked(&self) -> Vec<&str> {
        self.texts(|id| id.rows == 0 && !id.is_checked)
    }

    fn texts(&self, is_wanted: impl Fn(&Id) -> bool) -> Vec<&str> {
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

/// What distinguishes messages: the id, or for a row without one all of its identity.
fn message_key(hasher: &RandomState, log: &Log) -> u64 {
    let id = log.cell(Field::MessageId).into_text();
    if id.is_empty() { hasher.hash_one(log.identity()) } else { hasher.hash_one(id) }
}
