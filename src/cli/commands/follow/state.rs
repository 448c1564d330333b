//! Opens the source and the output of a follow. With `--state`, the state is opened too, and rows are
//! appended to the output file.

use std::path::Path;

use omnilogs::pages::follow::FollowOptions;

use crate::choices::FormatName;
use crate::failure::Failure;
use crate::io::output::Output;
use crate::session::context::Context;
use crate::session::fingerprint::QueryIdentity;
use crate::session::follow_state::FollowStore;
use crate::session::prepare::{PreparedRun, RunArgs};
use crate::session::source::SourceHandle;
use crate::settings::OutputSettings;

/// The source, the state and the output of a follow.
pub(super) struct FollowIo {
    pub(super) handle: SourceHandle,
    pub(super) store: Option<FollowStore>,
    pub(super) output: Output,
    /// Whether the output has rows of an earlier run.
    pub(super) is_continued: bool,
}

/// Refuses a state that is not a file, and a format with `--output-file` that cannot be appended to.
pub(super) fn check(state: Option<&Path>, settings: &OutputSettings) -> Result<(), Failure> {
    let Some(state) = state else { return Ok(()) };
    if state == Path::new("-") {
        return Err(Failure::usage("--state needs a file: it is read and replaced")
            .hint("use --state follow.state"));
    }
    let is_appendable = settings.jq.is_none()
        && matches!(settings.format, FormatName::Jsonl | FormatName::Csv | FormatName::Tsv);
    if settings.output_file.is_some() && !is_appendable {
        return Err(Failure::usage(
            "--state with --output-file works only with a format that can be appended to",
        )
        .because("rows of several runs are in one file")
        .hint("use -o jsonl, csv or tsv, without --jq"));
    }
    Ok(())
}

/// Opens the output, the source and the state.
///
/// # Errors
/// When one of them cannot be used; nothing was sent.
pub(super) fn open(
    prepared: &PreparedRun<'_>,
    args: RunArgs<'_>,
    options: &FollowOptions,
    is_same_account: bool,
    context: &Context,
) -> Result<FollowIo, Failure> {
    let settings = &prepared.output_settings;
    let path = settings.output_file.as_deref();
    let Some(state) = args.state else {
        let output = Output::open(path)?;
        let handle = prepared.open_source()?;
        return Ok(FollowIo { handle, store: None, output, is_continued: false });
    };
    let handle = prepared.open_source()?;
    let (filters, local) = (args.filters, args.local);
    let identity =
        QueryIdentity::of_follow(&prepared.query, filters, local, settings, path.is_some());
    let identities = (&handle.identity, &identity);
    let mut store = FollowStore::open(state, identities, is_same_account, context)?;
    let kind = handle.source.kind();
    let rows = match path {
        Some(path) => store.open_output(path, options, kind, context)?,
        None => None,
    };
    let is_continued = match &rows {
        Some(rows) => rows.metadata().is_ok_and(|found| found.len() > 0),
        None => false,
    };
    let output = match rows {
        Some(rows) => Output::resumable(rows),
        None => Output::open(path)?,
    };
    store.begin(settings.zone, context)?;
    Ok(FollowIo { handle, store: Some(store), output, is_continued })
}
