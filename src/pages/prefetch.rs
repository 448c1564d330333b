//! Fetches the next page in a thread, while the page before it is written.

use std::io;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use super::{Pages, RunReport};
use crate::model::Page;
use crate::source::SourceError;

/// The next item of the pages, `None` at the end, with the report at that time.
pub(crate) type FetchedPage<T> = (Option<Result<T, SourceError>>, RunReport);

/// Pages that are fetched in a thread, one ahead. If it is dropped, the thread ends after the fetch in
/// progress, and dropping does not wait for it.
///
/// It returns what a function, which also runs in that thread, makes of each page.
pub struct Prefetch<T = Page> {
    /// `None` after the last page.
    pages: Option<Receiver<FetchedPage<T>>>,
    report: RunReport,
}

impl Prefetch {
    /// Starts the thread, which fetches the first page. The pages are returned as they are.
    ///
    /// # Errors
    /// When the system cannot create a thread.
    pub fn new(pages: impl Pages + 'static) -> io::Result<Self> {
        Self::with(pages, |page| page)
    }
}

impl<T: Send + 'static> Prefetch<T> {
    /// Starts the thread, which fetches the first page and calls `convert` with each.
    ///
    /// # Errors
    /// When the system cannot create a thread.
    pub fn with(
        mut pages: impl Pages + 'static,
        mut convert: impl FnMut(Page) -> T + Send + 'static,
    ) -> io::Result<Self> {
        let report = pages.report();
        let fetch = move || {
            let page = pages.next_page().map(|page| page.map(&mut convert));
            (page, pages.report())
        };
        Self::of(report, 1, fetch)
    }

    /// Starts the thread, which calls `fetch` for each item until it returns an error or `None`, and
    /// is up to `ahead` items ahead of the caller, at least one. `report` is the report before the
    /// first.
    ///
    /// # Errors
    /// When the system cannot create a thread.
    pub(crate) fn of(
        report: RunReport,
        ahead: usize,
        mut fetch: impl FnMut() -> FetchedPage<T> + Send + 'static,
    ) -> io::Result<Self> {
        // The thread holds one item itself.
        let (sender, receiver) = sync_channel(ahead.saturating_sub(1));
        thread::Builder::new().name("pages".to_owned()).spawn(move || {
            loop {
                let fetched = fetch();
                let is_last = fetched.0.as_ref().is_none_or(Result::is_err);
                if sender.send(fetched).is_err() || is_last {
                    break;
                }
            }
        })?;
        Ok(Self { pages: Some(receiver), report })
    }

    /// What the function made of the next page; `None` after the last.
    ///
    /// # Errors
    /// When the page cannot be fetched.
    pub fn next_converted(&mut self) -> Option<Result<T, SourceError>> {
        let Ok((page, report)) = self.pages.as_ref()?.recv() else {
            self.pages = None;
            return Some(Err(SourceError::Unreachable {
                message: "fetching ended unexpectedly".to_owned(),
                hint: None,
                transient: false,
                at_proxy: false,
                status: None,
            }));
        };
        self.report = report;
        if page.as_ref().is_none_or(Result::is_err) {
            self.pages = None;
        }
        page
    }

    /// The report at the time when the latest returned page had been fetched.
    #[must_use]
    pub fn latest_report(&self) -> RunReport {
        self.report.clone()
    }
}

impl Pages for Prefetch {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        self.next_converted()
    }

    fn report(&self) -> RunReport {
        self.latest_report()
    }
}
