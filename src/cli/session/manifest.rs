//! `--manifest`: the query, the figures of its result, and whether the result is complete, as JSON.
//!
//! It contains no phone number and no message text: senders, destinations and unknown parameters
//! have a name and no value.

use std::io::{self, Write};
use std::path::Path;

use omnilogs::query::{Filter, Form, Parameter};
use omnilogs::sink::SinkError;
use omnilogs::source::Gap;
use omnilogs::{Query, Timestamp};
use serde_json::{Value, json};

use crate::args::{LocalFilterArgs, public_id};
use crate::failure::{Failure, Kind};
use crate::io::digest::OutputDigest;
use crate::io::output::{Output, ended_by_writing};
use crate::session::checkpoint::Progress;
use crate::session::rerun_command::{PublicValue, public_local_filters};
use crate::session::summary::RunTotals;

/// The manifest of a run.
pub(crate) struct Manifest<'a> {
    /// The file of `--manifest`; `None` writes nothing.
    pub(crate) file: Option<Output>,
    pub(crate) totals: &'a RunTotals<'a>,
    pub(crate) local: &'a LocalFilterArgs,
    /// The part of the output that an earlier run wrote.
    pub(crate) before: &'a Progress,
    pub(crate) digest: &'a OutputDigest,
    /// The file that holds the rows; `None` for standard output.
    pub(crate) output: Option<&'a Path>,
    /// Whether the output exists: a file exists once it is in its place, a stream in any case.
    pub(crate) has_output: bool,
}

/// Why rows are missing from the output after an error of its sink.
pub(crate) fn unwritten(error: &SinkError) -> &'static str {
    match error {
        SinkError::Io(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            "the reader of the output closed the pipe"
        }
        _ => "the output could not be written",
    }
}

impl Manifest<'_> {
    /// Writes the manifest, completely or not at all. `unwritten` is why rows are missing from the
    /// output.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(mut self, unwritten: Option<&str>) -> Result<(), Failure> {
        let Some(mut to) = self.file.take() else { return Ok(()) };
        let text = format!("{:#}\n", self.to_json(unwritten));
        let written = match to.write_all(text.as_bytes()) {
            Ok(()) => to.close(true),
            Err(error) => ended_by_writing(error, to),
        };
        written.map_err(|why| {
            Failure::new(Kind::Local, "cannot write the manifest").because(why.message)
        })
    }

    fn to_json(&self, unwritten: Option<&str>) -> Value {
        let Self { totals, before, .. } = self;
        let report = &totals.outcome.report;
        let time = |time: Option<Timestamp>| time.map(Timestamp::to_wire);
        // Why the run ended early, when it did.
        let failure = unwritten
            .map(str::to_owned)
            .or_else(|| totals.outcome.failure.as_ref().map(ToString::to_string));
        let before_shown = before.shown();
        json!({
            "tool": concat!("omnilogs ", env!("CARGO_PKG_VERSION")),
            "complete": failure.is_none() && report.gaps.is_empty(),
            "query": query(totals.query),
            "localFilters": local_filters(self.local),
            "window": { "since": time(report.since), "until": time(report.until) },
            "reached": time(report.reached),
            "requests": report.requests,
            "pages": report.pages,
            "rows": totals.outcome.rows + before.rows,
            "shown": totals.rows_shown + before_shown,
            "heldBack": totals.held_back + before.held_back,
            "duplicates": report.duplicates,
            "gaps": report.gaps.iter().map(gap).collect::<Vec<_>>(),
            "failure": failure,
            "output": self.has_output.then(|| self.output()),
        })
    }

    fn output(&self) -> Value {
        json!({
            "file": self.output.map(|path| path.display().to_string()),
            "bytes": self.digest.bytes(),
            "sha256": self.digest.sha256(),
        })
    }
}

fn gap(gap: &Gap) -> Value {
    json!({
        "since": gap.since.map(Timestamp::to_wire),
        "until": gap.until.map(Timestamp::to_wire),
        "atLeast": gap.at_least,
        "reason": gap.reason,
    })
}

/// The local filters, those whose values may name a person or quote a message without them.
fn local_filters(local: &LocalFilterArgs) -> Vec<Value> {
    let shown = |(flag, value): (&str, PublicValue)| {
        let value = match value {
            PublicValue::Switch => json!(true),
            PublicValue::Known(value) => json!(value),
            PublicValue::Hidden => Value::Null,
        };
        json!({ "name": flag.trim_start_matches('-'), "value": value })
    };
    public_local_filters(local).into_iter().map(shown).collect()
}

/// The parameters: those that may name a person without their values, and ids without those that have
/// the form of a phone number.
fn query(query: &Query) -> Vec<Value> {
    let shown = |parameter: &Parameter| {
        let filter = Filter::of_parameter(&parameter.name).filter(|filter| !filter.is_personal)?;
        Some(match filter.form {
            Form::Ids => parameter.value.split(',').map(public_id).collect::<Vec<_>>().join(","),
            _ => parameter.value.clone(),
        })
    };
    query.parameters().iter().map(|p| json!({ "name": p.name, "value": shown(p) })).collect()
}
