//! The one writer of standard output, and of the files that a run writes.
//!
//! Every error is passed on, the last flush too: an exit status of 0 means that it was all written.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;
use omnilogs::sink::SinkError;

use crate::failure::{Failure, Kind};
use crate::io::digest::OutputDigest;
use crate::io::named_file::{Descriptor, NamedFile};
use crate::io::private_file::plain;
use crate::io::replacement::Replacement;

const BUFFER: usize = 64 * 1024;

/// Where rows, summaries and documents are written.
pub(crate) struct Output {
    target: Target,
    /// Of what is written, where it has to be proved.
    digest: Option<OutputDigest>,
}

enum Target {
    /// Standard output, or a pipe, device or descriptor that is named: what is written has left.
    Stream(BufWriter<File>),
    /// A file that takes the place of another at the end.
    Replacement(BufWriter<Replacement>),
    /// Rows that an interrupted run leaves, and a later one continues.
    Resumable(BufWriter<File>),
}

impl From<Target> for Output {
    fn from(target: Target) -> Self {
        Self { target, digest: None }
    }
}

impl Output {
    /// A file when a path is given, else standard output.
    ///
    /// # Errors
    /// When it cannot be written to; nothing was sent by then.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        match path {
            Some(path) => Self::file(path),
            None => Ok(Self::standard().context("standard output cannot be opened")?),
        }
    }

    /// Standard output, written past the line buffer of the standard library.
    ///
    /// # Errors
    /// When the descriptor cannot be duplicated.
    pub(crate) fn standard() -> io::Result<Self> {
        Ok(Self::stream(Descriptor::STANDARD_OUTPUT.open()?))
    }

    /// The file at a path, which is written whole or not at all, or the stream that it names.
    ///
    /// # Errors
    /// When it cannot be written to; nothing was sent by then.
    pub(crate) fn file(path: &Path) -> Result<Self, Failure> {
        Self::at(path).map_err(|error| {
            Failure::new(Kind::Local, format!("cannot write {}", path.display()))
                .because(plain(&error))
        })
    }

    fn at(path: &Path) -> io::Result<Self> {
        match NamedFile::find(path)? {
            NamedFile::Descriptor(descriptor) => Ok(Self::stream(descriptor.open()?)),
            // A file in the place of a FIFO or a device would cut off whoever reads it.
            NamedFile::Stream(path) => Ok(Self::stream(File::options().write(true).open(path)?)),
            NamedFile::Regular(path) => {
                let writer = BufWriter::with_capacity(BUFFER, Replacement::of(path)?);
                Ok(Target::Replacement(writer).into())
            }
        }
    }

    fn stream(file: File) -> Self {
        Target::Stream(BufWriter::with_capacity(BUFFER, file)).into()
    }

    /// Rows that are added to those of an earlier run.
    pub(crate) fn resumable(file: File) -> Self {
        Target::Resumable(BufWriter::with_capacity(BUFFER, file)).into()
    }

    /// The same output, whose bytes are added to a digest.
    #[must_use]
    pub(crate) fn with_digest(self, digest: OutputDigest) -> Self {
        Self { digest: Some(digest), ..self }
    }

    /// Ends the writing. A file replaces the old one if it is `complete`, and is dropped if not;
    /// what goes to a stream has left, complete or not.
    ///
    /// # Errors
    /// When the rest cannot be written, or the file cannot be put in place.
    pub(crate) fn close(self, complete: bool) -> Result<(), Failure> {
        self.try_close(complete).or_else(|error| write_failure(&error).map_or(Ok(()), Err))
    }

    /// The same for a run that has to say what became of its rows: a reader that went away is an
    /// error.
    ///
    /// # Errors
    /// As [`Self::close`].
    pub(crate) fn try_close(self, complete: bool) -> io::Result<()> {
        match self.target {
            Target::Stream(mut writer) | Target::Resumable(mut writer) => writer.flush(),
            Target::Replacement(_) if !complete => Ok(()),
            Target::Replacement(writer) => {
                writer.into_inner().map_err(io::IntoInnerError::into_error)?.put_in_place()
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.target {
            Target::Stream(writer) | Target::Resumable(writer) => writer.write(bytes)?,
            Target::Replacement(writer) => writer.write(bytes)?,
        };
        if let Some(digest) = &self.digest {
            digest.add(bytes.get(..written).unwrap_or_default());
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::Stream(writer) | Target::Resumable(writer) => writer.flush(),
            Target::Replacement(writer) => writer.flush(),
        }
    }
}

/// Writes a text to standard output.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut output = Output::open(None)?;
    match output.write_all(bytes) {
        Ok(()) => output.close(true),
        Err(error) => ended_by_writing(error, output),
    }
}

/// Ends the run quietly when the reader went away, else with the failure; a file that is written in
/// part is dropped.
pub(crate) fn ended_by_writing(error: impl Into<SinkError>, output: Output) -> Result<(), Failure> {
    if let Target::Stream(writer) = output.target {
        // The rest of the buffer would be written when it is dropped, and fail again.
        drop(writer.into_parts());
    }
    sink_failure(&error.into()).map_or(Ok(()), Err)
}

/// What the error of a sink means: nothing when the reader went away, else the run's failure.
pub(crate) fn sink_failure(error: &SinkError) -> Option<Failure> {
    match error {
        SinkError::Io(error) => write_failure(error),
        error => Some(Failure::new(Kind::Local, error.to_string())),
    }
}

/// What a failed write means: nothing when the reader went away, else the run's failure.
pub(crate) fn write_failure(error: &io::Error) -> Option<Failure> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return None;
    }
    let why = match error.kind() {
        io::ErrorKind::StorageFull => "no space left".to_owned(),
        _ => error.to_string(),
    };
    Some(Failure::new(Kind::Local, format!("output incomplete: {why}")))
}
