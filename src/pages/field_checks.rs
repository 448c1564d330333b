//! Checks the fields of the rows of pages, and counts the anomalies.
//!
//! It sends no request and changes no row. It wraps the pages on the thread that writes rows, so that
//! the checks do not delay the fetching of the next page. Formats that write rows unchanged do not
//! need it.

use super::{Pages, RunReport};
use crate::model::{Anomalies, Page};
use crate::source::SourceError;

/// Pages whose rows are checked.
pub struct FieldChecks<P> {
    pages: P,
    found: Anomalies,
    rows: u64,
}

impl<P: Pages> FieldChecks<P> {
    /// Wraps pages whose rows are to be checked.
    pub fn new(pages: P) -> Self {
        Self { pages, found: Anomalies::default(), rows: 0 }
    }
}

impl<P: Pages> Pages for FieldChecks<P> {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        let mut page = match self.pages.next_page()? {
            Ok(page) => page,
            Err(error) => return Some(Err(error)),
        };
        let found = page.field_anomalies();
        self.found.add(&found, self.rows);
        self.rows += page.logs.len() as u64;
        page.anomalies.add(&found, 0);
        Some(Ok(page))
    }

    fn report(&self) -> RunReport {
        let mut report = self.pages.report();
        report.anomalies.add(&self.found, 0);
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Anomaly, Log};

    /// Pages of these rows.
    struct FixedPages(Vec<Vec<&'static str>>);

    impl Pages for FixedPages {
        fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
            let rows = self.0.pop()?;
            let logs = rows.into_iter().map(Log::new).collect();
            Some(Ok(Page { logs, ..Page::default() }))
        }

        fn report(&self) -> RunReport {
            RunReport::default()
        }
    }

    #[test]
    fn an_anomaly_names_its_row_counted_over_all_pages() {
        let (good, odd) = (r#"{"messageCount":1}"#, r#"{"messageCount":"many"}"#);
        let mut pages = FieldChecks::new(FixedPages(vec![vec![odd, odd], vec![good, good, good]]));
        while let Some(page) = pages.next_page() {
            let page = page.unwrap();
            assert_eq!(page.anomalies.has(Anomaly::WrongType), page.logs.len() == 2);
        }
        let found: Vec<_> = pages.report().anomalies.iter().collect();
        assert_eq!(found, [(Anomaly::WrongType, 2, 4)]);
    }
}
