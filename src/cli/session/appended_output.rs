//! The output file of `follow --state`, to which each run appends. A run first cuts the file to the
//! length that the state has: rows after it are requested again, and would be in the file twice.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::io::digest::hex;
use crate::io::named_file::NamedFile;
use crate::io::own_file::{LockedFile, OpenError, refused};

/// The mode of a new file before the user's umask is applied.
const MODE: u32 = 0o666;

/// How many bytes before a position identify the file.
const MAX_ENDING: u64 = 4096;

/// How far an output file was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OutputPosition {
    /// The length of the file.
    bytes: u64,
    /// The SHA-256 of the last [`MAX_ENDING`] bytes before it.
    ending: String,
}

/// How the file differed from the position of the state, and what was done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Continuation {
    /// The file ends at the position.
    Exact,
    /// Rows after the position were removed: they are requested again.
    Cut,
    /// Rows after the position stay, since they may not be available again; some may come twice.
    Kept,
    /// The file is shorter, or another one: it was moved away or emptied.
    Replaced,
}

/// Opens the file for appending, and locks it; `None` for a stream, such as a FIFO or standard output.
///
/// # Errors
/// When another run has locked it, or it cannot be opened.
pub(crate) fn open(path: &Path) -> Result<Option<LockedFile>, OpenError> {
    let NamedFile::Regular(path) = NamedFile::find(path)? else { return Ok(None) };
    let file = OpenOptions::new().read(true).append(true).create(true).mode(MODE).open(path)?;
    Ok(Some(LockedFile::new(file)?))
}

/// Prepares the file for further rows after a position; `None` when no state was saved. Rows after the
/// position are removed if they are still available at the source.
///
/// # Errors
/// When the file was changed otherwise, or cannot be read or cut.
pub(crate) fn cut_to(
    file: &File,
    position: Option<&OutputPosition>,
    is_available: bool,
) -> io::Result<Continuation> {
    let length = file.metadata()?.len();
    let Some(position) = position.filter(|position| position.bytes <= length) else {
        require_whole_line(file, length)?;
        let had_position = position.is_some();
        return Ok(if had_position { Continuation::Replaced } else { Continuation::Exact });
    };
    if ending(file, position.bytes)? != position.ending {
        return Err(refused("it was changed since the state was written"));
    }
    if position.bytes == length {
        return Ok(Continuation::Exact);
    }
    if is_available {
        file.set_len(position.bytes)?;
        return Ok(Continuation::Cut);
    }
    // Whole rows stay; a row that the kill cut off cannot be read.
    file.set_len(last_line_end(file, position.bytes, length)?)?;
    Ok(Continuation::Kept)
}

/// The position of the end of the file, after everything before it was written to the disk.
///
/// # Errors
/// When the file cannot be written or read.
pub(crate) fn position(file: &File) -> io::Result<OutputPosition> {
    file.sync_data()?;
    let bytes = file.metadata()?.len();
    Ok(OutputPosition { bytes, ending: ending(file, bytes)? })
}

/// The SHA-256 of the bytes before an end.
fn ending(mut file: &File, end: u64) -> io::Result<String> {
    let length = end.min(MAX_ENDING);
    file.seek(SeekFrom::Start(end - length))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(hex(digest(&SHA256, &bytes)))
}

/// Refuses a file whose last line is not whole: a row would be appended to it.
fn require_whole_line(file: &File, length: u64) -> io::Result<()> {
    if length == last_line_end(file, 0, length)? {
        return Ok(());
    }
    Err(refused("its last line has no line break, and a row would be appended to it"))
}

/// The position after the last whole line between `start` and `end`; `start` when there is none.
fn last_line_end(mut file: &File, start: u64, end: u64) -> io::Result<u64> {
    let mut end = end;
    let mut bytes = Vec::new();
    while end > start {
        let length = (end - start).min(MAX_ENDING);
        bytes.clear();
        file.seek(SeekFrom::Start(end - length))?;
        file.take(length).read_to_end(&mut bytes)?;
        if let Some(at) = bytes.iter().rposition(|byte| *byte == b'\n') {
            return Ok(end - length + at as u64 + 1);
        }
        end -= length;
    }
    Ok(start)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, LockedFile) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("rows"), text).unwrap();
        let file = open(&folder.path().join("rows")).unwrap().unwrap();
        (folder, file)
    }

    fn text(folder: &tempfile::TempDir) -> String {
        std::fs::read_to_string(folder.path().join("rows")).unwrap()
    }

    #[test]
    fn rows_after_the_position_are_cut_or_kept_up_to_the_last_whole_one() {
        for (is_available, wanted, left) in
            [(true, Continuation::Cut, "a\n"), (false, Continuation::Kept, "a\nb\n")]
        {
            let (folder, file) = file("a\n");
            let position = position(&file).unwrap();
            assert_eq!(cut_to(&file, Some(&position), true).unwrap(), Continuation::Exact);
            (&*file).write_all(b"b\nhalf of a r").unwrap();
            assert_eq!(cut_to(&file, Some(&position), is_available).unwrap(), wanted);
            assert_eq!(text(&folder), left);
            (&*file).write_all(b"c\n").unwrap();
            assert_eq!(text(&folder), format!("{left}c\n"));
        }
    }

    #[test]
    fn a_file_that_was_emptied_is_continued_and_one_that_was_changed_is_refused() {
        let (folder, file) = file("a\nb\n");
        let position = position(&file).unwrap();
        file.set_len(0).unwrap();
        assert_eq!(cut_to(&file, Some(&position), true).unwrap(), Continuation::Replaced);
        std::fs::write(folder.path().join("rows"), "x\ny\nz\n").unwrap();
        let why = cut_to(&file, Some(&position), true).unwrap_err().to_string();
        assert_eq!(why, "it was changed since the state was written");
        assert_eq!(text(&folder), "x\ny\nz\n");
    }

    #[test]
    fn no_row_is_appended_to_half_a_line() {
        for (text, is_refused) in [("", false), ("a\n", false), ("a", true), ("a\nb", true)] {
            let (_folder, file) = file(text);
            assert_eq!(cut_to(&file, None, true).is_err(), is_refused, "{text:?}");
        }
        let (_folder, file) = file(&"x".repeat(10_000));
        assert!(cut_to(&file, None, true).is_err());
    }

    #[test]
    fn a_second_run_does_not_append_to_the_same_file() {
        let (folder, _file) = file("");
        assert!(matches!(open(&folder.path().join("rows")), Err(OpenError::Locked)));
    }
}
