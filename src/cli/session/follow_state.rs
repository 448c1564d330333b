//! `follow --state`: what a follow keeps in its file, and how the next one continues from it.
//!
//! A state is saved after the rows that it counts as shown: a kill between the two repeats rows, and
//! none is lost. In an output file of its own, such rows are removed first, so that each is there once.

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

use super::appended_output::{self, Continued, OutputPosition};
use super::context::Context;
use super::fingerprint::{Fingerprint, OTHER_ACCOUNT, QueryIdentity, SourceIdentity};
use crate::failure::{Failure, Kind};
use crate::io::own_file::OpenError;
use crate::io::private_file::plain;
use crate::io::state_file::StateFile;
use crate::io::versioned_json;
use crate::time_input::time_text;

/// Changes whenever a field is added, removed or understood differently.
const VERSION: u32 = 1;

/// Without new rows, a state is saved this often: it says up to when nothing is missing.
const MAX_AGE: Duration = Duration::from_secs(60);

/// What is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StoredState {
    version: u32,
    /// Which rows were followed, and of which account.
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
    output: Option<File>,
    /// When the state was saved last, by the steady counter.
    saved_at: Duration,
}

/// A state that cannot be saved while rows are followed.
#[derive(Debug)]
struct NotSaved {
    path: PathBuf,
    why: String,
}

impl fmt::Display for NotSaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write {}: {}", self.path.display(), self.why)
    }
}

impl std::error::Error for NotSaved {}

impl FollowStore {
    /// Opens the file, or begins one. Nothing has been sent by then.
    ///
    /// # Errors
    /// When another run uses it, it belongs to another follow, is damaged, or cannot be written.
    /// With `is_same_account`, other credentials are taken to be of the same account.
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

    /// Opens the output file and brings it to where the state says; `None` for a stream. Returns it
    /// for writing.
    ///
    /// # Errors
    /// When another run writes it, or it is not the file of the state.
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
        // What expires meanwhile could not be requested again.
        let is_available = reads_from.zip(kept).is_none_or(|(from, kept)| from > kept);
        let continued = appended_output::bring_to(&file, self.stored.output.as_ref(), is_available);
        let report = &context.report;
        match continued.map_err(|error| unusable(path, &error))? {
            Continued::Exactly | Continued::Cut => {}
            Continued::Kept => report.warn(&format!(
                "{} may have rows twice: the earlier run was killed while it wrote them, and they \
                 are too old to be requested again",
                path.display()
            )),
            Continued::Replaced => {
                report.say(&format!("{} was emptied or moved; it is continued", path.display()));
            }
        }
        let copy = file.try_clone().map_err(|error| unusable(path, &error))?;
        self.output = Some(file);
        Ok(Some(copy))
    }

    /// Saves the state before anything is sent: what cannot be written is found out now.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn begin(&mut self, zone: Zone, context: &Context) -> Result<(), Failure> {
        self.save(context.clock.elapsed()).map_err(|error| unusable(&self.path, &error))?;
        if let Some(state) = &self.stored.follow {
            let since = time_text(state.watched(), zone);
            context.report.say(&format!("continuing from {}: {since}", self.path.display()));
        }
        Ok(())
    }

    /// How far the earlier run has come; `None` when it got no response.
    pub(crate) fn state(&self) -> Option<&FollowState> {
        self.stored.follow.as_ref()
    }

    /// The failure of a state that contradicts itself.
    pub(crate) fn damaged(&self) -> Failure {
        refused(&self.path, "it is damaged", None)
    }

    /// Whether the state is to be saved although there were no rows.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        now.saturating_sub(self.saved_at) >= MAX_AGE
    }

    /// Saves a state in which everything so far was shown.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn note(&mut self, state: FollowState, now: Duration) -> Result<(), SinkError> {
        self.stored.follow = Some(state);
        self.save(now).map_err(|error| {
            let why = match error.kind() {
                io::ErrorKind::StorageFull => "no space left".to_owned(),
                _ => plain(&error),
            };
            SinkError::Other(Box::new(NotSaved { path: self.path.clone(), why }))
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
        self.file.save(&serde_json::to_vec(&self.stored)?)?;
        self.saved_at = now;
        Ok(())
    }
}

/// Reads a state; why it cannot be read is a clause.
fn read(bytes: &[u8]) -> Result<StoredState, &'static str> {
    if bytes.is_empty() {
        return Err("it is empty");
    }
    versioned_json::read(bytes, VERSION)
}

fn not_opened(path: &Path, error: OpenError) -> Failure {
    match error {
        OpenError::Io(error) => unusable(path, &error),
        OpenError::Locked => Failure::usage(format!("another run uses {}", path.display()))
            .hint("wait until it ends, or use another file"),
    }
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    // A refusal of this program is a usage error; a refusal of the system is not.
    let kind = match error.kind() {
        io::ErrorKind::InvalidInput => Kind::Usage,
        _ => Kind::Local,
    };
    Failure::new(kind, format!("cannot write {}", path.display())).because(plain(error))
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
