//! Whatever arrives, changes and fails: each message is shown once as new, each status that a poll
//! read is shown once, and the last status is always shown.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::model::Field;
use crate::pages::test_support::{Message, World, broken};

const STATUSES: [&str; 4] =
    ["PENDING_WAITING_DELIVERY", "PENDING_ACCEPTED", "DELIVERED_TO_HANDSET", "EXPIRED_EXPIRED"];

prop_compose! {
    /// A message sent while it is followed, shown up to a minute late, with changes in four minutes.
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn each_message_is_shown_and_each_status_once(
        mut messages in prop::collection::vec(message(), 0..120),
        copies in prop_oneof![3 => Just(1_usize), 1 => Just(9)],
        cap in prop_oneof![2 => Just(1000_usize), 1 => 60_usize..200],
        interval in 3_u64..20,
        faults in prop::collection::vec((5_i64..500, 1_i64..60), 0..4),
    ) {
        messages = (0..copies).flat_map(|_| messages.clone()).collect();
        for (n, message) in messages.iter_mut().enumerate() {
            message.id = format!("m{n}");
        }
        let mut world = World::new(messages.clone()).capped(cap);
        for (from, length) in faults {
            world = world.fails(from, from + length, broken());
        }
        let options = FollowOptions {
            interval: Duration::from_secs(interval),
            lookback: Duration::from_secs(20 * 60),
            duration: Some(Duration::from_secs(13 * 60)),
            limit: 10,
        };
        let mut follow = Follow::new(world.clone(), Query::default(), options, world.clock());
        let mut shown: HashMap<String, Vec<String>> = HashMap::new();
        while let Some(rest) = follow.rest() {
            world.sleep(rest);
            for event in follow.poll().unwrap().events {
                let id = event.log().cell(Field::MessageId).into_text().into_owned();
                let statuses = shown.entry(id).or_default();
                match &event {
                    Event::New(_) => prop_assert!(statuses.is_empty()),
                    Event::Changed { previous, .. } => prop_assert_eq!(statuses.last(), Some(previous)),
                }
                let status = event.log().status_name().into_owned();
                prop_assert!(!statuses.contains(&status), "shown twice");
                statuses.push(status);
            }
        }
        prop_assert_eq!(shown.len(), messages.len());
        for message in &messages {
            let last = message.states.last().unwrap().1;
            // A status that comes back was shown before; any other last one was shown last.
            let statuses = &shown[&message.id];
            prop_assert!(statuses.iter().any(|status| status == last), "{message:?} {statuses:?}");
        }
    }
}
