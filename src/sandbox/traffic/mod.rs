//! Generated messages. Each hour is a pure function of the seed and is generated on first use, so that
//! the start is fast, the traffic never ends, and an hour is always the same. This module must not
//! depend on HTTP or request parameters.

mod calendar;
mod channel;
mod channel_profile;
mod codes;
mod countries;
mod lifecycle;
mod message;
mod plan;
mod planned_message;
mod seeded_random;
mod senders;
mod texts;

use std::collections::BTreeMap;
use std::ops::{ControlFlow, RangeInclusive};

use super::scenario::Scenario;
use calendar::HOUR;
pub(super) use channel::TrafficChannel;
pub(super) use codes::{DeliveryError, DeliveryStatus, GROUPS};
pub(super) use message::ApiRow;
use plan::TrafficPlan;
pub(super) use planned_message::PlannedMessage;
use planned_message::planned_messages;
pub(super) use seeded_random::parse_uuid;

/// How long messages are kept, in milliseconds.
pub(super) const RETENTION: i64 = 48 * HOUR;

/// All messages of one seed and scenario, from 48 hours before the anchor onward.
pub(super) struct Traffic {
    plan: TrafficPlan,
    /// The start of the traffic, in milliseconds since 1970.
    begins: i64,
    hours: BTreeMap<i64, Vec<PlannedMessage>>,
}

impl Traffic {
    /// The traffic of a seed. It begins 48 hours before the anchor (milliseconds since 1970).
    pub(super) fn new(seed: u64, anchor: i64, scenario: Scenario) -> Self {
        let plan = TrafficPlan::new(seed, anchor, scenario);
        Self { plan, begins: anchor - RETENTION, hours: BTreeMap::new() }
    }

    /// Calls `show` for each message that is visible at `now` and was sent in the time range, newest
    /// first, until `show` breaks. Times are milliseconds since 1970; both ends are inclusive.
    pub(super) fn visit(
        &mut self,
        now: i64,
        span: &RangeInclusive<i64>,
        mut show: impl FnMut(&PlannedMessage) -> ControlFlow<()>,
    ) {
        let begins = self.begins.max(now - RETENTION);
        let span = begins.max(*span.start())..=now.min(*span.end());
        let kept = (now - RETENTION).div_euclid(HOUR)..=now.div_euclid(HOUR);
        self.hours.retain(|hour, _| kept.contains(hour));
        for hour in (span.start().div_euclid(HOUR)..=span.end().div_euclid(HOUR)).rev() {
            let messages =
                self.hours.entry(hour).or_insert_with(|| planned_messages(&self.plan, hour));
            for message in messages.iter().rev().filter(|message| span.contains(&message.sent)) {
                if show(message).is_break() {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_764_000_000_000;

    fn all_at(traffic: &mut Traffic, now: i64) -> Vec<PlannedMessage> {
        let mut all = Vec::new();
        traffic.visit(now, &(i64::MIN..=i64::MAX), |message| {
            all.push(*message);
            ControlFlow::Continue(())
        });
        all
    }

    #[test]
    fn two_days_have_about_twenty_thousand_messages_on_all_channels() {
        for seed in 0..6 {
            let now = NOW + i64::try_from(seed).unwrap() * 7 * HOUR;
            let all = all_at(&mut Traffic::new(seed, now, Scenario::Normal), now);
            assert!((18_000..22_500).contains(&all.len()), "{}", all.len());
            for channel in TrafficChannel::ALL {
                let of_channel = all.iter().filter(|message| message.channel() == channel).count();
                assert!(of_channel > 50, "{} {of_channel}", channel.name());
            }
            let sms = all.iter().filter(|message| message.channel() == TrafficChannel::Sms).count();
            assert!(sms * 2 > all.len() * 3 / 4, "{sms}");
        }
    }

    #[test]
    fn most_messages_are_delivered_and_every_outcome_occurs() {
        let all = all_at(&mut Traffic::new(1, NOW, Scenario::Normal), NOW);
        let share = |group: &str| {
            let of_group = |s: &&PlannedMessage| s.state(NOW).status.group_name == group;
            all.iter().filter(of_group).count() * 1000 / all.len()
        };
        assert!((850..960).contains(&share("DELIVERED")), "{}", share("DELIVERED"));
        for (group, least, most) in [
            ("PENDING", 2, 60),
            ("UNDELIVERABLE", 20, 90),
            ("EXPIRED", 2, 30),
            ("REJECTED", 10, 40),
        ] {
            assert!((least..most).contains(&share(group)), "{group} {}", share(group));
        }
    }

    #[test]
    fn the_newest_twenty_pushes_are_varied_at_any_hour() {
        let mut traffic = Traffic::new(42, NOW, Scenario::Normal);
        for step in 0..500 {
            let now = NOW + step * 17 * 60_000;
            let mut groups = Vec::new();
            traffic.visit(now, &(i64::MIN..=now), |message| {
                if message.channel() == TrafficChannel::Push {
                    groups.push(message.state(now).status.group_name);
                }
                if groups.len() == 20 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            let count = |group| groups.iter().filter(|name| **name == group).count();
            let failed = count("UNDELIVERABLE") + count("REJECTED");
            assert!(count("DELIVERED") >= 10, "{groups:?}");
            assert!((1..=6).contains(&count("PENDING")), "{groups:?}");
            assert!((1..=4).contains(&failed), "{groups:?}");
        }
    }

    #[test]
    fn messages_do_not_depend_on_the_anchor() {
        let later = NOW + 5 * HOUR + 1234;
        let early = all_at(&mut Traffic::new(9, NOW, Scenario::Normal), NOW);
        let late = all_at(&mut Traffic::new(9, later, Scenario::Normal), later);
        let common: Vec<u64> =
            late.iter().filter(|s| s.sent <= NOW).map(|message| message.id).collect();
        let kept = |s: &&PlannedMessage| s.sent >= later - RETENTION;
        let expected: Vec<u64> = early.iter().filter(kept).map(|message| message.id).collect();
        assert!(common.len() > 10_000);
        assert_eq!(common, expected);
    }
}
