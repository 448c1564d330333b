//! XML in any of its shapes, several documents in a row.

use std::io::BufRead;

use super::{Fault, Row, Rows};
use crate::model::{Anomalies, Anomaly, Log};
use crate::wire::{XmlError, XmlItem, XmlRows};

/// A file that is read message by message.
pub(super) struct Xml<R> {
    rows: XmlRows<R>,
}

impl<R: BufRead> Xml<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { rows: XmlRows::new(reader) }
    }
}

impl<R: BufRead + Send> Rows for Xml<R> {
    fn next(&mut self, anomalies: &mut Anomalies, before: u64) -> Result<Option<Row>, Fault> {
        loop {
            match self.rows.next() {
                Ok(Some(XmlItem::Row { json, has_replacement })) => {
                    if has_replacement {
                        anomalies.note(Anomaly::InvalidUtf8, before + 1);
                    }
                    return Ok(Some(Row::Log(Log::new(json))));
                }
                Ok(Some(XmlItem::DocumentEnd)) => {}
                Ok(None) => return Ok(None),
                Err(XmlError::Decode(error)) => return Err(error.into()),
                Err(XmlError::MessageTooLong) => return Err(Fault::TooLong(XmlError::TOO_LONG)),
                Err(XmlError::Io(error)) => return Err(error.into()),
            }
        }
    }

    fn bytes(&self) -> u64 {
        self.rows.bytes()
    }
}
