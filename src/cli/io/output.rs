//! The one writer of standard output, and of the files that a run writes.
//!
//! Every error is returned, also that of the last flush: exit status 0 means that everything was
//! written.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;
use omnilogs::sink::SinkError;
use omnilogs::visible::escape_json;
use serde::Serialize;

use crate::failure::{Failure, Kind};
use crate::io::digest::OutputDigest;
use crate::io::jq::TooLargeForJq;
use crate::io::named_file::{Descriptor, NamedFile};
use crate::io::pager::PagedOutput;
use crate::io::replacement::Replacement;
use crate::io::system_error::{error_text, write_error_text};

/// How many bytes are written at once: the rows of a whole page, usually. File systems take one large
/// write in less time than several that do not end where a block does.
const BUFFER: usize = 1024 * 1024;

/// An open output for rows, summaries and documents.
pub(crate) struct Output {
    target: OutputTarget,
    /// The digest of the written bytes, where it is needed.
    digest: Option<OutputDigest>,
}

enum OutputTarget {
    /// Standard output, or a pipe, device or descriptor, from which nothing can be removed again.
    Stream(BufWriter<File>),
    /// The terminal, through a pager if the output is longer than the screen.
    Paged(Box<PagedOutput>),
    /// A file that replaces another at the end.
    Replacement(BufWriter<Replacement>),
    /// The partial file of a run that can be resumed.
    Resumable(BufWriter<File>),
}

impl From<OutputTarget> for Output {
    fn from(target: OutputTarget) -> Self {
        Self { target, digest: None }
    }
}

impl Output {
    /// Opens the file at a path, or standard output without one.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        match path {
            Some(path) => Self::file(path),
            None => Ok(Self::standard().context("standard output cannot be opened")?),
        }
    }

    /// Standard output, without the line buffer of the standard library.
    ///
    /// # Errors
    /// When the descriptor cannot be duplicated.
    pub(crate) fn standard() -> io::Result<Self> {
        Ok(Self::stream(Descriptor::STANDARD_OUTPUT.open()?))
    }

    /// Standard output, through a pager if the output is longer than the screen.
    pub(crate) fn paged(output: PagedOutput) -> Self {
        OutputTarget::Paged(Box::new(output)).into()
    }

    /// The file at a path, which is written completely or not at all, or the stream that it names.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub(crate) fn file(path: &Path) -> Result<Self, Failure> {
        Self::at(path).map_err(|error| {
            let failure = Failure::new(Kind::Local, format!("cannot write {}", path.display()))
                .because(error_text(&error));
            let lacks_folder =
                path.parent().is_some_and(|folder| folder != Path::new("") && !folder.exists());
            if lacks_folder {
                return failure.hint("create the folder first, or choose another one");
            }
            failure
        })
    }

    fn at(path: &Path) -> io::Result<Self> {
        match NamedFile::find(path)? {
            NamedFile::Descriptor(descriptor) => Ok(Self::stream(descriptor.open()?)),
            // Replacing a FIFO or a device would cut off its reader.
            NamedFile::Stream(path) => Ok(Self::stream(File::options().write(true).open(path)?)),
            NamedFile::Regular(path) => {
                let writer = BufWriter::with_capacity(BUFFER, Replacement::of(path)?);
                Ok(OutputTarget::Replacement(writer).into())
            }
        }
    }

    fn stream(file: File) -> Self {
        OutputTarget::Stream(BufWriter::with_capacity(BUFFER, file)).into()
    }

    /// Continues the partial file of an earlier run.
    pub(crate) fn resumable(file: File) -> Self {
        OutputTarget::Resumable(BufWriter::with_capacity(BUFFER, file)).into()
    }

    /// Whether nothing can be removed again from the output, so that it keeps also the rows of a run that
    /// fails.
    pub(crate) fn is_stream(&self) -> bool {
        matches!(self.target, OutputTarget::Stream(_) | OutputTarget::Paged(_))
    }

    /// Adds everything that is written from now on to a digest.
    #[must_use]
    pub(crate) fn with_digest(self, digest: OutputDigest) -> Self {
        Self { digest: Some(digest), ..self }
    }

    /// Shows the output that was held back because a pager could become necessary. Call it when all
    /// rows were written and a summary follows.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn show(&mut self) -> io::Result<()> {
        match &mut self.target {
            OutputTarget::Paged(output) => output.show(),
            OutputTarget::Stream(_) | OutputTarget::Replacement(_) | OutputTarget::Resumable(_) => {
                Ok(())
            }
        }
    }

    /// Closes the output after an error. A file that would have replaced another is removed.
    pub(crate) fn discard(self) {
        if let OutputTarget::Stream(writer) = self.target {
            // Without this, the drop would write the rest of the buffer, and fail again.
            drop(writer.into_parts());
        }
    }

    /// Adds to the failure of an incomplete run that its file is not put in place.
    pub(crate) fn explain_incomplete(&self, failure: Failure) -> Failure {
        let OutputTarget::Replacement(writer) = &self.target else { return failure };
        if failure.kind != Kind::Incomplete {
            return failure;
        }
        let target = writer.get_ref().target();
        let state = if target.exists() { "was not changed" } else { "was not written" };
        failure.because(format!("{} {state}, because it would be incomplete", target.display()))
    }

    /// Closes the output. A file replaces the old one if it is `complete`, and is discarded if not.
    /// A reader that closed the pipe is not an error.
    ///
    /// # Errors
    /// When the rest cannot be written, or the file cannot be put in place.
    pub(crate) fn close(self, complete: bool) -> Result<(), Failure> {
        self.try_close(complete).or_else(|error| write_failure(&error).map_or(Ok(()), Err))
    }

    /// As [`Self::close`], but a reader that closed the pipe is an error too.
    ///
    /// # Errors
    /// As [`Self::close`].
    pub(crate) fn try_close(self, complete: bool) -> io::Result<()> {
        match self.target {
            OutputTarget::Stream(mut writer) | OutputTarget::Resumable(mut writer) => {
                writer.flush()
            }
            OutputTarget::Paged(output) => output.finish(),
            OutputTarget::Replacement(_) if !complete => Ok(()),
            OutputTarget::Replacement(writer) => {
                writer.into_inner().map_err(io::IntoInnerError::into_error)?.put_in_place()
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.target {
            OutputTarget::Stream(writer) | OutputTarget::Resumable(writer) => {
                writer.write(bytes)?
            }
            OutputTarget::Paged(output) => output.write(bytes)?,
            OutputTarget::Replacement(writer) => writer.write(bytes)?,
        };
        if let Some(digest) = &self.digest {
            digest.add(bytes.get(..written).unwrap_or_default());
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            OutputTarget::Stream(writer) | OutputTarget::Resumable(writer) => writer.flush(),
            OutputTarget::Paged(output) => output.flush(),
            OutputTarget::Replacement(writer) => writer.flush(),
        }
    }
}

/// A JSON document with a line break at its end. On a terminal it is indented; characters that could
/// drive a terminal are escaped in any case, since a pipe can end at a terminal.
///
/// # Errors
/// When the value cannot be written as JSON.
pub(crate) fn json_document(value: &impl Serialize, indented: bool) -> Result<String, Failure> {
    let text =
        if indented { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    let text = text.map_err(|error| Failure::new(Kind::Local, error.to_string()))?;
    Ok(format!("{}\n", escape_json(&text)))
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

/// Closes an output that could not be written to, and discards an incomplete file.
///
/// # Errors
/// With the failure, unless the reader closed the pipe: the run then ends without a message.
pub(crate) fn ended_by_writing(error: impl Into<SinkError>, output: Output) -> Result<(), Failure> {
    output.discard();
    sink_failure(&error.into()).map_or(Ok(()), Err)
}

/// The failure for an error of a sink; `None` when the reader closed the pipe.
pub(crate) fn sink_failure(error: &SinkError) -> Option<Failure> {
    match error {
        SinkError::Io(error) => write_failure(error),
        SinkError::Other(error) => match error.downcast_ref::<TooLargeForJq>() {
            Some(too_large) => {
                let mut failure = Failure::new(Kind::NotUnderstood, too_large.to_string());
                failure.hints.extend(too_large.hint().map(str::to_owned));
                Some(failure)
            }
            None => Some(Failure::new(Kind::Local, error.to_string())),
        },
        error => Some(Failure::new(Kind::Local, error.to_string())),
    }
}

/// The failure for an error of writing; `None` when the reader closed the pipe.
pub(crate) fn write_failure(error: &io::Error) -> Option<Failure> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return None;
    }
    let why = write_error_text(error);
    Some(Failure::new(Kind::Local, format!("output incomplete: {why}")))
}
