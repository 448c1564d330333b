//! Reads from a pipe, which may never end, so that an interrupt still ends the run.

use std::error::Error;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::clock::Interrupt;

/// The most bytes of one read.
const CHUNK_BYTES: usize = 64 * 1024;
/// How often the interrupt is checked while nothing arrives.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);

/// The error when the run was interrupted while it waited for input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReadInterrupted;

impl ReadInterrupted {
    /// Whether this error made a read fail.
    pub(super) fn caused(error: &io::Error) -> bool {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).is_some()
    }
}

impl fmt::Display for ReadInterrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl Error for ReadInterrupted {}

/// A reader that fails when the run is interrupted.
pub struct InterruptibleReader {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    taken: usize,
    interrupt: Interrupt,
}

impl InterruptibleReader {
    /// Starts a thread that reads. It is abandoned when the run is interrupted.
    ///
    /// # Errors
    /// When the system cannot start a thread.
    pub fn new(mut reader: impl Read + Send + 'static, interrupt: Interrupt) -> io::Result<Self> {
        let (sender, chunks) = sync_channel(1);
        thread::Builder::new().name("reader".into()).spawn(move || {
            let mut is_open = true;
            while is_open {
                let mut chunk = vec![0; CHUNK_BYTES];
                let read = reader.read(&mut chunk);
                is_open = matches!(read, Ok(1..))
                    || read.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::Interrupted);
                let read = read.map(|count| {
                    chunk.truncate(count);
                    chunk
                });
                is_open &= sender.send(read).is_ok();
            }
        })?;
        Ok(Self { chunks, chunk: Vec::new(), taken: 0, interrupt })
    }

    fn next(&self) -> io::Result<Vec<u8>> {
        loop {
            match self.chunks.recv_timeout(CHECK_INTERVAL) {
                // The program that wrote the pipe may have ended by the same signal.
                Ok(Ok(chunk)) if chunk.is_empty() => return self.end(),
                Err(RecvTimeoutError::Disconnected) => return self.end(),
                Ok(chunk) => return chunk,
                Err(RecvTimeoutError::Timeout) if self.interrupt.is_raised() => {
                    return Err(io::Error::other(ReadInterrupted));
                }
                Err(RecvTimeoutError::Timeout) => (),
            }
        }
    }

    /// The end of the pipe, unless the run is interrupted.
    fn end(&self) -> io::Result<Vec<u8>> {
        if self.interrupt.is_raised_by_now() {
            return Err(io::Error::other(ReadInterrupted));
        }
        Ok(Vec::new())
    }
}

impl Read for InterruptibleReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for InterruptibleReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken >= self.chunk.len() {
            self.chunk = self.next()?;
            self.taken = 0;
        }
        Ok(self.chunk.get(self.taken..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.taken += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_an_interrupt_the_end_of_a_pipe_does_not_end_its_data() {
        let interrupt = Interrupt::new();
        let mut reader = InterruptibleReader::new(&b"row"[..], interrupt.clone()).unwrap();
        assert_eq!(reader.fill_buf().unwrap(), b"row");
        reader.consume(3);
        interrupt.raise();
        assert!(ReadInterrupted::caused(&reader.fill_buf().unwrap_err()));
    }
}
