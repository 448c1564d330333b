//! Which rows belong to what is erased, and how they write its number or id.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::maintenance::ErasureTarget;
use super::message_columns::destination_key;
use crate::model::{Field, Log};

/// The number or id by which the messages of a target are found.
pub(super) fn target_key(target: &ErasureTarget) -> Cow<'_, str> {
    match target {
        ErasureTarget::Destination(to) => destination_key(to),
        ErasureTarget::MessageId(id) => id.as_str().into(),
    }
}

/// How a row has the number or id of a target; `None` when it is not a row of the target.
pub(super) fn form(log: &Log, target: &ErasureTarget, key: &str) -> Option<String> {
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

/// What belongs to a target, the messages by the keys of their store.
pub(super) struct TargetRows<K> {
    pub(super) messages: BTreeSet<K>,
    /// The forms in which the messages have the number or id.
    pub(super) forms: BTreeSet<Vec<u8>>,
    /// Other messages that contain one of the forms.
    pub(super) mentions: u64,
}

impl<K> TargetRows<K> {
    /// Of a target that has no messages.
    pub(super) fn new() -> Self {
        Self { messages: BTreeSet::new(), forms: BTreeSet::new(), mentions: 0 }
    }
}
