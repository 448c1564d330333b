//! Lists of ids: repeated, separated with commas, or one per line in `@FILE` and `@-`.

use std::path::Path;

use crate::failure::Failure;
use crate::io::private_file::{self, PrivateFileError};

/// The largest file of ids that is read: room for a million ids.
const MAX_BYTES: usize = 64 << 20;

/// All ids of a flag, each once, in the order in which they are given.
pub(crate) fn ids(flag: &str, words: &[String]) -> Result<Vec<String>, Failure> {
    let mut ids = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for word in words {
        let text = match word.strip_prefix('@') {
            Some(name) => read(flag, name)?,
            None => word.clone(),
        };
        let parts: Vec<&str> = match word.strip_prefix('@') {
            Some(_) => text.lines().filter(|line| !bare(line).is_empty()).collect(),
            None => text.split(',').collect(),
        };
        for part in parts {
            let id = bare_id(part);
            if id.is_empty() || id.contains(char::is_whitespace) || id.contains(',') {
                return Err(Failure::usage(format!(
                    "{flag} contains an empty id, or an id with a space or a comma"
                ))
                .hint(format!("use {flag} ID,ID, or {flag} @FILE with one id per line")));
            }
            if seen.insert(id.to_owned()) {
                ids.push(id.to_owned());
            }
        }
        if ids.is_empty() {
            return Err(Failure::usage(format!("{flag} contains no ids"))
                .hint(format!("use {flag} ID,ID, or {flag} @FILE with one id per line")));
        }
    }
    Ok(ids)
}

fn read(flag: &str, name: &str) -> Result<String, Failure> {
    let refused = |why: String| {
        let from = if name == "-" { "standard input".to_owned() } else { name.to_owned() };
        Failure::usage(format!("{flag}: cannot read ids from {from}")).because(why)
    };
    let read = if name == "-" {
        private_file::capped(std::io::stdin().lock(), 0, MAX_BYTES)
    } else {
        private_file::read_any(Path::new(name), MAX_BYTES).map(|file| file.bytes)
    };
    let bytes = read.map_err(|error| match error {
        PrivateFileError::Missing => refused("the file does not exist".into()),
        PrivateFileError::Because(why) => refused(format!("it {why}")),
    })?;
    let text = private_file::text(&bytes).map_err(|why| refused(format!("it {why}")))?;
    Ok(text.to_owned())
}

/// An id as it was typed or copied, without the blanks, byte order marks and quotation marks around it.
pub(crate) fn bare_id(text: &str) -> &str {
    without_quotes(bare(text))
}

/// Quotation marks of one kind: those of ASCII, and those into which text editors change them.
const QUOTATION_MARKS: [&[char]; 2] =
    [&['"', '\u{201C}', '\u{201D}', '\u{201E}'], &['\'', '\u{2018}', '\u{2019}', '\u{201A}']];

/// The id without a pair of quotation marks, which spreadsheets and scripts put around values.
fn without_quotes(id: &str) -> &str {
    QUOTATION_MARKS
        .into_iter()
        .find_map(|marks| id.strip_prefix(marks)?.strip_suffix(marks))
        .map_or(id, bare)
}

/// The text without blanks and byte order marks around it. Each of several joined files may begin with
/// a mark, also where the last line of the one before has no end.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(words: &[&str]) -> Result<Vec<String>, Failure> {
        ids("--message-id", &words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn ids_may_be_repeated_and_separated_with_commas_and_are_kept_once() {
        assert_eq!(list(&["a,b", "c", "a"]).unwrap(), ["a", "b", "c"]);
    }

    #[test]
    fn a_file_has_one_id_per_line_and_empty_lines_are_ignored() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "a\r\n\n b \n").unwrap();
        let word = format!("@{}", file.path().display());
        assert_eq!(list(&[&word, "c"]).unwrap(), ["a", "b", "c"]);
    }

    #[test]
    fn quotation_marks_around_an_id_are_not_part_of_it() {
        assert_eq!(list(&["\"a\",'b'", "\"", "c\""]).unwrap(), ["a", "b", "\"", "c\""]);
        assert!(list(&["\"\""]).is_err());
    }

    #[test]
    fn a_byte_order_mark_at_either_end_of_an_id_is_not_part_of_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = "\u{FEFF}a\n\u{FEFF}\n \u{FEFF}b\u{FEFF}\r\n\u{FEFF}\u{FEFF}\"\u{FEFF}c\"\n";
        std::fs::write(file.path(), text).unwrap();
        assert_eq!(list(&[&format!("@{}", file.path().display())]).unwrap(), ["a", "b", "c"]);
        assert_eq!(list(&["a,\u{FEFF}b, \u{FEFF}c\u{FEFF} "]).unwrap(), ["a", "b", "c"]);
        assert!(list(&["\u{FEFF}"]).is_err());
    }

    #[test]
    fn an_empty_id_and_an_id_with_a_space_are_refused() {
        for word in ["", "a,,b", "a b", ",", " "] {
            assert!(list(&[word]).is_err(), "{word:?}");
        }
        let empty = tempfile::NamedTempFile::new().unwrap();
        assert!(list(&[&format!("@{}", empty.path().display())]).is_err());
        assert!(list(&["@/nowhere/at/all"]).is_err());
    }
}
