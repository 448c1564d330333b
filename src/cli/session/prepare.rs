//! The steps of every command that reads messages, before it sends anything: account, query, output
//! settings, warnings, and `--dry-run`.

use std::path::Path;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use omnilogs::Query;
use omnilogs::archive::ArchivePrefetch;
use omnilogs::pages::{self, FieldChecks, NamedIds, Pages, Prefetch, Resume};
use omnilogs::query::Extent;

use super::archive::{self, ArchivePlace};
use super::archive_reading::{self, ReadableArchive};
use super::context::Context;
use super::dry_run;
use super::rerun_command::RerunCommand;
use super::source::{self, PageReader, SourceHandle};
use super::version_filter::VersionFilter;
use crate::args::{
    ConnectionArgs, ExtentArgs, FilterArgs, FormatArgs, ListArgs, LocalFilterArgs, OriginArgs,
};
use crate::choices::FormatName;
use crate::credentials::{self, ResolvedAccount};
use crate::failure::Failure;
use crate::settings::{self, LocalFilter, OutputSettings, RunFiles};
use crate::text::counted;

const NO_THREAD: &str = "cannot start a thread";

/// The options of a run, as they were typed.
#[derive(Clone, Copy)]
pub(crate) struct RunArgs<'a> {
    pub(crate) filters: &'a FilterArgs,
    pub(crate) extent: ExtentArgs,
    pub(crate) local: &'a LocalFilterArgs,
    pub(crate) format: &'a FormatArgs,
    pub(crate) origin: &'a OriginArgs,
    /// Whether every version of each message of the archive is listed.
    pub(crate) versions: bool,
    /// Whether figures are written instead of rows.
    pub(crate) is_counted: bool,
    /// The image of `stats --plot`.
    pub(crate) plot: Option<&'a Path>,
    /// The file of `follow --state`.
    pub(crate) state: Option<&'a Path>,
}

impl<'a> From<&'a ListArgs> for RunArgs<'a> {
    fn from(args: &'a ListArgs) -> Self {
        let ListArgs { filters, extent, local, format, origin, versions } = args;
        let versions = *versions;
        Self {
            filters,
            extent: *extent,
            local,
            format,
            origin,
            versions,
            is_counted: false,
            plot: None,
            state: None,
        }
    }
}

/// A run that is checked and ready to open its source.
pub(crate) struct PreparedRun<'a> {
    pub(crate) account: ResolvedAccount,
    pub(crate) query: Query,
    pub(crate) output_settings: OutputSettings,
    pub(crate) local: LocalFilter,
    /// How many rows that match the local filters are wanted; the query then reads the whole window.
    pub(crate) matches: Option<u64>,
    /// The time that a duration such as `--since 2h` counts back from.
    pub(crate) now: DateTime<Utc>,
    /// The location of the archive of `--archive`.
    pub(crate) archive: Option<ArchivePlace>,
    args: RunArgs<'a>,
    connection: &'a ConnectionArgs,
    context: &'a Context,
}

/// Resolves and checks all options and shows warnings. `None` after `--dry-run`, which has printed
/// the requests instead.
///
/// # Errors
/// As [`resolve`], and when the requests cannot be printed.
pub(crate) fn prepare<'a>(
    args: RunArgs<'a>,
    connection: &'a ConnectionArgs,
    context: &'a Context,
    check: impl FnOnce(&mut Query, &OutputSettings) -> Result<(), Failure>,
) -> Result<Option<PreparedRun<'a>>, Failure> {
    let prepared = resolve(args, connection, context, |query, settings, _| check(query, settings))?;
    if connection.dry_run {
        prepared.print_requests(std::slice::from_ref(&prepared.query))?;
        return Ok(None);
    }
    Ok(Some(prepared))
}

/// Resolves and checks all options and shows warnings.
///
/// `check` gets the query and the settings before any warning is shown, and the time that durations
/// count back from. It refuses options that the command does not support, and sets the parts of the
/// query that the command itself decides.
///
/// # Errors
/// When an option is refused; nothing was sent.
pub(crate) fn resolve<'a>(
    args: RunArgs<'a>,
    connection: &'a ConnectionArgs,
    context: &'a Context,
    check: impl FnOnce(&mut Query, &OutputSettings, DateTime<Utc>) -> Result<(), Failure>,
) -> Result<PreparedRun<'a>, Failure> {
    let environment = &context.environment;
    let account = credentials::resolve(&settings::account_args(connection), environment)?;
    let defaults = &account.defaults;
    let now = context.clock.now();
    let output_settings =
        settings::output_settings(args.format, connection, defaults, environment, now)?;
    refuse_metrics_of_rows(&output_settings, args.is_counted)?;
    let RunArgs { filters, origin, plot, state, .. } = args;
    let archive = archive_reading::place(&origin.archive, &account, connection, context)?;
    refuse_dry_run(connection, origin, archive.is_some())?;
    // Before any file is read, standard input included.
    RunFiles {
        account: &account,
        connection,
        origin,
        environment,
        archive: archive.as_ref().map(ArchivePlace::files).unwrap_or_default(),
        filters,
        output_settings: &output_settings,
        plot,
        state,
    }
    .check()?;
    let (mut query, warnings) =
        settings::query(args.filters, args.extent, args.origin, now, output_settings.zone)?;
    let local = LocalFilter::new(args.local)?;
    check(&mut query, &output_settings, now)?;
    settings::refuse_workbook_without_file(&output_settings)?;
    let matches = filters.limit.filter(|_| !local.is_empty());
    if matches.is_some() {
        (query.extent, query.limit) = (Extent::All, None);
    }
    let prepared = PreparedRun {
        account,
        query,
        output_settings,
        local,
        matches,
        now,
        archive,
        args,
        connection,
        context,
    };
    prepared.report(&warnings);
    Ok(prepared)
}

fn refuse_metrics_of_rows(settings: &OutputSettings, is_counted: bool) -> Result<(), Failure> {
    if settings.format != FormatName::Prometheus || is_counted {
        return Ok(());
    }
    Err(Failure::usage("-o prometheus works with stats only")
        .because("metrics are figures, and not messages")
        .hint("omnilogs stats -o prometheus, with the same filters"))
}

/// Refuses `--dry-run` for sources to which nothing is sent.
fn refuse_dry_run(
    connection: &ConnectionArgs,
    origin: &OriginArgs,
    is_archive: bool,
) -> Result<(), Failure> {
    let (flag, source) = match &origin.input {
        _ if !connection.dry_run => return Ok(()),
        _ if is_archive => ("--archive", "the archive"),
        Some(_) => ("--input", "a file"),
        None => return Ok(()),
    };
    Err(Failure::usage(format!("--dry-run cannot be used with {flag}"))
        .because(format!("nothing is sent when {source} is read")))
}

impl PreparedRun<'_> {
    /// Shows the warnings, and whether an archive may have older messages.
    fn report(&self, query_warnings: &[String]) {
        let Self { account, query, connection, context, .. } = self;
        let local_warnings = self.local.warnings();
        for warning in account.warnings.iter().chain(query_warnings).chain(&local_warnings) {
            context.report.warn(warning);
        }
        let kind = settings::source_kind(self.args.origin);
        if let Some(hint) = archive_reading::archive_hint(query, kind, account, connection, context)
        {
            context.report.say(&hint);
        }
    }

    /// Prints the requests of these queries, for `--dry-run`.
    ///
    /// # Errors
    /// When standard output cannot be written to.
    pub(crate) fn print_requests(&self, queries: &[Query]) -> Result<(), Failure> {
        dry_run::run(queries, &self.account, self.connection, self.context)
    }

    /// Opens the pages of the query.
    ///
    /// # Errors
    /// When credentials are missing, or a file cannot be read.
    pub(crate) fn open_pages(&self, checks_rows: bool) -> Result<PageReader, Failure> {
        if let Some(path) = &self.args.origin.input {
            return source::saved(path, &self.query, checks_rows, self.context);
        }
        if let Some(archive) = self.open_archive()? {
            let failed = |error| archive::store_failure(error, self.context);
            let mut pages = archive.pages(&self.query).map_err(failed)?;
            let mut version_filter = None;
            if self.args.versions {
                let (observed, filter) = VersionFilter::attached(pages, self.local.clone());
                (pages, version_filter) = (observed, Some(filter));
            }
            let pages: Box<dyn Pages> = if self.query.extent == Extent::OnePage {
                Box::new(pages)
            } else {
                Box::new(ArchivePrefetch::new(pages).context(NO_THREAD)?)
            };
            let pages = self.checked(pages, checks_rows, true);
            let reader = PageReader::of_archive(pages, archive.state);
            return Ok(reader.with_version_filter(version_filter));
        }
        self.pages_of(self.open_source()?, None, checks_rows)
    }

    /// Opens the archive, if it is to be read.
    ///
    /// # Errors
    /// When it cannot be used.
    pub(crate) fn open_archive(&self) -> Result<Option<ReadableArchive<'_>>, Failure> {
        let Some(path) = self.archive.clone() else { return Ok(None) };
        self.context.signals.end_in_order();
        let args = &self.args.origin.archive;
        ReadableArchive::open(path, args, &self.account, self.context).map(Some)
    }

    /// The pages of the query over an open source. With `resume`, they start where an earlier run
    /// ended.
    ///
    /// # Errors
    /// When the system cannot start a thread.
    pub(crate) fn pages_of(
        &self,
        handle: SourceHandle,
        resume: Option<Resume>,
        checks_rows: bool,
    ) -> Result<PageReader, Failure> {
        let now = self.context.clock.now().into();
        let kind = handle.source.kind();
        // The ids of rows that an earlier run has written are not known.
        let is_resumed = resume.is_some();
        let pages = pages::list(handle.source, self.query.clone(), now, resume);
        let pages: Box<dyn Pages> = if self.query.extent == Extent::OnePage {
            pages
        } else {
            Box::new(Prefetch::new(pages).context(NO_THREAD)?)
        };
        let pages = self.checked(pages, checks_rows, !is_resumed);
        Ok(PageReader::new(pages, kind, handle.origins, handle.connection))
    }

    /// Adds the checks of rows and ids to pages.
    fn checked(
        &self,
        mut pages: Box<dyn Pages>,
        checks_rows: bool,
        checks_ids: bool,
    ) -> Box<dyn Pages> {
        if checks_rows {
            pages = Box::new(FieldChecks::new(pages));
        }
        if checks_ids {
            pages = Box::new(NamedIds::new(pages, &self.query));
        }
        pages
    }

    /// Opens the API or the sandbox, for any number of requests.
    ///
    /// # Errors
    /// When credentials are missing.
    pub(crate) fn open_source(&self) -> Result<SourceHandle, Failure> {
        let requests = self.query.requests_per_page();
        if requests > 1 {
            let factors = settings::factors(&self.query);
            let text = format!("{} for each page: {factors}", counted(requests, "request"));
            self.context.report.detail(1, &text);
        }
        source::source(&self.account, self.connection, self.args.origin, self.context)
    }

    /// The command that requests a part of the window again.
    pub(crate) fn rerun_command(&self) -> RerunCommand {
        let RunArgs { local, origin, .. } = self.args;
        RerunCommand::new(&self.query, local, origin, self.connection)
    }
}
