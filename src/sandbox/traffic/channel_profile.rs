//! Describes how messages behave on each channel: which share fails, with which errors, and how long
//! deliveries take. `lifecycle` derives the lifecycle of a message from it.

use super::channel::TrafficChannel;
use super::codes::{self as c, DeliveryError, DeliveryStatus};

/// A final status and its error.
pub(super) type OutcomeCodes = (&'static DeliveryStatus, &'static DeliveryError);

/// How messages behave on a channel. Shares are per 10,000, times are in milliseconds.
pub(super) struct ChannelProfile {
    /// The share that the platform rejects at once.
    pub(super) rejected: u64,
    /// The share that is sent and becomes undeliverable.
    pub(super) undeliverable: u64,
    /// The share that is delivered after a long wait.
    pub(super) late: u64,
    /// The share that expires at the end of the validity period.
    pub(super) expired: u64,
    /// The share that stays pending for longer than the retention.
    pub(super) lost: u64,
    /// The share of sent messages that the operator confirms before the handset does.
    pub(super) operator_confirmed: u64,
    /// The shortest and the longest time to a normal delivery.
    pub(super) quick: (i64, i64),
    /// The shortest time to a late delivery; the longest is 16 times as long.
    pub(super) slow: i64,
    pub(super) validity: i64,
    pub(super) rejections: &'static [OutcomeCodes],
    pub(super) failures: &'static [OutcomeCodes],
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Failures of phone networks and handsets.
static PHONE_FAILURES: [OutcomeCodes; 7] = [
    (&c::NOT_DELIVERED, &c::ABSENT_SUBSCRIBER),
    (&c::NOT_DELIVERED, &c::UNKNOWN_SUBSCRIBER),
    (&c::NOT_DELIVERED, &c::DELIVERY_FAILURE),
    (&c::NOT_DELIVERED, &c::MEMORY_FULL),
    (&c::NOT_DELIVERED, &c::CALL_BARRED),
    (&c::REFUSED_BY_OPERATOR, &c::OPERATOR_BLACKLIST),
    (&c::REFUSED_BY_OPERATOR, &c::TIME_OUT),
];
static PHONE_REJECTIONS: [OutcomeCodes; 5] = [
    (&c::NETWORK, &c::NONE),
    (&c::PREFIX_MISSING, &c::NO_TRANSLATION),
    (&c::DO_NOT_DISTURB, &c::BLACKLISTED_DESTINATION),
    (&c::SENDER, &c::BLACKLISTED_SENDER),
    (&c::FLOODING, &c::FLOODED),
];

static SMS: ChannelProfile = ChannelProfile {
    rejected: 220,
    undeliverable: 460,
    late: 420,
    expired: 190,
    lost: 40,
    operator_confirmed: 4_200,
    quick: (1_300, 9_000),
    slow: 8 * MINUTE,
    validity: 24 * HOUR,
    rejections: &PHONE_REJECTIONS,
    failures: &PHONE_FAILURES,
};

static VOICE: ChannelProfile = ChannelProfile {
    rejected: 200,
    undeliverable: 1_900,
    late: 500,
    expired: 150,
    lost: 0,
    operator_confirmed: 0,
    quick: (18_000, 75_000),
    slow: 2 * MINUTE,
    validity: 2 * HOUR,
    rejections: &PHONE_REJECTIONS,
    failures: &[
        (&c::NOT_DELIVERED, &c::NO_ANSWER),
        (&c::NOT_DELIVERED, &c::NO_ANSWER),
        (&c::NOT_DELIVERED, &c::ABSENT_SUBSCRIBER),
    ],
};

/// Chat applications: a person who does not use the application cannot be reached, and a phone without
/// a network receives its messages later.
static CHAT: ChannelProfile = ChannelProfile {
    rejected: 250,
    undeliverable: 420,
    late: 700,
    expired: 260,
    lost: 0,
    operator_confirmed: 0,
    quick: (600, 20_000),
    slow: 12 * MINUTE,
    validity: 8 * HOUR,
    rejections: &[
        (&c::NOT_REGISTERED, &c::UNKNOWN_SUBSCRIBER),
        (&c::SENDER, &c::BLACKLISTED_SENDER),
        (&c::FLOODING, &c::FLOODED),
    ],
    failures: &[
        (&c::NOT_DELIVERED, &c::UNKNOWN_SUBSCRIBER),
        (&c::NOT_DELIVERED, &c::ABSENT_SUBSCRIBER),
    ],
};

/// Late and expired messages together are more than a tenth, and so are failures, so that the newest 20
/// messages always have several outcomes (see `assign_outcome_draws`).
static PUSH: ChannelProfile = ChannelProfile {
    rejected: 210,
    undeliverable: 800,
    late: 900,
    expired: 400,
    lost: 0,
    operator_confirmed: 0,
    quick: (200, 3_000),
    slow: 45 * MINUTE,
    validity: 12 * HOUR,
    rejections: &[
        (&c::NOT_REGISTERED, &c::UNKNOWN_SUBSCRIBER),
        (&c::DESTINATION, &c::UNIDENTIFIED_SUBSCRIBER),
    ],
    failures: &[
        (&c::NOT_DELIVERED, &c::UNKNOWN_SUBSCRIBER),
        (&c::NOT_DELIVERED, &c::ABSENT_SUBSCRIBER),
        (&c::NOT_DELIVERED, &c::UNIDENTIFIED_SUBSCRIBER),
    ],
};

static EMAIL: ChannelProfile = ChannelProfile {
    rejected: 180,
    undeliverable: 350,
    late: 300,
    expired: 90,
    lost: 10,
    operator_confirmed: 0,
    quick: (1_500, 40_000),
    slow: 10 * MINUTE,
    validity: 24 * HOUR,
    rejections: &[
        (&c::DESTINATION, &c::UNKNOWN_SUBSCRIBER),
        (&c::DO_NOT_DISTURB, &c::BLACKLISTED_DESTINATION),
    ],
    failures: &[
        (&c::NOT_DELIVERED, &c::UNKNOWN_SUBSCRIBER),
        (&c::NOT_DELIVERED, &c::MEMORY_FULL),
        (&c::NOT_DELIVERED, &c::TIME_OUT),
    ],
};

/// How messages behave on this channel.
pub(super) const fn profile(channel: TrafficChannel) -> &'static ChannelProfile {
    match channel {
        TrafficChannel::Sms => &SMS,
        TrafficChannel::Voice => &VOICE,
        TrafficChannel::Push => &PUSH,
        TrafficChannel::Email => &EMAIL,
        TrafficChannel::Viber
        | TrafficChannel::WhatsApp
        | TrafficChannel::Line
        | TrafficChannel::VKontakte
        | TrafficChannel::KakaoChingu
        | TrafficChannel::KakaoAlim => &CHAT,
    }
}
