//! The one writer of standard output, and of `--output-file`.
//!
//! Every error is passed on, the last flush too: an exit status of 0 means that it was all written.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use crate::outcome::{Failure, Kind};

const BUFFER: usize = 64 * 1024;

/// Where rows are written.
pub(crate) enum Output {
    /// Standard output.
    Standard(BufWriter<File>),
    /// A file beside the wanted one, which takes its place at the end.
    Replacing {
        /// What is written so far.
        writer: BufWriter<NamedTempFile>,
        /// The wanted file.
        path: PathBuf,
    },
    /// Rows that an interrupted run leaves behind, and a later one goes on from.
    Resumable(BufWriter<File>),
}

impl Output {
    /// A file when a path is given, else standard output.
    ///
    /// # Errors
    /// When it cannot be written to; nothing was sent by then.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        match path {
            Some(path) => Self::replacing(path),
            None => Ok(Self::standard().context("standard output cannot be opened")?),
        }
    }

    /// Standard output, written past the line buffer of the standard library.
    ///
    /// # Errors
    /// When the descriptor cannot be taken.
    pub(crate) fn standard() -> io::Result<Self> {
        use std::os::fd::AsFd;
        let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        Ok(Self::Standard(BufWriter::with_capacity(BUFFER, file)))
    }

    /// A file that is written whole or not at all.
    ///
    /// # Errors
    /// When its folder cannot be written to; nothing was sent by then.
    pub(crate) fn replacing(path: &Path) -> Result<Self, Failure> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let refused = |error: &io::Error| {
            Failure::new(Kind::Local, format!("cannot write {}", path.display()))
                .because(error.to_string())
        };
        if path.is_dir() {
            return Err(Failure::new(Kind::Local, format!("{} is a folder", path.display())));
        }
        let temporary = tempfile::Builder::new()
            .prefix(".omnilogs-")
            // As any program's new file: what the user's mask leaves of this.
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666))
            .tempfile_in(folder)
            .map_err(|error| refused(&error))?;
        Ok(Self::Replacing {
            writer: BufWriter::with_capacity(BUFFER, temporary),
            path: path.to_owned(),
        })
    }

    /// Rows that are added to those of an earlier run.
    pub(crate) fn resumable(file: File) -> Self {
        Self::Resumable(BufWriter::with_capacity(BUFFER, file))
    }

    /// Puts a file in its place; nothing to do for standard output.
    ///
    /// # Errors
    /// When what is left cannot be written, or the file not be put in place.
    pub(crate) fn keep(self) -> io::Result<()> {
        match self {
            Self::Standard(mut writer) | Self::Resumable(mut writer) => writer.flush(),
            Self::Replacing { writer, path } => {
                let temporary = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
                if let Ok(old) = std::fs::metadata(&path) {
                    temporary.as_file().set_permissions(old.permissions())?;
                }
                temporary.as_file().sync_all()?;
                temporary.persist(&path).map_err(|error| error.error)?;
                Ok(())
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(writer) | Self::Resumable(writer) => writer.write(bytes),
            Self::Replacing { writer, .. } => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(writer) | Self::Resumable(writer) => writer.flush(),
            Self::Replacing { writer, .. } => writer.flush(),
        }
    }
}

/// A reader that went away ends the run quietly; a file of which a part is written is not kept.
pub(crate) fn ended_by_writing(error: &io::Error, output: Output) -> Result<(), Failure> {
    if let Output::Standard(writer) = output {
        // What is left in the buffer would be written, and fail, once more.
        drop(writer.into_parts());
    }
    write_failure(error).map_or(Ok(()), Err)
}

/// Writes a small file in one step: a kill at any moment leaves the old one or the new one.
///
/// # Errors
/// When its folder cannot be written to.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// What a failed write means: nothing when the reader went away, else the run's failure.
pub(crate) fn write_failure(error: &io::Error) -> Option<Failure> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return None;
    }
    if let Some(jq) = error.get_ref().and_then(|inner| inner.downcast_ref::<crate::jq::JqError>()) {
        return Some(Failure::new(Kind::Local, jq.to_string()));
    }
    let why = match error.kind() {
        io::ErrorKind::StorageFull => "no space left".to_owned(),
        _ => error.to_string(),
    };
    Some(Failure::new(Kind::Local, format!("output incomplete: {why}")))
}
