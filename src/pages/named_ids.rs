//! Finds the ids of a query for which no row was returned.

use std::collections::HashSet;

use super::{Pages, RunReport};
use crate::model::{Field, Page};
use crate::query::{Extent, Query};
use crate::source::SourceError;

/// Pages whose report names the ids without a row once the pages have ended.
pub struct NamedIds<P> {
    pages: P,
    /// The message ids of the query that no row has had so far.
    message_ids: HashSet<Box<str>>,
    /// The bulk ids of the query that no row has had so far.
    bulk_ids: HashSet<Box<str>>,
    /// The maximum number of rows. If it is reached, ids may have no row because of it.
    limit: u64,
    rows: u64,
    has_ended: bool,
}

impl<P: Pages> NamedIds<P> {
    /// Wraps the pages of this query.
    pub fn new(pages: P, query: &Query) -> Self {
        let set = |ids: &[String]| ids.iter().map(|id| id.as_str().into()).collect();
        let limit = match query.extent {
            Extent::OnePage => u64::from(query.limit.unwrap_or(Query::DEFAULT_ROWS)),
            Extent::Rows(rows) => rows,
            Extent::All => u64::MAX,
        };
        let (message_ids, bulk_ids) = (set(&query.message_ids), set(&query.bulk_ids));
        Self { pages, message_ids, bulk_ids, limit, rows: 0, has_ended: false }
    }

    fn note(&mut self, page: &Page) {
        self.rows += page.logs.len() as u64;
        for log in &page.logs {
            for (ids, field) in
                [(&mut self.message_ids, Field::MessageId), (&mut self.bulk_ids, Field::BulkId)]
            {
                if !ids.is_empty() {
                    ids.remove(&*log.cell(field).into_text());
                }
            }
        }
    }
}

impl<P: Pages> Pages for NamedIds<P> {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        let page = self.pages.next_page();
        match &page {
            Some(Ok(page)) => self.note(page),
            Some(Err(_)) => {}
            None => self.has_ended = true,
        }
        page
    }

    fn report(&self) -> RunReport {
        let mut report = self.pages.report();
        if self.has_ended && self.rows < self.limit {
            let ids = self.message_ids.iter().chain(&self.bulk_ids);
            report.ids_without_rows = ids.map(ToString::to_string).collect();
            report.ids_without_rows.sort_unstable();
        }
        report
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Log;

    /// One page of these rows.
    struct OnePage(Option<Vec<&'static str>>);

    impl Pages for OnePage {
        fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
            let logs = self.0.take()?.into_iter().map(Log::new).collect();
            Some(Ok(Page { logs, ..Page::default() }))
        }

        fn report(&self) -> RunReport {
            RunReport::default()
        }
    }

    fn without_rows(limit: u32) -> Vec<String> {
        let rows = vec![r#"{"messageId":"m1"}"#, r#"{"messageId":"m3","channel":"SMS"}"#];
        let message_ids = ["m1", "m2", "m3", "m0"].map(str::to_owned).to_vec();
        let query = Query { message_ids, limit: Some(limit), ..Query::default() };
        let mut pages = NamedIds::new(OnePage(Some(rows)), &query);
        while pages.next_page().is_some() {
            assert_eq!(pages.report().ids_without_rows, Vec::<String>::new(), "not the end yet");
        }
        pages.report().ids_without_rows
    }

    #[test]
    fn ids_without_a_row_are_named_once_all_rows_have_come() {
        assert_eq!(without_rows(50), ["m0", "m2"]);
    }

    #[test]
    fn no_id_is_named_where_a_limit_may_have_cut_off_its_rows() {
        assert_eq!(without_rows(2), Vec::<String>::new());
    }
}
