//! When messages are sent: the rhythm of day and night for single ones, and the campaigns of each
//! day. Decides moments and sizes; who is written to is decided in `hour`.

use super::chance::{Lane, below, between, draw, mix, pick, pick_weighted};
use super::channel::Channel;
use super::places::{Place, pick_place};
use super::senders::{SENDERS, Sender};
use super::texts::Purpose;

pub(super) const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;

/// Single messages sent in each hour of the day (UTC). With the campaigns, two days come to about
/// 20,000 messages.
const RHYTHM: [u64; 24] = [
    100, 85, 80, 85, 105, 135, 180, 225, 265, 285, 285, 275, 265, 260, 260, 265, 265, 255, 235,
    210, 185, 165, 140, 120,
];

/// The campaigns of a day: channel and size. The last takes turns between the local channels.
const CAMPAIGNS: [(Channel, u64); 11] = [
    (Channel::Sms, 1_400),
    (Channel::Sms, 880),
    (Channel::Push, 760),
    (Channel::Email, 640),
    (Channel::Sms, 480),
    (Channel::Push, 380),
    (Channel::Viber, 300),
    (Channel::Sms, 240),
    (Channel::WhatsApp, 190),
    (Channel::Sms, 110),
    (Channel::Line, 75),
];
const LOCAL: [Channel; 3] = [Channel::Line, Channel::KakaoChingu, Channel::VKontakte];

/// The same message to many, within minutes.
pub(super) struct Campaign {
    /// Decides its bulk id and its text.
    pub(super) key: u64,
    pub(super) sender: &'static Sender,
    pub(super) place: &'static Place,
    /// Milliseconds since 1970.
    pub(super) start: i64,
    /// Milliseconds from the first message to the last.
    pub(super) lasts: i64,
    /// How many it is sent to.
    pub(super) size: u32,
}

/// How many single messages are sent in an hour, counted in hours since 1970.
pub(super) fn singles(seed: u64, hour: i64) -> u64 {
    let of_day = usize::try_from(hour.rem_euclid(24)).unwrap_or(0);
    let usual = RHYTHM.get(of_day).copied().unwrap_or_default();
    let key = mix(draw(seed, Lane::Hour), hour.cast_unsigned());
    usual * (90 + below(key, Lane::Size, 21)) / 100
}

/// The campaigns that start in an hour, and end in it: days have eleven, none at night.
pub(super) fn campaigns(seed: u64, hour: i64) -> Vec<Campaign> {
    let day = hour.div_euclid(24);
    let today = mix(draw(seed, Lane::Day), day.cast_unsigned());
    let mut starting = Vec::new();
    for (nth, (channel, size)) in (0u64..).zip(CAMPAIGNS) {
        let key = mix(today, nth);
        if day * 24 + between(key, Lane::Moment, 6, 20) != hour {
            continue;
        }
        let channel =
            if channel == Channel::Line { *pick(&LOCAL, key, Lane::Channel) } else { channel };
        starting.extend(campaign(key, channel, size, hour));
    }
    starting
}

fn campaign(key: u64, channel: Channel, size: u64, hour: i64) -> Option<Campaign> {
    let offering = SENDERS
        .iter()
        .filter(|sender| sender.channel == channel && sender.purposes.contains(&Purpose::Offer));
    let sender = pick_weighted(offering, |_| 1, key, Lane::Sender)?;
    let size = u32::try_from(size * (88 + below(key, Lane::Size, 20)) / 100).ok()?;
    Some(Campaign {
        key,
        sender,
        place: pick_place(sender.home, size, key),
        start: hour * HOUR + between(key, Lane::Minute, 0, 40 * MINUTE),
        lasts: between(key, Lane::Spread, 3 * MINUTE, 15 * MINUTE),
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
    fn nights_are_calmer_than_days() {
        for day in 20_000..20_010 {
            assert!(singles(5, day * 24 + 2) * 2 < singles(5, day * 24 + 10));
        }
    }
}
