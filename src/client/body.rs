//! Collects the bytes of one response body and decompresses them as they arrive, up to a limit.
//!
//! Does not decode them: that is `wire`.

use std::io::{self, Write};

use flate2::write::GzDecoder;

/// The first bytes of a gzip stream (RFC 1952).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    /// It exceeds the cap, on the wire or decompressed.
    TooLarge,
    /// The headers announce gzip, and the body is not gzip.
    NotGzip,
    /// The gzip stream ends too early or is damaged.
    Truncated,
}

/// The largest buffer, in bytes, that is kept for the next body.
const MAX_KEPT_BUFFER: usize = 4 << 20;

/// A body that has been read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ResponseBody {
    /// The bytes, decompressed.
    pub(super) bytes: Vec<u8>,
    /// The number of bytes on the wire.
    pub(super) on_wire: usize,
    /// Whether bytes after the end of a gzip stream were ignored.
    pub(super) trailing: bool,
}

impl ResponseBody {
    /// The buffer of this body, emptied, for the next one. A new buffer of that size for each page,
    /// between rows that are still being written, would fragment the heap.
    pub(super) fn into_buffer(self) -> Vec<u8> {
        let mut buffer = self.bytes;
        buffer.clear();
        buffer.shrink_to(MAX_KEPT_BUFFER);
        buffer
    }
}

/// Reads one body.
pub(super) struct BodyReader {
    decoder: BodyDecoder,
    cap: usize,
    on_wire: usize,
    trailing: bool,
}

enum BodyDecoder {
    Plain(CappedBuffer),
    Gzip(Box<GzDecoder<CappedBuffer>>),
    /// A gzip stream that has been read to its end.
    Finished(CappedBuffer),
}

impl BodyReader {
    /// Reads into this buffer. `expected` is the announced length; a body larger than `cap` is
    /// refused.
    pub(super) fn new(gzip: bool, expected: Option<u64>, cap: usize, buffer: Vec<u8>) -> Self {
        let mut buffer = CappedBuffer { bytes: buffer, cap, full: false };
        let decoder = if gzip {
            BodyDecoder::Gzip(Box::new(GzDecoder::new(buffer)))
        } else {
            let expected = expected.and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
            // A wrong length must not cost memory. Rounded up, because the next body will be a
            // little longer or shorter.
            let expected = expected.min(cap).min(1 << 20);
            buffer.bytes.reserve_exact(expected.next_multiple_of(1 << 16));
            BodyDecoder::Plain(buffer)
        };
        Self { decoder, cap, on_wire: 0, trailing: false }
    }

    /// Takes the next bytes from the wire.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), BodyError> {
        if matches!(self.decoder, BodyDecoder::Gzip(_)) {
            let start = chunk.iter().zip(GZIP_MAGIC.iter().skip(self.on_wire));
            // Checked here, because the decoder reports nothing before it has ten bytes.
            if start.into_iter().any(|(byte, magic)| byte != magic) {
                return Err(BodyError::NotGzip);
            }
        }
        self.on_wire = self.on_wire.saturating_add(chunk.len());
        if self.on_wire > self.cap {
            return Err(BodyError::TooLarge);
        }
        let mut rest = chunk;
        while !rest.is_empty() {
            let Some(taken) = self.take(rest)? else {
                self.trailing = true;
                break;
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    /// Returns how many bytes were taken; `None` when the rest is ignored.
    fn take(&mut self, rest: &[u8]) -> Result<Option<usize>, BodyError> {
        match &mut self.decoder {
            BodyDecoder::Plain(buffer) => {
                buffer.write(rest).map(Some).map_err(|_| BodyError::TooLarge)
            }
            BodyDecoder::Gzip(decoder) => {
                let taken = decoder.write(rest).map_err(|_| {
                    if decoder.get_ref().full {
                        BodyError::TooLarge
                    } else if decoder.header().is_none() {
                        BodyError::NotGzip
                    } else {
                        BodyError::Truncated
                    }
                })?;
                if taken == 0 {
                    let buffer =
                        std::mem::replace(&mut **decoder, GzDecoder::new(CappedBuffer::default()));
                    self.decoder =
                        BodyDecoder::Finished(buffer.finish().map_err(|_| BodyError::Truncated)?);
                }
                Ok(Some(taken))
            }
            // RFC 1952: another stream, which starts in the same way, may follow.
            BodyDecoder::Finished(buffer)
                if rest.first() == GZIP_MAGIC.first() && !self.trailing =>
            {
                self.decoder = BodyDecoder::Gzip(Box::new(GzDecoder::new(std::mem::take(buffer))));
                Ok(Some(0))
            }
            BodyDecoder::Finished(_) => Ok(None),
        }
    }

    /// The bytes received so far, of a body whose end does not matter.
    pub(super) fn so_far(self) -> ResponseBody {
        let buffer = match self.decoder {
            BodyDecoder::Plain(buffer) | BodyDecoder::Finished(buffer) => buffer,
            BodyDecoder::Gzip(mut decoder) => {
                // The decoder holds the text of its last block back, which is all of a short one. That
                // the stream may end too early does not matter here.
                let _ = decoder.try_finish();
                std::mem::take(decoder.get_mut())
            }
        };
        ResponseBody { bytes: buffer.bytes, on_wire: self.on_wire, trailing: self.trailing }
    }

    /// The complete body, once the wire has no more bytes.
    pub(super) fn finish(self) -> Result<ResponseBody, BodyError> {
        let buffer = match self.decoder {
            // Zero bytes are an empty body, even when gzip was announced.
            BodyDecoder::Gzip(_) if self.on_wire == 0 => CappedBuffer::default(),
            BodyDecoder::Plain(buffer) | BodyDecoder::Finished(buffer) => buffer,
            BodyDecoder::Gzip(mut decoder) => {
                let finished = decoder.try_finish();
                if decoder.get_ref().full {
                    return Err(BodyError::TooLarge);
                }
                finished.and_then(|()| decoder.finish()).map_err(|_| BodyError::Truncated)?
            }
        };
        Ok(ResponseBody { bytes: buffer.bytes, on_wire: self.on_wire, trailing: self.trailing })
    }
}

/// Bytes up to a cap; a write that exceeds it fails.
#[derive(Debug, Default)]
struct CappedBuffer {
    bytes: Vec<u8>,
    cap: usize,
    full: bool,
}

impl Write for CappedBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len().saturating_add(bytes.len()) > self.cap {
            self.full = true;
            return Err(io::Error::other("the cap is reached"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAP: usize = 1 << 20;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn gather(compressed: bool, wire: &[u8], chunk: usize) -> Result<ResponseBody, BodyError> {
        let mut reader = BodyReader::new(compressed, None, CAP, Vec::new());
        for chunk in wire.chunks(chunk) {
            reader.push(chunk)?;
        }
        reader.finish()
    }

    fn text() -> Vec<u8> {
        (0..2000).flat_map(|number: u32| number.to_string().into_bytes()).collect()
    }

    #[test]
    fn a_body_is_complete_with_chunks_of_every_size() {
        let text = text();
        let compressed = gzip(&text);
        for chunk in [1, 2, 3, 7, 64, 100_000] {
            let plain = gather(false, &text, chunk).unwrap();
            assert_eq!(
                (plain.bytes, plain.on_wire, plain.trailing),
                (text.clone(), text.len(), false)
            );
            let decompressed = gather(true, &compressed, chunk).unwrap();
            assert_eq!(decompressed.bytes, text, "{chunk}");
            assert_eq!(
                (decompressed.on_wire, decompressed.trailing),
                (compressed.len(), false),
                "{chunk}"
            );
        }
    }

    #[test]
    fn the_part_of_a_compressed_body_that_was_received_is_decompressed() {
        let text = text();
        let compressed = gzip(&text);
        let so_far = |wire: &[u8]| {
            let mut reader = BodyReader::new(true, None, CAP, Vec::new());
            wire.chunks(50).for_each(|chunk| reader.push(chunk).unwrap());
            reader.so_far().bytes
        };
        assert_eq!(so_far(&compressed), text);
        let without_checksum = so_far(&compressed[..compressed.len() - 8]);
        assert_eq!(without_checksum, text);
        let half = so_far(&compressed[..compressed.len() / 2]);
        assert!(!half.is_empty() && text.starts_with(&half));
        let short = b"{}";
        assert_eq!(so_far(&gzip(short)), short);
    }

    #[test]
    fn a_compressed_body_that_is_cut_off_anywhere_is_truncated() {
        let compressed = gzip(&text());
        for length in 1..compressed.len() {
            assert_eq!(
                gather(true, &compressed[..length], 50),
                Err(BodyError::Truncated),
                "{length}"
            );
        }
        assert_eq!(gather(true, b"", 1).unwrap().bytes, b"");
    }

    #[test]
    fn a_damaged_body_is_recognized_as_truncated_and_a_body_that_is_not_gzip_as_such() {
        let mut damaged = gzip(&text());
        let checksum = damaged.len() - 5;
        damaged[checksum] ^= 1;
        assert_eq!(gather(true, &damaged, 50), Err(BodyError::Truncated));
        for wire in [&b"{\"results\":[]}"[..], b"<html>", b"\x1fnot"] {
            assert_eq!(gather(true, wire, 3), Err(BodyError::NotGzip));
        }
    }

    #[test]
    fn bytes_after_the_end_are_ignored_and_reported_and_a_second_stream_is_read() {
        for chunk in [1, 10, 100_000] {
            let body =
                gather(true, &[gzip(b"rows"), b"\0\0rest".to_vec()].concat(), chunk).unwrap();
            assert_eq!((body.bytes.as_slice(), body.trailing), (&b"rows"[..], true));
            let body = gather(true, &[gzip(b"one "), gzip(b"two")].concat(), chunk).unwrap();
            assert_eq!((body.bytes.as_slice(), body.trailing), (&b"one two"[..], false));
        }
    }

    #[test]
    fn a_body_stops_at_the_cap_which_counts_decompressed_bytes() {
        let bomb = gzip(&vec![0; 64 * CAP]);
        assert!(bomb.len() < CAP / 10);
        for chunk in [1000, 1 << 24] {
            assert_eq!(gather(true, &bomb, chunk), Err(BodyError::TooLarge));
        }
        assert_eq!(gather(false, &vec![b' '; CAP + 1], 4096), Err(BodyError::TooLarge));
        assert_eq!(gather(false, &vec![b' '; CAP], 4096).unwrap().bytes.len(), CAP);
        assert_eq!(gather(true, &gzip(&vec![b' '; CAP]), 4096).unwrap().bytes.len(), CAP);
        assert_eq!(gather(true, &gzip(&vec![b' '; CAP + 1]), 1 << 24), Err(BodyError::TooLarge));
    }

    #[test]
    fn a_wrong_length_costs_no_memory() {
        let reader = BodyReader::new(false, Some(u64::MAX), usize::MAX, Vec::new());
        let BodyDecoder::Plain(buffer) = reader.decoder else { panic!("compressed") };
        assert!(buffer.bytes.capacity() <= 1 << 20);
    }

    #[test]
    fn the_next_body_uses_the_buffer_of_the_last_one_up_to_a_size() {
        let buffer = gather(false, &vec![b'a'; CAP], 4096).unwrap().into_buffer();
        let kept = buffer.capacity();
        assert!(buffer.is_empty() && kept >= CAP);
        for compressed in [false, true] {
            let buffer = buffer.clone();
            let wire = if compressed { gzip(&text()) } else { text() };
            let mut reader = BodyReader::new(compressed, None, CAP, buffer);
            reader.push(&wire).unwrap();
            assert_eq!(reader.finish().unwrap().bytes, text());
        }
        let bytes = vec![b'a'; 2 * MAX_KEPT_BUFFER];
        assert_eq!(
            ResponseBody { bytes, ..ResponseBody::default() }.into_buffer().capacity(),
            MAX_KEPT_BUFFER
        );
    }
}
