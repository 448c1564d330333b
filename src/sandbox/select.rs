//! Which messages answer a query. Writes no bodies.

use std::ops::ControlFlow;

use super::query::Query;
use super::traffic::{Row, Sketch, Traffic};

/// The rows that answer a query at a moment (milliseconds since 1970), newest first.
pub(super) fn rows(traffic: &mut Traffic, query: &Query, now: i64) -> Vec<Row> {
    let mut found: Vec<Row> = Vec::new();
    traffic.visit(now, &(query.since..=query.until), |sketch| {
        if matches(query, sketch, now) {
            found.push(sketch.row(now));
        }
        if found.len() < query.limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    found
}

/// Whether a message passes every filter; what costs least is compared first.
fn matches(query: &Query, sketch: &Sketch, now: i64) -> bool {
    let Query { from, to, bulk_ids, message_ids, status, mcc, mnc, channel, .. } = query;
    channel.is_none_or(|channel| channel == sketch.channel())
        && from.as_ref().is_none_or(|from| from == sketch.from())
        && message_ids.as_ref().is_none_or(|ids| ids.contains(&sketch.message_id()))
        && bulk_ids
            .as_ref()
            .is_none_or(|ids| sketch.bulk_id().is_some_and(|bulk| ids.contains(&bulk)))
        && in_network(sketch, mcc.as_deref(), mnc.as_deref())
        && status.is_none_or(|group| group == sketch.state(now).status.group_name)
        && to.as_ref().is_none_or(|to| *to == sketch.destination())
}

/// A mobile country code always has three digits (ITU-T E.212); what follows is the network's.
fn in_network(sketch: &Sketch, mcc: Option<&str>, mnc: Option<&str>) -> bool {
    if mcc.is_none() && mnc.is_none() {
        return true;
    }
    sketch.network().and_then(|network| network.split_at_checked(3)).is_some_and(
        |(country, network)| {
            mcc.is_none_or(|mcc| mcc == country) && mnc.is_none_or(|mnc| mnc == network)
        },
    )
}
