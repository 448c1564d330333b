//! The values of the options of `stats`: keys, width of the buckets, order of the groups.

use std::time::Duration;

use clap::ValueEnum;
use omnilogs::stats::{BucketWidth, Group, Key, Order, Summary};

use crate::failure::Failure;
use crate::text::{closest, quoted};
use crate::time_input;

/// The orders of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OrderName {
    /// The most failed messages first
    Failed,
    /// The lowest delivered share first
    Delivered,
    /// The most messages first
    Messages,
    /// The highest cost first
    Cost,
    /// The longest latency (p90) first
    Latency,
}

impl OrderName {
    fn order(self) -> Order {
        match self {
            Self::Failed => Order::Failed,
            Self::Delivered => Order::Delivered,
            Self::Messages => Order::Messages,
            Self::Cost => Order::Cost,
            Self::Latency => Order::Latency,
        }
    }
}

/// Which groups are shown, and in which order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct GroupChoice {
    pub(crate) sort: Option<OrderName>,
    /// The maximum number of groups that are shown.
    pub(crate) top: Option<usize>,
    /// Groups with fewer messages are left out.
    pub(crate) min: u64,
}

/// The numbers of groups that are not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct GroupsLeftOut {
    /// Groups with fewer messages than `--min`.
    pub(crate) small: u64,
    /// Groups beyond the maximum number of `--top`.
    pub(crate) beyond: u64,
}

impl GroupsLeftOut {
    pub(crate) fn total(self) -> u64 {
        self.small + self.beyond
    }
}

impl GroupChoice {
    /// Sorts the groups, and removes those that are not shown. Returns the numbers of removed groups.
    /// Without `--top`, at most `default_top` groups are shown.
    pub(crate) fn apply(self, summary: &mut Summary, default_top: Option<usize>) -> GroupsLeftOut {
        if let Some(sort) = self.sort {
            summary.sort(sort.order());
        }
        let mut left_out = GroupsLeftOut::default();
        let top = self.top.or(default_top).unwrap_or(usize::MAX);
        let by_time = self.sort.is_none() && summary.keys.first() == Some(&Key::Bucket);
        let has_enough = |group: &Group| group.figures.messages >= self.min;
        let count = summary.groups.iter().filter(|group| has_enough(group)).count();
        // By time, the newest buckets are shown.
        let skipped = if by_time { count.saturating_sub(top) } else { 0 };
        let mut rank = 0;
        summary.groups.retain(|group| {
            if !has_enough(group) {
                left_out.small += 1;
                return false;
            }
            rank += 1;
            let is_shown = rank > skipped && rank - skipped <= top;
            left_out.beyond += u64::from(!is_shown);
            is_shown
        });
        left_out
    }
}

/// Parses a list of keys.
///
/// # Errors
/// When a key is not known; the hints name all keys.
pub(crate) fn parse_keys(list: Option<&str>) -> Result<Vec<Key>, Failure> {
    let Some(list) = list else { return Ok(vec![Key::Channel]) };
    let mut keys = Vec::new();
    for name in list.split(',').map(str::trim) {
        let key = Key::parse(name).ok_or_else(|| unknown_key(name))?;
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(keys)
}

fn unknown_key(name: &str) -> Failure {
    let names = Key::ALL.map(Key::name);
    let failure = Failure::usage(if name.is_empty() {
        "--by: a key is empty".to_owned()
    } else {
        format!("--by: {} is not a key", quoted(name))
    });
    let failure = match closest(name, names) {
        _ if name.eq_ignore_ascii_case("hour") => failure.hint("use --by bucket --every 1h"),
        Some(meant) => failure.hint(format!("did you mean {meant}?")),
        None => failure,
    };
    failure.hint(format!("keys: {}", names.join(", ")))
}

/// Parses the width of the buckets.
pub(crate) fn every(text: &str) -> Result<BucketWidth, String> {
    let refused = || {
        let all: Vec<_> = BucketWidth::all().map(width_text).collect();
        format!("not a width of time buckets; the widths are {}", all.join(", "))
    };
    let duration = time_input::duration(text).map_err(|_| refused())?;
    let is_whole = duration.subsec_nanos() == 0 && duration.as_secs() % 60 == 0;
    let width = is_whole.then(|| BucketWidth::of_minutes(duration.as_secs() / 60)).flatten();
    width.ok_or_else(refused)
}

fn width_text(width: BucketWidth) -> String {
    match (width.minutes(), width.minutes() % 60) {
        (10080, _) => "7d".to_owned(),
        (1440, _) => "1d".to_owned(),
        (minutes, 0) => format!("{}h", minutes / 60),
        (minutes, _) => format!("{minutes}m"),
    }
}

/// A length of time as it is typed, in whole minutes: `35m`, `1h30m`, `24h`, `3d`.
pub(super) fn span_text(millis: i64) -> String {
    let minutes = millis / 60_000 + i64::from(millis % 60_000 > 0);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) if hours > 48 && hours % 24 == 0 => format!("{}d", hours / 24),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h{minutes}m"),
    }
}

/// Parses a number of groups.
pub(crate) fn top(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(top) if top > 0 => Ok(top),
        _ => Err("not a whole number of 1 or more".to_owned()),
    }
}

/// Parses the time between a window and the earlier one; `yesterday` is a day.
pub(crate) fn shift(text: &str) -> Result<Duration, String> {
    const MINUTE: Duration = Duration::from_secs(60);
    if text.trim().eq_ignore_ascii_case("yesterday") {
        return Ok(24 * 60 * MINUTE);
    }
    match time_input::duration(text) {
        Ok(shift) if shift >= MINUTE => Ok(shift),
        Ok(_) => Err("shorter than 1m".to_owned()),
        Err(_) => Err("not yesterday, and not a duration such as 1h or 1d".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_of_buckets_is_one_that_divides_a_day_or_a_week() {
        let minutes = |text: &str| every(text).map(BucketWidth::minutes);
        assert_eq!(["5m", "30m", "1h", "1d"].map(minutes).map(Result::unwrap), [5, 30, 60, 1440]);
        assert_eq!(minutes("7d").unwrap(), 10080);
        for text in ["7m", "90s", "5", "0m", "2d", "hour", "1h1s"] {
            let error = every(text).unwrap_err();
            assert!(
                error.ends_with(
                    "the widths are 5m, 10m, 15m, 20m, 30m, 1h, 2h, 3h, 4h, 6h, 8h, 12h, 1d, 7d"
                ),
                "{error}"
            );
        }
    }

    #[test]
    fn a_length_of_time_is_written_as_it_is_typed() {
        let text = |minutes: i64| span_text(minutes * 60_000);
        assert_eq!([35, 90, 1440, 4320].map(text), ["35m", "1h30m", "24h", "3d"]);
        assert_eq!(span_text(60_001), "2m");
    }

    #[test]
    fn a_comparison_is_with_yesterday_or_a_duration_before() {
        assert_eq!(shift("Yesterday").unwrap().as_secs(), 86_400);
        assert_eq!(shift("90m").unwrap().as_secs(), 5_400);
        for text in ["tomorrow", "", "10s", "-1h"] {
            assert!(shift(text).is_err(), "{text}");
        }
    }
}
