//! The parameters that an error body refuses. Neither the shape of the list nor its names are
//! documented, so every known shape is read, and an unknown one is not an error.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::one_line::one_line;

/// The most violations that are read: more than a person reads. A longer list must not cost memory.
const MAX_VIOLATIONS: usize = 20;
/// The longest name of a parameter in a message.
const MAX_PROPERTY: usize = 80;
/// The longest reason in a message.
const MAX_REASON: usize = 200;

/// Members that name the parameter.
const PROPERTIES: [&str; 5] = ["property", "field", "parameter", "path", "name"];
/// Members that say what is wrong with it.
const REASONS: [&str; 5] = ["violation", "message", "text", "description", "reason"];

/// Each parameter with what is wrong with it, from a list of objects or texts, or from an object
/// with a member for each parameter.
pub(super) fn violations(list: Option<&RawValue>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Some(list) = list {
        collect("", list.get(), &mut found, 0);
    }
    found
}

/// A JSON value on one line of at most `max` characters, when it is a string or a number.
pub(super) fn short_text(json: &str, max: usize) -> Option<String> {
    match serde_json::from_str::<Cow<'_, str>>(json) {
        Ok(text) => one_line(&text, max),
        Err(_) if json.starts_with(|c: char| c.is_ascii_digit()) => one_line(json, max),
        Err(_) => None,
    }
}

fn collect(property: &str, json: &str, found: &mut Vec<(String, String)>, depth: usize) {
    if found.len() >= MAX_VIOLATIONS || depth > 3 {
        return;
    }
    match serde_json::from_str(json) {
        Ok(Shape::List(items)) => {
            for item in items {
                collect(property, item.get(), found, depth + 1);
            }
        }
        Ok(Shape::Object(members)) => {
            let find = |names: &[&str], max| {
                let member = members.iter().find(|(key, _)| names.contains(&key.as_ref()))?;
                short_text(member.1.get(), max)
            };
            let (named, reason) = (find(&PROPERTIES, MAX_PROPERTY), find(&REASONS, MAX_REASON));
            if named.is_some() || reason.is_some() {
                let property = named.unwrap_or_else(|| property.to_owned());
                found.push((property, reason.unwrap_or_default()));
                return;
            }
            for (key, value) in &members {
                // The tags around a list in XML are not names of parameters.
                let key = if REASONS.contains(&key.as_ref()) { "" } else { key };
                let key = one_line(key, MAX_PROPERTY).unwrap_or_default();
                collect(&key, value.get(), found, depth + 1);
            }
        }
        Ok(Shape::Other) => {
            if depth > 0 || json.starts_with('"') {
                found.extend(short_text(json, MAX_REASON).map(|text| (property.to_owned(), text)));
            }
        }
        Err(_) => {}
    }
}

/// A JSON value; of a list or an object, its first items or members.
enum Shape<'a> {
    List(Vec<&'a RawValue>),
    Object(Vec<(Cow<'a, str>, &'a RawValue)>),
    Other,
}

impl<'de> Deserialize<'de> for Shape<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape<'de>, A::Error> {
        let mut first = Vec::new();
        while first.len() < MAX_VIOLATIONS
            && let Some(item) = items.next_element()?
        {
            first.push(item);
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Shape::List(first))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Shape<'de>, A::Error> {
        let mut first = Vec::new();
        while first.len() < MAX_VIOLATIONS
            && let Some(member) = members.next_entry()?
        {
            first.push(member);
        }
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Shape::Object(first))
    }

    fn visit_unit<E>(self) -> Result<Shape<'de>, E> {
        Ok(Shape::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape<'de>, E> {
        Ok(Shape::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape<'de>, E> {
        Ok(Shape::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape<'de>, E> {
        Ok(Shape::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape<'de>, E> {
        Ok(Shape::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape<'de>, E> {
        Ok(Shape::Other)
    }
}
