//! Made-up messages, told hour by hour. Each hour is a pure function of the seed and made when it
//! is first asked for, so that starting costs nothing and the story never ends; what was told once
//! is told the same again, whatever the moment it is asked at. Knows nothing of HTTP or queries.

mod calendar;
mod chance;
mod channel;
mod codes;
mod hour;
mod life;
mod manners;
mod message;
mod places;
mod senders;
mod texts;

use std::collections::BTreeMap;
use std::ops::{ControlFlow, RangeInclusive};

use calendar::HOUR;
pub(super) use chance::parse_uuid;
pub(super) use channel::Channel;
pub(super) use codes::{Fault, GROUPS, Status};
pub(super) use hour::Sketch;
use hour::sketches;
pub(super) use message::Row;

/// How long messages are kept, in milliseconds.
pub(super) const KEPT: i64 = 48 * HOUR;

/// All messages of one seed, from the start of the window at the anchor onward.
pub(super) struct Traffic {
    seed: u64,
    /// Milliseconds since 1970.
    begins: i64,
    hours: BTreeMap<i64, Vec<Sketch>>,
}

impl Traffic {
    /// The traffic of a seed. It begins 48 hours before the anchor (milliseconds since 1970).
    pub(super) fn new(seed: u64, anchor: i64) -> Self {
        Self { seed, begins: anchor - KEPT, hours: BTreeMap::new() }
    }

    /// Shows the messages that can be seen at `now` and were sent in a span of time, newest first,
    /// until `show` breaks off. Times are milliseconds since 1970, the span's both ends included.
    pub(super) fn visit(
        &mut self,
        now: i64,
        span: &RangeInclusive<i64>,
        mut show: impl FnMut(&Sketch) -> ControlFlow<()>,
    ) {
        let begins = self.begins.max(now - KEPT);
        let span = begins.max(*span.start())..=now.min(*span.end());
        let kept = (now - KEPT).div_euclid(HOUR)..=now.div_euclid(HOUR);
        self.hours.retain(|hour, _| kept.contains(hour));
        for hour in (span.start().div_euclid(HOUR)..=span.end().div_euclid(HOUR)).rev() {
            let told = self.hours.entry(hour).or_insert_with(|| sketches(self.seed, hour));
            for sketch in told.iter().rev().filter(|sketch| span.contains(&sketch.sent)) {
                if show(sketch).is_break() {
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

    fn all_at(traffic: &mut Traffic, now: i64) -> Vec<Sketch> {
        let mut all = Vec::new();
        traffic.visit(now, &(i64::MIN..=i64::MAX), |sketch| {
            all.push(*sketch);
            ControlFlow::Continue(())
        });
        all
    }

    #[test]
    fn two_days_hold_some_twenty_thousand_messages_on_all_channels() {
        for seed in 0..6 {
            let now = NOW + i64::try_from(seed).unwrap() * 7 * HOUR;
            let all = all_at(&mut Traffic::new(seed, now), now);
            assert!((18_000..22_500).contains(&all.len()), "{}", all.len());
            for channel in Channel::ALL {
                let of_channel = all.iter().filter(|sketch| sketch.channel() == channel).count();
                assert!(of_channel > 50, "{} {of_channel}", channel.name());
            }
            let sms = all.iter().filter(|sketch| sketch.channel() == Channel::Sms).count();
            assert!(sms * 2 > all.len() * 3 / 4, "{sms}");
        }
    }

    #[test]
    fn most_messages_arrive_and_every_kind_of_end_occurs() {
        let all = all_at(&mut Traffic::new(1, NOW), NOW);
        let share = |group: &str| {
            let of_group = |s: &&Sketch| s.state(NOW).status.group_name == group;
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
    fn the_newest_twenty_pushes_are_alive_at_any_hour() {
        let mut traffic = Traffic::new(42, NOW);
        for step in 0..500 {
            let now = NOW + step * 17 * 60_000;
            let mut groups = Vec::new();
            traffic.visit(now, &(i64::MIN..=now), |sketch| {
                if sketch.channel() == Channel::Push {
                    groups.push(sketch.state(now).status.group_name);
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
    fn what_was_told_is_told_again_from_any_anchor() {
        let later = NOW + 5 * HOUR + 1234;
        let early = all_at(&mut Traffic::new(9, NOW), NOW);
        let late = all_at(&mut Traffic::new(9, later), later);
        let common: Vec<u64> =
            late.iter().filter(|s| s.sent <= NOW).map(|sketch| sketch.id).collect();
        let kept = |s: &&Sketch| s.sent >= later - KEPT;
        let expected: Vec<u64> = early.iter().filter(kept).map(|sketch| sketch.id).collect();
        assert!(common.len() > 10_000);
        assert_eq!(common, expected);
    }
}
