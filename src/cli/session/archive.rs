//! Finds and opens the archive of a command.
//!
//! This module reads and writes no messages.

use std::fmt;
use std::path::{Path, PathBuf};

use omnilogs::archive::{
    Holder, Lease, LeaseRequest, OpenMode, PostgresAccess, PostgresAddress, PostgresStore,
    SqliteOptions, SqliteStore, Store, StoreError, take_lease,
};
use omnilogs::client::Authorities;
use omnilogs::visible::visible;
use omnilogs::{SourceKind, Timestamp};

use super::context::Context;
use crate::args::{ArchiveLocationArgs, ConnectionArgs};
use crate::credentials::ResolvedAccount;
use crate::credentials::database_password::{self, PasswordCommand};
use crate::failure::{Failure, Kind};
use crate::io::environment::Environment;
use crate::settings;
use crate::time_input::time_text;

/// The environment variable that names the archive.
const VARIABLE: &str = "OMNILOGS_ARCHIVE";

/// What the base URL of an account of the sandbox begins with; such an account has no profile.
pub(crate) const SANDBOX: &str = "sandbox:";

/// The parameter of a server's address that names the file of the authorities to trust.
const AUTHORITIES: &str = "sslrootcert";

/// The user of an archive: an account of the API, or the sandbox, whose default archive is another
/// one, so that invented messages are never among those of an account.
#[derive(Clone, Copy)]
pub(crate) enum ArchiveUser<'a> {
    Account(&'a ResolvedAccount),
    Sandbox,
}

/// The location of an archive.
#[derive(Clone, Debug)]
pub(crate) enum ArchivePlace {
    /// A SQLite file.
    File(PathBuf),
    /// A PostgreSQL server.
    Server(Box<DatabaseServer>),
}

/// A server with an archive.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseServer {
    pub(crate) address: PostgresAddress,
    /// The authorities to trust in place of those of the system.
    pub(crate) authorities: Option<Authorities>,
    /// Prints the password, where the profile names the server.
    command: Option<PasswordCommand>,
    /// The file that was searched for a password.
    password_file: Option<PathBuf>,
}

impl ArchivePlace {
    /// The file; `None` for a server.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Server(_) => None,
        }
    }

    /// The files of the archive, or those that are read to connect to its server, each with its
    /// purpose. No run may write to one of them for another purpose.
    pub(crate) fn files(&self) -> Vec<(&'static str, PathBuf)> {
        match self {
            Self::File(path) => {
                let names = ["--archive", "a file of the archive", "a file of the archive"];
                names.into_iter().zip(SqliteStore::files(path)).collect()
            }
            Self::Server(server) => {
                let authorities = server.address.authorities_file().map(Path::to_owned);
                let certificates = authorities.map(|path| (AUTHORITIES, path));
                let passwords =
                    server.password_file.clone().map(|path| ("the password file", path));
                certificates.into_iter().chain(passwords).collect()
            }
        }
    }
}

impl fmt::Display for ArchivePlace {
    /// The name in output and messages: without a password, and without control characters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.write_str(&visible(&path.display().to_string())),
            Self::Server(server) => f.write_str(&visible(server.address.name())),
        }
    }
}

/// The location of the archive, with the password for its server.
///
/// # Errors
/// When no folder is known, an address cannot be used, or the password cannot be read.
pub(crate) fn place(
    location: &ArchiveLocationArgs,
    user: ArchiveUser<'_>,
    connection: &ConnectionArgs,
    environment: &Environment,
) -> Result<ArchivePlace, Failure> {
    let mut place = locate(location, user, connection, environment)?;
    if let ArchivePlace::Server(server) = &mut place {
        let (address, command) = (server.address.clone(), server.command.as_ref());
        (server.address, server.password_file) =
            database_password::with_password(address, command, environment)?;
    }
    Ok(place)
}

/// The location of the archive: by the option, the environment or the profile, else a file in the data
/// folder of the user.
///
/// # Errors
/// When no folder is known, or an address cannot be used.
pub(crate) fn locate(
    location: &ArchiveLocationArgs,
    user: ArchiveUser<'_>,
    connection: &ConnectionArgs,
    environment: &Environment,
) -> Result<ArchivePlace, Failure> {
    if let Some(path) = location.path() {
        let place = parse_place(path, "--archive", connection, environment)?;
        return match &place {
            ArchivePlace::Server(_) if holds_password(path) => {
                Err(Failure::usage("--archive holds a password")
                    .because("every user of this machine can see the command line")
                    .hint("name the address in OMNILOGS_ARCHIVE or in the configuration file")
                    .hint("or keep the password in PGPASSWORD or in ~/.pgpass"))
            }
            _ => Ok(place),
        };
    }
    let default = match user {
        ArchiveUser::Sandbox => "sandbox.db",
        ArchiveUser::Account(account) => {
            if let Some(path) = environment.path(VARIABLE) {
                return parse_place(&path, VARIABLE, connection, environment);
            }
            if let Some(path) = account.archive() {
                let mut place = parse_place(path, "archive", connection, environment)?;
                if let ArchivePlace::Server(server) = &mut place {
                    server.command = account.archive_command();
                }
                return Ok(place);
            }
            "archive.db"
        }
    };
    let folder = environment.data_dir.as_ref().ok_or_else(|| {
        Failure::usage("the data folder of the user is unknown")
            .because("neither HOME nor XDG_DATA_HOME is set")
            .hint("name the archive with --archive=FILE")
    })?;
    Ok(ArchivePlace::File(folder.join("omnilogs").join(default)))
}

/// Reads the value of a setting that names an archive: a file, or the address of a server.
fn parse_place(
    path: &Path,
    setting: &str,
    connection: &ConnectionArgs,
    environment: &Environment,
) -> Result<ArchivePlace, Failure> {
    let Some(address) = path.to_str().filter(|text| text.contains("://")) else {
        return Ok(ArchivePlace::File(path.to_owned()));
    };
    // The address may hold a password, so no message repeats it.
    if !PostgresAddress::is_address(address) {
        return Err(Failure::usage(format!("{setting} is an address of an unknown kind"))
            .hint("name a file, or a PostgreSQL server such as postgres://user@host/database"));
    }
    let address = PostgresAddress::parse(address).map_err(|error| {
        Failure::usage(format!("{setting}: the address of the archive cannot be used"))
            .because(error.to_string())
            .hint("it has the form postgres://user@host/database")
    })?;
    let authorities = match address.authorities_file().filter(|_| address.is_encrypted()) {
        Some(path) => Some(settings::authorities(AUTHORITIES, path)?),
        None => settings::trust(connection, address.is_encrypted(), environment)?.authorities,
    };
    let (command, password_file) = (None, None);
    let server = DatabaseServer { address, authorities, command, password_file };
    Ok(ArchivePlace::Server(Box::new(server)))
}

/// Whether an address holds a password.
fn holds_password(path: &Path) -> bool {
    let address = path.to_str().and_then(|text| PostgresAddress::parse(text).ok());
    address.is_some_and(|address| address.has_password())
}

/// The time of sending before which the API has no messages at its time `now`; both are in milliseconds
/// since 1970.
pub(crate) fn edge(now: i64) -> i64 {
    SourceKind::Api.kept_since(Timestamp::from_millis(now)).map_or(i64::MIN, Timestamp::millis)
}

/// Opens an archive.
///
/// # Errors
/// When it cannot be used; it was not changed.
pub(crate) fn open(
    place: &ArchivePlace,
    mode: OpenMode,
    location: &ArchiveLocationArgs,
    context: &Context,
) -> Result<Box<dyn Store>, Failure> {
    open_store(place, mode, location, context).map_err(|error| store_failure(error, context))
}

/// As [`open`], with the error of the library. Only a file is created here: `archive init` makes the
/// tables of a server.
///
/// # Errors
/// When it cannot be used; it was not changed.
pub(crate) fn open_store(
    place: &ArchivePlace,
    mode: OpenMode,
    location: &ArchiveLocationArgs,
    context: &Context,
) -> Result<Box<dyn Store>, StoreError> {
    match place {
        ArchivePlace::File(path) => {
            let mut options = SqliteOptions::new(mode);
            options.allows_network = location.allow_network_archive;
            options.now = Some(context.clock.now().timestamp_millis());
            let was_empty = mode == OpenMode::Create && is_empty_file(path);
            let store = SqliteStore::open(path, options)?;
            if was_empty {
                context.report.warn(&format!("{place} was empty, and is a new archive now"));
            }
            Ok(Box::new(store))
        }
        ArchivePlace::Server(server) => {
            let access = match mode {
                OpenMode::Read => PostgresAccess::Read,
                OpenMode::Write | OpenMode::Create => PostgresAccess::Write,
            };
            let DatabaseServer { address, authorities, .. } = &**server;
            Ok(Box::new(PostgresStore::open(address.clone(), access, authorities.as_ref())?))
        }
    }
}

/// Whether there is a file of 0 bytes, as after an archive was cut.
pub(crate) fn is_empty_file(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0)
}

/// Takes the lease of an archive, which is the right to write to it, for a command of this name.
///
/// # Errors
/// When another program holds it.
pub(crate) fn lease(
    store: &mut dyn Store,
    command: &str,
    context: &Context,
) -> Result<Lease, Failure> {
    try_lease(store, command, None, context).map_err(|error| {
        if context.interrupt.is_raised() {
            return Failure::new(context.signals.kind(), "interrupted");
        }
        store_failure(error, context)
    })
}

/// As [`lease`], with the error of the store. `own` is an earlier lease of this program that it could
/// not return.
///
/// # Errors
/// When another program holds it, or a signal ended the wait for it.
pub(crate) fn try_lease(
    store: &mut dyn Store,
    command: &str,
    own: Option<&Lease>,
    context: &Context,
) -> Result<Lease, StoreError> {
    let host = host_name();
    let request = LeaseRequest {
        program: command,
        pid: std::process::id(),
        host: &host,
        now: context.clock.now().timestamp_millis(),
        replaces: own.map(|lease| lease.fence),
    };
    // Machines that share an archive can have the same name, as containers do.
    let is_shared = store.is_shared();
    let has_ended = |holder: &Holder| !is_shared && holder.host == host && !is_running(holder.pid);
    take_lease(store, &request, context.clock.as_ref(), &has_ended)
}

/// The name of this machine.
pub(crate) fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Whether a process of this machine is running.
fn is_running(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

/// The hint that makes room for more messages. A deletion needs free space itself.
const PRUNE_HINT: &str =
    "when there is free space again, omnilogs archive prune --older-than 90d deletes old messages";

/// The hint for a damaged archive.
const VERIFY_HINT: &str = "omnilogs archive verify --full says how much of it is damaged";

/// The failure of `archive verify`, without the hint to run it.
pub(crate) fn without_verify_hint(mut failure: Failure) -> Failure {
    failure.hints.retain(|hint| hint != VERIFY_HINT);
    failure
}

/// The failure of a command that deletes messages, without the hint to delete messages.
pub(crate) fn without_prune_hint(mut failure: Failure) -> Failure {
    failure.hints.retain(|hint| hint != PRUNE_HINT);
    failure
}

/// The failure for an archive that cannot be used.
pub(crate) fn store_failure(error: StoreError, context: &Context) -> Failure {
    let kind = match &error {
        StoreError::Full { .. } | StoreError::FileTooLarge { .. } | StoreError::Io { .. } => {
            Kind::Local
        }
        StoreError::OtherServer { .. } => Kind::Usage,
        _ => Kind::Archive,
    };
    let failure = Failure::new(kind, visible(&error.to_string()).into_owned());
    let failure = match hint_of_server(&error) {
        Some(hint) => return failure.hint(hint),
        None => failure,
    };
    match error {
        StoreError::Missing { .. } => {
            failure.hint("omnilogs archive sync creates it and fills it from the API")
        }
        StoreError::Empty { .. } => failure
            .hint("restore a copy if it was an archive")
            .hint("omnilogs archive sync makes a new archive of it, and fills it from the API"),
        StoreError::Busy { holder: Some(holder), .. } => {
            let since = time_text(Timestamp::from_millis(holder.since), context.environment.zone);
            failure
                .because(format!("{} began at {since}", holder.program))
                .hint("wait until it has ended; while it runs, the archive can be read")
        }
        StoreError::Busy { holder: None, .. } => {
            failure.hint("try again when the other program has ended")
        }
        StoreError::LeaseLost { .. } => {
            failure.hint("run it again; what was stored is complete, and nothing is stored twice")
        }
        StoreError::Damaged { .. } => failure
            .hint(VERIFY_HINT)
            .hint("restore a copy, or move the file away and start a new archive"),
        StoreError::Newer { .. } => failure.hint("update omnilogs"),
        StoreError::Older { .. } => failure.hint("omnilogs archive init brings it up to date"),
        StoreError::Foreign { .. } => failure.hint("name another file with --archive=FILE"),
        StoreError::ReadOnly { .. } => failure
            .hint("make the file and its folder writable, or copy the archive to another folder"),
        StoreError::NoPermission { .. } => failure
            .hint("run it as the owner of the archive, or name another one with --archive=FILE"),
        StoreError::NetworkFileSystem { .. } => failure
            .hint("put it on a disk of this machine")
            .hint("--allow-network-archive uses it where it is, at your own risk"),
        StoreError::Full { .. } => {
            failure.hint("free space on the disk, and run it again").hint(PRUNE_HINT)
        }
        StoreError::FileTooLarge { .. } => {
            failure.hint("raise the file size limit (ulimit -f), and run it again")
        }
        StoreError::OtherServer { given, .. } => with_other_archive(failure, &given),
        _ => failure,
    }
}

/// Adds to the failure for an account of another server how the messages of both can be kept.
fn with_other_archive(failure: Failure, given: &str) -> Failure {
    let mut failure = failure.because("it holds messages or times that were listed there");
    if !given.starts_with(SANDBOX) {
        failure = failure.hint(
            "to keep both in this archive, give the other server a profile of its own: \
             --profile NAME",
        );
    }
    failure
        .hint("use another archive for the other server: --archive=FILE, or archive in its profile")
}

/// The hint for an archive on a server that cannot be used; `None` when the hint is that for a file.
fn hint_of_server(error: &StoreError) -> Option<&'static str> {
    let (name, hint) = match error {
        StoreError::Unreachable { name, .. } => {
            (name, "check that the server runs, and its address")
        }
        StoreError::Refused { name, .. } => (
            name,
            "check the user, the password and the database; omnilogs archive init --print-sql \
                    shows what a database administrator has to run",
        ),
        StoreError::Missing { name } => (name, "omnilogs archive init makes its tables"),
        StoreError::Damaged { name, .. } => (name, "restore a backup of the database"),
        StoreError::Foreign { name, .. } => (name, "use another database"),
        StoreError::ReadOnly { name } => (name, "use the address of the primary server"),
        StoreError::Full { name } => (name, "free space on the server, and run it again"),
        _ => return None,
    };
    PostgresAddress::is_address(name).then_some(hint)
}
