//! Checks the typed filters and builds the query.

use chrono::{DateTime, Utc};
use omnilogs::query::{Extent, Filter, Form};
use omnilogs::zone::Zone;
use omnilogs::{Query, SourceKind, Timestamp};

use super::filter_values::{channels, parties, refuse_too_many_requests, statuses};
use super::ids::ids;
use crate::args::{ExtentArgs, FilterArgs, OriginArgs};
use crate::failure::Failure;
use crate::time_input;
use crate::time_input::time_text;

/// The kind of source that the options select.
pub(crate) fn source_kind(origin: &OriginArgs) -> SourceKind {
    match (&origin.input, origin.server.sandbox) {
        _ if origin.archive.is_given() => SourceKind::Archive,
        (Some(_), _) => SourceKind::File,
        (None, Some(_)) => SourceKind::Sandbox,
        (None, None) => SourceKind::Api,
    }
}

/// Checks every filter, and builds the query for the selected source. Also returns warnings about it.
///
/// # Errors
/// When a filter is refused; nothing was sent.
pub(crate) fn query(
    args: &FilterArgs,
    extent: ExtentArgs,
    origin: &OriginArgs,
    now: DateTime<Utc>,
    zone: Zone,
) -> Result<(Query, Vec<String>), Failure> {
    let FilterArgs { param, strict, limit, .. } = args;
    let kind = source_kind(origin);
    let is_local = matches!(kind, SourceKind::File | SourceKind::Archive);
    if is_local && !param.is_empty() {
        let flag = if kind == SourceKind::File { "--input" } else { "--archive" };
        return Err(Failure::usage(format!("--param cannot be used with {flag}"))
            .because(format!("--param is sent to the API, and {flag} reads a file instead"))
            .hint(format!("omit --param, or omit {flag} to send the query to the API")));
    }
    let mut query = Query::default();
    for (flag, words) in args.words() {
        if let Some(filter) = Filter::of_flag(flag).filter(|_| !words.is_empty()) {
            set(&mut query, filter, &words, is_local, |word| time_input::parse(word, now, zone))?;
        }
    }
    query.extra.clone_from(param);
    query.extent = match (extent.all, limit) {
        (true, _) => Extent::All,
        (false, Some(limit)) if *limit > u64::from(Query::MAX_ROWS) => Extent::Rows(*limit),
        (false, None) if names_many_ids(&query) => Extent::All,
        _ => Extent::OnePage,
    };
    if query.extent != Extent::OnePage {
        query.limit = None;
    }
    let warnings = range_warnings((query.since, query.until), kind, now, zone)?;
    if let (true, Some(first)) = (*strict, warnings.first()) {
        return Err(Failure::usage(first.clone()).because("--strict was given"));
    }
    if !is_local {
        refuse_too_many_requests(&query)?;
    }
    Ok((query, warnings))
}

/// Checks the words of a filter and sets it.
fn set(
    query: &mut Query,
    filter: &Filter,
    words: &[String],
    is_local: bool,
    time: impl Fn(&str) -> Result<Timestamp, Failure>,
) -> Result<(), Failure> {
    let time = || {
        let first = words.first().map(|word| time(word));
        first.transpose().map_err(|mut failure| {
            failure.message = format!("{}: {}", filter.flag, failure.message);
            failure
        })
    };
    let values = match filter.form {
        Form::Since => return time().map(|time| query.since = time),
        Form::Until => return time().map(|time| query.until = time),
        Form::Party => parties(filter.flag, words)?,
        Form::Ids => ids(filter.flag, words)?,
        Form::StatusGroup => statuses(words)?,
        Form::Channel => channels(words, is_local)?,
        _ => words.to_vec(),
    };
    filter.set(query, &values);
    Ok(())
}

/// A message has a row for each channel that was tried, at most ten, so that the rows of this many
/// messages fit the default limit of 50.
const MAX_IDS_OF_ONE_PAGE: usize = 5;

/// Whether the rows of the ids may be more than the default limit. A query of ids returns all of their
/// rows.
fn names_many_ids(query: &Query) -> bool {
    !query.bulk_ids.is_empty() || query.message_ids.len() > MAX_IDS_OF_ONE_PAGE
}

/// Checks a time range; returns warnings about it.
fn range_warnings(
    (since, until): (Option<Timestamp>, Option<Timestamp>),
    kind: SourceKind,
    now: DateTime<Utc>,
    zone: Zone,
) -> Result<Vec<String>, Failure> {
    let mut warnings = Vec::new();
    let now_at = Timestamp::from(now);
    if let (Some(since), Some(until)) = (since, until)
        && since.millis() > until.millis()
    {
        return Err(Failure::usage("--since is later than --until")
            .because(format!("since {}, until {}", since.to_wire(), until.to_wire()))
            .hint("swap the two times"));
    }
    if let (Some(retention), Some(kept)) = (kind.retention(), kind.kept_since(now_at))
        && since.into_iter().chain(until).any(|time| time.millis() < kept.millis())
    {
        warnings.push(format!(
            "the API keeps logs for {} hours; messages sent before {} cannot be shown",
            retention.as_secs() / 3600,
            time_text(kept, zone)
        ));
    }
    let sent_until = kind.sent_until(now_at);
    let is_future = |time: Option<Timestamp>| {
        time.zip(sent_until).is_some_and(|(time, last)| time.millis() > last.millis())
    };
    if is_future(since) {
        warnings.push("--since is in the future, so no message can match yet".to_owned());
    } else if is_future(until) {
        warnings.push("--until is in the future; messages up to now are shown".to_owned());
    }
    Ok(warnings)
}
