//! The edge between what is listed and what is not: which rows of an answer are new.
//!
//! Memory holds the rows of one moment and the latest strays, however many rows go by.

use std::collections::HashSet;

use super::answer::Answer;
use crate::model::{Identity, Log};

/// How many strays are remembered at least. Those that an answer repeats come from the rows just
/// before it, and an answer holds no more.
const STRAYS: usize = crate::query::Query::MOST_ROWS as usize;

/// How far down the window is listed.
#[derive(Default)]
pub(super) struct Edge {
    /// All rows newer than this moment are listed; `None` before the first answer.
    ceiling: Option<i64>,
    /// The rows of that moment that are listed.
    listed: HashSet<Identity>,
    /// Listed rows that say no usable moment, or one before the window, in two generations:
    /// overlapping answers repeat them, and nothing else tells that they do.
    strays: [HashSet<Identity>; 2],
    /// How many rows the next answer will probably repeat.
    pub(super) repeats: usize,
}

/// What an answer holds, seen from the edge.
#[derive(Debug, Default)]
pub(super) struct Sifted {
    /// For each row, whether it is new.
    pub(super) kept: Vec<bool>,
    /// Whether a row inside the window is new.
    pub(super) any_new_inside: bool,
    /// The newest moment.
    pub(super) newest: Option<i64>,
    /// The oldest moment inside the window that is not above the edge.
    pub(super) oldest: Option<i64>,
    /// Whether a row was sent before the window.
    pub(super) before: bool,
    /// Whether a row has no usable moment.
    pub(super) undated: bool,
}

impl Sifted {
    /// Whether any row is new.
    pub(super) fn any_new(&self) -> bool {
        self.kept.contains(&true)
    }
}

impl Edge {
    pub(super) fn ceiling(&self) -> Option<i64> {
        self.ceiling
    }

    /// The rows at the edge that are listed.
    pub(super) fn listed(&self) -> &HashSet<Identity> {
        &self.listed
    }

    /// Tells new rows from repeated ones, in the answer to a question about `start` to `end`.
    pub(super) fn sift(&self, answer: &Answer, start: Option<i64>, end: i64) -> Sifted {
        let mut sifted = Sifted { kept: Vec::with_capacity(answer.sent), ..Sifted::default() };
        for (at, log) in answer.rows() {
            let new = self.is_new(at, log, start, end, &mut sifted);
            sifted.kept.push(new);
        }
        sifted
    }

    fn is_new(
        &self,
        at: Option<i64>,
        log: &Log,
        start: Option<i64>,
        end: i64,
        sifted: &mut Sifted,
    ) -> bool {
        let Some(at) = at else {
            sifted.undated = true;
            return !self.is_known_stray(log);
        };
        sifted.newest = sifted.newest.max(Some(at));
        match self.ceiling {
            // What was not asked for is shown once; what is above the edge was listed, or came
            // since.
            None if at > end => return true,
            Some(ceiling) if at > ceiling => return false,
            _ => {}
        }
        if start.is_some_and(|start| at < start) {
            sifted.before = true;
            return !self.is_known_stray(log);
        }
        sifted.oldest = Some(sifted.oldest.map_or(at, |oldest| oldest.min(at)));
        let new = self.ceiling != Some(at) || !self.listed.contains(&log.identity());
        sifted.any_new_inside |= new;
        new
    }

    /// Takes an answer for listed, all of it: everything newer than `oldest` is, and the rows of
    /// that moment that it holds. Without `oldest` the edge stays where it is.
    pub(super) fn advance(&mut self, answer: &Answer, oldest: Option<i64>, start: Option<i64>) {
        if let Some(oldest) = oldest
            && self.ceiling != Some(oldest)
        {
            self.close(oldest);
        }
        self.repeats = 0;
        for (at, log) in answer.rows() {
            match at {
                Some(at) if start.is_none_or(|start| at >= start) => {
                    let from_edge = oldest.map_or(i64::MAX, |oldest| at.saturating_sub(oldest));
                    self.repeats += usize::from(from_edge <= 1);
                    if from_edge == 0 {
                        self.listed.insert(log.identity());
                    }
                }
                _ => {
                    self.repeats += 1;
                    self.note_stray(log);
                }
            }
        }
    }

    /// Moves the edge down: everything newer than `ceiling` is listed, nothing at it.
    pub(super) fn close(&mut self, ceiling: i64) {
        self.ceiling = Some(ceiling);
        self.listed.clear();
        self.repeats = 0;
        if self.strays.first().is_some_and(|strays| strays.len() >= STRAYS) {
            self.strays.swap(0, 1);
            let [strays, _] = &mut self.strays;
            strays.clear();
        }
    }

    pub(super) fn is_known_stray(&self, log: &Log) -> bool {
        if self.strays.iter().all(HashSet::is_empty) {
            return false;
        }
        let identity = log.identity();
        self.strays.iter().any(|strays| strays.contains(&identity))
    }

    pub(super) fn note_stray(&mut self, log: &Log) {
        let [strays, _] = &mut self.strays;
        strays.insert(log.identity());
    }
}
