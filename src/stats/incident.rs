//! Finds an incident: the time range in which the delivered share of a channel, a network, a sender or
//! all messages was much lower than at other times; and the network, the reason and the sender that
//! account for most of the failures. It must not report differences that chance explains.

use std::ops::Range;

use chrono::{DateTime, FixedOffset};

use super::buckets::Buckets;
use super::cost::{Cost, Currencies};
use super::delivery::{Delivery, float, ratio};
use super::series::{AllSeries, Counts, Dimension, SEPARATOR, Series};
use super::timeline::Timeline;

/// The fewest final messages of an incident.
const MIN_FINALS: u64 = 20;
/// With this many failures more than usual, fewer messages are significant, too.
const MIN_EXCESS: f64 = 5.0;
/// The least fall of the delivered share in an incident.
const MIN_FALL: f64 = 0.1;
/// The least evidence for an incident: the natural logarithm of how much likelier the counts are with
/// two shares than with one share for all times. Thousands of series and ranges are compared; with this
/// value, chance reports an incident in one of a thousand runs.
const MIN_EVIDENCE: f64 = 20.0;
/// The falls of the share for which ranges are searched.
const SEARCHED_FALLS: [f64; 3] = [0.1, 0.3, 0.6];
/// An incident has not ended when at most this many buckets follow it: their messages may be pending.
const LAST_BUCKETS: u8 = 2;

/// A time range with a much lower delivered share than other times.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Incident {
    /// The start of its first bucket.
    pub start: DateTime<FixedOffset>,
    /// The end of its last bucket; `None` when it has not ended.
    pub end: Option<DateTime<FixedOffset>>,
    /// All messages sent during the incident.
    pub inside: Delivery,
    /// All messages sent at other times.
    pub outside: Delivery,
    /// The cost of the failed messages sent during the incident, by currency.
    pub failed_cost: Vec<Cost>,
}

/// The network, the reason or the sender that accounts for most of the failures.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorstValue {
    /// The channel, for a network.
    pub channel: Option<Box<str>>,
    /// The code of the network or of the reason, or the sender.
    pub name: Box<str>,
    /// Its messages during the incident, or all of them without an incident. For a reason, these are
    /// the messages that failed for it.
    pub inside: Delivery,
    /// Its other messages.
    pub outside: Delivery,
}

/// The incident and the worst values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Findings {
    /// The incident, if there is one.
    pub incident: Option<Incident>,
    /// The worst network, for one channel; `None` without failures.
    pub network: Option<WorstValue>,
    /// The reason with the most failures more than usual.
    pub reason: Option<WorstValue>,
    /// The worst sender.
    pub sender: Option<WorstValue>,
}

/// Finds an incident, and the values that account for the failures in it or in the whole run.
pub(super) fn find(
    timeline: &Timeline,
    series: &AllSeries,
    starts: &Buckets,
    currencies: &Currencies,
) -> Findings {
    let all: Vec<_> = timeline.shares().collect();
    let after = |start: i64, buckets| (0..buckets).fold(start, |start, _| timeline.end(start));
    let candidates = [Dimension::Channel, Dimension::Network, Dimension::Sender];
    let of_values = candidates.into_iter().flat_map(|dimension| series.of(dimension));
    let points = of_values.map(|series| series.points().into_iter().collect::<Vec<_>>());
    let found = std::iter::once(all.clone())
        .chain(points)
        .filter_map(|points| search(&points))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let last = all.last().map_or(0, |(start, _)| *start);
    let range = found.map(|(Range { start, end }, _)| {
        let is_ongoing = after(end, LAST_BUCKETS) >= last;
        (start..if is_ongoing { i64::MAX } else { timeline.end(end) }, is_ongoing)
    });
    let incident = range.clone().and_then(|(range, is_ongoing)| {
        let [inside, outside] = divide(all.iter().copied(), Some(&range));
        Some(Incident {
            start: starts.local(range.start)?,
            end: if is_ongoing { None } else { starts.local(range.end) },
            inside,
            outside,
            failed_cost: timeline.failed_cost(range, currencies),
        })
    });
    let range = range.map(|(range, _)| range);
    let [inside, outside] = divide(all.iter().copied(), range.as_ref());
    let worst =
        |dimension| worst(series.of(dimension), range.as_ref(), [inside, outside], dimension);
    Findings {
        incident,
        network: worst(Dimension::Network),
        reason: worst(Dimension::Reason),
        sender: worst(Dimension::Sender),
    }
}

/// The counts inside a range and outside of it. Without a range, all are inside.
fn divide(
    points: impl Iterator<Item = (i64, Counts)>,
    range: Option<&Range<i64>>,
) -> [Delivery; 2] {
    let [mut inside, mut outside] = [Delivery::default(); 2];
    for (start, counts) in points {
        let is_inside = range.is_none_or(|range| range.contains(&start));
        if is_inside { &mut inside } else { &mut outside }.add(counts);
    }
    [inside, outside]
}

/// The range of a series with the strongest evidence for an incident, and the evidence. The end of the
/// range is the start of its last bucket.
fn search(points: &[(i64, Counts)]) -> Option<(Range<i64>, f64)> {
    let total = divide(points.iter().copied(), None)[0];
    if total.failed() == 0 || total.finals < 2 * MIN_FINALS {
        return None;
    }
    let mut best: Option<(Range<i64>, f64)> = None;
    // The usual share is not known yet, and the incident lowers the share of all times. The second
    // round uses the share outside of the range that the first one found.
    let mut usual = total.share();
    for _ in 0..2 {
        for fall in SEARCHED_FALLS {
            let Some(range) = lowest_range(points, usual, usual * (1.0 - fall)) else { continue };
            let inside = divide(
                points
                    .iter()
                    .copied()
                    .filter(|(start, _)| (range.start..=range.end).contains(start)),
                None,
            )[0];
            let outside = total.without(inside);
            let evidence = evidence(inside, outside);
            if is_incident(inside, outside) && best.as_ref().is_none_or(|best| evidence > best.1) {
                usual = outside.share();
                best = Some((range, evidence));
            }
        }
    }
    best.filter(|(_, evidence)| *evidence >= MIN_EVIDENCE)
}

fn is_incident(inside: Delivery, outside: Delivery) -> bool {
    inside.finals >= MIN_FINALS
        && outside.finals >= MIN_FINALS
        && outside.share() - inside.share() >= MIN_FALL
}

/// The run of points for which the share `lower` is most likely in comparison with `usual`: the one with
/// the greatest sum of logarithms of likelihood ratios. `None` when no sum is above 0.
fn lowest_range(points: &[(i64, Counts)], usual: f64, lower: f64) -> Option<Range<i64>> {
    let bounded = |share: f64| share.clamp(1e-3, 1.0 - 1e-3);
    let (usual, lower) = (bounded(usual), bounded(lower));
    let of_delivered = (lower / usual).ln();
    let of_failed = ((1.0 - lower) / (1.0 - usual)).ln();
    let mut best: Option<(f64, Range<i64>)> = None;
    let (mut sum, mut begin) = (0.0, None);
    for (start, [finals, delivered]) in points {
        if sum <= 0.0 {
            (sum, begin) = (0.0, Some(*start));
        }
        sum += float(*delivered) * of_delivered + float(finals - delivered) * of_failed;
        if let Some(begin) = begin
            && sum > best.as_ref().map_or(0.0, |best| best.0)
        {
            best = Some((sum, begin..*start));
        }
    }
    best.map(|(_, range)| range)
}

/// The logarithm of how much likelier the counts are with two shares than with one share for both.
fn evidence(inside: Delivery, outside: Delivery) -> f64 {
    let both = Delivery {
        finals: inside.finals + outside.finals,
        delivered: inside.delivered + outside.delivered,
    };
    let log = |of: Delivery, share: f64| {
        let part = |count: u64, share: f64| {
            if count == 0 { 0.0 } else { float(count) * share.ln() }
        };
        part(of.delivered, share) + part(of.failed(), 1.0 - share)
    };
    log(inside, inside.share()) + log(outside, outside.share())
        - log(inside, both.share())
        - log(outside, both.share())
}

/// The value with the most failures more than usual. Values with few messages, such as a network whose
/// two messages failed, are considered only after all others.
fn worst(
    all: &[Series],
    range: Option<&Range<i64>>,
    [inside_all, outside_all]: [Delivery; 2],
    dimension: Dimension,
) -> Option<WorstValue> {
    let rate = |series: &Series| {
        let [inside, outside] = divide(series.points().into_iter(), range);
        let usual = match (dimension, range) {
            // The share of all final messages that fails for this reason at other times.
            (Dimension::Reason, Some(_)) => {
                ratio(outside.finals, outside_all.finals) * float(inside_all.finals)
            }
            (Dimension::Reason, None) => 0.0,
            // When no message was delivered, every value fails as usual, so the most failures count.
            (_, None) if inside_all.delivered == 0 => 0.0,
            (_, Some(_)) if outside.finals >= MIN_FINALS => {
                outside.failed_share() * float(inside.finals)
            }
            (_, Some(_)) => outside_all.failed_share() * float(inside.finals),
            (_, None) => inside_all.failed_share() * float(inside.finals),
        };
        (float(inside.failed()) - usual, inside, outside)
    };
    let is_significant = |(excess, inside, _): &(f64, Delivery, Delivery)| -> bool {
        inside.finals >= MIN_FINALS || *excess >= MIN_EXCESS
    };
    let found = all
        .iter()
        .map(|series| (series, rate(series)))
        .filter(|(_, (_, inside, _))| inside.failed() > 0)
        .max_by(|(a, x), (b, y)| {
            let by_size = is_significant(x).cmp(&is_significant(y));
            by_size.then(x.0.total_cmp(&y.0)).then_with(|| b.name.cmp(&a.name))
        });
    found.map(|(series, (_, inside, outside))| {
        let (channel, name) = match series.name.split_once(SEPARATOR) {
            Some((channel, network)) => (Some(channel.into()), network),
            None => (None, &*series.name),
        };
        WorstValue { channel, name: name.into(), inside, outside }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Points of buckets with 100 final messages and these delivered shares in percent.
    fn points(shares: &[u64]) -> Vec<(i64, Counts)> {
        (0_i64..).zip(shares).map(|(at, share)| (at * 300_000, [100, *share])).collect()
    }

    #[test]
    fn an_incident_is_found_with_its_start_and_end() {
        let mut shares = vec![92; 60];
        shares[40..47].fill(70);
        let (range, _) = search(&points(&shares)).unwrap();
        assert_eq!(range, 40 * 300_000..46 * 300_000);
        let mut shares = vec![90; 60];
        shares[59] = 40;
        assert_eq!(search(&points(&shares)).unwrap().0, 59 * 300_000..59 * 300_000);
    }

    #[test]
    fn a_share_that_falls_a_little_or_rises_is_not_an_incident() {
        let mut shares = vec![92; 60];
        shares[30..].fill(86);
        assert_eq!(search(&points(&shares)), None);
        assert_eq!(search(&points(&[92; 60])), None);
        assert_eq!(search(&points(&[0; 60])), None);
        assert_eq!(search(&points(&[])), None);
    }

    #[test]
    fn few_messages_are_not_an_incident() {
        let points: Vec<(i64, Counts)> =
            (0..20).map(|at| (at, if at == 19 { [6, 0] } else { [6, 6] })).collect();
        assert_eq!(search(&points), None);
    }

    #[test]
    fn chance_is_not_an_incident() {
        for seed in 0_u64..300 {
            let (mut state, share) = (seed, seed % 99 + 1);
            let mut delivered = || {
                let draw = |_: &u64| {
                    state = crate::splitmix::mix(state.wrapping_add(crate::splitmix::STEP));
                    state % 100 < share
                };
                (0..30).filter(draw).count() as u64
            };
            let points: Vec<(i64, Counts)> = (0..200).map(|at| (at, [30, delivered()])).collect();
            assert_eq!(search(&points), None, "{seed}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn a_deep_fall_is_found_exactly_to_the_bucket(from in 10_i64..80, length in 3_i64..20) {
            let points: Vec<(i64, Counts)> = (0..100)
                .map(|at| (at, [50, if (from..from + length).contains(&at) { 20 } else { 45 }]))
                .collect();
            let (range, _) = search(&points).unwrap();
            prop_assert_eq!(range, from..(from + length).min(100) - 1);
        }
    }
}
