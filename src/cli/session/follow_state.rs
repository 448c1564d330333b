//! `follow --state`: the state that a follow keeps in its file, and how the next one continues from it.
//!
//! A state is saved after the rows that it counts as shown: a kill between the two repeats rows, and
//! loses none. The next run removes such rows from an output file, so that the file has each row once.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use omnilogs::client::shell_word;
use omnilogs::pages::follow::{EventMark, FollowOptions, FollowState};
use omnilogs::sink::SinkError;
use omnilogs::zone::Zone;
use omnilogs::{SourceKind, Timestamp};
use serde::{Deserialize, Serialize};

use super::appended_output::{self, Continuation, OutputPosition};
use super::context::Context;
use super::fingerprint::{Fingerprint, OTHER_ACCOUNT, QueryIdentity, SourceIdentity};
use crate::failure::Failure;
use crate::io::own_file::{LockedFile, OpenError, cannot_write};
use crate::io::state_file::StateFile;
use crate::io::system_error::write_error_text;
use crate::io::versioned_json;
use crate::time_input::time_text;

/// Changes whenever a field is added, removed or interpreted differently.
const VERSION: u32 = 1;

/// Without new rows, a state is saved this often, since it has the time up to which no row is missing.
const MAX_AGE: Duration = Duration::from_secs(60);

/// The content of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StoredState {
    version: u32,
    /// The rows that were followed, and their account.
    fingerprint: Fingerprint,
    /// How far the output file was written, where the follow appends to one.
    output: Option<OutputPosition>,
    /// How far the follow has come; `None` before its first response.
    follow: Option<FollowState>,
}

/// The state of a follow, and its file.
pub(crate) struct FollowStore {
    path: PathBuf,
    file: StateFile,
    stored: StoredState,
    /// The output file, where rows are appended to one.
    output: Option<LockedFile>,
    /// When the state was saved last, in [`Clock::elapsed`](omnilogs::clock::Clock::elapsed) time.
    saved_at: Duration,
}

/// The error of a state that cannot be saved while rows are followed.
#[derive(Debug)]
struct SaveStateError {
    path: PathBuf,
    why: String,
}

impl fmt::Display for SaveStateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write {}: {}", self.path.display(), self.why)
    }
}

impl std::error::Error for SaveStateError {}

impl FollowStore {
    /// Opens the file, before anything is sent. With `is_same_account`, other credentials are taken to
    /// be of the same account.
    ///
    /// # Errors
    /// When another run uses the file, or it belongs to another follow, is damaged, or cannot be read.
    pub(crate) fn open(
        path: &Path,
        (source, identity): (&SourceIdentity, &QueryIdentity),
        is_same_account: bool,
        context: &Context,
    ) -> Result<Self, Failure> {
        let (file, bytes) = StateFile::open(path).map_err(|error| not_opened(path, error))?;
        let stored = match bytes {
            Some(bytes) => {
                let mut stored = read(&bytes).map_err(|why| refused(path, why, None))?;
                if is_same_account {
                    stored.fingerprint = stored.fingerprint.with_source(source);
                }
                if let Some(difference) = stored.fingerprint.difference(source, identity) {
                    return Err(refused(path, difference, stored.follow.as_ref()));
                }
                stored
            }
            None => StoredState {
                version: VERSION,
                fingerprint: Fingerprint::new(source, identity)?,
                output: None,
                follow: None,
            },
        };
        let saved_at = context.clock.elapsed();
        Ok(Self { path: path.to_owned(), file, stored, output: None, saved_at })
    }

    /// Opens the output file for appending, and cuts it to the position that the state has; `None` for
    /// a stream.
    ///
    /// # Errors
    /// When another run writes the file, or it is not the file of the state.
    pub(crate) fn open_output(
        &mut self,
        path: &Path,
        options: &FollowOptions,
        kind: SourceKind,
        context: &Context,
    ) -> Result<Option<File>, Failure> {
        let Some(file) = appended_output::open(path).map_err(|error| not_opened(path, error))?
        else {
            return Ok(None);
        };
        let reads_from = self.stored.follow.as_ref().and_then(|state| state.reads_from(options));
        let kept = kind.kept_since(Timestamp::from(context.clock.now()));
        // Rows that expire in the meantime could not be requested again.
        let is_available = reads_from.zip(kept).is_none_or(|(from, kept)| from > kept);
        let continuation =
            appended_output::cut_to(&file, self.stored.output.as_ref(), is_available);
        let report = &context.report;
        match continuation.map_err(|error| cannot_write(path, &error))? {
            Continuation::Exact | Continuation::Cut => {}
            Continuation::Kept => report.warn(&format!(
                "{} may have rows twice: the earlier run was killed while it wrote them, and they \
                 are too old to be requested again",
                path.display()
            )),
            Continuation::Replaced => {
                report.say(&format!("{} was emptied or moved; it is continued", path.display()));
            }
        }
        let copy = file.try_clone().map_err(|error| cannot_write(path, &error))?;
        self.output = Some(file);
        Ok(Some(copy))
    }

    /// Saves the state before anything is sent, so that a file that cannot be written ends the run
    /// early.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn begin(&mut self, zone: Zone, context: &Context) -> Result<(), Failure> {
        self.save(context.clock.elapsed()).map_err(|error| cannot_write(&self.path, &error))?;
        if let Some(state) = &self.stored.follow {
            let since = time_text(state.watched(), zone);
            context.report.say(&format!("continuing from {}: {since}", self.path.display()));
        }
        Ok(())
    }

    /// How far the earlier run has come; `None` when it received no response.
    pub(crate) fn state(&self) -> Option<&FollowState> {
        self.stored.follow.as_ref()
    }

    /// The failure of a state that contradicts itself.
    pub(crate) fn damaged(&self) -> Failure {
        refused(&self.path, "it is damaged", None)
    }

    /// Whether the state must be saved although there were no rows.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        now.saturating_sub(self.saved_at) >= MAX_AGE
    }

    /// Saves a state in which all rows so far were shown.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn note(&mut self, state: FollowState, now: Duration) -> Result<(), SinkError> {
        self.stored.follow = Some(state);
        self.save(now).map_err(|error| {
            let why = write_error_text(&error);
            SinkError::Other(Box::new(SaveStateError { path: self.path.clone(), why }))
        })
    }

    /// Saves the state when only these events of the latest poll were shown.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn note_part(
        &mut self,
        shown: &[EventMark],
        now: Duration,
    ) -> Result<(), SinkError> {
        match self.stored.follow.take() {
            Some(state) => self.note(state.with_shown(shown), now),
            None => Ok(()),
        }
    }

    fn save(&mut self, now: Duration) -> io::Result<()> {
        if let Some(output) = &self.output {
            self.stored.output = Some(appended_output::position(output)?);
        }
        let bytes = serde_json::to_vec(&self.stored)?;
        self.file.save(&bytes)?;
        self.saved_at = now;
        Ok(())
    }
}

/// Reads a state. The error is a clause that says why it cannot be read.
fn read(bytes: &[u8]) -> Result<StoredState, &'static str> {
    if bytes.is_empty() {
        return Err("it is empty");
    }
    versioned_json::read(bytes, VERSION)
}

fn not_opened(path: &Path, error: OpenError) -> Failure {
    match error {
        OpenError::Io(error) => cannot_write(path, &error),
        OpenError::Locked => Failure::usage(format!("another run uses {}", path.display()))
            .hint("wait until it ends, or use another file"),
    }
}

fn refused(path: &Path, why: &str, state: Option<&FollowState>) -> Failure {
    let name = shell_word(&path.display().to_string());
    let failure = Failure::usage(format!("cannot continue from {}", path.display()))
        .because(why)
        .hint(format!("repeat the original command, or start over: rm -- {name}"));
    let failure = if why == OTHER_ACCOUNT {
        failure.hint("--same-account continues with new credentials of the same account")
    } else {
        failure
    };
    match state {
        Some(state) => failure.hint(format!(
            "omnilogs --all --since {} lists what was sent since that run",
            state.watched().to_wire()
        )),
        None => failure,
    }
}
