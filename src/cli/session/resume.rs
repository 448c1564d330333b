//! Decides whether a `--resume` run begins, goes on, or has nothing left to do.

use std::fs::File;
use std::path::Path;

use anyhow::Context as _;
use omnilogs::model::Coverage;
use omnilogs::pages::Resume;
use omnilogs::query::Extent;
use omnilogs::sink::{Flow, RunEnd, Sink, SinkError};
use omnilogs::zone::Zone;
use omnilogs::{Log, Query, SourceKind, Timestamp};

use crate::failure::{Failure, Kind};
use crate::io::digest::Meter;
use crate::session::checkpoint::{Checkpoint, Places, fingerprint};
use crate::session::context::Context;
use crate::text::counted;
use crate::time_input::moment_text;

/// A listing into a file that can go on.
#[derive(Debug)]
pub(crate) struct Resumed {
    pub(crate) places: Places,
    pub(crate) file: File,
    /// What is proved so far.
    pub(crate) checkpoint: Checkpoint,
    /// Rows that an earlier run has delivered, and whether it has written anything.
    before: (u64, bool),
}

/// Opens what an earlier run left, or begins; the query takes the earlier run's window. Nothing
/// when the earlier run had all but put its file in place, which is done now.
pub(crate) fn begin(
    path: &Path,
    typed: &str,
    meter: &Meter,
    query: &mut Query,
    kind: SourceKind,
    context: &Context,
) -> Result<Option<Resumed>, Failure> {
    let places = Places::beside(path);
    let fingerprint = fingerprint(typed);
    let earlier = places.earlier(&fingerprint)?;
    if earlier.as_ref().is_some_and(|earlier| earlier.complete) {
        places.put_in_place().map_err(|error| not_in_place(&error))?;
        context.report.say("the earlier run had everything; its file is in place");
        return Ok(None);
    }
    if query.extent == Extent::OnePage {
        query.extent = match query.limit.take() {
            Some(limit) => Extent::Rows(u64::from(limit)),
            None => Extent::All,
        };
    }
    let file = places.open(earlier.as_ref(), meter)?;
    let now = Timestamp::from(context.clock.now());
    let checkpoint = earlier.clone().unwrap_or_else(|| Checkpoint {
        question: fingerprint,
        since: query.since.map(Timestamp::millis),
        until: query.until.unwrap_or(now).millis(),
        edge: i64::MAX,
        rows: 0,
        bytes: 0,
        sha256: meter.sha256().unwrap_or_default(),
        complete: false,
    });
    query.since = checkpoint.since.map(Timestamp::from_millis);
    query.until = Some(Timestamp::from_millis(checkpoint.until));
    if let Extent::Rows(rows) = &mut query.extent {
        *rows = rows.saturating_sub(checkpoint.rows);
    }
    if let Some(earlier) = &earlier {
        warn_of_what_is_gone(earlier, kind, now, context);
        context
            .report
            .say(&format!("going on after {} of an earlier run", counted(earlier.rows, "row")));
    }
    let before = (checkpoint.rows, checkpoint.bytes > 0);
    Ok(Some(Resumed { places, file, checkpoint, before }))
}

/// What the earlier run could still have listed may have left the window of the API since.
fn warn_of_what_is_gone(earlier: &Checkpoint, kind: SourceKind, now: Timestamp, context: &Context) {
    // A file forgets nothing, and a sandbox makes its messages anew in each run.
    let (SourceKind::Api, Some(kept)) = (kind, kind.kept_since(now)) else { return };
    let is_wanted = earlier.since.is_none_or(|since| since < kept.millis());
    if is_wanted && earlier.edge > kept.millis() {
        let kept = moment_text(kept, Zone::UTC);
        context.report.warn(&format!(
            "the API has forgotten what was sent before {kept}; the run that is gone on with began before that"
        ));
    }
}

impl Resumed {
    /// The file to write rows to.
    pub(crate) fn rows(&self) -> Result<File, Failure> {
        Ok(self.file.try_clone().context("the rows so far cannot be opened again")?)
    }

    /// Where the earlier run ended; nothing when it has written no rows.
    pub(crate) fn point(&self) -> Option<Resume> {
        (self.checkpoint.edge != i64::MAX).then(|| Resume {
            since: Timestamp::from_millis(self.checkpoint.edge).plus_millis(1),
            gaps: Vec::new(),
            order_proved: false,
        })
    }

    pub(crate) fn rows_before(&self) -> u64 {
        self.before.0
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.before.1
    }

    /// Puts the file in its place: everything is in it.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        self.places.finish(&self.checkpoint).map_err(|error| not_in_place(&error))
    }
}

fn not_in_place(error: &std::io::Error) -> Failure {
    Failure::new(Kind::Local, "the file cannot be put in its place").because(error.to_string())
}

/// Proves what is written, a page at a time.
pub(crate) struct Checkpointing<'r, S: ?Sized> {
    inner: &'r mut S,
    resumed: &'r mut Resumed,
    meter: Meter,
    taken: u64,
}

impl<'r, S: ?Sized> Checkpointing<'r, S> {
    /// Goes on from what is proved already.
    pub(crate) fn new(inner: &'r mut S, resumed: &'r mut Resumed, meter: Meter) -> Self {
        let taken = resumed.checkpoint.rows;
        Self { inner, resumed, meter, taken }
    }
}

impl<S: Sink + ?Sized> Sink for Checkpointing<'_, S> {
    fn begin(&mut self) -> Result<(), SinkError> {
        self.inner.begin()
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        // A new moment of sending proves that the one before it is whole.
        let at = log.sent_at().map(Timestamp::millis);
        let proved = &mut self.resumed.checkpoint;
        if let Some(at) = at.filter(|at| *at < proved.edge) {
            proved.edge = at;
            proved.rows = self.taken;
            proved.bytes = self.meter.bytes();
            proved.sha256 = self.meter.sha256().unwrap_or_default();
        }
        self.taken += 1;
        self.inner.log(log)
    }

    fn end_page(&mut self, coverage: &Coverage) -> Result<(), SinkError> {
        self.inner.end_page(coverage)?;
        self.resumed.file.sync_data()?;
        Ok(self.resumed.places.save(&self.resumed.checkpoint)?)
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), SinkError> {
        self.inner.finish(end)
    }
}
