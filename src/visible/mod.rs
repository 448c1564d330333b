//! Makes untrusted text safe to show: it cannot control a terminal, start a new line, change the
//! reading order, or hide.
//!
//! Characters are replaced by a visible form, never removed, and letters of every script stay.
//! Machine formats must not use [`visible`]; JSON has [`escape_json`], which changes no value.

use std::borrow::Cow;
use std::fmt::Write as _;

mod emails;
mod harmless_numbers;
mod numbers;

pub use emails::without_addresses;
pub(crate) use emails::{is_local, without_emails};
pub(crate) use numbers::MIN_PHONE_DIGITS;
pub use numbers::{has_phone_number, without_numbers};

/// The text with every dangerous character in a visible form: `^[` for ESC, `\n` for a line feed,
/// `^G` and the like for other controls, `<U+202E>` for the rest. Borrowed when there is none.
///
/// Invisible characters stay where a script or an emoji needs them: joiners inside emoji sequences
/// and between letters of scripts that join, one variation selector after its base, tags in a flag.
/// The result is one line, and applying the function again does not change it.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if is_printable_ascii(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    // Text before this index has been copied.
    let mut copied = 0;
    let mut before = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let after = characters.peek().map(|(_, c)| *c);
        if c == BLACK_FLAG {
            // The tags of a flag are kept as a whole.
            for _ in 0..flag_tags(text.get(at + c.len_utf8()..).unwrap_or_default()) {
                characters.next();
            }
        }
        if is_kept(before, c, after) {
            before = Some(c);
            continue;
        }
        if shown.capacity() == 0 {
            shown.reserve(text.len() + 16);
        }
        shown.push_str(text.get(copied..at).unwrap_or_default());
        push_visible(&mut shown, c);
        copied = at + c.len_utf8();
        before = None;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(shown)
}

/// A word with the lowest bit of each of its bytes.
const ONES: u64 = 0x0101_0101_0101_0101;
/// A word with the highest bit of each of its bytes.
const TOP_BITS: u64 = ONES << 7;

/// Whether a text is printable ASCII only, as most cells are.
pub(crate) fn is_printable_ascii(text: &str) -> bool {
    let (words, rest) = text.as_bytes().as_chunks();
    let mut printable = TOP_BITS;
    for word in words {
        // For a byte of ASCII, the sum has the highest bit from the space on.
        printable &= u64::from_ne_bytes(*word).wrapping_add(0x60 * ONES);
    }
    printable == TOP_BITS
        && is_ascii_without_del(text.as_bytes())
        && rest.iter().all(|byte| *byte >= 0x20)
}

/// Whether all bytes are ASCII, and none is DEL.
fn is_ascii_without_del(bytes: &[u8]) -> bool {
    let rest = bytes.get(plain_words(bytes)..).unwrap_or_default();
    rest.iter().all(|byte| *byte < 0x7F)
}

/// The length of the words from the beginning whose bytes are all ASCII without DEL. With a branch for
/// four words instead of one for each byte, because every text that is written is read here.
fn plain_words(bytes: &[u8]) -> usize {
    const FOUR: usize = 4;
    let others = |word: &[u8; 8]| {
        let word = u64::from_ne_bytes(*word);
        // DEL is the only byte of ASCII that gets the highest bit when one is added.
        (word | word.wrapping_add(ONES)) & TOP_BITS
    };
    let (words, _) = bytes.as_chunks();
    let (fours, _) = words.as_chunks::<FOUR>();
    let is_plain = |[first, second, third, fourth]: &&[[u8; 8]; FOUR]| {
        others(first) | others(second) | others(third) | others(fourth) == 0
    };
    let plain = fours.iter().take_while(is_plain).count() * FOUR;
    let rest = words.get(plain..).unwrap_or_default();
    (plain + rest.iter().take_while(|word| others(word) == 0).count()) * size_of::<u64>()
}

/// Whether a character can control a terminal, reorder text, break lines or hide, wherever it is.
/// Joiners and variation selectors are not included, because their effect depends on their place.
#[must_use]
pub fn is_dangerous(c: char) -> bool {
    // First what is most frequent: printable ASCII, and the letters of most scripts.
    if matches!(c, ' '..='~' | '\u{AE}'..='\u{34E}' | '\u{620}'..='\u{115E}' | '\u{3165}'..='\u{FEFE}')
    {
        return false;
    }
    matches!(c,
        // Controls: C0, DEL, C1.
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        // Bidirectional marks, embeddings, overrides and isolates.
        | '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
        // Line and paragraph separator.
        | '\u{2028}' | '\u{2029}'
        // Shown as nothing (Default_Ignorable_Code_Point): soft hyphen, grapheme joiner, fillers,
        // inherent vowels, zero-width space, word joiner, byte order mark, deprecated formats.
        | '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
        | '\u{200B}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{3164}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}'
        // Interlinear annotation; hieroglyph, shorthand and musical formats.
        | '\u{FFF9}'..='\u{FFFB}' | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        // Tags, which spell invisible text, and the reserved code points beside them.
        | '\u{E0000}'..='\u{E00FF}' | '\u{E01F0}'..='\u{E0FFF}'
    )
}

/// A valid JSON text with the dangerous characters of its strings as `\uXXXX`; everything else stays
/// byte for byte. It parses to the same value. Borrowed when there are none.
#[must_use]
pub fn escape_json(text: &str) -> Cow<'_, str> {
    // A valid text has C0 controls between its tokens only.
    let must_go = |c: char| c >= '\u{7F}' && is_dangerous(c);
    let Some(first) = first_beyond_ascii(text, must_go) else { return Cow::Borrowed(text) };
    let (plain, rest) = text.split_at(first);
    let mut escaped = String::with_capacity(text.len() + 16);
    escaped.push_str(plain);
    for c in rest.chars() {
        if must_go(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// The byte offset of the first character that `is` accepts; it may accept DEL and characters outside
/// ASCII only. Other ASCII characters, the most frequent ones, are skipped in words.
fn first_beyond_ascii(text: &str, is: impl Fn(char) -> bool) -> Option<usize> {
    // After as many bytes, characters of ASCII are skipped in words again.
    const RUN: usize = 32;
    let mut at = 0;
    while let Some(rest) = text.as_bytes().get(at..).filter(|rest| !rest.is_empty()) {
        at += plain_words(rest);
        let mut mixed = text.get(at..)?.char_indices();
        let end = mixed.find(|(index, c)| is(*c) || (*index >= RUN && c.is_ascii()));
        match end {
            Some((index, c)) if is(c) => return Some(at + index),
            Some((index, _)) => at += index,
            None => return None,
        }
    }
    None
}

fn push_visible(shown: &mut String, c: char) {
    match c {
        '\0' => shown.push_str("\\0"),
        '\t' => shown.push_str("\\t"),
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\u{1}'..='\u{1F}' | '\u{7F}' => {
            shown.push('^');
            // Caret notation: the letter is the control character with one bit flipped.
            shown.push(char::from_u32(u32::from(c) ^ 0x40).unwrap_or('?'));
        }
        _ => {
            let _ = write!(shown, "<U+{:04X}>", u32::from(c));
        }
    }
}

/// Whether a character stays, given the character before it, if that one was kept, and the one after
/// it.
fn is_kept(before: Option<char>, c: char, after: Option<char>) -> bool {
    let after_a = |fits: fn(char) -> bool| before.is_some_and(fits);
    match c {
        JOINER if after_a(can_end_emoji) && after.is_some_and(is_pictograph) => true,
        JOINER | NON_JOINER => {
            after_a(is_virama) || (after_a(is_joining) && after.is_some_and(is_joining))
        }
        '\u{FE00}'..='\u{FE0F}' => after_a(takes_variation),
        '\u{180B}'..='\u{180D}' | '\u{180F}' => after_a(|c| matches!(c, '\u{1820}'..='\u{18AA}')),
        '\u{E0100}'..='\u{E01EF}' => after_a(is_ideograph),
        _ => !is_dangerous(c),
    }
}

const JOINER: char = '\u{200D}';
const NON_JOINER: char = '\u{200C}';
const BLACK_FLAG: char = '\u{1F3F4}';

/// How many tag characters after a black flag make it the flag of a region: three to six letters
/// or digits as in ISO 3166-2, and the end tag; 0 when they do not.
fn flag_tags(rest: &str) -> usize {
    let is_letter = |c: &char| matches!(c, '\u{E0030}'..='\u{E0039}' | '\u{E0061}'..='\u{E007A}');
    let letters = rest.chars().take(7).take_while(is_letter).count();
    let ends = rest.chars().nth(letters) == Some('\u{E007F}');
    if (3..=6).contains(&letters) && ends { letters + 1 } else { 0 }
}

/// Symbols that can be part of emoji sequences. The ranges are wide, because all of these are visible
/// in any case.
fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}' | '\u{2600}'..='\u{27BF}'
        | '\u{2B00}'..='\u{2BFF}' | '\u{1F000}'..='\u{1F1E5}' | '\u{1F200}'..='\u{1F3FA}'
        | '\u{1F400}'..='\u{1FAFF}')
}

/// A pictograph, its skin tone, or its variation selector.
fn can_end_emoji(c: char) -> bool {
    is_pictograph(c) || matches!(c, '\u{1F3FB}'..='\u{1F3FF}' | '\u{FE0F}')
}

/// Whether a variation selector can follow: any visible character outside ASCII, and the characters
/// of keycaps.
fn takes_variation(c: char) -> bool {
    matches!(c, '0'..='9' | '#' | '*')
        || (c > '\u{A0}'
            && !c.is_whitespace()
            && !matches!(c, '\u{FE00}'..='\u{FE0F}' | JOINER | NON_JOINER))
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// Letters and marks of the scripts in which a joiner changes the shape of its neighbours: Arabic,
/// Syriac, N'Ko, Mandaic, the Indic scripts, Myanmar, Khmer, Mongolian, Adlam.
fn is_joining(c: char) -> bool {
    let script = matches!(c, '\u{600}'..='\u{77F}' | '\u{7C0}'..='\u{85F}' | '\u{8A0}'..='\u{DFF}'
        | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{1820}'..='\u{18AF}'
        | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{1E900}'..='\u{1E95F}');
    script && !is_dangerous(c)
}

/// The viramas of Indic scripts, after which RFC 5892 (appendix A) permits a joiner.
fn is_virama(c: char) -> bool {
    matches!(
        c,
        '\u{94D}'
            | '\u{9CD}'
            | '\u{A4D}'
            | '\u{ACD}'
            | '\u{B4D}'
            | '\u{BCD}'
            | '\u{C4D}'
            | '\u{CCD}'
            | '\u{D4D}'
            | '\u{DCA}'
    )
}

#[cfg(test)]
mod tests;
