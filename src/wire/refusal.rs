//! Error bodies: what the platform sends when it refuses a request, in each of its shapes.
//!
//! `{"requestError":{"serviceException":{"messageId","text","validationErrors"}}}`, the newer
//! `{"errorCode","description","action","violations"}`, and the first of them in XML. They come
//! with a status of their own, and sometimes under 200.

use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::violations::{self, violations};

/// How long a text of the platform may be in a message.
const MAX_TEXT: usize = 300;

/// What an error body says: one line each, at most 300 characters, long numbers masked. Control
/// characters are still in it: make it visible before it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// Its `messageId` or `errorCode`: `UNAUTHORIZED`, `E429`.
    pub code: Option<String>,
    /// Its `text` or `description`.
    pub text: Option<String>,
    /// What it says to do.
    pub action: Option<String>,
    /// The parameters that it refuses: the name of each, as far as it is given, and what is wrong
    /// with it. At most 20.
    pub violations: Vec<(String, String)>,
}

/// The newer shape, with the older one inside.
#[derive(Deserialize)]
struct NewErrorBody<'a> {
    #[serde(borrow, rename = "requestError")]
    request_error: Option<&'a RawValue>,
    #[serde(borrow, rename = "errorCode")]
    error_code: Option<&'a RawValue>,
    #[serde(borrow)]
    description: Option<&'a RawValue>,
    #[serde(borrow)]
    action: Option<&'a RawValue>,
    #[serde(borrow, alias = "validationErrors")]
    violations: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct OldErrorBody<'a> {
    #[serde(borrow, rename = "serviceException", alias = "policyException")]
    exception: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Exception<'a> {
    #[serde(borrow, rename = "messageId")]
    message_id: Option<&'a RawValue>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow, rename = "validationErrors", alias = "violations")]
    validation_errors: Option<&'a RawValue>,
}

impl Refusal {
    /// Reads an error body from the JSON text of an object; `None` when it is none.
    pub(super) fn read(json: &str) -> Option<Self> {
        let body: NewErrorBody<'_> = serde_json::from_str(json).ok()?;
        let older = body.request_error.and_then(|error| {
            let error: OldErrorBody<'_> = serde_json::from_str(error.get()).ok()?;
            serde_json::from_str::<Exception<'_>>(error.exception?.get()).ok()
        });
        let refusal = match older {
            Some(exception) => Self {
                code: words(exception.message_id),
                text: words(exception.text),
                action: None,
                violations: violations(exception.validation_errors.or(body.violations)),
            },
            None => Self {
                code: Some(words(body.error_code)?),
                text: words(body.description),
                action: words(body.action),
                violations: violations(body.violations),
            },
        };
        (refusal.code.is_some() || refusal.text.is_some()).then_some(refusal)
    }

    /// The HTTP status that it means, for an error body that came under another one; `None`
    /// when that is unknown. A body that comes with its own status is classified by that.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        let code = self.code.as_deref().unwrap_or_default().to_ascii_uppercase();
        let number = code.strip_prefix('E').unwrap_or(&code).parse();
        if let Ok(status @ 400..=599) = number {
            return Some(status);
        }
        let text = self.text.as_deref().unwrap_or_default().to_ascii_lowercase();
        if text.contains("invalid login details") {
            return Some(401);
        }
        match code.as_str() {
            "UNAUTHORIZED" => Some(401),
            "FORBIDDEN" => Some(403),
            "TOO_MANY_REQUESTS" => Some(429),
            "BAD_REQUEST" | "INVALID_ARGUMENT" | "VALIDATION_ERROR" => Some(400),
            "NOT_FOUND" => Some(404),
            "GENERAL_ERROR" | "INTERNAL_SERVER_ERROR" => Some(500),
            "SERVICE_UNAVAILABLE" => Some(503),
            _ if text.contains("too many requests") => Some(429),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<&str> = [&self.code, &self.text, &self.action]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        f.write_str(&parts.join(": "))
    }
}

/// What a member says, when it is a text or a number.
fn words(member: Option<&RawValue>) -> Option<String> {
    violations::words(member?.get(), MAX_TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::refusal;

    fn of(code: &str, text: &str) -> Refusal {
        Refusal { code: Some(code.into()), text: Some(text.into()), ..Refusal::default() }
    }

    #[test]
    fn every_shape_of_an_error_body_is_read() {
        let wanted = of("UNAUTHORIZED", "Invalid login details");
        for body in [
            r#"{"requestError":{"serviceException":{"messageId":"UNAUTHORIZED","text":"Invalid login details"}}}"#,
            "<?xml version=\"1.0\"?><ApiException><requestError><serviceException>\
             <messageId>UNAUTHORIZED</messageId><text>Invalid login details</text>\
             </serviceException></requestError></ApiException>",
            "<requestError><serviceException><messageId>UNAUTHORIZED</messageId>\
             <text>Invalid login details</text></serviceException></requestError>",
        ] {
            assert_eq!(refusal(body.as_bytes()).as_ref(), Some(&wanted), "{body}");
        }
        let newer = refusal(
            br#"{"errorCode":"E429","description":"Too many requests","action":"Wait.","violations":[]}"#,
        )
        .unwrap();
        assert_eq!(newer.to_string(), "E429: Too many requests: Wait.");
        assert_eq!(newer.status(), Some(429));
    }

    #[test]
    fn refused_parameters_are_read_in_every_shape_of_the_list() {
        let older = |list: &str| {
            format!(
                r#"{{"requestError":{{"serviceException":{{"messageId":"BAD_REQUEST","text":"Bad Request","validationErrors":{list}}}}}}}"#
            )
        };
        let newer = |list: &str| format!(r#"{{"errorCode":"E400","violations":{list}}}"#);
        for (body, wanted) in [
            (newer(r#"[{"property":"limit","violation":"too large"}]"#), &[("limit", "too large")][..]),
            (newer(r#"[{"field":"to","message":"blank"},{"field":"from"}]"#), &[("to", "blank"), ("from", "")]),
            (newer(r#"["limit is too large", 7]"#), &[("", "limit is too large"), ("", "7")]),
            (newer("[null, [], {}]"), &[]),
            (newer("null"), &[]),
            (older(r#"{"limit":["too large","not a number"],"to":"blank"}"#), &[
                ("limit", "too large"),
                ("limit", "not a number"),
                ("to", "blank"),
            ]),
            (older(r#"{"property":"limit","violation":"too large"}"#), &[("limit", "too large")]),
            (older(r#"{"violation":[{"property":"limit","violation":"too large"}]}"#), &[("limit", "too large")]),
            (older(r#""limit is too large""#), &[("", "limit is too large")]),
            (older("17"), &[]),
            (
                "<ApiException><requestError><serviceException><messageId>B</messageId><text>x</text>\
                 <validationErrors><limit>too large</limit></validationErrors></serviceException>\
                 </requestError></ApiException>"
                    .to_owned(),
                &[("limit", "too large")],
            ),
        ] {
            let wanted: Vec<_> = wanted.iter().map(|&(p, t)| (p.to_owned(), t.to_owned())).collect();
            assert_eq!(refusal(body.as_bytes()).unwrap().violations, wanted, "{body}");
        }
    }

    #[test]
    fn of_a_million_violations_the_first_are_read_with_their_numbers_masked_and_cut_to_length() {
        let one =
            format!(r#"{{"property":"to{}","violation":"no 447700900123"}}"#, "x".repeat(200));
        let body = format!(
            r#"{{"errorCode":"E400","violations":[{}{one}]}}"#,
            format!("{one},").repeat(50_000)
        );
        let found = refusal(body.as_bytes()).unwrap().violations;
        assert_eq!(found.len(), 20);
        assert!(found.iter().all(|(property, text)| property.len() < 100 && text == "no …"));
    }

    #[test]
    fn a_body_that_is_not_an_error_body_is_none() {
        for body in [
            "",
            "[]",
            "{}",
            "null",
            r#"{"errorCode":null}"#,
            r#"{"requestError":{}}"#,
            r#"{"requestError":"x"}"#,
            "<a><text>x</text></a>",
            "<html>",
            r#"{"results":[]}"#,
        ] {
            assert_eq!(refusal(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn a_phone_number_in_the_reason_is_masked() {
        let body = br#"{"errorCode":"E400","description":"Bad value\n41793026727 for 'to'"}"#;
        assert_eq!(refusal(body).unwrap().text.unwrap(), "Bad value … for 'to'");
    }

    #[test]
    fn code_and_text_give_the_status_under_200() {
        for (code, text, status) in [
            ("UNAUTHORIZED", "Unauthorized access", Some(401)),
            ("SOMETHING", "Invalid login details", Some(401)),
            ("E401", "", Some(401)),
            ("forbidden", "", Some(403)),
            ("E403", "", Some(403)),
            ("TOO_MANY_REQUESTS", "", Some(429)),
            ("BAD_REQUEST", "Bad Request", Some(400)),
            ("E400", "", Some(400)),
            ("GENERAL_ERROR", "Something went wrong", Some(500)),
            ("E500", "", Some(500)),
            ("503", "", Some(503)),
            ("E999", "", None),
            ("NEW_THING", "new", None),
        ] {
            assert_eq!(of(code, text).status(), status, "{code}");
        }
    }
}
