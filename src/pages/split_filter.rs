//! The filters by which the rows of a crowded range can be split.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::model::{Channel, Log, StatusGroup};
use crate::query::{FILTERS, Filter, Form, Query};

/// A filter by which rows can be split. Status groups come first, because only they are a closed set.
#[derive(Clone, Copy)]
pub(super) struct SplitFilter {
    filter: &'static Filter,
    /// Its place in the order in which the filters are tried.
    pub(super) turn: u8,
}

/// The maximum number of unpublished values of one filter, the most frequent ones, that are requested:
/// a sender or a bulk of a few rows is not worth a request.
const MAX_SEEN_VALUES: usize = 64;

impl SplitFilter {
    /// The filters to try after another one, in order; all of them after `None`.
    pub(super) fn after(previous: Option<Self>) -> Vec<Self> {
        let all =
            FILTERS.iter().filter_map(|filter| Some(Self { filter, turn: filter.split_turn? }));
        let is_later = |next: &Self| previous.is_none_or(|previous| next.turn > previous.turn);
        let mut later: Vec<_> = all.filter(is_later).collect();
        later.sort_unstable_by_key(|filter| filter.turn);
        later
    }

    /// Whether the query does not set this filter.
    pub(super) fn is_open(self, query: &Query) -> bool {
        let is_this = |name: &str| name.eq_ignore_ascii_case(self.filter.parameter);
        let is_named = query.extra.iter().any(|(name, _)| is_this(name));
        !is_named && self.filter.values(query).is_empty()
    }

    /// The query, narrowed to one value. An unpublished status group is sent as it is.
    pub(super) fn narrow(self, query: &Query, value: &str) -> Query {
        let mut query = query.clone();
        self.filter.set(&mut query, &[value.to_owned()]);
        if self.is_open(&query) {
            query.extra.push((self.filter.parameter.to_owned(), value.to_owned()));
        }
        query
    }

    /// The value of a row; empty if it has none.
    pub(super) fn value_of(self, log: &Log) -> Cow<'_, str> {
        self.filter.value_of(log)
    }

    /// The published values of the filter; empty if no list of them is published.
    fn published(self) -> Vec<&'static str> {
        match self.filter.form {
            Form::Channel => Channel::ALL.map(Channel::as_str).to_vec(),
            // In the order in which a message passes through them, so that a message that changes its
            // group meanwhile is received twice rather than missed.
            Form::StatusGroup => StatusGroup::ALL.map(StatusGroup::as_str).to_vec(),
            _ => Vec::new(),
        }
    }

    /// The values by which to split these rows.
    pub(super) fn values<'a>(self, rows: impl Iterator<Item = &'a Log>) -> SplitValues {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for log in rows {
            *seen.entry(self.value_of(log).into_owned()).or_default() += 1;
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
        // The vendor adds channels from time to time, but not status groups.
        let is_closed = self.filter.form == Form::StatusGroup && list.len() == published.len();
        SplitValues { list, is_complete: is_closed && !without }
    }
}

/// The values by which rows are split.
pub(super) struct SplitValues {
    /// Each value, and whether one of the rows has it.
    pub(super) list: Vec<(String, bool)>,
    /// Whether no row can have another value: the list is closed, and each of the rows has a value
    /// from it.
    pub(super) is_complete: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_form(form: Form) -> SplitFilter {
        let all = SplitFilter::after(None);
        all.into_iter().find(|split| split.filter.form == form).unwrap()
    }

    fn row(channel: &str, sender: &str) -> Log {
        Log::read(format!(r#"{{"channel":"{channel}","from":"{sender}"}}"#), |_| ())
    }

    #[test]
    fn unpublished_channels_that_were_seen_are_requested_too() {
        let rows = [row("RCS", ""), row("sms", "")];
        let values = of_form(Form::Channel).values(rows.iter());
        assert_eq!(values.list.len(), Channel::ALL.len() + 1);
        assert_eq!(values.list.first(), Some(&("SMS".into(), true)));
        assert_eq!(values.list.last(), Some(&("RCS".into(), true)));
        assert!(!values.is_complete, "there may be channels that no row shows");
        let narrowed = of_form(Form::Channel).narrow(&Query::default(), "RCS");
        assert_eq!(narrowed.channels, ["RCS"]);
        assert!(!of_form(Form::Channel).is_open(&narrowed));
    }

    #[test]
    fn values_that_are_only_known_from_rows_are_never_complete() {
        let rows = [row("SMS", "b"), row("SMS", "a"), row("SMS", "a"), row("SMS", "")];
        let values = of_form(Form::Party).values(rows.iter());
        assert_eq!(values.list, [("a".into(), true), ("b".into(), true)]);
        assert!(!values.is_complete);
    }

    #[test]
    fn status_groups_are_complete_unless_a_row_has_none_or_an_unknown_one() {
        let row =
            |group: &str| Log::read(format!(r#"{{"status":{{"groupName":"{group}"}}}}"#), |_| ());
        let is_complete = |groups: &[&str]| {
            let rows: Vec<_> = groups.iter().map(|group| row(group)).collect();
            of_form(Form::StatusGroup).values(rows.iter()).is_complete
        };
        assert!(is_complete(&["PENDING", "delivered"]));
        assert!(!is_complete(&["PENDING", ""]));
        assert!(!is_complete(&["PENDING", "SEEN"]));
    }

    #[test]
    fn a_filter_that_is_set_is_not_open() {
        let query = Query {
            channels: vec![Channel::Sms.to_string()],
            extra: vec![("generalstatus".into(), "SEEN".into())],
            ..Query::default()
        };
        let open = |filter: &SplitFilter| filter.is_open(&query);
        let open: Vec<_> = SplitFilter::after(None).into_iter().filter(open).collect();
        let names: Vec<_> = open.iter().map(|split| split.filter.parameter).collect();
        assert_eq!(names, ["mcc", "mnc", "from", "bulkId"]);
        let later: Vec<_> = SplitFilter::after(open.get(1).copied());
        assert_eq!(
            later.iter().map(|split| split.filter.noun).collect::<Vec<_>>(),
            ["sender", "bulk id"]
        );
    }
}
