//! Marks that recognize the rows of an erased number or id, and do not contain it: keyed hashes,
//! which are useless without the key of the archive.

use std::collections::HashSet;

use ring::hmac::{HMAC_SHA256, Key, sign};

use super::maintenance::ErasureTarget;
use super::message_columns::{MessageKey, erasure_key};
use crate::model::{Field, Log};

/// The length of a mark.
const MARK_BYTES: usize = 16;

/// A keyed hash of a destination or a message id.
pub(super) type Mark = [u8; MARK_BYTES];

/// Computes the marks of one archive.
#[derive(Debug)]
pub(super) struct Marker(Key);

impl Marker {
    /// Creates a marker with the key of the archive.
    pub(super) fn new(key: &[u8]) -> Self {
        Self(Key::new(HMAC_SHA256, key))
    }

    /// The mark of a number or id.
    pub(super) fn mark(&self, target: &ErasureTarget) -> Mark {
        match target {
            ErasureTarget::Destination(to) => self.of('d', &erasure_key(to)),
            ErasureTarget::MessageId(id) => self.of('i', id),
        }
    }

    fn of(&self, kind: char, text: &str) -> Mark {
        let mut mark = [0; MARK_BYTES];
        let hash = sign(&self.0, format!("{kind}{text}").as_bytes());
        for (to, from) in mark.iter_mut().zip(hash.as_ref()) {
            *to = *from;
        }
        mark
    }
}

/// The marks of an archive that are in force.
#[derive(Debug)]
pub(super) struct SuppressionList {
    pub(super) marker: Marker,
    pub(super) marks: HashSet<Mark>,
}

impl SuppressionList {
    /// Whether a row has an erased number or id.
    pub(super) fn contains(&self, log: &Log, key: &MessageKey) -> bool {
        if self.marks.is_empty() {
            return false;
        }
        let to = log.cell(Field::To).into_text();
        let is_erased_id = || {
            let id = key.message_id();
            id.is_some_and(|id| self.marks.contains(&self.marker.of('i', &id)))
        };
        self.marks.contains(&self.marker.of('d', &erasure_key(&to))) || is_erased_id()
    }
}
