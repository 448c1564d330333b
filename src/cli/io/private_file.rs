//! Files that can hold secrets, and other small files that the user names: opened without waiting,
//! read up to a limit, wiped after use, and returned with the permissions of other users.
//!
//! The caller interprets the content and judges the permissions.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use omnilogs::client::shell_word;
use secrecy::zeroize::Zeroizing;

use crate::io::system_error::error_text;

/// How long reading a regular file may take: some files in `/proc` never end, and a file server that
/// cannot be reached may never respond.
const MAX_READ_TIME: Duration = Duration::from_secs(5);

/// A file that was read.
pub(crate) struct PrivateFile {
    /// The contents, wiped when dropped.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// Who else can read and change the file.
    pub(crate) access: Access,
}

/// Who can read and change a file or a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    owner: u32,
    mode: u32,
}

impl Access {
    /// The access to a pipe, which no other user can read.
    pub(crate) fn of_a_pipe() -> Self {
        Self { owner: own_id(), mode: 0o600 }
    }

    fn of(metadata: &Metadata) -> Self {
        if metadata.is_file() || metadata.is_dir() {
            Self { owner: metadata.uid(), mode: metadata.mode() }
        } else {
            Self::of_a_pipe()
        }
    }

    /// Whether every user can read it.
    pub(crate) fn readable_by_everybody(self) -> bool {
        self.mode & 0o004 != 0
    }

    /// Whether its group can read it.
    pub(crate) fn readable_by_group(self) -> bool {
        self.mode & 0o040 != 0
    }

    /// Whether every user can change it.
    pub(crate) fn writable_by_everybody(self) -> bool {
        self.mode & 0o002 != 0
    }

    /// Whether it belongs to the user or to root.
    pub(crate) fn is_owned_by_user_or_root(self) -> bool {
        self.owner == own_id() || self.owner == 0
    }
}

fn own_id() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The folder of the path in which another user could replace the file, or a folder above it; `None`
/// when another user can replace it in none of them. For a link, the folders of its target count as well.
///
/// # Errors
/// When a folder of the path cannot be examined.
pub(crate) fn exchangeable_folder(path: &Path) -> io::Result<Option<PathBuf>> {
    let given = std::path::absolute(path)?;
    for file in [given, path.canonicalize()?] {
        for (depth, folder) in file.ancestors().skip(1).enumerate() {
            let metadata = std::fs::metadata(folder)?;
            let access = Access::of(&metadata);
            // In a folder with the sticky bit, such as /tmp, users can rename only their own files.
            let is_sticky = metadata.mode() & 0o1000 != 0;
            // In a container, the folders above may belong to unknown users of the host.
            let is_foreign = depth == 0 && !access.is_owned_by_user_or_root();
            if access.writable_by_everybody() && !is_sticky || is_foreign {
                return Ok(Some(folder.to_owned()));
            }
        }
    }
    Ok(None)
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PrivateFileError {
    /// It does not exist.
    Missing,
    /// Any other reason, as a clause to follow the name of the file.
    Because(String),
}

/// Reads a regular file of at most `most` bytes.
pub(crate) fn read_regular(path: &Path, most: usize) -> Result<PrivateFile, PrivateFileError> {
    // Most runs have no configuration file, and a thread would take a fifth of the time of their start.
    let found = std::fs::symlink_metadata(path);
    if found.is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return Err(PrivateFileError::Missing);
    }
    let path = path.to_owned();
    within(MAX_READ_TIME, move || read_regular_now(&path, most))
}

/// What `read` returns, or an error when it does not return in this time. Its thread is abandoned
/// then, since nothing ends a call to the system that waits for an unreachable file server.
fn within(
    limit: Duration,
    read: impl FnOnce() -> Result<PrivateFile, PrivateFileError> + Send + 'static,
) -> Result<PrivateFile, PrivateFileError> {
    let (sender, receiver) = mpsc::channel();
    // When nothing receives it any longer, the file is wiped like any other.
    let thread = std::thread::Builder::new().spawn(move || drop(sender.send(read())));
    thread.map_err(|error| unreadable(&error))?;
    receiver.recv_timeout(limit).unwrap_or_else(|_| {
        let seconds = limit.as_secs();
        Err(PrivateFileError::Because(format!("cannot be read within {seconds} s")))
    })
}

fn read_regular_now(path: &Path, most: usize) -> Result<PrivateFile, PrivateFileError> {
    // Examined before it is opened, since opening a FIFO waits for its other end.
    let metadata = std::fs::metadata(path).map_err(|error| missing(path, &error))?;
    require_regular(&metadata)?;
    let file = File::open(path).map_err(|error| missing(path, &error))?;
    let metadata = file.metadata().map_err(|error| unreadable(&error))?;
    // It may have been replaced since it was examined.
    require_regular(&metadata)?;
    read_open(file, &metadata, most)
}

/// Reads a file of any kind, at most `most` bytes, so that `<(command)` works.
pub(crate) fn read_any(path: &Path, most: usize) -> Result<PrivateFile, PrivateFileError> {
    let file = File::open(path).map_err(|error| missing(path, &error))?;
    let metadata = file.metadata().map_err(|error| unreadable(&error))?;
    if metadata.is_dir() {
        return Err(PrivateFileError::Because("is a directory".into()));
    }
    read_open(file, &metadata, most)
}

fn read_open(
    file: File,
    metadata: &Metadata,
    most: usize,
) -> Result<PrivateFile, PrivateFileError> {
    let expected = match usize::try_from(metadata.len()) {
        _ if !metadata.is_file() => most,
        Ok(size) if size <= most => size,
        // Reading as much as is allowed can take long on a busy machine, and changes nothing.
        _ => return Err(too_large(most)),
    };
    let access = Access::of(metadata);
    Ok(PrivateFile { bytes: capped(file, expected, most)?, access })
}

/// Reads to the end, and refuses more than `most` bytes. `expected` estimates how many there are.
pub(crate) fn capped(
    from: impl Read,
    expected: usize,
    most: usize,
) -> Result<Zeroizing<Vec<u8>>, PrivateFileError> {
    // Allocated in full at the start: growing would leave copies that are not wiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(expected.saturating_add(1)));
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    from.take(limit).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() > most {
        return Err(too_large(most));
    }
    Ok(bytes)
}

fn too_large(most: usize) -> PrivateFileError {
    PrivateFileError::Because(format!("is larger than {} KiB", most / 1024))
}

/// The bytes as text, without the byte order mark that some editors put at the start.
///
/// # Errors
/// When they are in another encoding; the reason is a clause to follow the name of the file.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, &'static str> {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err("is UTF-16, not UTF-8: save it in UTF-8");
    }
    std::str::from_utf8(bytes).map(without_byte_order_mark).map_err(|_| "is not valid UTF-8")
}

/// The text without a byte order mark at its start, which is invisible and not part of any value.
pub(crate) fn without_byte_order_mark(text: &str) -> &str {
    text.strip_prefix('\u{FEFF}').unwrap_or(text)
}

fn require_regular(metadata: &Metadata) -> Result<(), PrivateFileError> {
    if metadata.is_dir() {
        return Err(PrivateFileError::Because("is a directory".into()));
    }
    if !metadata.is_file() {
        return Err(PrivateFileError::Because("is not a regular file".into()));
    }
    Ok(())
}

/// Why a file cannot be opened; a link whose target is missing is named as one.
fn missing(path: &Path, error: &io::Error) -> PrivateFileError {
    // A name that no file can have may be a secret, typed where its file belongs.
    if error.kind() == ErrorKind::InvalidFilename {
        return PrivateFileError::Missing;
    }
    if error.kind() != ErrorKind::NotFound {
        return unreadable(error);
    }
    match std::fs::read_link(path) {
        Ok(target) => PrivateFileError::Because(format!(
            "is a link to {}, which does not exist",
            target.display()
        )),
        Err(_) => PrivateFileError::Missing,
    }
}

fn unreadable(error: &io::Error) -> PrivateFileError {
    PrivateFileError::Because(format!("cannot be read: {}", error_text(error)))
}

/// The shell command that changes the mode of a file or a folder.
pub(crate) fn chmod_line(mode: &str, path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%,:=".contains(c);
    if !path.is_empty() && !path.starts_with('-') && path.chars().all(plain) {
        format!("chmod {mode} {path}")
    } else {
        format!("chmod {mode} -- {}", shell_word(&path))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn because(read: Result<PrivateFile, PrivateFileError>) -> String {
        match read.err() {
            Some(PrivateFileError::Because(why)) => why,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn anything_but_a_regular_file_is_refused_with_a_clear_reason() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(because(read_regular(folder.path(), 10)), "is a directory");
        assert_eq!(because(read_any(folder.path(), 10)), "is a directory");
        let looped = folder.path().join("loop");
        symlink(&looped, &looped).unwrap();
        let why = because(read_regular(&looped, 10));
        assert_eq!(why, "cannot be read: Too many levels of symbolic links");
        let missing = read_regular(&folder.path().join("none"), 10).err();
        assert_eq!(missing, Some(PrivateFileError::Missing));
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_text_and_other_encodings_are_named() {
        assert_eq!(text(b"\xEF\xBB\xBFkey"), Ok("key"));
        assert_eq!(text("ключ".as_bytes()), Ok("ключ"));
        assert_eq!(text(b"k\xFF"), Err("is not valid UTF-8"));
        for wide in [&b"\xFF\xFEk\0"[..], b"\xFE\xFF\0k"] {
            assert_eq!(text(wide), Err("is UTF-16, not UTF-8: save it in UTF-8"));
        }
    }

    #[test]
    fn a_fifo_is_refused_without_waiting_for_its_other_end() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        assert_eq!(because(read_regular(&fifo, 10)), "is not a regular file");
    }

    #[test]
    fn a_file_that_the_system_does_not_open_is_given_up_after_the_limit() {
        let (open, opened) = mpsc::channel();
        let stalled = move || {
            opened.recv().unwrap();
            read_any(Path::new("/dev/null"), 10)
        };
        assert_eq!(because(within(Duration::ZERO, stalled)), "cannot be read within 0 s");
        // It waited until now, for as long as this end exists.
        open.send(()).unwrap();
    }

    #[test]
    fn a_file_is_read_up_to_the_limit_and_not_beyond() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [b'x'; 2048]).unwrap();
        assert_eq!(read_regular(file.path(), 2048).ok().unwrap().bytes.len(), 2048);
        assert_eq!(because(read_regular(file.path(), 2047)), "is larger than 1 KiB");
        assert_eq!(because(read_any(Path::new("/dev/zero"), 2048)), "is larger than 2 KiB");
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_before_it_is_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(2048).unwrap();
        // Reading it would fail.
        let for_writing = File::options().write(true).open(file.path()).unwrap();
        let metadata = for_writing.metadata().unwrap();
        assert_eq!(because(read_open(for_writing, &metadata, 2047)), "is larger than 1 KiB");
    }

    #[test]
    fn a_link_whose_target_is_missing_differs_from_a_missing_file() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink("/nowhere/at/all", &link).unwrap();
        for read in [read_regular(&link, 10), read_any(&link, 10)] {
            assert_eq!(because(read), "is a link to /nowhere/at/all, which does not exist");
        }
    }

    #[test]
    fn the_permissions_of_group_and_others_are_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (mode, wanted) in [
            (0o600, (false, false, false)),
            (0o640, (true, false, false)),
            (0o644, (true, true, false)),
            (0o604, (false, true, false)),
            (0o602, (false, false, true)),
        ] {
            std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
            let access = read_regular(file.path(), 10).ok().unwrap().access;
            let found = (
                access.readable_by_group(),
                access.readable_by_everybody(),
                access.writable_by_everybody(),
            );
            assert_eq!(found, wanted, "{mode:o}");
            assert!(access.is_owned_by_user_or_root());
        }
    }

    #[test]
    fn a_folder_that_others_can_change_is_found_also_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let open = folder.path().join("open");
        std::fs::create_dir_all(open.join("inner")).unwrap();
        let file = open.join("inner/file");
        std::fs::write(&file, "").unwrap();
        symlink(&file, folder.path().join("link")).unwrap();
        for (mode, found) in [(0o755, false), (0o1777, false), (0o777, true)] {
            std::fs::set_permissions(&open, std::fs::Permissions::from_mode(mode)).unwrap();
            for path in [file.clone(), folder.path().join("link")] {
                let folder = exchangeable_folder(&path).unwrap();
                assert_eq!(folder.is_some_and(|it| it.ends_with("open")), found, "{mode:o}");
            }
        }
    }

    #[test]
    fn the_chmod_command_works_in_a_shell_for_any_path() {
        assert_eq!(chmod_line("600", Path::new("/home/a/c.toml")), "chmod 600 /home/a/c.toml");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a 'b'$(false)");
        std::fs::write(&file, "").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let status =
            std::process::Command::new("sh").arg("-c").arg(chmod_line("600", &file)).status();
        assert!(status.unwrap().success());
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
