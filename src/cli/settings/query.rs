//! Checks the typed filters and builds the query.

use chrono::{DateTime, Utc};
use omnilogs::query::Extent;
use omnilogs::zone::Zone;
use omnilogs::{Query, SourceKind, Timestamp};

use super::filter_values::{channels, destinations, party, refuse_too_many_requests, statuses};
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
    let FilterArgs { channel, from, to, since, until, limit, mcc, mnc, param, strict, .. } = args;
    let FilterArgs { message_id, bulk_id, status: _, failed: _, delivered: _, pending: _, .. } =
        args;
    let ExtentArgs { all } = extent;
    let time = |flag: &str, text: &Option<String>| match text {
        Some(text) => time_input::parse(text, now, zone).map(Some).map_err(|mut failure| {
            failure.message = format!("{flag}: {}", failure.message);
            failure
        }),
        None => Ok(None),
    };
    let kind = source_kind(origin);
    let is_local = matches!(kind, SourceKind::File | SourceKind::Archive);
    if is_local && !param.is_empty() {
        let flag = if kind == SourceKind::File { "--input" } else { "--archive" };
        return Err(Failure::usage(format!("--param cannot be used with {flag}"))
            .because(format!("--param is sent to the API, and {flag} reads a file instead"))
            .hint(format!("omit --param, or omit {flag} to send the query to the API")));
    }
    let since = time("--since", since)?;
    let until = time("--until", until)?;
    let warnings = range_warnings((since, until), kind, now, zone)?;
    if let (true, Some(first)) = (*strict, warnings.first()) {
        return Err(Failure::usage(first.clone()).because("--strict was given"));
    }
    let mut query = Query::default();
    query.from = from.as_deref().map(|from| party("--from", from)).transpose()?;
    query.to = destinations(to)?;
    query.bulk_ids = ids("--bulk-id", bulk_id)?;
    query.message_ids = ids("--message-id", message_id)?;
    let extent = match (all, limit) {
        (true, _) => Extent::All,
        (false, Some(limit)) if *limit > u64::from(Query::MAX_ROWS) => Extent::Rows(*limit),
        (false, None) if names_many_ids(&query) => Extent::All,
        _ => Extent::OnePage,
    };
    query.statuses = statuses(args)?;
    query.since = since;
    query.until = until;
    if extent == Extent::OnePage {
        query.limit = limit.and_then(|limit| u32::try_from(limit).ok());
    }
    query.extent = extent;
    query.mcc.clone_from(mcc);
    query.mnc.clone_from(mnc);
    query.channels = channels(channel, is_local)?;
    query.extra.clone_from(param);
    if !is_local {
        refuse_too_many_requests(&query)?;
    }
    Ok((query, warnings))
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
    if since.is_some_and(|since| since.millis() > now_at.millis()) {
        warnings.push("--since is in the future, so no message can match yet".to_owned());
    } else if until.is_some_and(|until| until.millis() > now_at.millis()) {
        warnings.push("--until is in the future; messages up to now are shown".to_owned());
    }
    Ok(warnings)
}
