//! The values of a row that a store keeps beside its bytes, to find the row by.
//!
//! They depend on the row alone, so that a store can compute them again from the stored bytes when
//! the table of statuses changes.

use std::borrow::Cow;
use std::fmt::Write;

use ring::digest::{SHA256, digest};

use crate::model::{Field, Finality, Log, StatusGroup};
use crate::query::phone_number;

/// Identifies a message of an account. The channel is part of the key because failover sends one
/// message id over several channels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageKey {
    /// The escaped message id; for a row without one, U+0001 and the hash of its bytes.
    pub ident: String,
    /// The channel, as sent.
    pub channel: String,
}

impl MessageKey {
    /// The message id; `None` for a row without one, or with one that the store replaced by a hash
    /// because it is too long for an index.
    #[must_use]
    pub fn message_id(&self) -> Option<Cow<'_, str>> {
        (!self.ident.starts_with('\u{1}')).then(|| unescaped(&self.ident))
    }
}

/// How far a status has progressed. A status never replaces one of a greater rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Rank {
    /// A pending or an unknown status.
    Pending = 0,
    /// An intermediate status: another one follows.
    Intermediate = 1,
    /// A final status.
    Final = 2,
}

impl Rank {
    /// The rank of the status of a row.
    #[must_use]
    pub(crate) fn of(log: &Log) -> Self {
        match log.finality() {
            Finality::Final => Self::Final,
            Finality::Unknown => Self::Pending,
            Finality::Intermediate => match log.status_group() {
                Some(StatusGroup::Pending | StatusGroup::Accepted) | None => Self::Pending,
                Some(_) => Self::Intermediate,
            },
        }
    }
}

/// The length of a [`row_hash`].
pub(super) const HASH_BYTES: usize = 16;

/// The first [`HASH_BYTES`] of the SHA-256 of a row's bytes.
pub(super) type RowHash = [u8; HASH_BYTES];

/// The [`RowHash`] of a row with these bytes.
pub(super) fn row_hash(bytes: &[u8]) -> RowHash {
    let mut hash = [0; HASH_BYTES];
    for (to, from) in hash.iter_mut().zip(digest(&SHA256, bytes).as_ref()) {
        *to = *from;
    }
    hash
}

/// The key of a row whose [`row_hash`] is `hash`.
pub(super) fn message_key(log: &Log, hash: &[u8]) -> MessageKey {
    let id = log.cell(Field::MessageId);
    let is_id = matches!(id, crate::model::Cell::Text(_) | crate::model::Cell::Number(_));
    let id = id.into_text();
    let ident = if is_id && !id.is_empty() {
        escaped(&id).into_owned()
    } else {
        hash.iter().fold(String::from("\u{1}"), |mut ident, byte| {
            let _ = write!(ident, "{byte:02x}");
            ident
        })
    };
    MessageKey { ident, channel: column(log, Field::Channel) }
}

/// The columns of a message: the fields of its current version that a store keeps beside the row.
/// In texts, `\` is stored as `\\`, and the character NUL as `\0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MessageColumns {
    pub(crate) bulk_id: String,
    pub(crate) sender: String,
    /// As [`destination_key`] makes it.
    pub(crate) destination: String,
    /// In milliseconds since 1970; `None` when the row has no readable time.
    pub(crate) sent_at: Option<i64>,
    /// In milliseconds since 1970; `None` when the row has no readable time.
    pub(crate) done_at: Option<i64>,
    /// The published status group, or else the group name in the row; empty if the row has none.
    pub(crate) status_group: String,
    pub(crate) status_name: String,
    pub(crate) status_id: Option<i64>,
    pub(crate) rank: Rank,
    pub(crate) mccmnc: String,
}

impl MessageColumns {
    /// The columns of a row.
    #[must_use]
    pub(crate) fn of(log: &Log) -> Self {
        Self {
            bulk_id: column(log, Field::BulkId),
            sender: column(log, Field::From),
            destination: escaped(&destination_key(&log.cell(Field::To).into_text())).into_owned(),
            sent_at: log.sent_at().map(crate::model::Timestamp::millis),
            done_at: log.done_at().map(crate::model::Timestamp::millis),
            status_group: match log.status_group() {
                Some(group) => group.as_str().to_owned(),
                None => column(log, Field::StatusGroupName),
            },
            status_name: column(log, Field::StatusName),
            status_id: log.cell(Field::StatusId).integer(),
            rank: Rank::of(log),
            mccmnc: column(log, Field::Mccmnc),
        }
    }
}

fn column(log: &Log, field: Field) -> String {
    escaped(&log.cell(field).into_text()).into_owned()
}

/// The key of a destination, which is the same for all notations of one phone number: its digits.
/// Any other destination is its own key.
#[must_use]
pub fn destination_key(destination: &str) -> Cow<'_, str> {
    let is_plain = destination.len() <= 15
        && !destination.starts_with('0')
        && destination.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain {
        return Cow::Borrowed(destination);
    }
    match phone_number(destination) {
        Ok(Some(number)) => Cow::Owned(number),
        _ => Cow::Borrowed(destination),
    }
}

/// The key of a destination whose messages are erased: its [`destination_key`]. An address is the same
/// in upper and lower case.
#[must_use]
pub(super) fn erasure_key(destination: &str) -> Cow<'_, str> {
    match destination_key(destination) {
        key if key.contains('@') => Cow::Owned(key.to_lowercase()),
        key => key,
    }
}

/// Escapes the character NUL, which ends a text in some databases and is refused by others: `\`
/// becomes `\\`, and NUL becomes `\0`.
#[must_use]
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte != b'\\' && byte != 0) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('\\', "\\\\").replace('\0', "\\0"))
}

/// The range of the columns' texts that begin with this text: from the first one up to the second one,
/// which is not included.
pub(super) fn texts_with_prefix(prefix: &str) -> (String, String) {
    let start = escaped(prefix).into_owned();
    // No character sorts after this one.
    let end = format!("{start}\u{10FFFF}");
    (start, end)
}

/// Reverts [`escaped`].
#[must_use]
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('0') => plain.push('\0'),
                Some(other) => plain.push(other),
                None => plain.push('\\'),
            },
            other => plain.push(other),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::query::Query;

    #[test]
    fn a_final_status_outranks_an_intermediate_one_which_outranks_a_pending_one() {
        let rank = |status: &str| Rank::of(&Log::new(format!(r#"{{"status":{status}}}"#)));
        let rising = [
            rank(r#"{"groupName":"PENDING","name":"PENDING_ENROUTE","id":7}"#),
            rank(r#"{"groupName":"DELIVERED","name":"DELIVERED_TO_OPERATOR","id":2}"#),
            rank(r#"{"groupName":"DELIVERED","name":"DELIVERED_TO_HANDSET","id":5}"#),
        ];
        assert_eq!(rising, [Rank::Pending, Rank::Intermediate, Rank::Final]);
        assert_eq!(rank(r#"{"groupName":"NEW_GROUP","name":"NEW_NAME"}"#), Rank::Pending);
        assert_eq!(rank("{}"), Rank::Pending);
    }

    #[test]
    fn rows_without_an_id_differ_by_their_bytes() {
        let key = |json: &str| message_key(&Log::new(json), &row_hash(json.as_bytes()));
        for json in [r#"{"to":"1"}"#, r#"{"messageId":"","to":"1"}"#, r#"{"messageId":null}"#, "7"]
        {
            let key = key(json);
            assert!(key.ident.starts_with('\u{1}') && key.ident.len() == 33, "{json}");
            assert_eq!(key.message_id(), None);
        }
        assert_ne!(key(r#"{"to":"1"}"#), key(r#"{"to":"2"}"#));
        assert_eq!(key(r#"{"messageId":7,"channel":"SMS"}"#).message_id().unwrap(), "7");
    }

    proptest! {
        #[test]
        fn an_escaped_text_has_no_nul_and_is_read_back(text in "[a\\\\0\\x00é]{0,12}") {
            let escaped = escaped(&text).into_owned();
            prop_assert!(!escaped.contains('\0'));
            prop_assert_eq!(unescaped(&escaped), text);
        }

        #[test]
        fn the_key_of_a_destination_finds_what_the_filter_matches(
            row in "(\\+|00|0)?[0-9 ()-]{0,18}|[a-z]{1,3}", wanted in "(\\+|00|0)?[0-9]{0,17}|[a-z]{1,3}",
        ) {
            let log = Log::new(serde_json::json!({ "to": row }).to_string());
            for wanted in [wanted, row.clone()] {
                let query = Query { to: vec![wanted.clone()], ..Query::default() };
                let is_found = destination_key(&row) == destination_key(&wanted);
                prop_assert_eq!(query.matches(&log), is_found, "{} {}", row, wanted);
            }
        }
    }
}
