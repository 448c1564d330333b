//! A file that is written beside another one, and replaces it when it is complete.
//!
//! Where the system supports it, the file has no name while it is written, so that nothing is left
//! however the run ends. Elsewhere its name begins with `.omnilogs-`.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use tempfile::{Builder, TempPath};

/// The start of the names of temporary files.
const PREFIX: &str = ".omnilogs-";

/// The mode of a new file before the user's umask is applied, as in other programs.
pub(crate) const NEW_FILE_MODE: u32 = 0o666;

/// The temporary files with a name, which are removed when a signal ends the program at once.
static NAMED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn named() -> MutexGuard<'static, Vec<PathBuf>> {
    NAMED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the temporary files of this process, just before it ends. No file can get a temporary name
/// while the result exists.
pub(crate) fn remove_temporary_files() -> impl Sized {
    let named = named();
    for path in named.iter() {
        // The program ends now, and cannot report an error.
        let _ = fs::remove_file(path);
    }
    named
}

/// A file that is being written and will replace another.
pub(crate) struct Replacement {
    file: File,
    /// Its temporary name, if it has one.
    name: Option<TempPath>,
    target: PathBuf,
}

impl Replacement {
    /// Opens a file that will replace `target`, a path that is not a link, and gives it the mode of the
    /// old file.
    ///
    /// # Errors
    /// When the file cannot be written, or could not replace the target. Nothing has changed then.
    pub(crate) fn of(target: PathBuf) -> io::Result<Self> {
        let old = require_replaceable(&target)?;
        let folder = folder_of(&target);
        // The file is never more readable than the old one, not even while it is written.
        let mode = old.as_ref().map(|old| old.mode() & 0o7777);
        let (file, name) = match nameless(&folder) {
            Ok(file) => (file, None),
            Err(_) => with_name(&folder, mode.unwrap_or(NEW_FILE_MODE))?,
        };
        if let Some(old) = &old {
            take_owner_and_mode(&file, old)?;
        }
        Ok(Self { file, name, target })
    }

    /// The path of the file that will be replaced.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Replaces the old file in one step.
    ///
    /// # Errors
    /// When the file cannot be put in place. The old file still exists then.
    pub(crate) fn put_in_place(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        match self.name.take() {
            Some(name) => {
                let path = name.to_path_buf();
                let persisted = name.persist(&self.target).map_err(|error| error.error);
                forget(&path);
                persisted
            }
            None => give_name(&self.file, &self.target),
        }
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if let Some(name) = self.name.take() {
            let path = name.to_path_buf();
            // Removed before it leaves the list, so that a signal does not leave it.
            drop(name);
            forget(&path);
        }
    }
}

fn forget(name: &Path) {
    named().retain(|path| path != name);
}

/// The folder that a path is in.
fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_owned()
}

/// Checks that the file at a path can be replaced, since an error is better before the requests than
/// after them. Returns its metadata; `None` when it does not exist.
///
/// # Errors
/// When it cannot be examined or replaced.
pub(crate) fn require_replaceable(path: &Path) -> io::Result<Option<Metadata>> {
    let old = match fs::symlink_metadata(path) {
        Ok(old) => old,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    require_permission(&old, &folder_of(path))?;
    require_no_mount(path)?;
    Ok(Some(old))
}

/// The mode of the file at a path, if it exists.
///
/// # Errors
/// When it cannot be examined.
pub(crate) fn mode_of(path: &Path) -> io::Result<Option<u32>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found.mode() & 0o7777)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// In a folder with the sticky bit, such as `/tmp`, only the owners of the file and of the folder may
/// replace a file.
fn require_permission(old: &Metadata, folder: &Path) -> io::Result<()> {
    let folder = fs::metadata(folder)?;
    let user = rustix::process::geteuid().as_raw();
    let is_owner = [0, old.uid(), folder.uid()].contains(&user);
    if folder.mode() & 0o1000 != 0 && !is_owner {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok(())
}

/// A file that is mounted into a container cannot be replaced, only written to.
#[cfg(target_os = "linux")]
fn require_no_mount(target: &Path) -> io::Result<()> {
    use rustix::fs::{StatxAttributes, StatxFlags, statx};
    let found = statx(CWD, target, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BASIC_STATS);
    if found.is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT)) {
        return Err(io::Error::new(io::ErrorKind::ResourceBusy, "it is a mount point"));
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn require_no_mount(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Opens a file without a name, which is removed when it is closed.
#[cfg(target_os = "linux")]
fn nameless(folder: &Path) -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(folder, flags, Mode::from_raw_mode(NEW_FILE_MODE))?);
    // Without /proc, the file could not get a name.
    let seen = fs::metadata(path_of(&file))?;
    let opened = file.metadata()?;
    if (seen.dev(), seen.ino()) == (opened.dev(), opened.ino()) {
        Ok(file)
    } else {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(not(target_os = "linux"))]
fn nameless(_: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

fn with_name(folder: &Path, mode: u32) -> io::Result<(File, Option<TempPath>)> {
    let mode = fs::Permissions::from_mode(mode);
    // Locked until the name is in the list, so that a signal cannot miss it.
    let mut list = named();
    let (file, name) =
        Builder::new().prefix(PREFIX).permissions(mode).tempfile_in(folder)?.into_parts();
    list.push(name.to_path_buf());
    Ok((file, Some(name)))
}

/// Gives a new file the owner and the mode of the one that it replaces. Only root can change the
/// owner; for other users the new file is their own.
pub(crate) fn take_owner_and_mode(file: &File, old: &Metadata) -> io::Result<()> {
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        let _ = std::os::unix::fs::fchown(file, Some(old.uid()), Some(old.gid()));
    }
    if new.mode() != old.mode() {
        file.set_permissions(fs::Permissions::from_mode(old.mode() & 0o7777))?;
    }
    Ok(())
}

fn path_of(file: &File) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

/// Gives a file without a name its name. Linking cannot replace an existing file, so in that case
/// the file gets a temporary name first.
fn give_name(file: &File, target: &Path) -> io::Result<()> {
    let link = |path: &Path| -> io::Result<()> {
        Ok(rustix::fs::linkat(CWD, path_of(file), CWD, path, AtFlags::SYMLINK_FOLLOW)?)
    };
    match link(target) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            // Locked until the temporary name is gone, so that a signal does not leave it.
            let _named = named();
            let linked = Builder::new().prefix(PREFIX).make_in(folder_of(target), link)?;
            linked.into_temp_path().persist(target).map_err(|error| error.error)
        }
        done => done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_a_temporary_name_replaces_the_old_one_and_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("rows");
        fs::write(&target, "old").unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
        let (file, name) = with_name(folder.path(), 0o600).unwrap();
        let at = name.as_ref().unwrap().to_path_buf();
        assert!(at.file_name().unwrap().to_str().unwrap().starts_with(PREFIX));
        assert!(named().contains(&at));
        take_owner_and_mode(&file, &fs::metadata(&target).unwrap()).unwrap();
        let mut replacement = Replacement { file, name, target: target.clone() };
        replacement.write_all(b"new").unwrap();
        replacement.put_in_place().unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert_eq!(fs::metadata(&target).unwrap().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(!named().contains(&at));
    }
}
