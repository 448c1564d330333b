//! Counts the outcomes of the messages that are shown, for the summary.

use omnilogs::model::Coverage;
use omnilogs::sink::{Flow, RunEnd, Sink, SinkError};
use omnilogs::{Field, Log, Outcome};

use crate::text::count;

/// How many messages have each outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OutcomeCounts {
    pub(crate) delivered: u64,
    pub(crate) pending: u64,
    pub(crate) failed: u64,
    /// The id of the message to look at next: the first that failed, else the first that is pending,
    /// else the first.
    pub(crate) example: Option<String>,
    example_outcome: Option<Outcome>,
}

impl OutcomeCounts {
    /// Counts one message.
    pub(crate) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Delivered => self.delivered += 1,
            Outcome::Pending => self.pending += 1,
            Outcome::Failed => self.failed += 1,
        }
    }

    /// Keeps the id of the first message with the worst outcome so far.
    pub(crate) fn note_example(&mut self, outcome: Outcome, id: impl FnOnce() -> String) {
        let severity = |outcome: Outcome| match outcome {
            Outcome::Failed => 2,
            Outcome::Pending => 1,
            Outcome::Delivered => 0,
        };
        if self.example_outcome.is_none_or(|known| severity(outcome) > severity(known)) {
            self.example_outcome = Some(outcome);
            self.example = Some(id());
        }
    }
}

/// The counts as text, such as `17 delivered, 2 pending, 1 failed`; `None` without messages.
pub(crate) fn outcomes_text(outcomes: &OutcomeCounts) -> Option<String> {
    let OutcomeCounts { delivered, pending, failed, .. } = outcomes;
    let parts = [(delivered, "delivered"), (pending, "pending"), (failed, "failed")];
    let counted = parts.iter().filter(|(number, _)| **number > 0);
    let texts: Vec<_> =
        counted.map(|(number, word)| format!("{} {word}", count(**number))).collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// Counts rows by their outcome and passes them on. Looks at no row when the counts are not wanted:
/// to find an outcome takes time, and most formats write a row without decoding its status.
pub(crate) struct OutcomeCountingSink<S> {
    inner: S,
    outcomes: Option<OutcomeCounts>,
}

impl<S: Sink> OutcomeCountingSink<S> {
    pub(crate) fn new(inner: S, is_wanted: bool) -> Self {
        Self { inner, outcomes: is_wanted.then(OutcomeCounts::default) }
    }

    /// The counts so far; `None` when they are not wanted.
    pub(crate) fn counts(&self) -> Option<OutcomeCounts> {
        self.outcomes.clone()
    }
}

impl<S: Sink> Sink for OutcomeCountingSink<S> {
    fn begin(&mut self) -> Result<(), SinkError> {
        self.inner.begin()
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        if let Some(outcomes) = &mut self.outcomes {
            let outcome = log.outcome();
            outcomes.add(outcome);
            outcomes.note_example(outcome, || log.cell(Field::MessageId).into_text().into_owned());
        }
        self.inner.log(log)
    }

    fn end_page(&mut self, coverage: &Coverage) -> Result<(), SinkError> {
        self.inner.end_page(coverage)
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), SinkError> {
        self.inner.finish(end)
    }
}
