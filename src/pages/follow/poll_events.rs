//! What one poll finds, put in order.

use super::{Event, FollowUpdate, Note};

/// What a poll has found so far.
#[derive(Default)]
pub(super) struct PollEvents {
    pub(super) events: Vec<(i64, Event)>,
    pub(super) notes: Vec<Note>,
}

impl PollEvents {
    pub(super) fn add(&mut self, event: Event, now: i64) {
        self.events.push((event.moment().unwrap_or(now), event));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.notes.is_empty()
    }

    pub(super) fn polled(mut self) -> FollowUpdate {
        self.events.sort_by_key(|(at, _)| *at);
        FollowUpdate {
            events: self.events.into_iter().map(|(_, e)| e).collect(),
            notes: self.notes,
        }
    }
}
