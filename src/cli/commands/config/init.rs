//! Writes the commented file, whole or not at all, for its owner's eyes.

use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::path::Path;

use crate::failure::{Failure, Kind};
use crate::io::private_file::plain;

const EXAMPLE: &str = include_str!("../../../../config.example.toml");

/// Writes it where no file is yet.
pub(super) fn write(path: &Path) -> Result<(), Failure> {
    // Looked at first for the sake of a folder that may be read and not written.
    if path.symlink_metadata().is_ok() {
        return Err(taken(path));
    }
    put(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken(path),
        _ => Failure::new(Kind::Local, format!("cannot write {}", path.display()))
            .because(plain(&error)),
    })
}

/// Why nothing is written: what has the name already.
fn taken(path: &Path) -> Failure {
    let target = std::fs::read_link(path);
    if let (Ok(target), false) = (target, path.exists()) {
        let (path, target) = (path.display(), target.display());
        return Failure::usage(format!("{path} is a link to {target}, which is not there"))
            .because("a link is not written through")
            .hint(format!("remove the link, or make the file that it names: {target}"));
    }
    Failure::usage(format!("{} exists already, and was left as it is", path.display()))
        .hint("omnilogs config show says what it sets")
}

fn put(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    private_folders().create(folder)?;
    // Made with mode 0600; it appears under its name when it is whole.
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

/// Makes the new name last.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
