//! The frames that omnilogs and the evaluator of a jq program exchange: a kind, a length, and that
//! many bytes.

use std::io::{self, Read, Write};

/// The kind of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum FrameKind {
    /// To the evaluator, first: the jq program.
    Program = b'p',
    /// To the evaluator: rows, each on its own line, to run the program over one by one.
    EachRow = b'e',
    /// To the evaluator: further rows of the document, each on its own line. There is no response.
    DocumentRows = b'o',
    /// To the evaluator: run the program over the document.
    Document = b'n',
    /// The program is valid.
    Accepted = b'a',
    /// The program is not valid: the error, and on a second line its reason.
    Refused = b'r',
    /// A result that is a text, raw.
    Text = b't',
    /// A result that is not a text, as JSON.
    Json = b'j',
    /// The program has returned all results for the latest frame.
    Done = b'd',
    /// The program called `halt`.
    Halted = b'h',
    /// The program failed: the error.
    Failed = b'f',
}

const KINDS: [FrameKind; 11] = [
    FrameKind::Program,
    FrameKind::EachRow,
    FrameKind::DocumentRows,
    FrameKind::Document,
    FrameKind::Accepted,
    FrameKind::Refused,
    FrameKind::Text,
    FrameKind::Json,
    FrameKind::Done,
    FrameKind::Halted,
    FrameKind::Failed,
];

pub(super) fn write(out: &mut impl Write, kind: FrameKind, body: &[u8]) -> io::Result<()> {
    out.write_all(&[kind as u8])?;
    out.write_all(&(body.len() as u64).to_le_bytes())?;
    out.write_all(body)
}

/// Reads the next frame.
///
/// # Errors
/// When it is not a frame, and when the other side has ended.
pub(super) fn read(from: &mut impl Read) -> io::Result<(FrameKind, Vec<u8>)> {
    let (mut kind, mut length) = ([0], [0; 8]);
    from.read_exact(&mut kind)?;
    from.read_exact(&mut length)?;
    let kind = KINDS.into_iter().find(|known| [*known as u8] == kind);
    let kind = kind.ok_or(io::ErrorKind::InvalidData)?;
    let length = u64::from_le_bytes(length);
    let mut body = Vec::new();
    if from.take(length).read_to_end(&mut body)? as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok((kind, body))
}
