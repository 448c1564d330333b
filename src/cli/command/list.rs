//! The default action: list messages.

use std::io;

use omnilogs::pump::{Delivered, pump};
use omnilogs::sink::Filtered;

use super::Context;
use crate::args::{ConnectionArgs, ListArgs};
use crate::credentials;
use crate::diagnosis;
use crate::format;
use crate::opened::{self, Opened};
use crate::outcome::{Failure, Kind};
use crate::output::{Output, write_failure};
use crate::settings::{self, LocalFilter, Question, Shown};
use crate::summary::{self, Facts};

/// Lists messages.
pub(crate) fn run(
    args: &ListArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let ListArgs { filters, local, format, origin } = args;
    let account = credentials::resolve(&opened::asked(connection), &context.surroundings)?;
    let shown = settings::shown(format, connection, &account.defaults, &context.surroundings)?;
    let question = settings::question(filters, context.clock.now(), shown.zone)?;
    let local = LocalFilter::new(local)?;
    for warning in account.warnings.iter().chain(&question.warnings) {
        context.report.warn(warning);
    }
    context.note_zone(connection, &account.defaults);
    if connection.dry_run {
        return super::dry_run::run(&question, &account, connection, context);
    }
    // The file is opened before anything is sent, so that a bad path costs nothing.
    let output = match &shown.output_file {
        Some(path) => Output::replacing(path)?,
        None => Output::standard().map_err(|e| Failure::new(Kind::Local, e.to_string()))?,
    };
    let opened = opened::open(&question, &account, connection, origin, context)?;
    show(opened, &question, local, shown, output, context)
}

/// Runs the pages into the format and says what came of it.
fn show(
    mut opened: Opened,
    question: &Question,
    local: LocalFilter,
    shown: Shown,
    mut output: Output,
    context: &Context,
) -> Result<(), Failure> {
    let (zone, fail_on_empty) = (shown.zone, shown.fail_on_empty);
    let sink = format::sink(shown, &mut output);
    let mut sink = Filtered::new(sink, Box::new(move |log| local.keeps(log)));
    let result = pump(opened.pages.as_mut(), &mut sink, &context.interrupt);
    let held_back = sink.held_back();
    drop(sink);
    context.report.passing("");
    let delivered = match result {
        Ok(delivered) => delivered,
        Err(error) => return ended_by_writing(&error, output),
    };
    let facts = Facts {
        question,
        delivered: &delivered,
        shown: delivered.rows - held_back,
        held_back,
        zone,
        asked_api: opened.asked_api,
    };
    tell(&facts, context);
    let ending = ending(&delivered, &opened, context);
    if ending.is_ok() || matches!(output, Output::Standard(_)) {
        output.keep().or_else(|error| write_failure(&error).map_or(Ok(()), Err))?;
    }
    ending?;
    if fail_on_empty && facts.shown == 0 {
        return Err(Failure::new(Kind::Condition, "no message was shown")
            .because("--fail-on-empty was given"));
    }
    Ok(())
}

/// A reader that went away ends the run quietly; a file of which a part is written is not kept.
fn ended_by_writing(error: &io::Error, output: Output) -> Result<(), Failure> {
    if let Output::Standard(writer) = output {
        // What is left in the buffer would be written, and fail, once more.
        drop(writer.into_parts());
    }
    write_failure(error).map_or(Ok(()), Err)
}

fn tell(facts: &Facts<'_>, context: &Context) {
    let report = &context.report;
    let account = &facts.delivered.account;
    for sentence in summary::oddities(&account.oddities, true) {
        report.warn(&sentence);
    }
    for sentence in summary::oddities(&account.oddities, false) {
        report.detail(1, &sentence);
    }
    if facts.shown == 0 && facts.delivered.failure.is_none() {
        report.say(&summary::nothing(facts, context.clock.now()));
    } else if facts.delivered.failure.is_none() || facts.delivered.rows > 0 {
        report.summary(&summary::line(facts));
    }
}

/// How the run ended: whole, cut short with rows shown (3), or without an answer.
fn ending(delivered: &Delivered, opened: &Opened, context: &Context) -> Result<(), Failure> {
    let interrupted = context.signals.kind();
    let gaps = &delivered.account.gaps;
    match &delivered.failure {
        Some(error) => {
            let mut failure = diagnosis::failure(error, &opened.asked, interrupted);
            if delivered.rows > 0 && failure.kind != interrupted {
                failure.causes.insert(0, failure.message);
                failure.kind = Kind::Incomplete;
                failure.message = format!(
                    "incomplete: {} rows were delivered, the rest are missing",
                    delivered.rows
                );
            }
            Err(failure)
        }
        None if !gaps.is_empty() => {
            let failure =
                Failure::new(Kind::Incomplete, "incomplete: some rows could not be listed");
            Err(gaps.iter().fold(failure, |failure, gap| failure.because(gap.reason.clone())))
        }
        None => Ok(()),
    }
}
