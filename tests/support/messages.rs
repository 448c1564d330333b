//! Invented messages, and response bodies that contain them.

use serde_json::{Value, json};

/// A phone number from a range that is reserved for fiction.
pub const NUMBER: &str = "447700900123";

/// A message with this id and text, as the API sends it.
pub fn message(id: &str, text: &str) -> Value {
    json!({
        "bulkId": "b1",
        "messageId": id,
        "to": NUMBER,
        "from": "InfoSMS",
        "text": text,
        "sentAt": "2026-11-22T10:00:05.390+0000",
        "doneAt": "2026-11-22T10:00:06.390+0000",
        "messageCount": 1,
        "price": { "pricePerMessage": 0.01, "currency": "EUR" },
        "status": {
            "groupId": 3, "groupName": "DELIVERED", "id": 5, "name": "DELIVERED_TO_HANDSET",
            "description": "Message delivered to handset"
        },
        "error": {
            "groupId": 0, "groupName": "OK", "id": 0, "name": "NO_ERROR",
            "description": "No Error", "permanent": false
        },
        "channel": "SMS"
    })
}

/// A message with these fields changed; a dotted name is a field of a nested object.
pub fn message_with(id: &str, fields: &[(&str, Value)]) -> Value {
    let mut row = message(id, "Your code is 1234");
    for (name, value) in fields {
        let pointer = format!("/{}", name.replace('.', "/"));
        *row.pointer_mut(&pointer).unwrap() = value.clone();
    }
    row
}

/// A response body with these rows.
pub fn results(rows: impl IntoIterator<Item = Value>) -> String {
    results_of(&rows.into_iter().collect::<Vec<_>>())
}

/// A response body with the rows that a server selected from its messages.
pub fn results_of<'r>(rows: impl IntoIterator<Item = &'r Value>) -> String {
    // Each row is rendered by itself: one value of all rows would need a copy of each.
    let rows: Vec<String> = rows.into_iter().map(Value::to_string).collect();
    format!("{{\"results\":[{}]}}", rows.join(","))
}

/// A body of many long rows: more than pipes and buffers can hold.
pub fn many(rows: usize) -> String {
    results((0..rows).map(|n| message(&format!("m{n}"), &"long text ".repeat(200))))
}

/// Message `mN`, sent N seconds before 11:00:00; N is less than 3600.
pub fn seconds_before(n: usize, text: &str) -> Value {
    let second = 3599 - n;
    let mut row = message(&format!("m{n}"), text);
    row["sentAt"] = format!("2026-11-22T10:{:02}:{:02}.000+0000", second / 60, second % 60).into();
    row
}
