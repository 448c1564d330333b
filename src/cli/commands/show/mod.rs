//! `show`: messages by their ids, or by the number or address that they were sent to. The program
//! also accepts words of these forms without the name of the command.

mod archived;
mod block;
mod find;
mod markdown;
mod message_list;
mod view;

use std::io::Write as _;
use std::sync::Arc;

use clap::Args;
use omnilogs::archive::with_versions;
use omnilogs::model::Coverage;
use omnilogs::pages::RunReport;
use omnilogs::pump::RunOutcome;
use omnilogs::query::Extent;
use omnilogs::redaction::Redaction;
use omnilogs::sink::{Flow, RunEnd, Sink as _, SinkError};
use omnilogs::{Log, SourceKind};

use self::block::ShowStyle;
use self::find::{FoundMessages, find, find_in_file, query_of};
use self::view::{MessageView, RowVersion};
use crate::args::{
    ConnectionArgs, ExtentArgs, FilterArgs, FormatArgs, LocalFilterArgs, MIN_ID_START, MessageWord,
    OriginArgs, OutputArgs,
};
use crate::choices::FormatName;
use crate::failure::{Failure, Kind};
use crate::io::output::{Output, ended_by_writing};
use crate::io::report::Report;
use crate::session::context::Context;
use crate::session::listing_output;
use crate::session::outcomes::{self, OutcomeCounts};
use crate::session::prepare::{PreparedRun, RunArgs, resolve};
use crate::session::sink;
use crate::session::summary::{self, RunTotals};
use crate::settings::{self, OutputSettings};
use crate::text::{counted, quoted, quoted_name};
use crate::time_input::short_time_text;

/// Longer lines are hard to read, however wide the terminal is.
const MAX_WIDTH: usize = 100;
/// The maximum number of messages that are listed for the beginning of an id.
const MAX_CANDIDATES: usize = 20;

/// Options of `show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Message ids (the first 8 characters are enough), phone numbers or e-mail addresses
    #[arg(value_name = "ID|NUMBER|ADDRESS", required = true)]
    words: Vec<String>,
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    extent: ExtentArgs,
    #[command(flatten)]
    local: LocalFilterArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    origin: OriginArgs,
}

/// Shows messages.
pub(crate) fn run(
    args: &ShowArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let words = args.words.iter().map(|word| parse(word)).collect::<Result<Vec<_>, _>>()?;
    refuse_options(args, &words)?;
    let format = FormatArgs { output: args.output.clone(), ..FormatArgs::default() };
    let ShowArgs { filters, local, origin, .. } = args;
    let extent = args.extent;
    let format = &format;
    let run_args = RunArgs {
        filters,
        extent,
        local,
        format,
        origin,
        versions: false,
        is_counted: false,
        plot: None,
        state: None,
    };
    let is_file = origin.input.is_some();
    let prepared = resolve(run_args, connection, context, |query, _, _| {
        if is_file {
            // A file is read once for all words, each of which has its own limit.
            (query.extent, query.limit) = (Extent::All, None);
        }
        Ok(())
    })?;
    if connection.dry_run {
        let queries: Vec<_> = words.iter().map(|word| query_of(word, &prepared.query)).collect();
        return prepared.print_requests(&queries);
    }
    let OutputSettings { output_file, pager, .. } = &prepared.output_settings;
    let mut output = listing_output::open(output_file.as_deref(), pager.as_ref(), context)?;
    let (words, found) = if let Some(archive) = prepared.open_archive()? {
        archived::find(&words, &archive, &prepared, context)?
    } else {
        let found = if is_file {
            find_in_file(&words, &prepared, filters.limit, context)?
        } else {
            find(&words, &prepared, context)?
        };
        (words, found)
    };
    let failure = failure(&words, &found);
    context.report.status("");
    let shown = if prepared.output_settings.format.is_for_people() {
        write_for_people(&words, &found, &prepared, &mut output, context)
    } else {
        write_rows(&found, prepared.output_settings, &mut output, &context.report)
    };
    match shown {
        Ok(()) => output.close(failure.is_none())?,
        Err(error) => return ended_by_writing(error, output),
    }
    failure.map_or(Ok(()), Err)
}

/// Parses a word of the command line. A word of no known form is a whole id, since an id can be any
/// text.
///
/// # Errors
/// When the word is a time, an invalid phone number, empty, or too short for the beginning of an id.
fn parse(word: &str) -> Result<MessageWord, Failure> {
    let word = settings::bare_id(word);
    if settings::looks_like_a_time(word) {
        return Err(Failure::usage("show needs an id, a number or an address, and this is a time")
            .hint("omnilogs --since 2026-11-22, omnilogs --since 14:00 or omnilogs --since 2h"));
    }
    match MessageWord::parse(word) {
        Ok(Some(word)) => Ok(word),
        // A phone number has its country code in place of the first 0, so this is the beginning of an
        // id.
        Err(_) if is_short_id_of_digits(word.trim()) => {
            Ok(MessageWord::IdStart(word.trim().to_owned()))
        }
        Err(error) => Err(settings::invalid_phone_number("the number", error)),
        Ok(None) if word.trim().is_empty() => Err(Failure::usage("the id is empty")),
        Ok(None) if is_too_short(word) => {
            Err(Failure::usage(format!("{} is too short for the beginning of an id", quoted(word)))
                .because(format!("at least its first {MIN_ID_START} characters are needed"))
                .hint("omnilogs --message-id ID, if this is a whole id")
                .hint("a phone number has 7 to 15 digits, country code included"))
        }
        Ok(None) => Ok(MessageWord::Id(word.trim().to_owned())),
    }
}

/// Whether a word looks like the beginning of an id and has too few characters.
fn is_too_short(word: &str) -> bool {
    let word = word.trim();
    word.len() < MIN_ID_START && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a word can be the beginning of an id as lists show it, and also a phone number.
fn is_short_id_of_digits(word: &str) -> bool {
    word.len() == MIN_ID_START && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Refuses options that repeat the words, or that have no meaning for an id.
fn refuse_options(args: &ShowArgs, words: &[MessageWord]) -> Result<(), Failure> {
    let FilterArgs { to, message_id, limit, .. } = &args.filters;
    let all = args.extent.all;
    let is_id = |word: &MessageWord| matches!(word, MessageWord::Id(_) | MessageWord::IdStart(_));
    let given = [
        ("--to", !to.is_empty(), "give the number or address without an option"),
        ("--message-id", !message_id.is_empty(), "give the ids without an option"),
        (
            "--limit",
            limit.is_some() && words.iter().all(is_id),
            "omit --limit: an id names one message",
        ),
        ("--all", all && words.iter().all(is_id), "omit --all: an id names one message"),
    ];
    match given.into_iter().find(|(_, is_given, _)| *is_given) {
        Some((flag, _, hint)) => {
            Err(Failure::usage(format!("{flag} cannot be used with show")).hint(hint))
        }
        None => Ok(()),
    }
}

/// The failure for ids that no message or several messages have, and for destinations whose messages
/// may be missing.
fn failure(words: &[MessageWord], found: &[FoundMessages]) -> Option<Failure> {
    let mut failure: Option<Failure> = None;
    for (word, found) in words.iter().zip(found) {
        let (MessageWord::Id(id) | MessageWord::IdStart(id)) = word else {
            if found.kind == SourceKind::Archive && !found.gaps.is_empty() && failure.is_none() {
                failure = Some(missing_from_archive(found));
            }
            continue;
        };
        let ids = if found.is_destination { 1 } else { found.ids().len() };
        let next = match (word, ids) {
            (_, 0) => not_found(word, &quoted_name("id", id), found),
            (MessageWord::IdStart(_), several @ 2..) => ambiguous(&quoted(id), several),
            _ => continue,
        };
        match &mut failure {
            Some(failure) => failure.causes.push(next.message),
            None => failure = Some(next),
        }
    }
    failure
}

/// The failure for an id that no message has.
fn not_found(word: &MessageWord, id: &str, found: &FoundMessages) -> Failure {
    if !found.gaps.is_empty() {
        let message = format!("incomplete: no message with {id} was found so far");
        let mut failure = Failure::new(Kind::Incomplete, message);
        failure.causes.extend(found.gaps.iter().cloned());
        return failure;
    }
    let failure = Failure::new(Kind::Condition, format!("no message has {id}"));
    let failure = match found.kind.retention() {
        Some(kept) => failure.hint(format!(
            "check the id and the account; the API keeps messages for {} hours",
            kept.as_secs() / 3600
        )),
        None if found.kind == SourceKind::Archive => {
            failure.hint("check the id; omnilogs archive sync fetches the newest messages")
        }
        None => failure.hint("check the id and the file"),
    };
    match word {
        MessageWord::IdStart(start) if is_short_id_of_digits(start) => {
            failure.hint("a phone number has its country code in place of the first 0")
        }
        _ => failure,
    }
}

/// The failure for the beginning of the ids of several messages.
fn ambiguous(id: &str, several: usize) -> Failure {
    Failure::new(Kind::Condition, format!("the ids of {several} messages begin with {id}"))
        .because(if several > MAX_CANDIDATES {
            format!("the newest {MAX_CANDIDATES} of them are listed")
        } else {
            "they are listed with their whole ids".to_owned()
        })
        .hint("give more characters of the id")
}

/// The failure for a destination whose messages may be missing from the archive.
fn missing_from_archive(found: &FoundMessages) -> Failure {
    let message = "incomplete: messages may be missing from the archive";
    let mut failure = Failure::new(Kind::Incomplete, message);
    failure.causes.extend(found.gaps.iter().cloned());
    failure.hint("omnilogs archive status lists the gaps").hint("--allow-gaps accepts them")
}

/// Whether a word names one message, and not the messages to a destination.
fn names_id(word: &MessageWord, found: &FoundMessages) -> bool {
    matches!(word, MessageWord::Id(_) | MessageWord::IdStart(_)) && !found.is_destination
}

/// Writes rows in a format for programs, with their versions where those were found.
fn write_rows(
    found: &[FoundMessages],
    mut output_settings: OutputSettings,
    output: &mut Output,
    report: &Arc<Report>,
) -> Result<(), SinkError> {
    // A row and its versions are redacted one by one: inside of a row, all of a version would be
    // hidden.
    let redaction = output_settings.redaction.take();
    let mut sink = sink::sink(output_settings, output, report);
    sink.begin()?;
    let rows = found.iter().flat_map(|found| found.rows.iter().map(move |row| (found, row)));
    for (found, row) in rows {
        let versions = found.versions.get(&row.identity()).into_iter().flatten();
        let versions: Vec<_> = versions.map(|version| redact(redaction, version)).collect();
        // As in a listing of every version, the latest comes first.
        let seen = versions.iter().rev().filter_map(|it| Some((&it.log, it.seen_at?)));
        let row = with_versions(&redact(redaction, &row.clone().into()).log, seen);
        if sink.log(&row)? == Flow::Stop {
            break;
        }
    }
    sink.end_page(&Coverage::default())?;
    sink.finish(&RunEnd::Complete)
}

fn redact(redaction: Option<Redaction>, version: &RowVersion) -> RowVersion {
    match redaction {
        Some(redaction) => RowVersion { log: redaction.redact(&version.log), ..version.clone() },
        None => version.clone(),
    }
}

/// Writes the messages of each word for people: a block for one message, a list for several.
fn write_for_people(
    words: &[MessageWord],
    found: &[FoundMessages],
    prepared: &PreparedRun<'_>,
    output: &mut Output,
    context: &Context,
) -> Result<(), SinkError> {
    let settings = &prepared.output_settings;
    let style = ShowStyle {
        width: settings.width.unwrap_or(MAX_WIDTH).min(MAX_WIDTH),
        colour: settings.colour,
        zone: settings.zone,
        today: settings.today,
    };
    let is_markdown = settings.format == FormatName::Md;
    let mut shown: Vec<Vec<MessageView>> = Vec::new();
    for (word, found) in words.iter().zip(found) {
        let versions = found.rows.iter().flat_map(|row| found.versions_of(row));
        let versions = versions.map(|version| redact(settings.redaction, &version));
        let mut views = MessageView::of_rows(versions);
        let is_id = names_id(word, found);
        if is_id {
            views.truncate(MAX_CANDIDATES);
        }
        if !views.is_empty() && shown.iter().any(|before| !before.is_empty()) {
            writeln!(output)?;
        }
        let is_list = views.len() > 1 && !is_markdown;
        if is_list {
            output.write_all(message_list::message_list(&views, style, is_id).as_bytes())?;
        }
        for (at, view) in views.iter().enumerate().filter(|_| !is_list) {
            if at > 0 {
                writeln!(output)?;
            }
            let text = if is_markdown {
                markdown::markdown(view, style)?
            } else {
                block::block(view, style)?
            };
            output.write_all(text.as_bytes())?;
        }
        shown.push(views);
    }
    output.flush()?;
    output.show()?;
    for ((word, found), views) in words.iter().zip(found).zip(&shown) {
        summarize(word, found, views, prepared, context);
    }
    Ok(())
}

/// Says on standard error what a word has found, and what can be done next.
fn summarize(
    word: &MessageWord,
    found: &FoundMessages,
    views: &[MessageView],
    prepared: &PreparedRun<'_>,
    context: &Context,
) {
    let report = &context.report;
    let rerun = prepared.rerun_command();
    let is_id = names_id(word, found);
    match views {
        [] if !is_id => report.say(&no_messages(word, found, prepared, context)),
        [only] => {
            if let Some(command) = rerun.show(&only.id()) {
                let next = match prepared.output_settings.format {
                    FormatName::Md => "-o md --redact=none with numbers and texts",
                    _ => "-o md for a ticket, -o json for a script",
                };
                report.summary(&format!("next: {command} {next}"));
            }
        }
        views if !is_id => {
            let mut outcomes = OutcomeCounts::default();
            for view in views {
                outcomes.add(view.outcome());
                outcomes.note_example(view.outcome(), || view.id());
            }
            let OutputSettings { zone, today, .. } = prepared.output_settings;
            let mut parts = vec![counted(views.len() as u64, "message")];
            parts.extend(outcomes::outcomes_text(&outcomes));
            let oldest = found.rows.iter().filter_map(Log::sent_at).min();
            let oldest = oldest.map(|oldest| short_time_text(oldest, zone, today));
            let oldest = oldest.map(|oldest| format!(" · oldest {oldest}")).unwrap_or_default();
            let removed = summary::removed(found.held_back, found.rows.len() as u64);
            let removed = removed.map(|removed| format!(" · {removed}")).unwrap_or_default();
            report.summary(&format!("{}{oldest}{removed}", parts.join(": ")));
            let more = found.is_cut.then(|| "-n 200 or --all".to_owned());
            let next = summary::next_line(Some(&outcomes), &prepared.query, &rerun, more);
            if let Some(next) = next {
                report.summary(&next);
            }
        }
        _ => {}
    }
}

/// The sentence for a number or an address without messages.
fn no_messages(
    word: &MessageWord,
    found: &FoundMessages,
    prepared: &PreparedRun<'_>,
    context: &Context,
) -> String {
    let query = query_of(word, &prepared.query);
    let outcome = RunOutcome { rows: found.held_back, report: RunReport::default(), failure: None };
    let OutputSettings { zone, today, .. } = prepared.output_settings;
    let totals = RunTotals {
        query: &query,
        outcome: &outcome,
        rows_shown: 0,
        rows_before: 0,
        held_back: found.held_back,
        has_enough: false,
        outcomes: None,
        zone,
        today,
        kind: found.kind,
        archive: None,
        rerun: &prepared.rerun_command(),
    };
    summary::no_messages(&totals, context.clock.now())
}
