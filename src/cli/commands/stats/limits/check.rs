//! Compares the figures of a summary with the limits of `--fail-if`. Fractions and amounts are
//! compared exactly; only the texts of messages are rounded.

use std::cmp::Ordering;

use omnilogs::redaction;
use omnilogs::sink::{duration, printable};
use omnilogs::stats::{Cost, Figures, Group, Key, Summary, Value};
use omnilogs::visible::without_addresses;

use super::expression::{Limit, Metric, Threshold, WHOLE_SHARE};
use crate::commands::stats::figures::{costs, value_text};
use crate::failure::BrokenLimit;
use crate::text::{count, counted};

/// The maximum number of groups that a sentence names.
const MAX_NAMES: usize = 5;

/// The result of checking the limits.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// The limits that are broken, each with a sentence.
    pub(super) broken: Vec<(BrokenLimit, String)>,
    /// The limits that were not checked, and why, in one sentence each.
    pub(super) unchecked: Vec<String>,
}

/// Checks each limit on each group, or on all messages together. A group with fewer final messages
/// than `min` breaks no limit.
pub(super) fn check(limits: &[Limit], summary: &Summary, by_group: bool, min: u64) -> Verdict {
    let mut verdict = Verdict::default();
    for limit in limits {
        let mut skipped = SkippedGroups::default();
        if by_group {
            for group in groups(summary) {
                let of = Some((summary.keys.as_slice(), group));
                check_one(limit, of, &group.figures, min, (&mut verdict, &mut skipped));
            }
        } else {
            check_one(limit, None, &summary.total, min, (&mut verdict, &mut skipped));
        }
        verdict.unchecked.extend(skipped.sentences(limit, by_group, min));
        if by_group && summary.groups.is_empty() {
            verdict.unchecked.push(format!("{limit} was not checked: there are no messages"));
        }
    }
    if by_group && summary.overflow > 0 && !limits.is_empty() {
        let messages = counted(summary.overflow, "message");
        let text = format!("{messages} of too many groups were not checked by group");
        verdict.unchecked.push(text);
    }
    verdict
}

/// The groups without the one of all messages that have no group of their own.
fn groups(summary: &Summary) -> impl Iterator<Item = &Group> {
    summary.groups.iter().filter(|group| !group.values.contains(&Value::Other))
}

fn check_one(
    limit: &Limit,
    group: Option<(&[Key], &Group)>,
    figures: &Figures,
    min: u64,
    (verdict, skipped): (&mut Verdict, &mut SkippedGroups),
) {
    let name = || group.map(|(keys, group)| name_of(keys, group)).unwrap_or_default();
    if figures.finals < min {
        skipped.too_few.add(name, figures.finals);
        return;
    }
    let Some(figure) = measure(limit, figures) else {
        skipped.without_data.add(name, figures.messages);
        return;
    };
    if !limit.is_broken_by(figure.order) {
        return;
    }
    let before = group.map_or(String::new(), |_| format!("{}: ", name()));
    let sentence = format!("{before}{}; the limit is {limit}", figure.text);
    let broken = BrokenLimit {
        limit: limit.to_string(),
        group: group.map(|(keys, group)| values_of(keys, group)).unwrap_or_default(),
        value: figure.value,
        unit: figure.unit,
        messages: figures.messages,
        final_messages: figures.finals,
    };
    verdict.broken.push((broken, sentence));
}

/// The figure that a limit is about.
struct MeasuredFigure {
    /// How the figure compares with the threshold of the limit.
    order: Ordering,
    /// The figure in words.
    text: String,
    /// As [`BrokenLimit::value`].
    value: f64,
    /// As [`BrokenLimit::unit`].
    unit: String,
}

/// The figure that a limit is about; `None` without data for it.
fn measure(limit: &Limit, figures: &Figures) -> Option<MeasuredFigure> {
    let (delivered, failed) = (figures.delivered, figures.failed());
    let part = match limit.metric {
        Metric::Delivered => delivered,
        Metric::Failed => failed,
        Metric::Pending => figures.pending(),
        Metric::Messages => figures.messages,
        Metric::P50 | Metric::P90 | Metric::P99 | Metric::Cost => 0,
    };
    match &limit.threshold {
        Threshold::Count(threshold) => Some(MeasuredFigure {
            order: part.cmp(threshold),
            text: match limit.metric {
                Metric::Messages => counted(part, "message"),
                metric => format!("{} {}", count(part), metric.name()),
            },
            value: float(part),
            unit: "messages".to_owned(),
        }),
        Threshold::Share(threshold) => {
            let (whole, of) = match limit.metric {
                Metric::Pending => (figures.messages, "message"),
                _ => (figures.finals, "final message"),
            };
            share(limit, (part, whole), *threshold, of)
        }
        Threshold::Millis(threshold) => {
            let latency = figures.latency?;
            let millis = match limit.metric {
                Metric::P50 => latency.p50,
                Metric::P90 => latency.p90,
                _ => latency.p99,
            };
            let people = duration(i64::try_from(millis).unwrap_or(i64::MAX));
            Some(MeasuredFigure {
                order: millis.cmp(threshold),
                text: format!("{} is {people} ({millis} ms)", limit.metric.name()),
                value: float(millis),
                unit: "milliseconds".to_owned(),
            })
        }
        Threshold::Cost { amount, currency } => {
            let has_currency = |cost: &&Cost| {
                currency.as_deref().is_none_or(|currency| currency == &*cost.currency)
            };
            let candidates = || figures.cost.iter().filter(has_currency);
            let breaks = |cost: &&Cost| limit.is_broken_by(cost.amount.compare(amount));
            let cost = candidates().find(breaks).or_else(|| candidates().next())?;
            let texts = costs(std::slice::from_ref(cost));
            Some(MeasuredFigure {
                order: cost.amount.compare(amount),
                text: format!("cost {}", texts.join(" ")),
                value: cost.amount.to_string().parse().unwrap_or(f64::MAX),
                unit: printable(&cost.currency),
            })
        }
    }
}

fn share(
    limit: &Limit,
    (part, whole): (u64, u64),
    threshold: u64,
    noun: &str,
) -> Option<MeasuredFigure> {
    if whole == 0 {
        return None;
    }
    let (wide_part, wide_whole) = (u128::from(part), u128::from(whole));
    let order = (wide_part * u128::from(WHOLE_SHARE)).cmp(&(u128::from(threshold) * wide_whole));
    let percent = percent_beyond(limit, (wide_part, wide_whole), threshold);
    let of = format!("{} of {}", count(part), counted(whole, noun));
    Some(MeasuredFigure {
        order,
        text: format!("{percent} {} ({of})", limit.metric.name()),
        value: float(part) / float(whole),
        unit: "share".to_owned(),
    })
}

/// The share as a percentage, with as many decimal places as it needs to be on the same side of the
/// limit as the exact share: 94.96% is not shown as 95.0% where the limit is 95%.
fn percent_beyond(limit: &Limit, (part, whole): (u128, u128), threshold: u64) -> String {
    let mut text = String::new();
    for places in 1..=6 {
        let unit = 10_u128.pow(places);
        let rounded = (part * unit * 200 + whole) / (whole * 2);
        text = format!("{}.{:0width$}", rounded / unit, rounded % unit, width = places as usize);
        let scaled = rounded * 10_u128.pow(6 - places);
        if limit.is_broken_by(scaled.cmp(&u128::from(threshold))) {
            break;
        }
    }
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    format!("{trimmed}%")
}

#[expect(clippy::cast_precision_loss, reason = "a figure to look at; comparisons are exact")]
fn float(number: u64) -> f64 {
    number as f64
}

/// The keys of a group and their values: `channel SMS, country Croatia`.
fn name_of(keys: &[Key], group: &Group) -> String {
    let names = keys.iter().zip(&group.values).map(|(key, value)| {
        let text = match (key, value) {
            // Times and codes are not phone numbers, however many digits they have.
            (Key::Bucket | Key::BulkId | Key::Network | Key::Country, value) => {
                value_text(*key, value)
            }
            (Key::Sender, Value::Text(_)) => {
                printable(&redacted_value(*key, value).unwrap_or_default())
            }
            (_, value) => without_addresses(&value_text(*key, value)),
        };
        format!("{} {text}", key.name())
    });
    names.collect::<Vec<_>>().join(", ")
}

fn values_of(keys: &[Key], group: &Group) -> Vec<(&'static str, Option<String>)> {
    let values = keys.iter().zip(&group.values);
    values.map(|(key, value)| (key.name(), redacted_value(*key, value))).collect()
}

/// The text of a value, with phone numbers hidden: it goes to standard error, which is often kept in
/// logs. Standard output has the whole value.
fn redacted_value(key: Key, value: &Value) -> Option<String> {
    let text = value.text()?;
    Some(match key {
        Key::Sender => redaction::redact_sender(&text),
        Key::Bucket | Key::BulkId | Key::Network | Key::Country => text.into_owned(),
        _ => without_addresses(&text),
    })
}

/// The groups for which one limit was not checked.
#[derive(Default)]
struct SkippedGroups {
    too_few: GroupNames,
    without_data: GroupNames,
}

/// The number of some groups, and the names of the first of them.
#[derive(Default)]
struct GroupNames {
    groups: u64,
    first: Vec<String>,
    /// The messages of all of these groups.
    messages: u64,
}

impl GroupNames {
    fn add(&mut self, name: impl Fn() -> String, messages: u64) {
        self.groups += 1;
        self.messages += messages;
        if self.first.len() < MAX_NAMES {
            self.first.push(name());
        }
    }

    /// `for 7 groups (channel SMS; channel PUSH; 5 more)`.
    fn text(&self) -> String {
        let mut names = self.first.clone();
        let more = self.groups - names.len() as u64;
        if more > 0 {
            names.push(format!("{} more", count(more)));
        }
        format!("for {} ({})", counted(self.groups, "group"), names.join("; "))
    }
}

impl SkippedGroups {
    fn sentences(&self, limit: &Limit, by_group: bool, min: u64) -> Vec<String> {
        let mut sentences = Vec::new();
        let Self { too_few, without_data } = self;
        if too_few.groups > 0 {
            let few = format!("fewer than --min {min}");
            sentences.push(if by_group {
                format!("{limit} was not checked {}: {few} final messages", too_few.text())
            } else {
                let finals = counted(too_few.messages, "final message");
                format!("{limit} was not checked: {finals}, {few}")
            });
        }
        if without_data.groups > 0 {
            let reason = missing_data(limit);
            sentences.push(if by_group {
                format!("{limit} was not checked {}: {reason}", without_data.text())
            } else {
                format!("{limit} was not checked: {reason}")
            });
        }
        sentences
    }
}

/// The reason why a limit has no data.
fn missing_data(limit: &Limit) -> String {
    match (&limit.threshold, limit.metric) {
        (Threshold::Cost { currency: Some(currency), .. }, _) => {
            format!("no message has a price in {currency}")
        }
        (Threshold::Cost { currency: None, .. }, _) => "no message has a price".to_owned(),
        (Threshold::Millis(_), _) => "no message with a final status has a latency".to_owned(),
        (_, Metric::Pending) => "there are no messages".to_owned(),
        _ => "no message has a final status".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use omnilogs::Log;
    use omnilogs::sink::Sink as _;
    use omnilogs::stats::Stats;
    use omnilogs::zone::Zone;

    use super::*;

    /// `delivered` of `finals` messages of a channel, and some pending ones.
    fn rows(channel: &str, delivered: u64, finals: u64, pending: u64) -> Vec<String> {
        let row = |status: &str| {
            let group = status.split('_').next().unwrap();
            format!(
                r#"{{"channel":"{channel}","sentAt":"2026-11-22T10:00:00Z","doneAt":"2026-11-22T10:00:25.071Z","price":{{"pricePerMessage":0.01,"currency":"EUR"}},"status":{{"groupName":"{group}","name":"{status}"}}}}"#
            )
        };
        let of = |count: u64, status: &'static str| (0..count).map(move |_| row(status));
        of(delivered, "DELIVERED_TO_HANDSET")
            .chain(of(finals - delivered, "REJECTED_NETWORK"))
            .chain(of(pending, "PENDING_ENROUTE"))
            .collect()
    }

    fn summary(keys: &[Key], rows: &[String]) -> Summary {
        let mut stats = Stats::new(keys.to_vec(), Zone::UTC);
        for row in rows {
            stats.log(&Log::read(row.as_str(), |odd| panic!("{odd:?}"))).unwrap();
        }
        stats.summary()
    }

    fn verdict(limits: &[&str], summary: &Summary, by_group: bool, min: u64) -> Verdict {
        let limits: Vec<_> = limits.iter().map(|text| Limit::parse(text).unwrap()).collect();
        check(&limits, summary, by_group, min)
    }

    fn sentences(verdict: &Verdict) -> Vec<&str> {
        verdict.broken.iter().map(|(_, sentence)| sentence.as_str()).collect()
    }

    #[test]
    fn each_group_that_breaks_a_limit_is_named_with_its_value() {
        let all = [rows("SMS", 90, 100, 7), rows("PUSH", 99, 100, 0)].concat();
        let summary = summary(&[Key::Channel], &all);
        let broken = verdict(&["delivered<95%", "pending>6%"], &summary, true, 0);
        assert_eq!(
            sentences(&broken),
            [
                "channel SMS: 90% delivered (90 of 100 final messages); the limit is delivered<95%",
                "channel SMS: 6.5% pending (7 of 107 messages); the limit is pending>6%"
            ]
        );
        assert!(broken.unchecked.is_empty(), "{:?}", broken.unchecked);
        let (first, _) = &broken.broken[0];
        assert_eq!(first.group, [("channel", Some("SMS".to_owned()))]);
        assert!((first.value - 0.9).abs() < 1e-9);
        let total = verdict(&["delivered<95%"], &summary, false, 0);
        assert_eq!(
            sentences(&total),
            ["94.5% delivered (189 of 200 final messages); the limit is delivered<95%"]
        );
    }

    #[test]
    fn a_share_is_compared_exactly_and_shown_on_its_side_of_the_limit() {
        let summary = summary(&[Key::Channel], &rows("SMS", 9_499, 10_000, 0));
        assert_eq!(
            sentences(&verdict(&["delivered<95%"], &summary, false, 0)),
            ["94.99% delivered (9,499 of 10,000 final messages); the limit is delivered<95%"]
        );
        assert!(verdict(&["delivered<94.99%"], &summary, false, 0).broken.is_empty());
        assert_eq!(verdict(&["delivered<=94.99%"], &summary, false, 0).broken.len(), 1);
        assert_eq!(verdict(&["failed>=5.01%"], &summary, false, 0).broken.len(), 1);
        assert!(verdict(&["failed>5.01%"], &summary, false, 0).broken.is_empty());
    }

    #[test]
    fn counts_latencies_and_costs_are_compared_in_their_own_units() {
        let summary = summary(&[Key::Channel], &rows("SMS", 3, 4, 1));
        let limits = ["messages<6", "failed>=1", "p90>25s", "cost>=0.05", "cost>=0.05EUR"];
        assert_eq!(
            sentences(&verdict(&limits, &summary, false, 0)),
            [
                "5 messages; the limit is messages<6",
                "1 failed; the limit is failed>=1",
                "p90 is 25.1 s (25071 ms); the limit is p90>25s",
                "cost 0.05 EUR; the limit is cost>=0.05",
                "cost 0.05 EUR; the limit is cost>=0.05EUR"
            ]
        );
        let kept = ["messages<5", "failed>1", "p90>25071ms", "cost>0.05", "cost>0.05EUR"];
        assert!(verdict(&kept, &summary, false, 0).broken.is_empty());
    }

    #[test]
    fn what_has_no_data_or_too_few_final_messages_breaks_no_limit_and_is_named() {
        let all = [rows("SMS", 0, 3, 0), rows("PUSH", 0, 0, 2)].concat();
        let summary = summary(&[Key::Channel], &all);
        let few = verdict(&["delivered<95%"], &summary, true, 4);
        assert!(few.broken.is_empty());
        assert_eq!(
            few.unchecked,
            ["delivered<95% was not checked for 2 groups (channel SMS; channel PUSH): fewer than \
              --min 4 final messages"]
        );
        let empty = verdict(&["delivered<95%", "p90>1s", "cost>0USD"], &summary, true, 0);
        assert_eq!(empty.broken.len(), 2, "{:?}", sentences(&empty));
        assert_eq!(
            empty.unchecked,
            [
                "delivered<95% was not checked for 1 group (channel PUSH): no message has a final \
                 status",
                "p90>1s was not checked for 1 group (channel PUSH): no message with a final status \
                 has a latency",
                "cost>0USD was not checked for 2 groups (channel SMS; channel PUSH): no message \
                 has a price in USD"
            ]
        );
        let total = verdict(&["delivered<95%"], &summary, false, 4);
        assert_eq!(
            total.unchecked,
            ["delivered<95% was not checked: 3 final messages, fewer than --min 4"]
        );
    }

    #[test]
    fn without_messages_a_count_is_checked_and_a_share_is_not() {
        let summary = summary(&[Key::Channel], &[]);
        let total = verdict(&["messages<1", "delivered<95%"], &summary, false, 0);
        assert_eq!(sentences(&total), ["0 messages; the limit is messages<1"]);
        assert_eq!(
            total.unchecked,
            ["delivered<95% was not checked: no message has a final status"]
        );
        let groups = verdict(&["messages<1"], &summary, true, 0);
        assert!(groups.broken.is_empty());
        assert_eq!(groups.unchecked, ["messages<1 was not checked: there are no messages"]);
    }

    #[test]
    fn a_sender_that_is_a_phone_number_is_masked() {
        let row = r#"{"from":"447700900123","status":{"name":"REJECTED_NETWORK"}}"#.to_owned();
        let summary = summary(&[Key::Sender], &[row]);
        let broken = verdict(&["delivered<95%"], &summary, true, 0);
        let (limit, sentence) = &broken.broken[0];
        assert!(sentence.starts_with("sender 44"), "{sentence}");
        for text in [sentence, limit.group[0].1.as_ref().unwrap()] {
            assert!(!text.contains("7700900"), "{text}");
        }
    }

    #[test]
    fn many_groups_are_counted_and_the_first_are_named() {
        let row = |at| format!(r#"{{"bulkId":"b{at}","status":{{"name":"PENDING_ENROUTE"}}}}"#);
        let summary = summary(&[Key::BulkId], &(0..1000).map(row).collect::<Vec<_>>());
        let unchecked = verdict(&["delivered<95%"], &summary, true, 0).unchecked;
        assert_eq!(unchecked.len(), 1);
        assert!(unchecked[0].contains("for 1,000 groups (bulkId b0; "), "{unchecked:?}");
        assert!(unchecked[0].contains("; 995 more): no message"), "{unchecked:?}");
    }
}
