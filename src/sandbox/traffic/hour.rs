//! The messages of one hour, as sketches: just enough of each to place and find it. A pure
//! function of seed and hour, so that any hour can be made alone, in any order, again.

use std::collections::HashMap;

use super::calendar::{Campaign, HOUR, campaigns, singles};
use super::chance::{Lane, below, between, draw, mix, pick, pick_weighted};
use super::channel::Channel;
use super::life::{LOTS, Life};
use super::places::{Place, pick_place};
use super::senders::{SENDERS, Sender};
use super::texts::Purpose;

/// People that single messages go to, in each country: few enough that they come up again.
const REGULARS: u64 = 300;

/// The golden section of a circle whose whole turn is 2^32.
const GOLDEN: u32 = 0x9E37_79B9;

/// A message before it is written out.
#[derive(Clone, Copy)]
pub(in crate::sandbox) struct Sketch {
    /// Milliseconds since 1970.
    pub(in crate::sandbox) sent: i64,
    /// Decides message id and contents; the same for all channels that failover tried.
    pub(super) id: u64,
    /// The campaign's key, where the message belongs to one.
    pub(super) bulk: Option<u64>,
    pub(super) sender: &'static Sender,
    pub(super) purpose: Purpose,
    pub(super) place: &'static Place,
    pub(super) person: u32,
    /// Decides its fate, from 0 up to `LOTS`.
    pub(super) lot: u64,
}

/// All messages sent in an hour (counted in hours since 1970), oldest first.
pub(super) fn sketches(seed: u64, hour: i64) -> Vec<Sketch> {
    let key = mix(draw(seed, Lane::Single), hour.cast_unsigned());
    let mut all: Vec<Sketch> =
        (0..singles(seed, hour)).filter_map(|nth| single(mix(key, nth), hour)).collect();
    for campaign in campaigns(seed, hour) {
        all.extend((0..campaign.size).map(|nth| member(&campaign, nth)));
    }
    all.sort_unstable_by_key(|sketch| (sketch.sent, sketch.id));
    deal_lots(&mut all, key);
    let second_tries: Vec<Sketch> =
        all.iter().filter_map(|sketch| failover(sketch, hour)).collect();
    if !second_tries.is_empty() {
        all.extend(second_tries);
        all.sort_unstable_by_key(|sketch| (sketch.sent, sketch.id));
    }
    all
}

fn single(key: u64, hour: i64) -> Option<Sketch> {
    let channels = Channel::ALL.iter();
    let channel = pick_weighted(channels, |c| c.share_of_singles(), key, Lane::Channel)?;
    let senders = SENDERS.iter().filter(|sender| sender.channel == *channel);
    let sender = pick_weighted(senders, |_| 1, key, Lane::Sender)?;
    Some(Sketch {
        sent: hour * HOUR + between(key, Lane::Moment, 0, HOUR),
        id: key,
        bulk: None,
        sender,
        purpose: *pick(sender.purposes, key, Lane::Purpose),
        place: pick_place(sender.home, 1, key),
        person: u32::try_from(below(key, Lane::Person, REGULARS)).unwrap_or(0),
        lot: 0,
    })
}

/// One message of a campaign. Each goes to another person.
fn member(campaign: &Campaign, nth: u32) -> Sketch {
    let key = mix(draw(campaign.key, Lane::Member), u64::from(nth));
    let step = campaign.lasts / i64::from(campaign.size).max(1);
    let first = u32::try_from(below(campaign.key, Lane::Person, 5_000)).unwrap_or(0);
    Sketch {
        sent: campaign.start + i64::from(nth) * step + between(key, Lane::Moment, 0, step),
        id: key,
        bulk: Some(campaign.key),
        sender: campaign.sender,
        purpose: Purpose::Offer,
        place: campaign.place,
        person: first + nth,
        lot: 0,
    }
}

/// Gives every message its lot. On each channel they follow the golden ratio round the circle of
/// lots, which spreads any run of them evenly: of fifteen in a row, each kind of fate that takes a
/// tenth of the circle gets at least one (three-distance theorem).
fn deal_lots(sketches: &mut [Sketch], key: u64) {
    let mut points: HashMap<&'static str, u32> = HashMap::new();
    for sketch in sketches {
        let channel = sketch.sender.channel;
        let point = points.entry(channel.name()).or_insert_with(|| first_point(channel, key));
        *point = point.wrapping_add(GOLDEN);
        sketch.lot = (u64::from(*point) * LOTS) >> 32;
    }
}

/// Where an hour enters the circle, of which a whole turn is 2^32: anywhere. But pushes enter it
/// where the first of the hour is a late one and the sixth a failure, so that of any twenty in a
/// row, across the hours too, some wait and some failed.
fn first_point(channel: Channel, key: u64) -> u32 {
    let part = match channel {
        Channel::Push => between(key, Lane::Lot, 3_000, 3_300),
        _ => between(mix(key, channel as u64), Lane::Lot, 0, 10_000),
    };
    u32::try_from((part << 32) / 10_000).unwrap_or(0)
}

/// The second try of a single chat message that did not get through: the same message by SMS.
fn failover(sketch: &Sketch, hour: i64) -> Option<Sketch> {
    let channel = sketch.sender.channel;
    let tries_again = matches!(channel, Channel::Viber | Channel::WhatsApp)
        && sketch.bulk.is_none()
        && below(sketch.id, Lane::Failover, 2) == 0;
    if !tries_again {
        return None;
    }
    let failed = Life::new(channel, sketch.sent, sketch.id, sketch.lot).fails_at()?;
    let sent = failed + between(sketch.id, Lane::Spread, 40, 900);
    let sender = SENDERS
        .iter()
        .find(|sender| sender.channel == Channel::Sms && sender.brand == sketch.sender.brand)?;
    (sent.div_euclid(HOUR) == hour).then(|| Sketch {
        sent,
        sender,
        lot: below(sketch.id, Lane::Lot, LOTS),
        ..*sketch
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_the_same_each_time_and_another_with_another_seed() {
        let ids = |seed| sketches(seed, 490_000).iter().map(|s| s.id).collect::<Vec<_>>();
        assert_eq!(ids(1), ids(1));
        assert_ne!(ids(1), ids(2));
    }

    #[test]
    fn messages_stay_in_their_hour_in_order() {
        for hour in 490_000..490_024 {
            let all = sketches(1, hour);
            assert!(all.windows(2).all(|pair| pair[0].sent <= pair[1].sent));
            assert!(all.iter().all(|sketch| sketch.sent.div_euclid(HOUR) == hour));
        }
    }

    #[test]
    fn a_campaign_never_writes_to_one_number_twice() {
        for hour in 490_000..490_048 {
            let all = sketches(1, hour);
            for campaign in campaigns(1, hour) {
                let mut numbers: Vec<String> = all
                    .iter()
                    .filter(|sketch| sketch.bulk == Some(campaign.key))
                    .map(|sketch| sketch.place.number(sketch.person))
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
    fn failover_sends_a_message_again_under_its_id_on_another_channel() {
        let all: Vec<Sketch> = (490_000..490_048).flat_map(|hour| sketches(1, hour)).collect();
        let mut seconds = 0;
        for chat in all.iter().filter(|s| s.sender.channel == Channel::WhatsApp) {
            let second = all.iter().find(|s| s.id == chat.id && s.sent > chat.sent);
            if let Some(second) = second {
                seconds += 1;
                assert_eq!(second.sender.channel, Channel::Sms);
                assert_eq!(second.person, chat.person);
            }
        }
        assert!(seconds > 0);
    }
}
