//! Finds the positions of the documented fields in the text of a row, usually in one pass.
//!
//! Values are not parsed here, so that a value of the wrong type costs one cell, not the row.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Field;
use crate::sms_encoding::SmsEncoding;

/// The position of a value in the text of a row, in bytes; empty when the row does not have the
/// value.
#[derive(Clone, Copy, Default)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// What is known about a text that was replaced, as redaction does it.
#[derive(Clone, Copy)]
pub(super) struct ReplacedText {
    /// How an SMS carried the text; `None` for a message that is not an SMS.
    pub(super) encoding: Option<SmsEncoding>,
}

/// The positions of the fields of one row.
#[derive(Clone)]
pub(super) struct Index {
    pub(super) spans: [Span; Field::COUNT],
    /// The text that the text of this row replaced; `None` for a row as it was sent.
    pub(super) replaced_text: Option<ReplacedText>,
    /// Whether the row has the same key twice.
    pub(super) has_duplicate_key: bool,
    /// Whether the row is not an object that can be read.
    pub(super) is_unreadable: bool,
    /// The fields that were found under another name than the documented one, one bit per field.
    by_other_name: u32,
    /// The field after which the search ends; `None` to find every field.
    only: Option<Field>,
    /// Whether groups are parsed in the same pass as the row, or each afterwards, on its own.
    in_one_pass: bool,
}

impl Index {
    fn new(only: Option<Field>) -> Self {
        Self {
            spans: [Span::default(); Field::COUNT],
            replaced_text: None,
            has_duplicate_key: false,
            is_unreadable: false,
            by_other_name: 0,
            only,
            in_one_pass: false,
        }
    }

    /// The index of a whole row.
    pub(super) fn of(row: &str) -> Self {
        if u32::try_from(row.len()).is_ok() {
            // One pass is faster, but a group of the wrong type can end it. Where groups are parsed on
            // their own, such a group costs its own cells only.
            for in_one_pass in [true, false] {
                let mut index = Self { in_one_pass, ..Self::new(None) };
                if index.object(row, row, "").is_some() {
                    return index;
                }
            }
        }
        Self { is_unreadable: true, ..Self::new(None) }
    }

    /// The JSON text of one field of the row itself: of the first one where the key occurs twice;
    /// empty where it does not occur. Stops reading there.
    pub(super) fn first(row: &str, field: Field) -> &str {
        let mut index = Self::new(Some(field));
        // Finding the field ends the reading with an error.
        let _ = index.object(row, row, "");
        let span = index.spans.get(field as usize).copied().unwrap_or_default();
        row.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Indexes an object that is the row or a part of it; `None` when `object` is not an object that
    /// can be read.
    fn object(&mut self, whole: &str, object: &str, parent: &str) -> Option<()> {
        let mut json = serde_json::Deserializer::from_str(object);
        Members { index: self, whole, parent, unknown: Vec::new() }.deserialize(&mut json).ok()
    }

    /// Sets the position of a field; `value` is a part of the row `whole`.
    fn set(&mut self, field: Field, whole: &str, value: &str) {
        let start = value.as_ptr().addr().wrapping_sub(whole.as_ptr().addr());
        let (Ok(start), Ok(length)) = (u32::try_from(start), u32::try_from(value.len())) else {
            return;
        };
        if let Some(span) = self.spans.get_mut(field as usize) {
            let bit = 1 << field as u32;
            self.has_duplicate_key |= span.end != 0 && self.by_other_name & bit == 0;
            self.by_other_name &= !bit;
            *span = Span { start, end: start.saturating_add(length) };
        }
    }

    /// Sets a field under a name that it has at another endpoint; the documented name takes
    /// precedence.
    fn set_by_other_name(&mut self, field: Field, whole: &str, value: &str) {
        let bit = 1 << field as u32;
        let is_set = self.spans.get(field as usize).is_none_or(|span| span.end != 0);
        let is_by_other_name = self.by_other_name & bit != 0;
        if is_set && !is_by_other_name {
            return;
        }
        self.has_duplicate_key |= is_by_other_name;
        self.set(field, whole, value);
        self.by_other_name |= bit;
    }
}

/// Visits the members of one object.
struct Members<'i, 'w> {
    index: &'i mut Index,
    /// The row.
    whole: &'w str,
    /// The name of the object in the row; empty for the row itself.
    parent: &'w str,
    /// The keys without a field so far, to find duplicates among them.
    unknown: Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Members<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        // A group can be null; a row must be an object.
        if self.parent.is_empty() {
            json.deserialize_map(self)
        } else {
            json.deserialize_option(self)
        }
    }
}

impl<'de> Visitor<'de> for Members<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        while let Some(key) = members.next_key_seed(MemberKey { parent: self.parent })? {
            match key {
                Member::Field(field) => {
                    let value: &'de RawValue = members.next_value()?;
                    self.index.set(field, self.whole, value.get());
                    if self.index.only == Some(field) {
                        return Err(serde::de::Error::custom("found"));
                    }
                }
                Member::OtherName(field) => {
                    let value: &'de RawValue = members.next_value()?;
                    self.index.set_by_other_name(field, self.whole, value.get());
                }
                Member::Group(parent) if self.index.in_one_pass => {
                    let Self { index, whole, .. } = &mut self;
                    let (index, whole) = (&mut **index, *whole);
                    members.next_value_seed(Members {
                        index,
                        whole,
                        parent,
                        unknown: Vec::new(),
                    })?;
                }
                Member::Group(name) => {
                    let value: &'de RawValue = members.next_value()?;
                    if value.get().starts_with('{') {
                        // A group that cannot be read costs its own cells only.
                        let _ = self.index.object(self.whole, value.get(), name);
                    }
                }
                Member::Unknown(name) => {
                    members.next_value::<IgnoredAny>()?;
                    self.index.has_duplicate_key |= self.unknown.contains(&name);
                    // A limit, because each key is compared with all of these.
                    if self.unknown.len() < 64 {
                        self.unknown.push(name);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The meaning of a key in the object of a row or of a group.
pub(crate) enum Member {
    /// A field under its documented name.
    Field(Field),
    /// A field under the name that it has at a newer endpoint.
    OtherName(Field),
    /// An object with fields of its own, by its name.
    Group(&'static str),
    /// A key without a field.
    Unknown(String),
}

/// Reads a key, and copies it only where it is unknown.
struct MemberKey<'w> {
    parent: &'w str,
}

impl<'de> DeserializeSeed<'de> for MemberKey<'_> {
    type Value = Member;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Member, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for MemberKey<'_> {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Member, E> {
        Ok(member(self.parent, key).unwrap_or_else(|| Member::Unknown(key.to_owned())))
    }
}

/// The meaning of a key in a row (`parent` is empty) or in a group; `None` for a key without a field.
pub(crate) fn member(parent: &str, key: &str) -> Option<Member> {
    match parent {
        "" => row_member(key),
        "price" => price_member(key),
        "status" => status_member(key),
        "content" => content_member(key),
        "error" => error_member(key),
        _ => None,
    }
}

fn row_member(key: &str) -> Option<Member> {
    Some(match key {
        "bulkId" => Member::Field(Field::BulkId),
        "messageId" => Member::Field(Field::MessageId),
        "channel" => Member::Field(Field::Channel),
        "to" => Member::Field(Field::To),
        "from" => Member::Field(Field::From),
        "text" => Member::Field(Field::Text),
        "sentAt" => Member::Field(Field::SentAt),
        "doneAt" => Member::Field(Field::DoneAt),
        "messageCount" => Member::Field(Field::MessageCount),
        "mccmnc" => Member::Field(Field::Mccmnc),
        // Today's API spells the first two differently than its documentation; endpoints of single
        // channels (`/sms/3/logs`) have other names for the rest, too.
        "smsCount" => Member::OtherName(Field::MessageCount),
        "mccMnc" => Member::OtherName(Field::Mccmnc),
        "sender" => Member::OtherName(Field::From),
        "destination" => Member::OtherName(Field::To),
        "content" => Member::Group("content"),
        "price" => Member::Group("price"),
        "status" => Member::Group("status"),
        "error" => Member::Group("error"),
        _ => return None,
    })
}

fn content_member(key: &str) -> Option<Member> {
    (key == "text").then_some(Member::OtherName(Field::Text))
}

fn price_member(key: &str) -> Option<Member> {
    Some(Member::Field(match key {
        "pricePerMessage" => Field::PricePerMessage,
        "currency" => Field::Currency,
        _ => return None,
    }))
}

fn status_member(key: &str) -> Option<Member> {
    Some(Member::Field(match key {
        "groupId" => Field::StatusGroupId,
        "groupName" => Field::StatusGroupName,
        "id" => Field::StatusId,
        "name" => Field::StatusName,
        "description" => Field::StatusDescription,
        "action" => Field::StatusAction,
        _ => return None,
    }))
}

fn error_member(key: &str) -> Option<Member> {
    Some(Member::Field(match key {
        "groupId" => Field::ErrorGroupId,
        "groupName" => Field::ErrorGroupName,
        "id" => Field::ErrorId,
        "name" => Field::ErrorName,
        "description" => Field::ErrorDescription,
        "permanent" => Field::ErrorPermanent,
        _ => return None,
    }))
}
