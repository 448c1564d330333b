//! JSON in any layout: responses one behind the other, bare lists of rows, rows alone.
//!
//! Rows are handed out as they are met; of a response only what is around its rows is kept, and
//! read by the same code as an answer of the API once it is whole.

use std::io::BufRead;

use super::row::is_row;
use super::scanner::Scanner;
use super::{Fault, Row, Rows};
use crate::model::{Anomalies, Anomaly, Cell, Field, Log};
use crate::wire::{self, DecodeOptions};

/// A text of JSON values that is read row by row.
pub(super) struct Document<R> {
    scanner: Scanner<R>,
    /// The lists that are open, the innermost last.
    open: Vec<List>,
    /// The object that is being read, without the rows that were taken out of it.
    object: Vec<u8>,
    results: Results,
    /// A value that is no object member, or a row.
    value: Vec<u8>,
    /// Rows met so far, also in what was read before.
    pub(super) rows: u64,
}

/// A list, and whether a value of it was read.
struct List {
    is_results: bool,
    begun: bool,
}

/// What was met as the `results` of the object that is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Results {
    Missing,
    NoList,
    /// A list; so many rows had been met before it.
    List {
        rows_before: u64,
    },
}

impl<R: BufRead> Document<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            scanner: Scanner::new(reader),
            open: Vec::new(),
            object: Vec::new(),
            results: Results::Missing,
            value: Vec::new(),
            rows: 0,
        }
    }

    /// What is read from, with whatever was begun forgotten.
    pub(super) fn restart(&mut self) -> &mut R {
        self.open.clear();
        self.scanner.reader()
    }

    /// Whether the innermost list has another value, which comes next.
    fn has_another(&mut self, anomalies: &mut Anomalies) -> Result<bool, Fault> {
        self.value.clear();
        let begun =
            self.open.last_mut().is_some_and(|list| std::mem::replace(&mut list.begun, true));
        let mut next = self.scanner.layout(&mut self.value)?.ok_or(Fault::Cut)?;
        if begun && next == b',' {
            self.scanner.take(&mut self.value)?;
            next = self.scanner.layout(&mut self.value)?.ok_or(Fault::Cut)?;
            if next == b']' {
                anomalies.note(Anomaly::TrailingCommas, 0);
            }
        } else if begun && next != b']' {
            return Err(bad());
        }
        match next {
            b']' => {
                self.scanner.take(&mut self.value)?;
                Ok(false)
            }
            b',' => Err(bad()),
            _ => Ok(true),
        }
    }

    /// Reads a row of `results`, which may be any value.
    fn row(&mut self, anomalies: &mut Anomalies, before: u64) -> Result<Log, Fault> {
        if let Some(log) = self.scanner.buffered_object(|row| Some(Log::new(row)))? {
            self.rows += 1;
            return Ok(log);
        }
        self.value.clear();
        self.scanner.value(&mut self.value)?;
        let log = read(&self.value, anomalies, before)?;
        self.rows += 1;
        Ok(log)
    }

    /// Reads a value that may be a row or a response.
    fn item(&mut self, anomalies: &mut Anomalies, before: u64) -> Result<Option<Log>, Fault> {
        if self.scanner.peek()? == Some(b'{') {
            // The first row tells whether the file holds logs at all.
            if self.rows > 0 {
                let row = |object: &str| is_row(object.as_bytes()).then(|| Log::new(object));
                if let Some(log) = self.scanner.buffered_object(row)? {
                    self.rows += 1;
                    return Ok(Some(log));
                }
            }
            self.object.clear();
            self.results = Results::Missing;
            self.scanner.take(&mut self.object)?;
            return self.members(anomalies, before);
        }
        self.value.clear();
        self.scanner.value(&mut self.value)?;
        if self.value.is_empty() {
            return Err(bad());
        }
        if self.value == b"null" {
            anomalies.note(Anomaly::NullResults, 0);
            return Ok(None);
        }
        let value = std::mem::take(&mut self.value);
        let item = self.lone_row(&value, anomalies, before);
        self.value = value;
        item
    }

    /// Reads members up to the end of the object, or into its rows.
    fn members(&mut self, anomalies: &mut Anomalies, before: u64) -> Result<Option<Log>, Fault> {
        let (scanner, object) = (&mut self.scanner, &mut self.object);
        loop {
            match scanner.layout(object)?.ok_or(Fault::Cut)? {
                b'}' => {
                    scanner.take(object)?;
                    return self.whole_object(anomalies, before);
                }
                b',' => scanner.take(object)?,
                b'"' => {
                    let key = object.len();
                    scanner.value(object)?;
                    let is_results = object.get(key..) == Some(b"\"results\"");
                    if scanner.layout(object)?.ok_or(Fault::Cut)? != b':' {
                        return Err(bad());
                    }
                    scanner.take(object)?;
                    let next = scanner.layout(object)?.ok_or(Fault::Cut)?;
                    if is_results && next == b'[' {
                        scanner.take(object)?;
                        self.results = Results::List { rows_before: self.rows };
                        self.open.push(List { is_results, begun: false });
                        return Ok(None);
                    }
                    if is_results {
                        self.results = Results::NoList;
                    }
                    scanner.value(object)?;
                }
                _ => return Err(bad()),
            }
        }
    }

    /// Judges an object that was read to its end.
    fn whole_object(
        &mut self,
        anomalies: &mut Anomalies,
        before: u64,
    ) -> Result<Option<Log>, Fault> {
        let object = std::mem::take(&mut self.object);
        let judged = match self.results {
            Results::Missing => self.lone_row(&object, anomalies, before),
            Results::NoList | Results::List { .. } => {
                match wire::decode_content(&object, DecodeOptions::default()) {
                    Ok(around) => {
                        anomalies.add(&around.anomalies, before);
                        Ok(None)
                    }
                    // As in an answer, rows outweigh an error that stands beside them.
                    Err(wire::DecodeError::Refusal(_)) if self.has_given_rows() => Ok(None),
                    Err(error) => Err(error.into()),
                }
            }
        };
        self.object = object;
        judged
    }

    fn has_given_rows(&self) -> bool {
        matches!(self.results, Results::List { rows_before } if rows_before < self.rows)
    }

    /// Reads a row that stands outside of a response, if it is one at all.
    fn lone_row(
        &mut self,
        json: &[u8],
        anomalies: &mut Anomalies,
        before: u64,
    ) -> Result<Option<Log>, Fault> {
        let log = read(json, anomalies, before)?;
        let may_be_other = self.rows == 0 || !is_row(json);
        if may_be_other && Field::ALL.iter().all(|field| log.cell(*field) == Cell::Missing) {
            if let Some(refusal) = wire::refusal(json) {
                return Err(Fault::Refusal(refusal));
            }
            if self.rows == 0 {
                return Err(Fault::Foreign);
            }
        }
        self.rows += 1;
        Ok(Some(log))
    }
}

fn bad() -> Fault {
    Fault::Bad { message: "not JSON that can be read".to_owned(), hint: None }
}

/// Reads a row, and notes what is odd about it.
fn read(json: &[u8], anomalies: &mut Anomalies, before: u64) -> Result<Log, Fault> {
    let note = |anomaly: Anomaly| {
        anomalies.note(anomaly, if anomaly.is_about_response() { 0 } else { before + 1 });
    };
    Ok(wire::row(json, note)?)
}

impl<R: BufRead + Send> Rows for Document<R> {
    fn next(&mut self, anomalies: &mut Anomalies, before: u64) -> Result<Option<Row>, Fault> {
        loop {
            let found = match self.open.last().map(|list| list.is_results) {
                None => {
                    self.value.clear();
                    match self.scanner.layout(&mut self.value)? {
                        None => return Ok(None),
                        Some(b'[') => {
                            self.scanner.take(&mut self.value)?;
                            self.open.push(List { is_results: false, begun: false });
                            None
                        }
                        Some(_) => self.item(anomalies, before)?,
                    }
                }
                Some(is_results) if self.has_another(anomalies)? => {
                    if is_results {
                        Some(self.row(anomalies, before)?)
                    } else {
                        self.item(anomalies, before)?
                    }
                }
                Some(is_results) => {
                    self.open.pop();
                    if is_results {
                        self.object.push(b']');
                        self.members(anomalies, before)?
                    } else {
                        None
                    }
                }
            };
            if let Some(log) = found {
                return Ok(Some(Row::Log(log)));
            }
        }
    }

    fn bytes(&self) -> u64 {
        self.scanner.bytes
    }
}
