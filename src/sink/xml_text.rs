//! Escapes texts and element names for XML 1.0.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::visible::{is_dangerous, is_printable_ascii};

/// Escapes a text as the content of an element. Characters that XML cannot contain become U+FFFD. Line
/// ends, tabs, spaces at either end and dangerous characters become references, so that no reader
/// changes them and no terminal executes them.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    let has_markup = || memchr::memchr3(b'<', b'>', b'&', text.as_bytes()).is_some();
    let plain = is_printable_ascii(text) && !has_markup();
    if plain && text == text.trim_matches(' ') {
        return Cow::Borrowed(text);
    }
    let before = text.len() - text.trim_start_matches(' ').len();
    let after = text.trim_end_matches(' ').len();
    let mut out = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            ' ' if at < before || at >= after => out.push_str("&#32;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            _ if is_dangerous(c) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "&#x{:X};", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The most characters of an element name. Documented keys are far shorter. Each item of a list
/// repeats the name twice: without a limit, a row of 4 MiB could become terabytes.
const MAX_NAME_CHARS: usize = 256;

/// The element name for a key: the key itself if it is a valid name. Otherwise `_` replaces each
/// character that a name cannot contain, and precedes a character that cannot start a name. A long key
/// is cut off.
pub(super) fn element_name(key: &str) -> Cow<'_, str> {
    let key = key
        .char_indices()
        .nth(MAX_NAME_CHARS)
        .map_or(key, |(end, _)| key.get(..end).unwrap_or(key));
    let starts_well = key.starts_with(starts_name) && !is_reserved(key);
    if starts_well && key.chars().all(continues_name) {
        return Cow::Borrowed(key);
    }
    let mut name = String::with_capacity(key.len() + 1);
    if !starts_well && (is_reserved(key) || key.is_empty() || key.starts_with(continues_name)) {
        name.push('_');
    }
    name.extend(key.chars().map(|c| if continues_name(c) { c } else { '_' }));
    Cow::Owned(name)
}

/// Whether a name starts with `xml`: XML reserves these names.
fn is_reserved(key: &str) -> bool {
    key.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("xml"))
}

/// NameStartChar of XML 1.0 without the colon (namespaces) and without dangerous characters.
fn starts_name(c: char) -> bool {
    matches!(c, 'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}'
        | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{DFFFF}')
        && !is_dangerous(c)
}

/// NameChar of XML 1.0, with the same exceptions.
fn continues_name(c: char) -> bool {
    starts_name(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{34E}' | '\u{350}'..='\u{36F}'
            | '\u{203F}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_cannot_contain_are_replaced_and_others_are_escaped() {
        assert!(matches!(escape("Test SMS."), Cow::Borrowed("Test SMS.")));
        assert_eq!(escape("a<b>&\"'"), "a&lt;b&gt;&amp;\"'");
        assert_eq!(escape("\u{1B}[2J\0\u{FFFE}"), "\u{FFFD}[2J\u{FFFD}\u{FFFD}");
        assert_eq!(escape("\t\r\n::error::"), "&#9;&#13;&#10;::error::");
        assert_eq!(escape("\u{202E}\u{9B}\u{7F}é"), "&#x202E;&#x9B;&#x7F;é");
        assert_eq!(escape("  a b "), "&#32;&#32;a b&#32;");
        assert_eq!(escape("  "), "&#32;&#32;");
    }

    #[test]
    fn a_key_that_is_not_a_valid_element_name_is_changed() {
        for key in ["messageId", "größe", "_x", "a-b.c1"] {
            assert_eq!(element_name(key), key);
        }
        assert_eq!(element_name("1st"), "_1st");
        assert_eq!(element_name(""), "_");
        assert_eq!(element_name("a b:c>"), "a_b_c_");
        assert_eq!(element_name("<a"), "_a");
        assert_eq!(element_name("xmlThing"), "_xmlThing");
        assert_eq!(element_name("a\u{200B}"), "a_");
        assert_eq!(element_name(&"é".repeat(1000)), "é".repeat(MAX_NAME_CHARS));
    }
}
