//! Saved responses as an answer: `--input`.
//!
//! A file may hold a response, several in a row, or what is left of them when `jq` took them apart:
//! a bare list of rows, or rows one a line. No server filtered them, so that every filter and the
//! limit are applied here; the order of the file is kept. All but XML is read in flat memory.

mod document;
mod form;
mod lines;
mod scanner;
mod stoppable;
mod xml;

use std::io::{self, BufRead};

pub use self::stoppable::Stoppable;
use self::stoppable::Stopped;

use crate::model::{Log, Oddities, Page};
use crate::pages::{Account, Pages};
use crate::query::Query;
use crate::source::SourceError;
use crate::visible::visible;
use crate::wire::{DecodeError, Refusal};

/// Rows that a page holds at most.
const PAGE_ROWS: usize = 1000;

/// A saved response, read a page at a time.
pub struct Saved {
    name: String,
    query: Query,
    rows: State,
    account: Account,
    /// Rows read so far, whether they fit the query or not.
    read: u64,
}

enum State {
    Unread(Box<dyn BufRead + Send>),
    Reading(Box<dyn Rows>),
    /// Rows came before the failure, which is told next.
    Failed(SourceError),
    Ended,
}

/// Rows out of a file, one after another.
trait Rows: Send {
    /// The next row; `None` at the end of the file. What was odd is noted with its row number,
    /// where `before` rows came since these oddities were begun.
    fn next(&mut self, oddities: &mut Oddities, before: u64) -> Result<Option<Log>, Fault>;

    /// How many bytes were read so far.
    fn bytes(&self) -> u64;
}

/// Why a file cannot be read on.
#[derive(Debug)]
enum Fault {
    /// The file ends in the middle of something.
    Cut,
    /// More than can be held at once; says what.
    TooLong(&'static str),
    /// The system said no.
    Io(io::Error),
    /// What stands there is no JSON or XML.
    Bad { message: String, hint: Option<String> },
    /// It can be read, and holds no logs.
    Foreign,
    /// It is an error body.
    Refusal(Refusal),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::CutOff { .. } => Self::Cut,
            DecodeError::NotUnderstood { message, hint } => Self::Bad { message, hint },
            DecodeError::Refusal(refusal) => Self::Refusal(refusal),
            DecodeError::TooManyRows { .. } => Self::Bad { message: error.to_string(), hint: None },
        }
    }
}

impl Saved {
    /// A saved response under the name that messages call it by, asked this question. Nothing is
    /// read before the first page is asked for.
    #[must_use]
    pub fn open(name: String, reader: Box<dyn BufRead + Send>, query: Query) -> Self {
        let account = Account { since: query.since, until: query.until, ..Account::default() };
        Self { name, query, rows: State::Unread(reader), account, read: 0 }
    }

    /// Reads rows until a page is full; the reason when there will be no more.
    fn fill(&mut self, rows: &mut dyn Rows, page: &mut Page) -> Option<State> {
        let limit = self.query.limit.map_or(u64::MAX, u64::from);
        let mut read = 0;
        let end = loop {
            if self.account.rows + page.logs.len() as u64 >= limit {
                break Some(State::Ended);
            }
            if page.logs.len() >= PAGE_ROWS {
                break None;
            }
            match rows.next(&mut page.oddities, read) {
                Ok(Some(log)) => {
                    read += 1;
                    if self.query.matches(&log) {
                        page.logs.push(log);
                    }
                }
                Ok(None) => break Some(State::Ended),
                Err(fault) => break Some(State::Failed(told(&self.name, fault))),
            }
        };
        self.account.oddities.add(&page.oddities, self.read);
        self.read += read;
        end
    }

    fn tally(&mut self, page: &mut Page, bytes: u64) {
        page.bytes = usize::try_from(bytes - self.account.bytes).unwrap_or(usize::MAX);
        self.account.bytes = bytes;
        self.account.rows += page.logs.len() as u64;
    }
}

impl Pages for Saved {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        let mut rows = match std::mem::replace(&mut self.rows, State::Ended) {
            State::Ended => return None,
            State::Failed(failure) => return Some(Err(failure)),
            State::Reading(rows) => rows,
            State::Unread(reader) => match form::rows(reader) {
                Ok(rows) => rows,
                Err(fault) => return Some(Err(told(&self.name, fault))),
            },
        };
        let mut page = Page::default();
        let end = self.fill(rows.as_mut(), &mut page);
        self.tally(&mut page, rows.bytes());
        match end {
            Some(State::Failed(failure)) if page.logs.is_empty() => return Some(Err(failure)),
            Some(_) if page.logs.is_empty() && self.account.pages > 0 => return None,
            Some(end) => self.rows = end,
            None => self.rows = State::Reading(rows),
        }
        self.account.pages += 1;
        Some(Ok(page))
    }

    fn account(&self) -> Account {
        self.account.clone()
    }
}

/// The fault as a person is told it.
fn told(name: &str, fault: Fault) -> SourceError {
    let file = |reason: String| SourceError::File { name: name.to_owned(), reason };
    let stranger = |message: String, hint: Option<String>| SourceError::NotUnderstood {
        message: format!("cannot read {name}: {}", visible(&message)),
        hint,
    };
    match fault {
        Fault::Cut => file("it ends in the middle of a row".to_owned()),
        Fault::TooLong(what) => file(what.to_owned()),
        Fault::Io(error) if Stopped::is_behind(&error) => SourceError::Interrupted,
        Fault::Io(error) => file(error.to_string()),
        Fault::Bad { message, hint } => stranger(message, hint),
        Fault::Foreign => stranger(
            "it holds no message logs".to_owned(),
            Some("expected a saved response of the logs endpoint, or its rows".to_owned()),
        ),
        Fault::Refusal(refusal) => stranger(
            format!("it holds an error of the API instead of logs{}", code(&refusal)),
            Some("ask the API again, and save its answer".to_owned()),
        ),
    }
}

/// The code of an error body, if it is one word. Its text is not told: it may repeat what was
/// asked, and nobody knows here what of that is a secret.
fn code(refusal: &Refusal) -> String {
    let is_word = |code: &&String| code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    refusal.code.as_ref().filter(is_word).map(|code| format!(" ({code})")).unwrap_or_default()
}

#[cfg(test)]
mod tests;
