//! Reads an archive in a thread, one page ahead, and compares the rows with their hashes in the thread
//! of the caller: the database and the hashes take about the same time.

use std::io;

use super::error::StoreError;
use super::listing::ArchivePages;
use super::message_columns::{RowHash, row_hash};
use crate::model::Page;
use crate::pages::{Pages, Prefetch, RunReport};
use crate::source::SourceError;

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
    fn checked(self, name: &str) -> Result<Page, StoreError> {
        let mut rows = self.page.logs.iter().zip(&self.hashes);
        if rows.all(|(log, hash)| row_hash(log.bytes()) == *hash) {
            Ok(self.page)
        } else {
            Err(changed_text(name))
        }
    }
}

/// The pages of a query over an archive, read one ahead.
pub struct ArchivePrefetch {
    /// `None` after the last page.
    pages: Option<Prefetch<UncheckedPage>>,
    /// The name of the archive.
    name: String,
    /// The report at the time when the latest returned page had been read.
    report: RunReport,
}

impl ArchivePrefetch {
    /// Starts the thread, which reads the first page.
    ///
    /// # Errors
    /// When the system cannot create a thread.
    pub(super) fn new(mut pages: ArchivePages, name: String) -> io::Result<Self> {
        let report = pages.report();
        let fetch = move || (pages.next_unchecked(), pages.report());
        Ok(Self { pages: Some(Prefetch::of(report.clone(), fetch)?), name, report })
    }
}

impl Pages for ArchivePrefetch {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        let pages = self.pages.as_mut()?;
        let page = pages.next_converted();
        let report = pages.latest_report();
        let page = match page {
            Some(Ok(page)) => match page.checked(&self.name) {
                Ok(page) => Some(Ok(page)),
                Err(error) => {
                    // The report counts the rows of this page, which the caller does not get.
                    self.pages = None;
                    return Some(Err(error.into()));
                }
            },
            Some(Err(error)) => Some(Err(error)),
            None => None,
        };
        self.report = report;
        page
    }

    fn report(&self) -> RunReport {
        self.report.clone()
    }
}
