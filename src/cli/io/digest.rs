//! Counts and digests what is written, for manifests and checkpoints.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::rc::Rc;

use ring::digest::{Context, SHA256};

/// Bytes written so far and their SHA-256.
#[derive(Clone)]
pub(crate) struct Meter {
    bytes: Rc<Cell<u64>>,
    digest: Option<Rc<RefCell<Context>>>,
}

impl Meter {
    /// One that counts, and digests when a proof is wanted.
    pub(crate) fn new(digesting: bool) -> Self {
        let digest = digesting.then(|| Rc::new(RefCell::new(Context::new(&SHA256))));
        Self { bytes: Rc::default(), digest }
    }

    /// Takes bytes into account that were, or will be, written.
    pub(crate) fn add(&self, bytes: &[u8]) {
        self.bytes.set(self.bytes.get() + bytes.len() as u64);
        if let Some(digest) = &self.digest {
            digest.borrow_mut().update(bytes);
        }
    }

    /// Bytes so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    /// SHA-256 of the bytes so far, in hex; nothing when none is kept.
    pub(crate) fn sha256(&self) -> Option<String> {
        Some(hex(self.digest.as_ref()?.borrow().clone().finish()))
    }
}

/// Bytes as two hexadecimal digits each.
pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A writer whose bytes a meter takes into account.
pub(crate) struct Metered<W> {
    out: W,
    meter: Meter,
}

impl<W> Metered<W> {
    pub(crate) fn new(out: W, meter: Meter) -> Self {
        Self { out, meter }
    }
}

impl<W: Write> Write for Metered<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.out.write(bytes)?;
        self.meter.add(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
