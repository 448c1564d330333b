//! The zip container of a workbook, written to anything that takes bytes.
//!
//! The zip crate completes an archive when it is dropped, and prints an error that it meets then. So
//! it never meets one here: an error of the writer is kept beside it, and ends the next call.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

/// As far as compression pays: a higher level takes twice the time for a few percent.
const LEVEL: i64 = 3;

/// Writes the parts of a workbook one after another.
pub(super) struct PartStream<W: Write> {
    /// `None` after the end.
    zip: Option<ZipWriter<StreamWriter<KeptError<W>>>>,
    state: Arc<Mutex<WriterState>>,
}

/// What became of the writer.
enum WriterState {
    Writing,
    /// An error that the next call returns, or that one has returned.
    Failed(Option<io::Error>),
}

/// Passes bytes on until the writer fails. From then on it takes them and drops them.
struct KeptError<W> {
    out: W,
    state: Arc<Mutex<WriterState>>,
}

impl<W: Write> KeptError<W> {
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

impl<W: Write> Write for KeptError<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.keep(bytes.len(), |out| out.write_all(bytes).map(|()| bytes.len())))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.keep((), Write::flush);
        Ok(())
    }
}

impl<W: Write> PartStream<W> {
    /// Into this writer.
    pub(super) fn new(out: W) -> Self {
        let state = Arc::new(Mutex::new(WriterState::Writing));
        let out = KeptError { out, state: Arc::clone(&state) };
        Self { zip: Some(ZipWriter::new_stream(out)), state }
    }

    /// Begins a part; the one before it is complete.
    ///
    /// # Errors
    /// When the writer failed.
    pub(super) fn begin(&mut self, path: &str) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            // The same rows make the same file, whenever they are written.
            .last_modified_time(DateTime::default());
        self.run(|zip| Ok(zip.start_file(path, options)?))
    }

    /// Adds to the part that was started.
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
        self.kept()
    }

    fn run(
        &mut self,
        step: impl FnOnce(&mut ZipWriter<StreamWriter<KeptError<W>>>) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Some(zip) = &mut self.zip {
            step(zip)?;
        }
        self.kept()
    }

    /// The error of the writer, if it has failed.
    fn kept(&self) -> io::Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *state {
            WriterState::Writing => Ok(()),
            WriterState::Failed(error) => {
                Err(error.take().unwrap_or_else(|| io::Error::other("writing failed earlier")))
            }
        }
    }
}
