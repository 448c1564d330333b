//! The file of an archive: which files may be opened, and how a new one is created.
//!
//! These checks run before SQLite opens the file, so that a file that is refused is not changed.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rustix::fs::{Access, OFlags, access, statvfs};
use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

use super::schema;
use crate::archive::error::StoreError;

/// Only the owner can read and write.
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

/// The length of the header of a SQLite file.
const HEADER_BYTES: usize = 100;

/// The least free space with which SQLite can open an archive: the first part of the index of the log.
const MIN_FREE_BYTES: u64 = 32 * 1024;

/// By how much a file can have been longer when a write to it failed: a new archive, which has less than
/// half of this, is emptied again when not all of it could be written.
const MAX_UNDONE_BYTES: u64 = 1 << 20;

/// What is at the path of an archive.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FileState {
    Nothing,
    /// An empty file, which SQLite takes for a new database: one that was made for the archive, or an
    /// archive that was cut.
    Empty,
    /// An archive.
    Archive,
}

/// Examines a path without changing anything.
///
/// # Errors
/// When the path is not a regular file, or the file is not an archive that this version can use.
pub(super) fn examine(path: &Path, name: &str) -> Result<FileState, StoreError> {
    let unsafe_path = |reason: &str| {
        Err(StoreError::UnsafePath { name: name.to_owned(), reason: reason.to_owned() })
    };
    match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(FileState::Nothing),
        Err(error) => return Err(io_error(name, &error)),
        Ok(metadata) if metadata.is_symlink() => return unsafe_path("it is a symbolic link"),
        Ok(metadata) if metadata.is_dir() => return unsafe_path("it is a folder"),
        Ok(metadata) if !metadata.is_file() => return unsafe_path("it is not a regular file"),
        Ok(_) => {}
    }
    // Before the length is read: another program may be creating the archive, whose log comes later.
    let had_log = !log_is_empty(path);
    let mut file = open_unfollowed(path).map_err(|error| io_error(name, &error))?;
    let length = file.metadata().map_err(|error| io_error(name, &error))?.len();
    if length == 0 && had_log {
        // SQLite would delete the log, which can hold messages.
        let reason = "it was cut to 0 bytes, and has a log".to_owned();
        return Err(StoreError::Damaged { name: name.to_owned(), reason });
    }
    if length == 0 {
        return Ok(FileState::Empty);
    }
    let mut header = [0; HEADER_BYTES];
    let foreign =
        |reason: &str| StoreError::Foreign { name: name.to_owned(), reason: reason.to_owned() };
    file.read_exact(&mut header).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => foreign("it is not a SQLite database"),
        _ => io_error(name, &error),
    })?;
    let Some(header) = Header::read(&header) else {
        return Err(foreign("it is not a SQLite database"));
    };
    if header.application_id != schema::APPLICATION_ID {
        return Err(foreign("it is a database of another program"));
    }
    if header.version > schema::VERSION {
        let (found, known) = (header.version, schema::VERSION);
        return Err(StoreError::Newer { name: name.to_owned(), found, known });
    }
    if let Some(reason) = header.cut(length).filter(|_| log_is_empty(path)) {
        return Err(StoreError::Damaged { name: name.to_owned(), reason });
    }
    Ok(FileState::Archive)
}

/// Says how much shorter the file is than its header says; `None` if it is not. While the log is not
/// empty, the missing part can be there: this is the cause of a damage only if something is damaged.
pub(super) fn cut(path: &Path) -> Option<String> {
    let mut file = open_unfollowed(path).ok()?;
    let mut header = [0; HEADER_BYTES];
    file.read_exact(&mut header).ok()?;
    Header::read(&header)?.cut(file.metadata().ok()?.len())
}

/// Fields of the header of a SQLite file (<https://www.sqlite.org/fileformat.html>, section 1.3).
struct Header {
    application_id: i64,
    version: i64,
    /// The least size of the file.
    bytes: u64,
}

impl Header {
    /// Says how much of a file of this length is missing; `None` if nothing is.
    fn cut(&self, length: u64) -> Option<String> {
        let missing = self.bytes.checked_sub(length).filter(|missing| *missing > 0)?;
        let noun = if missing == 1 { "byte" } else { "bytes" };
        Some(format!("it was cut to {length} bytes, {missing} {noun} less than its header says"))
    }

    fn read(header: &[u8]) -> Option<Self> {
        header.strip_prefix(b"SQLite format 3\0")?;
        let number = |at: usize| {
            let bytes = header.get(at..at + 4)?;
            Some(u32::from_be_bytes(bytes.try_into().ok()?))
        };
        let page_size = u16::from_be_bytes(header.get(16..18)?.try_into().ok()?);
        let page_size = if page_size == 1 { 65536 } else { u64::from(page_size) };
        Some(Self {
            application_id: number(68)?.into(),
            version: number(60)?.into(),
            bytes: page_size.saturating_mul(number(28)?.into()),
        })
    }
}

fn open_unfollowed(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(path)
}

/// The path of a file that SQLite keeps beside the archive.
pub(super) fn companion(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The archive and all of its companions.
pub(super) fn files(path: &Path) -> [PathBuf; 3] {
    ["", "-wal", "-shm"].map(|suffix| companion(path, suffix))
}

/// Whether the archive has no log, or an empty one, as after it was closed properly.
pub(super) fn log_is_empty(path: &Path) -> bool {
    companion(path, "-wal").metadata().map_or(true, |log| log.len() == 0)
}

/// The path as a URI that tells SQLite that the file cannot change.
pub(super) fn immutable(path: &Path) -> PathBuf {
    let path = percent_encode(path.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC);
    PathBuf::from(format!("file:{}?immutable=1", path.to_string().replace("%2F", "/")))
}

/// The path with the symbolic links of its folder resolved: SQLite refuses a path with a link, but a
/// home folder can be one.
pub(super) fn resolved(path: &Path, name: &str) -> Result<PathBuf, StoreError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let Some(file) = path.file_name() else {
        let reason = "it does not name a file".to_owned();
        return Err(StoreError::UnsafePath { name: name.to_owned(), reason });
    };
    match folder.canonicalize() {
        Ok(folder) => Ok(folder.join(file)),
        Err(error) => Err(io_error(name, &error)),
    }
}

/// Creates the folder of a new archive, which only the owner can use. A folder that exists stays as
/// it is.
pub(super) fn make_folder(path: &Path, name: &str) -> Result<(), StoreError> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    let made = DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder);
    made.map_err(|error| io_error(name, &error))
}

/// Creates an empty file that only the owner can read and write, whatever the umask is. SQLite gives
/// the files beside it the same permissions.
pub(super) fn make_file(path: &Path, name: &str) -> Result<(), StoreError> {
    let make = || {
        let flags = OFlags::NOFOLLOW.bits().cast_signed();
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(FILE_MODE)
            .custom_flags(flags)
            .open(path)?;
        file.set_permissions(Permissions::from_mode(FILE_MODE))
    };
    make().map_err(|error| io_error(name, &error))
}

/// Removes all permissions of the group and of others.
pub(super) fn make_private(path: &Path, name: &str) -> Result<(), StoreError> {
    for path in files(path) {
        let Ok(metadata) = path.symlink_metadata() else { continue };
        let mode = metadata.permissions().mode();
        if metadata.is_file() && mode & 0o077 != 0 {
            std::fs::set_permissions(&path, Permissions::from_mode(mode & 0o700))
                .map_err(|error| io_error(name, &error))?;
        }
    }
    Ok(())
}

/// Fails if the archive cannot be written to, or its folder, in which SQLite creates the log. The
/// error of SQLite would only say that it cannot open the file.
pub(super) fn refuse_read_only(path: &Path, name: &str) -> Result<(), StoreError> {
    for path in path.parent().into_iter().chain([path]) {
        match access(path, Access::WRITE_OK) {
            Ok(()) => {}
            Err(Errno::ROFS | Errno::ACCESS | Errno::PERM) => {
                return Err(StoreError::ReadOnly { name: name.to_owned() });
            }
            Err(error) => return Err(io_error(name, &error.into())),
        }
    }
    // Reading an archive that was read-only has made files beside it that are read-only too.
    match forbidden_action(path) {
        Some(action) => Err(StoreError::NoPermission { name: name.to_owned(), action }),
        None => Ok(()),
    }
}

/// Fails if the folder of the archive is on a network file system.
pub(super) fn refuse_network(path: &Path, name: &str) -> Result<(), StoreError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    match network_file_system(folder) {
        Ok(None) => Ok(()),
        Ok(Some(kind)) => Err(StoreError::NetworkFileSystem { name: name.to_owned(), kind }),
        Err(error) => Err(io_error(name, &error)),
    }
}

#[cfg(target_os = "linux")]
fn network_file_system(folder: &Path) -> io::Result<Option<&'static str>> {
    let statistics = rustix::fs::statfs(folder)?;
    Ok(u32::try_from(statistics.f_type).ok().and_then(network_name))
}

/// Only Linux identifies the kind of a file system by a number.
#[cfg(not(target_os = "linux"))]
fn network_file_system(_: &Path) -> io::Result<Option<&'static str>> {
    Ok(None)
}

/// The name of a file system whose files are on another machine, by its number in Linux
/// (`statfs(2)`).
#[cfg(target_os = "linux")]
pub(super) fn network_name(number: u32) -> Option<&'static str> {
    Some(match number {
        0x6969 => "NFS",
        0x517B => "SMB",
        0xFF53_4D42 => "CIFS",
        0xFE53_4D42 => "SMB 2",
        0x0102_1997 => "9P",
        0x5346_414F | 0x6B41_4653 => "AFS",
        0x7375_7245 => "Coda",
        0x00C3_6400 => "Ceph",
        0x0BD0_0BD0 => "Lustre",
        0x0116_1970 => "GFS2",
        0x7461_636F => "OCFS2",
        // This includes sshfs. The number does not distinguish the file systems of FUSE.
        0x6573_5546 => "FUSE",
        _ => return None,
    })
}

/// What the permissions of the archive, the files beside it and its folder do not allow, with the name of
/// the file or folder; `None` if they allow everything.
pub(super) fn forbidden_action(path: &Path) -> Option<String> {
    let is_forbidden =
        |path: &Path, wanted| matches!(access(path, wanted), Err(Errno::ACCESS | Errno::PERM));
    let folders: Vec<_> =
        path.ancestors().skip(1).filter(|it| !it.as_os_str().is_empty()).collect();
    let searched = folders.iter().rev().find(|folder| is_forbidden(folder, Access::EXEC_OK));
    if let Some(folder) = searched {
        return Some(format!("search the folder {}", folder.display()));
    }
    for file in files(path) {
        for (wanted, verb) in [(Access::READ_OK, "read"), (Access::WRITE_OK, "write to")] {
            if is_forbidden(&file, wanted) {
                return Some(format!("{verb} {}", file.display()));
            }
        }
    }
    let folder = folders.into_iter().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    is_forbidden(folder, Access::WRITE_OK)
        .then(|| format!("create files in the folder {}", folder.display()))
}

/// Whether a write to one of the files can have exceeded the file size limit of this process.
pub(super) fn is_at_size_limit(path: &Path) -> bool {
    let Some(limit) = getrlimit(Resource::Fsize).current else { return false };
    let lengths = files(path).into_iter().filter_map(|file| Some(file.metadata().ok()?.len()));
    lengths.max().unwrap_or(0).saturating_add(MAX_UNDONE_BYTES) > limit
}

/// Whether the file system of the archive has no space left, or cannot hold another file.
pub(super) fn has_no_space(path: &Path) -> bool {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Ok(found) = statvfs(folder.unwrap_or(Path::new("."))) else { return false };
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    // A file system that has no fixed number of files states 0 of 0.
    free < MIN_FREE_BYTES || (found.f_files > 0 && found.f_favail == 0)
}

pub(super) fn io_error(name: &str, error: &io::Error) -> StoreError {
    let name = name.to_owned();
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full { name },
        ErrorKind::FileTooLarge => StoreError::FileTooLarge { name },
        ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly { name },
        ErrorKind::PermissionDenied => {
            let action = forbidden_action(Path::new(&name));
            let action = action.unwrap_or_else(|| format!("use the archive {name}"));
            StoreError::NoPermission { name, action }
        }
        _ => StoreError::Io { name, reason: error.to_string() },
    }
}
