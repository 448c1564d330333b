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
struct Span {
    start: u32,
    end: u32,
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
    spans: [Span; Field::COUNT],
    /// The text that the text of this row replaced; `None` for a row as it was sent.
    pub(super) replaced_text: Option<ReplacedText>,
    /// Whether the row has the same key twice.
    pub(super) has_duplicate_key: bool,
    /// Whether the row is not an object that can be read.
    pub(super) is_unreadable: bool,
    /// The fields that were found under their documented name, one bit per field.
    by_documented_name: u32,
    /// The fields whose position is that of another name, one bit per field.
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
            by_documented_name: 0,
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

    /// The JSON text of one field of the row itself that has no other name: of the first one where
    /// the key occurs twice; empty where it does not occur. Stops reading there.
    pub(super) fn first(row: &str, field: Field) -> &str {
        let mut index = Self::new(Some(field));
        // Finding the field ends the reading with an error.
        let _ = index.object(row, row, "");
        index.value(field, row)
    }

    /// Indexes an object that is the row or a part of it; `None` when `object` is not an object that
    /// can be read.
    fn object(&mut self, whole: &str, object: &str, parent: &str) -> Option<()> {
        let mut json = serde_json::Deserializer::from_str(object);
        Members { index: self, whole, parent, unknown: Vec::new() }.deserialize(&mut json).ok()
    }

    /// Sets a field under its documented name, which takes precedence unless it has no value:
    /// responses of newer endpoints can have both names. `value` is a part of the row `whole`.
    fn set(&mut self, field: Field, whole: &str, value: &str) {
        let bit = 1 << field as u32;
        self.has_duplicate_key |= self.by_documented_name & bit != 0;
        self.by_documented_name |= bit;
        if self.by_other_name & bit != 0 {
            if is_without_value(value) && !is_without_value(self.value(field, whole)) {
                return;
            }
            self.by_other_name &= !bit;
        }
        self.set_span(field, whole, value);
    }

    /// Sets a field under a name that it has at another endpoint.
    fn set_by_other_name(&mut self, field: Field, whole: &str, value: &str) {
        let bit = 1 << field as u32;
        if self.by_other_name & bit != 0 {
            self.has_duplicate_key = true;
        } else if self.by_documented_name & bit != 0
            && (is_without_value(value) || !is_without_value(self.value(field, whole)))
        {
            return;
        }
        self.by_other_name |= bit;
        self.set_span(field, whole, value);
    }

    fn set_span(&mut self, field: Field, whole: &str, value: &str) {
        let start = value.as_ptr().addr().wrapping_sub(whole.as_ptr().addr());
        let (Ok(start), Ok(length)) = (u32::try_from(start), u32::try_from(value.len())) else {
            return;
        };
        if let Some(span) = self.spans.get_mut(field as usize) {
            *span = Span { start, end: start.saturating_add(length) };
        }
    }

    /// The JSON text of a field of the row `row`; empty where the row does not have it.
    pub(super) fn value<'a>(&self, field: Field, row: &'a str) -> &'a str {
        let Some(span) = self.spans.get(field as usize) else { return "" };
        row.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

/// Whether the JSON text of a value is that of null or of an empty string.
fn is_without_value(json: &str) -> bool {
    matches!(json, "null" | "\"\"")
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
                    } else if let Some(field) = field_of_string(name)
                        && value.get().starts_with('"')
                    {
                        self.index.set_by_other_name(field, self.whole, value.get());
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

/// The field whose value is a string in the place of a group; `None` for a group without one.
pub(crate) fn field_of_string(group: &str) -> Option<Field> {
    (group == "content").then_some(Field::Text)
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
