//! Counts the codes of the messages in the archive, in a saved file or in the sandbox.

use omnilogs::model::Log;
use omnilogs::model::codes::Code;
use omnilogs::query::Extent;
use omnilogs::sink::{Flow, Sink, SinkError};

use super::ExplainArgs;
use super::text::is_in;
use crate::args::{
    ConnectionArgs, ExtentArgs, FilterArgs, FormatArgs, LocalFilterArgs, OriginArgs,
};
use crate::failure::Failure;
use crate::session::context::Context;
use crate::session::counted_run;
use crate::session::prepare::{RunArgs, prepare};
use crate::text::counted;

/// The codes that messages have, and how often.
#[derive(Debug, Default)]
pub(super) struct Occurrences {
    counts: Vec<(Code, u64)>,
    /// Messages whose status is not a published one.
    unknown: u64,
}

impl Occurrences {
    /// The codes that occur, the most frequent first.
    pub(super) fn codes(&self) -> Vec<Code> {
        let mut counts = self.counts.clone();
        counts.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.name().cmp(other.0.name())));
        counts.into_iter().map(|(code, _)| code).collect()
    }

    /// The number of messages that have a code, or any code of a group.
    pub(super) fn messages(&self, code: Code) -> u64 {
        let fits = |known: Code| known == code || is_in(known, code);
        self.counts.iter().filter(|(known, _)| fits(*known)).map(|(_, count)| count).sum()
    }

    fn add(&mut self, code: Code) {
        match self.counts.iter_mut().find(|(known, _)| *known == code) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((code, 1)),
        }
    }
}

impl Sink for Occurrences {
    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        let [status, error] = log.published_codes();
        self.unknown += u64::from(status.is_none());
        status.into_iter().chain(error).for_each(|code| self.add(code));
        Ok(Flow::Continue)
    }
}

/// The result of counting: the codes, and how reading ended.
pub(super) struct CountedCodes {
    pub(super) occurrences: Occurrences,
    pub(super) ending: Result<(), Failure>,
}

/// Whether the options name a source, whose messages are read.
///
/// # Errors
/// When filters are given without a source.
pub(super) fn has_source(args: &ExplainArgs) -> Result<bool, Failure> {
    let OriginArgs { server, input, archive } = &args.origin;
    let has_source = server.sandbox.is_some() || input.is_some() || archive.is_given();
    let has_filters =
        args.filters != FilterArgs::default() || args.local != LocalFilterArgs::default();
    if has_filters && !has_source {
        return Err(Failure::usage("the filters of explain need a source of messages")
            .hint("add --archive, --input FILE or --sandbox")
            .hint("omnilogs stats --by error counts the errors of the messages in the API"));
    }
    Ok(has_source)
}

/// Counts the codes of the messages that match the filters. `None` after `--dry-run`, which has
/// printed the requests instead.
///
/// # Errors
/// When an option is refused, or the source cannot be used.
pub(super) fn count(
    args: &ExplainArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<Option<CountedCodes>, Failure> {
    let format = FormatArgs::default();
    let run_args = RunArgs {
        filters: &args.filters,
        extent: ExtentArgs::default(),
        local: &args.local,
        format: &format,
        origin: &args.origin,
        versions: false,
        is_counted: true,
        plot: None,
        state: None,
    };
    let mut occurrences = Occurrences::default();
    let prepared = prepare(run_args, connection, context, |query, _| {
        if args.filters.limit.is_none() {
            query.extent = Extent::All;
        }
        Ok(())
    })?;
    let Some(prepared) = prepared else { return Ok(None) };
    let reader = prepared.open_pages(true)?;
    let (run, _) = counted_run::read(&prepared, reader, &mut occurrences, context)?;
    if occurrences.unknown > 0 {
        let messages = counted(occurrences.unknown, "message");
        context.report.say(&format!("{messages} with a status that is not published"));
    }
    Ok(Some(CountedCodes { occurrences, ending: run.ending }))
}
