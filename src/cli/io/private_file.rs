//! Files that hold secrets: opened without waiting, read up to a cap, wiped after use, and asked
//! who else can read them.
//!
//! What is in them, and whether it may be read by others, is decided by who opens them.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use secrecy::zeroize::Zeroizing;

/// Who can read a file besides its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exposure {
    /// Nobody, or the system does not tell.
    Owner,
    /// The file's group.
    Group,
    /// Everybody.
    Others,
}

/// What was read.
pub(crate) struct SecretFile {
    /// The contents, wiped when dropped.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// Who else could have read it, by the open handle.
    pub(crate) exposure: Exposure,
    /// Whether everybody can change it.
    pub(crate) writable_by_others: bool,
}

impl SecretFile {
    /// What came through a pipe, which nobody else reads.
    pub(crate) fn private(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { bytes, exposure: Exposure::Owner, writable_by_others: false }
    }
}

/// Why a file cannot be read, as a clause to follow its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// There is none.
    Missing,
    /// Anything else.
    Because(String),
}

/// Reads a regular file of at most `most` bytes.
pub(crate) fn read_regular(path: &Path, most: usize) -> Result<SecretFile, Unreadable> {
    // Looked at before it is opened, since opening a FIFO waits for its other end; and once more
    // when it is open, since it may have been exchanged.
    require_regular(&std::fs::metadata(path).map_err(|error| unreadable(&error))?)?;
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let metadata = file.metadata().map_err(|error| unreadable(&error))?;
    require_regular(&metadata)?;
    read_open(file, &metadata, most)
}

/// Reads a file of any sort, so that `<(command)` works; of at most `most` bytes.
pub(crate) fn read_any(path: &Path, most: usize) -> Result<SecretFile, Unreadable> {
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let metadata = file.metadata().map_err(|error| unreadable(&error))?;
    if metadata.is_dir() {
        return Err(Unreadable::Because("is a directory".into()));
    }
    read_open(file, &metadata, most)
}

fn read_open(file: File, metadata: &Metadata, most: usize) -> Result<SecretFile, Unreadable> {
    let (exposure, writable_by_others) =
        if metadata.is_file() { exposure(metadata) } else { (Exposure::Owner, false) };
    let expected = match usize::try_from(metadata.len()) {
        Ok(size) if metadata.is_file() => size.min(most),
        _ => most,
    };
    Ok(SecretFile { bytes: capped(file, expected, most)?, exposure, writable_by_others })
}

/// Reads to the end, refusing more than `most` bytes; `expected` is about how many there are.
pub(crate) fn capped(
    from: impl Read,
    expected: usize,
    most: usize,
) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
    // Room for all from the start: growing would leave copies that nobody wipes.
    let mut bytes = Zeroizing::new(Vec::with_capacity(expected.saturating_add(1)));
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    from.take(limit).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() > most {
        return Err(Unreadable::Because(format!("is larger than {} KiB", most / 1024)));
    }
    Ok(bytes)
}

/// The bytes as text, without the byte order mark that some editors put at the start.
///
/// # Errors
/// When they are in another encoding; the reason is a clause to follow the name of the file.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, &'static str> {
    const SAVE_IT: &str = "is UTF-16, not UTF-8: save it in UTF-8";
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(SAVE_IT);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|_| "is not valid UTF-8")
}

fn require_regular(metadata: &Metadata) -> Result<(), Unreadable> {
    if metadata.is_dir() {
        return Err(Unreadable::Because("is a directory".into()));
    }
    if !metadata.is_file() {
        return Err(Unreadable::Because("is not a regular file".into()));
    }
    Ok(())
}

fn unreadable(error: &io::Error) -> Unreadable {
    if error.kind() == io::ErrorKind::NotFound {
        return Unreadable::Missing;
    }
    Unreadable::Because(format!("cannot be read: {}", plain(error)))
}

/// What the system said, without its number.
pub(crate) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error").map_or(text.as_str(), |(words, _)| words).to_owned()
}

#[cfg(unix)]
fn exposure(metadata: &Metadata) -> (Exposure, bool) {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode();
    let readable = match mode {
        mode if mode & 0o004 != 0 => Exposure::Others,
        mode if mode & 0o040 != 0 => Exposure::Group,
        _ => Exposure::Owner,
    };
    (readable, mode & 0o002 != 0)
}

#[cfg(not(unix))]
fn exposure(_: &Metadata) -> (Exposure, bool) {
    (Exposure::Owner, false)
}

/// The line that mends an exposed file.
pub(crate) fn chmod_line(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%,:=".contains(c);
    if !path.is_empty() && !path.starts_with('-') && path.chars().all(plain) {
        format!("chmod 600 {path}")
    } else {
        format!("chmod 600 -- '{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn because(read: Result<SecretFile, Unreadable>) -> String {
        match read.err() {
            Some(Unreadable::Because(why)) => why,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn what_is_no_regular_file_is_refused_with_a_plain_reason() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(because(read_regular(folder.path(), 10)), "is a directory");
        assert_eq!(because(read_any(folder.path(), 10)), "is a directory");
        let looped = folder.path().join("loop");
        symlink(&looped, &looped).unwrap();
        let why = because(read_regular(&looped, 10));
        assert_eq!(why, "cannot be read: Too many levels of symbolic links");
        let missing = read_regular(&folder.path().join("none"), 10).err();
        assert_eq!(missing, Some(Unreadable::Missing));
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
    fn a_file_is_read_up_to_the_cap_and_not_beyond() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [b'x'; 2048]).unwrap();
        assert_eq!(read_regular(file.path(), 2048).ok().unwrap().bytes.len(), 2048);
        assert_eq!(because(read_regular(file.path(), 2047)), "is larger than 1 KiB");
        assert_eq!(because(read_any(Path::new("/dev/zero"), 2048)), "is larger than 2 KiB");
    }

    #[test]
    fn it_is_known_who_else_can_read_or_change_the_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (mode, wanted) in [
            (0o600, (Exposure::Owner, false)),
            (0o640, (Exposure::Group, false)),
            (0o644, (Exposure::Others, false)),
            (0o604, (Exposure::Others, false)),
            (0o602, (Exposure::Owner, true)),
        ] {
            std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
            let read = read_regular(file.path(), 10).ok().unwrap();
            assert_eq!((read.exposure, read.writable_by_others), wanted, "{mode:o}");
        }
    }

    #[test]
    fn the_line_that_mends_works_in_a_shell_for_any_path() {
        assert_eq!(chmod_line(Path::new("/home/a/c.toml")), "chmod 600 /home/a/c.toml");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a 'b'$(false)");
        std::fs::write(&file, "").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let mended = std::process::Command::new("sh").arg("-c").arg(chmod_line(&file)).status();
        assert!(mended.unwrap().success());
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
