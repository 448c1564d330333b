//! The filters: the fields of [`Query`], and the one table that says how each is sent and typed, which
//! rows fit it, and whether its value is personal data.
//!
//! Requests, saved files, the sandbox, the options of the program, summaries and manifests are loops
//! over the table. A new filter is a field of [`Query`], a row here, and an option of the program.

use std::borrow::Cow;

use super::Extent;
use crate::model::{Channel, Field, Log, StatusGroup, Timestamp};

/// Which messages are wanted. What is `None` or empty is not sent.
///
/// A list holds values of which a message fits any. The API takes ids as a list, and one
/// destination, status group and channel per request: [`Query::parts`] splits a query that has more.
///
/// ```
/// use omnilogs::{Query, StatusGroup};
///
/// let mut query = Query::default();
/// query.statuses = vec![StatusGroup::Rejected];
/// query.limit = Some(20);
/// let sent: Vec<_> = query.parameters().into_iter().map(|p| (p.name, p.value)).collect();
/// assert_eq!(sent[0], ("generalStatus".into(), "REJECTED".into()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Query {
    /// The sender.
    pub from: Option<String>,
    /// Destinations: phone numbers, e-mail addresses, push registrations or other ids.
    pub to: Vec<String>,
    /// Bulk ids, any of which a message may carry.
    pub bulk_ids: Vec<String>,
    /// Message ids, any of which a message may carry.
    pub message_ids: Vec<String>,
    /// Status groups.
    pub statuses: Vec<StatusGroup>,
    /// The earliest time of sending that is wanted.
    pub since: Option<Timestamp>,
    /// The latest time of sending that is wanted.
    pub until: Option<Timestamp>,
    /// The most rows of one response; the API sends 50 without it and 1000 at most.
    pub limit: Option<u32>,
    /// How many of the messages that fit are read. It is not sent: paging turns it into requests.
    pub extent: Extent,
    /// Mobile country code, digits.
    pub mcc: Option<String>,
    /// Mobile network code, digits.
    pub mnc: Option<String>,
    /// Channels, in any letter case. The API knows those of [`Channel`](crate::Channel); rows may
    /// name others.
    pub channels: Vec<String>,
    /// Parameters that this crate does not know, sent unchanged.
    pub extra: Vec<(String, String)>,
}

/// A filter of the API.
#[derive(Debug)]
pub struct Filter {
    /// The name of the query parameter.
    pub parameter: &'static str,
    /// The option of the program.
    pub flag: &'static str,
    /// What a message calls it.
    pub noun: &'static str,
    /// Which values it takes, and how a row fits one.
    pub form: Form,
    /// The field of a row that it is about; `None` for the number of rows.
    pub field: Option<Field>,
    /// Whether its value is personal data, which no message, log or manifest may hold.
    pub is_personal: bool,
    /// Its turn when the rows of a crowded range are split by their values. `None` for values that
    /// nearly every row has for itself.
    pub(crate) split_turn: Option<u8>,
    values: fn(&Query) -> Vec<String>,
    set: fn(&mut Query, &[String]),
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
    /// A mobile country code, three digits (ITU-T E.212).
    CountryCode,
    /// A mobile network code, two or three digits.
    NetworkCode,
    /// The start of the time range.
    Since,
    /// The end of the time range.
    Until,
    /// The number of rows of a response, which no row fits or misses.
    Limit,
}

/// Every filter, in the order of the API's page.
///
/// That page calls one parameter `bulkid` in its table and `bulkId` in its examples; the examples
/// work. Rows of a crowded range are split by status group first: that list alone is closed.
pub static FILTERS: &[Filter] = &[
    Filter {
        parameter: "from",
        flag: "--from",
        noun: "sender",
        form: Form::Party,
        field: Some(Field::From),
        is_personal: true,
        split_turn: Some(4),
        values: |query| query.from.iter().cloned().collect(),
        set: |query, values| query.from = values.first().cloned(),
    },
    Filter {
        parameter: "to",
        flag: "--to",
        noun: "destination",
        form: Form::Party,
        field: Some(Field::To),
        is_personal: true,
        split_turn: None,
        values: |query| query.to.clone(),
        set: |query, values| query.to = values.to_vec(),
    },
    Filter {
        parameter: "bulkId",
        flag: "--bulk-id",
        noun: "bulk id",
        form: Form::Ids,
        field: Some(Field::BulkId),
        is_personal: false,
        split_turn: Some(5),
        values: |query| query.bulk_ids.clone(),
        set: |query, values| query.bulk_ids = values.to_vec(),
    },
    Filter {
        parameter: "messageId",
        flag: "--message-id",
        noun: "message id",
        form: Form::Ids,
        field: Some(Field::MessageId),
        is_personal: false,
        split_turn: None,
        values: |query| query.message_ids.clone(),
        set: |query, values| query.message_ids = values.to_vec(),
    },
    Filter {
        parameter: "generalStatus",
        flag: "--status",
        noun: "status",
        form: Form::StatusGroup,
        field: Some(Field::StatusGroupName),
        is_personal: false,
        split_turn: Some(0),
        values: |query| query.statuses.iter().map(ToString::to_string).collect(),
        set: |query, values| {
            query.statuses = values.iter().filter_map(|value| StatusGroup::parse(value)).collect();
        },
    },
    Filter {
        parameter: "sentSince",
        flag: "--since",
        noun: "since",
        form: Form::Since,
        field: Some(Field::SentAt),
        is_personal: false,
        split_turn: None,
        values: |query| query.since.map(Timestamp::to_wire).into_iter().collect(),
        set: |query, values| query.since = values.first().and_then(|value| Timestamp::parse(value)),
    },
    Filter {
        parameter: "sentUntil",
        flag: "--until",
        noun: "until",
        form: Form::Until,
        field: Some(Field::SentAt),
        is_personal: false,
        split_turn: None,
        values: |query| query.until.map(Timestamp::to_wire).into_iter().collect(),
        set: |query, values| query.until = values.first().and_then(|value| Timestamp::parse(value)),
    },
    Filter {
        parameter: "limit",
        flag: "--limit",
        noun: "limit",
        form: Form::Limit,
        field: None,
        is_personal: false,
        split_turn: None,
        values: |query| query.limit.iter().map(ToString::to_string).collect(),
        set: |query, values| query.limit = values.first().and_then(|value| value.parse().ok()),
    },
    Filter {
        parameter: "mcc",
        flag: "--mcc",
        noun: "mcc",
        form: Form::CountryCode,
        field: Some(Field::Mccmnc),
        is_personal: false,
        split_turn: Some(2),
        values: |query| query.mcc.iter().cloned().collect(),
        set: |query, values| query.mcc = values.first().cloned(),
    },
    Filter {
        parameter: "mnc",
        flag: "--mnc",
        noun: "mnc",
        form: Form::NetworkCode,
        field: Some(Field::Mccmnc),
        is_personal: false,
        split_turn: Some(3),
        values: |query| query.mnc.iter().cloned().collect(),
        set: |query, values| query.mnc = values.first().cloned(),
    },
    Filter {
        parameter: "channel",
        flag: "--channel",
        noun: "channel",
        form: Form::Channel,
        field: Some(Field::Channel),
        is_personal: false,
        split_turn: Some(1),
        values: |query| query.channels.clone(),
        set: |query, values| query.channels = values.to_vec(),
    },
];

impl Filter {
    /// The filter of a query parameter.
    #[must_use]
    pub fn of_parameter(name: &str) -> Option<&'static Self> {
        FILTERS.iter().find(|filter| filter.parameter == name)
    }

    /// The filter of an option of the program.
    #[must_use]
    pub fn of_flag(flag: &str) -> Option<&'static Self> {
        FILTERS.iter().find(|filter| filter.flag == flag)
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
        let is_public = match self.form {
            Form::Party | Form::Ids => false,
            Form::Channel => self.values(query).iter().all(|value| Channel::parse(value).is_some()),
            Form::StatusGroup
            | Form::CountryCode
            | Form::NetworkCode
            | Form::Since
            | Form::Until
            | Form::Limit => true,
        };
        self.value(query).filter(|_| is_public && !self.is_personal)
    }

    /// Sets the values of a query, each in the form in which it is sent. A value that is not of that
    /// form is left out, and of several values a filter that takes one takes the first.
    pub fn set(&self, query: &mut Query, values: &[String]) {
        (self.set)(query, values);
    }

    /// What a row has where the filter has its value; empty when it has none.
    pub(crate) fn value_of<'a>(&self, log: &'a Log) -> Cow<'a, str> {
        let Some(field) = self.field else { return Cow::Borrowed("") };
        let text = || log.cell(field).into_text();
        match self.form {
            Form::CountryCode => part(text(), |mccmnc| split_network(mccmnc).0),
            Form::NetworkCode => part(text(), |mccmnc| split_network(mccmnc).1),
            Form::StatusGroup => {
                log.status_group().map_or_else(text, |group| Cow::Borrowed(group.as_str()))
            }
            _ => text(),
        }
    }
}

fn part(text: Cow<'_, str>, part: impl Fn(&str) -> &str) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(part(text)),
        Cow::Owned(text) => part(&text).to_owned().into(),
    }
}

/// Mobile country code (always three digits, ITU-T E.212) and network code of a `mccmnc`.
fn split_network(mccmnc: &str) -> (&str, &str) {
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
            filter.set(&mut query, &[example.to_owned()]);
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
