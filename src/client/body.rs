//! The bytes of one response body, collected and decompressed as they arrive, up to a limit.
//!
//! Their meaning is decided elsewhere.

use std::io::{self, Write};

use flate2::write::GzDecoder;

/// How a packed stream starts (RFC 1952).
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyError {
    /// More than the cap, unpacked.
    TooLarge,
    /// Announced as gzip, and nothing like it.
    NotGzip,
    /// The packed stream ends too early or is damaged.
    Cut,
}

/// How much of a body's space is kept for the next one at most.
const KEPT: usize = 4 << 20;

/// A whole body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ResponseBody {
    /// The bytes, unpacked.
    pub(super) bytes: Vec<u8>,
    /// How many there were on the wire.
    pub(super) on_wire: usize,
    /// Whether bytes after the end of a packed stream were ignored.
    pub(super) trailing: bool,
}

impl ResponseBody {
    /// The space in which it was gathered, for the next one. Allocating space of that size for
    /// each page, between rows that are still being written, would fragment the heap.
    pub(super) fn into_space(self) -> Vec<u8> {
        let mut space = self.bytes;
        space.clear();
        space.shrink_to(KEPT);
        space
    }
}

/// A body that is being gathered.
pub(super) struct BodyReader {
    form: BodyDecoder,
    cap: usize,
    on_wire: usize,
    trailing: bool,
}

enum BodyDecoder {
    Plain(CappedBuffer),
    Gzip(Box<GzDecoder<CappedBuffer>>),
    /// A packed stream that has been read to its end.
    Unpacked(CappedBuffer),
}

impl BodyReader {
    /// Starts in this space; `expected` bytes are announced, of which no more than `cap` will be
    /// taken.
    pub(super) fn new(gzip: bool, expected: Option<u64>, cap: usize, space: Vec<u8>) -> Self {
        let mut space = CappedBuffer { bytes: space, cap, full: false };
        let form = if gzip {
            BodyDecoder::Gzip(Box::new(GzDecoder::new(space)))
        } else {
            let expected = expected.and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
            // A lie about the length must not cost memory. Rounded up, as the next one will be a
            // little longer or shorter.
            let expected = expected.min(cap).min(1 << 20);
            space.bytes.reserve_exact(expected.next_multiple_of(1 << 16));
            BodyDecoder::Plain(space)
        };
        Self { form, cap, on_wire: 0, trailing: false }
    }

    /// Takes the next bytes from the wire.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), BodyError> {
        if matches!(self.form, BodyDecoder::Gzip(_)) {
            let start = chunk.iter().zip(MAGIC.iter().skip(self.on_wire));
            // Checked here, as the decoder reports nothing before it has ten bytes.
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

    /// How many bytes are taken; `None`: no more are wanted.
    fn take(&mut self, rest: &[u8]) -> Result<Option<usize>, BodyError> {
        match &mut self.form {
            BodyDecoder::Plain(space) => {
                space.write(rest).map(Some).map_err(|_| BodyError::TooLarge)
            }
            BodyDecoder::Gzip(decoder) => {
                let taken = decoder.write(rest).map_err(|_| {
                    if decoder.get_ref().full {
                        BodyError::TooLarge
                    } else if decoder.header().is_none() {
                        BodyError::NotGzip
                    } else {
                        BodyError::Cut
                    }
                })?;
                if taken == 0 {
                    let space =
                        std::mem::replace(&mut **decoder, GzDecoder::new(CappedBuffer::default()));
                    self.form = BodyDecoder::Unpacked(space.finish().map_err(|_| BodyError::Cut)?);
                }
                Ok(Some(taken))
            }
            // RFC 1952: a stream may be followed by another, which starts the same way.
            BodyDecoder::Unpacked(space) if rest.first() == MAGIC.first() && !self.trailing => {
                self.form = BodyDecoder::Gzip(Box::new(GzDecoder::new(std::mem::take(space))));
                Ok(Some(0))
            }
            BodyDecoder::Unpacked(_) => Ok(None),
        }
    }

    /// What has come so far, of a body whose end does not matter.
    pub(super) fn so_far(self) -> ResponseBody {
        let space = match self.form {
            BodyDecoder::Plain(space) | BodyDecoder::Unpacked(space) => space,
            // The decoder has written all but the rest of its last block.
            BodyDecoder::Gzip(mut decoder) => std::mem::take(decoder.get_mut()),
        };
        ResponseBody { bytes: space.bytes, on_wire: self.on_wire, trailing: self.trailing }
    }

    /// The whole body, once the wire has no more bytes.
    pub(super) fn finish(self) -> Result<ResponseBody, BodyError> {
        let space = match self.form {
            // Nothing at all is an empty body, however it was announced.
            BodyDecoder::Gzip(_) if self.on_wire == 0 => CappedBuffer::default(),
            BodyDecoder::Plain(space) | BodyDecoder::Unpacked(space) => space,
            BodyDecoder::Gzip(mut decoder) => {
                let finished = decoder.try_finish();
                if decoder.get_ref().full {
                    return Err(BodyError::TooLarge);
                }
                finished.and_then(|()| decoder.finish()).map_err(|_| BodyError::Cut)?
            }
        };
        Ok(ResponseBody { bytes: space.bytes, on_wire: self.on_wire, trailing: self.trailing })
    }
}

/// Bytes up to a cap; a write past it fails.
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

    fn gather(packed: bool, wire: &[u8], chunk: usize) -> Result<ResponseBody, BodyError> {
        let mut gathering = BodyReader::new(packed, None, CAP, Vec::new());
        for chunk in wire.chunks(chunk) {
            gathering.push(chunk)?;
        }
        gathering.finish()
    }

    fn text() -> Vec<u8> {
        (0..2000).flat_map(|number: u32| number.to_string().into_bytes()).collect()
    }

    #[test]
    fn a_body_is_whole_however_its_chunks_are_cut() {
        let text = text();
        let packed = gzip(&text);
        for chunk in [1, 2, 3, 7, 64, 100_000] {
            let plain = gather(false, &text, chunk).unwrap();
            assert_eq!(
                (plain.bytes, plain.on_wire, plain.trailing),
                (text.clone(), text.len(), false)
            );
            let unpacked = gather(true, &packed, chunk).unwrap();
            assert_eq!(unpacked.bytes, text, "{chunk}");
            assert_eq!((unpacked.on_wire, unpacked.trailing), (packed.len(), false), "{chunk}");
        }
    }

    #[test]
    fn a_packed_body_that_is_cut_anywhere_is_known_as_cut() {
        let packed = gzip(&text());
        for length in 1..packed.len() {
            assert_eq!(gather(true, &packed[..length], 50), Err(BodyError::Cut), "{length}");
        }
        assert_eq!(gather(true, b"", 1).unwrap().bytes, b"");
    }

    #[test]
    fn a_damaged_body_is_recognized_as_truncated_and_a_body_that_is_not_gzip_as_such() {
        let mut damaged = gzip(&text());
        let checksum = damaged.len() - 5;
        damaged[checksum] ^= 1;
        assert_eq!(gather(true, &damaged, 50), Err(BodyError::Cut));
        for wire in [&b"{\"results\":[]}"[..], b"<html>", b"\x1fnot"] {
            assert_eq!(gather(true, wire, 3), Err(BodyError::NotGzip));
        }
    }

    #[test]
    fn bytes_after_the_end_are_ignored_and_noted_and_a_second_stream_is_read() {
        for chunk in [1, 10, 100_000] {
            let body =
                gather(true, &[gzip(b"rows"), b"\0\0rest".to_vec()].concat(), chunk).unwrap();
            assert_eq!((body.bytes.as_slice(), body.trailing), (&b"rows"[..], true));
            let body = gather(true, &[gzip(b"one "), gzip(b"two")].concat(), chunk).unwrap();
            assert_eq!((body.bytes.as_slice(), body.trailing), (&b"one two"[..], false));
        }
    }

    #[test]
    fn a_body_stops_at_the_cap_counted_unpacked() {
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
    fn a_lie_about_the_length_costs_no_memory() {
        let gathering = BodyReader::new(false, Some(u64::MAX), usize::MAX, Vec::new());
        let BodyDecoder::Plain(space) = gathering.form else { panic!("packed") };
        assert!(space.bytes.capacity() <= 1 << 20);
    }

    #[test]
    fn the_next_body_is_gathered_in_the_space_of_the_last_up_to_a_size() {
        let space = gather(false, &vec![b'a'; CAP], 4096).unwrap().into_space();
        let kept = space.capacity();
        assert!(space.is_empty() && kept >= CAP);
        for packed in [false, true] {
            let space = space.clone();
            let wire = if packed { gzip(&text()) } else { text() };
            let mut gathering = BodyReader::new(packed, None, CAP, space);
            gathering.push(&wire).unwrap();
            assert_eq!(gathering.finish().unwrap().bytes, text());
        }
        let bytes = vec![b'a'; 2 * KEPT];
        assert_eq!(ResponseBody { bytes, ..ResponseBody::default() }.into_space().capacity(), KEPT);
    }
}
