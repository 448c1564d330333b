//! Prevents a spreadsheet from evaluating the text of a message (CSV injection, as OWASP calls it).
//!
//! A spreadsheet evaluates a cell that begins with `=`, `+`, `-` or `@`. Where a cell begins depends on
//! the spreadsheet: with another separator, or without quotes, a cell can begin in the middle of a
//! written cell; when it trims cells, it ignores characters before the sign.

use std::borrow::Cow;

use crate::visible::is_dangerous;

/// The separators of cells and rows that a spreadsheet can be configured to use, and the characters that
/// some readers take for the end of a line.
const SEPARATORS: [char; 11] =
    [';', ',', '\t', '|', '\n', '\r', '\u{B}', '\u{C}', '\u{85}', '\u{2028}', '\u{2029}'];

/// The text with a `'` wherever a spreadsheet could find the beginning of a formula. Plain numbers
/// such as `+41793026727` or `-0.01` stay unchanged.
pub(super) fn guard(text: &str) -> Cow<'_, str> {
    if !text.contains(is_suspicious) {
        return Cow::Borrowed(text);
    }
    let mut guarded = String::new();
    let mut copied = 0;
    let beginnings = text.match_indices(SEPARATORS).map(|(at, separator)| at + separator.len());
    for at in std::iter::once(0).chain(beginnings) {
        let rest = text.get(at..).unwrap_or_default();
        // A spreadsheet may drop an invisible separator at the beginning of a cell, so that the cell
        // begins after it. Elsewhere, the text after the next separator is guarded by itself.
        let is_guarded = match rest.chars().next() {
            Some('\t' | '\n' | '\r') => at == 0,
            Some(c) if c.is_whitespace() && SEPARATORS.contains(&c) => at == 0 && is_formula(rest),
            _ => is_formula(rest),
        };
        if is_guarded {
            guarded.push_str(text.get(copied..at).unwrap_or_default());
            guarded.push('\'');
            copied = at;
        }
    }
    if copied == 0 && guarded.is_empty() {
        return Cow::Borrowed(text);
    }
    guarded.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(guarded)
}

/// Whether a character can make a guard necessary; few cells contain one.
fn is_suspicious(c: char) -> bool {
    begins_formula(c) || matches!(c, '\t' | '\n' | '\r')
}

/// Whether a character begins a formula. Spreadsheets accept the fullwidth and small forms of East
/// Asian keyboards as well.
fn begins_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫')
}

/// Whether a spreadsheet could evaluate this text, if a cell begins here. A plain number is harmless
/// only as a complete cell.
fn is_formula(cell: &str) -> bool {
    // A quotation mark opens a cell, and is not part of it.
    let is_skipped = |c: char| c == '"' || c.is_whitespace() || is_unseen(c);
    let shown = cell.trim_start_matches(is_skipped);
    shown.starts_with(begins_formula) && !is_plain_number(cell.trim())
}

/// Whether a character is invisible, including joiners and variation selectors.
fn is_unseen(c: char) -> bool {
    is_dangerous(c)
        || matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Whether a text is a number such as `+41793026727`, `-0.01` or `-1E-35`: a sign, digits, a fraction,
/// an exponent.
fn is_plain_number(text: &str) -> bool {
    let unsigned = |text: &str| {
        let mut parts = text.splitn(2, '.');
        parts.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    };
    let number = text.strip_prefix(['+', '-']).unwrap_or(text);
    match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            unsigned(mantissa) && !exponent.contains('.') && unsigned(exponent)
        }
        None => unsigned(number),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_formula_at_the_beginning_is_guarded_and_a_plain_number_is_not() {
        for formula in ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "+41 79", "-", "+", "-1.", "＝1", "﹫x"]
        {
            assert_eq!(guard(formula), format!("'{formula}"));
        }
        for text in ["+41793026727", "-0.01", "-1E-35", "-0", "1e5=", "a=b", "", "x - y"] {
            assert_eq!(guard(text), text);
        }
    }

    #[test]
    fn a_formula_after_a_separator_is_guarded_where_it_begins() {
        for (text, guarded) in [
            ("hi;=HYPERLINK(1)", "hi;'=HYPERLINK(1)"),
            ("1;=2+2;3", "1;'=2+2;3"),
            ("x\r\n=1+1;y", "x\r\n'=1+1;y"),
            ("|=1+1", "|'=1+1"),
            ("a,@b,+5,-c", "a,'@b,'+5,'-c"),
            ("-1,+cmd|' /C calc'!A0", "'-1,'+cmd|' /C calc'!A0"),
            ("a;+5", "a;+5"),
            ("x\t＠SUM(1)", "x\t'＠SUM(1)"),
            ("\n=1+1", "'\n'=1+1"),
            ("\t1", "'\t1"),
            ("x\u{2028}=1+1", "x\u{2028}'=1+1"),
            ("x\u{2029}@A1", "x\u{2029}'@A1"),
            ("x\u{85}+cmd", "x\u{85}'+cmd"),
            ("x\u{B}\u{C}-2+3", "x\u{B}\u{C}'-2+3"),
            ("\u{C}=1", "'\u{C}'=1"),
            ("x\u{2028}y", "x\u{2028}y"),
        ] {
            assert_eq!(guard(text), guarded, "{text:?}");
        }
    }

    #[test]
    fn invisible_characters_before_a_formula_do_not_hide_it() {
        for before in [
            " ",
            "\u{A0}",
            "\u{FEFF}",
            "\u{200B}",
            "\u{202E}\u{2066}",
            "\u{200D}",
            "\"",
            "\0",
            "\u{3000}",
        ] {
            let text = format!("{before}=1+1");
            assert_eq!(guard(&text), format!("'{text}"), "{text:?}");
            let later = format!("x;{text}");
            assert_eq!(guard(&later), format!("x;'{text}"), "{later:?}");
        }
        assert_eq!(guard(" -5 "), " -5 ");
    }

    proptest! {
        #[test]
        fn no_cell_begins_a_formula_for_any_separators_of_the_reader(
            text in "[=+@＝\\-;,|\t\r\n \"'\u{200B}\u{FEFF}a1.]{0,12}",
            separators in prop::sample::subsequence(SEPARATORS.to_vec(), 0..=6),
        ) {
            let guarded = guard(&text);
            prop_assert_eq!(guarded.replace('\'', ""), text.replace('\'', ""));
            for cell in guarded.split(separators.as_slice()) {
                let shown = cell.trim_start_matches(|c: char| c == '"' || c.is_whitespace() || is_unseen(c));
                let is_number = is_plain_number(cell.trim());
                prop_assert!(!shown.starts_with(begins_formula) || is_number, "{:?} in {:?}", cell, guarded);
            }
        }
    }
}
