//! Decides when messages are sent: the number of single messages in each hour, and the times and sizes
//! of the campaigns of each day. `planned_message` decides the recipients.

use super::channel::TrafficChannel;
use super::countries::{TrafficCountry, countries, pick_country};
use super::seeded_random::{Choice, below, between, draw, mix, pick, pick_weighted};
use super::senders::{SENDERS, Sender};
use super::texts::Purpose;

pub(super) const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;

/// The number of single messages in each hour of the day (UTC). With the campaigns, two days have about
/// 20,000 messages.
const SINGLES_PER_HOUR: [u64; 24] = [
    100, 85, 80, 85, 105, 135, 180, 225, 265, 285, 285, 275, 265, 260, 260, 265, 265, 255, 235,
    210, 185, 165, 140, 120,
];

/// The campaigns of a day: channel and size. The channel of the last one is one of [`LOCAL`].
const CAMPAIGNS: [(TrafficChannel, u64); 11] = [
    (TrafficChannel::Sms, 1_400),
    (TrafficChannel::Sms, 880),
    (TrafficChannel::Push, 760),
    (TrafficChannel::Email, 640),
    (TrafficChannel::Sms, 480),
    (TrafficChannel::Push, 380),
    (TrafficChannel::Viber, 300),
    (TrafficChannel::Sms, 240),
    (TrafficChannel::WhatsApp, 190),
    (TrafficChannel::Sms, 110),
    (TrafficChannel::Line, 75),
];
const LOCAL: [TrafficChannel; 3] =
    [TrafficChannel::Line, TrafficChannel::KakaoChingu, TrafficChannel::VKontakte];

/// The same message to many recipients within minutes.
pub(super) struct Campaign {
    /// Decides its bulk id and its text.
    pub(super) key: u64,
    pub(super) sender: &'static Sender,
    pub(super) country: &'static TrafficCountry,
    /// Milliseconds since 1970.
    pub(super) start: i64,
    /// Milliseconds from the first message to the last.
    pub(super) lasts: i64,
    /// The number of recipients.
    pub(super) size: u32,
}

/// How many single messages are sent in an hour, counted in hours since 1970.
pub(super) fn singles(seed: u64, hour: i64) -> u64 {
    let of_day = usize::try_from(hour.rem_euclid(24)).unwrap_or(0);
    let usual = SINGLES_PER_HOUR.get(of_day).copied().unwrap_or_default();
    let key = mix(draw(seed, Choice::Hour), hour.cast_unsigned());
    usual * (90 + below(key, Choice::Size, 21)) / 100
}

/// The campaigns that start and end in an hour: a day has eleven, none of them at night.
pub(super) fn campaigns(seed: u64, hour: i64) -> Vec<Campaign> {
    let day = hour.div_euclid(24);
    let today = mix(draw(seed, Choice::Day), day.cast_unsigned());
    let mut starting = Vec::new();
    for (nth, (channel, size)) in (0u64..).zip(CAMPAIGNS) {
        let key = mix(today, nth);
        if day * 24 + between(key, Choice::SentAt, 6, 20) != hour {
            continue;
        }
        let channel = if channel == TrafficChannel::Line {
            *pick(&LOCAL, key, Choice::Channel)
        } else {
            channel
        };
        starting.extend(campaign(key, channel, size, hour));
    }
    starting
}

fn campaign(key: u64, channel: TrafficChannel, size: u64, hour: i64) -> Option<Campaign> {
    let is_offering =
        |sender: &&Sender| sender.channel == channel && sender.purposes.contains(&Purpose::Offer);
    let offering: Vec<&'static Sender> = SENDERS.iter().filter(is_offering).collect();
    let sender = *pick_weighted(&offering, |_| 1, key, Choice::Sender)?;
    let size = u32::try_from(size * (88 + below(key, Choice::Size, 20)) / 100).ok()?;
    Some(Campaign {
        key,
        sender,
        country: pick_country(&countries(sender.home, size), key),
        start: hour * HOUR + between(key, Choice::Minute, 0, 40 * MINUTE),
        lasts: between(key, Choice::Spread, 3 * MINUTE, 15 * MINUTE),
        size,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_eleven_campaigns_and_the_night_none() {
        for day in 20_000..20_030 {
            let hours = day * 24..(day + 1) * 24;
            let all: Vec<Campaign> = hours.flat_map(|hour| campaigns(5, hour)).collect();
            assert_eq!(all.len(), CAMPAIGNS.len());
            for campaign in all {
                assert!((50..=1500).contains(&campaign.size), "{}", campaign.size);
                let of_day = campaign.start.div_euclid(HOUR).rem_euclid(24);
                assert!((6..20).contains(&of_day));
                let last = campaign.start + campaign.lasts;
                assert_eq!(campaign.start.div_euclid(HOUR), last.div_euclid(HOUR));
            }
        }
    }

    #[test]
    fn nights_have_fewer_messages_than_days() {
        for day in 20_000..20_010 {
            assert!(singles(5, day * 24 + 2) * 2 < singles(5, day * 24 + 10));
        }
    }
}
