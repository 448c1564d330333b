//! Finds the positions of the documented fields in the text of a row, usually in one pass.
//!
//! Values are not parsed here, so that a value of the wrong type costs one cell and not the row.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Field;
use crate::sms_encoding::SmsEncoding;

/// The position of a value in the text of a row; empty when the row does not have it.
#[derive(Clone, Copy, Default)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// What is known of a text that another one replaces.
#[derive(Clone, Copy)]
pub(super) struct HiddenText {
    /// How an SMS carried it.
    pub(super) encoding: Option<SmsEncoding>,
}

/// The positions of the fields of one row.
#[derive(Clone)]
pub(super) struct Index {
    pub(super) spans: [Span; Field::COUNT],
    /// The text that is hidden now.
    pub(super) hidden_text: Option<HiddenText>,
    /// Whether the row has the same key twice.
    pub(super) twice: bool,
    /// Whether the row is not an object that can be read.
    pub(super) unreadable: bool,
    /// The fields that were found under another name than the documented one, a bit for each.
    by_other_name: u32,
    /// The only field to find, if there is only one.
    only: Option<Field>,
    /// Whether groups are parsed in the same pass, not extracted first and parsed afterwards.
    in_passing: bool,
}

impl Index {
    fn new(only: Option<Field>) -> Self {
        Self {
            spans: [Span::default(); Field::COUNT],
            hidden_text: None,
            twice: false,
            unreadable: false,
            by_other_name: 0,
            only,
            in_passing: false,
        }
    }

    /// The index of a whole row.
    pub(super) fn of(row: &str) -> Self {
        if u32::try_from(row.len()).is_ok() {
            // A group of the wrong type can end the first pass. In the second it costs its own cells
            // only.
            for in_passing in [true, false] {
                let mut index = Self { in_passing, ..Self::new(None) };
                if index.object(row, row, "").is_some() {
                    return index;
                }
            }
        }
        Self { unreadable: true, ..Self::new(None) }
    }

    /// The text of one field of the row itself, the first one if there are two; empty if there is
    /// none. Stops reading there.
    pub(super) fn first(row: &str, field: Field) -> &str {
        let mut index = Self::new(Some(field));
        // The error says that the field was found.
        let _ = index.object(row, row, "");
        let span = index.spans.get(field as usize).copied().unwrap_or_default();
        row.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Indexes an object that is a part of the row; `None` when it is not an object that can be read.
    fn object(&mut self, whole: &str, object: &str, parent: &str) -> Option<()> {
        let mut json = serde_json::Deserializer::from_str(object);
        Members { index: self, whole, parent, unknown: Vec::new() }.deserialize(&mut json).ok()
    }

    fn set(&mut self, field: Field, whole: &str, value: &str) {
        let start = value.as_ptr().addr().wrapping_sub(whole.as_ptr().addr());
        let (Ok(start), Ok(length)) = (u32::try_from(start), u32::try_from(value.len())) else {
            return;
        };
        if let Some(span) = self.spans.get_mut(field as usize) {
            let bit = 1 << field as u32;
            self.twice |= span.end != 0 && self.by_other_name & bit == 0;
            self.by_other_name &= !bit;
            *span = Span { start, end: start.saturating_add(length) };
        }
    }

    /// Sets a field under a name that another endpoint gives it; the documented name takes precedence.
    fn set_by_other_name(&mut self, field: Field, whole: &str, value: &str) {
        let bit = 1 << field as u32;
        let is_set = self.spans.get(field as usize).is_none_or(|span| span.end != 0);
        let is_by_other_name = self.by_other_name & bit != 0;
        if is_set && !is_by_other_name {
            return;
        }
        self.twice |= is_by_other_name;
        self.set(field, whole, value);
        self.by_other_name |= bit;
    }
}

/// Visits the members of one object.
struct Members<'i, 'w> {
    index: &'i mut Index,
    whole: &'w str,
    parent: &'w str,
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
                Member::Group(parent) if self.index.in_passing => {
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
                    self.index.twice |= self.unknown.contains(&name);
                    if self.unknown.len() < 64 {
                        self.unknown.push(name);
                    }
                }
            }
        }
        Ok(())
    }
}

/// What the key of an object is.
pub(crate) enum Member {
    /// A field of [`Field`].
    Field(Field),
    /// A field under the name that a newer endpoint gives it.
    OtherName(Field),
    /// An object with fields of its own, by its name.
    Group(&'static str),
    /// Nothing that is known.
    Unknown(String),
}

/// Reads a member's key without keeping a copy of the known ones.
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

/// What a key means in a row (`""`) or in one of its groups; `None` for a key that is not known.
pub(crate) fn member(parent: &str, key: &str) -> Option<Member> {
    match parent {
        "" => of_row(key),
        "price" => of_price(key),
        "status" => of_status(key),
        "content" => of_content(key),
        "error" => of_error(key),
        _ => None,
    }
}

fn of_row(key: &str) -> Option<Member> {
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
        // Today's API and the printed responses spell these two differently, the endpoints of single
        // channels (`/sms/3/logs`) the others too.
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

fn of_content(key: &str) -> Option<Member> {
    (key == "text").then_some(Member::OtherName(Field::Text))
}

fn of_price(key: &str) -> Option<Member> {
    Some(Member::Field(match key {
        "pricePerMessage" => Field::PricePerMessage,
        "currency" => Field::Currency,
        _ => return None,
    }))
}

fn of_status(key: &str) -> Option<Member> {
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

fn of_error(key: &str) -> Option<Member> {
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
