//! How messages fare on each channel: what shares fail, what with, and how long things take.
//! Facts only; `life` makes a story of them.

use super::channel::Channel;
use super::codes::{self as c, Fault, Status};

/// An end: a final status and the error that goes with it.
pub(super) type Outcome = (&'static Status, &'static Fault);

/// How messages fare on a channel. Shares are parts of 10,000, times are milliseconds.
pub(super) struct Manners {
    /// Refused by the platform, at once.
    pub(super) rejected: u64,
    /// Tried, and failed for good.
    pub(super) undeliverable: u64,
    /// Delivered after a long wait.
    pub(super) late: u64,
    /// Given up at the end of the validity.
    pub(super) expired: u64,
    /// Never heard of again: undecided for longer than logs are kept.
    pub(super) lost: u64,
    /// Share of what is sent that the operator confirms before the handset does.
    pub(super) handed_over: u64,
    /// Time to a normal delivery, from and to.
    pub(super) quick: (i64, i64),
    /// The shortest late delivery; the longest takes 16 times that.
    pub(super) slow: i64,
    pub(super) validity: i64,
    pub(super) rejections: &'static [Outcome],
    pub(super) failures: &'static [Outcome],
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// What phone networks and their users answer.
static PHONE_FAILURES: [Outcome; 7] = [
    (&c::NOT_DELIVERED, &c::ABSENT_SUBSCRIBER),
    (&c::NOT_DELIVERED, &c::UNKNOWN_SUBSCRIBER),
    (&c::NOT_DELIVERED, &c::DELIVERY_FAILURE),
    (&c::NOT_DELIVERED, &c::MEMORY_FULL),
    (&c::NOT_DELIVERED, &c::CALL_BARRED),
    (&c::REFUSED_BY_OPERATOR, &c::OPERATOR_BLACKLIST),
    (&c::REFUSED_BY_OPERATOR, &c::TIME_OUT),
];
static PHONE_REJECTIONS: [Outcome; 5] = [
    (&c::NETWORK, &c::NONE),
    (&c::PREFIX_MISSING, &c::NO_TRANSLATION),
    (&c::DO_NOT_DISTURB, &c::BLACKLISTED_DESTINATION),
    (&c::SENDER, &c::BLACKLISTED_SENDER),
    (&c::FLOODING, &c::FLOODED),
];

static SMS: Manners = Manners {
    rejected: 220,
    undeliverable: 460,
    late: 420,
    expired: 190,
    lost: 40,
    handed_over: 4_200,
    quick: (1_300, 9_000),
    slow: 8 * MINUTE,
    validity: 24 * HOUR,
    rejections: &PHONE_REJECTIONS,
    failures: &PHONE_FAILURES,
};

static VOICE: Manners = Manners {
    rejected: 200,
    undeliverable: 1_900,
    late: 500,
    expired: 150,
    lost: 0,
    handed_over: 0,
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

/// Chat applications: who does not use them cannot be reached, and a phone without a network
/// gets its messages later.
static CHAT: Manners = Manners {
    rejected: 250,
    undeliverable: 420,
    late: 700,
    expired: 260,
    lost: 0,
    handed_over: 0,
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

/// Late and expired ones together, and failures together, are each more than a tenth, so that
/// the newest twenty are never of one kind (see `hour`, where lots are dealt).
static PUSH: Manners = Manners {
    rejected: 210,
    undeliverable: 800,
    late: 900,
    expired: 400,
    lost: 0,
    handed_over: 0,
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

static EMAIL: Manners = Manners {
    rejected: 180,
    undeliverable: 350,
    late: 300,
    expired: 90,
    lost: 10,
    handed_over: 0,
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

/// How messages fare on this channel.
pub(super) const fn manners(channel: Channel) -> &'static Manners {
    match channel {
        Channel::Sms => &SMS,
        Channel::Voice => &VOICE,
        Channel::Push => &PUSH,
        Channel::Email => &EMAIL,
        Channel::Viber
        | Channel::WhatsApp
        | Channel::Line
        | Channel::VKontakte
        | Channel::KakaoChingu
        | Channel::KakaoAlim => &CHAT,
    }
}
