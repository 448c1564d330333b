//! The state of a follow, as data that can be stored and continued by another process. Nothing here
//! reads or writes files.
//!
//! A state identifies messages by salted hashes, so that it contains no number and no text of a
//! message.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::catch_up::CatchUp;
use super::known_messages::{KnownMessages, Salt};
use super::{Event, Follow, FollowOptions, window_start};
use crate::clock::Clock;
use crate::model::Timestamp;
use crate::query::Query;
use crate::source::Source;

/// The greatest time, and the greatest difference of clocks, of a valid state, in milliseconds: some
/// 280,000 years.
const MAX_MILLIS: u64 = 1 << 53;

/// The state of a follow: which messages it has shown with which statuses, and which times it has
/// read. A follow that continues from it shows the messages and changes since then, each once, as far
/// as the source still keeps them. All times are in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FollowState {
    salt: Salt,
    /// When the newest message was sent.
    newest: Option<i64>,
    /// The time up to which no message is missing.
    watched: i64,
    /// How far the clock of the server is ahead, in milliseconds.
    ahead: i64,
    /// The start of the query, as the first process fixed it.
    since: Option<i64>,
    /// Messages that were sent before this time, and existed at the start, were not read yet.
    unread: Option<i64>,
    /// The time up to which messages that an interruption missed are fetched, and the length of the
    /// next slice.
    catch_up: Option<(i64, i64)>,
    /// Every message that was shown and was sent from this time on is known.
    known_from: Option<i64>,
    /// The status names, each once; messages refer to them by their positions.
    statuses: Vec<Box<str>>,
    messages: Vec<StoredMessage>,
}

/// The key of a message, its time of sending, and the statuses that it had, the current one last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StoredMessage(u64, i64, Vec<u32>);

/// The part of an event that a [`FollowState`] keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventMark {
    key: u64,
    time: Option<i64>,
    status: Box<str>,
    is_new: bool,
}

impl<S: Source + Send> Follow<S> {
    /// Continues an earlier follow of the same query. Returns `None` if the state is not valid. The time
    /// of the follow starts now. The first poll shows no earlier messages: the limit of the options is
    /// ignored.
    pub fn resume(
        source: S,
        query: Query,
        options: FollowOptions,
        clock: Arc<dyn Clock>,
        state: &FollowState,
    ) -> Option<Self> {
        if !state.is_valid() {
            return None;
        }
        let mut follow = Self::new(source, query, options, clock);
        follow.known = state.known_messages()?;
        follow.newest = state.newest;
        follow.watched = state.watched;
        follow.clock.set_ahead(state.ahead);
        follow.query.since = state.since.map(Timestamp::from_millis);
        follow.unread = state.unread;
        follow.catch_up = state.catch_up.map(|(from, width)| CatchUp::resumed(from, width));
        follow.known_from = state.known_from;
        follow.has_started = true;
        Some(follow)
    }

    /// The state after all events so far were shown; `None` before the first response.
    #[must_use]
    pub fn state(&self) -> Option<FollowState> {
        if !self.has_started {
            return None;
        }
        let window = self.newest.map(|newest| {
            let start = self.start(newest);
            self.catch_up.as_ref().map_or(start, |missed| start.min(missed.from()))
        });
        let mut state = FollowState {
            salt: self.known.salt(),
            newest: self.newest,
            watched: self.watched,
            ahead: self.clock.ahead(),
            since: self.query.since.map(Timestamp::millis),
            unread: self.unread,
            catch_up: self.catch_up.as_ref().map(|missed| (missed.from(), missed.width())),
            known_from: window.max(self.known_from),
            statuses: Vec::new(),
            messages: Vec::with_capacity(self.known.len()),
        };
        let mut numbers = HashMap::new();
        for (key, message) in self.known.iter() {
            let statuses = message.earlier.iter().chain([&message.status]);
            let statuses = statuses.map(|name| state.number(&mut numbers, name)).collect();
            state.messages.push(StoredMessage(key, message.time, statuses));
        }
        Some(state)
    }

    /// The mark of an event of the latest poll.
    #[must_use]
    pub fn mark(&self, event: &Event) -> EventMark {
        let log = event.log();
        EventMark {
            key: self.known.key(log),
            time: log.sent_at().map(Timestamp::millis),
            status: log.status_name().into(),
            is_new: matches!(event, Event::New(_)),
        }
    }
}

impl FollowState {
    /// The state if only these events of the next poll were shown. The range of that poll is read
    /// again.
    #[must_use]
    pub fn with_shown(mut self, shown: &[EventMark]) -> Self {
        let names = self.statuses.iter().cloned().zip(0..);
        let mut numbers: HashMap<Box<str>, u32> = names.collect();
        let mut places: HashMap<u64, usize> =
            self.messages.iter().zip(0..).map(|(message, at)| (message.0, at)).collect();
        for mark in shown {
            let status = self.number(&mut numbers, &mark.status);
            if let Some(message) = places.get(&mark.key).and_then(|at| self.messages.get_mut(*at)) {
                message.2.push(status);
            } else {
                places.insert(mark.key, self.messages.len());
                let time = mark.time.unwrap_or(self.watched);
                self.messages.push(StoredMessage(mark.key, time, vec![status]));
            }
        }
        self
    }

    /// The state after the first poll if these of its events were not shown.
    #[must_use]
    pub fn without(mut self, unshown: &[EventMark]) -> Self {
        let new: HashSet<u64> =
            unshown.iter().filter(|mark| mark.is_new).map(|mark| mark.key).collect();
        self.messages.retain(|message| !new.contains(&message.0));
        self
    }

    /// The earliest time of sending that a follow which continues from this state reads; `None` if it
    /// reads everything.
    #[must_use]
    pub fn reads_from(&self, options: &FollowOptions) -> Option<Timestamp> {
        let start = window_start(self.newest?, options);
        let from = self.catch_up.map_or(start, |(from, _)| from.min(start));
        Some(Timestamp::from_millis(from))
    }

    /// The time up to which no message is missing.
    #[must_use]
    pub fn watched(&self) -> Timestamp {
        Timestamp::from_millis(self.watched)
    }

    /// The number of a status name, which is added if it is new.
    fn number(&mut self, numbers: &mut HashMap<Box<str>, u32>, name: &str) -> u32 {
        if let Some(number) = numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.statuses.len()).unwrap_or(u32::MAX);
        self.statuses.push(name.into());
        numbers.insert(name.into(), number);
        number
    }

    /// Whether all times are within a range in which arithmetic cannot overflow, and the state can be
    /// continued.
    fn is_valid(&self) -> bool {
        let times = [
            self.newest,
            Some(self.watched),
            Some(self.ahead),
            self.since,
            self.unread,
            self.known_from,
        ];
        let catch_up = self.catch_up.into_iter().flat_map(|(from, width)| [from, width]);
        let sent = self.messages.iter().map(|message| message.1);
        let mut all = times.into_iter().flatten().chain(catch_up).chain(sent);
        all.all(|time| time.unsigned_abs() <= MAX_MILLIS)
            && self.catch_up.is_none_or(|(_, width)| width > 0)
    }

    fn known_messages(&self) -> Option<KnownMessages> {
        let mut known = KnownMessages::new(self.salt);
        for StoredMessage(key, time, statuses) in &self.messages {
            let name = |number: &u32| self.statuses.get(usize::try_from(*number).ok()?);
            let names: Option<Vec<_>> = statuses.iter().map(name).collect();
            let names = names?;
            let (status, earlier) = names.split_last()?;
            let earlier: Vec<&str> = earlier.iter().map(|name| &***name).collect();
            known.insert(*key, *time, status, &earlier);
        }
        Some(known)
    }
}
