//! XML in any of its shapes, one or more documents.

use std::io::BufRead;

use super::{ReadError, RowReader, SavedRow};
use crate::model::{Anomalies, Anomaly, Log};
use crate::wire::{XmlError, XmlItem, XmlRows};

/// Reads a file message by message.
pub(super) struct XmlFile<R> {
    rows: XmlRows<R>,
}

impl<R: BufRead> XmlFile<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { rows: XmlRows::new(reader) }
    }
}

impl<R: BufRead + Send> RowReader for XmlFile<R> {
    fn next(
        &mut self,
        anomalies: &mut Anomalies,
        before: u64,
    ) -> Result<Option<SavedRow>, ReadError> {
        loop {
            match self.rows.next() {
                Ok(Some(XmlItem::Row { json, has_replacement })) => {
                    if has_replacement {
                        anomalies.note(Anomaly::InvalidUtf8, before + 1);
                    }
                    return Ok(Some(SavedRow::Log(Log::new(json))));
                }
                Ok(Some(XmlItem::DocumentEnd)) => {}
                Ok(None) => return Ok(None),
                Err(XmlError::Decode(error)) => return Err(error.into()),
                Err(XmlError::MessageTooLong) => {
                    return Err(ReadError::TooLong("it holds a message of more than 4 MiB"));
                }
                Err(XmlError::Io(error)) => return Err(error.into()),
            }
        }
    }

    fn bytes(&self) -> u64 {
        self.rows.bytes()
    }
}
