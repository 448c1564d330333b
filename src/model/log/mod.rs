//! One message as the server sent it: the JSON text of its row, and the positions of its fields.
//!
//! The text is never changed. A field of the wrong type costs that cell, never the row.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use super::cells::FieldKind;
use super::index::{Index, ReplacedText};
use super::json_text::unquote;
use super::sent_at_scan;
use super::{Anomaly, Cell, Channel, Field, Finality, Outcome, StatusGroup, Timestamp};
use crate::sms_encoding::SmsEncoding;

/// One row of a response. A message that failover sent over two channels has two rows.
///
/// The positions of its fields are found when the first field is read: a row that is passed on
/// unchanged is never parsed.
#[derive(Clone)]
pub struct Log {
    json: Box<str>,
    /// The bytes that the server sent; `None` where they are the text.
    sent: Option<Box<[u8]>>,
    /// Boxed, because many rows are passed on unchanged and never need it.
    index: OnceLock<Box<Index>>,
    /// Read once, because paging, filters and formats all need it.
    sent_at: OnceLock<Option<Timestamp>>,
}

/// What identifies a row: the message id and the channel, or, without an id, the whole text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identity {
    /// A message on a channel. With failover, one messageId has a row for each channel.
    Message {
        /// The row's messageId.
        id: Box<str>,
        /// The row's channel.
        channel: Box<str>,
    },
    /// The SHA-256 of the text of a row without an id: different rows have different identities. For
    /// an id or a channel that is not a plain word, the SHA-256 of both: such a value can hold
    /// anything, and an identity is stored, so it must not hold the text or the number of a message.
    Row([u8; 32]),
}

/// Whether a text consists of the characters of ids and channels.
fn is_plain_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    let mut hash = [0; 32];
    hash.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    hash
}

impl Log {
    /// A row by its JSON text, which may be any JSON value.
    pub fn new(json: impl Into<Box<str>>) -> Self {
        Self::with_parts(json.into(), None)
    }

    /// A row whose JSON text differs from the bytes that the server sent, because those are not
    /// UTF-8.
    pub(crate) fn with_bytes(json: impl Into<Box<str>>, sent: impl Into<Box<[u8]>>) -> Self {
        let (json, sent) = (json.into(), sent.into());
        let differs = *sent != *json.as_bytes();
        Self::with_parts(json, differs.then_some(sent))
    }

    fn with_parts(json: Box<str>, sent: Option<Box<[u8]>>) -> Self {
        Self { json, sent, index: OnceLock::new(), sent_at: OnceLock::new() }
    }

    /// Reads a row from its JSON text, and passes each anomaly to `report`.
    pub fn read(json: impl Into<Box<str>>, report: impl FnMut(Anomaly)) -> Self {
        let log = Self::new(json);
        log.check(report);
        log
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Box::new(Index::of(&self.json)))
    }

    /// The row as it was sent, as text, with U+FFFD in place of bytes that are not UTF-8.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The row as it was sent, including bytes that are not UTF-8, but without trailing commas, which
    /// are not JSON.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.sent.as_deref().unwrap_or(self.json.as_bytes())
    }

    /// Whether the bytes of the row are its JSON text: nothing had to be replaced.
    #[must_use]
    pub(crate) fn is_text_as_sent(&self) -> bool {
        self.sent.is_none()
    }

    /// Whether the row is a JSON object whose fields can be read.
    #[cfg(feature = "archive")]
    #[must_use]
    pub(crate) fn is_readable(&self) -> bool {
        !self.index().is_unreadable
    }

    /// One field's value as it was sent.
    #[must_use]
    pub fn cell(&self, field: Field) -> Cell<'_> {
        Cell::read(self.raw(field))
    }

    /// When the message was sent; `None` when the row has no valid time.
    #[must_use]
    pub fn sent_at(&self) -> Option<Timestamp> {
        *self.sent_at.get_or_init(|| self.read_sent_at())
    }

    fn read_sent_at(&self) -> Option<Timestamp> {
        let raw = match self.index.get() {
            Some(_) => self.raw(Field::SentAt),
            // Paging reads this field of every row, and no other.
            None => sent_at_scan::find(&self.json)
                .unwrap_or_else(|| Index::first(&self.json, Field::SentAt)),
        };
        Timestamp::parse(&Cell::read(raw).into_text())
    }

    /// When the platform was done with the message; `None` when the row has no valid time.
    #[must_use]
    pub fn done_at(&self) -> Option<Timestamp> {
        Timestamp::parse(&self.cell(Field::DoneAt).into_text())
    }

    /// What became of the message.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome_of(self.finality())
    }

    /// What became of the message, for a caller that has its [`finality`](Self::finality) already:
    /// finding the finality takes time.
    pub(crate) fn outcome_of(&self, finality: Finality) -> Outcome {
        if finality != Finality::Final {
            return Outcome::Pending;
        }
        let group = self.published_status().map(|known| known.group);
        match group.or_else(|| self.named_status_group()) {
            Some(StatusGroup::Delivered) => Outcome::Delivered,
            _ => Outcome::Failed,
        }
    }

    /// The name and the id of a code.
    pub(super) fn code(&self, name: Field, id: Field) -> (Cow<'_, str>, Option<u32>) {
        let id = self.cell(id).integer().and_then(|id| u32::try_from(id).ok());
        (self.words(name), id)
    }

    /// The text of a field that is a name or a description; empty for an object or a list, which is
    /// neither, and whose JSON text depends on its layout.
    pub(super) fn words(&self, field: Field) -> Cow<'_, str> {
        match self.cell(field) {
            Cell::Other(_) => Cow::Borrowed(""),
            cell => cell.into_text(),
        }
    }

    /// The status group: by its name or id in the row, or, where the row has neither, the group of
    /// its status. `None` for a group that is not published.
    #[must_use]
    pub fn status_group(&self) -> Option<StatusGroup> {
        self.named_status_group().or_else(|| {
            let has_group = [Field::StatusGroupName, Field::StatusGroupId]
                .into_iter()
                .any(|field| !self.cell(field).into_text().is_empty());
            self.published_status().filter(|_| !has_group).map(|known| known.group)
        })
    }

    /// The status group by its name in the row, or, without a name, by its id.
    pub(super) fn named_status_group(&self) -> Option<StatusGroup> {
        let name = self.cell(Field::StatusGroupName).into_text();
        if !name.is_empty() {
            return StatusGroup::parse(&name);
        }
        let id = self.cell(Field::StatusGroupId).integer()?;
        StatusGroup::ALL.get(usize::try_from(id).ok()?).copied()
    }

    /// Milliseconds from `sentAt` to `doneAt`; `None` for a message without a final status and for a
    /// row without both times.
    #[must_use]
    pub fn latency_millis(&self) -> Option<i64> {
        (self.finality() == Finality::Final).then(|| self.millis_until_done()).flatten()
    }

    /// Milliseconds from `sentAt` to `doneAt` for any status; `None` for a row without both times.
    pub(crate) fn millis_until_done(&self) -> Option<i64> {
        Some(self.done_at()?.millis() - self.sent_at()?.millis())
    }

    /// How an SMS carries the text, also for a row whose text was replaced since; `None` for a message
    /// of another channel and for a row without a text. A row without a channel counts as an SMS: it
    /// comes from an endpoint that has SMS only.
    #[must_use]
    pub fn sms_encoding(&self) -> Option<SmsEncoding> {
        if let Some(replaced) = self.index().replaced_text {
            return replaced.encoding;
        }
        let channel = self.cell(Field::Channel).into_text();
        if !channel.is_empty() && !channel.eq_ignore_ascii_case(Channel::Sms.as_str()) {
            return None;
        }
        match self.cell(Field::Text) {
            cell @ (Cell::Text(_) | Cell::Number(_)) => Some(SmsEncoding::of(&cell.into_text())),
            _ => None,
        }
    }

    /// The row with the encoding of the text that its text replaced, for
    /// [`sms_encoding`](Self::sms_encoding).
    #[must_use]
    pub(crate) fn with_replaced_encoding(mut self, encoding: Option<SmsEncoding>) -> Self {
        self.index();
        if let Some(index) = self.index.get_mut() {
            index.replaced_text = Some(ReplacedText { encoding });
        }
        self
    }

    /// What identifies the row.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let id = match self.cell(Field::MessageId) {
            Cell::Text(id) if !id.is_empty() => id,
            Cell::Number(id) => id.into(),
            _ => return Identity::Row(sha256(self.json.as_bytes())),
        };
        let channel = self.cell(Field::Channel).into_text();
        if is_plain_word(&id) && is_plain_word(&channel) {
            return Identity::Message { id: (*id).into(), channel: (*channel).into() };
        }
        // U+0000 is not in any JSON text, so that this hash is not that of the text of a row.
        Identity::Row(sha256(format!("{id}\0{channel}").as_bytes()))
    }

    fn raw(&self, field: Field) -> &str {
        self.index().value(field, &self.json)
    }

    /// Passes each anomaly of the documented fields to `report`, once.
    pub fn check(&self, mut report: impl FnMut(Anomaly)) {
        let index = self.index();
        if index.is_unreadable {
            report(Anomaly::UnreadableRow);
        }
        if index.has_duplicate_key {
            report(Anomaly::DuplicateKey);
        }
        let has_escapes = self.json.contains('\\');
        let (mut wrong_type, mut unreadable_date, mut lone_surrogate) = (false, false, false);
        for field in Field::ALL {
            let raw = self.raw(field);
            if has_escapes && raw.contains('\\') {
                lone_surrogate |= unquote(raw).is_some_and(|(_, replaced)| replaced);
            }
            // Nearly every cell is a plain string where text is expected.
            if field.kind() == FieldKind::Text && raw.starts_with('"') {
                continue;
            }
            let cell = Cell::read(raw);
            if !cell.fits(field.kind()) {
                wrong_type = true;
            } else if field.kind() == FieldKind::Time && !cell.is_empty() {
                let text = cell.into_text();
                unreadable_date |= !text.is_empty() && Timestamp::parse(&text).is_none();
            }
        }
        for (occurred, anomaly) in [
            (wrong_type, Anomaly::WrongType),
            (unreadable_date, Anomaly::UnreadableDate),
            (lone_surrogate, Anomaly::LoneSurrogate),
        ] {
            if occurred {
                report(anomaly);
            }
        }
    }
}

impl fmt::Debug for Log {
    /// Shows nothing of the message: debug text can get into a crash report.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("bytes", &self.json.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
