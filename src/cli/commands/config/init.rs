//! Writes the commented file, completely or not at all, readable only by its owner.

use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::path::Path;

use crate::failure::{Failure, Kind};
use crate::io::private_file::plain;

const EXAMPLE: &str = include_str!("../../../../config.example.toml");

/// Writes the file if it does not exist.
pub(super) fn write(path: &Path) -> Result<(), Failure> {
    // Checked first, since a folder may be readable and not writable.
    if path.symlink_metadata().is_ok() {
        return Err(already_exists(path));
    }
    put(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => already_exists(path),
        _ => Failure::new(Kind::Local, format!("cannot write {}", path.display()))
            .because(plain(&error)),
    })
}

/// The failure when the file exists.
fn already_exists(path: &Path) -> Failure {
    let target = std::fs::read_link(path);
    if let (Ok(target), false) = (target, path.exists()) {
        let (path, target) = (path.display(), target.display());
        return Failure::usage(format!("{path} is a link to {target}, which does not exist"))
            .because("config init does not follow links")
            .hint(format!("remove the link, or create {target}"));
    }
    Failure::usage(format!("{} already exists and was not changed", path.display()))
        .hint("omnilogs config show prints its settings")
}

fn put(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    private_folders().create(folder)?;
    // Created with mode 0600; renamed when it is complete.
    let mut file = tempfile::Builder::new().prefix(".config-").tempfile_in(folder)?;
    file.write_all(EXAMPLE.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    sync_folder(folder)
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
