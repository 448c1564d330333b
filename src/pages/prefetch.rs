//! Fetches the next page while the one before it is written.

use std::io;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use super::{Pages, RunReport};
use crate::model::Page;
use crate::source::SourceError;

/// What comes next, `None` at the end, with the report that holds then.
type Fetched = (Option<Result<Page, SourceError>>, RunReport);

/// Pages that are fetched in a thread, one ahead. Dropping it ends the thread after the fetch
/// that is under way, without waiting for it.
pub struct Prefetch {
    /// `None` once the end came.
    pages: Option<Receiver<Fetched>>,
    report: RunReport,
}

impl Prefetch {
    /// Starts to fetch.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(mut pages: impl Pages + 'static) -> io::Result<Self> {
        let report = pages.report();
        let (sender, receiver) = sync_channel(0);
        thread::Builder::new().name("pages".to_owned()).spawn(move || {
            loop {
                let page = pages.next_page();
                let is_last = page.as_ref().is_none_or(Result::is_err);
                if sender.send((page, pages.report())).is_err() || is_last {
                    break;
                }
            }
        })?;
        Ok(Self { pages: Some(receiver), report })
    }
}

impl Pages for Prefetch {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        let Ok((page, report)) = self.pages.as_ref()?.recv() else {
            self.pages = None;
            return Some(Err(SourceError::Unreachable {
                message: "fetching ended unexpectedly".to_owned(),
                hint: None,
                transient: false,
            }));
        };
        self.report = report;
        if page.as_ref().is_none_or(Result::is_err) {
            self.pages = None;
        }
        page
    }

    /// What was requested and found when the latest page that was taken had been fetched.
    fn report(&self) -> RunReport {
        self.report.clone()
    }
}
