//! The lifecycle of a message, from acceptance to its final status, as a pure function of the message;
//! and its status at a given time. Independent of texts, addresses and prices.

use super::channel::TrafficChannel;
use super::channel_profile::{ChannelProfile, OutcomeCodes, profile};
use super::codes::{ABSENT_SUBSCRIBER, TIME_OUT, TO_HANDSET, TO_OPERATOR, VALIDITY_EXPIRED};
use super::codes::{ACCEPTED, DeliveryError, DeliveryStatus, ENROUTE, EXPIRED, NO_REPORT, NONE};
use super::codes::{NOT_DELIVERED, WAITING};
use super::seeded_random::{Choice, below, between, mix, pick};

/// The number of outcome draws, which begin at 0.
pub(super) const OUTCOME_DRAWS: u64 = 10_000;
/// A time longer than the retention, so that no response has the final status.
const LONGER_THAN_RETENTION: i64 = 72 * 3_600_000;

/// A slow message takes this many times as long as a normal one.
const SLOW_FACTOR: i64 = 20;
/// A failing network delivers messages with outcome draws from this one on: 40 %.
const DELIVERED_FROM: u64 = OUTCOME_DRAWS * 6 / 10;
/// The shortest and the longest time until the operator of a failing network gives up.
const TIME_OUT_AFTER: (i64, i64) = (20_000, 40_000);

/// The effect of a scenario on a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// No effect.
    Normal,
    /// Its network delivers 40 % of the messages, and the others fail.
    Failing,
    /// It takes longer than normal.
    Slow,
}

/// The times at which a message changes, in milliseconds since 1970, and its outcome.
pub(super) struct Lifecycle {
    channel: TrafficChannel,
    /// The time at which it leaves the platform.
    leaves: i64,
    /// The time at which the operator confirms it, if that is before the final status.
    confirmed_at: Option<i64>,
    /// The time of the final status.
    done: i64,
    outcome: OutcomeCodes,
}

/// The status of a message at a given time.
pub(in crate::sandbox) struct DeliveryState {
    pub(in crate::sandbox) status: &'static DeliveryStatus,
    pub(in crate::sandbox) error: &'static DeliveryError,
    /// The time of this status, in milliseconds since 1970; `None` while the message is pending.
    pub(in crate::sandbox) done: Option<i64>,
}

impl Lifecycle {
    /// The lifecycle of a message that was sent over a channel at `sent` (milliseconds since 1970).
    /// `outcome_draw`, below [`OUTCOME_DRAWS`], determines the outcome, and `id` the details.
    pub(super) fn new(
        channel: TrafficChannel,
        sent: i64,
        id: u64,
        outcome_draw: u64,
        condition: Condition,
    ) -> Self {
        let profile = profile(channel);
        let key = mix(id, channel as u64);
        let (duration, outcome) = match condition {
            Condition::Normal => outcome(profile, profile.quick, key, outcome_draw),
            Condition::Slow => {
                let (low, high) = profile.quick;
                outcome(profile, (low * SLOW_FACTOR, high * SLOW_FACTOR), key, outcome_draw)
            }
            Condition::Failing => failing_network(profile, key, outcome_draw),
        };
        let leaves = sent + between(key, Choice::SentAt, 60, 500);
        let is_confirmed = below(key, Choice::HandOver, OUTCOME_DRAWS) < profile.operator_confirmed;
        // A failing network does not confirm messages.
        let is_sent = condition != Condition::Failing
            && outcome_draw >= profile.rejected + profile.undeliverable;
        let operator_time = leaves + between(key, Choice::Spread, 200, 700);
        Self {
            channel,
            leaves,
            confirmed_at: (is_confirmed && is_sent).then_some(operator_time),
            done: sent + duration,
            outcome,
        }
    }

    /// The status of the message at a time, which must not be before it was sent.
    pub(super) fn at(&self, now: i64) -> DeliveryState {
        if now >= self.done {
            let (status, error) = self.outcome;
            return DeliveryState { status, error, done: Some(self.done) };
        }
        if let Some(confirmed_at) = self.confirmed_at.filter(|time| now >= *time) {
            return DeliveryState { status: &TO_OPERATOR, error: &NONE, done: Some(confirmed_at) };
        }
        let status = match self.channel {
            _ if now < self.leaves => &ACCEPTED,
            TrafficChannel::Sms | TrafficChannel::Voice | TrafficChannel::Email => &ENROUTE,
            _ => &WAITING,
        };
        DeliveryState { status, error: &NONE, done: None }
    }

    /// The time at which it fails; `None` if it is delivered.
    pub(super) fn fails_at(&self) -> Option<i64> {
        (self.outcome.0 != &TO_HANDSET).then_some(self.done)
    }
}

/// The duration of a message and its outcome. Failures have the lowest draws and long waits the highest,
/// so that the two are adjacent on the circle of draws.
fn outcome(
    profile: &ChannelProfile,
    (low, high): (i64, i64),
    key: u64,
    outcome_draw: u64,
) -> (i64, OutcomeCodes) {
    let from_top = OUTCOME_DRAWS.saturating_sub(outcome_draw);
    if outcome_draw < profile.rejected {
        return (between(key, Choice::End, 5, 60), *pick(profile.rejections, key, Choice::Outcome));
    }
    if outcome_draw < profile.rejected + profile.undeliverable {
        let duration = between(key, Choice::End, low, high);
        return (duration, *pick(profile.failures, key, Choice::Outcome));
    }
    if from_top <= profile.lost {
        return (LONGER_THAN_RETENTION, (&NO_REPORT, &NONE));
    }
    if from_top <= profile.lost + profile.expired {
        let ends: [OutcomeCodes; 3] =
            [(&EXPIRED, &ABSENT_SUBSCRIBER), (&EXPIRED, &VALIDITY_EXPIRED), (&NO_REPORT, &NONE)];
        return (profile.validity, *pick(&ends, key, Choice::Outcome));
    }
    if from_top <= profile.lost + profile.expired + profile.late {
        let base = profile.slow << below(key, Choice::Octave, 4);
        return (between(key, Choice::End, base, 2 * base), (&TO_HANDSET, &NONE));
    }
    (between(key, Choice::End, low, high), (&TO_HANDSET, &NONE))
}

/// The duration and the outcome of a message to a failing network.
fn failing_network(profile: &ChannelProfile, key: u64, outcome_draw: u64) -> (i64, OutcomeCodes) {
    let ((low, high), outcome) = if outcome_draw < DELIVERED_FROM {
        (TIME_OUT_AFTER, (&NOT_DELIVERED, &TIME_OUT))
    } else {
        (profile.quick, (&TO_HANDSET, &NONE))
    };
    (between(key, Choice::End, low, high), outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(lifecycle: &Lifecycle, times: &[i64]) -> Vec<&'static str> {
        times.iter().map(|time| lifecycle.at(*time).status.name).collect()
    }

    #[test]
    fn a_delivery_passes_the_operator_before_the_handset() {
        let confirmed = (0..50)
            .map(|id| Lifecycle::new(TrafficChannel::Sms, 1_000, id, 5_000, Condition::Normal))
            .find(|lifecycle| lifecycle.confirmed_at.is_some())
            .unwrap();
        assert_eq!(
            groups(&confirmed, &[1_000, 1_000 + 1_250, 1_000 + 9_000]),
            ["PENDING_ACCEPTED", "DELIVERED_TO_OPERATOR", "DELIVERED_TO_HANDSET"]
        );
        assert!(confirmed.at(2_250).done < confirmed.at(10_000).done);
    }

    #[test]
    fn the_outcome_draw_determines_the_outcome() {
        let end = |outcome_draw| {
            Lifecycle::new(TrafficChannel::Push, 0, 9, outcome_draw, Condition::Normal)
                .at(13 * 3_600_000)
        };
        assert_eq!(end(0).status.group_name, "REJECTED");
        assert_eq!(end(900).status.group_name, "UNDELIVERABLE");
        assert_eq!(end(5_000).status.name, "DELIVERED_TO_HANDSET");
        assert_eq!(end(9_500).status.name, "DELIVERED_TO_HANDSET");
        assert_eq!(end(9_999).status.group_name, "EXPIRED");
    }

    #[test]
    fn a_lost_message_stays_pending_for_as_long_as_it_is_kept() {
        let lifecycle =
            Lifecycle::new(TrafficChannel::Email, 0, 9, OUTCOME_DRAWS - 1, Condition::Normal);
        let state = lifecycle.at(48 * 3_600_000);
        assert_eq!((state.status.group_name, state.done), ("PENDING", None));
    }

    #[test]
    fn an_operator_confirms_before_the_fastest_delivery_of_every_channel() {
        for channel in TrafficChannel::ALL {
            let profile = profile(channel);
            assert!(profile.operator_confirmed == 0 || profile.quick.0 >= 1_200);
            assert!(profile.slow * 16 <= profile.validity, "{}", channel.name());
        }
    }
}
