//! The sentences at the end of a run: how many messages were shown, and what is missing.
//!
//! Values of destinations and senders are never quoted, since such a sentence may be copied into a
//! ticket.

use chrono::{DateTime, NaiveDate, Utc};
use omnilogs::model::Anomalies;
use omnilogs::pump::RunOutcome;
use omnilogs::query::{Extent, FILTERS, Filter, Form};
use omnilogs::redaction;
use omnilogs::source::Gap;
use omnilogs::zone::Zone;
use omnilogs::{Anomaly, Field, Query, SourceKind, Timestamp};

use crate::args::public_id;
use crate::session::archive_reading::ArchiveState;
use crate::session::outcomes::{OutcomeCounts, outcomes_text};
use crate::session::rerun_command::RerunCommand;
use crate::text::{count, counted, quoted};
use crate::time_input::{format_time, short_time_text, time_text};

/// The figures of a run that its summary and its manifest state.
pub(crate) struct RunTotals<'a> {
    pub(crate) query: &'a Query,
    pub(crate) outcome: &'a RunOutcome,
    /// Rows that reached the format.
    pub(crate) rows_shown: u64,
    /// Rows that an earlier, interrupted run had written.
    pub(crate) rows_before: u64,
    /// Rows that local filters removed.
    pub(crate) held_back: u64,
    /// Whether the run ended because as many rows matched the local filters as were wanted.
    pub(crate) has_enough: bool,
    /// The outcomes of the shown messages, where they were counted.
    pub(crate) outcomes: Option<OutcomeCounts>,
    pub(crate) zone: Zone,
    /// The day of the run, in that zone.
    pub(crate) today: NaiveDate,
    /// The kind of source of the rows.
    pub(crate) kind: SourceKind,
    /// How complete the archive is; `None` for another source.
    pub(crate) archive: Option<ArchiveState>,
    /// The command that requests a part of the window again.
    pub(crate) rerun: &'a RerunCommand,
}

/// The line that ends a listing.
pub(crate) fn line(totals: &RunTotals<'_>) -> String {
    let report = &totals.outcome.report;
    let messages = counted(totals.rows_shown, "message");
    let mut parts = vec![match totals.outcomes.as_ref().and_then(outcomes_text) {
        Some(outcomes) => format!("{messages}: {outcomes}"),
        None => messages,
    }];
    if let Some(reached) = report.reached.filter(|_| totals.outcome.rows > 0) {
        // With a local filter it is not the time of a message that was shown.
        let word = if totals.held_back > 0 { "back to" } else { "oldest" };
        parts.push(format!("{word} {}", short_time_text(reached, totals.zone, totals.today)));
    }
    parts.extend(removed(totals.held_back, totals.outcome.rows.saturating_sub(totals.held_back)));
    if report.pages > 1 {
        parts.push(counted(report.pages, "page"));
    }
    if report.duplicates > 0 {
        parts.push(format!("{} dropped", counted(report.duplicates, "duplicate")));
    }
    if totals.rows_before > 0 {
        parts.push(format!("after {} of an earlier run", counted(totals.rows_before, "row")));
    }
    parts.extend(from_archive(totals));
    if !report.gaps.is_empty() {
        parts.push("incomplete".to_owned());
    }
    parts.join(" · ")
}

/// How many rows the local filters removed; `None` when they removed none.
pub(crate) fn removed(held_back: u64, kept: u64) -> Option<String> {
    let (removed, read) = (count(held_back), count(held_back + kept));
    (held_back > 0).then(|| format!("{removed} of {read} removed by local filters"))
}

/// Says that the rows come from the archive, and up to when it is complete; `None` for another source.
pub(crate) fn from_archive(totals: &RunTotals<'_>) -> Option<String> {
    let is_complete = totals.outcome.report.gaps.is_empty() && totals.outcome.failure.is_none();
    Some(totals.archive?.sentence(is_complete, totals.zone, totals.today))
}

/// The limit that is suggested after a page of a smaller one.
const SUGGESTED_ROWS: u64 = 200;

/// The next steps to suggest after a listing.
pub(crate) fn next_steps(totals: &RunTotals<'_>) -> Option<String> {
    let more = if is_cut(totals) {
        let requested = requested(totals.query);
        let more =
            if requested < SUGGESTED_ROWS { SUGGESTED_ROWS } else { requested.saturating_mul(4) };
        Some(format!("-n {more} or --all"))
    } else {
        let wanted = totals.rows_shown.saturating_mul(4);
        totals.has_enough.then(|| format!("-n {wanted}"))
    };
    next_line(totals.outcomes.as_ref(), totals.query, totals.rerun, more)
}

/// Whether there may be older messages than those of the page that was requested.
fn is_cut(totals: &RunTotals<'_>) -> bool {
    // A file has no default limit: all of it is read.
    let is_page = totals.kind != SourceKind::File && totals.query.extent == Extent::OnePage;
    is_page && totals.outcome.rows >= requested(totals.query)
}

/// How many rows a query requests.
fn requested(query: &Query) -> u64 {
    u64::from(query.limit.unwrap_or(Query::DEFAULT_ROWS))
}

/// The next steps to suggest about messages: a command that shows one of them, and options to add to
/// the command that listed them.
pub(crate) fn next_line(
    outcomes: Option<&OutcomeCounts>,
    query: &Query,
    rerun: &RerunCommand,
    more: Option<String>,
) -> Option<String> {
    let example = outcomes.and_then(|outcomes| outcomes.example.as_deref());
    let show = example.and_then(|id| rerun.show(id));
    let has_failed_among_others = outcomes
        .is_some_and(|outcomes| outcomes.failed > 0 && outcomes.delivered + outcomes.pending > 0);
    let failed = has_failed_among_others && query.statuses.is_empty();
    let failed = failed.then(|| "--failed".to_owned());
    let steps: Vec<_> = [show, failed, more].into_iter().flatten().collect();
    (!steps.is_empty()).then(|| format!("next: {}", steps.join(" · ")))
}

/// The most ids that a sentence names.
const MAX_NAMED_IDS: usize = 20;

/// The sentence about the ids of the query that have no row; `None` when each has one.
pub(crate) fn ids_without_rows(totals: &RunTotals<'_>) -> Option<String> {
    let ids = &totals.outcome.report.ids_without_rows;
    let ids_of_query = totals.query.message_ids.len() + totals.query.bulk_ids.len();
    let named: Vec<_> = ids.iter().take(MAX_NAMED_IDS).map(|id| public_id(id)).collect();
    let more = match ids.len().saturating_sub(MAX_NAMED_IDS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let all = counted(ids_of_query as u64, "id");
    (!ids.is_empty())
        .then(|| format!("no message has {} of {all}: {}{more}", ids.len(), named.join(", ")))
}

/// The sentence for a response without rows: the window and the filters.
pub(crate) fn no_messages(totals: &RunTotals<'_>, now: DateTime<Utc>) -> String {
    let sent = sent_with(totals.query, totals.kind, totals.zone, now);
    if totals.held_back == 0 {
        return format!("no messages {sent}");
    }
    let newest = if is_cut(totals) { "the newest " } else { "" };
    let looked_at = counted(totals.held_back, "message");
    format!("no message matches the local filters: looked at {newest}{looked_at} {sent}")
}

/// The window and the filters of a query, as the end of a sentence about messages.
pub(crate) fn sent_with(query: &Query, kind: SourceKind, zone: Zone, now: DateTime<Utc>) -> String {
    let shown = |time: Timestamp| time_text(time, zone);
    let kept = kind.retention().zip(kind.kept_since(now.into()));
    let since = match (query.since, kept) {
        (Some(since), _) => format!("since {}", shown(since)),
        (None, Some((retention, kept))) => {
            format!("since {} ({} hours)", shown(kept), retention.as_secs() / 3600)
        }
        (None, None) => "at any time".to_owned(),
    };
    let until = query.until.map(|until| format!(" until {}", shown(until))).unwrap_or_default();
    let filters = filters(query);
    let with =
        if filters.is_empty() { String::new() } else { format!(" with {}", filters.join(", ")) };
    format!("sent {since}{until}{with}")
}

/// The sentence for a follow that showed nothing: the filters, as they were sent.
pub(crate) fn no_followed_messages(query: &Query) -> String {
    let filters = filters(query);
    let with =
        if filters.is_empty() { String::new() } else { format!(" with {}", filters.join(", ")) };
    format!("no messages were shown{with}")
}

/// The filters of a query, safe to show.
fn filters(query: &Query) -> Vec<String> {
    let sent = FILTERS.iter().filter_map(|filter| {
        let (noun, value) = (filter.noun, filter.value(query)?);
        Some(match filter.form {
            Form::Since | Form::Until | Form::Limit => return None,
            Form::Ids => counted(value.split(',').count() as u64, noun),
            // The value that was sent, which can differ from the typed one.
            Form::Party if filter.values(query).len() > 1 => parties(filter, &filter.values(query)),
            Form::Party if is_number(&value) => format!("{noun} {}", hidden(filter, &value)),
            Form::Party => format!("the given {noun}"),
            _ => match filter.public_value(query) {
                Some(value) => format!("{noun} {value}"),
                None => format!("{noun} {}", quoted(&value)),
            },
        })
    });
    sent.chain(query.extra.iter().map(|(name, _)| format!("parameter {name}"))).collect()
}

/// The most phone numbers that a sentence names.
const MAX_NAMED_NUMBERS: usize = 3;

/// How many senders or destinations there are, and the first phone numbers among them.
fn parties(filter: &Filter, values: &[String]) -> String {
    let all = counted(values.len(), filter.noun);
    let numbers = values.iter().filter(|value| is_number(value)).take(MAX_NAMED_NUMBERS);
    let named: Vec<_> = numbers.map(|number| hidden(filter, number)).collect();
    if named.is_empty() {
        return all;
    }
    let more = match values.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{all} ({}{more})", named.join(", "))
}

/// A phone number as `--redact` shows it.
fn hidden(filter: &Filter, number: &str) -> String {
    if filter.field == Some(Field::From) {
        redaction::redact_sender(number)
    } else {
        redaction::redact_destination(number)
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The anomalies of the responses, one sentence each: the warnings, or those that only `-v` shows.
pub(crate) fn anomalies(met: &Anomalies, warnings: bool) -> Vec<String> {
    met.iter()
        .filter(|(anomaly, _, _)| anomaly.is_warning() == warnings)
        .map(|(anomaly, count, first)| sentence(anomaly, count, first))
        .collect()
}

fn sentence(anomaly: Anomaly, count: u64, first: u64) -> String {
    let explanation = anomaly.explanation();
    if anomaly.is_about_response() {
        return explanation.to_owned();
    }
    let (rows, at) = match (count, first) {
        (1, 0) => ("a row".to_owned(), String::new()),
        (1, row) => (format!("row {row}"), String::new()),
        (count, 0) => (counted(count, "row"), String::new()),
        (count, row) => (counted(count, "row"), format!(" (row {row} first)")),
    };
    format!("{rows} {explanation}{at}")
}

/// A missing time range and its reason, as a clause.
pub(crate) fn missing(gap: &Gap, zone: Zone) -> String {
    // To the millisecond, since many messages can have the same time.
    let shown = |time: Timestamp| format_time(time, zone, "%Y-%m-%d %H:%M:%S%.3f %:z");
    let since = gap.since.map_or("the start of the window".to_owned(), shown);
    let until = gap.until.map_or("now".to_owned(), shown);
    let held = match gap.at_least {
        0 => String::new(),
        count => format!(", which has at least {}", counted(count, "message")),
    };
    if gap.since.is_none() && gap.until.is_none() {
        return format!("at any time{held}: {}", gap.reason);
    }
    if gap.since == gap.until {
        return format!("at {until}{held}: {}", gap.reason);
    }
    format!("from {since} to {until}{held}: {}", gap.reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_a_query_are_named_masked_and_no_more_than_three() {
        let named = |to: &[&str]| {
            let mut query = Query::default();
            query.to = to.iter().map(|&number| number.to_owned()).collect();
            filters(&query).join(", ")
        };
        let (one, two) = ("447700900123", "447700900456");
        assert_eq!(named(&[one]), "destination 44********23");
        assert_eq!(named(&[one, two]), "2 destinations (44********23, 44********56)");
        assert_eq!(
            named(&[one, "jane@example.com", two, one, two]),
            "5 destinations (44********23, 44********56, 44********23 and 2 more)"
        );
        assert_eq!(named(&["jane@example.com", "joe@example.com"]), "2 destinations");
    }
}
