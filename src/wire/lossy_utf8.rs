//! A reader that always returns UTF-8: bytes that are not UTF-8 become U+FFFD.
//!
//! A parser that reads a stream rejects a whole document for one damaged character. The reader returns
//! at most [`MAX_CHUNK`] bytes at a time, so that a limit set with [`LossyUtf8::set_limit`] takes
//! effect soon after it is exceeded.

use std::error::Error;
use std::fmt;
use std::io::{self, BufRead, Read};

/// The most bytes that are returned at once.
const MAX_CHUNK: usize = 64 * 1024;

const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

/// The error when more bytes were read than the limit allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LimitExceeded;

impl LimitExceeded {
    /// Whether this error made a read fail.
    pub(super) fn caused(error: &io::Error) -> bool {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).is_some()
    }
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("more bytes than the limit allows")
    }
}

impl Error for LimitExceeded {}

/// Reads UTF-8 from a reader of any bytes.
pub(super) struct LossyUtf8<R> {
    reader: R,
    /// How many bytes at the front of the reader's buffer are known to be UTF-8.
    valid: usize,
    /// A character that was split between two chunks, or U+FFFD, and how many of its bytes were
    /// consumed.
    pending: Vec<u8>,
    pending_taken: usize,
    /// Whether `pending` replaces bytes that are not UTF-8.
    pending_is_replacement: bool,
    position: u64,
    limit: u64,
    last_replacement: Option<u64>,
}

impl<R: BufRead> LossyUtf8<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            valid: 0,
            pending: Vec::new(),
            pending_taken: 0,
            pending_is_replacement: false,
            position: 0,
            limit: u64::MAX,
            last_replacement: None,
        }
    }

    /// How many bytes were consumed.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// The position of the last U+FFFD that replaces bytes that are not UTF-8.
    pub(super) fn last_replacement(&self) -> Option<u64> {
        self.last_replacement
    }

    /// Makes reads from this position on fail with [`LimitExceeded`].
    pub(super) fn set_limit(&mut self, position: u64) {
        self.limit = position;
    }

    /// Reads the next character into `pending` byte by byte: the buffer of the reader does not start
    /// with a complete character.
    fn read_character(&mut self) -> io::Result<()> {
        self.pending.clear();
        self.pending_taken = 0;
        // A byte is consumed only once it is known to belong to this character.
        while let Some(byte) = fill_buffer(&mut self.reader)?.first().copied() {
            self.pending.push(byte);
            match std::str::from_utf8(&self.pending) {
                Ok(_) => {
                    self.reader.consume(1);
                    self.pending_is_replacement = false;
                    return Ok(());
                }
                Err(error) => match error.error_len() {
                    None => self.reader.consume(1),
                    // The last byte may begin the next character.
                    Some(length) => {
                        if length == self.pending.len() {
                            self.reader.consume(1);
                        }
                        break;
                    }
                },
            }
        }
        if !self.pending.is_empty() {
            self.pending.clear();
            self.pending.extend_from_slice(REPLACEMENT);
            self.pending_is_replacement = true;
        }
        Ok(())
    }
}

/// Fills the buffer of a reader; repeats a read that a signal interrupted.
pub(crate) fn fill_buffer<R: BufRead>(reader: &mut R) -> io::Result<&[u8]> {
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
            return Err(io::Error::other(LimitExceeded));
        }
        if self.pending_taken >= self.pending.len() && self.valid == 0 {
            let chunk = fill_buffer(&mut self.reader)?;
            let chunk = chunk.get(..MAX_CHUNK).unwrap_or(chunk);
            self.valid = match std::str::from_utf8(chunk) {
                Ok(_) => chunk.len(),
                Err(error) => error.valid_up_to(),
            };
            if self.valid == 0 && !chunk.is_empty() {
                self.read_character()?;
            }
        }
        if self.pending_taken < self.pending.len() {
            return Ok(self.pending.get(self.pending_taken..).unwrap_or_default());
        }
        if self.valid == 0 {
            return Ok(&[]);
        }
        let chunk = fill_buffer(&mut self.reader)?;
        Ok(chunk.get(..self.valid).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        if self.pending_taken < self.pending.len() {
            if self.pending_is_replacement && self.pending_taken == 0 && count > 0 {
                self.last_replacement = Some(self.position);
            }
            self.pending_taken += count;
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
    fn a_replacement_is_reported_once_it_is_consumed() {
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
        reader.set_limit(100_000);
        let mut read = Vec::new();
        let error = reader.read_to_end(&mut read).unwrap_err();
        assert!(LimitExceeded::caused(&error) && read.len() < 100_000 + MAX_CHUNK);
    }

    proptest! {
        #[test]
        fn reading_gives_the_lossy_conversion_of_all_bytes(
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
