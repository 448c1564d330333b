//! Tests of pages that are fetched one ahead.

use std::sync::mpsc::{Sender, channel};

use super::model_server::{Model, ModelRow, ModelServer, at, key};
use crate::model::Page;
use crate::pages::{History, Pages, Prefetch, RunReport};
use crate::query::{Extent, Query};
use crate::source::SourceError;

const NOW: i64 = 10_000;

fn history(model: Model) -> History<ModelServer> {
    History::new(model.server(), Query { extent: Extent::All, ..Query::default() }, at(NOW))
        .with_page_rows(10)
}

fn model() -> Model {
    Model::new(
        (0..100).map(|key| ModelRow::new(key, NOW - 1 - i64::try_from(key).unwrap())).collect(),
    )
}

#[test]
fn every_page_comes_in_order_with_its_report() {
    let mut pages = Prefetch::new(history(model())).unwrap();
    let mut keys = Vec::new();
    while let Some(page) = pages.next_page() {
        keys.extend(page.unwrap().logs.iter().map(key));
        assert_eq!(pages.report().rows, keys.len() as u64);
    }
    assert_eq!(keys, (0..100).collect::<Vec<_>>());
    assert_eq!((pages.report().rows, pages.report().gaps), (100, vec![]));
    assert!(pages.next_page().is_none());
}

#[test]
fn what_is_made_of_each_page_comes_in_order() {
    let mut numbers = 0..;
    let number = move |_: Page| numbers.next().unwrap();
    let mut pages = Prefetch::with(history(model()), number).unwrap();
    let mut received = Vec::new();
    while let Some(number) = pages.next_converted() {
        received.push(number.unwrap());
    }
    assert_eq!(received, (0..received.len()).collect::<Vec<_>>());
    assert_eq!(pages.latest_report().rows, 100);
}

#[test]
fn a_failure_comes_after_the_pages_before_it_with_its_gap() {
    let mut pages = Prefetch::new(history(Model { fails_at: Some(3), ..model() })).unwrap();
    let mut rows = 0;
    let failure = loop {
        match pages.next_page().unwrap() {
            Ok(page) => rows += page.logs.len(),
            Err(error) => break error,
        }
    };
    assert!(matches!(failure, SourceError::Server { .. }));
    // The second request proves the order; each page repeats two rows of the one before it.
    assert_eq!((rows, pages.report().gaps.len()), (18, 1));
    assert!(pages.next_page().is_none());
}

/// Pages that never end, and send a message when they are dropped.
struct Endless(Sender<()>);

impl Pages for Endless {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        Some(Ok(Page::default()))
    }

    fn report(&self) -> RunReport {
        RunReport::default()
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[test]
fn dropping_it_ends_the_fetching() {
    let (dropped, was_dropped) = channel();
    let mut pages = Prefetch::new(Endless(dropped)).unwrap();
    assert!(pages.next_page().is_some());
    drop(pages);
    assert_eq!(was_dropped.recv(), Ok(()));
}

/// Pages whose thread panics.
struct PanickingPages;

impl Pages for PanickingPages {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        panic!("as a test does")
    }

    fn report(&self) -> RunReport {
        RunReport::default()
    }
}

#[test]
fn a_panic_of_the_thread_is_an_error_and_not_the_end() {
    let mut pages = Prefetch::new(PanickingPages).unwrap();
    assert!(pages.next_page().is_some_and(|page| page.is_err()));
    assert!(pages.next_page().is_none());
}
