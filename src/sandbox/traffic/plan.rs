//! The changes that a scenario makes to the generated traffic: its amount, and which messages fail or
//! are slow from which time on.

use super::super::scenario::Scenario;
use super::channel::TrafficChannel;
use super::countries::{TrafficCountry, pick_busy_country};
use super::lifecycle::Condition;
use super::seeded_random::{Choice, draw, pick};

/// How long before the anchor an incident begins, in milliseconds.
const INCIDENT_AGE: i64 = 35 * 60_000;

/// A busy account sends this many times as many single messages.
const BUSY_FACTOR: u64 = 9;

/// The number of login codes per hour to the country of an outage: enough for about 200 messages to the
/// failing network since the incident began, at any time of day.
const CODES_PER_HOUR: u64 = 700;

/// The traffic of one seed and scenario.
#[derive(Clone, Copy)]
pub(super) struct TrafficPlan {
    pub(super) seed: u64,
    scenario: Scenario,
    /// The start of the incident, in milliseconds since 1970.
    incident: i64,
    /// The country of an outage.
    country: &'static TrafficCountry,
    /// The network that fails, as in the field `mccmnc`.
    network: &'static str,
}

impl TrafficPlan {
    pub(super) fn new(seed: u64, anchor: i64, scenario: Scenario) -> Self {
        let key = draw(seed, Choice::Incident);
        let country = pick_busy_country(key);
        let network = pick(country.networks, key, Choice::Network);
        Self { seed, scenario, incident: anchor - INCIDENT_AGE, country, network }
    }

    /// How many times as many single messages there are as in ordinary traffic.
    pub(super) const fn singles_factor(&self) -> u64 {
        match self.scenario {
            Scenario::Busy => BUSY_FACTOR,
            _ => 1,
        }
    }

    /// Whether the traffic has no messages.
    pub(super) fn is_empty(&self) -> bool {
        self.scenario == Scenario::Empty
    }

    /// The stream of login codes: their number per hour, their country, and the network of most of them.
    pub(super) fn codes(&self) -> Option<(u64, &'static TrafficCountry, &'static str)> {
        (self.scenario == Scenario::Outage).then_some((CODES_PER_HOUR, self.country, self.network))
    }

    /// The effect on a message that is sent at a time (milliseconds since 1970), over a channel and to a
    /// network.
    pub(super) fn condition(
        &self,
        sent: i64,
        channel: TrafficChannel,
        network: Option<&str>,
    ) -> Condition {
        if sent < self.incident {
            return Condition::Normal;
        }
        match self.scenario {
            Scenario::Slow => Condition::Slow,
            Scenario::Outage if channel == TrafficChannel::Sms && network == Some(self.network) => {
                Condition::Failing
            }
            _ => Condition::Normal,
        }
    }
}
