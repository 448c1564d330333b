//! The events of one poll, in order of time.

use super::{Event, FollowUpdate, Note};

/// The events of the poll under way.
#[derive(Default)]
pub(super) struct PollEvents {
    pub(super) events: Vec<(i64, Event)>,
    pub(super) notes: Vec<Note>,
}

impl PollEvents {
    /// Adds an event, whose time is `now` if its row has none.
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
