//! `wait`: polls until the messages with the given ids have a final status.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use omnilogs::model::codes;
use omnilogs::pages::await_final::{FinalStatusWait, WaitIds, WaitOptions, WaitOutcome};
use omnilogs::pages::follow::Note;
use omnilogs::query::phone_number;
use omnilogs::sink::RunEnd;
use omnilogs::sink::width::display_width;
use omnilogs::{Log, Query, Source, SourceError};

use crate::args::values::{duration, interval};
use crate::args::{
    ConnectionArgs, ExtentArgs, FilterArgs, FormatArgs, LocalFilterArgs, MessageWord, OriginArgs,
    OutputArgs, RowArgs, SandboxSourceArgs, completion, public_id,
};
use crate::failure::{Failure, Kind};
use crate::io::output::Output;
use crate::session::context::Context;
use crate::session::poll_loop::{self, Poll};
use crate::session::prepare::{PreparedRun, RunArgs, prepare};
use crate::session::source_failure;
use crate::text::counted;

/// Columns of the progress bar.
const BAR_WIDTH: usize = 20;

/// Options of `wait`.
#[derive(Debug, Args)]
pub(crate) struct WaitArgs {
    /// Message ids, separated with blanks or commas; @FILE reads one id per line, @- standard input
    #[arg(value_name = "ID", add = ArgValueCompleter::new(completion::files_of_ids))]
    pub(crate) ids: Vec<String>,

    /// Message ids, in the same forms; may be repeated
    #[arg(long, value_name = "ID", allow_hyphen_values = true,
          add = ArgValueCompleter::new(completion::files_of_ids))]
    pub(crate) message_id: Vec<String>,

    /// Bulk ids, in the same forms as --message-id
    ///
    /// The API does not say how many messages a bulk has. A bulk is complete when two polls in a
    /// row return the same messages and all of them have a final status.
    #[arg(long, value_name = "ID", allow_hyphen_values = true, conflicts_with_all = ["message_id", "ids"],
          add = ArgValueCompleter::new(completion::files_of_ids))]
    pub(crate) bulk_id: Vec<String>,

    /// Maximum time to wait [default: 10m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,

    /// How long to watch a failed message for a failover to another channel [default: 10s]
    ///
    /// Failover sends a message that one channel could not deliver over the next channel. A message
    /// that was delivered over any channel counts as delivered.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) settle: Option<Duration>,

    /// Time between two polls, at least 1s [default: 5s]
    #[arg(long, value_name = "DURATION", value_parser = interval)]
    pub(crate) interval: Option<Duration>,

    #[command(flatten)]
    pub(crate) rows: RowArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) source: SandboxSourceArgs,
}

/// Waits for messages.
pub(crate) fn run(
    args: &WaitArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    refuse_addresses(&args.ids)?;
    let filters = FilterArgs {
        message_id: [args.ids.as_slice(), &args.message_id].concat(),
        bulk_id: args.bulk_id.clone(),
        ..FilterArgs::default()
    };
    let local = LocalFilterArgs::default();
    let format = FormatArgs {
        rows: args.rows.clone(),
        output: args.output.clone(),
        ..FormatArgs::default()
    };
    let origin = OriginArgs { server: args.source.clone(), ..OriginArgs::default() };
    let run_args = RunArgs {
        filters: &filters,
        extent: ExtentArgs::default(),
        local: &local,
        format: &format,
        origin: &origin,
        versions: false,
        is_counted: false,
        plot: None,
        state: None,
    };
    let prepared = prepare(run_args, connection, context, |query, _| {
        require_ids(query)?;
        query.limit = Some(Query::MAX_ROWS);
        Ok(())
    })?;
    let Some(prepared) = prepared else { return Ok(()) };
    let mut options = WaitOptions::default();
    options.interval = args.interval.unwrap_or(options.interval);
    options.timeout = args.timeout.unwrap_or(options.timeout);
    options.settle = args.settle.unwrap_or(options.settle);
    let output = Output::open(prepared.output_settings.output_file.as_deref())?;
    let handle = prepared.open_source()?;
    let PreparedRun { query, output_settings, .. } = prepared;
    let ids = if query.message_ids.is_empty() {
        WaitIds::Bulks(query.bulk_ids)
    } else {
        WaitIds::Messages(query.message_ids)
    };
    let wait = FinalStatusWait::new(handle.source, ids, options, Arc::clone(&context.clock));
    let mut poll = WaitPoll { wait };
    let Some(result) = poll_loop::write(&mut poll, output_settings, output, context)? else {
        return Ok(());
    };
    context.report.summary(&poll.summary());
    let wait = &poll.wait;
    let never_succeeded = wait.failure().filter(|_| !wait.has_succeeded());
    match result.failure.as_ref().or(never_succeeded) {
        Some(error) => Err(source_failure::failure(error, &handle.origins, context.signals.kind())),
        None => ending(wait, options.timeout),
    }
}

/// Refuses phone numbers and e-mail addresses, which are rarely ids: the run would wait for them in
/// vain. `--message-id` accepts every id.
fn refuse_addresses(words: &[String]) -> Result<(), Failure> {
    let ids = words.iter().filter(|word| !word.starts_with('@')).flat_map(|word| word.split(','));
    for id in ids.map(str::trim) {
        let what = if id.contains('@') {
            "an e-mail address"
        } else if matches!(phone_number(id), Ok(Some(_))) || MessageWord::parse(id).is_err() {
            "a phone number"
        } else {
            continue;
        };
        return Err(Failure::usage(format!("wait needs ids of messages, and one argument is {what}"))
            .hint("list the messages with their ids: omnilogs --to DESTINATION --columns sentAt,messageId")
            .hint("for an id of this form: omnilogs wait --message-id ID"));
    }
    Ok(())
}

fn require_ids(query: &Query) -> Result<(), Failure> {
    if query.message_ids.is_empty() && query.bulk_ids.is_empty() {
        return Err(Failure::usage("wait needs ids of messages")
            .because("it ends when all of them have a final status")
            .hint("use omnilogs wait ID ID, or omnilogs wait @FILE with one id per line")
            .hint("use omnilogs wait --bulk-id ID for all messages of a bulk"));
    }
    Ok(())
}

/// The result of a wait by its outcome.
fn ending<S: Source + Send>(wait: &FinalStatusWait<S>, timeout: Duration) -> Result<(), Failure> {
    match wait.outcome() {
        WaitOutcome::Delivered => Ok(()),
        WaitOutcome::NotDelivered(1) => {
            Err(Failure::new(Kind::Condition, "1 message was not delivered")
                .hint("omnilogs show ID says why, and what to do"))
        }
        WaitOutcome::NotDelivered(messages) => Err(Failure::new(
            Kind::Condition,
            format!("{} were not delivered", counted(messages, "message")),
        )
        .hint("omnilogs show ID says why, and what to do")),
        WaitOutcome::TimeRanOut => {
            let seconds = timeout.as_secs_f64();
            let mut failure =
                Failure::new(Kind::Incomplete, format!("time ran out after {seconds} s"));
            if let Some(error) = wait.failure() {
                failure = failure.because(format!("the last poll failed: {error}"));
            }
            let (pending, never_shown) = (wait.pending(), wait.never_shown());
            let never_checked = wait.never_checked();
            if !pending.is_empty() {
                failure = failure
                    .because(format!("still pending: {}", public_ids(pending)))
                    .hint("wait longer: --timeout 1h");
            }
            if !never_shown.is_empty() {
                failure = failure
                    .because(format!("not found in the logs: {}", public_ids(never_shown)))
                    .hint("check the ids that were not found: they may belong to another account, or be older than 48 hours");
            }
            if !never_checked.is_empty() {
                failure = failure
                    .because(format!("not requested yet: {}", public_ids(never_checked)))
                    .hint("wait longer: many ids need many requests, and --rate limits them");
            }
            Err(failure)
        }
    }
}

fn public_ids(ids: Vec<&str>) -> String {
    ids.into_iter().map(public_id).collect::<Vec<_>>().join(", ")
}

/// The polls of a wait, as the loop of polls needs them.
struct WaitPoll<S> {
    wait: FinalStatusWait<S>,
}

impl<S: Source + Send> Poll for WaitPoll<S> {
    fn time_to_next_poll(&self) -> Option<Duration> {
        self.wait.time_to_next_poll()
    }

    fn poll(&mut self) -> Result<(Vec<Log>, Vec<Note>), SourceError> {
        let awaited = self.wait.poll()?;
        Ok((awaited.rows, awaited.notes))
    }

    fn has_succeeded(&self) -> bool {
        self.wait.has_succeeded()
    }

    /// The exit status is about the messages, so the wait goes on when the rows have no reader.
    fn outlives_reader(&self) -> bool {
        true
    }

    fn run_end(&self) -> RunEnd {
        if self.wait.outcome() != WaitOutcome::TimeRanOut {
            return RunEnd::Complete;
        }
        let failure = self.wait.failure().map(ToString::to_string);
        let failure = failure.unwrap_or_else(|| "time ran out".to_owned());
        RunEnd::Incomplete { gaps: self.wait.gaps().to_vec(), failure: Some(failure) }
    }

    /// A progress bar, and the number of messages per status, or per group where there is little room.
    fn status(&self, columns: usize) -> String {
        let whole = self.status_by(|status| status);
        if display_width(&whole) <= columns { whole } else { self.status_by(group_of) }
    }
}

impl<S: Source + Send> WaitPoll<S> {
    /// The number of ids that are done, and of all ids.
    fn done(&self) -> (usize, usize) {
        let progress = self.wait.progress();
        (progress.done, progress.done + progress.pending + progress.never_shown)
    }

    /// The summary at the end of the wait.
    fn summary(&self) -> String {
        let (done, all) = self.done();
        let done = format!("{done} of {} final", counted(all as u64, "id"));
        [vec![done], self.counts_by(|status| status)].concat().join(" · ")
    }

    fn status_by(&self, name: fn(&str) -> &str) -> String {
        let (done, all) = self.done();
        let full = match done * BAR_WIDTH / all.max(1) {
            _ if done == all => BAR_WIDTH,
            full => full.min(BAR_WIDTH - 1),
        };
        let bar = format!("{}{} {done}/{all}", "█".repeat(full), "░".repeat(BAR_WIDTH - full));
        [vec![bar], self.counts_by(name)].concat().join(" · ")
    }

    /// The number of ids that were not found, and the number of rows by status.
    fn counts_by(&self, name: fn(&str) -> &str) -> Vec<String> {
        let progress = self.wait.progress();
        let mut parts = Vec::new();
        if progress.never_shown > 0 {
            parts.push(format!("{} not found", progress.never_shown));
        }
        let mut counts: Vec<(&str, u64)> = Vec::new();
        for (status, rows) in &progress.statuses {
            let name = name(status);
            match counts.iter_mut().find(|(counted, _)| *counted == name) {
                Some((_, count)) => *count += rows,
                None => counts.push((name, *rows)),
            }
        }
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        parts.extend(counts.iter().map(|(name, rows)| format!("{rows} {name}")));
        parts
    }
}

/// The group of a published status; for any other, the status itself.
fn group_of(status: &str) -> &str {
    codes::status(status).map_or(status, |known| known.group.as_str())
}
