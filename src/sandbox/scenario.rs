//! The scenarios: problems of the traffic or of the server, for training, screenshots and tests. This
//! module has their names and descriptions; `traffic` and `throttle` implement them.

/// A problem of the traffic or of the server. Times count from the anchor of the traffic, which in the
/// program is its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scenario {
    /// Ordinary traffic of about 20,000 messages in 48 hours.
    #[default]
    Normal,
    /// Ordinary traffic and a steady stream of login codes over SMS to one country. From 35 minutes
    /// before the anchor, one network of that country delivers 40 % of its SMS; the others fail
    /// with `EC_TIME_OUT`.
    Outage,
    /// Ordinary traffic; from 35 minutes before the anchor, messages on every channel take 20 times as
    /// long.
    Slow,
    /// Ordinary traffic behind a server that refuses the first request, and one after every nine
    /// that it accepts, with HTTP 429 and a `Retry-After` of 2 seconds.
    Throttled,
    /// No messages.
    Empty,
    /// About 100,000 messages in 48 hours.
    Busy,
}

impl Scenario {
    /// All scenarios, the default first.
    pub const ALL: [Self; 6] =
        [Self::Normal, Self::Outage, Self::Slow, Self::Throttled, Self::Empty, Self::Busy];

    /// The name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Outage => "outage",
            Self::Slow => "slow",
            Self::Throttled => "throttled",
            Self::Empty => "empty",
            Self::Busy => "busy",
        }
    }

    /// The description, in one line.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Normal => "ordinary traffic, about 20,000 messages in 48 hours",
            Self::Outage => "one network delivers 40 % of its SMS from 35 minutes ago",
            Self::Slow => "every channel takes 20 times as long from 35 minutes ago",
            Self::Throttled => "HTTP 429 with Retry-After for every tenth request",
            Self::Empty => "no messages",
            Self::Busy => "about 100,000 messages in 48 hours",
        }
    }
}
