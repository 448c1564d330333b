//! The files beside the output file of a run that can be resumed: `FILE.partial` with the rows so far,
//! and `FILE.checkpoint`.
//!
//! Other users may be able to write to the folder; `own_file` decides which files are used. This module
//! does not interpret the checkpoint.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::io::own_file::{
    self, LockedFile, OpenError, lock, open_existing, refused, remove, require_regular,
};
use crate::io::replacement::{self, NEW_FILE_MODE};

/// More than any checkpoint takes: it holds a few numbers, the gaps, and the identities of some
/// thousands of rows.
const MAX_CHECKPOINT_BYTES: u64 = 16 << 20;

/// Only the user can read the checkpoint.
const CHECKPOINT_MODE: u32 = 0o600;

/// The paths of the files.
#[derive(Clone, Debug)]
pub(crate) struct ResumeFiles {
    target: PathBuf,
    pub(crate) partial: PathBuf,
    pub(crate) checkpoint: PathBuf,
    /// A checkpoint that is being written. The name is fixed, so that a kill leaves at most one.
    next: PathBuf,
}

impl ResumeFiles {
    /// The files for this output file.
    pub(crate) fn beside(path: &Path) -> Self {
        let with = |end: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        Self {
            target: path.to_owned(),
            partial: with(".partial"),
            checkpoint: with(".checkpoint"),
            next: with(".checkpoint.next"),
        }
    }

    /// The files, without the output file itself.
    pub(crate) fn others(&self) -> [&Path; 3] {
        [&self.partial, &self.checkpoint, &self.next]
    }

    /// Makes sure that the output file can be replaced at the end.
    ///
    /// # Errors
    /// When it is not a regular file, or could not be replaced.
    pub(crate) fn check_target(&self) -> io::Result<()> {
        let Some(old) = replacement::require_replaceable(&self.target)? else { return Ok(()) };
        if old.is_symlink() {
            return Err(refused(own_file::LINK));
        }
        require_regular(&old)
    }

    /// The contents of the checkpoint; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read, or must not be used.
    pub(crate) fn read_checkpoint(&self) -> io::Result<Option<Vec<u8>>> {
        let mut options = OpenOptions::new();
        let Some(file) = open_existing(&self.checkpoint, options.read(true))? else {
            return Ok(None);
        };
        own_file::read_up_to(&file, MAX_CHECKPOINT_BYTES).map(Some)
    }

    /// Opens the rows so far and locks them; `None` when there are none.
    ///
    /// # Errors
    /// When another run has locked them, or they must not be used.
    pub(crate) fn lock(&self) -> Result<Option<LockedFile>, OpenError> {
        lock(&self.partial)
    }

    /// As [`Self::lock`], but creates an empty file when there is none, with the mode of the file
    /// that it will replace.
    ///
    /// # Errors
    /// When another run has locked them, or they must not be used.
    pub(crate) fn create_and_lock(&self) -> Result<LockedFile, OpenError> {
        let mode = replacement::mode_of(&self.target)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(mode.unwrap_or(NEW_FILE_MODE));
        for _ in 0..own_file::MAX_ATTEMPTS {
            match options.open(&self.partial) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(error.into());
                }
                _ => {}
            }
            if let Some(file) = self.lock()? {
                return Ok(file);
            }
        }
        Err(OpenError::Locked)
    }

    /// Opens the output file for reading; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read, or must not be used.
    pub(crate) fn open_target(&self) -> io::Result<Option<File>> {
        open_existing(&self.target, OpenOptions::new().read(true))
    }

    /// Writes the checkpoint in one step.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn save_checkpoint(&self, bytes: &[u8]) -> io::Result<()> {
        remove(&self.next)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(CHECKPOINT_MODE);
        let mut file = options.open(&self.next)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&self.next, &self.checkpoint)
    }

    /// Replaces the output file by the rows, keeps its mode, and removes the checkpoint. These steps
    /// can be repeated after a kill between them.
    ///
    /// # Errors
    /// When a step fails.
    pub(crate) fn put_in_place(&self, rows: &File) -> io::Result<()> {
        if let Ok(old) = fs::symlink_metadata(&self.target) {
            replacement::take_owner_and_mode(rows, &old)?;
        }
        rows.sync_all()?;
        fs::rename(&self.partial, &self.target)?;
        self.clean_up()
    }

    /// Removes the checkpoint once the rows are in place.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(crate) fn clean_up(&self) -> io::Result<()> {
        remove(&self.next)?;
        remove(&self.checkpoint)
    }

    /// Removes the files of a run that has written no rows.
    pub(crate) fn remove(&self) {
        for path in [&self.next, &self.checkpoint, &self.partial] {
            // A file that remains has no progress, and the next run starts over.
            let _ = remove(path);
        }
    }
}
