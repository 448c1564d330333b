//! Converts an XML element to the JSON text that a JSON body has in its place.
//!
//! Numbers keep every digit. An unknown element becomes a string, an object or a list. The order is
//! that of the document.

use std::collections::HashMap;

use serde_json::value::RawValue;

use crate::model::Field;

/// An element that is being read.
pub(super) struct Element {
    pub(super) name: String,
    /// The text between its tags, with references resolved.
    pub(super) text: String,
    pub(super) members: Vec<XmlMember>,
    /// Whether its `result` elements are the rows.
    pub(super) is_list: bool,
    /// Whether it is marked as null (`xsi:nil`).
    nil: bool,
    start: u64,
}

/// An element that was read to its end.
pub(super) struct XmlMember {
    pub(super) name: String,
    pub(super) json: String,
    /// The byte offset of its start in the document.
    pub(super) start: u64,
}

impl Element {
    pub(super) fn new(name: &str, nil: bool, start: u64) -> Self {
        let (name, text, members) = (name.to_owned(), String::new(), Vec::new());
        Self { name, text, members, is_list: false, nil, start }
    }

    /// The element as JSON. `path` is its place in a row: names joined by dots. It is empty for the
    /// row itself and for an element outside rows.
    pub(super) fn into_member(self, path: &str) -> XmlMember {
        let json = if self.nil {
            "null".to_owned()
        } else if self.members.is_empty() {
            leaf(path, &self.text)
        } else {
            let mut members = grouped(self.members, path);
            // Blank text between elements is layout.
            if !self.text.trim().is_empty() {
                let (name, json) = ("#text".to_owned(), json_string(&self.text));
                members.push(XmlMember { name, json, start: self.start });
            }
            object(members)
        };
        XmlMember { name: self.name, json, start: self.start }
    }
}

/// An object with these members.
pub(super) fn object(members: Vec<XmlMember>) -> String {
    let members: Vec<String> =
        members.into_iter().map(|member| json_string(&member.name) + ":" + &member.json).collect();
    format!("{{{}}}", members.join(","))
}

/// Makes one list of members that occur more than once, except documented ones, which the API sends
/// once: the last of those counts, as in JSON.
fn grouped(members: Vec<XmlMember>, path: &str) -> Vec<XmlMember> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut lists: Vec<(String, Vec<String>)> = Vec::new();
    for XmlMember { name, json, .. } in members {
        let place = places.get(&name).and_then(|place| lists.get_mut(*place));
        if let Some((_, list)) = place {
            list.push(json);
            continue;
        }
        if !is_documented(&join_path(path, &name)) {
            places.insert(name.clone(), lists.len());
        }
        lists.push((name, vec![json]));
    }
    let member = |(name, list): (String, Vec<String>)| {
        let all = list.join(",");
        XmlMember { name, json: if list.len() == 1 { all } else { format!("[{all}]") }, start: 0 }
    };
    lists.into_iter().map(member).collect()
}

fn join_path(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn is_documented(path: &str) -> bool {
    is_group(path)
        || matches!(path, "smsCount" | "mccMnc" | "sender" | "destination" | "content.text")
        || Field::ALL.iter().any(|field| field.name() == path)
}

fn is_group(path: &str) -> bool {
    matches!(path, "price" | "status" | "error" | "content")
}

/// The JSON of an element without child elements: a number or a boolean where the API documents one.
fn leaf(path: &str, text: &str) -> String {
    let word = text.trim();
    match path {
        "messageCount"
        | "smsCount"
        | "price.pricePerMessage"
        | "status.groupId"
        | "status.id"
        | "error.groupId"
        | "error.id" => {
            if word.is_empty() {
                return "null".to_owned();
            }
            if is_number(word) {
                return word.to_owned();
            }
        }
        "error.permanent" => match word {
            "" => return "null".to_owned(),
            "true" | "false" => return word.to_owned(),
            _ => {}
        },
        _ if word.is_empty() && (path.is_empty() || is_group(path)) => return "{}".to_owned(),
        _ => {}
    }
    json_string(text)
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && serde_json::from_str::<&RawValue>(word).is_ok()
}

fn json_string(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
