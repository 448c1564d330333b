//! Parses the parameters of a request, checks them as the API does, and selects the messages that
//! match. Does not write bodies.
//!
//! The names are those of the table of filters. This module does not use the table to read values and to
//! select messages, so that a mistake in one of the two is not hidden by the same mistake in the other.

use std::fmt;
use std::ops::ControlFlow;

use chrono::{DateTime, FixedOffset};
use percent_encoding::percent_decode_str;

use crate::query::{Filter, Form};

use super::traffic::{ApiRow, GROUPS, PlannedMessage, Traffic, TrafficChannel, parse_uuid};

/// The number of rows per response without `limit`, from the documentation of the API.
const DEFAULT_LIMIT: usize = 50;
/// The most rows per response, from the documentation of the API; a larger limit is reduced to it.
const MAX_LIMIT: usize = 1000;
/// The greatest length of a list of ids in characters, including commas.
const MAX_LIST_LENGTH: usize = 2048;

/// The parsed parameters of a request. `None` matches every message.
pub(super) struct RequestParameters {
    from: Option<String>,
    to: Option<String>,
    /// Without ids that are not UUIDs, because no message has such an id.
    bulk_ids: Option<Vec<u128>>,
    message_ids: Option<Vec<u128>>,
    /// The name of a status group.
    status: Option<&'static str>,
    /// Inclusive, in milliseconds since 1970.
    since: i64,
    /// Inclusive, in milliseconds since 1970.
    until: i64,
    limit: usize,
    mcc: Option<String>,
    mnc: Option<String>,
    channel: Option<TrafficChannel>,
}

impl Default for RequestParameters {
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            bulk_ids: None,
            message_ids: None,
            status: None,
            since: i64::MIN,
            until: i64::MAX,
            limit: DEFAULT_LIMIT,
            mcc: None,
            mnc: None,
            channel: None,
        }
    }
}

/// Why a parameter is refused. Names the parameter and what it accepts, never its value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InvalidParameter {
    parameter: &'static str,
    accepts: String,
}

impl fmt::Display for InvalidParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} : {}]", self.parameter, self.accepts)
    }
}

/// Parses the query string of a URL.
pub(super) fn parse(text: &str) -> Result<RequestParameters, InvalidParameter> {
    let mut query = RequestParameters::default();
    let mut given = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = decode(key);
        // The API ignores unknown parameters, too.
        let known = key.as_deref().and_then(Filter::of_parameter);
        let Some(Filter { parameter: name, form, .. }) = known else { continue };
        let refused =
            |accepts: &str| InvalidParameter { parameter: name, accepts: accepts.to_owned() };
        let is_list = *form == Form::Ids;
        if given.contains(&name) && !is_list {
            return Err(refused("may be given once only"));
        }
        given.push(name);
        let value = decode(value).ok_or_else(|| refused("must be encoded UTF-8"))?;
        if value.is_empty() {
            return Err(refused("must not be empty"));
        }
        query.set(name, value).map_err(|accepts| InvalidParameter { parameter: name, accepts })?;
    }
    Ok(query)
}

impl RequestParameters {
    /// Sets a parameter. The error says what the parameter accepts.
    fn set(&mut self, name: &str, value: String) -> Result<(), String> {
        match name {
            "from" => self.from = Some(value),
            "to" => self.to = Some(value),
            "bulkId" => add_ids(&mut self.bulk_ids, &value)?,
            "messageId" => add_ids(&mut self.message_ids, &value)?,
            "generalStatus" => self.status = Some(group(&value)?),
            "sentSince" => self.since = time(&value)?,
            "sentUntil" => self.until = time(&value)?,
            "limit" => self.limit = limit(&value)?,
            "mcc" => self.mcc = Some(digits(value, 3..=3)?),
            "mnc" => self.mnc = Some(digits(value, 2..=3)?),
            "channel" => self.channel = Some(channel(&value)?),
            _ => return Err("is not supported by the sandbox".to_owned()),
        }
        Ok(())
    }

    /// The rows that match at a time (milliseconds since 1970), newest first.
    pub(super) fn rows(&self, traffic: &mut Traffic, now: i64) -> Vec<ApiRow> {
        let mut found: Vec<ApiRow> = Vec::new();
        traffic.visit(now, &(self.since..=self.until), |message| {
            if self.matches(message, now) {
                found.push(message.row(now));
            }
            if found.len() < self.limit {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        found
    }

    /// Whether a message matches every filter. The cheapest comparisons are first.
    fn matches(&self, message: &PlannedMessage, now: i64) -> bool {
        let Self { from, to, bulk_ids, message_ids, status, mcc, mnc, channel, .. } = self;
        channel.is_none_or(|channel| channel == message.channel())
            && from.as_ref().is_none_or(|from| from == message.from())
            && message_ids.as_ref().is_none_or(|ids| ids.contains(&message.message_id()))
            && bulk_ids
                .as_ref()
                .is_none_or(|ids| message.bulk_id().is_some_and(|bulk| ids.contains(&bulk)))
            && in_network(message, mcc.as_deref(), mnc.as_deref())
            && status.is_none_or(|group| group == message.state(now).status.group_name)
            && to.as_ref().is_none_or(|to| *to == message.destination())
    }
}

/// Whether the message was sent to a network with these codes. A mobile country code always has three
/// digits (ITU-T E.212); the rest is the network code.
fn in_network(message: &PlannedMessage, mcc: Option<&str>, mnc: Option<&str>) -> bool {
    if mcc.is_none() && mnc.is_none() {
        return true;
    }
    message.network().and_then(|network| network.split_at_checked(3)).is_some_and(
        |(country, network)| {
            mcc.is_none_or(|mcc| mcc == country) && mnc.is_none_or(|mnc| mnc == network)
        },
    )
}

/// Decodes percent-encoded form data, in which a plus sign is a space. `None` when the result is not
/// UTF-8.
fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

fn add_ids(ids: &mut Option<Vec<u128>>, list: &str) -> Result<(), String> {
    if list.chars().count() > MAX_LIST_LENGTH {
        return Err(format!("accepts lists of at most {MAX_LIST_LENGTH} characters"));
    }
    ids.get_or_insert_default().extend(list.split(',').filter_map(parse_uuid));
    Ok(())
}

fn group(value: &str) -> Result<&'static str, String> {
    let known = GROUPS.into_iter().find(|group| *group == value);
    known.ok_or_else(|| format!("must be one of {}", GROUPS.join(", ")))
}

fn channel(value: &str) -> Result<TrafficChannel, String> {
    let names = TrafficChannel::ALL.map(TrafficChannel::name).join(", ");
    TrafficChannel::named(value).ok_or_else(|| format!("must be one of {names}"))
}

/// Parses RFC 3339, and the form of the API, in which the UTC offset has no colon. Returns milliseconds
/// since 1970.
fn time(value: &str) -> Result<i64, String> {
    let rfc: Result<DateTime<FixedOffset>, _> = DateTime::parse_from_rfc3339(value);
    rfc.or_else(|_| DateTime::parse_from_str(value, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .map(|time| time.timestamp_millis())
        .map_err(|_| "must be a time as 2015-02-23T17:40:31.773+01:00".to_owned())
}

fn limit(value: &str) -> Result<usize, String> {
    let limit: u32 = value.parse().map_err(|_| "must be a whole number from 1".to_owned())?;
    if limit == 0 {
        return Err("must be a whole number from 1".to_owned());
    }
    Ok(usize::try_from(limit).map_or(MAX_LIMIT, |limit| limit.min(MAX_LIMIT)))
}

fn digits(value: String, length: std::ops::RangeInclusive<usize>) -> Result<String, String> {
    if length.contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(value);
    }
    let (low, high) = length.into_inner();
    Err(if low == high {
        format!("must have {low} digits")
    } else {
        format!("must have {low} or {high} digits")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::FILTERS;

    #[test]
    fn every_filter_of_the_table_is_supported() {
        for filter in FILTERS {
            let refused = parse(&format!("{}=%20", filter.parameter)).err();
            let is_unsupported = refused.is_some_and(|why| why.accepts.contains("not supported"));
            assert!(!is_unsupported, "{}", filter.parameter);
        }
    }

    #[test]
    fn without_parameters_the_newest_fifty_are_requested() {
        let query = parse("").unwrap();
        assert_eq!((query.limit, query.since, query.until), (50, i64::MIN, i64::MAX));
    }

    #[test]
    fn a_limit_above_the_maximum_is_reduced_to_it() {
        assert_eq!(parse("limit=1000").unwrap().limit, 1000);
        assert_eq!(parse("limit=1001").unwrap().limit, 1000);
        assert_eq!(parse("limit=7").unwrap().limit, 7);
    }

    #[test]
    fn a_time_is_parsed_in_every_documented_form() {
        for form in [
            "2015-02-23T17%3A40%3A31.773%2B01%3A00",
            "2015-02-23T17:40:31.773%2B0100",
            "2015-02-23T16:40:31.773Z",
            "2015-02-23T11:40:31.773-05:00",
        ] {
            assert_eq!(parse(&format!("sentSince={form}")).unwrap().since, 1_424_709_631_773);
        }
        assert_eq!(parse("sentUntil=2015-02-23T16:40:31Z").unwrap().until, 1_424_709_631_000);
    }

    #[test]
    fn the_error_for_an_invalid_value_says_what_the_parameter_accepts() {
        for (text, parameter) in [
            ("limit=0", "limit"),
            ("limit=-1", "limit"),
            ("limit=many", "limit"),
            ("limit=99999999999", "limit"),
            ("channel=PIGEON", "channel"),
            ("channel=sms", "channel"),
            ("generalStatus=DONE", "generalStatus"),
            ("sentSince=2015-02-23", "sentSince"),
            ("sentSince=2015-02-23T17:40:31.773+01:00", "sentSince"),
            ("sentSince=2015-02-23T17:40:31.773%252B01:00", "sentSince"),
            ("sentUntil=2015-02-30T17:40:31Z", "sentUntil"),
            ("mcc=22", "mcc"),
            ("mnc=1", "mnc"),
            ("mnc=ab", "mnc"),
            ("from=", "from"),
            ("to", "to"),
            ("to=%FF", "to"),
            ("channel=SMS&channel=PUSH", "channel"),
        ] {
            let refused = parse(text).map(|_| ()).unwrap_err();
            assert_eq!(refused.parameter, parameter, "{text}");
            assert!(refused.to_string().starts_with(&format!("[{parameter} : m")), "{refused}");
        }
        let list = format!("bulkId={}", "a".repeat(MAX_LIST_LENGTH + 1));
        assert_eq!(parse(&list).map(|_| ()).unwrap_err().parameter, "bulkId");
    }

    #[test]
    fn ids_may_be_listed_and_repeated() {
        let [a, b, c] =
            ["1", "2", "3"].map(|nth| format!("00000000-0000-4000-8000-00000000000{nth}"));
        let query = parse(&format!("messageId={a},{b}&messageId={c}&bulkId=none")).unwrap();
        assert_eq!(query.message_ids.map(|ids| ids.len()), Some(3));
        assert_eq!(query.bulk_ids, Some(Vec::new()));
    }

    #[test]
    fn unknown_parameters_are_ignored() {
        assert_eq!(parse("bulkid=x&page=&%FF=1&limit=3").unwrap().limit, 3);
    }
}
