//! JSON lines: a line that is no JSON costs that line alone.

use std::io::{BufRead, Cursor, Read};

use super::document::Document;
use super::scanner::{LONGEST, TOO_LONG};
use super::{Fault, Rows};
use crate::model::{Log, Oddities, Oddity};

/// A file that is read line by line.
pub(super) struct Lines<R> {
    reader: R,
    line: Document<Cursor<Vec<u8>>>,
    /// Whether the line ended as lines do; the last one of a cut file does not.
    is_whole: bool,
    bytes: u64,
    /// What was wrong with the first bad line, until a good one comes.
    all_bad: Option<Fault>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        let line = Document::new(Cursor::default());
        Self { reader, line, is_whole: true, bytes: 0, all_bad: None }
    }

    /// Goes to the next line; false when there is none.
    fn advance(&mut self) -> Result<bool, Fault> {
        let cursor = self.line.restart();
        cursor.set_position(0);
        let line = cursor.get_mut();
        line.clear();
        let most = LONGEST as u64 + 1;
        self.bytes += self.reader.by_ref().take(most).read_until(b'\n', line)? as u64;
        if line.len() > LONGEST {
            return Err(TOO_LONG);
        }
        self.is_whole = line.ends_with(b"\n");
        Ok(!line.is_empty())
    }
}

impl<R: BufRead + Send> Rows for Lines<R> {
    fn next(&mut self, oddities: &mut Oddities, before: u64) -> Result<Option<Log>, Fault> {
        loop {
            match self.line.next(oddities, before) {
                Ok(Some(log)) => return Ok(Some(log)),
                Ok(None) => {}
                Err(Fault::Cut) if !self.is_whole => return Err(Fault::Cut),
                Err(fault @ (Fault::Cut | Fault::Bad { .. })) => {
                    oddities.note(Oddity::UnreadableLine, before + 1);
                    self.all_bad.get_or_insert(fault);
                }
                Err(fault) => return Err(fault),
            }
            if !self.advance()? {
                let nothing_read = self.line.rows == 0;
                return self.all_bad.take().filter(|_| nothing_read).map_or(Ok(None), Err);
            }
        }
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}
