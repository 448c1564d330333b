//! Finds where bytes contain the number or id that an erasure deletes.
//!
//! A part of a longer number or id is not an occurrence: another person's number can begin with the
//! erased one. In the bytes of a row, the neighbouring characters decide. In a file, they cannot: SQLite
//! writes the columns of a row without anything between them. There, only what a row that is left
//! contains as a part of something longer is not counted.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use memchr::{memchr_iter, memmem::Finder};

use super::maintenance::ErasureTarget;
use crate::query::is_phone_separator;

/// A number of fewer digits is searched only without characters between its digits: a date or a price
/// could be that number otherwise.
const MIN_SPACED_DIGITS: usize = 7;

/// Finds a number or id in the bytes of rows.
pub(super) struct TargetFinder {
    key: Vec<u8>,
    is_number: bool,
    finder: Finder<'static>,
}

/// A place where the bytes of a row contain the number or id.
pub(super) struct Occurrence<'a> {
    /// The number or id as it is written there, or the longer one that it is a part of.
    pub(super) text: &'a [u8],
    /// Whether it is not a part of a longer number or id.
    pub(super) is_whole: bool,
}

impl TargetFinder {
    /// A finder for the target with this key, which is not empty.
    pub(super) fn new(target: &ErasureTarget, key: &str) -> Self {
        let is_digits = key.bytes().all(|byte| byte.is_ascii_digit());
        Self {
            key: key.as_bytes().to_vec(),
            is_number: is_digits && matches!(target, ErasureTarget::Destination(_)),
            finder: Finder::new(key).into_owned(),
        }
    }

    /// The digits of a number that can be written with other characters between them.
    pub(super) fn spaced_digits(&self) -> Option<&[u8]> {
        (self.is_number && self.key.len() >= MIN_SPACED_DIGITS).then_some(&*self.key)
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
            let is_whole = !self.has_part_before(bytes, found.start)
                && !bytes.get(found.end).is_some_and(|byte| self.is_part(*byte));
            let place = if is_whole { found } else { self.widened(bytes, found, usize::MAX) };
            Some(Occurrence { text: bytes.get(place)?, is_whole })
        })
    }

    fn next(&self, bytes: &[u8], from: usize) -> Option<Range<usize>> {
        let rest = bytes.get(from..)?;
        let place = match self.spaced_digits() {
            None => self.finder.find(rest).map(|at| (at, self.key.len())),
            Some(digits) => memchr_iter(*digits.first()?, rest)
                .find_map(|at| Some((at, spaced_length(rest.get(at..)?, digits)?))),
        };
        place.map(|(at, length)| from + at..from + at + length)
    }

    /// Whether a character continues a number or id.
    fn is_part(&self, byte: u8) -> bool {
        byte.is_ascii_digit()
            || !self.is_number && (byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'))
    }

    /// Whether a number or id begins before `at`. The prefix `00` belongs to a number, and the last
    /// character of an escape sequence of JSON is none of the text.
    fn has_part_before(&self, bytes: &[u8], at: usize) -> bool {
        let has_part = |before: &[u8]| {
            before.last().is_some_and(|byte| self.is_part(*byte)) && !ends_with_escape(before)
        };
        let before = bytes.get(..at).unwrap_or_default();
        match before.strip_suffix(b"00") {
            Some(prefix) if self.is_number => has_part(prefix),
            _ => has_part(before),
        }
    }

    /// A place with the characters around it that continue a number or id, at most this many on each
    /// side.
    fn widened(&self, bytes: &[u8], place: Range<usize>, most: usize) -> Range<usize> {
        let is_part = |byte: &&u8| self.is_part(**byte);
        let before = bytes
            .get(..place.start)
            .unwrap_or_default()
            .iter()
            .rev()
            .take(most)
            .take_while(is_part)
            .count();
        let after = bytes
            .get(place.end..)
            .unwrap_or_default()
            .iter()
            .take(most)
            .take_while(is_part)
            .count();
        place.start - before..place.end + after
    }
}

/// The length of a number at the beginning of these bytes, with the characters between its digits.
fn spaced_length(bytes: &[u8], digits: &[u8]) -> Option<usize> {
    let mut length = 0;
    for digit in digits {
        while let Some(between) =
            bytes.get(length..).filter(|_| length > 0).and_then(separator_length)
        {
            length += between;
        }
        if bytes.get(length) != Some(digit) {
            return None;
        }
        length += 1;
    }
    Some(length)
}

/// The length of what may be between two digits of a number: a blank or sign, written as such or as an
/// escape sequence of JSON, or the trunk prefix.
fn separator_length(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'(', b'0', b')', ..] => Some(3),
        [byte, ..] if byte.is_ascii() && *byte != b'\\' => {
            is_phone_separator(char::from(*byte)).then_some(1)
        }
        [b'\\', b'/' | b'n' | b'r' | b't', ..] => Some(2),
        [b'\\', b'u', a, b, c, d, ..] => {
            let code = [a, b, c, d]
                .iter()
                .try_fold(0, |code, digit| Some(code * 16 + char::from(**digit).to_digit(16)?))?;
            char::from_u32(code).filter(|it| is_phone_separator(*it)).map(|_| 6)
        }
        _ => {
            let start = bytes.get(..bytes.len().min(3))?;
            let character = start.utf8_chunks().next()?.valid().chars().next()?;
            is_phone_separator(character).then(|| character.len_utf8())
        }
    }
}

fn ends_with_escape(before: &[u8]) -> bool {
    match before {
        [.., b'\\', b'u', a, b, c, d] => [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()),
        [.., b'\\', b'b' | b'f' | b'n' | b'r' | b't'] => true,
        _ => false,
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
        ] {
            assert_eq!(found(&number(), text), [(longer, false)], "{text}");
        }
        assert_eq!(found(&number(), "+44 7700 900 778, 44,7700900777"), []);
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
