//! Error bodies: the response when the platform refuses a request, in each of its shapes.
//!
//! `{"requestError":{"serviceException":{"messageId","text","validationErrors"}}}`, the newer
//! `{"errorCode","description","action","violations"}`, and the first one in XML. They usually come
//! with an error status, and sometimes with HTTP 200.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::violations::{self, ViolationList, violations};

/// The longest text of the platform in a message.
const MAX_TEXT: usize = 300;

/// The content of an error body. Each text is one line of at most 300 characters with long numbers
/// masked. It may contain control characters: make it visible before showing it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// Its `messageId` or `errorCode`: `UNAUTHORIZED`, `E429`.
    pub code: Option<String>,
    /// Its `text` or `description`.
    pub text: Option<String>,
    /// The advice in its `action`.
    pub action: Option<String>,
    /// The refused parameters, at most 20: the name of each, which may be empty, and what is wrong
    /// with it. The name of a parameter inside others is its path, joined by dots.
    pub violations: Vec<(String, String)>,
    /// The number of refused parameters after these.
    pub omitted_violations: usize,
    /// Whether its form is one that only the API has: a `requestError`, or an `errorCode` such as
    /// `E429`. A firewall may send an `errorCode` of another kind.
    pub has_api_form: bool,
}

/// The members of both shapes.
#[derive(Deserialize)]
struct ErrorMembers<'a> {
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

/// The member `requestError` of the older shape.
#[derive(Deserialize)]
struct RequestErrorMember<'a> {
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
    /// Reads an error body from the JSON text of an object; `None` when it is not an error body.
    pub(super) fn read(json: &str) -> Option<Self> {
        let body: ErrorMembers<'_> = serde_json::from_str(json).ok()?;
        let older = body.request_error.and_then(|error| {
            let error: RequestErrorMember<'_> = serde_json::from_str(error.get()).ok()?;
            serde_json::from_str::<Exception<'_>>(error.exception?.get()).ok()
        });
        let refused = match &older {
            Some(exception) => exception.validation_errors.or(body.violations),
            None => body.violations,
        };
        let ViolationList { first, omitted } = violations(refused);
        let refusal = match older {
            Some(exception) => Self {
                code: short_text(exception.message_id),
                text: short_text(exception.text),
                action: None,
                violations: first,
                omitted_violations: omitted,
                has_api_form: true,
            },
            None => Self {
                code: Some(short_text(body.error_code)?),
                text: short_text(body.description),
                action: short_text(body.action),
                violations: first,
                omitted_violations: omitted,
                has_api_form: body.error_code.is_some_and(|code| is_api_code(code.get())),
            },
        };
        (refusal.code.is_some() || refusal.text.is_some()).then_some(refusal)
    }

    /// The HTTP status that the code and the text mean, for an error body that came with HTTP 200;
    /// `None` when it is unknown. When the response has an error status, that one counts.
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
        // A bare number would look like the status of HTTP, which may be another one.
        let code = self.code.as_deref().map(|code| match code.parse::<u64>() {
            Ok(_) => Cow::from(format!("error code {code}")),
            Err(_) => Cow::from(code),
        });
        let text = [&self.text, &self.action].map(|part| part.as_deref().map(Cow::from));
        let parts: Vec<Cow<'_, str>> = [code].into_iter().chain(text).flatten().collect();
        f.write_str(&parts.join(": "))
    }
}

/// Whether this JSON value is a code of the API: the letter E and a number of three digits.
fn is_api_code(json: &str) -> bool {
    let code = json.strip_prefix("\"E").and_then(|rest| rest.strip_suffix('"'));
    code.is_some_and(|digits| digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// The value of a member on one line, when it is a string or a number.
fn short_text(member: Option<&RawValue>) -> Option<String> {
    violations::short_text(member?.get(), MAX_TEXT)
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
        let wanted = Refusal { has_api_form: true, ..of("UNAUTHORIZED", "Invalid login details") };
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
            (older(r#"{"messages":{"0":{"to":["bad number"]}}}"#), &[("messages.0.to", "bad number")]),
            (older(r#"{"a":{"b":"bad","c":{"d":["x","y"]}},"e":"z"}"#), &[
                ("a.b", "bad"),
                ("a.c.d", "x"),
                ("a.c.d", "y"),
                ("e", "z"),
            ]),
            (older(r#"{"sender":{"name":"bad"}}"#), &[("sender.name", "bad")]),
            (older(r#"{"44":{"7700":{"900123":"bad"}}}"#), &[("…", "bad")]),
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
    fn only_the_first_of_many_violations_are_read_shortened_and_with_numbers_masked() {
        let one =
            format!(r#"{{"property":"to{}","violation":"no 447700900123"}}"#, "x".repeat(200));
        let body = format!(
            r#"{{"errorCode":"E400","violations":[{}{one}]}}"#,
            format!("{one},").repeat(50_000)
        );
        let refusal = refusal(body.as_bytes()).unwrap();
        let found = refusal.violations;
        assert_eq!((found.len(), refusal.omitted_violations), (20, 49_981));
        assert!(found.iter().all(|(property, text)| property.len() < 100 && text == "no …"));
    }

    #[test]
    fn every_violation_after_the_first_ones_is_counted() {
        let members = |count: usize| {
            let member = |at| format!(r#""p{at}":["too short","not a number"]"#);
            (0..count).map(member).collect::<Vec<_>>().join(",")
        };
        for (list, omitted) in [
            (format!("{{{}}}", members(10)), 0),
            (format!("{{{}}}", members(13)), 6),
            (format!("{{{}}}", members(30)), 40),
            (format!(r#"{{"messages":[{{{}}},null,{{}}]}}"#, members(30)), 40),
        ] {
            let body = format!(r#"{{"errorCode":"E400","violations":{list}}}"#);
            let refusal = refusal(body.as_bytes()).unwrap();
            assert_eq!((refusal.violations.len(), refusal.omitted_violations), (20, omitted));
        }
    }

    #[test]
    fn a_violation_that_is_nested_too_deep_keeps_the_start_of_its_path() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(5000), "}".repeat(5000));
        let body = format!(r#"{{"errorCode":"E400","violations":{deep}}}"#);
        let refusal = refusal(body.as_bytes()).unwrap();
        assert_eq!(refusal.violations, [("a.a.a.a.a.a.a.a.a".to_owned(), String::new())]);
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
