//! The one table of the filters: how each is sent and typed, which rows fit it, and whether its
//! value is personal data.
//!
//! Requests, saved files, the sandbox, summaries and manifests are loops over it. A new filter is a
//! field of [`Query`], a row here, and an option of the program.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Query, phone_number};
use crate::model::{Channel, Field, Log, StatusGroup, Timestamp};

/// Whether a row fits one filter of a query.
pub(super) type RowTest = Arc<dyn Fn(&Log) -> bool + Send + Sync>;

/// A filter of the API.
#[derive(Debug)]
pub struct Filter {
    /// The name of the query parameter.
    pub parameter: &'static str,
    /// The option of the program.
    pub flag: &'static str,
    /// What a message calls it.
    pub noun: &'static str,
    /// Which values it takes.
    pub form: Form,
    /// Whether its value is personal data, which no message, log or manifest may hold.
    pub is_personal: bool,
    values: fn(&Query) -> Vec<String>,
    set: fn(&mut Query, &str),
    row_test: fn(&Query) -> Option<RowTest>,
}

/// Which values a filter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// A sender or a destination: a phone number, a name, an address, another id.
    Party,
    /// A list of ids.
    Ids,
    /// A status group.
    StatusGroup,
    /// A channel.
    Channel,
    /// The digits of a mobile country or network code.
    NetworkCode,
    /// An end of the time range.
    Time,
    /// The number of rows of a response, which no row fits or misses.
    Limit,
}

/// Every filter, in the order of the API's page.
///
/// That page calls one parameter `bulkid` in its table and `bulkId` in its examples; the examples
/// work.
pub static FILTERS: [Filter; 11] = [
    Filter {
        parameter: "from",
        flag: "--from",
        noun: "sender",
        form: Form::Party,
        is_personal: true,
        values: |query| query.from.iter().cloned().collect(),
        set: |query, value| query.from = Some(value.to_owned()),
        row_test: |query| party(query.from.as_deref()?, Field::From),
    },
    Filter {
        parameter: "to",
        flag: "--to",
        noun: "destination",
        form: Form::Party,
        is_personal: true,
        values: |query| query.to.clone(),
        set: |query, value| query.to = vec![value.to_owned()],
        row_test: |query| any(query.to.iter().filter_map(|to| party(to, Field::To)).collect()),
    },
    Filter {
        parameter: "bulkId",
        flag: "--bulk-id",
        noun: "bulk id",
        form: Form::Ids,
        is_personal: false,
        values: |query| query.bulk_ids.clone(),
        set: |query, value| query.bulk_ids = vec![value.to_owned()],
        row_test: |query| ids(&query.bulk_ids, Field::BulkId),
    },
    Filter {
        parameter: "messageId",
        flag: "--message-id",
        noun: "message id",
        form: Form::Ids,
        is_personal: false,
        values: |query| query.message_ids.clone(),
        set: |query, value| query.message_ids = vec![value.to_owned()],
        row_test: |query| ids(&query.message_ids, Field::MessageId),
    },
    Filter {
        parameter: "generalStatus",
        flag: "--status",
        noun: "status",
        form: Form::StatusGroup,
        is_personal: false,
        values: |query| query.statuses.iter().map(ToString::to_string).collect(),
        set: |query, value| query.statuses = StatusGroup::parse(value).into_iter().collect(),
        row_test: |query| {
            let groups = query.statuses.clone();
            if groups.is_empty() {
                return None;
            }
            test(move |log| log.status_group().is_some_and(|group| groups.contains(&group)))
        },
    },
    Filter {
        parameter: "sentSince",
        flag: "--since",
        noun: "since",
        form: Form::Time,
        is_personal: false,
        values: |query| query.since.map(Timestamp::to_wire).into_iter().collect(),
        set: |query, value| query.since = Timestamp::parse(value),
        // A row without a readable time of sending fits no time range.
        row_test: |query| {
            let since = query.since?.millis();
            test(move |log| log.sent_at().is_some_and(|sent| sent.millis() >= since))
        },
    },
    Filter {
        parameter: "sentUntil",
        flag: "--until",
        noun: "until",
        form: Form::Time,
        is_personal: false,
        values: |query| query.until.map(Timestamp::to_wire).into_iter().collect(),
        set: |query, value| query.until = Timestamp::parse(value),
        row_test: |query| {
            let until = query.until?.millis();
            test(move |log| log.sent_at().is_some_and(|sent| sent.millis() <= until))
        },
    },
    Filter {
        parameter: "limit",
        flag: "--limit",
        noun: "limit",
        form: Form::Limit,
        is_personal: false,
        values: |query| query.limit.iter().map(ToString::to_string).collect(),
        set: |query, value| query.limit = value.parse().ok(),
        row_test: |_| None,
    },
    Filter {
        parameter: "mcc",
        flag: "--mcc",
        noun: "mcc",
        form: Form::NetworkCode,
        is_personal: false,
        values: |query| query.mcc.iter().cloned().collect(),
        set: |query, value| query.mcc = Some(value.to_owned()),
        row_test: |query| network(query.mcc.clone()?, |network| network.0),
    },
    Filter {
        parameter: "mnc",
        flag: "--mnc",
        noun: "mnc",
        form: Form::NetworkCode,
        is_personal: false,
        values: |query| query.mnc.iter().cloned().collect(),
        set: |query, value| query.mnc = Some(value.to_owned()),
        row_test: |query| network(query.mnc.clone()?, |network| network.1),
    },
    Filter {
        parameter: "channel",
        flag: "--channel",
        noun: "channel",
        form: Form::Channel,
        is_personal: false,
        values: |query| query.channels.clone(),
        set: |query, value| {
            let channel = Channel::parse(value).map(|channel| channel.to_string());
            query.channels = channel.into_iter().collect();
        },
        row_test: |query| any(query.channels.iter().cloned().filter_map(channel).collect()),
    },
];

impl Filter {
    /// The filter of a query parameter.
    #[must_use]
    pub fn of_parameter(name: &str) -> Option<&'static Self> {
        FILTERS.iter().find(|filter| filter.parameter == name)
    }

    /// The values of a query, of which a row fits any; empty when it does not filter by this.
    #[must_use]
    pub fn values(&self, query: &Query) -> Vec<String> {
        (self.values)(query)
    }

    /// The same with commas between them; `None` when the query does not filter by this.
    #[must_use]
    pub fn value(&self, query: &Query) -> Option<String> {
        let values = self.values(query);
        (!values.is_empty()).then(|| values.join(","))
    }

    /// The same, if a message may contain it: it is not personal data, not an id, and not a word
    /// that only a saved file knows.
    #[must_use]
    pub fn public_value(&self, query: &Query) -> Option<String> {
        let value = self.value(query)?;
        match self.form {
            Form::Party | Form::Ids => None,
            Form::Channel => {
                let is_known = |channel: &String| Channel::parse(channel).is_some();
                query.channels.iter().all(is_known).then_some(value)
            }
            Form::StatusGroup | Form::NetworkCode | Form::Time | Form::Limit => Some(value),
        }
    }

    /// Sets the value of a query to one that a row has, or clears it where the API does not know
    /// that value.
    pub(crate) fn set(&self, query: &mut Query, value: &str) {
        (self.set)(query, value);
    }

    /// Which rows fit the value of a query; `None` when all do.
    pub(super) fn row_test(&self, query: &Query) -> Option<RowTest> {
        (self.row_test)(query)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what a row of the table returns")]
fn test(test: impl Fn(&Log) -> bool + Send + Sync + 'static) -> Option<RowTest> {
    Some(Arc::new(test))
}

/// Whether a row fits any of these; `None` for none of them.
fn any(tests: Vec<RowTest>) -> Option<RowTest> {
    match <[RowTest; 1]>::try_from(tests) {
        Ok([only]) => Some(only),
        Err(none) if none.is_empty() => None,
        Err(tests) => test(move |log| tests.iter().any(|fits| fits(log))),
    }
}

fn channel(channel: String) -> Option<RowTest> {
    test(move |log| log.cell(Field::Channel).into_text().eq_ignore_ascii_case(&channel))
}

fn ids(ids: &[String], field: Field) -> Option<RowTest> {
    if ids.is_empty() {
        return None;
    }
    let ids: HashSet<String> = ids.iter().cloned().collect();
    test(move |log| ids.contains(&*log.cell(field).into_text()))
}

fn network(code: String, part: for<'a> fn((&'a str, &'a str)) -> &'a str) -> Option<RowTest> {
    test(move |log| part(split_network(&log.cell(Field::Mccmnc).into_text())) == code)
}

/// A sender or a destination: the same text, or the same phone number, which a saved row may hold
/// in another notation.
fn party(text: &str, field: Field) -> Option<RowTest> {
    let text = text.to_owned();
    let number = phone_number(&text).ok().flatten();
    test(move |log| {
        let cell = log.cell(field).into_text();
        if *cell == text {
            return true;
        }
        let Some(number) = &number else { return false };
        // Nearly every cell is digits alone, which need no reading.
        if cell.bytes().all(|byte| byte.is_ascii_digit()) && !cell.starts_with('0') {
            return *cell == *number;
        }
        phone_number(&cell).is_ok_and(|read| read.as_ref() == Some(number))
    })
}

/// Mobile country code (always three digits, ITU-T E.212) and network code of a `mccmnc`.
#[must_use]
pub(crate) fn split_network(mccmnc: &str) -> (&str, &str) {
    mccmnc.split_at_checked(3).unwrap_or((mccmnc, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_sent_and_only_personal_or_typed_values_stay_private() {
        let examples = [
            "InfoSMS",
            "41793026727",
            "b1",
            "m1",
            "PENDING",
            "2026-11-25T10:00:00.000+00:00",
            "2026-11-25T11:00:00.000+00:00",
            "20",
            "228",
            "01",
            "SMS",
        ];
        for (filter, example) in FILTERS.iter().zip(examples) {
            let mut query = Query::default();
            assert_eq!(filter.value(&query), None, "{}", filter.parameter);
            filter.set(&mut query, example);
            assert_eq!(filter.value(&query).as_deref(), Some(example));
            let is_public = filter.public_value(&query).is_some();
            assert_eq!(is_public, !matches!(filter.form, Form::Party | Form::Ids), "{example}");
            assert!(!filter.is_personal || !is_public);
        }
    }

    #[test]
    fn a_word_that_is_not_a_channel_of_the_api_is_not_shown() {
        let channel = Filter::of_parameter("channel").unwrap();
        for channels in [vec!["+385911234567".into()], vec!["SMS".into(), "+385911234567".into()]] {
            let query = Query { channels, ..Query::default() };
            assert_eq!(channel.public_value(&query), None);
            assert!(channel.value(&query).is_some());
        }
    }

    #[test]
    fn several_values_are_shown_with_commas_between_them() {
        let query = Query {
            channels: vec!["SMS".into(), "PUSH".into()],
            statuses: vec![StatusGroup::Pending, StatusGroup::Accepted],
            ..Query::default()
        };
        let shown = |name| Filter::of_parameter(name).unwrap().public_value(&query);
        assert_eq!(shown("channel").as_deref(), Some("SMS,PUSH"));
        assert_eq!(shown("generalStatus").as_deref(), Some("PENDING,ACCEPTED"));
    }
}
