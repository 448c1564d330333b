//! Parses the rows of a saved response as soon as a page is read.
//!
//! An archive needs the fields of every row. When a thread reads the file one page ahead, that thread
//! parses the rows too, while the page before is written.

use omnilogs::SourceError;
use omnilogs::model::{Field, Page};
use omnilogs::pages::{Pages, RunReport};
use omnilogs::saved::SavedResponse;

/// Pages whose rows are parsed.
pub(super) struct ParsedRows(pub(super) SavedResponse);

impl Pages for ParsedRows {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        let page = self.0.next_page()?;
        for log in page.iter().flat_map(|page| &page.logs) {
            // The first field that is read has the row parsed.
            let _ = log.cell(Field::MessageId);
        }
        Some(page)
    }

    fn report(&self) -> RunReport {
        self.0.report()
    }
}
