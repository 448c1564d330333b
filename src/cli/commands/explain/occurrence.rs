//! Counts the codes of the messages in the archive, in a saved file or in the sandbox.

use std::collections::HashMap;

use omnilogs::model::codes::Code;
use omnilogs::model::{Log, MessageCode};
use omnilogs::query::Extent;
use omnilogs::sink::{Flow, Sink, SinkError};
use omnilogs::{Finality, StatusGroup};

use super::text::is_in;
use super::unpublished::UnpublishedCode;
use super::{ExplainArgs, ExplainedCode};
use crate::args::{
    ConnectionArgs, ExtentArgs, FilterArgs, FormatArgs, LocalFilterArgs, OriginArgs,
};
use crate::failure::Failure;
use crate::session::context::Context;
use crate::session::counted_run;
use crate::session::prepare::{RunArgs, prepare};
use crate::text::counted;

/// The most different codes that are not published; hostile rows must not fill the memory.
const MAX_UNPUBLISHED: usize = 1_000;

/// The codes that messages have, and how often.
#[derive(Debug, Default)]
pub(super) struct Occurrences {
    counts: Vec<(Code, u64)>,
    unpublished: Vec<UnpublishedCode>,
    /// The index in `unpublished` of the code with this key.
    index: HashMap<(&'static str, String, Option<u32>, String), usize>,
    /// How often messages have codes beyond [`MAX_UNPUBLISHED`].
    beyond: u64,
    /// Messages whose status is not a published one.
    unknown: u64,
}

impl Occurrences {
    /// The codes that occur, the most frequent first.
    pub(super) fn codes(&self) -> Vec<ExplainedCode<'_>> {
        let published = self
            .counts
            .iter()
            .map(|(code, count)| (*count, code.name(), ExplainedCode::Published(*code)));
        let others = self
            .unpublished
            .iter()
            .map(|code| (code.messages, code.name.as_str(), ExplainedCode::Unpublished(code)));
        let mut codes: Vec<_> = published.chain(others).collect();
        codes.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(other.1)));
        codes.into_iter().map(|(_, _, code)| code).collect()
    }

    /// The codes with this name or id that are not published.
    pub(super) fn find_unpublished(&self, word: &str) -> Vec<&UnpublishedCode> {
        self.unpublished.iter().filter(|code| code.is(word)).collect()
    }

    /// The number of messages that have a code, or any code of a group.
    pub(super) fn messages(&self, code: Code) -> u64 {
        let fits = |known: Code| known == code || is_in(known, code);
        let published = self.counts.iter().filter(|(known, _)| fits(*known));
        let others = self.unpublished.iter().filter(|known| known.group_code() == Some(code));
        published.map(|(_, count)| *count).chain(others.map(|known| known.messages)).sum()
    }

    fn add(&mut self, code: Code) {
        match self.counts.iter_mut().find(|(known, _)| *known == code) {
            Some((_, count)) => *count += 1,
            None => self.counts.push((code, 1)),
        }
    }

    fn add_unpublished(&mut self, code: UnpublishedCode) {
        let key = code.key();
        if let Some(known) = self.index.get(&key).and_then(|at| self.unpublished.get_mut(*at)) {
            known.messages += 1;
            if known.description.is_empty() {
                known.description = code.description;
            }
        } else if self.unpublished.len() < MAX_UNPUBLISHED {
            self.index.insert(key, self.unpublished.len());
            self.unpublished.push(code);
        } else {
            self.beyond += 1;
        }
    }

    /// The sentences about codes that are not published.
    fn sentences(&self) -> impl Iterator<Item = String> + use<> {
        let unknown = (self.unknown > 0).then(|| {
            format!("{} with a status that is not published", counted(self.unknown, "message"))
        });
        let beyond = (self.beyond > 0).then(|| {
            let most = counted(MAX_UNPUBLISHED as u64, "code");
            let messages = counted(self.beyond, "message");
            format!("{messages} with a code beyond the first {most} that are not published")
        });
        unknown.into_iter().chain(beyond)
    }
}

/// The published code of a status, or the published group of a row that has only that.
fn published_status(status: &MessageCode<'_>) -> Option<Code> {
    let has_code = !status.name.is_empty() || status.id.is_some();
    let group = || StatusGroup::parse(&status.group).filter(|_| !has_code);
    status.published.or_else(|| group().map(Code::StatusGroup))
}

impl Sink for Occurrences {
    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        let (status, error) = (log.status_code(), log.error_code());
        let known = status.as_ref().and_then(published_status);
        match (&status, known) {
            (_, Some(code)) => self.add(code),
            (Some(status), None) => {
                self.unknown += 1;
                let is_final = log.finality() == Finality::Final;
                self.add_unpublished(UnpublishedCode::new(status, Some(is_final)));
            }
            (None, None) => {}
        }
        match error.as_ref().map(|error| (error, error.published)) {
            // A code of DLT can be in both places; the message counts once.
            Some((_, Some(code))) if Some(code) != known => self.add(code),
            Some((error, None)) => self.add_unpublished(UnpublishedCode::new(error, None)),
            _ => {}
        }
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
    occurrences.sentences().for_each(|sentence| context.report.say(&sentence));
    Ok(Some(CountedCodes { occurrences, ending: run.ending }))
}
