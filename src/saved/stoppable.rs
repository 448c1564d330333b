//! Reads from a pipe, which may never end: a run that is asked to stop waits for it no longer.

use std::error::Error;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::clock::Interrupt;

/// Bytes that are read at once.
const CHUNK: usize = 64 * 1024;
/// How often it is looked whether the run was asked to stop, while nothing comes.
const LOOK: Duration = Duration::from_millis(50);

/// The run was asked to stop while it waited for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stopped;

impl Stopped {
    /// Whether this is why a read failed.
    pub(super) fn is_behind(error: &io::Error) -> bool {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).is_some()
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl Error for Stopped {}

/// What comes through a pipe, until the run is asked to stop.
pub struct Stoppable {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    taken: usize,
    interrupt: Interrupt,
}

impl Stoppable {
    /// Reads in a thread, which is left behind when the run stops.
    ///
    /// # Errors
    /// When the system has no thread to read in.
    pub fn new(mut reader: impl Read + Send + 'static, interrupt: Interrupt) -> io::Result<Self> {
        let (sender, chunks) = sync_channel(1);
        thread::Builder::new().name("reader".into()).spawn(move || {
            let mut goes_on = true;
            while goes_on {
                let mut chunk = vec![0; CHUNK];
                let read = reader.read(&mut chunk);
                goes_on = matches!(read, Ok(1..))
                    || read.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::Interrupted);
                let read = read.map(|count| {
                    chunk.truncate(count);
                    chunk
                });
                goes_on &= sender.send(read).is_ok();
            }
        })?;
        Ok(Self { chunks, chunk: Vec::new(), taken: 0, interrupt })
    }

    fn next(&self) -> io::Result<Vec<u8>> {
        loop {
            match self.chunks.recv_timeout(LOOK) {
                Ok(chunk) => return chunk,
                Err(RecvTimeoutError::Disconnected) => return Ok(Vec::new()),
                Err(RecvTimeoutError::Timeout) if self.interrupt.is_raised() => {
                    return Err(io::Error::other(Stopped));
                }
                Err(RecvTimeoutError::Timeout) => (),
            }
        }
    }
}

impl Read for Stoppable {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Stoppable {
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
