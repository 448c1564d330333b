//! A page that was read from an archive and is still to be compared with its hashes.

use super::error::StoreError;
use super::message_columns::{RowHash, row_hash};
use crate::model::Page;

/// The reason of [`StoreError::Damaged`] for a row that is not the one that was written.
const CHANGED_TEXT: &str = "the text of a message changed after it was written";

/// The error for an archive with such a row.
pub(super) fn changed_text(name: &str) -> StoreError {
    StoreError::Damaged { name: name.to_owned(), reason: CHANGED_TEXT.to_owned() }
}

/// A page whose rows may have other texts than those that were written.
#[derive(Debug, Default)]
pub(super) struct UncheckedPage {
    pub(super) page: Page,
    /// The hashes of the rows, in their order; empty if the rows were compared already.
    pub(super) hashes: Vec<RowHash>,
}

impl UncheckedPage {
    /// The page, if its rows have the texts that were written to the archive with this name.
    pub(super) fn checked(self, name: &str) -> Result<Page, StoreError> {
        let mut rows = self.page.logs.iter().zip(&self.hashes);
        if rows.all(|(log, hash)| row_hash(log.bytes()) == *hash) {
            Ok(self.page)
        } else {
            Err(changed_text(name))
        }
    }
}
