//! The rows that an erasure deletes, and the forms in which they contain the number or id.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::maintenance::ErasureTarget;
use super::message_columns::destination_key;
use crate::model::{Field, Log};

/// The number or id under which a store finds the messages of a target.
pub(super) fn target_key(target: &ErasureTarget) -> Cow<'_, str> {
    match target {
        ErasureTarget::Destination(to) => destination_key(to),
        ErasureTarget::MessageId(id) => id.as_str().into(),
    }
}

/// The number or id of a target as this row writes it; `None` if the row does not belong to the
/// target.
pub(super) fn written_form(log: &Log, target: &ErasureTarget, key: &str) -> Option<String> {
    let field = match target {
        ErasureTarget::Destination(_) => Field::To,
        ErasureTarget::MessageId(_) => Field::MessageId,
    };
    let text = log.cell(field).into_text();
    let is_same = match target {
        ErasureTarget::Destination(_) => destination_key(&text) == key,
        ErasureTarget::MessageId(_) => text == key,
    };
    is_same.then(|| text.into_owned())
}

/// The messages of a target. `K` is the key by which the store finds a message.
pub(super) struct TargetRows<K> {
    pub(super) messages: BTreeSet<K>,
    /// The forms in which the messages contain the number or id.
    pub(super) forms: BTreeSet<Vec<u8>>,
    /// Other messages that contain one of the forms.
    pub(super) mentions: u64,
}

impl<K> TargetRows<K> {
    /// A target without messages.
    pub(super) fn new() -> Self {
        Self { messages: BTreeSet::new(), forms: BTreeSet::new(), mentions: 0 }
    }
}
