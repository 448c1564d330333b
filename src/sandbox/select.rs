//! Selects the messages that match the parameters of a request. Writes no bodies.

use std::ops::ControlFlow;

use super::parameters::RequestParameters;
use super::traffic::{ApiRow, PlannedMessage, Traffic};

/// The rows that match at a time (milliseconds since 1970), newest first.
pub(super) fn rows(traffic: &mut Traffic, query: &RequestParameters, now: i64) -> Vec<ApiRow> {
    let mut found: Vec<ApiRow> = Vec::new();
    traffic.visit(now, &(query.since..=query.until), |message| {
        if matches(query, message, now) {
            found.push(message.row(now));
        }
        if found.len() < query.limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    found
}

/// Whether a message matches every filter; the cheapest comparisons come first.
fn matches(query: &RequestParameters, message: &PlannedMessage, now: i64) -> bool {
    let RequestParameters { from, to, bulk_ids, message_ids, status, mcc, mnc, channel, .. } =
        query;
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

/// A mobile country code always has three digits (ITU-T E.212); the rest is the network code.
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
