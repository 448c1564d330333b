//! What is known of each id that is waited for, and of each of its rows.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};

use super::{Ids, Progress};
use crate::model::{Field, Log, Outcome};
use crate::query::Query;

/// A bulk is decided after so many polls that show the same rows, all final.
const BULK_POLLS: u32 = 2;

/// The ids and their rows. A row takes some hundred bytes; its text is not kept.
pub(super) struct States {
    are_bulks: bool,
    ids: Vec<Id>,
    by_id: HashMap<String, usize>,
    /// Rows by a hash of their identity.
    rows: HashMap<u64, Row>,
    /// For each message, whether a row of it was delivered.
    messages: HashMap<u64, bool>,
    hasher: RandomState,
}

#[derive(Default)]
struct Id {
    text: String,
    rows: u64,
    open: u64,
    /// Rows that the poll under way showed first.
    new: u64,
    /// Polls in a row that showed the same rows, all final.
    calm: u32,
    is_decided: bool,
}

struct Row {
    status: String,
    is_final: bool,
}

impl States {
    pub(super) fn new(ids: Ids) -> Self {
        let (texts, are_bulks) = match ids {
            Ids::Messages(texts) => (texts, false),
            Ids::Bulks(texts) => (texts, true),
        };
        let mut states = Self {
            are_bulks,
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

    /// The question about the ids that are not decided.
    pub(super) fn question(&self) -> Query {
        let open = self.ids.iter().filter(|id| !id.is_decided).map(|id| id.text.clone()).collect();
        if self.are_bulks {
            Query { bulk_ids: open, ..Query::default() }
        } else {
            Query { message_ids: open, ..Query::default() }
        }
    }

    /// Takes note of a row; whether it has just come to its end.
    pub(super) fn note(&mut self, log: &Log) -> bool {
        let field = if self.are_bulks { Field::BulkId } else { Field::MessageId };
        let owner = self.by_id.get(log.cell(field).into_text().as_ref());
        // A server that does not heed the filter shows rows that nobody waits for.
        let Some(id) = owner.and_then(|at| self.ids.get_mut(*at)) else { return false };
        let outcome = log.outcome();
        let is_final = outcome != Outcome::Pending;
        let is_delivered = outcome == Outcome::Delivered;
        let message = self.hasher.hash_one(log.cell(Field::MessageId).into_text());
        *self.messages.entry(message).or_default() |= is_delivered;
        let key = self.hasher.hash_one(log.identity());
        let status = log.status_name().into_owned();
        let Some(row) = self.rows.get_mut(&key) else {
            self.rows.insert(key, Row { status, is_final });
            id.rows += 1;
            id.new += 1;
            id.open += u64::from(!is_final);
            return is_final;
        };
        if row.is_final {
            // An older answer does not undo an end.
            return false;
        }
        *row = Row { status, is_final };
        id.open -= u64::from(is_final);
        is_final
    }

    /// Decides, once an answer was read whole.
    pub(super) fn end_poll(&mut self) {
        let needed = if self.are_bulks { BULK_POLLS } else { 1 };
        for id in self.ids.iter_mut().filter(|id| !id.is_decided) {
            let is_calm = id.rows > 0 && id.open == 0;
            id.calm = match (is_calm, id.new) {
                (false, _) => 0,
                (true, 0) => id.calm + 1,
                (true, _) => 1,
            };
            id.new = 0;
            id.is_decided = id.calm >= needed;
        }
    }

    pub(super) fn are_decided(&self) -> bool {
        self.ids.iter().all(|id| id.is_decided)
    }

    /// How many messages no channel delivered.
    pub(super) fn not_delivered(&self) -> u64 {
        self.messages.values().filter(|is_delivered| !**is_delivered).count() as u64
    }

    pub(super) fn undecided(&self) -> Vec<&str> {
        self.texts(|id| !id.is_decided && id.rows > 0)
    }

    pub(super) fn never_shown(&self) -> Vec<&str> {
        self.texts(|id| id.rows == 0)
    }

    fn texts(&self, is_wanted: impl Fn(&Id) -> bool) -> Vec<&str> {
        self.ids.iter().filter(|id| is_wanted(id)).map(|id| id.text.as_str()).collect()
    }

    pub(super) fn progress(&self) -> Progress {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for row in self.rows.values() {
            *counts.entry(&row.status).or_default() += 1;
        }
        let mut statuses: Vec<_> =
            counts.into_iter().map(|(status, rows)| (status.to_owned(), rows)).collect();
        statuses.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        let count = |is_wanted: fn(&Id) -> bool| self.ids.iter().filter(|id| is_wanted(id)).count();
        Progress {
            statuses,
            decided: count(|id| id.is_decided),
            undecided: count(|id| !id.is_decided && id.rows > 0),
            never_shown: count(|id| id.rows == 0),
        }
    }
}
