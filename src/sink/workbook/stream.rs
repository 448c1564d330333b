//! The zip container of a workbook, written to a writer that cannot seek.
//!
//! The zip crate completes an archive when it is dropped, and then prints errors. It must not receive
//! an error: an error of the writer is stored, and the next call returns it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

/// A higher level takes twice the time for a few percent.
const COMPRESSION_LEVEL: i64 = 3;

/// Writes the parts of a workbook one after another.
pub(super) struct PartStream<W: Write> {
    /// `None` after the end.
    zip: Option<ZipWriter<StreamWriter<ErrorKeeper<W>>>>,
    state: Arc<Mutex<WriterState>>,
}

/// The state of the writer.
enum WriterState {
    Writing,
    /// The writer failed. The next call returns the error; `None` once it was returned.
    Failed(Option<io::Error>),
}

/// Passes bytes on until the writer fails. Then it stores the error and drops further bytes.
struct ErrorKeeper<W> {
    out: W,
    state: Arc<Mutex<WriterState>>,
}

impl<W: Write> ErrorKeeper<W> {
    /// Calls `write`; returns `instead` when the writer fails or has failed.
    fn keep<T>(&mut self, instead: T, write: impl FnOnce(&mut W) -> io::Result<T>) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, WriterState::Failed(_)) {
            return instead;
        }
        write(&mut self.out).unwrap_or_else(|error| {
            *state = WriterState::Failed(Some(error));
            instead
        })
    }
}

impl<W: Write> Write for ErrorKeeper<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.keep(bytes.len(), |out| out.write_all(bytes).map(|()| bytes.len())))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.keep((), Write::flush);
        Ok(())
    }
}

impl<W: Write> PartStream<W> {
    /// Writes into this writer.
    pub(super) fn new(out: W) -> Self {
        let state = Arc::new(Mutex::new(WriterState::Writing));
        let out = ErrorKeeper { out, state: Arc::clone(&state) };
        Self { zip: Some(ZipWriter::new_stream(out)), state }
    }

    /// Begins a part, and completes the one before it.
    ///
    /// # Errors
    /// When the writer failed.
    pub(super) fn begin(&mut self, path: &str) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(COMPRESSION_LEVEL))
            // Without the current time, so that the same rows always make the same file.
            .last_modified_time(DateTime::default());
        self.run(|zip| Ok(zip.start_file(path, options)?))
    }

    /// Adds bytes to the current part.
    ///
    /// # Errors
    /// When the writer failed.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.run(|zip| zip.write_all(bytes))
    }

    /// Completes the file.
    ///
    /// # Errors
    /// When the writer failed, now or earlier.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        let Some(zip) = self.zip.take() else { return Ok(()) };
        zip.finish()?.into_inner().flush()?;
        self.take_error()
    }

    fn run(
        &mut self,
        step: impl FnOnce(&mut ZipWriter<StreamWriter<ErrorKeeper<W>>>) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Some(zip) = &mut self.zip {
            step(zip)?;
        }
        self.take_error()
    }

    /// The error of the writer, if it has failed.
    fn take_error(&self) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *state {
            WriterState::Writing => Ok(()),
            WriterState::Failed(error) => {
                Err(error.take().unwrap_or_else(|| io::Error::other("writing failed earlier")))
            }
        }
    }
}
