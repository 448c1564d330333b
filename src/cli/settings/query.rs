//! The filters that were typed become a checked question.

use chrono::{DateTime, Utc};
use omnilogs::pages::Wanted;
use omnilogs::zone::Zone;
use omnilogs::{Query, Timestamp};

use super::ids::ids;
use crate::args::FilterArgs;
use crate::failure::Failure;
use crate::time_input;
use crate::time_input::moment_text;

/// A checked question, and what a person should know about it.
#[derive(Debug)]
pub(crate) struct Question {
    /// What is asked.
    pub(crate) query: Query,
    /// How much of the answer is wanted.
    pub(crate) wanted: Wanted,
    /// What may surprise.
    pub(crate) warnings: Vec<String>,
}

/// Checks every filter; nothing is sent when one is refused.
pub(crate) fn question(
    args: &FilterArgs,
    now: DateTime<Utc>,
    zone: Zone,
) -> Result<Question, Failure> {
    let FilterArgs {
        channel,
        status,
        from,
        to,
        since,
        until,
        limit,
        all,
        message_id,
        bulk_id,
        mcc,
        mnc,
        param,
        strict,
    } = args;
    let time = |flag: &str, text: &Option<String>| match text {
        Some(text) => time_input::parse(text, now, zone).map(Some).map_err(|mut failure| {
            failure.message = format!("{flag}: {}", failure.message);
            failure
        }),
        None => Ok(None),
    };
    let since = time("--since", since)?;
    let until = time("--until", until)?;
    let warnings = range_warnings(since, until, now, zone)?;
    if let (true, Some(first)) = (*strict, warnings.first()) {
        return Err(Failure::usage(first.clone()).because("--strict was given"));
    }
    let wanted = match (all, limit) {
        (true, _) => Wanted::All,
        (false, Some(limit)) if *limit > u64::from(Query::MOST_ROWS) => Wanted::Rows(*limit),
        _ => Wanted::OnePage,
    };
    let query = Query {
        from: party("--from", from.as_deref())?,
        to: party("--to", to.as_deref())?,
        bulk_ids: ids("--bulk-id", bulk_id)?,
        message_ids: ids("--message-id", message_id)?,
        status: *status,
        since,
        until,
        limit: match wanted {
            Wanted::OnePage => limit.and_then(|limit| u32::try_from(limit).ok()),
            Wanted::Rows(_) | Wanted::All => None,
        },
        mcc: mcc.clone(),
        mnc: mnc.clone(),
        channel: *channel,
        extra: param.clone(),
    };
    Ok(Question { query, wanted, warnings })
}

/// A sender or destination: text, not empty, and no date.
fn party(flag: &str, text: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(text) = text else { return Ok(None) };
    if text.trim().is_empty() {
        return Err(Failure::usage(format!("{flag} is empty"))
            .hint(format!("{flag} takes a number, a name or an address; leave it out for any")));
    }
    if looks_like_a_date(text) {
        let (meant, what) =
            if flag == "--from" { ("--since", "a sender") } else { ("--until", "a destination") };
        return Err(Failure::usage(format!("{flag} is {what}; did you mean {meant}?"))
            .hint(format!("{meant} {}", text.get(..10).unwrap_or_default())));
    }
    Ok(Some(text.to_owned()))
}

fn looks_like_a_date(text: &str) -> bool {
    text.get(..10).is_some_and(|date| {
        date.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
    })
}

/// What is wrong or doubtful about a range.
fn range_warnings(
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    now: DateTime<Utc>,
    zone: Zone,
) -> Result<Vec<String>, Failure> {
    let mut warnings = Vec::new();
    let now_at = Timestamp::from(now);
    let earliest = Query::kept_since(now_at);
    if let (Some(since), Some(until)) = (since, until)
        && since.millis() > until.millis()
    {
        return Err(Failure::usage("--since is later than --until")
            .because(format!("since {}, until {}", since.to_wire(), until.to_wire()))
            .hint("swap the two"));
    }
    let old = |moment: Timestamp| moment.millis() < earliest.millis();
    if until.is_some_and(old) || since.is_some_and(old) {
        warnings.push(format!(
            "the API keeps logs for {} hours; messages sent before {} cannot be shown",
            Query::KEPT_HOURS,
            moment_text(earliest, zone)
        ));
    }
    if since.is_some_and(|since| since.millis() > now_at.millis()) {
        warnings.push("--since lies in the future; there is nothing to show yet".to_owned());
    } else if until.is_some_and(|until| until.millis() > now_at.millis()) {
        warnings.push("--until lies in the future; messages are shown up to now".to_owned());
    }
    Ok(warnings)
}
