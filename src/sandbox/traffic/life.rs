//! The life of a message, from acceptance to its end, as a pure function of the message; and its
//! state at a moment. Knows nothing of texts, addresses or prices.

use super::chance::{Lane, below, between, mix, pick};
use super::channel::Channel;
use super::codes::{ABSENT_SUBSCRIBER, TO_HANDSET, TO_OPERATOR, VALIDITY_EXPIRED, WAITING};
use super::codes::{ACCEPTED, ENROUTE, EXPIRED, Fault, NO_REPORT, NONE, Status};
use super::manners::{Manners, Outcome, manners};

/// Lots run from 0 up to this.
pub(super) const LOTS: u64 = 10_000;
/// Longer than logs are kept, so that the end is never seen.
const BEYOND_THE_LOGS: i64 = 72 * 3_600_000;

/// When a message changes, in milliseconds since 1970, and what it comes to.
pub(super) struct Life {
    channel: Channel,
    /// Until then it is with the platform.
    leaves: i64,
    /// When the operator confirmed it, where that comes before the end.
    handed_over: Option<i64>,
    ends: i64,
    outcome: Outcome,
}

/// How a message stands at a moment.
pub(in crate::sandbox) struct State {
    pub(in crate::sandbox) status: &'static Status,
    pub(in crate::sandbox) fault: &'static Fault,
    /// When that came about, in milliseconds since 1970; a pending message has none.
    pub(in crate::sandbox) done: Option<i64>,
}

impl Life {
    /// The life of a message sent at a moment (milliseconds since 1970) over a channel. The `lot`,
    /// below [`LOTS`], decides its fate, the `id` the details.
    pub(super) fn new(channel: Channel, sent: i64, id: u64, lot: u64) -> Self {
        let manners = manners(channel);
        let key = mix(id, channel as u64);
        let (takes, outcome) = fate(manners, key, lot);
        let leaves = sent + between(key, Lane::Moment, 60, 500);
        let confirmed = below(key, Lane::HandOver, LOTS) < manners.handed_over;
        let passed_on = lot >= manners.rejected + manners.undeliverable;
        let hands_over = leaves + between(key, Lane::Spread, 200, 700);
        Self {
            channel,
            leaves,
            handed_over: (confirmed && passed_on).then_some(hands_over),
            ends: sent + takes,
            outcome,
        }
    }

    /// How the message stands at a moment not before it was sent.
    pub(super) fn at(&self, now: i64) -> State {
        if now >= self.ends {
            let (status, fault) = self.outcome;
            return State { status, fault, done: Some(self.ends) };
        }
        if let Some(handed_over) = self.handed_over.filter(|moment| now >= *moment) {
            return State { status: &TO_OPERATOR, fault: &NONE, done: Some(handed_over) };
        }
        let status = match self.channel {
            _ if now < self.leaves => &ACCEPTED,
            Channel::Sms | Channel::Voice | Channel::Email => &ENROUTE,
            _ => &WAITING,
        };
        State { status, fault: &NONE, done: None }
    }

    /// When it ends without having reached anybody; `None` if it does reach somebody.
    pub(super) fn fails_at(&self) -> Option<i64> {
        (self.outcome.0 != &TO_HANDSET).then_some(self.ends)
    }
}

/// How long a message takes, and what it comes to. Failures take the lowest lots, long waits the
/// highest, so that the two lie side by side where the lots close to a circle.
fn fate(manners: &Manners, key: u64, lot: u64) -> (i64, Outcome) {
    let (low, high) = manners.quick;
    let from_top = LOTS.saturating_sub(lot);
    if lot < manners.rejected {
        return (between(key, Lane::End, 5, 60), *pick(manners.rejections, key, Lane::Outcome));
    }
    if lot < manners.rejected + manners.undeliverable {
        let takes = between(key, Lane::End, low, high);
        return (takes, *pick(manners.failures, key, Lane::Outcome));
    }
    if from_top <= manners.lost {
        return (BEYOND_THE_LOGS, (&NO_REPORT, &NONE));
    }
    if from_top <= manners.lost + manners.expired {
        let ends: [Outcome; 3] =
            [(&EXPIRED, &ABSENT_SUBSCRIBER), (&EXPIRED, &VALIDITY_EXPIRED), (&NO_REPORT, &NONE)];
        return (manners.validity, *pick(&ends, key, Lane::Outcome));
    }
    if from_top <= manners.lost + manners.expired + manners.late {
        let base = manners.slow << below(key, Lane::Octave, 4);
        return (between(key, Lane::End, base, 2 * base), (&TO_HANDSET, &NONE));
    }
    (between(key, Lane::End, low, high), (&TO_HANDSET, &NONE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(life: &Life, moments: &[i64]) -> Vec<&'static str> {
        moments.iter().map(|moment| life.at(*moment).status.name).collect()
    }

    #[test]
    fn a_delivery_passes_the_operator_before_the_handset() {
        let handed = (0..50)
            .map(|id| Life::new(Channel::Sms, 1_000, id, 5_000))
            .find(|life| life.handed_over.is_some())
            .unwrap();
        assert_eq!(
            groups(&handed, &[1_000, 1_000 + 1_250, 1_000 + 9_000]),
            ["PENDING_ACCEPTED", "DELIVERED_TO_OPERATOR", "DELIVERED_TO_HANDSET"]
        );
        assert!(handed.at(2_250).done < handed.at(10_000).done);
    }

    #[test]
    fn the_lot_decides_the_end() {
        let end = |lot| Life::new(Channel::Push, 0, 9, lot).at(13 * 3_600_000);
        assert_eq!(end(0).status.group_name, "REJECTED");
        assert_eq!(end(900).status.group_name, "UNDELIVERABLE");
        assert_eq!(end(5_000).status.name, "DELIVERED_TO_HANDSET");
        assert_eq!(end(9_500).status.name, "DELIVERED_TO_HANDSET");
        assert_eq!(end(9_999).status.group_name, "EXPIRED");
    }

    #[test]
    fn a_lost_message_stays_undecided_for_as_long_as_it_is_kept() {
        let life = Life::new(Channel::Email, 0, 9, LOTS - 1);
        let state = life.at(48 * 3_600_000);
        assert_eq!((state.status.group_name, state.done), ("PENDING", None));
    }

    #[test]
    fn every_channel_hands_over_before_its_quickest_delivery() {
        for channel in Channel::ALL {
            let manners = manners(channel);
            assert!(manners.handed_over == 0 || manners.quick.0 >= 1_200);
            assert!(manners.slow * 16 <= manners.validity, "{}", channel.name());
        }
    }
}
