//! `omnilogs archive`: keeps messages longer than the API does.
//!
//! Each command is a file. What they share is here: the options, and how times and counts are
//! written.

mod status;
mod sync;

use clap::{Args, Subcommand};
use omnilogs::Timestamp;
use omnilogs::archive::GapRecord;
use omnilogs::model::TimeRange;
use serde_json::{Value, json};

use crate::args::{ArchiveLocationArgs, ConnectionArgs};
use crate::choices::FormatName;
use crate::failure::{Failure, Kind};
use crate::io::output::print;
use crate::session::context::Context;

/// The commands for the archive, and which archive they use.
#[derive(Debug, Args)]
pub(crate) struct ArchiveArgs {
    #[command(flatten)]
    location: ArchiveLocationArgs,
    #[command(subcommand)]
    command: ArchiveCommand,
}

/// The commands for the archive.
#[derive(Debug, Subcommand)]
pub(crate) enum ArchiveCommand {
    /// Fetch what is missing, late, pending or changed; once, or until stopped with --every
    ///
    /// The exit status is 0 when the archive holds everything that it is meant to hold, and 3 when
    /// gaps remain.
    Sync(sync::SyncArgs),
    /// Show what the archive holds, what is missing, and until when the API can fill it
    ///
    /// The exit status is 3 while a gap is open that nobody has acknowledged.
    Status(status::StatusArgs),
}

/// Runs a command.
pub(crate) fn run(
    args: &ArchiveArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let ArchiveArgs { location, command } = args;
    match command {
        ArchiveCommand::Sync(args) => sync::run(args, location, connection, context),
        ArchiveCommand::Status(args) => status::run(args, location, connection, context),
    }
}

/// Whether JSON is requested.
///
/// # Errors
/// When another format is.
fn wants_json(command: &str, connection: &ConnectionArgs) -> Result<bool, Failure> {
    match connection.output {
        None | Some(FormatName::Table) => Ok(false),
        Some(FormatName::Json) => Ok(true),
        Some(_) => {
            Err(Failure::usage(format!("archive {command} supports -o table and -o json only"))
                .hint("omit -o, or use -o json"))
        }
    }
}

/// Writes a JSON value, indented on a terminal.
fn print_json(value: &Value, context: &Context) -> Result<(), Failure> {
    let text = if context.environment.stdout_terminal {
        serde_json::to_string_pretty(value)
    } else {
        serde_json::to_string(value)
    };
    let text = text.map_err(|error| Failure::new(Kind::Local, error.to_string()))?;
    print(format!("{text}\n").as_bytes())
}

/// A time in JSON: RFC 3339, in UTC.
fn json_time(millis: i64) -> Value {
    let time = Timestamp::from_millis(millis).to_datetime();
    let utc = time.map(|time| time.to_utc().to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
    utc.map_or(Value::Null, Value::String)
}

/// A range of times in JSON.
fn json_range(range: TimeRange) -> Value {
    json!({ "since": json_time(range.since), "until": json_time(range.until) })
}

/// A gap in JSON.
fn json_gap(gap: &GapRecord) -> Value {
    json!({
        "since": json_time(gap.range.since),
        "until": json_time(gap.range.until),
        "reason": gap.reason,
        "atLeast": gap.at_least,
        "found": json_time(gap.found),
        "lost": gap.lost.map(json_time),
        "acknowledged": gap.acknowledged.map(json_time),
    })
}
