//! Reads an archive in a thread, a few pages ahead, and compares the rows with their hashes in the
//! thread of the caller: the database and the hashes take about the same time.

use std::io;
use std::sync::mpsc::{Sender, channel};

use super::listing::ArchivePages;
use super::stored_rows::StoredRows;
use super::unchecked_page::UncheckedPage;
use crate::model::Page;
use crate::pages::{Pages, Prefetch, RunReport};
use crate::source::SourceError;

/// How many pages are read ahead. With one, each thread would wait for the other at every page, because
/// the time that a page takes varies.
const PAGES_AHEAD: usize = 2;

/// The pages of a query over an archive, read ahead.
pub struct ArchivePrefetch {
    /// `None` after the last page.
    pages: Option<Prefetch<UncheckedPage>>,
    /// The name of the archive.
    name: String,
    /// The report at the time when the latest returned page had been read.
    report: RunReport,
    /// Returns the memory of rows to the thread. Otherwise it would be allocated for each page, and the
    /// system would clear it each time.
    compared: Sender<StoredRows>,
}

impl ArchivePrefetch {
    /// Starts the thread, which reads the first page.
    ///
    /// # Errors
    /// When the system cannot create a thread.
    pub fn new(mut pages: ArchivePages) -> io::Result<Self> {
        let (compared, memory) = channel();
        pages.leave_rows_unchecked(memory);
        let name = pages.name().to_owned();
        let report = pages.report();
        let fetch = move || (pages.next_unchecked(), pages.report());
        let pages = Some(Prefetch::of(report.clone(), PAGES_AHEAD, fetch)?);
        Ok(Self { pages, name, report, compared })
    }
}

impl Pages for ArchivePrefetch {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        let pages = self.pages.as_mut()?;
        let page = pages.next_converted();
        let report = pages.latest_report();
        let page = match page {
            Some(Ok(page)) => match page.checked(&self.name) {
                Ok((page, rows)) => {
                    // A thread that compares rows itself, or has read the last page, needs none.
                    let _ = self.compared.send(rows);
                    Some(Ok(page))
                }
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
