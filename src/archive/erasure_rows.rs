//! The rows that an erasure deletes, and the forms in which rows contain the number or id.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use super::maintenance::ErasureTarget;
use super::message_columns::{destination_key, erasure_key, escaped};
use super::target_finder::TargetFinder;
use crate::model::{Field, Log};

/// A target with the number or id under which a store finds its messages.
pub(super) struct ErasureKey<'a> {
    pub(super) target: &'a ErasureTarget,
    pub(super) key: Cow<'a, str>,
    pub(super) finder: TargetFinder,
}

impl<'a> ErasureKey<'a> {
    /// The key of a target; `None` when it is empty, so that nothing has it.
    pub(super) fn new(target: &'a ErasureTarget) -> Option<Self> {
        let key = match target {
            ErasureTarget::Destination(to) => erasure_key(to),
            ErasureTarget::MessageId(id) => id.as_str().into(),
        };
        let finder = (!key.is_empty()).then(|| TargetFinder::new(target, &key))?;
        Some(Self { target, key, finder })
    }

    /// The number or id as this row writes it; `None` if the row does not belong to the target.
    pub(super) fn written_form(&self, log: &Log) -> Option<String> {
        let field = match self.target {
            ErasureTarget::Destination(_) => Field::To,
            ErasureTarget::MessageId(_) => Field::MessageId,
        };
        let text = log.cell(field).into_text();
        let is_same = match self.target {
            ErasureTarget::Destination(_) => erasure_key(&text) == self.key,
            ErasureTarget::MessageId(_) => text == self.key,
        };
        is_same.then(|| text.into_owned())
    }

    /// The column of the destination of another message, if the number or id is a part of it: a store
    /// keeps its digits alone, which the row may not contain in this form.
    fn longer_destination(&self, log: &Log) -> Option<String> {
        let to = log.cell(Field::To).into_text();
        let destination = destination_key(&to);
        let is_part = matches!(self.target, ErasureTarget::Destination(_))
            && erasure_key(&to).contains(&*self.key);
        is_part.then(|| escaped(&destination).into_owned())
    }
}

/// The messages of a target. `K` is the key by which the store finds a message.
pub(super) struct TargetRows<K> {
    pub(super) messages: BTreeSet<K>,
    /// Other messages that contain the number or id.
    mentioning: BTreeSet<K>,
    /// The forms in which messages contain the number or id.
    pub(super) forms: BTreeSet<Vec<u8>>,
    /// Longer numbers or ids that it is a part of, as the other messages contain them.
    pub(super) longer: HashSet<Vec<u8>>,
}

impl<K: Ord> TargetRows<K> {
    /// A target with this key, without messages.
    pub(super) fn new(key: &str) -> Self {
        let forms = BTreeSet::from([key.as_bytes().to_vec()]);
        Self {
            messages: BTreeSet::new(),
            mentioning: BTreeSet::new(),
            forms,
            longer: HashSet::new(),
        }
    }

    /// Adds what a version of a message contains.
    pub(super) fn add(&mut self, message: K, log: &Log, bytes: &[u8], target: &ErasureKey<'_>) {
        let mut has_whole = false;
        for found in target.finder.occurrences(bytes) {
            has_whole |= found.is_whole;
            let texts = std::iter::once(found.text.to_vec()).chain(found.decoded());
            if found.is_whole {
                self.forms.extend(texts);
            } else {
                self.longer.extend(texts);
            }
        }
        if let Some(form) = target.written_form(log) {
            self.forms.insert(form.into_bytes());
            self.messages.insert(message);
            return;
        }
        if let Some(destination) = target.longer_destination(log) {
            self.longer.insert(destination.into_bytes());
        }
        if has_whole {
            self.mentioning.insert(message);
        }
    }

    /// The number of other messages that contain the number or id.
    pub(super) fn mentions(&self) -> u64 {
        self.mentioning.difference(&self.messages).count() as u64
    }
}
