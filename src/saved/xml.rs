//! XML in any of its shapes, several documents one behind the other.
//!
//! The file is held whole: bytes that are no UTF-8 cost their characters only, which a reader
//! that streams does not forgive.

use std::io::{BufRead, Read};
use std::vec;

use super::{Fault, Rows};
use crate::model::{Log, Oddities};
use crate::wire::{Document, Text, only_comments};

/// The largest file that is taken, in bytes.
const LARGEST: u64 = 1024 * 1024 * 1024;

/// A file that is read document by document.
pub(super) struct Xml {
    text: Text<'static>,
    bytes: u64,
    at: usize,
    logs: vec::IntoIter<Log>,
    /// Comes after the rows that were read before it.
    fault: Option<Fault>,
}

impl Xml {
    pub(super) fn read(reader: impl BufRead) -> Result<Self, Fault> {
        let mut body = Vec::new();
        let bytes = reader.take(LARGEST + 1).read_to_end(&mut body)? as u64;
        if bytes > LARGEST {
            return Err(Fault::TooLong("it is XML of more than 1 GiB"));
        }
        let text = Text::read(&body)?.into_owned();
        Ok(Self { text, bytes, at: 0, logs: Vec::new().into_iter(), fault: None })
    }
}

impl Rows for Xml {
    fn next(&mut self, oddities: &mut Oddities, before: u64) -> Result<Option<Log>, Fault> {
        loop {
            if let Some(log) = self.logs.next() {
                return Ok(Some(log));
            }
            if let Some(fault) = self.fault.take() {
                return Err(fault);
            }
            let rest = self.text.as_str().get(self.at..).unwrap_or_default();
            if self.at > 0 && only_comments(rest).is_ok() {
                return Ok(None);
            }
            let Document { page, end } = Document::read(&self.text, self.at);
            oddities.add(&page.oddities, before);
            self.logs = page.logs.into_iter();
            match end {
                Ok(end) => self.at = end,
                Err(error) => self.fault = Some(error.into()),
            }
        }
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}
