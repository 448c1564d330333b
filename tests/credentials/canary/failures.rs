//! Every kind of failure; each response repeats the request and every mark.

use serde_json::json;

use super::marks::{KEY, NUMBER, SENDER, TEXT};
use crate::support::Response;
use crate::support::messages::{message_with, results};

/// A kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    Throttled,
    ServerError,
    Gateway,
    Redirect,
    Disguised,
    NotJson,
    CutOff,
    CutXml,
    Odd,
    Unreadable,
    Html,
    NotHttp,
    Nothing,
    Refused,
    Good,
}

impl Kind {
    pub fn all() -> impl Iterator<Item = Self> {
        [
            Self::BadRequest,
            Self::Unauthorized,
            Self::Forbidden,
            Self::NotFound,
            Self::Throttled,
            Self::ServerError,
            Self::Gateway,
            Self::Redirect,
            Self::Disguised,
            Self::NotJson,
            Self::CutOff,
            Self::CutXml,
            Self::Odd,
            Self::Unreadable,
            Self::Html,
            Self::NotHttp,
            Self::Nothing,
            Self::Refused,
            Self::Good,
        ]
        .into_iter()
    }

    /// The response to a request with this head.
    pub fn response(self, head: &str) -> Response {
        let authorization = header(head, "authorization");
        let target = head.split(' ').nth(1).unwrap_or_default();
        let decoded = percent_encoding::percent_decode_str(target).decode_utf8_lossy();
        let everything = format!("you sent {authorization} and {target}, that is {decoded}");
        let refusal = json!({
            "requestError": { "serviceException": { "messageId": "BAD", "text": everything } }
        });
        let newer = json!({ "errorCode": "E1", "description": everything, "action": everything });
        let page = format!("<html><title>{everything}</title><p>{everything}</html>");
        let typed = |status: &str, kind: &str, body: String| {
            let echo = [("Content-Type", kind), ("X-Echo", authorization)];
            Response::new(status, &echo, body)
        };
        let json_body = |status: &str, body: String| typed(status, "application/json", body);
        match self {
            Self::BadRequest => json_body("400 Bad Request", refusal.to_string()),
            Self::Unauthorized => json_body("401 Unauthorized", newer.to_string()),
            Self::Forbidden => typed("403 Forbidden", "text/html", page),
            Self::NotFound => json_body("404 Not Found", refusal.to_string()),
            Self::Throttled => {
                let headers = [("Retry-After", "900"), ("X-Echo", authorization)];
                Response::new("429 Too Many Requests", &headers, newer.to_string())
            }
            Self::ServerError => json_body("500 Internal Server Error", newer.to_string()),
            Self::Gateway => typed("502 Bad Gateway", "text/html", page),
            Self::Redirect => {
                let place = format!("https://{NUMBER}.example{target}");
                Response::new("302 Found", &[("Location", &place)], "")
            }
            Self::Disguised => json_body("200 OK", refusal.to_string()),
            Self::NotJson => json_body("200 OK", everything),
            Self::CutOff => {
                let row = format!("{{\"results\":[{{\"to\":\"{NUMBER}\",\"text\":\"{TEXT}");
                json_body("200 OK", row)
            }
            Self::CutXml => {
                let row = format!("<omniLogsResponse><results><to>{NUMBER}</to><text>{TEXT}</tex");
                typed("200 OK", "application/xml", row)
            }
            Self::Odd => json_body("200 OK", odd()),
            Self::Unreadable => {
                json_body("200 OK", format!("{{\"{KEY}\":\"{TEXT}\",\"a\":[\"{NUMBER}\"]}}"))
            }
            Self::Html => typed("200 OK", &format!("text/{authorization}"), page),
            Self::NotHttp => Response::raw(format!("{everything}\r\n\r\n")),
            Self::Nothing | Self::Refused => Response::nothing(),
            Self::Good => json_body("200 OK", results([row(&[])])),
        }
    }
}

fn row(fields: &[(&str, serde_json::Value)]) -> serde_json::Value {
    let own = [("to", json!(NUMBER)), ("from", json!(SENDER)), ("text", json!(TEXT))];
    message_with("m1", &[own.as_slice(), fields].concat())
}

/// Rows in which every field causes a warning.
pub fn odd() -> String {
    let wrong = row(&[
        ("sentAt", json!(NUMBER)),
        ("doneAt", json!(TEXT)),
        ("messageCount", json!(TEXT)),
        ("price", json!(NUMBER)),
        ("status.id", json!(TEXT)),
        ("channel", json!([TEXT])),
    ]);
    let double = format!("{{\"to\":\"{NUMBER}\",\"to\":\"{NUMBER}\",\"text\":\"{TEXT}\\ud800\"}}");
    format!("{{\"results\":[{wrong},{double},\"{TEXT}\",{NUMBER},],}}")
}

/// Saved files that have anomalies, are truncated, or are not responses.
pub fn bodies() -> Vec<String> {
    let refusal = format!("you sent {KEY} and {NUMBER}: {TEXT}");
    vec![
        odd(),
        odd().replace("results", "\u{feff}"),
        format!("{{\"results\":[{{\"to\":\"{NUMBER}\",\"text\":\"{TEXT}"),
        format!("{{\"results\":[{{\"to\":\"{NUMBER}\",\"text\":\"{TEXT}\"}} {SENDER}]}}"),
        json!({ "requestError": { "serviceException": { "messageId": "X", "text": refusal } } })
            .to_string(),
        json!({ "errorCode": "E1", "description": refusal }).to_string(),
        format!("<omniLogsResponse><results><to>{NUMBER}</to><text>{TEXT}</tex"),
        format!("<html><title>{NUMBER}</title>{TEXT}</html>"),
        format!("{NUMBER},{SENDER},{TEXT}\n"),
        format!("{{\"{KEY}\":\"{TEXT}\",\"a\":[\"{NUMBER}\"]}}"),
    ]
}

fn header<'h>(head: &'h str, name: &str) -> &'h str {
    let line = |line: &'h str| line.split_once(": ").filter(|(key, _)| *key == name);
    head.lines().find_map(line).map_or("", |(_, value)| value)
}
