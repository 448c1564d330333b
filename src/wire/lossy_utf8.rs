//! A reader whose bytes are UTF-8 whatever it reads from: bytes that are not become U+FFFD.
//!
//! Parsers that read a stream reject a whole document for one damaged character. It never hands out
//! more than [`MAX_CHUNK`] bytes at a time, so that a limit set with [`LossyUtf8::limit`] is noticed
//! soon after it is passed.

use std::error::Error;
use std::fmt;
use std::io::{self, BufRead, Read};

/// Bytes that are handed out at once.
const MAX_CHUNK: usize = 64 * 1024;

const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

/// More bytes were read than the limit allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LimitPassed;

impl LimitPassed {
    /// Whether this is why a read failed.
    pub(super) fn caused(error: &io::Error) -> bool {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).is_some()
    }
}

impl fmt::Display for LimitPassed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("more bytes than the limit allows")
    }
}

impl Error for LimitPassed {}

/// Reads UTF-8 from a reader of any bytes.
pub(super) struct LossyUtf8<R> {
    reader: R,
    /// Bytes at the front of the reader's buffer that are known to be UTF-8.
    valid: usize,
    /// A character that the reader's chunks cut in two, or U+FFFD, and what of it is taken.
    own: Vec<u8>,
    own_taken: usize,
    /// Whether `own` replaces bytes that are not UTF-8.
    own_is_replacement: bool,
    position: u64,
    limit: u64,
    last_replacement: Option<u64>,
}

impl<R: BufRead> LossyUtf8<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            valid: 0,
            own: Vec::new(),
            own_taken: 0,
            own_is_replacement: false,
            position: 0,
            limit: u64::MAX,
            last_replacement: None,
        }
    }

    /// How many bytes were taken.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Where the last U+FFFD was put in place of bytes that are not UTF-8.
    pub(super) fn last_replacement(&self) -> Option<u64> {
        self.last_replacement
    }

    /// From this position on, reading fails with [`LimitPassed`].
    pub(super) fn limit(&mut self, position: u64) {
        self.limit = position;
    }

    /// Puts the next character together out of the bytes at the front of the reader, the first of
    /// which do not form one within its buffer.
    fn gather(&mut self) -> io::Result<()> {
        self.own.clear();
        self.own_taken = 0;
        // Bytes are consumed once they are known to belong together.
        while let Some(byte) = filled(&mut self.reader)?.first().copied() {
            self.own.push(byte);
            match std::str::from_utf8(&self.own) {
                Ok(_) => {
                    self.reader.consume(1);
                    self.own_is_replacement = false;
                    return Ok(());
                }
                Err(error) => match error.error_len() {
                    None => self.reader.consume(1),
                    // The last byte may begin the next character.
                    Some(length) => {
                        if length == self.own.len() {
                            self.reader.consume(1);
                        }
                        break;
                    }
                },
            }
        }
        if !self.own.is_empty() {
            self.own.clear();
            self.own.extend_from_slice(REPLACEMENT);
            self.own_is_replacement = true;
        }
        Ok(())
    }
}

/// The reader's buffer; a read that a signal interrupted is repeated.
fn filled<R: BufRead>(reader: &mut R) -> io::Result<&[u8]> {
    while let Err(error) = reader.fill_buf() {
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    reader.fill_buf()
}

impl<R: BufRead> Read for LossyUtf8<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for LossyUtf8<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.position >= self.limit {
            return Err(io::Error::other(LimitPassed));
        }
        if self.own_taken >= self.own.len() && self.valid == 0 {
            let chunk = filled(&mut self.reader)?;
            let chunk = chunk.get(..MAX_CHUNK).unwrap_or(chunk);
            self.valid = match std::str::from_utf8(chunk) {
                Ok(_) => chunk.len(),
                Err(error) => error.valid_up_to(),
            };
            if self.valid == 0 && !chunk.is_empty() {
                self.gather()?;
            }
        }
        if self.own_taken < self.own.len() {
            return Ok(self.own.get(self.own_taken..).unwrap_or_default());
        }
        if self.valid == 0 {
            return Ok(&[]);
        }
        let chunk = filled(&mut self.reader)?;
        Ok(chunk.get(..self.valid).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        if self.own_taken < self.own.len() {
            if self.own_is_replacement && self.own_taken == 0 && count > 0 {
                self.last_replacement = Some(self.position);
            }
            self.own_taken += count;
        } else {
            self.valid = self.valid.saturating_sub(count);
            self.reader.consume(count);
        }
        self.position += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_replacement_is_known_once_it_is_read() {
        let mut reader = LossyUtf8::new(&b"ab\xFFc"[..]);
        assert_eq!(reader.fill_buf().unwrap(), b"ab");
        assert_eq!(reader.last_replacement(), None);
        reader.consume(2);
        assert_eq!(reader.fill_buf().unwrap(), REPLACEMENT);
        reader.consume(3);
        assert_eq!((reader.last_replacement(), reader.position()), (Some(2), 5));
    }

    #[test]
    fn a_limit_ends_the_reading() {
        let mut reader = LossyUtf8::new(BufReader::new(io::repeat(b'x')));
        reader.limit(100_000);
        let mut read = Vec::new();
        let error = reader.read_to_end(&mut read).unwrap_err();
        assert!(LimitPassed::caused(&error) && read.len() < 100_000 + MAX_CHUNK);
    }

    proptest! {
        #[test]
        fn it_reads_what_a_lossy_conversion_of_the_whole_gives(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    &b"a"[..], "é".as_bytes(), "漢".as_bytes(), "🙂".as_bytes(), b"\xFF", b"\xE6",
                    b"\xE6\xBC", b"\xF0\x9F\x99", b"\xC3", b"\xED\xA0\x80", b"\x80",
                ]),
                0..20,
            ),
            capacity in 1..6_usize,
        ) {
            let bytes = parts.concat();
            let reader = BufReader::with_capacity(capacity, &bytes[..]);
            let mut read = Vec::new();
            LossyUtf8::new(reader).read_to_end(&mut read).unwrap();
            prop_assert_eq!(String::from_utf8(read).unwrap(), String::from_utf8_lossy(&bytes));
        }
    }
}
