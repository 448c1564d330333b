//! `--resume`: a long listing into a file goes on where an interrupted run stopped.
//!
//! Beside the file stand `FILE.partial`, the rows so far, and `FILE.checkpoint`, which proves how
//! many of them count: their length and SHA-256, up to the last moment of sending that is listed
//! whole. Rows behind that are cut off and asked for again, so that a kill at any moment loses
//! nothing and repeats nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Kind};
use crate::io::digest::{Meter, hex};

/// What an interrupted run has proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Checkpoint {
    /// SHA-256 of what was typed, so that another question is not taken for this one.
    pub(crate) question: String,
    /// The window, as it was when the first run began; milliseconds since 1970.
    pub(crate) since: Option<i64>,
    pub(crate) until: i64,
    /// Every row newer than this is in the file, none at it or older.
    pub(crate) edge: i64,
    /// Rows that were taken from the pages, also those that filters here held back.
    pub(crate) rows: u64,
    /// Bytes of the file that count, and their SHA-256.
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    /// Whether everything is in the file, which only has to be put in place.
    pub(crate) complete: bool,
}

/// The files beside the wanted one.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    pub(crate) wanted: PathBuf,
    pub(crate) partial: PathBuf,
    checkpoint: PathBuf,
    /// A checkpoint that is being written; always of this name, so that a kill leaves one at most.
    next: PathBuf,
}

impl Places {
    pub(crate) fn beside(path: &Path) -> Self {
        let with = |end: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        Self {
            wanted: path.to_owned(),
            partial: with(".partial"),
            checkpoint: with(".checkpoint"),
            next: with(".checkpoint.next"),
        }
    }

    /// What an earlier run has proved; nothing when there was none.
    ///
    /// # Errors
    /// When the checkpoint belongs to another question, or does not fit the rows.
    pub(crate) fn earlier(&self, question: &str) -> Result<Option<Checkpoint>, Failure> {
        let text = match fs::read_to_string(&self.checkpoint) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.refused(&error.to_string())),
        };
        let checkpoint: Checkpoint =
            serde_json::from_str(&text).map_err(|_| self.refused("it cannot be read"))?;
        if checkpoint.question != question {
            return Err(self.refused("it belongs to another question"));
        }
        Ok(Some(checkpoint))
    }

    /// Opens the rows so far, cut to what is proved, and feeds them to the meter.
    pub(crate) fn open(
        &self,
        earlier: Option<&Checkpoint>,
        meter: &Meter,
    ) -> Result<File, Failure> {
        let failed = |error: io::Error| {
            Failure::new(Kind::Local, format!("cannot write {}", self.partial.display()))
                .because(error.to_string())
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(earlier.is_none());
        let mut file = options.open(&self.partial).map_err(failed)?;
        let Some(earlier) = earlier else { return Ok(file) };
        file.set_len(earlier.bytes.min(file.metadata().map_err(failed)?.len())).map_err(failed)?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut buffer).map_err(failed)?;
            if read == 0 {
                break;
            }
            meter.add(buffer.get(..read).unwrap_or_default());
        }
        if meter.bytes() != earlier.bytes || meter.sha256().as_deref() != Some(&earlier.sha256) {
            return Err(self.refused("the rows beside it are not the ones that it proves"));
        }
        Ok(file)
    }

    /// Writes a checkpoint in one step.
    pub(crate) fn save(&self, checkpoint: &Checkpoint) -> io::Result<()> {
        let mut file = File::create(&self.next)?;
        file.write_all(&serde_json::to_vec(checkpoint)?)?;
        file.sync_all()?;
        fs::rename(&self.next, &self.checkpoint)
    }

    /// Puts the rows in place; they are all there.
    pub(crate) fn finish(&self, checkpoint: &Checkpoint) -> io::Result<()> {
        self.save(&Checkpoint { complete: true, ..checkpoint.clone() })?;
        self.put_in_place()
    }

    /// The last steps, which may be taken again after a kill between them.
    pub(crate) fn put_in_place(&self) -> io::Result<()> {
        if self.partial.exists() {
            fs::rename(&self.partial, &self.wanted)?;
        }
        match fs::remove_file(&self.next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => fs::remove_file(&self.checkpoint),
        }
    }

    fn refused(&self, why: &str) -> Failure {
        Failure::usage(format!("cannot resume from {}", self.checkpoint.display()))
            .because(why)
            .hint(format!(
                "ask the same question, or begin anew: rm '{}' '{}'",
                self.checkpoint.display(),
                self.partial.display()
            ))
    }
}

/// SHA-256 of what was typed, in hex.
pub(crate) fn fingerprint(typed: &str) -> String {
    hex(digest(&SHA256, typed.as_bytes()))
}
