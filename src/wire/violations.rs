//! The parameters that an error body refuses. Neither the shape of the list nor its names are
//! documented, so every known shape is read, and an unknown one is not an error.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::one_line::one_line;

/// The most violations that are kept: more than a person reads. A longer list must not cost memory.
const MAX_VIOLATIONS: usize = 20;
/// The most members of an object among which the name of the parameter and the reason are searched.
const MAX_MEMBERS: usize = 20;
/// The most objects and lists inside each other. Each one is parsed again for the one around it.
const MAX_DEPTH: usize = 8;
/// The longest name of a parameter in a message.
const MAX_PROPERTY: usize = 80;
/// The longest reason in a message.
const MAX_REASON: usize = 200;

/// Members that name the parameter.
const PROPERTIES: [&str; 5] = ["property", "field", "parameter", "path", "name"];
/// Members that say what is wrong with it.
const REASONS: [&str; 5] = ["violation", "message", "text", "description", "reason"];

/// The violations of an error body.
#[derive(Default)]
pub(super) struct ViolationList {
    /// Each of the first parameters with what is wrong with it.
    pub(super) first: Vec<(String, String)>,
    /// The number of violations after these.
    pub(super) omitted: usize,
}

/// Each parameter with what is wrong with it, from a list of objects or texts, or from an object
/// with a member for each parameter. The name of a parameter inside other objects is its path.
pub(super) fn violations(list: Option<&RawValue>) -> ViolationList {
    let mut found = ViolationList::default();
    if let Some(list) = list {
        found.collect("", list.get(), 0);
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

impl ViolationList {
    /// Adds the violations in a JSON value. `path` is the place of the value: names joined by dots.
    fn collect(&mut self, path: &str, json: &str, depth: usize) {
        if json.starts_with(['[', '{']) {
            if depth > MAX_DEPTH {
                self.add(path.to_owned(), String::new());
                return;
            }
            let mut parser = serde_json::Deserializer::from_str(json);
            // What cannot be read has no violations.
            let _ = Container { list: self, path, depth }.deserialize(&mut parser);
        } else if (depth > 0 || json.starts_with('"'))
            && let Some(reason) = short_text(json, MAX_REASON)
        {
            self.add(path.to_owned(), reason);
        }
    }

    fn add(&mut self, property: String, reason: String) {
        if self.first.len() < MAX_VIOLATIONS {
            self.first.push((property, reason));
        } else {
            self.omitted = self.omitted.saturating_add(1);
        }
    }

    /// Adds the violation that an object describes by its members; `false` when it describes none.
    fn add_described(&mut self, path: &str, members: &[(Cow<'_, str>, &RawValue)]) -> bool {
        let find = |names: &[&str], max| {
            let member = members.iter().find(|(key, _)| names.contains(&key.as_ref()))?;
            short_text(member.1.get(), max)
        };
        let (named, reason) = (find(&PROPERTIES, MAX_PROPERTY), find(&REASONS, MAX_REASON));
        // At a path, the parameter itself can be called `name`, with the reason as its value.
        if reason.is_none() && (named.is_none() || !path.is_empty()) {
            return false;
        }
        self.add(named.unwrap_or_else(|| path.to_owned()), reason.unwrap_or_default());
        true
    }
}

/// The path of a member of the object at `path`.
fn member_path(path: &str, key: &str) -> String {
    // The tags around a list in XML are not names of parameters.
    if REASONS.contains(&key) {
        return path.to_owned();
    }
    let joined = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    one_line(&joined, MAX_PROPERTY).unwrap_or_default()
}

/// Reads an object or a list, and keeps no more of it than [`MAX_MEMBERS`] members of an object.
struct Container<'l, 'p> {
    list: &'l mut ViolationList,
    path: &'p str,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Container<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Container<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element::<&RawValue>()? {
            self.list.collect(self.path, item.get(), self.depth + 1);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Self { list, path, depth } = self;
        let mut first: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::new();
        while first.len() < MAX_MEMBERS
            && let Some(member) = members.next_entry()?
        {
            first.push(member);
        }
        let is_described = list.add_described(path, &first);
        let mut collect = |key: &str, value: &RawValue| {
            if !is_described {
                list.collect(&member_path(path, key), value.get(), depth + 1);
            }
        };
        for (key, value) in first {
            collect(&key, value);
        }
        while let Some((key, value)) = members.next_entry::<Cow<'de, str>, &'de RawValue>()? {
            collect(&key, value);
        }
        Ok(())
    }
}
