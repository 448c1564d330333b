//! The one writer of standard output, and of the files that a run writes.
//!
//! Every error is passed on, the last flush too: an exit status of 0 means that it was all written.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;
use omnilogs::sink::SinkError;

use crate::failure::{Failure, Kind};
use crate::io::named_file::{Descriptor, NamedFile};
use crate::io::private_file::plain;
use crate::io::replacement::Replacement;

const BUFFER: usize = 64 * 1024;

/// Where rows are written.
pub(crate) enum Output {
    /// Standard output, or a pipe or device that was named: what is written is out.
    Stream(BufWriter<File>),
    /// A file beside the wanted one, which takes its place at the end.
    Replacing(BufWriter<Replacement>),
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
        Ok(Self::Stream(BufWriter::with_capacity(BUFFER, Descriptor::STANDARD_OUTPUT.open()?)))
    }

    /// A file that is written whole or not at all.
    ///
    /// # Errors
    /// When its folder cannot be written to; nothing was sent by then.
    pub(crate) fn replacing(path: &Path) -> Result<Self, Failure> {
        Self::at(path).map_err(|error| {
            Failure::new(Kind::Local, format!("cannot write {}", path.display()))
                .because(plain(&error))
        })
    }

    fn at(path: &Path) -> io::Result<Self> {
        let stream = |file| Ok(Self::Stream(BufWriter::with_capacity(BUFFER, file)));
        match NamedFile::find(path)? {
            NamedFile::Descriptor(descriptor) => stream(descriptor.open()?),
            // A file in the place of a FIFO or a device would cut off whoever reads it.
            NamedFile::Stream(path) => stream(File::options().write(true).open(path)?),
            NamedFile::Regular(path) => {
                Ok(Self::Replacing(BufWriter::with_capacity(BUFFER, Replacement::of(path)?)))
            }
        }
    }

    /// Rows that are added to those of an earlier run.
    pub(crate) fn resumable(file: File) -> Self {
        Self::Resumable(BufWriter::with_capacity(BUFFER, file))
    }

    /// Ends the writing. A file takes its place if it is `whole`, and else leaves the old one;
    /// what goes to a stream is out, whole or not.
    ///
    /// # Errors
    /// When what is left cannot be written, or the file not be put in place.
    pub(crate) fn close(self, whole: bool) -> Result<(), Failure> {
        self.try_close(whole).or_else(|error| write_failure(&error).map_or(Ok(()), Err))
    }

    /// The same for a run that has to say what became of its rows: a reader that went away is an
    /// error.
    ///
    /// # Errors
    /// As [`Self::close`].
    pub(crate) fn try_close(self, whole: bool) -> io::Result<()> {
        if whole || !matches!(self, Self::Replacing(_)) { self.keep() } else { Ok(()) }
    }

    fn keep(self) -> io::Result<()> {
        match self {
            Self::Stream(mut writer) | Self::Resumable(mut writer) => writer.flush(),
            Self::Replacing(writer) => {
                writer.into_inner().map_err(io::IntoInnerError::into_error)?.put_in_place()
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stream(writer) | Self::Resumable(writer) => writer.write(bytes),
            Self::Replacing(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stream(writer) | Self::Resumable(writer) => writer.flush(),
            Self::Replacing(writer) => writer.flush(),
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

/// A reader that went away ends the run quietly; a file of which a part is written is not kept.
pub(crate) fn ended_by_writing(error: impl Into<SinkError>, output: Output) -> Result<(), Failure> {
    if let Output::Stream(writer) = output {
        // What is left in the buffer would be written, and fail, once more.
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
