//! Describes a body that is neither logs nor an error of the API, for a message.

use super::html;
use super::one_line::one_line;
use super::text::Text;

/// How many bytes of a body are read.
const HEAD_BYTES: usize = 64 << 10;
/// How many characters of a text are repeated.
const MAX_TEXT: usize = 80;

/// Describes a body in a few words: `an empty body`, `an HTML page titled «…»`. Text of the body in
/// the result is one short line; the caller must make it visible before showing it.
#[must_use]
pub(crate) fn description(body: &[u8]) -> String {
    let head = body.get(..HEAD_BYTES).unwrap_or(body);
    if head.trim_ascii().is_empty() {
        return "an empty body".to_owned();
    }
    let Ok(text) = Text::read(head) else { return "text that is not UTF-8".to_owned() };
    let text = text.as_str().trim_start();
    if html::is_html(text) {
        return match html::html_title(head) {
            Some(title) => format!("an HTML page titled «{title}»"),
            None => "an HTML page".to_owned(),
        };
    }
    if text.starts_with(['{', '[']) {
        return "JSON".to_owned();
    }
    if text.starts_with('<') {
        return "XML".to_owned();
    }
    // Binary data contains characters that no text contains.
    let no_text = |c: char| c == '\u{FFFD}' || c.is_control() && !c.is_whitespace();
    if text.chars().take(2 * MAX_TEXT).any(no_text) {
        return "not text".to_owned();
    }
    match one_line(text, MAX_TEXT) {
        Some(line) => format!("the text «{line}»"),
        None => "an empty body".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_described_by_what_it_is_and_its_first_words() {
        for (body, wanted) in [
            ("", "an empty body"),
            (" \r\n", "an empty body"),
            ("<html><title>Blocked</title>", "an HTML page titled «Blocked»"),
            ("<!doctype html><p>x", "an HTML page"),
            ("{\"message\":\"Forbidden\"}", "JSON"),
            ("<a/>", "XML"),
            ("Access denied\nby policy", "the text «Access denied by policy»"),
            ("no route to 447700900123", "the text «no route to …»"),
            ("a\u{1}b", "not text"),
        ] {
            assert_eq!(description(body.as_bytes()), wanted, "{body:?}");
        }
        assert_eq!(description(b"\xff\xfe<\0"), "text that is not UTF-8");
        assert!(description("word ".repeat(100_000).as_bytes()).chars().count() < 100);
    }
}
