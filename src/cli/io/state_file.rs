//! The file of `--state`, which a run replaces in one step as it advances, so that a kill at any instant
//! leaves the old file or the new one. This module does not interpret the content.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::io::own_file::{self, LockedFile, OpenError, refused, remove};

/// More than the state of any window takes that fits into the memory of a small machine.
const MAX_BYTES: u64 = 256 << 20;

/// Only the user can read the file.
const MODE: u32 = 0o600;

/// The file, which is locked against other runs as long as this exists.
pub(crate) struct StateFile {
    path: PathBuf,
    /// The path of a state that is being written. The name is fixed, so that a kill leaves at most one.
    next: PathBuf,
    /// The current file with its lock; `None` before the first state is saved.
    locked: Option<LockedFile>,
}

impl StateFile {
    /// The path of the state that is being written beside `path`.
    pub(crate) fn next(path: &Path) -> PathBuf {
        let mut name = path.as_os_str().to_owned();
        name.push(".next");
        name.into()
    }

    /// Opens the file, and reads its content; `None` when it does not exist.
    ///
    /// # Errors
    /// When another run uses it, or it must not be used.
    pub(crate) fn open(path: &Path) -> Result<(Self, Option<Vec<u8>>), OpenError> {
        let locked = own_file::lock(path)?;
        let read = |locked: &LockedFile| own_file::read_up_to(locked, MAX_BYTES);
        let bytes = locked.as_ref().map(read).transpose()?;
        Ok((Self { path: path.to_owned(), next: Self::next(path), locked }, bytes))
    }

    /// Replaces the file.
    ///
    /// # Errors
    /// When it cannot be written; the old one still exists then.
    pub(crate) fn save(&mut self, bytes: &[u8]) -> io::Result<()> {
        remove(&self.next)?;
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create_new(true).mode(MODE).open(&self.next)?;
        match self.replace(file, bytes) {
            Ok(locked) => {
                self.locked = Some(locked);
                Ok(())
            }
            Err(error) => {
                // An incomplete state cannot be read.
                let _ = remove(&self.next);
                Err(error)
            }
        }
    }

    fn replace(&self, next: File, bytes: &[u8]) -> io::Result<LockedFile> {
        // Locked before it has its name, so that a second run never finds it without a lock.
        let next = LockedFile::new(next).map_err(|error| match error {
            OpenError::Locked => refused("another run has locked it"),
            OpenError::Io(error) => error,
        })?;
        (&*next).write_all(bytes)?;
        next.sync_all()?;
        if self.locked.is_some() {
            fs::rename(&self.next, &self.path)?;
        } else {
            // Another run may have saved its first state at the same time, which must stay.
            renameat_with(CWD, &self.next, CWD, &self.path, RenameFlags::NOREPLACE)?;
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_is_saved_is_read_back_and_no_other_run_uses_the_file_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let (mut first, bytes) = StateFile::open(&path).unwrap();
        assert_eq!(bytes, None);
        let (mut second, _) = StateFile::open(&path).unwrap();
        first.save(b"one").unwrap();
        assert!(second.save(b"other").is_err(), "the first run had started");
        assert!(!StateFile::next(&path).exists(), "a state that was not saved stayed behind");
        for text in ["two", "three"] {
            first.save(text.as_bytes()).unwrap();
            assert!(matches!(StateFile::open(&path), Err(OpenError::Locked)));
        }
        drop(first);
        let (_, bytes) = StateFile::open(&path).unwrap();
        assert_eq!(bytes.as_deref(), Some(&b"three"[..]));
    }

    #[test]
    fn what_a_kill_left_of_the_next_state_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        fs::write(StateFile::next(&path), "a part").unwrap();
        StateFile::open(&path).unwrap().0.save(b"whole").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
