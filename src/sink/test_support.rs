//! Test doubles of sinks: a writer whose bytes a test can read, and a disk that fills up.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use super::{RunEnd, Sink, SinkError};
use crate::model::{Coverage, Log};

pub(super) fn log(json: &str) -> Log {
    Log::read(json, |_| ())
}

/// A writer whose bytes can be read while a sink owns a clone of it.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedBytes(Rc<RefCell<Vec<u8>>>);

impl SharedBytes {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.bytes()).unwrap()
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        self.0.borrow().clone()
    }
}

impl Write for SharedBytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The output of a sink for one page with these rows.
pub(super) fn written<S: Sink>(sink: impl FnOnce(SharedBytes) -> S, rows: &[&str]) -> String {
    let out = SharedBytes::default();
    run(&mut sink(out.clone()), rows).unwrap();
    out.text()
}

/// Passes one page with these rows through a sink, from its beginning to its end.
pub(super) fn run(sink: &mut dyn Sink, rows: &[&str]) -> Result<(), SinkError> {
    sink.begin()?;
    for row in rows {
        sink.log(&log(row))?;
    }
    sink.end_page(&Coverage::default())?;
    sink.finish(&RunEnd::Complete)
}

/// A disk with room for this many bytes.
#[derive(Clone, Debug)]
pub(super) struct SmallDisk(pub(super) usize);

impl Write for SmallDisk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
