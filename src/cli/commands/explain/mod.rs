//! `explain`: what a status or an error means, and what to do. It works offline; with a source, it
//! explains the codes of the messages there.

mod data_formats;
mod occurrence;
mod text;
mod unpublished;

use std::collections::BTreeSet;
use std::io::{self, Write};

use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use omnilogs::model::codes::{self, Code};

use self::occurrence::Occurrences;
use self::unpublished::UnpublishedCode;
use crate::args::{ConnectionArgs, FilterArgs, LocalFilterArgs, OriginArgs, completion};
use crate::choices::FormatName;
use crate::config_file::Defaults;
use crate::failure::Failure;
use crate::io::json_colour::JsonColour;
use crate::io::output::write_failure;
use crate::session::context::Context;
use crate::session::listing_output;
use crate::settings;
use crate::text::{MIN_SIMILARITY, closest_by, quoted, similarity};

/// How many suggestions are made for one word.
const MAX_SUGGESTIONS: usize = 5;

/// Options of `explain`.
#[derive(Debug, Default, Args)]
pub(crate) struct ExplainArgs {
    /// Ids, names or groups, case-insensitive: 5, EC_ABSENT_SUBSCRIBER, DELIVERED_TO_HANDSET,
    /// PENDING
    ///
    /// If a status and an error have the same id, both are explained.
    #[arg(value_name = "CODE", add = ArgValueCompleter::new(completion::codes))]
    pub(crate) codes: Vec<String>,

    /// List every known status and error
    #[arg(long, conflicts_with_all = ["codes", "from_archive", "sandbox", "input"])]
    pub(crate) list: bool,

    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    #[command(flatten)]
    pub(crate) local: LocalFilterArgs,
    #[command(flatten)]
    pub(crate) origin: OriginArgs,
}

/// How explanations are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExplainStyle {
    /// The format.
    pub(crate) format: FormatName,
    /// Columns of the terminal; `None` where there is none.
    pub(crate) width: Option<usize>,
    /// Whether colour is used.
    pub(crate) colour: bool,
    /// Whether JSON is indented, as on a terminal.
    pub(crate) indent: bool,
}

/// Explains codes on standard output.
pub(crate) fn run(
    args: &ExplainArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let environment = &context.environment;
    let terminal = environment.stdout_terminal;
    let style = ExplainStyle {
        format: connection.output.unwrap_or(FormatName::Table),
        width: terminal.then(|| environment.width.unwrap_or(80)),
        colour: settings::colour(connection.color, terminal, environment),
        indent: terminal,
    };
    // A format that is not supported is refused before any message is read.
    writer(style.format)?;
    let (occurrences, ending) = if occurrence::has_source(args)? {
        let Some(counted) = occurrence::count(args, connection, context)? else { return Ok(()) };
        (Some(counted.occurrences), counted.ending)
    } else {
        (None, Ok(()))
    };
    let pager = settings::pager(connection, &Defaults::default(), environment);
    let mut output = listing_output::open(None, pager.as_ref(), context)?;
    let explained = if style.colour && style.format.is_json() {
        explain(args, occurrences.as_ref(), style, &mut JsonColour::new(&mut output))
    } else {
        explain(args, occurrences.as_ref(), style, &mut output)
    };
    output.close(true).and(explained).and(ending)
}

/// Explains codes, or lists them all. Codes that are known are explained even if others are not.
fn explain(
    args: &ExplainArgs,
    occurrences: Option<&Occurrences>,
    style: ExplainStyle,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let write = writer(style.format)?;
    if args.codes.is_empty() && !args.list && occurrences.is_none() {
        return Err(Failure::usage(
            "explain needs a code: an id or a name, or the name of a group",
        )
        .hint("omnilogs explain EC_ABSENT_SUBSCRIBER 5 PENDING")
        .hint("omnilogs explain --list shows every known code")
        .hint("omnilogs explain --archive explains the codes of the messages in the archive"));
    }
    let mut found: Vec<ExplainedCode<'_>> = Vec::new();
    let mut unknown: Vec<&str> = Vec::new();
    if args.list {
        found.extend(codes::all().map(ExplainedCode::Published));
    } else if let Some(occurrences) = occurrences.filter(|_| args.codes.is_empty()) {
        found.extend(occurrences.codes());
    }
    for word in args.codes.iter().map(|word| word.trim()) {
        let published = codes::find(word).into_iter().map(ExplainedCode::Published);
        let others = occurrences.map(|it| it.find_unpublished(word)).unwrap_or_default();
        let others = others.into_iter().map(ExplainedCode::Unpublished);
        let codes: Vec<_> = published.chain(others).collect();
        if codes.is_empty() {
            unknown.push(word);
        }
        for code in codes {
            if !found.contains(&code) {
                found.push(code);
            }
        }
    }
    if !found.is_empty() || unknown.is_empty() {
        let found = MatchedCodes { codes: &found, occurrences };
        let written = write(found, args.list, style, out).and_then(|()| out.flush());
        written.or_else(|error| write_failure(&error).map_or(Ok(()), Err))?;
    }
    if unknown.is_empty() { Ok(()) } else { Err(not_known(&unknown)) }
}

/// Writes codes; the flag says whether they are the list of all known codes.
type WriteCodes = fn(MatchedCodes<'_>, bool, ExplainStyle, &mut dyn Write) -> io::Result<()>;

/// A code that is explained.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ExplainedCode<'o> {
    Published(Code),
    /// A code of the messages that were read.
    Unpublished(&'o UnpublishedCode),
}

/// The codes that are explained.
#[derive(Clone, Copy)]
struct MatchedCodes<'f> {
    codes: &'f [ExplainedCode<'f>],
    /// The number of messages that have each code, where messages were read.
    occurrences: Option<&'f Occurrences>,
}

impl MatchedCodes<'_> {
    /// The number of messages that have a code; `None` where no messages were read.
    fn messages(&self, code: ExplainedCode<'_>) -> Option<u64> {
        match code {
            ExplainedCode::Published(code) => Some(self.occurrences?.messages(code)),
            ExplainedCode::Unpublished(code) => Some(code.messages),
        }
    }

    /// The published codes.
    fn published(&self) -> Vec<Code> {
        let published = |code: &ExplainedCode<'_>| match code {
            ExplainedCode::Published(code) => Some(*code),
            ExplainedCode::Unpublished(_) => None,
        };
        self.codes.iter().filter_map(published).collect()
    }
}

/// The function that writes codes in a format.
///
/// # Errors
/// When `explain` does not support the format.
fn writer(format: FormatName) -> Result<WriteCodes, Failure> {
    Ok(match format {
        FormatName::Table => |found, is_list, style, out| {
            if is_list {
                text::write_list(&found.published(), style, out)
            } else {
                text::write_explanations(found, style, out)
            }
        },
        FormatName::Json => |found, _, style, out| data_formats::json(found, style.indent, out),
        FormatName::Jsonl => |found, _, _, out| data_formats::json_lines(found, out),
        FormatName::Csv => |found, _, style, out| data_formats::separated(found, b',', style, out),
        FormatName::Tsv => |found, _, style, out| data_formats::separated(found, b'\t', style, out),
        FormatName::Xml | FormatName::Md | FormatName::Prometheus | FormatName::Xlsx => {
            return Err(Failure::usage("explain does not support this format")
                .hint("use -o table, json, jsonl, csv or tsv"));
        }
    })
}

fn not_known(words: &[&str]) -> Failure {
    let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    let mut failure =
        Failure::usage(format!("no status or error is known as {}", quoted.join(" or ")));
    for word in words {
        let near = suggestions(word);
        if !near.is_empty() {
            failure = failure.hint(format!("omnilogs explain {}", near.join(" ")));
        }
    }
    failure
        .because("the API gets new codes; a message with a newer code contains its description")
        .hint("look at status.description and error.description of the message: -o json")
        .hint("omnilogs explain --list shows what is known")
}

/// Names that were probably meant, the most similar first.
fn suggestions(word: &str) -> Vec<&'static str> {
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
    if word.len() < 3 || is_number {
        return Vec::new();
    }
    let names: BTreeSet<&str> = codes::all().map(Code::name).collect();
    let mut meant = closest_by(names, |name| code_similarity(word, name));
    meant.truncate(MAX_SUGGESTIONS);
    meant
}

/// How similar a word is to a name, or to the beginning of the name (any number of its words),
/// without `EC_` in front of either. A name that contains the word counts as similar.
fn code_similarity(word: &str, name: &str) -> f64 {
    let bare = |text: &str| {
        let text = text.to_ascii_uppercase().replace(['-', ' '], "_");
        text.strip_prefix("EC_").map(str::to_owned).unwrap_or(text)
    };
    let (word, name) = (bare(word), bare(name));
    let ends = name.match_indices('_').map(|(at, _)| at).chain([name.len()]);
    let starts = ends.filter_map(|end| name.get(..end));
    let best = starts.map(|start| similarity(&word, start)).fold(0.0, f64::max);
    if name.contains(&word) { best.max(MIN_SIMILARITY) } else { best }
}

#[cfg(test)]
mod tests;
