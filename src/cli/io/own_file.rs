//! Files that a run continues to write, and that belong to it alone.
//!
//! Other users may be able to write to the folder, so no link is followed, and a file is used only
//! if it is regular, belongs to the user and has no other hard link. A lock keeps a second run away.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::ops::Deref;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{FlockOperation, OFlags, flock};

use crate::failure::{Failure, Kind};
use crate::io::system_error::error_text;

/// How often opening is repeated when another run has just moved the file to its place.
pub(crate) const MAX_ATTEMPTS: usize = 100;

/// Why a link is refused.
pub(crate) const LINK: &str = "it is a link, and links are not followed here";

/// Why a file cannot be opened.
#[derive(Debug)]
pub(crate) enum OpenError {
    /// Another run has locked it.
    Locked,
    /// The system refuses, or the file must not be used.
    Io(io::Error),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A file that no other run can lock as long as this exists.
#[derive(Debug)]
pub(crate) struct LockedFile(File);

impl LockedFile {
    /// Locks an open file.
    ///
    /// # Errors
    /// When another run has locked it.
    pub(crate) fn new(file: File) -> Result<Self, OpenError> {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self(file)),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(OpenError::Locked),
            Err(error) => Err(io::Error::from(error).into()),
        }
    }
}

impl Deref for LockedFile {
    type Target = File;

    fn deref(&self) -> &File {
        &self.0
    }
}

impl Drop for LockedFile {
    fn drop(&mut self) {
        // Closing the file would not unlock it yet if a child process that was just started still has
        // its copies of all open files.
        let _ = flock(&self.0, FlockOperation::Unlock);
    }
}

/// Opens the file at a path for reading and writing, and locks it; `None` when there is none.
///
/// # Errors
/// When another run has locked it, or it must not be used.
pub(crate) fn lock(path: &Path) -> Result<Option<LockedFile>, OpenError> {
    for _ in 0..MAX_ATTEMPTS {
        let mut options = OpenOptions::new();
        let Some(file) = open_existing(path, options.read(true).write(true))? else {
            return Ok(None);
        };
        let file = LockedFile::new(file)?;
        // The run that had locked it may have moved it, or put another file in its place.
        let opened = file.metadata()?;
        match fs::symlink_metadata(path) {
            Ok(named) if (named.dev(), named.ino()) == (opened.dev(), opened.ino()) => {
                return Ok(Some(file));
            }
            _ => {}
        }
    }
    Err(OpenError::Locked)
}

/// Opens a regular file of the user; `None` when it does not exist.
///
/// # Errors
/// When it cannot be opened, or must not be used.
pub(crate) fn open_existing(path: &Path, options: &mut OpenOptions) -> io::Result<Option<File>> {
    // Examined before it is opened, since opening a device can have effects.
    match fs::symlink_metadata(path) {
        Ok(found) => require_own(&found)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    // It may have been replaced since: opening a link fails, and a pipe is not waited for.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    match options.custom_flags(flags).open(path) {
        Ok(file) => {
            require_own(&file.metadata()?)?;
            Ok(Some(file))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The rest of a regular file of at most `most` bytes.
///
/// # Errors
/// When it cannot be read, or is larger. By its size, it is then refused before it is read.
pub(crate) fn read_up_to(file: &File, most: u64) -> io::Result<Vec<u8>> {
    let too_large = || refused("it is too large");
    if file.metadata()?.len() > most {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // It may grow meanwhile.
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(too_large());
    }
    Ok(bytes)
}

fn require_own(found: &fs::Metadata) -> io::Result<()> {
    require_regular(found)?;
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(refused("it belongs to another user"));
    }
    // The other link can be a file that must not change.
    if found.nlink() > 1 {
        return Err(refused("it has a second name (a hard link)"));
    }
    Ok(())
}

/// Makes sure that a file is a regular one.
///
/// # Errors
/// When it is not.
pub(crate) fn require_regular(found: &fs::Metadata) -> io::Result<()> {
    if found.is_symlink() {
        return Err(refused(LINK));
    }
    if found.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !found.is_file() {
        return Err(refused("it is not a regular file"));
    }
    Ok(())
}

/// The error of a file that this program, and not the system, refuses.
pub(crate) fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

/// The failure of a file that cannot be written: a usage error when this program refuses it, and a
/// local error when the system does.
pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    let kind = match error.kind() {
        io::ErrorKind::InvalidInput => Kind::Usage,
        _ => Kind::Local,
    };
    Failure::new(kind, format!("cannot write {}", path.display())).because(error_text(error))
}

/// Removes a file, if there is one.
///
/// # Errors
/// When it cannot be removed.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_large_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        // Reading a file that is open for writing only would fail with another error.
        let file = File::create(&path).unwrap();
        file.set_len(9).unwrap();
        assert_eq!(read_up_to(&file, 8).unwrap_err().to_string(), "it is too large");
        let file = File::open(&path).unwrap();
        assert_eq!(read_up_to(&file, 9).unwrap(), [0; 9]);
    }

    #[test]
    fn a_copy_of_a_locked_file_in_another_process_does_not_keep_it_locked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "").unwrap();
        let locked = lock(&path).unwrap().unwrap();
        // Shares the lock, as the copy does that a child process has until it runs its program.
        let copy = locked.try_clone().unwrap();
        assert!(matches!(lock(&path), Err(OpenError::Locked)));
        drop(locked);
        assert!(lock(&path).unwrap().is_some());
        drop(copy);
    }
}
