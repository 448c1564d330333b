//! Writes the file, completely or not at all, readable only by its owner.

use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// A file with every setting, commented out.
pub(crate) const EXAMPLE: &str = include_str!("../../../config.example.toml");

/// Writes the file if it does not exist.
///
/// # Errors
/// When it exists, or cannot be written.
pub(crate) fn create(path: &Path, text: &str) -> io::Result<()> {
    let folder = folder_of(path);
    private_folders().create(folder)?;
    let file = temporary(folder, text)?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// Writes the file in place of the one that exists. A link stays, and its target is replaced.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let folder = folder_of(&path);
    let file = temporary(folder, text)?;
    file.persist(&path).map_err(|error| error.error)?;
    sync_folder(folder)
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or_else(|| Path::new("."))
}

/// A file in the same folder with mode 0600, which gets its name when it is complete.
fn temporary(folder: &Path, text: &str) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(".config-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn private_folders() -> DirBuilder {
    let mut folders = DirBuilder::new();
    folders.recursive(true);
    std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
    folders
}

/// Makes the new name durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
