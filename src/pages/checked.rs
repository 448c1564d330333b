//! Looks at the rows of pages as they are handed on, and keeps count of what is odd about their
//! fields.
//!
//! It asks for nothing and changes no row. It stands last, where rows are written, so that looking
//! does not hold up the fetching of the next page.

use super::{Account, Pages};
use crate::model::{Anomalies, Page};
use crate::source::SourceError;

/// Pages whose rows are looked at.
pub struct Checked<P> {
    pages: P,
    odd: Anomalies,
    rows: u64,
}

impl<P: Pages> Checked<P> {
    /// Of these pages.
    pub fn new(pages: P) -> Self {
        Self { pages, odd: Anomalies::default(), rows: 0 }
    }
}

impl<P: Pages> Pages for Checked<P> {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        let mut page = match self.pages.next_page()? {
            Ok(page) => page,
            Err(error) => return Some(Err(error)),
        };
        let odd = page.field_anomalies();
        self.odd.add(&odd, self.rows);
        self.rows += page.logs.len() as u64;
        page.anomalies.add(&odd, 0);
        Some(Ok(page))
    }

    fn account(&self) -> Account {
        let mut account = self.pages.account();
        account.anomalies.add(&self.odd, 0);
        account
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Anomaly, Log};

    /// Pages of these rows.
    struct Given(Vec<Vec<&'static str>>);

    impl Pages for Given {
        fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
            let rows = self.0.pop()?;
            let logs = rows.into_iter().map(Log::new).collect();
            Some(Ok(Page { logs, ..Page::default() }))
        }

        fn account(&self) -> Account {
            Account::default()
        }
    }

    #[test]
    fn what_is_odd_is_told_by_the_row_counted_over_all_pages() {
        let (good, odd) = (r#"{"messageCount":1}"#, r#"{"messageCount":"many"}"#);
        let mut pages = Checked::new(Given(vec![vec![odd, odd], vec![good, good, good]]));
        while let Some(page) = pages.next_page() {
            let page = page.unwrap();
            assert_eq!(page.anomalies.has(Anomaly::WrongType), page.logs.len() == 2);
        }
        let told: Vec<_> = pages.account().anomalies.iter().collect();
        assert_eq!(told, [(Anomaly::WrongType, 2, 4)]);
    }
}
