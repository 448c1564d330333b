//! Which archive a command uses, and how it is opened.
//!
//! Nothing here reads or writes messages.

use std::path::{Path, PathBuf};

use omnilogs::Timestamp;
use omnilogs::archive::{
    Holder, Lease, LeaseRequest, OpenMode, SqliteOptions, SqliteStore, Store, StoreError,
    take_lease,
};

use super::context::Context;
use crate::args::ArchiveLocationArgs;
use crate::credentials::ResolvedAccount;
use crate::failure::{Failure, Kind};
use crate::io::environment::Environment;
use crate::time_input::time_text;

/// Names an archive instead of a flag.
const VARIABLE: &str = "OMNILOGS_ARCHIVE";

/// Who uses an archive: an account of the API, or the sandbox, whose messages never get into the
/// archive of an account by themselves.
#[derive(Clone, Copy)]
pub(crate) enum ArchiveUser<'a> {
    Account(&'a ResolvedAccount),
    Sandbox,
}

/// The path of the archive: the option, the environment, the profile, else a file in the data folder
/// of the user.
///
/// # Errors
/// When no folder is known, or the setting names a server.
pub(crate) fn path(
    location: &ArchiveLocationArgs,
    user: ArchiveUser<'_>,
    environment: &Environment,
) -> Result<PathBuf, Failure> {
    if let Some(path) = location.path() {
        return file(path, "--archive");
    }
    let default = match user {
        ArchiveUser::Sandbox => "sandbox.db",
        ArchiveUser::Account(account) => {
            if let Some(path) = environment.path(VARIABLE) {
                return file(&path, VARIABLE);
            }
            if let Some(path) = account.archive() {
                return file(path, "archive");
            }
            "archive.db"
        }
    };
    let folder = environment.data_dir.as_ref().ok_or_else(|| {
        Failure::usage("the data folder of the user is unknown")
            .because("neither HOME nor XDG_DATA_HOME is set")
            .hint("name the archive with --archive=FILE")
    })?;
    Ok(folder.join("omnilogs").join(default))
}

/// A path, and not the address of a server.
fn file(path: &Path, setting: &str) -> Result<PathBuf, Failure> {
    let is_address = path.to_str().is_some_and(|path| path.contains("://"));
    if is_address {
        // The address may hold a password, so that it is not repeated.
        return Err(Failure::usage(format!("{setting} names a server, and an archive is a file"))
            .hint("name a file, such as messages.db"));
    }
    Ok(path.to_owned())
}

/// Opens an archive.
///
/// # Errors
/// When it cannot be used; its file was not changed.
pub(crate) fn open(
    path: &Path,
    mode: OpenMode,
    location: &ArchiveLocationArgs,
    context: &Context,
) -> Result<Box<dyn Store>, Failure> {
    open_store(path, mode, location, context).map_err(|error| store_failure(error, context))
}

/// The same, with the error of the library.
///
/// # Errors
/// When it cannot be used; its file was not changed.
pub(crate) fn open_store(
    path: &Path,
    mode: OpenMode,
    location: &ArchiveLocationArgs,
    context: &Context,
) -> Result<Box<dyn Store>, StoreError> {
    let mut options = SqliteOptions::new(mode);
    options.allows_network = location.allow_network_archive;
    options.now = Some(context.clock.now().timestamp_millis());
    Ok(Box::new(SqliteStore::open(path, options)?))
}

/// Takes the right to write to an archive, for a command of this name.
///
/// # Errors
/// When another program keeps it.
pub(crate) fn lease(
    store: &mut dyn Store,
    command: &str,
    context: &Context,
) -> Result<Lease, Failure> {
    try_lease(store, command, context).map_err(|error| {
        if context.interrupt.is_raised() {
            return Failure::new(context.signals.kind(), "interrupted");
        }
        store_failure(error, context)
    })
}

/// As [`lease`], with the error of the store.
///
/// # Errors
/// When another program keeps it, or a signal ended the wait for it.
pub(crate) fn try_lease(
    store: &mut dyn Store,
    command: &str,
    context: &Context,
) -> Result<Lease, StoreError> {
    let host = host_name();
    let request = LeaseRequest {
        program: command,
        pid: std::process::id(),
        host: &host,
        now: context.clock.now().timestamp_millis(),
        replaces: None,
    };
    let has_ended = |holder: &Holder| holder.host == host && !is_running(holder.pid);
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

/// The failure for an archive that cannot be used.
pub(crate) fn store_failure(error: StoreError, context: &Context) -> Failure {
    let kind = match &error {
        StoreError::Full { .. } | StoreError::Io { .. } => Kind::Local,
        StoreError::OtherServer { .. } => Kind::Usage,
        _ => Kind::Archive,
    };
    let failure = Failure::new(kind, error.to_string());
    match error {
        StoreError::Missing { .. } => {
            failure.hint("omnilogs archive sync creates it and fills it from the API")
        }
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
            .hint("omnilogs archive verify --full says how much of it is damaged")
            .hint("restore a copy, or move the file away and start a new archive"),
        StoreError::Newer { .. } => failure.hint("update omnilogs"),
        StoreError::Older { .. } => failure.hint("omnilogs archive init brings it up to date"),
        StoreError::Foreign { .. } => failure.hint("name another file with --archive=FILE"),
        StoreError::ReadOnly { .. } => failure
            .hint("make the file and its folder writable, or copy the archive to another folder"),
        StoreError::NetworkFileSystem { .. } => failure
            .hint("put it on a disk of this machine")
            .hint("--allow-network-archive uses it where it is, at your own risk"),
        StoreError::Full { .. } => failure
            .hint("free space on the disk, and run it again")
            .hint("omnilogs archive prune --older-than 90d deletes old messages"),
        StoreError::OtherServer { .. } => failure.hint(
            "use another archive for the other server: --archive=FILE, or archive in its profile",
        ),
        _ => failure,
    }
}
