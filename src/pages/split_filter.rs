//! The filters by which the rows of a crowded range can be split.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::model::{Channel, Field, Log, StatusGroup};
use crate::query::{Filter, Query, split_network};

/// A filter by which rows are split, in the order in which that is tried. Status groups come first:
/// they alone are a closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SplitFilter {
    Status,
    Channel,
    CountryCode,
    NetworkCode,
    Sender,
    Bulk,
}

/// A filter without a closed list of values is split by this many values at most, the most
/// frequent ones: a sender or a bulk of few rows is not worth a request each.
const MAX_SEEN_VALUES: usize = 64;

impl SplitFilter {
    pub(super) const ALL: [Self; 6] = [
        Self::Status,
        Self::Channel,
        Self::CountryCode,
        Self::NetworkCode,
        Self::Sender,
        Self::Bulk,
    ];

    /// The name of its parameter.
    const fn parameter(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Status => "generalStatus",
            Self::CountryCode => "mcc",
            Self::NetworkCode => "mnc",
            Self::Sender => "from",
            Self::Bulk => "bulkId",
        }
    }

    fn filter(self) -> Option<&'static Filter> {
        Filter::of_parameter(self.parameter())
    }

    /// Whether the query leaves this filter open.
    pub(super) fn is_open(self, query: &Query) -> bool {
        let is_named =
            query.extra.iter().any(|(name, _)| name.eq_ignore_ascii_case(self.parameter()));
        let is_set = self.filter().is_some_and(|filter| filter.value(query).is_some());
        !is_named && !is_set
    }

    /// The query narrowed to one value. A channel or status group that is not published is
    /// sent as it is.
    pub(super) fn narrow(self, query: &Query, value: &str) -> Query {
        let mut query = query.clone();
        if let Some(filter) = self.filter() {
            filter.set(&mut query, value);
        }
        if self.is_open(&query) {
            query.extra.push((self.parameter().to_owned(), value.to_owned()));
        }
        query
    }

    /// A row's value; empty when it has none.
    pub(super) fn of(self, log: &Log) -> Cow<'_, str> {
        let text = |field| log.cell(field).into_text();
        let network = || text(Field::Mccmnc);
        match self {
            Self::Channel => text(Field::Channel),
            Self::Status => log.status_group().map_or_else(
                || text(Field::StatusGroupName),
                |group| Cow::Borrowed(group.as_str()),
            ),
            Self::CountryCode => split_network(&network()).0.to_owned().into(),
            Self::NetworkCode => split_network(&network()).1.to_owned().into(),
            Self::Sender => text(Field::From),
            Self::Bulk => text(Field::BulkId),
        }
    }

    /// The published values; empty when there is no list of them.
    fn published(self) -> Vec<&'static str> {
        match self {
            Self::Channel => Channel::ALL.map(Channel::as_str).to_vec(),
            // In the order in which a message passes through them, so that one that moves on
            // meanwhile is met again rather than missed.
            Self::Status => StatusGroup::ALL.map(StatusGroup::as_str).to_vec(),
            _ => Vec::new(),
        }
    }

    /// The values to split by, each with whether a row has it.
    pub(super) fn values<'a>(self, rows: impl Iterator<Item = &'a Log>) -> SplitValues {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for log in rows {
            *seen.entry(self.of(log).into_owned()).or_default() += 1;
        }
        let without = seen.remove("").is_some();
        let published = self.published();
        let mut list: Vec<(String, bool)> = published
            .iter()
            .map(|value| {
                let same = |other: &String| other.eq_ignore_ascii_case(value);
                let spellings: Vec<_> = seen.keys().filter(|s| same(s)).cloned().collect();
                for spelling in &spellings {
                    seen.remove(spelling);
                }
                ((*value).to_owned(), !spellings.is_empty())
            })
            .collect();
        let mut other: Vec<_> = seen.into_iter().collect();
        other.sort_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
        list.extend(other.into_iter().take(MAX_SEEN_VALUES).map(|(value, _)| (value, true)));
        // Channels are added by the vendor from time to time; status groups are not.
        let is_closed = self == Self::Status && list.len() == published.len();
        SplitValues { list, is_whole: is_closed && !without }
    }
}

/// The values by which rows are split.
pub(super) struct SplitValues {
    /// Each value, and whether a row was seen to have it.
    pub(super) list: Vec<(String, bool)>,
    /// Whether no row can have another value: the list is closed, and every row seen has a value of
    /// it.
    pub(super) is_whole: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(channel: &str, sender: &str) -> Log {
        Log::read(format!(r#"{{"channel":"{channel}","from":"{sender}"}}"#), |_| ())
    }

    #[test]
    fn unpublished_channels_that_were_seen_are_requested_too() {
        let rows = [row("RCS", ""), row("sms", "")];
        let values = SplitFilter::Channel.values(rows.iter());
        assert_eq!(values.list.len(), Channel::ALL.len() + 1);
        assert_eq!(values.list.first(), Some(&("SMS".into(), true)));
        assert_eq!(values.list.last(), Some(&("RCS".into(), true)));
        assert!(!values.is_whole, "there may be channels that no row shows");
        let narrowed = SplitFilter::Channel.narrow(&Query::default(), "RCS");
        assert_eq!(narrowed.extra, [("channel".into(), "RCS".into())]);
        assert!(!SplitFilter::Channel.is_open(&narrowed));
    }

    #[test]
    fn values_that_are_only_known_from_rows_are_never_whole() {
        let rows = [row("SMS", "b"), row("SMS", "a"), row("SMS", "a"), row("SMS", "")];
        let values = SplitFilter::Sender.values(rows.iter());
        assert_eq!(values.list, [("a".into(), true), ("b".into(), true)]);
        assert!(!values.is_whole);
    }

    #[test]
    fn status_groups_are_whole_unless_a_row_has_none_or_an_unknown_one() {
        let row =
            |group: &str| Log::read(format!(r#"{{"status":{{"groupName":"{group}"}}}}"#), |_| ());
        let is_whole = |groups: &[&str]| {
            let rows: Vec<_> = groups.iter().map(|group| row(group)).collect();
            SplitFilter::Status.values(rows.iter()).is_whole
        };
        assert!(is_whole(&["PENDING", "delivered"]));
        assert!(!is_whole(&["PENDING", ""]));
        assert!(!is_whole(&["PENDING", "SEEN"]));
    }

    #[test]
    fn a_filter_that_is_set_is_not_open() {
        let query = Query {
            channels: vec![Channel::Sms.to_string()],
            extra: vec![("generalstatus".into(), "SEEN".into())],
            ..Query::default()
        };
        let open: Vec<_> =
            SplitFilter::ALL.into_iter().filter(|filter| filter.is_open(&query)).collect();
        assert_eq!(
            open,
            [
                SplitFilter::CountryCode,
                SplitFilter::NetworkCode,
                SplitFilter::Sender,
                SplitFilter::Bulk
            ]
        );
    }
}
