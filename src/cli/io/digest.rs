//! The length and the SHA-256 of an output, for manifests and checkpoints.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::rc::Rc;

use ring::digest::{Context, SHA256};

/// The length and SHA-256 of an output that is being written. Clones share them.
#[derive(Clone)]
pub(crate) struct OutputDigest {
    bytes: Rc<Cell<u64>>,
    context: Rc<RefCell<Context>>,
}

impl OutputDigest {
    /// The digest of an empty output.
    pub(crate) fn new() -> Self {
        Self { bytes: Rc::default(), context: Rc::new(RefCell::new(Context::new(&SHA256))) }
    }

    /// Adds the next bytes of the output.
    pub(crate) fn add(&self, bytes: &[u8]) {
        self.bytes.set(self.bytes.get() + bytes.len() as u64);
        self.context.borrow_mut().update(bytes);
    }

    /// Bytes so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    /// SHA-256 of the bytes so far, in hex.
    pub(crate) fn sha256(&self) -> String {
        hex(self.context.borrow().clone().finish())
    }
}

/// The bytes in hexadecimal, two digits per byte.
pub(crate) fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
