//! Saved responses as a source of pages.
//!
//! A file may contain a response, several responses, or rows that `jq` extracted from them: a list of
//! rows, or one row per line. No server has filtered them, so this module applies every filter and the
//! limit. It keeps the order of the file. Memory must not grow with the size of the file.

mod file_format;
mod interruptible;
mod json_file;
mod json_lines_file;
mod row;
mod scanner;
mod unreadable;
mod xml_file;

use std::io::{self, BufRead};

pub use self::interruptible::InterruptibleReader;
use self::interruptible::ReadInterrupted;
use self::unreadable::UnreadableRows;

use crate::model::{Anomalies, Log, Page};
use crate::pages::{Pages, RunReport};
use crate::query::{Query, RowFilter};
use crate::source::{Hint, SourceError};
use crate::visible::visible;
use crate::wire::{DecodeError, Refusal};

/// The most rows of one page.
const PAGE_ROWS: usize = 1000;

/// A saved response, which is read page by page.
pub struct SavedResponse {
    name: String,
    filter: RowFilter,
    limit: u64,
    checks_fields: bool,
    rows: ReadingState,
    report: RunReport,
    unreadable: UnreadableRows,
    /// How many rows of the file were passed so far, including those that do not match the query or
    /// cannot be read.
    read: u64,
    /// Whether the file has a row so far that is JSON or XML.
    has_rows: bool,
}

enum ReadingState {
    Unread(Box<dyn BufRead + Send>),
    Reading(Box<dyn RowReader>),
    /// Reading failed after some rows, which were returned; the error follows.
    Failed(SourceError),
    Ended,
}

/// Reads the rows of a file, one after the other.
trait RowReader: Send {
    /// Reads the next row; `None` at the end of the file. Its anomalies are recorded for row
    /// `before + 1` of the page: `before` is the number of rows of the page before it.
    fn next(
        &mut self,
        anomalies: &mut Anomalies,
        before: u64,
    ) -> Result<Option<SavedRow>, ReadError>;

    /// How many bytes were read so far.
    fn bytes(&self) -> u64;
}

/// A row of a file.
enum SavedRow {
    Log(Log),
    /// A row that cannot be read; the next one may be readable.
    Unreadable {
        /// Its line in the file.
        line: u64,
        /// Whether the line may have rows after it, which are not read.
        hides_rows: bool,
    },
}

/// Why the rest of a file cannot be read.
#[derive(Debug)]
enum ReadError {
    /// The file ends in the middle of a value.
    CutOff,
    /// A value is too long to keep in memory; the text says which.
    TooLong(&'static str),
    /// Reading failed.
    Io(io::Error),
    /// The file is neither JSON nor XML.
    Malformed { message: String, hint: Option<String> },
    /// The file can be read, but contains no logs.
    NotLogs,
    /// The file is an error body.
    Refusal(Refusal),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<DecodeError> for ReadError {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::CutOff { .. } => Self::CutOff,
            DecodeError::NotUnderstood { message, hint } => Self::Malformed { message, hint },
            DecodeError::Refusal(refusal) => Self::Refusal(refusal),
            DecodeError::TooManyRows { .. } => {
                Self::Malformed { message: error.to_string(), hint: None }
            }
        }
    }
}

impl SavedResponse {
    /// A saved response. Messages call it `name`. The first page starts to read it.
    #[must_use]
    pub fn open(name: String, reader: Box<dyn BufRead + Send>, query: &Query) -> Self {
        let report = RunReport { since: query.since, until: query.until, ..RunReport::default() };
        Self {
            name,
            filter: RowFilter::new(query),
            limit: query.limit.map_or(u64::MAX, u64::from),
            checks_fields: true,
            rows: ReadingState::Unread(reader),
            report,
            unreadable: UnreadableRows::default(),
            read: 0,
            has_rows: false,
        }
    }

    /// Sets whether the fields of rows are checked for anomalies, which is not necessary for formats
    /// that write rows unchanged.
    #[must_use]
    pub fn checking_fields(self, checks_fields: bool) -> Self {
        Self { checks_fields, ..self }
    }

    /// Reads rows until the page is full. Returns the next state when no more rows follow.
    fn fill(&mut self, rows: &mut dyn RowReader, page: &mut Page) -> Option<ReadingState> {
        let mut read = 0;
        let end = loop {
            if self.report.rows + page.logs.len() as u64 >= self.limit {
                break Some(ReadingState::Ended);
            }
            if page.logs.len() >= PAGE_ROWS {
                break None;
            }
            match rows.next(&mut page.anomalies, read) {
                Ok(Some(SavedRow::Log(log))) => {
                    read += 1;
                    self.has_rows = true;
                    if !log.json().starts_with('{') {
                        // It is reported as missing, so it must not be counted as a message.
                        self.unreadable.add(self.read + read, "not an object");
                        continue;
                    }
                    if self.filter.matches(&log) {
                        if self.checks_fields {
                            log.check(|anomaly| page.anomalies.note(anomaly, read));
                        }
                        page.logs.push(log);
                    }
                }
                Ok(Some(SavedRow::Unreadable { line, hides_rows })) => {
                    read += 1;
                    let row = self.read + read;
                    if hides_rows {
                        self.unreadable.add_rest_of_line(row, line);
                    } else {
                        self.unreadable.add(row, &format!("line {line} is not JSON"));
                    }
                }
                Ok(None) => break Some(ReadingState::Ended),
                Err(error) => break Some(self.end_early(error, self.read + read + 1)),
            }
        };
        self.report.anomalies.add(&page.anomalies, self.read);
        self.read += read;
        end
    }

    /// The state after an error in this row: the rows before it are kept, and the rest is missing.
    fn end_early(&mut self, error: ReadError, row: u64) -> ReadingState {
        match error {
            ReadError::CutOff if self.has_rows => {
                self.unreadable.end(row, "the file ends within it");
            }
            ReadError::Malformed { message, .. } if self.has_rows => {
                self.unreadable.end(row, &visible(&message));
            }
            error => return ReadingState::Failed(source_error(&self.name, error)),
        }
        ReadingState::Ended
    }

    fn count_page(&mut self, page: &mut Page, bytes: u64) {
        page.bytes = usize::try_from(bytes - self.report.bytes).unwrap_or(usize::MAX);
        self.report.bytes = bytes;
        self.report.rows += page.logs.len() as u64;
    }
}

impl Pages for SavedResponse {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        let mut rows = match std::mem::replace(&mut self.rows, ReadingState::Ended) {
            ReadingState::Ended => return None,
            ReadingState::Failed(failure) => return Some(Err(failure)),
            ReadingState::Reading(rows) => rows,
            ReadingState::Unread(reader) => match file_format::rows(reader) {
                Ok(rows) => rows,
                Err(error) => return Some(Err(source_error(&self.name, error))),
            },
        };
        let mut page = Page::default();
        let end = self.fill(rows.as_mut(), &mut page);
        self.count_page(&mut page, rows.bytes());
        match end {
            Some(ReadingState::Failed(failure)) if page.logs.is_empty() => {
                return Some(Err(failure));
            }
            Some(_) if page.logs.is_empty() && self.report.pages > 0 => return None,
            Some(end) => self.rows = end,
            None => self.rows = ReadingState::Reading(rows),
        }
        self.report.pages += 1;
        Some(Ok(page))
    }

    fn report(&self) -> RunReport {
        let mut report = self.report.clone();
        report.gaps.extend(self.unreadable.gap());
        report.has_hidden_rows = self.unreadable.hides_rows();
        report
    }
}

/// The hint for a file that contains no logs.
const USE_SAVED_RESPONSE: &str =
    "use a saved response of the logs endpoint, or its rows: JSON, JSON lines or XML";

/// Converts the error to that of a source.
fn source_error(name: &str, error: ReadError) -> SourceError {
    let file = |reason: String| SourceError::File { name: name.to_owned(), reason };
    let no_logs = |message: String, hint: Option<String>| SourceError::NotUnderstood {
        message: format!("cannot read {name}: {}", visible(&message)),
        hint: hint.map(Hint::from),
        status: None,
    };
    match error {
        ReadError::CutOff => file("it ends in the middle of its first row".to_owned()),
        ReadError::TooLong(what) => file(what.to_owned()),
        ReadError::Io(error) if ReadInterrupted::caused(&error) => SourceError::Interrupted,
        ReadError::Io(error) => file(error.to_string()),
        ReadError::Malformed { message, hint } => {
            no_logs(message, hint.or_else(|| Some(USE_SAVED_RESPONSE.to_owned())))
        }
        ReadError::NotLogs => {
            no_logs("it holds no message logs".to_owned(), Some(USE_SAVED_RESPONSE.to_owned()))
        }
        ReadError::Refusal(refusal) => no_logs(
            format!("it holds an error of the API instead of logs{}", code(&refusal)),
            Some("send the request again, and save its response".to_owned()),
        ),
    }
}

/// The code of an error body, if it is one word. Its text is left out, because it may repeat secret
/// values of a query, which are not known here.
fn code(refusal: &Refusal) -> String {
    let is_word = |code: &&String| code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    refusal.code.as_ref().filter(is_word).map(|code| format!(" ({code})")).unwrap_or_default()
}

#[cfg(test)]
mod tests;
