//! Whatever arrives, changes and fails, each message is shown once as new, each status that a poll
//! read is shown once, and the last status is always shown.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::model::Field;
use crate::pages::test_support::{Message, Simulation, broken};

const STATUSES: [&str; 4] =
    ["PENDING_WAITING_DELIVERY", "PENDING_ACCEPTED", "DELIVERED_TO_HANDSET", "EXPIRED_EXPIRED"];

prop_compose! {
    /// A message that is sent during the follow, appears up to a minute late, and changes within four
    /// minutes.
    fn message()(
        sent in 1_i64..400,
        late in prop_oneof![3 => Just(0_i64), 1 => 0_i64..60],
        changes in prop::collection::vec((1_i64..240, 0_usize..4), 0..4),
    ) -> Message {
        let mut message = Message::new("", sent).late(sent + late);
        let mut changes: Vec<_> = changes;
        changes.sort_unstable();
        for (after, status) in changes {
            message = message.then(sent + after, STATUSES[status]);
        }
        message
    }
}

/// The statuses with which each message was shown.
#[derive(Default)]
struct StatusesById(HashMap<String, Vec<String>>);

impl StatusesById {
    /// Adds an event, and checks that it does not repeat an earlier one.
    fn take(&mut self, event: &Event) -> Result<(), TestCaseError> {
        let id = event.log().cell(Field::MessageId).into_text().into_owned();
        let statuses = self.0.entry(id).or_default();
        match event {
            Event::New(_) => prop_assert!(statuses.is_empty(), "new twice"),
            Event::Changed { previous, .. } => prop_assert_eq!(statuses.last(), Some(previous)),
        }
        let status = event.log().status_name().into_owned();
        prop_assert!(!statuses.contains(&status), "shown twice");
        statuses.push(status);
        Ok(())
    }

    /// Checks that every message was shown, with its last status.
    fn is_all_of(&self, messages: &[Message]) -> Result<(), TestCaseError> {
        prop_assert_eq!(self.0.len(), messages.len());
        for message in messages {
            let last = message.states.last().unwrap().1;
            // A last status that a message also had earlier may not be the one that was shown last.
            let statuses = &self.0[&message.id];
            prop_assert!(statuses.iter().any(|status| status == last), "{message:?} {statuses:?}");
        }
        Ok(())
    }
}

/// This many copies of messages, each with its own id.
fn copied(messages: &[Message], copies: usize) -> Vec<Message> {
    let mut messages: Vec<_> = (0..copies).flat_map(|_| messages.to_vec()).collect();
    for (n, message) in messages.iter_mut().enumerate() {
        message.id = format!("m{n}");
    }
    messages
}

fn options(interval: u64) -> FollowOptions {
    FollowOptions {
        interval: Duration::from_secs(interval),
        lookback: Duration::from_secs(20 * 60),
        duration: Some(Duration::from_secs(13 * 60)),
        limit: 10,
    }
}

/// The end of a process: the number of its last poll, how many hundredths of the events of this poll
/// it shows, and after how many seconds the next process starts.
type ProcessEnd = (usize, usize, u64);

/// Polls until a process ends. Returns the state with the events that were shown.
fn process(
    follow: &mut Follow<Simulation>,
    simulation: &Simulation,
    mut saved: Option<FollowState>,
    (polls, hundredths, _): ProcessEnd,
    shown: &mut StatusesById,
) -> Result<Option<FollowState>, TestCaseError> {
    for poll in 0..=polls {
        simulation.sleep(follow.time_to_next_poll().unwrap_or_default());
        let events = follow.poll().unwrap().events;
        let marks: Vec<_> = events.iter().map(|event| follow.mark(event)).collect();
        let all = events.len();
        let count = if poll == polls { all * hundredths / 100 } else { all };
        events[..count].iter().try_for_each(|event| shown.take(event))?;
        saved = match saved {
            _ if count == all => follow.state(),
            Some(before) => Some(before.with_shown(&marks[..count])),
            None => follow.state().map(|state| state.without(&marks[count..])),
        };
    }
    Ok(saved)
}

proptest! {
    // Few, because each case is a follow of many polls.
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    #[test]
    fn each_message_is_shown_and_each_status_once(
        messages in prop::collection::vec(message(), 0..120),
        copies in prop_oneof![3 => Just(1_usize), 1 => Just(9)],
        cap in prop_oneof![2 => Just(1000_usize), 1 => 60_usize..200],
        interval in 3_u64..20,
        faults in prop::collection::vec((5_i64..500, 1_i64..60), 0..4),
    ) {
        let messages = copied(&messages, copies);
        let mut simulation = Simulation::new(messages.clone()).capped(cap);
        for (from, length) in faults {
            simulation = simulation.fails(from, from + length, broken());
        }
        let query = Query::default();
        let mut follow = Follow::new(simulation.clone(), query, options(interval), simulation.clock());
        let mut shown = StatusesById::default();
        while let Some(rest) = follow.time_to_next_poll() {
            simulation.sleep(rest);
            follow.poll().unwrap().events.iter().try_for_each(|event| shown.take(event))?;
        }
        shown.is_all_of(&messages)?;
    }

    #[test]
    fn a_follow_that_is_stopped_and_continued_shows_each_message_and_each_status_once(
        messages in prop::collection::vec(message(), 0..120),
        copies in prop_oneof![3 => Just(1_usize), 1 => Just(9)],
        cap in prop_oneof![2 => Just(1000_usize), 1 => 60_usize..200],
        interval in 3_u64..20,
        faults in prop::collection::vec((5_i64..500, 1_i64..60), 0..3),
        ends in prop::collection::vec((0_usize..8, 0_usize..=100, 0_u64..300), 1..6),
    ) {
        let messages = copied(&messages, copies);
        let mut simulation = Simulation::new(messages.clone()).capped(cap);
        for (from, length) in faults {
            simulation = simulation.fails(from, from + length, broken());
        }
        let mut shown = StatusesById::default();
        let mut saved: Option<FollowState> = None;
        let begin = |saved: &Option<FollowState>| {
            let (query, options) = (Query::default(), options(interval));
            let Some(state) = saved else {
                return Follow::new(simulation.clone(), query, options, simulation.clock());
            };
            let text = serde_json::to_string(state).unwrap();
            let state = serde_json::from_str(&text).unwrap();
            Follow::resume(simulation.clone(), query, options, simulation.clock(), &state).unwrap()
        };
        for end in ends {
            let mut follow = begin(&saved);
            saved = process(&mut follow, &simulation, saved, end, &mut shown)?;
            simulation.sleep(Duration::from_secs(end.2));
        }
        let mut follow = begin(&saved);
        while let Some(rest) = follow.time_to_next_poll() {
            simulation.sleep(rest);
            follow.poll().unwrap().events.iter().try_for_each(|event| shown.take(event))?;
        }
        // If the first process got no response, messages from before the second one are not new.
        if saved.is_some() {
            shown.is_all_of(&messages)?;
        }
    }
}
