//! Finds where bytes contain the number or id that an erasure deletes.
//!
//! A part of a longer number or id is not an occurrence: another person's number can begin with the
//! erased one. In the bytes of a row, the neighbouring characters decide. In a file, they cannot: SQLite
//! writes the columns of a row without anything between them. There, only what a row that is left
//! contains as a part of something longer is not counted.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use memchr::memmem::Finder;

use super::maintenance::ErasureTarget;
use super::written_character::{first_character, last_character};
use crate::query::phone_digit;

/// A number of fewer digits is searched only without characters between its digits: a date or a price
/// could be that number otherwise.
const MIN_SPACED_DIGITS: usize = 7;

/// What is searched, which decides how it can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyKind {
    /// A phone number: digits of any script, with signs between them if it is long enough.
    Number { is_spaced: bool },
    /// A destination with an `@`, in upper and lower case.
    Address,
    /// Any other text, as it is.
    Id,
}

/// Finds a number or id in the bytes of rows.
pub(super) struct TargetFinder {
    /// The characters, as [`plain`] makes them.
    key: Vec<char>,
    kind: KeyKind,
    /// With which bytes the number or id can begin. A table, because every byte of an archive is looked
    /// up.
    can_begin: [bool; 256],
}

/// A place where the bytes of a row contain the number or id.
pub(super) struct Occurrence<'a> {
    /// The number or id as it is written there, or the longer one that it is a part of.
    pub(super) text: &'a [u8],
    /// Whether it is not a part of a longer number or id.
    pub(super) is_whole: bool,
}

impl Occurrence<'_> {
    /// The text as a column has it, without escape sequences of JSON.
    pub(super) fn decoded(&self) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(self.text).ok().filter(|text| text.contains('\\'))?;
        serde_json::from_str(&format!("\"{text}\"")).ok().map(String::into_bytes)
    }
}

impl TargetFinder {
    /// A finder for the target with this key, which is not empty.
    pub(super) fn new(target: &ErasureTarget, key: &str) -> Self {
        let kind = match target {
            ErasureTarget::Destination(_) if key.bytes().all(|byte| byte.is_ascii_digit()) => {
                KeyKind::Number { is_spaced: key.len() >= MIN_SPACED_DIGITS }
            }
            ErasureTarget::Destination(_) if key.contains('@') => KeyKind::Address,
            ErasureTarget::Destination(_) | ErasureTarget::MessageId(_) => KeyKind::Id,
        };
        let key: Vec<_> = key.chars().map(|it| plain(kind, it)).collect();
        let mut can_begin = [false; 256];
        for (byte, can_begin) in (0..=u8::MAX).zip(&mut can_begin) {
            // Most characters are one byte: only the others need decoding.
            *can_begin = !byte.is_ascii()
                || matches!(byte, b'\\' | b'%')
                || Some(&plain(kind, char::from(byte))) == key.first();
        }
        Self { key, kind, can_begin }
    }

    /// Every place that contains the number or id, also as a part of a longer one.
    pub(super) fn occurrences<'a>(
        &'a self,
        bytes: &'a [u8],
    ) -> impl Iterator<Item = Occurrence<'a>> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let found = self.next(bytes, from)?;
            from = found.end;
            let before = bytes.get(..found.start)?;
            let is_whole =
                !self.is_continued_before(before) && !self.is_continued_after(bytes.get(from..)?);
            let place = if is_whole { found } else { self.widened(bytes, found, usize::MAX) };
            Some(Occurrence { text: bytes.get(place)?, is_whole })
        })
    }

    fn next(&self, bytes: &[u8], from: usize) -> Option<Range<usize>> {
        let can_begin = |byte: &u8| self.can_begin.get(usize::from(*byte)) == Some(&true);
        let mut start = from;
        loop {
            start += bytes.get(start..)?.iter().position(can_begin)?;
            if let Some(length) = self.length_at(bytes.get(start..)?) {
                return Some(start..start + length);
            }
            start += 1;
        }
    }

    /// The length of the number or id at the beginning of these bytes.
    fn length_at(&self, bytes: &[u8]) -> Option<usize> {
        let mut length = 0;
        for wanted in &self.key {
            loop {
                let rest = bytes.get(length..)?;
                let (character, read) = first_character(rest)?;
                if plain(self.kind, character) == *wanted {
                    length += read;
                    break;
                }
                length += self.separator_length(rest).filter(|_| length > 0)?;
            }
        }
        Some(length)
    }

    /// The length of what may be between two digits of a number: anything but letters and digits, or
    /// the trunk prefix.
    fn separator_length(&self, bytes: &[u8]) -> Option<usize> {
        let (character, length) = first_character(bytes)?;
        match bytes {
            _ if self.kind != (KeyKind::Number { is_spaced: true }) => None,
            [b'(', b'0', b')', ..] => Some(3),
            // `%77` and `%90` can be a sign and two digits of the number.
            [b'%', ..]
                if character.is_alphanumeric() || character == char::REPLACEMENT_CHARACTER =>
            {
                Some(1)
            }
            _ if !character.is_alphanumeric() => Some(length),
            _ => None,
        }
    }

    /// Whether a character continues a number or id.
    fn is_part(&self, character: char) -> bool {
        match self.kind {
            KeyKind::Number { .. } => phone_digit(character).is_some(),
            KeyKind::Address | KeyKind::Id => {
                character.is_ascii_alphanumeric() || matches!(character, '_' | '-')
            }
        }
    }

    /// Whether a number or id begins before its occurrence. The prefix `00` belongs to a number. A
    /// hyphen continues something only if there is something: it can also begin an item of a list.
    fn is_continued_before(&self, before: &[u8]) -> bool {
        let before = match before.strip_suffix(b"00") {
            Some(prefix) if matches!(self.kind, KeyKind::Number { .. }) => prefix,
            _ => before,
        };
        self.is_continued(characters_before(before))
    }

    fn is_continued_after(&self, after: &[u8]) -> bool {
        // A sign `%` ends a number in a URL, whatever it escapes.
        let after = after.split(|byte| *byte == b'%').next().unwrap_or_default();
        self.is_continued(characters_after(after))
    }

    /// Whether the characters beside an occurrence, the nearest first, continue it.
    fn is_continued(&self, characters: impl Iterator<Item = (char, usize)>) -> bool {
        for (character, _) in characters {
            if !matches!(character, '_' | '-') {
                return self.is_part(character);
            }
            if !self.is_part(character) {
                return false;
            }
        }
        false
    }

    /// A place with the bytes around it that continue a number or id, at most this many on each side.
    fn widened(&self, bytes: &[u8], place: Range<usize>, most: usize) -> Range<usize> {
        let before =
            self.part_length(characters_before(bytes.get(..place.start).unwrap_or_default()), most);
        let after =
            self.part_length(characters_after(bytes.get(place.end..).unwrap_or_default()), most);
        place.start - before..place.end + after
    }

    /// The length of the first characters that continue a number or id, at most this many bytes.
    fn part_length(&self, characters: impl Iterator<Item = (char, usize)>, most: usize) -> usize {
        let parts = characters.take_while(|(character, _)| self.is_part(*character));
        let ends = parts.scan(0, |end, (_, length)| {
            *end += length;
            Some(*end)
        });
        ends.take_while(|end| *end <= most).last().unwrap_or_default()
    }

    /// A regular expression for the number or id in the format in which the PostgreSQL function
    /// `encode` with `escape` shows bytes: a byte that is not ASCII is a backslash and three digits
    /// there, and a backslash is two. It matches in upper and lower case, and may match more than the
    /// number or id: the versions that it finds are searched again.
    #[cfg(feature = "archive-postgres")]
    pub(super) fn pattern(&self) -> String {
        const ESCAPES: &str = r"(?:\\\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}|\\[0-7]{3})+";
        let between = match self.kind {
            KeyKind::Number { is_spaced: true } => {
                format!(r"(?:[^0-9A-Za-z]|\\\\[bfnrt]|\(0\)|{ESCAPES})*")
            }
            _ => String::new(),
        };
        let one = |character: &char| match character {
            it if it.is_ascii_alphanumeric() => format!("(?:{it}|{ESCAPES})"),
            '\\' => format!(r"(?:(?:\\\\)+|{ESCAPES})"),
            it if it.is_ascii_graphic() || *it == ' ' => {
                format!(r"(?:(?:\\\\)?\{it}|{ESCAPES})")
            }
            _ => format!(r"(?:\\\\[bfnrt]|{ESCAPES})"),
        };
        self.key.iter().map(one).collect::<Vec<_>>().join(&between)
    }
}

/// The characters at the beginning of these bytes, the first one first, each with its length.
fn characters_after(mut bytes: &[u8]) -> impl Iterator<Item = (char, usize)> {
    std::iter::from_fn(move || {
        let (character, length) = first_character(bytes)?;
        bytes = bytes.get(length..)?;
        Some((character, length))
    })
}

/// The characters at the end of these bytes, the last one first, each with its length.
fn characters_before(mut bytes: &[u8]) -> impl Iterator<Item = (char, usize)> {
    std::iter::from_fn(move || {
        let (character, length) = last_character(bytes)?;
        bytes = bytes.get(..bytes.len() - length)?;
        Some((character, length))
    })
}

/// A character in the form in which it is compared.
fn plain(kind: KeyKind, character: char) -> char {
    match kind {
        KeyKind::Number { .. } => phone_digit(character).unwrap_or(character),
        KeyKind::Address => character.to_lowercase().next().unwrap_or(character),
        KeyKind::Id => character,
    }
}

/// Counts copies in bytes that are not a row.
pub(super) struct CopyCounter<'a> {
    finder: &'a TargetFinder,
    forms: Vec<Finder<'a>>,
    longer: &'a HashSet<Vec<u8>>,
    /// The lengths of what is in `longer`.
    lengths: BTreeSet<usize>,
    longest: usize,
}

impl<'a> CopyCounter<'a> {
    /// Counts copies of the number or id in these forms, unless they are a part of what is in `longer`.
    pub(super) fn new(
        finder: &'a TargetFinder,
        forms: &'a BTreeSet<Vec<u8>>,
        longer: &'a HashSet<Vec<u8>>,
    ) -> Self {
        // A copy in a form that contains another one is a copy in that other form, too.
        let is_least = |form: &&Vec<u8>| {
            let mut others = forms.iter().filter(|other| other != form);
            !others.any(|other| Finder::new(other).find(form).is_some())
        };
        let forms: Vec<_> = forms.iter().filter(is_least).map(Finder::new).collect();
        let lengths: BTreeSet<_> = longer.iter().map(Vec::len).collect();
        let needles = forms.iter().map(|form| form.needle().len());
        let longest = needles.chain(lengths.iter().copied()).max().unwrap_or_default();
        Self { finder, forms, longer, lengths, longest }
    }

    /// How many bytes before and after the beginning of a copy are needed to recognize it.
    pub(super) fn reach(&self) -> usize {
        self.longest
    }

    /// The forms that are searched.
    #[cfg(feature = "archive-postgres")]
    pub(super) fn forms(&self) -> &[Finder<'a>] {
        &self.forms
    }

    /// The number of copies that begin in this part of the bytes.
    pub(super) fn count(&self, bytes: &[u8], part: Range<usize>) -> u64 {
        self.forms.iter().map(|form| self.count_form(form, bytes, part.clone())).sum()
    }

    /// The number of copies in one of the forms that begin in this part of the bytes.
    pub(super) fn count_form(&self, form: &Finder<'_>, bytes: &[u8], part: Range<usize>) -> u64 {
        form.find_iter(bytes)
            .filter(|at| part.contains(at))
            .filter(|at| !self.is_in_longer(bytes, *at..at + form.needle().len()))
            .count() as u64
    }

    fn is_in_longer(&self, bytes: &[u8], place: Range<usize>) -> bool {
        if self.longer.is_empty() {
            return false;
        }
        let around = self.finder.widened(bytes, place.clone(), self.longest);
        self.lengths.iter().any(|length| {
            (around.start..=place.start)
                .map(|start| start..start + length)
                .filter(|wide| wide.end >= place.end && wide.end <= around.end)
                .filter_map(|wide| bytes.get(wide))
                .any(|text| self.longer.contains(text))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number() -> TargetFinder {
        let number = "447700900777";
        TargetFinder::new(&ErasureTarget::Destination(number.to_owned()), number)
    }

    fn found<'a>(finder: &'a TargetFinder, text: &'a str) -> Vec<(&'a str, bool)> {
        let occurrences = finder.occurrences(text.as_bytes());
        occurrences.map(|it| (std::str::from_utf8(it.text).unwrap(), it.is_whole)).collect()
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        for (text, form) in [
            (r#""to":447700900777}"#, "447700900777"),
            ("call +44 7700 900 777.", "44 7700 900 777"),
            ("+44-7700-900-777", "44-7700-900-777"),
            ("+44.7700.900777, or", "44.7700.900777"),
            ("+44 (7700) 900/777", "44 (7700) 900/777"),
            ("+44 (0)7700 900777", "44 (0)7700 900777"),
            ("00447700900777", "447700900777"),
            ("00 44 7700 900777", "44 7700 900777"),
            ("+44\u{A0}7700\u{2011}900777", "44\u{A0}7700\u{2011}900777"),
            (r"+44\u00a07700\/900777", r"44\u00a07700\/900777"),
            (r"call\u0020447700900777", "447700900777"),
            ("https://wa.me/?text=call%20447700900777", "447700900777"),
            ("https://wa.me/?text=call%2B447700900777%20or", "447700900777"),
            ("44%207700%20900777", "44%207700%20900777"),
            ("44%C2%A07700%900777", "44%C2%A07700%900777"),
            ("100%447700900777", "447700900777"),
            ("44_7700_900_777", "44_7700_900_777"),
            ("44:7700:900777", "44:7700:900777"),
            ("44,7700;900*7#7|7", "44,7700;900*7#7|7"),
            (r#"44\"7700\"900777"#, r#"44\"7700\"900777"#),
            (r"\u0034\u0034770090077\u0037", r"\u0034\u0034770090077\u0037"),
            ("\u{FF14}\u{FF14}7700900777", "\u{FF14}\u{FF14}7700900777"),
            ("٤٤٧٧٠٠٩٠٠٧٧٧", "٤٤٧٧٠٠٩٠٠٧٧٧"),
        ] {
            assert_eq!(found(&number(), text), [(form, true)], "{text}");
        }
    }

    #[test]
    fn a_part_of_a_longer_number_is_not_the_number() {
        for (text, longer) in [
            (r#""4477009007771""#, "4477009007771"),
            ("1447700900777", "1447700900777"),
            ("+1 447700 9007771", "447700 9007771"),
            ("100447700900777", "100447700900777"),
            (r"\u0031447700900777", r"\u0031447700900777"),
            ("\u{FF11}447700900777", "\u{FF11}447700900777"),
        ] {
            assert_eq!(found(&number(), text), [(longer, false)], "{text}");
        }
        assert_eq!(found(&number(), "+44 7700 900 778, 44 x7700900777, 44%C3%A97700900777"), []);
    }

    #[test]
    fn an_address_is_found_in_upper_and_lower_case() {
        let address = "a.b@example.com";
        let finder = TargetFinder::new(&ErasureTarget::Destination(address.to_owned()), address);
        for text in
            ["A.B@Example.com", "A.B@EXAMPLE.COM", "a.b%40example.com", r"a.b\u0040example.com"]
        {
            assert_eq!(found(&finder, &format!("-{text}, x")), [(text, true)], "{text}");
        }
        let text = "x-a.b@example.com a.b@example.com- a.b@example.com-x";
        let expected =
            [("x-a.b@example.com", false), (address, true), ("a.b@example.com-x", false)];
        assert_eq!(found(&finder, text), expected);
    }

    #[test]
    fn an_id_is_not_found_in_a_longer_id() {
        let finder = TargetFinder::new(&ErasureTarget::MessageId("m0".to_owned()), "m0");
        let text = r#"{"messageId":"m0","text":"xm0 m0_1, m0.\nm0 m01"}"#;
        let whole = ("m0", true);
        let expected = [whole, ("xm0", false), ("m0_1", false), whole, whole, ("m01", false)];
        assert_eq!(found(&finder, text), expected);
    }

    #[test]
    fn what_a_row_has_as_a_part_of_something_longer_does_not_count_as_a_copy() {
        let finder = number();
        let forms = BTreeSet::from([b"447700900777".to_vec(), b"+447700900777".to_vec()]);
        let longer = HashSet::from([b"4477009007771".to_vec()]);
        let counter = CopyCounter::new(&finder, &forms, &longer);
        // Neighbouring columns have no character between them.
        let bytes = b"SMS4477009007771\x01 12345447700900777 +4477009007779 447700900777";
        assert_eq!(counter.count(bytes, 0..bytes.len()), 3);
    }
}
