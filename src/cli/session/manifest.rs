//! `--manifest`: what was asked and found, as JSON; the proof, or the lack, of completeness.
//!
//! It holds no phone number and no message text: senders, destinations and parameters that this
//! tool does not know are named, not quoted.

use std::io::Write;
use std::path::Path;

use omnilogs::query::Parameter;
use omnilogs::source::Gap;
use omnilogs::{Oddity, Query, Timestamp};
use serde_json::{Value, json};

use crate::failure::{Failure, Kind};
use crate::io::digest::Meter;
use crate::io::output::{Output, ended_by_writing};
use crate::session::summary::Facts;

/// Parameters whose values are safe to keep.
const SAFE: [&str; 9] = [
    "bulkId",
    "messageId",
    "generalStatus",
    "sentSince",
    "sentUntil",
    "limit",
    "mcc",
    "mnc",
    "channel",
];

/// Writes the manifest of a run into `to`, whole or not at all; `output` is where its rows are.
pub(crate) fn write(
    mut to: Output,
    facts: &Facts<'_>,
    meter: &Meter,
    output: Option<&Path>,
) -> Result<(), Failure> {
    let text = format!("{:#}\n", manifest(facts, meter, output));
    let written = match to.write_all(text.as_bytes()) {
        Ok(()) => to.close(true),
        Err(error) => ended_by_writing(error, to),
    };
    written.map_err(|why| {
        Failure::new(Kind::Local, "the manifest cannot be written").because(why.message)
    })
}

fn manifest(facts: &Facts<'_>, meter: &Meter, output: Option<&Path>) -> Value {
    let account = &facts.delivered.account;
    let moment = |moment: Option<Timestamp>| moment.map(Timestamp::to_wire);
    // Null in place of the rows does not say that there are none.
    let proven = account.gaps.is_empty() && !account.oddities.has(Oddity::NullResults);
    json!({
        "tool": concat!("omnilogs ", env!("CARGO_PKG_VERSION")),
        "complete": facts.delivered.failure.is_none() && proven,
        "query": query(facts.query),
        "window": { "since": moment(account.since), "until": moment(account.until) },
        "reached": moment(account.reached),
        "requests": account.requests,
        "pages": account.pages,
        "rows": facts.delivered.rows + facts.rows_before,
        "shown": facts.shown,
        "heldBack": facts.held_back,
        "duplicates": account.duplicates,
        "gaps": account.gaps.iter().map(gap).collect::<Vec<_>>(),
        "failure": facts.delivered.failure.as_ref().map(ToString::to_string),
        "output": {
            "file": output.map(|path| path.display().to_string()),
            "bytes": meter.bytes(),
            "sha256": meter.sha256(),
        },
    })
}

fn gap(gap: &Gap) -> Value {
    json!({
        "since": gap.since.map(Timestamp::to_wire),
        "until": gap.until.map(Timestamp::to_wire),
        "atLeast": gap.at_least,
        "reason": gap.reason,
    })
}

/// The parameters, those that may name a person without their values.
fn query(query: &Query) -> Vec<Value> {
    let shown = |parameter: &Parameter| SAFE.contains(&parameter.name.as_ref());
    query
        .parameters()
        .iter()
        .map(|p| json!({ "name": p.name, "value": shown(p).then_some(&p.value) }))
        .collect()
}
