//! The checkpoint of an interrupted run: what it has proved about the rows in its file.
//!
//! `FILE.checkpoint` has the number of bytes of `FILE.partial` that count, their SHA-256, and the
//! range of `sentAt` times that they list completely. The next run cuts off the rest and requests
//! those rows again, so that a kill at any instant loses nothing and repeats nothing.

use std::fs::File;
use std::io::{self, Read};

use omnilogs::model::{Coverage, Identity};
use omnilogs::pages::Resume;
use omnilogs::source::Gap;
use omnilogs::{Query, Timestamp};
use serde::{Deserialize, Serialize};

use crate::io::digest::OutputDigest;
use crate::io::versioned_json;
use crate::session::fingerprint::Fingerprint;

/// Changes whenever a field is added, removed or understood differently.
const VERSION: u32 = 4;

/// The state of an interrupted run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Checkpoint {
    version: u32,
    /// The rows that were requested, their account and their form.
    pub(crate) fingerprint: Fingerprint,
    /// When the first run began by the clock of this machine, in milliseconds since 1970, as all times
    /// of this type.
    pub(crate) began: i64,
    /// The start of the window of the first run; `None` for as far back as the source keeps messages.
    pub(crate) since: Option<i64>,
    /// The last millisecond of that window: of the query, or else as the first response fixed it by
    /// the clock of the server.
    pub(crate) until: i64,
    /// The latest rows of the file without a time to page by, which a response may repeat.
    undated: Vec<StoredIdentity>,
    /// Rows without such a time that were received and are not in the part of the file that counts.
    awaited: Vec<StoredIdentity>,
    /// Messages that were sent before this time had expired when the first run began.
    expired_before: Option<i64>,
    /// The part of the file that counts.
    pub(crate) progress: Progress,
    /// Time ranges of that part in which rows may be missing.
    gaps: Vec<StoredGap>,
    /// Whether the responses have proved that the source returns the newest rows first.
    order_proved: bool,
    /// For each part of the query, the time of a row that the next run must receive first.
    edges: Vec<Option<i64>>,
    /// The newest time of a row, as long as rows may be missing between it and the end of the window.
    unproved_end: Option<i64>,
    /// Whether every row is in the file, which has only to be put in place.
    pub(crate) complete: bool,
}

/// The part of the rows so far that counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Progress {
    /// The file holds every row of the window that was sent at or after this time, and no older one.
    pub(crate) covers_since: Option<i64>,
    /// Rows that were received, also those that a local filter removed.
    pub(crate) rows: u64,
    /// Rows that a local filter removed.
    pub(crate) held_back: u64,
    /// Bytes of the file, and their SHA-256.
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// An [`Identity`] as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum StoredIdentity {
    Message { id: Box<str>, channel: Box<str> },
    Row([u8; 32]),
}

impl From<&Identity> for StoredIdentity {
    fn from(identity: &Identity) -> Self {
        match identity.clone() {
            Identity::Message { id, channel } => Self::Message { id, channel },
            Identity::Row(row) => Self::Row(row),
        }
    }
}

impl From<&StoredIdentity> for Identity {
    fn from(identity: &StoredIdentity) -> Self {
        match identity.clone() {
            StoredIdentity::Message { id, channel } => Self::Message { id, channel },
            StoredIdentity::Row(row) => Self::Row(row),
        }
    }
}

/// A [`Gap`] as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StoredGap {
    since: Option<i64>,
    until: Option<i64>,
    at_least: u64,
    reason: String,
}

impl Checkpoint {
    /// The checkpoint of a run that begins now, with the window of this query.
    pub(crate) fn new(fingerprint: Fingerprint, query: &Query, now: Timestamp) -> Self {
        Self {
            version: VERSION,
            fingerprint,
            began: now.millis(),
            since: query.since.map(Timestamp::millis),
            until: query.until.unwrap_or(now).millis(),
            undated: Vec::new(),
            awaited: Vec::new(),
            expired_before: None,
            progress: Progress::default(),
            gaps: Vec::new(),
            order_proved: false,
            edges: Vec::new(),
            unproved_end: None,
            complete: false,
        }
    }

    /// Reads a checkpoint.
    ///
    /// # Errors
    /// When it is damaged, or of another version; the error is a clause that says which.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        versioned_json::read(bytes, VERSION)
    }

    /// The text to store.
    ///
    /// # Errors
    /// When `serde_json` cannot serialize it. No value is known for which it cannot.
    pub(crate) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        Ok(serde_json::to_vec(self)?)
    }

    /// The last checkpoint of a run, whose file holds every row.
    pub(crate) fn completed(&self, progress: Progress) -> Self {
        let covers_since = self.progress.covers_since;
        let progress = Progress { covers_since, ..progress };
        Self { complete: true, progress, ..self.clone() }
    }

    /// Whether there is anything to continue.
    pub(crate) fn has_progress(&self) -> bool {
        self.progress.covers_since.is_some()
    }

    /// Whether the file lists the whole window.
    pub(crate) fn covers_window(&self) -> bool {
        let start = self.since.unwrap_or(i64::MIN);
        self.progress.covers_since.is_some_and(|covers_since| covers_since <= start)
    }

    /// Where the next run starts; `None` when no row counts.
    pub(crate) fn resume(&self) -> Option<Resume> {
        let covers_since = self.progress.covers_since?;
        let gap = |gap: &StoredGap| Gap {
            since: gap.since.map(Timestamp::from_millis),
            until: gap.until.map(Timestamp::from_millis),
            at_least: gap.at_least,
            reason: gap.reason.clone(),
        };
        Some(Resume {
            since: Timestamp::from_millis(covers_since),
            gaps: self.gaps.iter().map(gap).collect(),
            order_proved: self.order_proved,
            expired_before: self.expired_before.map(Timestamp::from_millis),
            undated: self.undated.iter().map(Identity::from).collect(),
            edges: self.edges.iter().map(|edge| edge.map(Timestamp::from_millis)).collect(),
            unproved_end: self.unproved_end.map(Timestamp::from_millis),
            awaited: self.awaited.iter().map(Identity::from).collect(),
        })
    }

    /// Records the progress of the file up to the end of a page. The file holds the undated rows; the
    /// awaited ones must come again.
    pub(crate) fn advance<'r>(
        &mut self,
        progress: Progress,
        undated: impl Iterator<Item = &'r Identity>,
        awaited: impl Iterator<Item = &'r Identity>,
        coverage: &Coverage,
    ) {
        self.undated = undated.map(StoredIdentity::from).collect();
        self.awaited = awaited.map(StoredIdentity::from).collect();
        let covers_since = progress.covers_since.unwrap_or(i64::MAX);
        // The time before it will be requested again.
        let stays = |gap: &&Gap| gap.until.is_none_or(|until| until.millis() >= covers_since);
        let stored = |gap: &Gap| StoredGap {
            since: gap.since.map(Timestamp::millis),
            until: gap.until.map(Timestamp::millis),
            at_least: gap.at_least,
            reason: gap.reason.clone(),
        };
        self.gaps = coverage.gaps.iter().filter(stays).map(stored).collect();
        self.order_proved = coverage.order_proved;
        self.edges = coverage.edges.iter().map(|edge| edge.map(Timestamp::millis)).collect();
        self.unproved_end = coverage.unproved_end.map(Timestamp::millis);
        self.until = coverage.until.map_or(self.until, Timestamp::millis);
        let expired_before = coverage.expired_before.map(Timestamp::millis);
        self.expired_before = self.expired_before.or(expired_before);
        self.progress = progress;
    }
}

impl Progress {
    /// Rows that were written.
    pub(crate) fn shown(&self) -> u64 {
        self.rows.saturating_sub(self.held_back)
    }

    /// Cuts the file to the bytes that count, and adds them to the digest. Returns whether they are the
    /// bytes that the earlier run wrote.
    ///
    /// # Errors
    /// When the file cannot be cut or read.
    pub(crate) fn cut(&self, mut file: &File, digest: &OutputDigest) -> io::Result<bool> {
        if file.metadata()?.len() < self.bytes {
            return Ok(false);
        }
        if file.metadata()?.len() > self.bytes {
            file.set_len(self.bytes)?;
        }
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            digest.add(buffer.get(..read).unwrap_or_default());
        }
        Ok(digest.bytes() == self.bytes && digest.sha256() == self.sha256)
    }
}
