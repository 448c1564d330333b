//! `--resume`: a listing into a file that a later run can continue.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::Path;

use anyhow::Context as _;
use omnilogs::client::shell_word;
use omnilogs::model::{Coverage, Identity};
use omnilogs::pages::{Resume, paging_time};
use omnilogs::query::Extent;
use omnilogs::sink::{FilteringSink, Flow, RunEnd, Sink, SinkError};
use omnilogs::source::Gap;
use omnilogs::zone::Zone;
use omnilogs::{Log, Query, SourceKind, Timestamp};

use crate::failure::{Failure, Kind};
use crate::io::digest::OutputDigest;
use crate::io::own_file::{LockedFile, OpenError, cannot_write};
use crate::io::resume_files::ResumeFiles;
use crate::io::system_error::error_text;
use crate::session::checkpoint::{Checkpoint, Progress};
use crate::session::context::Context;
use crate::session::fingerprint::{Fingerprint, QueryIdentity, SourceIdentity};
use crate::text::counted;
use crate::time_input::time_text;

/// A window that is relative to now has moved when it is requested again. The window of the first run
/// is accepted if the shift is at most this part of it (one tenth); after a longer shift, the time
/// range beyond the first window counts as missing.
const MAX_WINDOW_SHIFT: i64 = 10;

/// The file with the rows so far.
enum RowFile {
    /// Beside the output file, and locked.
    Partial(LockedFile),
    /// The complete output file, which is in its place.
    Complete(File),
}

impl RowFile {
    fn file(&self) -> &File {
        match self {
            Self::Partial(file) => file,
            Self::Complete(file) => file,
        }
    }
}

/// A run that continues an earlier one, or can be continued.
pub(crate) struct ResumableRun {
    files: ResumeFiles,
    rows: RowFile,
    checkpoint: Checkpoint,
    /// The progress of the earlier run.
    before: Progress,
    /// The progress at the end of this run; `None` before that.
    written: Option<Progress>,
    /// The part of the requested window that is outside the window of the first run.
    beyond: Option<Gap>,
}

/// Opens the files of an earlier run, or starts a new one, before anything is sent. The query takes
/// the window of the earlier run.
///
/// # Errors
/// When another run writes the same file, the earlier run had another account or query, or a file must
/// not be used.
pub(crate) fn begin(
    path: &Path,
    (source, identity): (&SourceIdentity, &QueryIdentity),
    digest: &OutputDigest,
    query: &mut Query,
    kind: SourceKind,
    context: &Context,
) -> Result<ResumableRun, Failure> {
    let files = ResumeFiles::beside(path);
    files.check_target().map_err(|error| cannot_write(path, &error))?;
    if query.extent == Extent::OnePage {
        query.extent = match query.limit.take() {
            Some(limit) => Extent::Rows(u64::from(limit)),
            None => Extent::All,
        };
    }
    let rows = files.lock().map_err(|error| not_opened(&files, error))?;
    let now = Timestamp::from(context.clock.now());
    let mut resumed = if let Some(checkpoint) = earlier(&files)? {
        if let Some(difference) = checkpoint.fingerprint.difference(source, identity) {
            return Err(refused(&files, difference));
        }
        continued(files, rows, checkpoint, digest)?
    } else {
        let fingerprint = Fingerprint::new(source, identity)?;
        started(files, rows, Checkpoint::new(fingerprint, query, now))?
    };
    if resumed.before.covers_since.is_some() {
        resumed.take_window(query, kind, now, context);
    }
    if let Extent::Rows(rows) = &mut query.extent {
        *rows = rows.saturating_sub(resumed.before.rows);
    }
    if resumed.checkpoint.complete || resumed.checkpoint.covers_window() {
        query.extent = Extent::Rows(0);
    }
    Ok(resumed)
}

/// The checkpoint of an earlier run from which there is something to continue.
fn earlier(files: &ResumeFiles) -> Result<Option<Checkpoint>, Failure> {
    let bytes = files.read_checkpoint().map_err(|error| cannot_write(&files.checkpoint, &error))?;
    let Some(bytes) = bytes else { return Ok(None) };
    let checkpoint = Checkpoint::read(&bytes).map_err(|why| refused(files, why))?;
    Ok((checkpoint.complete || checkpoint.has_progress()).then_some(checkpoint))
}

/// Starts a run without rows.
fn started(
    files: ResumeFiles,
    rows: Option<LockedFile>,
    checkpoint: Checkpoint,
) -> Result<ResumableRun, Failure> {
    let has_checkpoint = files.checkpoint.exists();
    let not_written = |error: io::Error| cannot_write(&files.partial, &error);
    let rows = match rows {
        Some(rows) => {
            // A run writes its checkpoint before its first row.
            if !has_checkpoint && rows.metadata().map_err(not_written)?.len() > 0 {
                let what = format!("{} was not written by --resume", files.partial.display());
                let partial = files.partial.display().to_string();
                let words = [&partial, &format!("{partial}.old")].map(|path| shell_word(path));
                return Err(Failure::usage(what)
                    .because("it is not empty and has no checkpoint")
                    .hint(format!("move it away: mv -- {}", words.join(" "))));
            }
            rows
        }
        None => files.create_and_lock().map_err(|error| not_opened(&files, error))?,
    };
    rows.set_len(0).map_err(not_written)?;
    let saved = checkpoint.to_bytes().and_then(|bytes| files.save_checkpoint(&bytes));
    if let Err(error) = saved {
        let failure = cannot_write(&files.checkpoint, &error);
        files.remove();
        return Err(failure);
    }
    Ok(ResumableRun {
        files,
        rows: RowFile::Partial(rows),
        checkpoint,
        before: Progress::default(),
        written: None,
        beyond: None,
    })
}

/// Continues after the rows that the checkpoint covers.
fn continued(
    files: ResumeFiles,
    rows: Option<LockedFile>,
    checkpoint: Checkpoint,
    digest: &OutputDigest,
) -> Result<ResumableRun, Failure> {
    let rows = match rows {
        Some(rows) => Some(RowFile::Partial(rows)),
        // The run put the complete file in place, and was killed before it removed the checkpoint.
        None if checkpoint.complete => {
            let target = files.open_target();
            target.map_err(|error| cannot_write(&files.partial, &error))?.map(RowFile::Complete)
        }
        None => None,
    };
    let wrong = || refused(&files, "the rows in the partial file are not those of the checkpoint");
    let rows = rows.ok_or_else(wrong)?;
    let is_unchanged = checkpoint.progress.cut(rows.file(), digest);
    if !is_unchanged.map_err(|error| cannot_write(&files.partial, &error))? {
        return Err(wrong());
    }
    let before = checkpoint.progress.clone();
    Ok(ResumableRun { files, rows, checkpoint, before, written: None, beyond: None })
}

impl ResumableRun {
    /// Gives the query the window of the first run, and says so.
    fn take_window(
        &mut self,
        query: &mut Query,
        kind: SourceKind,
        now: Timestamp,
        context: &Context,
    ) {
        let kept = kind.kept_since(now).map_or(0, Timestamp::millis);
        let wanted_until = query.until.unwrap_or(now).millis();
        let wanted_since = query.since.map_or(kept, Timestamp::millis);
        let (since, until) = (self.checkpoint.since, self.checkpoint.until);
        // Without an end, the window has moved by the time between the runs. Its own end does not
        // count here: the clock of the server fixed it, which may differ from that of this machine.
        let shift = match query.until {
            Some(_) => wanted_until.saturating_sub(until),
            None => now.millis().saturating_sub(self.checkpoint.began),
        };
        query.since = since.map(Timestamp::from_millis);
        query.until = Some(Timestamp::from_millis(until));
        if shift > wanted_until.saturating_sub(wanted_since).max(0) / MAX_WINDOW_SHIFT {
            self.beyond = Some(Gap {
                since: Some(Timestamp::from_millis(until.saturating_add(1).max(wanted_since))),
                until: Some(Timestamp::from_millis(wanted_until)),
                at_least: 0,
                reason: "the window of the first run ends before it".to_owned(),
            });
        }
        let shown = |millis| time_text(Timestamp::from_millis(millis), Zone::UTC);
        let start = match (since, kind.retention()) {
            (Some(since), _) => format!("starts at {}", shown(since)),
            (None, Some(time)) => format!("starts {} hours earlier", time.as_secs() / 3600),
            (None, None) => "has no start".to_owned(),
        };
        context.report.say(&format!(
            "continuing after {} of an earlier run; its window ends at {} and {start}",
            counted(self.before.rows, "row"),
            shown(until),
        ));
    }

    /// The file to write rows to.
    pub(crate) fn rows(&self) -> Result<File, Failure> {
        Ok(self.rows.file().try_clone().context("cannot reopen the partial file")?)
    }

    /// Where the earlier run ended; `None` when none of its rows counts.
    pub(crate) fn resume(&self) -> Option<Resume> {
        self.checkpoint.resume()
    }

    /// The progress of the earlier run.
    pub(crate) fn before(&self) -> &Progress {
        &self.before
    }

    /// The part of the requested window that is outside the window of the first run.
    pub(crate) fn beyond(&self) -> Option<&Gap> {
        self.beyond.as_ref()
    }

    /// Puts the file in place, which has every row of the window.
    ///
    /// # Errors
    /// When it cannot be moved. The next run repeats this step.
    pub(crate) fn finish(&self) -> Result<(), Failure> {
        let progress = self.written.clone().unwrap_or_else(|| self.before.clone());
        let complete = self.checkpoint.completed(progress);
        let finish = || {
            let rows = match &self.rows {
                RowFile::Partial(rows) => rows,
                RowFile::Complete(_) => return self.files.clean_up(),
            };
            self.files.save_checkpoint(&complete.to_bytes()?)?;
            self.files.put_in_place(rows)
        };
        finish().map_err(|error: io::Error| {
            Failure::new(Kind::Local, "cannot move the complete file to its place")
                .because(error_text(&error))
        })
    }

    /// Keeps the files when a later run can continue, and says so; otherwise removes them.
    pub(crate) fn leave(&self, failure: Failure) -> Failure {
        if self.checkpoint.covers_window() {
            // Repeating the command would not help.
            let partial = self.files.partial.display();
            let remove = remove_command(&self.files);
            failure
                .hint(format!("the rows that could be listed are in {partial}"))
                .hint(format!("request them again with the same command after {remove}"))
        } else if self.checkpoint.has_progress() {
            failure.hint("the same command continues from here")
        } else {
            self.files.remove();
            failure
        }
    }
}

fn not_opened(files: &ResumeFiles, error: OpenError) -> Failure {
    match error {
        OpenError::Io(error) => cannot_write(&files.partial, &error),
        OpenError::Locked => {
            Failure::usage(format!("another run is writing {}", files.partial.display()))
                .hint("wait until it ends, or use another file")
        }
    }
}

fn refused(files: &ResumeFiles, why: &str) -> Failure {
    let remove = remove_command(files);
    Failure::usage(format!("cannot resume from {}", files.checkpoint.display()))
        .because(why)
        .hint(format!("repeat the original command, or start over: {remove}"))
}

/// The shell command that removes the checkpoint and the rows of a run.
fn remove_command(files: &ResumeFiles) -> String {
    let words =
        [&files.checkpoint, &files.partial].map(|path| shell_word(&path.display().to_string()));
    format!("rm -- {}", words.join(" "))
}

/// How many rows without a time in the window are kept, to recognize them when a response repeats
/// them. A repeated row is on the same page or on the one before it.
const MAX_UNDATED: usize = 2 * Query::MAX_ROWS as usize;

/// Saves a checkpoint after each page.
pub(crate) struct CheckpointSink<'r, S> {
    inner: &'r mut FilteringSink<S>,
    resumed: &'r mut ResumableRun,
    digest: OutputDigest,
    rows: u64,
    /// The oldest `sentAt` time so far.
    oldest: i64,
    /// The progress of the file before the first row of each `sentAt` time that no page covers yet.
    marks: VecDeque<(i64, Progress)>,
    /// The latest rows that have no time in the window, each with the number of rows before it.
    undated: VecDeque<(u64, Identity)>,
    /// Rows without such a time that the earlier run received and the file does not hold, until they
    /// come again.
    awaited: Vec<Identity>,
}

impl<'r, S: Sink> CheckpointSink<'r, S> {
    /// Continues from the latest checkpoint.
    pub(crate) fn new(
        inner: &'r mut FilteringSink<S>,
        resumed: &'r mut ResumableRun,
        digest: OutputDigest,
    ) -> Self {
        let rows = resumed.before.rows;
        let earlier = resumed.checkpoint.resume();
        let (undated, awaited) =
            earlier.map(|resume| (resume.undated, resume.awaited)).unwrap_or_default();
        let undated = undated.into_iter().map(|identity| (0, identity)).collect();
        let (oldest, marks) = (i64::MAX, VecDeque::new());
        Self { inner, resumed, digest, rows, oldest, marks, undated, awaited }
    }

    fn progress(&self) -> Progress {
        Progress {
            covers_since: None,
            rows: self.rows,
            held_back: self.resumed.before.held_back + self.inner.filtered_out(),
            bytes: self.digest.bytes(),
            sha256: self.digest.sha256(),
        }
    }
}

impl<S: Sink> Sink for CheckpointSink<'_, S> {
    fn begin(&mut self) -> Result<(), SinkError> {
        self.inner.begin()
    }

    fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
        // The rows are in the order of these times; a row without one may be anywhere among them.
        let start = self.resumed.checkpoint.since.unwrap_or(i64::MIN);
        let at = paging_time(log).map(Timestamp::millis).filter(|at| *at >= start);
        if at.is_none() {
            let identity = log.identity();
            if let Some(index) = self.awaited.iter().position(|awaited| *awaited == identity) {
                self.awaited.swap_remove(index);
            }
            self.undated.push_back((self.rows, identity));
            if self.undated.len() > MAX_UNDATED {
                self.undated.pop_front();
            }
        }
        if let Some(at) = at.filter(|at| *at < self.oldest) {
            self.oldest = at;
            self.marks.push_back((at, self.progress()));
        }
        self.rows += 1;
        self.inner.log(log)
    }

    fn end_page(&mut self, coverage: &Coverage) -> Result<(), SinkError> {
        self.inner.end_page(coverage)?;
        let Some(range) = coverage.range else { return Ok(()) };
        // Rows that were sent before the range may not be all of their time, and are requested again.
        while self.marks.front().is_some_and(|(at, _)| *at >= range.since) {
            self.marks.pop_front();
        }
        let before = self.marks.front().map(|(_, progress)| progress.clone());
        let progress = before.unwrap_or_else(|| self.progress());
        self.resumed.rows.file().sync_data()?;
        let progress = Progress { covers_since: Some(range.since), ..progress };
        let counts = |(before, _): &&(u64, Identity)| *before < progress.rows;
        let undated = self.undated.iter().filter(counts).map(|(_, identity)| identity);
        let behind = self.undated.iter().filter(|row| !counts(row)).map(|(_, identity)| identity);
        let awaited = self.awaited.iter().chain(behind).chain(&coverage.waiting);
        self.resumed.checkpoint.advance(progress.clone(), undated, awaited, coverage);
        let bytes = self.resumed.checkpoint.to_bytes()?;
        Ok(self.resumed.files.save_checkpoint(&bytes)?)
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), SinkError> {
        self.inner.finish(end)?;
        self.resumed.written = Some(self.progress());
        Ok(())
    }
}
