//! JSON lines: a line that is not JSON does not prevent the next ones from being read.

use std::io::{BufRead, Cursor, Read};

use memchr::{memchr, memchr_iter};

use super::json_file::JsonFile;
use super::row::row_of_line;
use super::scanner::{MAX_VALUE_BYTES, VALUE_TOO_LONG};
use super::{ReadError, RowReader, SavedRow};
use crate::model::Anomalies;
use crate::wire::fill_buffer;

/// A file that is read line by line.
pub(super) struct JsonLinesFile<R> {
    reader: R,
    line: JsonFile<Cursor<Vec<u8>>>,
    /// The number of the line, from 1.
    number: u64,
    /// Whether the line may have more values.
    is_open: bool,
    /// How many bytes `line` had read before this line.
    start: u64,
    /// Whether the line ends with a line feed; the last line of a truncated file does not.
    is_whole: bool,
    bytes: u64,
    /// Why the first unreadable line cannot be read.
    first_error: Option<ReadError>,
}

impl<R: BufRead> JsonLinesFile<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            line: JsonFile::new(Cursor::default()),
            number: 0,
            is_open: false,
            start: 0,
            is_whole: true,
            bytes: 0,
            first_error: None,
        }
    }

    /// The row on the next line, if the buffer holds the complete line and the line is one JSON object
    /// that can only be a row.
    fn buffered_row(&mut self) -> Result<Option<SavedRow>, ReadError> {
        // The first row is checked: it shows whether the file contains logs at all.
        if self.line.rows == 0 {
            return Ok(None);
        }
        let chunk = fill_buffer(&mut self.reader)?;
        let Some(end) = memchr(b'\n', chunk) else { return Ok(None) };
        let Some(log) = chunk.get(..end).and_then(row_of_line) else { return Ok(None) };
        self.reader.consume(end + 1);
        self.bytes += end as u64 + 1;
        self.number += 1;
        self.line.rows += 1;
        Ok(Some(SavedRow::Log(log)))
    }

    /// Reads the next line; `false` when there is none.
    fn advance(&mut self) -> Result<bool, ReadError> {
        let cursor = self.line.restart();
        cursor.set_position(0);
        let line = cursor.get_mut();
        line.clear();
        let max = MAX_VALUE_BYTES as u64 + 1;
        self.bytes += self.reader.by_ref().take(max).read_until(b'\n', line)? as u64;
        if line.len() > MAX_VALUE_BYTES {
            return Err(VALUE_TOO_LONG);
        }
        self.number += 1;
        self.is_whole = line.ends_with(b"\n");
        self.is_open = !line.is_empty();
        self.start = self.line.bytes();
        Ok(self.is_open)
    }

    /// The row that cannot be read. Reading continues on the next line, since nothing shows where the
    /// next row of this line begins.
    fn unreadable_row(&mut self) -> SavedRow {
        let read = usize::try_from(self.line.value_start - self.start).unwrap_or(usize::MAX);
        let line: &[u8] = self.line.restart().get_ref();
        let hides_rows = line.get(read..).is_some_and(may_have_later_row);
        SavedRow::Unreadable { line: self.number, hides_rows }
    }
}

/// Whether another row may follow the value at the start of a text: whether an object begins that is
/// not the value of a member, nor the first one of a list that is.
fn may_have_later_row(text: &[u8]) -> bool {
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
    let first = text.iter().position(|byte| !is_between(byte)).unwrap_or(text.len());
    memchr_iter(b'{', text).filter(|object| *object > first).any(|object| {
        let before = text.get(..object).unwrap_or_default();
        let last = before.iter().rfind(|byte| !byte.is_ascii_whitespace() && **byte != b'[');
        last != Some(&b':')
    })
}

impl<R: BufRead + Send> RowReader for JsonLinesFile<R> {
    fn next(
        &mut self,
        anomalies: &mut Anomalies,
        before: u64,
    ) -> Result<Option<SavedRow>, ReadError> {
        loop {
            if self.is_open {
                match self.line.next(anomalies, before) {
                    Ok(Some(row)) => return Ok(Some(row)),
                    Ok(None) => self.is_open = false,
                    Err(ReadError::CutOff) if !self.is_whole => return Err(ReadError::CutOff),
                    Err(error @ (ReadError::CutOff | ReadError::Malformed { .. })) => {
                        self.is_open = false;
                        self.first_error.get_or_insert(error);
                        return Ok(Some(self.unreadable_row()));
                    }
                    Err(error) => return Err(error),
                }
            }
            if let Some(row) = self.buffered_row()? {
                return Ok(Some(row));
            }
            if !self.advance()? {
                let is_foreign = self.line.rows == 0;
                return self.first_error.take().filter(|_| is_foreign).map_or(Ok(None), Err);
            }
        }
    }

    fn bytes(&self) -> u64 {
        self.bytes
    }
}
