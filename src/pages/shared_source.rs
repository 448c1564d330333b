//! One source for several runs over pages, which use it in turns.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::model::Page;
use crate::query::Query;
use crate::source::{Source, SourceError, SourceKind};

/// A source with several owners, which fetch from it one at a time. Clones share the source.
pub struct SharedSource<S>(Arc<Mutex<S>>);

impl<S> SharedSource<S> {
    /// Shares a source.
    pub fn new(source: S) -> Self {
        Self(Arc::new(Mutex::new(source)))
    }

    fn source(&self) -> MutexGuard<'_, S> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Clone for SharedSource<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S> fmt::Debug for SharedSource<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSource").finish_non_exhaustive()
    }
}

impl<S: Source> Source for SharedSource<S> {
    fn fetch(&mut self, query: &Query) -> Result<Page, SourceError> {
        self.source().fetch(query)
    }

    fn kind(&self) -> SourceKind {
        self.source().kind()
    }

    fn retention(&self) -> Option<Duration> {
        self.source().retention()
    }

    fn set_deadline(&mut self, deadline: Option<Duration>) {
        self.source().set_deadline(deadline);
    }
}
