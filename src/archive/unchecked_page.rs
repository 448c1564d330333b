//! A page that was read from an archive and is still to be compared with its hashes.

use super::error::StoreError;
use super::stored_rows::StoredRows;
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
    /// The rows that are still to be compared and added to the page; empty if it has its rows already.
    pub(super) rows: StoredRows,
}

impl UncheckedPage {
    /// The number of rows, compared or not.
    pub(super) fn len(&self) -> usize {
        self.page.logs.len() + self.rows.len()
    }

    /// The page, if its rows have the texts that were written to the archive with this name; and the
    /// memory of the rows, for those of another page.
    pub(super) fn checked(mut self, name: &str) -> Result<(Page, StoredRows), StoreError> {
        let Some(logs) = self.rows.to_intact_logs() else { return Err(changed_text(name)) };
        self.page.logs.extend(logs);
        Ok((self.page, self.rows))
    }
}
