//! A sink that sorts the rows of a run.

use std::cmp::Ordering;

use super::{Column, Flow, RunEnd, Sink, SinkError};
use crate::model::{Coverage, Log, SortValue};

/// A column to sort by, and the direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// The column.
    pub column: Column,
    /// Whether the greatest value is first. Rows without a value are always last.
    pub descending: bool,
}

/// Keeps every row until the end, then passes them on sorted; equal rows keep their order.
#[derive(Debug)]
pub struct SortingSink<S> {
    inner: S,
    keys: Vec<SortKey>,
    held: Vec<(Vec<SortValue>, Log)>,
}

impl<S: Sink> SortingSink<S> {
    /// Passes rows to `inner` sorted by the first key, and equal ones by the next keys.
    pub fn new(inner: S, keys: Vec<SortKey>) -> Self {
        Self { inner, keys, held: Vec::new() }
    }
}

impl<S: Sink> Sink for SortingSink<S> {
    fn begin(&mut self) -> Result<(), SinkError> {
        self.inner.begin()
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        let values = self.keys.iter().map(|key| key.column.sort_value(log)).collect();
        self.held.push((values, log.clone()));
        Ok(Flow::Continue)
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), SinkError> {
        let mut held = std::mem::take(&mut self.held);
        held.sort_by(|(one, _), (other, _)| {
            let places = one.iter().zip(other).zip(&self.keys);
            places.fold(Ordering::Equal, |order, ((one, other), key)| {
                order.then_with(|| one.compare(other, key.descending))
            })
        });
        for (_, log) in &held {
            if self.inner.log(log)? == Flow::Stop {
                break;
            }
        }
        self.inner.end_page(&Coverage::default())?;
        self.inner.finish(end)
    }
}
