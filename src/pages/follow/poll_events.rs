//! Collects the events of one poll, and sorts them by time.

use super::{Event, FollowUpdate, Note};

/// The events and notes of the current poll.
#[derive(Default)]
pub(super) struct PollEvents {
    pub(super) events: Vec<(i64, Event)>,
    pub(super) notes: Vec<Note>,
}

impl PollEvents {
    /// Adds an event. If its row has no time, its time is `now`.
    pub(super) fn add(&mut self, event: Event, now: i64) {
        self.events.push((event.time().unwrap_or(now), event));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.notes.is_empty()
    }

    pub(super) fn into_update(mut self) -> FollowUpdate {
        self.events.sort_by_key(|(at, _)| *at);
        FollowUpdate {
            events: self.events.into_iter().map(|(_, e)| e).collect(),
            notes: self.notes,
        }
    }
}
