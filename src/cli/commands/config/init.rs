//! `config init`: writes the commented file.

use std::io;
use std::path::Path;

use crate::config_file;
use crate::failure::{Failure, Kind};
use crate::io::system_error::error_text;

/// Writes the file if it does not exist.
pub(super) fn write(path: &Path) -> Result<(), Failure> {
    // In a folder that is not writable, the write would fail for another reason than this one.
    if path.symlink_metadata().is_ok() {
        return Err(already_exists(path));
    }
    config_file::create(path, config_file::EXAMPLE).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => already_exists(path),
        _ => Failure::new(Kind::Local, format!("cannot write {}", path.display()))
            .because(error_text(&error)),
    })
}

/// The failure for a path that exists.
fn already_exists(path: &Path) -> Failure {
    let target = std::fs::read_link(path);
    if let (Ok(target), false) = (target, path.exists()) {
        let (path, target) = (path.display(), target.display());
        return Failure::usage(format!("{path} is a link to {target}, which does not exist"))
            .because("config init does not follow links")
            .hint(format!("remove the link, or create {target}"));
    }
    Failure::usage(format!("{} already exists and was not changed", path.display()))
        .hint("omnilogs config edit opens it in your editor")
        .hint("omnilogs config show prints its settings")
}
