//! JSON in any layout: consecutive responses, lists of rows, or rows.
//!
//! Rows are returned while they are read. Of a response only the members around its rows are kept; at
//! its end they are decoded by the code that decodes responses of the API.

use std::io::BufRead;

use super::row::is_row;
use super::scanner::Scanner;
use super::{ReadError, RowReader, SavedRow};
use crate::model::{Anomalies, Anomaly, Cell, Field, Log};
use crate::wire::{self, DecodeOptions};

/// Reads a file of JSON values row by row.
pub(super) struct JsonFile<R> {
    scanner: Scanner<R>,
    /// The open lists, outermost first.
    open: Vec<List>,
    /// The object that is being read, without the rows that were returned.
    object: Vec<u8>,
    results: ResultsState,
    /// The bytes of a row, or of a value outside objects.
    value: Vec<u8>,
    /// Rows read so far.
    pub(super) rows: u64,
    /// How many bytes were read before the value that was read last, or that cannot be read.
    pub(super) value_start: u64,
}

/// An open list.
struct List {
    is_results: bool,
    /// Whether a value of it was read.
    has_values: bool,
}

/// The member `results` of the object that is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ResultsState {
    Missing,
    NotAList,
    /// A list, and the number of rows before it.
    List {
        rows_before: u64,
    },
}

impl<R: BufRead> JsonFile<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            scanner: Scanner::new(reader),
            open: Vec::new(),
            object: Vec::new(),
            results: ResultsState::Missing,
            value: Vec::new(),
            rows: 0,
            value_start: 0,
        }
    }

    /// Drops values that were read in part, and returns the reader.
    pub(super) fn restart(&mut self) -> &mut R {
        self.open.clear();
        self.scanner.reader()
    }

    /// Whether the innermost list has another value, which comes next.
    fn has_another(&mut self, anomalies: &mut Anomalies) -> Result<bool, ReadError> {
        self.value.clear();
        let has_values =
            self.open.last_mut().is_some_and(|list| std::mem::replace(&mut list.has_values, true));
        let mut next = self.scanner.white_space(&mut self.value)?.ok_or(ReadError::CutOff)?;
        if has_values && next == b',' {
            self.scanner.take(&mut self.value)?;
            next = self.scanner.white_space(&mut self.value)?.ok_or(ReadError::CutOff)?;
            if next == b']' {
                anomalies.note(Anomaly::TrailingCommas, 0);
            }
        } else if has_values && next != b']' {
            return Err(malformed());
        }
        match next {
            b']' => {
                self.scanner.take(&mut self.value)?;
                Ok(false)
            }
            b',' => Err(malformed()),
            _ => Ok(true),
        }
    }

    /// Reads a row of `results`, which may be any value.
    fn row(&mut self, anomalies: &mut Anomalies, before: u64) -> Result<Log, ReadError> {
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
    fn item(&mut self, anomalies: &mut Anomalies, before: u64) -> Result<Option<Log>, ReadError> {
        if self.scanner.peek()? == Some(b'{') {
            // The first row is checked: it shows whether the file contains logs at all.
            if self.rows > 0 {
                let row = |object: &str| is_row(object.as_bytes()).then(|| Log::new(object));
                if let Some(log) = self.scanner.buffered_object(row)? {
                    self.rows += 1;
                    return Ok(Some(log));
                }
            }
            self.object.clear();
            self.results = ResultsState::Missing;
            self.scanner.take(&mut self.object)?;
            return self.members(anomalies, before);
        }
        self.value.clear();
        self.scanner.value(&mut self.value)?;
        if self.value.is_empty() {
            return Err(malformed());
        }
        let value = std::mem::take(&mut self.value);
        let item = self.lone_row(&value, anomalies, before);
        self.value = value;
        item
    }

    /// Reads members up to the end of the object, or into its rows.
    fn members(
        &mut self,
        anomalies: &mut Anomalies,
        before: u64,
    ) -> Result<Option<Log>, ReadError> {
        let (scanner, object) = (&mut self.scanner, &mut self.object);
        loop {
            match scanner.white_space(object)?.ok_or(ReadError::CutOff)? {
                b'}' => {
                    scanner.take(object)?;
                    return self.whole_object(anomalies, before);
                }
                b',' => scanner.take(object)?,
                b'"' => {
                    let key = object.len();
                    scanner.value(object)?;
                    let is_results = object.get(key..) == Some(b"\"results\"");
                    if scanner.white_space(object)?.ok_or(ReadError::CutOff)? != b':' {
                        return Err(malformed());
                    }
                    scanner.take(object)?;
                    let next = scanner.white_space(object)?.ok_or(ReadError::CutOff)?;
                    if is_results && next == b'[' {
                        scanner.take(object)?;
                        self.results = ResultsState::List { rows_before: self.rows };
                        self.open.push(List { is_results, has_values: false });
                        return Ok(None);
                    }
                    if is_results {
                        self.results = ResultsState::NotAList;
                    }
                    scanner.value(object)?;
                }
                _ => return Err(malformed()),
            }
        }
    }

    /// Handles an object that was read to its end: a response or a row.
    fn whole_object(
        &mut self,
        anomalies: &mut Anomalies,
        before: u64,
    ) -> Result<Option<Log>, ReadError> {
        let object = std::mem::take(&mut self.object);
        let row = match self.results {
            ResultsState::Missing => self.lone_row(&object, anomalies, before),
            ResultsState::NotAList | ResultsState::List { .. } => {
                match wire::decode_content(&object, DecodeOptions::default()) {
                    Ok(around) => {
                        for (anomaly, _, _) in around.anomalies.iter() {
                            // Every row of a file is returned, also those of an earlier `results`.
                            if anomaly != Anomaly::DuplicateResults {
                                anomalies.note(anomaly, 0);
                            }
                        }
                        Ok(None)
                    }
                    // As in a response, an error body with rows counts as rows.
                    Err(wire::DecodeError::Refusal(_)) if self.has_rows_of_list() => Ok(None),
                    Err(error) => Err(error.into()),
                }
            }
        };
        self.object = object;
        row
    }

    fn has_rows_of_list(&self) -> bool {
        matches!(self.results, ResultsState::List { rows_before } if rows_before < self.rows)
    }

    /// Reads a row outside of a response.
    ///
    /// # Errors
    /// When it is an error body, or the first value of a file and without a field of a row.
    fn lone_row(
        &mut self,
        json: &[u8],
        anomalies: &mut Anomalies,
        before: u64,
    ) -> Result<Option<Log>, ReadError> {
        let log = read(json, anomalies, before)?;
        let may_be_other = self.rows == 0 || !is_row(json);
        if may_be_other && Field::ALL.iter().all(|field| log.cell(*field) == Cell::Missing) {
            if let Some(refusal) = wire::refusal(json) {
                return Err(ReadError::Refusal(refusal));
            }
            if self.rows == 0 {
                return Err(ReadError::NotLogs);
            }
        }
        self.rows += 1;
        Ok(Some(log))
    }
}

fn malformed() -> ReadError {
    ReadError::Malformed { message: "not JSON that can be read".to_owned(), hint: None }
}

/// Decodes a row, and adds its anomalies.
fn read(json: &[u8], anomalies: &mut Anomalies, before: u64) -> Result<Log, ReadError> {
    let note = |anomaly: Anomaly| {
        anomalies.note(anomaly, if anomaly.is_about_response() { 0 } else { before + 1 });
    };
    Ok(wire::row(json, note)?)
}

impl<R: BufRead + Send> RowReader for JsonFile<R> {
    fn next(
        &mut self,
        anomalies: &mut Anomalies,
        before: u64,
    ) -> Result<Option<SavedRow>, ReadError> {
        loop {
            self.value_start = self.scanner.bytes;
            let found = match self.open.last().map(|list| list.is_results) {
                None => {
                    self.value.clear();
                    match self.scanner.white_space(&mut self.value)? {
                        None => return Ok(None),
                        Some(b'[') => {
                            self.scanner.take(&mut self.value)?;
                            self.open.push(List { is_results: false, has_values: false });
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
                return Ok(Some(SavedRow::Log(log)));
            }
        }
    }

    fn bytes(&self) -> u64 {
        self.scanner.bytes
    }
}
