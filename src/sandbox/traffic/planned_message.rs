//! The messages of one hour, with only the data that is needed to select them; `message` completes them
//! to rows. An hour is a pure function of the seed and the hour, so that hours can be generated in any
//! order.

use std::sync::LazyLock;

use super::calendar::{Campaign, HOUR, campaigns, singles};
use super::channel::TrafficChannel;
use super::countries::{TrafficCountry, countries, pick_country};
use super::lifecycle::{Condition, Lifecycle, OUTCOME_DRAWS};
use super::plan::TrafficPlan;
use super::seeded_random::{Choice, below, between, draw, mix, pick, pick_weighted};
use super::senders::{SENDERS, Sender};
use super::texts::Purpose;

/// The number of recipients of single messages per country: so few that each receives several messages.
const REGULAR_RECIPIENTS: u64 = 300;

/// The golden section of a circle with a full turn of 2^32.
const GOLDEN: u32 = 0x9E37_79B9;

/// The senders of single messages. They are found once and not for each message.
static SINGLE_SENDERS: LazyLock<Vec<ChannelSenders>> = LazyLock::new(|| {
    let senders_of = |channel: &TrafficChannel| ChannelSenders {
        channel: *channel,
        senders: SENDERS
            .iter()
            .filter(|sender| sender.channel == *channel)
            .map(|sender| (sender, countries(sender.home, 1)))
            .collect(),
    };
    TrafficChannel::ALL.iter().map(senders_of).collect()
});

/// The senders of a channel.
struct ChannelSenders {
    channel: TrafficChannel,
    /// The senders, each with the countries that it sends to.
    senders: Vec<(&'static Sender, Vec<&'static TrafficCountry>)>,
}

/// A message before it is completed to a row.
#[derive(Clone, Copy)]
pub(in crate::sandbox) struct PlannedMessage {
    /// Milliseconds since 1970.
    pub(in crate::sandbox) sent: i64,
    /// Determines the message id and the contents; the same for all channels that failover tried.
    pub(super) id: u64,
    /// The key of its campaign, if it belongs to one.
    pub(super) bulk: Option<u64>,
    pub(super) sender: &'static Sender,
    pub(super) purpose: Purpose,
    pub(super) country: &'static TrafficCountry,
    pub(super) person: u32,
    /// Determines its outcome; less than `OUTCOME_DRAWS`.
    pub(super) outcome_draw: u64,
    /// The effect of the scenario on it.
    pub(super) condition: Condition,
}

/// All messages sent in an hour (counted in hours since 1970), oldest first.
pub(super) fn planned_messages(plan: &TrafficPlan, hour: i64) -> Vec<PlannedMessage> {
    if plan.is_empty() {
        return Vec::new();
    }
    let key = mix(draw(plan.seed, Choice::Single), hour.cast_unsigned());
    let count = singles(plan.seed, hour) * plan.singles_factor();
    let mut all: Vec<PlannedMessage> =
        (0..count).filter_map(|nth| single(mix(key, nth), hour)).collect();
    for campaign in campaigns(plan.seed, hour) {
        all.extend((0..campaign.size).map(|nth| member(&campaign, nth)));
    }
    all.extend(login_codes(plan, hour));
    all.sort_unstable_by_key(|message| (message.sent, message.id));
    assign_outcome_draws(&mut all, key);
    for message in &mut all {
        message.condition = message.condition_in(plan);
    }
    let failovers: Vec<PlannedMessage> =
        all.iter().filter_map(|message| failover(plan, message, hour)).collect();
    if !failovers.is_empty() {
        all.extend(failovers);
        all.sort_unstable_by_key(|message| (message.sent, message.id));
    }
    all
}

fn single(key: u64, hour: i64) -> Option<PlannedMessage> {
    let share = |senders: &ChannelSenders| senders.channel.share_of_singles();
    let ChannelSenders { senders, .. } =
        pick_weighted(&SINGLE_SENDERS, share, key, Choice::Channel)?;
    let (sender, countries) = pick_weighted(senders, |_| 1, key, Choice::Sender)?;
    Some(PlannedMessage {
        sent: hour * HOUR + between(key, Choice::SentAt, 0, HOUR),
        id: key,
        bulk: None,
        sender,
        purpose: *pick(sender.purposes, key, Choice::Purpose),
        country: pick_country(countries, key),
        person: recipient(key),
        outcome_draw: 0,
        condition: Condition::Normal,
    })
}

/// The login codes that a bank sends to one country in an hour, most of them to one network.
fn login_codes(plan: &TrafficPlan, hour: i64) -> Vec<PlannedMessage> {
    let bank = SENDERS.iter().find(|sender| {
        sender.channel == TrafficChannel::Sms && sender.purposes.first() == Some(&Purpose::Code)
    });
    let (Some((count, country, network)), Some(sender)) = (plan.codes(), bank) else {
        return Vec::new();
    };
    let stream = mix(draw(plan.seed, Choice::Stream), hour.cast_unsigned());
    let code = |nth| {
        let key = mix(stream, nth);
        let message = PlannedMessage {
            sent: hour * HOUR + between(key, Choice::SentAt, 0, HOUR),
            id: key,
            bulk: None,
            sender,
            purpose: Purpose::Code,
            country,
            person: recipient(key),
            outcome_draw: 0,
            condition: Condition::Normal,
        };
        // A second draw sends more of them to that network.
        if message.network() == Some(network) {
            return message;
        }
        PlannedMessage { person: recipient(mix(key, 1)), ..message }
    };
    (0..count).map(code).collect()
}

/// One of the regular recipients of a country.
fn recipient(key: u64) -> u32 {
    u32::try_from(below(key, Choice::Person, REGULAR_RECIPIENTS)).unwrap_or(0)
}

/// One message of a campaign. Each one is for a different person.
fn member(campaign: &Campaign, nth: u32) -> PlannedMessage {
    let key = mix(draw(campaign.key, Choice::Member), u64::from(nth));
    let step = campaign.lasts / i64::from(campaign.size).max(1);
    let first = u32::try_from(below(campaign.key, Choice::Person, 5_000)).unwrap_or(0);
    PlannedMessage {
        sent: campaign.start + i64::from(nth) * step + between(key, Choice::SentAt, 0, step),
        id: key,
        bulk: Some(campaign.key),
        sender: campaign.sender,
        purpose: Purpose::Offer,
        country: campaign.country,
        person: first + nth,
        outcome_draw: 0,
        condition: Condition::Normal,
    }
}

/// Sets the outcome draw of every message. On each channel, the draws advance by the golden section of
/// the circle, which spreads them evenly: among 15 successive messages, each outcome that takes a tenth
/// of the circle occurs at least once (three-distance theorem).
fn assign_outcome_draws(planned_messages: &mut [PlannedMessage], key: u64) {
    let mut points = TrafficChannel::ALL.map(|channel| (channel, first_point(channel, key)));
    for message in planned_messages {
        let of_channel = |(channel, _): &&mut (_, _)| *channel == message.sender.channel;
        let Some((_, point)) = points.iter_mut().find(of_channel) else { continue };
        *point = point.wrapping_add(GOLDEN);
        message.outcome_draw = (u64::from(*point) * OUTCOME_DRAWS) >> 32;
    }
}

/// The position on the circle at the start of an hour: a random one, except for push messages. Theirs
/// makes the first one of the hour late and the sixth one fail, so that among 20 successive ones, also
/// across hours, some are pending and some failed.
fn first_point(channel: TrafficChannel, key: u64) -> u32 {
    let part = match channel {
        TrafficChannel::Push => between(key, Choice::OutcomeDraw, 3_000, 3_300),
        _ => between(mix(key, channel as u64), Choice::OutcomeDraw, 0, 10_000),
    };
    u32::try_from((part << 32) / 10_000).unwrap_or(0)
}

impl PlannedMessage {
    fn condition_in(&self, plan: &TrafficPlan) -> Condition {
        plan.condition(self.sent, self.channel(), self.network())
    }

    /// Its lifecycle.
    pub(super) fn lifecycle(&self) -> Lifecycle {
        Lifecycle::new(self.channel(), self.sent, self.id, self.outcome_draw, self.condition)
    }
}

/// The failover of a single chat message that was not delivered: the same message over SMS.
fn failover(plan: &TrafficPlan, message: &PlannedMessage, hour: i64) -> Option<PlannedMessage> {
    let channel = message.sender.channel;
    let has_failover = matches!(channel, TrafficChannel::Viber | TrafficChannel::WhatsApp)
        && message.bulk.is_none()
        && below(message.id, Choice::Failover, 2) == 0;
    if !has_failover {
        return None;
    }
    let failed = message.lifecycle().fails_at()?;
    let sent = failed + between(message.id, Choice::Spread, 40, 900);
    let sender = SENDERS.iter().find(|sender| {
        sender.channel == TrafficChannel::Sms && sender.brand == message.sender.brand
    })?;
    let failover = PlannedMessage {
        sent,
        sender,
        outcome_draw: below(message.id, Choice::OutcomeDraw, OUTCOME_DRAWS),
        ..*message
    };
    let failover = PlannedMessage { condition: failover.condition_in(plan), ..failover };
    (sent.div_euclid(HOUR) == hour).then_some(failover)
}

#[cfg(test)]
mod tests {
    use super::super::super::scenario::Scenario;
    use super::*;

    fn planned_messages(seed: u64, hour: i64) -> Vec<PlannedMessage> {
        super::planned_messages(&TrafficPlan::new(seed, 0, Scenario::Normal), hour)
    }

    #[test]
    fn an_hour_depends_on_the_seed_only() {
        let ids = |seed| planned_messages(seed, 490_000).iter().map(|s| s.id).collect::<Vec<_>>();
        assert_eq!(ids(1), ids(1));
        assert_ne!(ids(1), ids(2));
    }

    #[test]
    fn messages_are_within_their_hour_and_in_order() {
        for hour in 490_000..490_024 {
            let all = planned_messages(1, hour);
            assert!(all.windows(2).all(|pair| pair[0].sent <= pair[1].sent));
            assert!(all.iter().all(|message| message.sent.div_euclid(HOUR) == hour));
        }
    }

    #[test]
    fn a_campaign_never_sends_to_one_number_twice() {
        for hour in 490_000..490_048 {
            let all = planned_messages(1, hour);
            for campaign in campaigns(1, hour) {
                let mut numbers: Vec<String> = all
                    .iter()
                    .filter(|message| message.bulk == Some(campaign.key))
                    .map(|message| message.country.number(message.person))
                    .collect();
                let sent = numbers.len();
                numbers.sort_unstable();
                numbers.dedup();
                assert_eq!(numbers.len(), sent);
                assert_eq!(u32::try_from(sent).unwrap(), campaign.size);
            }
        }
    }

    #[test]
    fn failover_sends_a_message_with_the_same_id_over_another_channel() {
        let all: Vec<PlannedMessage> =
            (490_000..490_048).flat_map(|hour| planned_messages(1, hour)).collect();
        let mut failovers = 0;
        for chat in all.iter().filter(|s| s.sender.channel == TrafficChannel::WhatsApp) {
            let failover = all.iter().find(|s| s.id == chat.id && s.sent > chat.sent);
            if let Some(failover) = failover {
                failovers += 1;
                assert_eq!(failover.sender.channel, TrafficChannel::Sms);
                assert_eq!(failover.person, chat.person);
            }
        }
        assert!(failovers > 0);
    }
}
