//! Opens the source of messages: the API, the sandbox, or saved responses. The archive is opened in
//! `archive_reading`.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use omnilogs::client::{Client, Credentials, Endpoint};
use omnilogs::pages::{NamedIds, Pages, SharedSource};
use omnilogs::query::Extent;
use omnilogs::sandbox::Sandbox;
use omnilogs::saved::{InterruptibleReader, SavedResponse};
use omnilogs::zone::Zone;
use omnilogs::{Query, Source, SourceKind};

use crate::args::{ConnectionArgs, OriginArgs};
use crate::credentials::ResolvedAccount;
use crate::failure::Failure;
use crate::session::archive_reading::ArchiveState;
use crate::session::context::Context;
use crate::session::fingerprint::SourceIdentity;
use crate::session::progress::{ProgressPages, RequestsLeft};
use crate::session::request_log::RequestLog;
use crate::session::sandbox_server;
use crate::session::source_failure::{self, RequestLimits, RequestOrigins};
use crate::session::version_filter::VersionFilter;
use crate::settings;

/// The pages of a source, with the facts that their warnings and error messages state.
pub(crate) struct PageReader {
    pub(crate) pages: Box<dyn Pages>,
    /// The origins of the base URL and of the credentials.
    pub(crate) origins: RequestOrigins,
    /// The kind of the source.
    pub(crate) kind: SourceKind,
    /// How complete the archive is; `None` for another source.
    pub(crate) archive: Option<ArchiveState>,
    /// Applies the local filters to pages with every version; `None` for other pages.
    pub(crate) version_filter: Option<VersionFilter>,
    connection: Connection,
}

/// The parts of an open source that live as long as its pages are read.
pub(crate) struct Connection {
    /// The requests that the rate allows in the rest of this minute.
    left: RequestsLeft,
    /// The server of `--sandbox`, which stops when this is dropped.
    sandbox: Option<Sandbox>,
}

impl PageReader {
    pub(crate) fn new(
        pages: Box<dyn Pages>,
        kind: SourceKind,
        origins: RequestOrigins,
        connection: Connection,
    ) -> Self {
        Self { pages, origins, kind, archive: None, version_filter: None, connection }
    }

    /// A reader of an archive, whose pages need no [`Connection`].
    pub(crate) fn of_archive(pages: Box<dyn Pages>, archive: ArchiveState) -> Self {
        let connection = Connection { left: RequestsLeft::unknown(), sandbox: None };
        let origins = RequestOrigins::default();
        let reader = Self::new(pages, SourceKind::Archive, origins, connection);
        Self { archive: Some(archive), ..reader }
    }

    /// Decides with this filter, if any, which versions are shown.
    pub(crate) fn with_version_filter(self, version_filter: Option<VersionFilter>) -> Self {
        Self { version_filter, ..self }
    }

    /// Shows the progress of the pages on a status line.
    pub(crate) fn with_progress(self, zone: Zone, context: &Context) -> Self {
        let (report, clock) = (Arc::clone(&context.report), Arc::clone(&context.clock));
        let left = self.connection.left.clone();
        let pages = ProgressPages::new(self.pages, self.kind, report, clock, left, zone);
        Self { pages: Box::new(pages), ..self }
    }
}

/// An open source, and the origins for its error messages.
pub(crate) struct SourceHandle {
    pub(crate) source: Box<dyn Source + Send>,
    /// The origins of the base URL and of the credentials.
    pub(crate) origins: RequestOrigins,
    /// The account whose messages it returns.
    pub(crate) identity: SourceIdentity,
    pub(crate) connection: Connection,
}

impl SourceHandle {
    /// Two handles of the source, for two runs one after the other. The first one owns the sandbox,
    /// and must not be dropped before the second.
    pub(crate) fn shared(self) -> (Self, Self) {
        // The runs share the rate limit, too.
        let source = SharedSource::new(self.source);
        let second = Self {
            source: Box::new(source.clone()),
            origins: self.origins.clone(),
            identity: self.identity.clone(),
            connection: Connection { left: self.connection.left.clone(), sandbox: None },
        };
        (Self { source: Box::new(source), ..self }, second)
    }
}

/// Opens the API, or the sandbox that speaks it.
pub(crate) fn source(
    account: &ResolvedAccount,
    connection: &ConnectionArgs,
    origin: &OriginArgs,
    context: &Context,
) -> Result<SourceHandle, Failure> {
    if let Some(scenario) = origin.server.sandbox {
        context.signals.end_in_order();
        let seed = origin.server.seed.unwrap_or(sandbox_server::SEED);
        let server = sandbox_server::start(0, seed, scenario, context)?;
        let account = sandbox_server::account(&server)?;
        let limits = RequestLimits::of(connection);
        let origins = RequestOrigins { limits, ..RequestOrigins::default() };
        let mut handle = client(account, SourceKind::Sandbox, connection, origins, context)?;
        handle.connection.sandbox = Some(server);
        handle.identity = SourceIdentity::sandbox(seed, scenario);
        return Ok(handle);
    }
    for note in account.notes() {
        context.report.detail(1, &note);
    }
    let origins = RequestOrigins {
        credentials: account.found.as_ref().map(|found| found.origin.to_string()),
        base_url: Some(account.endpoint_origin.to_string()),
        authorities: settings::authorities_origin(connection, &context.environment),
        proxy: settings::proxy_variable(&context.environment),
        limits: RequestLimits::of(connection),
    };
    let account = (account.endpoint.clone(), account.credentials()?);
    context.signals.end_in_order();
    client(account, SourceKind::Api, connection, origins, context)
}

fn client(
    (endpoint, credentials): (Endpoint, Credentials),
    kind: SourceKind,
    connection: &ConnectionArgs,
    origins: RequestOrigins,
    context: &Context,
) -> Result<SourceHandle, Failure> {
    let identity = SourceIdentity::account(&endpoint, &credentials);
    let options =
        settings::client_options(connection, endpoint, credentials, &context.environment)?;
    let left = RequestsLeft::unknown();
    let observer = Box::new(RequestLog::new(Arc::clone(&context.report), left.clone()));
    let client = Client::with_clock(
        options,
        Arc::clone(&context.clock),
        context.interrupt.clone(),
        observer,
    )
    .map_err(|error| source_failure::failure(&error, &origins, context.signals.kind()))?
    .of_kind(kind);
    if let Some(proxy) = client.proxy() {
        context.report.detail(1, &format!("using the proxy {proxy}"));
    }
    let connection = Connection { left, sandbox: None };
    Ok(SourceHandle { source: Box::new(client), origins, identity, connection })
}

/// Opens saved responses.
///
/// # Errors
/// When the file cannot be opened.
pub(crate) fn saved(
    path: &Path,
    query: &Query,
    checks_rows: bool,
    context: &Context,
) -> Result<PageReader, Failure> {
    let (name, reader) = saved_file(path, "--input: ", context)?;
    context.signals.end_in_order();
    let mut query = query.clone();
    if let Extent::Rows(rows) = query.extent {
        query.limit = Some(u32::try_from(rows).unwrap_or(u32::MAX));
    }
    let pages = SavedResponse::open(name, reader, &query).checking_fields(checks_rows);
    let pages = Box::new(NamedIds::new(pages, &query));
    let origins = RequestOrigins::default();
    let connection = Connection { left: RequestsLeft::unknown(), sandbox: None };
    Ok(PageReader::new(pages, SourceKind::File, origins, connection))
}

/// Opens a file of saved responses, or standard input for `-`. Returns its name for messages, and a
/// reader of its bytes. The message of a failure begins with `prefix`.
///
/// # Errors
/// When the file cannot be opened.
pub(crate) fn saved_file(
    path: &Path,
    prefix: &str,
    context: &Context,
) -> Result<(String, Box<dyn BufRead + Send>), Failure> {
    let refused = |error: std::io::Error| {
        Failure::usage(format!("{prefix}cannot read {}", path.display())).because(error.to_string())
    };
    if path == Path::new("-") {
        let pipe = InterruptibleReader::new(std::io::stdin(), context.interrupt.clone())
            .map_err(refused)?;
        return Ok(("standard input".to_owned(), Box::new(pipe)));
    }
    let file = File::open(path).map_err(refused)?;
    let metadata = file.metadata().map_err(refused)?;
    if metadata.is_dir() {
        return Err(Failure::usage(format!("{prefix}{} is a folder", path.display())));
    }
    let reader: Box<dyn BufRead + Send> = if metadata.is_file() {
        Box::new(BufReader::with_capacity(1 << 16, file))
    } else {
        Box::new(InterruptibleReader::new(file, context.interrupt.clone()).map_err(refused)?)
    };
    Ok((path.display().to_string(), reader))
}
