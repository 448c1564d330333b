//! Finds the numbers and e-mail addresses of a row's sender and destination in its other fields.

use super::address::{mark_numbers, significant_digits};
use super::digits::{
    Digit, MIN_NUMBER, has_loose_runs, loose_runs, masked_text, runs, with_ascii_digits,
};
use crate::visible::is_local;

/// A local part with fewer characters is searched as a whole word only, because it may be a part of
/// other words.
const MIN_PART_OF_WORD: usize = 5;

/// A local part with fewer characters is not searched.
const MIN_WORD: usize = 3;

/// The numbers and e-mail addresses to hide in a row.
#[derive(Debug, Default)]
pub(super) struct KnownAddresses {
    /// The digits of each number, without the country code, which is not hidden.
    numbers: Vec<Vec<u8>>,
    /// The local part, before the `@`, of each e-mail address.
    local_parts: Vec<String>,
}

impl KnownAddresses {
    /// Adds the numbers and the e-mail addresses in the text of a sender or destination.
    pub(super) fn add(&mut self, text: &str) {
        for run in runs(&with_ascii_digits(text)) {
            let digits: String = run.iter().map(|digit| char::from(digit.byte)).collect();
            let digits = significant_digits(&digits);
            if digits.len() >= MIN_NUMBER {
                self.numbers.push(digits.bytes().collect());
            }
        }
        for (at, _) in text.match_indices('@') {
            let before = text.get(..at).unwrap_or_default();
            let local = match before.strip_suffix('"').and_then(|quoted| quoted.rsplit_once('"')) {
                Some((_, quoted)) => quoted,
                None => before.rsplit(|c: char| !is_local(c)).next().unwrap_or_default(),
            };
            // An address without its tag is the same mailbox.
            for part in [local, local.split('+').next().unwrap_or_default()] {
                if part.chars().count() >= MIN_WORD {
                    self.local_parts.push(part.to_owned());
                }
            }
        }
    }

    /// Whether a name, or a value that is a number or a time, contains a known number or address. The
    /// signs between the digits of a time are not those of a number.
    pub(super) fn occurs_in(&self, text: &str) -> bool {
        let mut masked = vec![false; text.len()];
        self.mark_known(text, &mut masked);
        self.hide_marked(text, &masked) != text
    }

    /// The text with each known number and address hidden. A number is found with blanks, brackets and
    /// dashes between its digits, and with or without its country code; a complete number also with
    /// other signs between its digits, and in digits of other scripts.
    pub(super) fn hide_in(&self, text: &str) -> String {
        self.hide_known(text, vec![false; text.len()])
    }

    /// The text with each known number and address hidden, and each other number that is long enough
    /// for a phone number. Both are searched in the original text: what a mask leaves of a number that
    /// resembles a known one is too short to be recognized as a number.
    pub(super) fn hide_all_numbers_in(&self, text: &str) -> String {
        let mut masked = vec![false; text.len()];
        mark_numbers(text, &mut masked);
        self.hide_known(text, masked)
    }

    /// The text with each known number and address and the marked digits hidden.
    fn hide_known(&self, text: &str, mut masked: Vec<bool>) -> String {
        self.mark_known(text, &mut masked);
        if !self.numbers.is_empty() && has_loose_runs(text) {
            for run in loose_runs(text) {
                for number in &self.numbers {
                    // With any signs between digits, a part of a number could be a part of a time.
                    mask_common_digits(&run, number, number.len(), &mut masked);
                }
            }
        }
        self.hide_marked(text, &masked)
    }

    fn mark_known(&self, text: &str, masked: &mut [bool]) {
        if self.numbers.is_empty() {
            return;
        }
        for run in runs(text) {
            for number in &self.numbers {
                mask_common_digits(&run, number, MIN_NUMBER, masked);
            }
        }
    }

    /// The text with the known addresses and the marked digits hidden.
    fn hide_marked(&self, text: &str, masked: &[bool]) -> String {
        let hidden = masked_text(text, masked);
        self.local_parts.iter().fold(hidden, |hidden, local| without_word(&hidden, local))
    }
}

/// Marks the digits of a run that it shares with the number, where these are `least` or more, except
/// the last two of the number.
fn mask_common_digits(run: &[Digit], number: &[u8], least: usize, masked: &mut [bool]) {
    for at in 0..run.len() {
        for from in 0..number.len() {
            let pairs = run.get(at..).unwrap_or_default().iter().zip(number.iter().skip(from));
            let common = pairs.take_while(|(digit, known)| digit.byte == **known).count();
            if common < least {
                continue;
            }
            for (digit, place) in run.iter().skip(at).take(common).zip(from..) {
                if place + 2 < number.len()
                    && let Some(mask) = masked.get_mut(digit.at)
                {
                    *mask = true;
                }
            }
        }
    }
}

/// The text with `***` in place of a word. The case of ASCII letters is ignored.
fn without_word(text: &str, word: &str) -> String {
    let anywhere = word.chars().count() >= MIN_PART_OF_WORD;
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    let mut before: Option<char> = None;
    while let Some(c) = rest.chars().next() {
        let found = rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        let after = rest.get(word.len()..).and_then(|after| after.chars().next());
        let is_whole =
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric);
        let length = if found && (anywhere || is_whole) {
            hidden.push_str("***");
            word.len()
        } else {
            hidden.push(c);
            c.len_utf8()
        };
        let (passed, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        before = passed.chars().next_back();
        rest = after;
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(known: &str, text: &str) -> String {
        let mut addresses = KnownAddresses::default();
        addresses.add(known);
        addresses.hide_in(text)
    }

    #[test]
    fn a_number_is_found_in_every_notation() {
        for (text, expected) in [
            ("447700900123", "44********23"),
            ("+44 7700 900123", "+44 **** ****23"),
            ("call (0)7700-900 123 now", "call (0)****-*** *23 now"),
            ("id-447700900123-1", "id-44********23-1"),
            ("00000447700900123999", "0000044********23999"),
            // A part that still identifies the number.
            ("ends with 0900123", "ends with *****23"),
            ("7700900", "*******"),
        ] {
            assert_eq!(hidden("447700900123", text), expected, "{text}");
            assert_eq!(hidden("tel:+44 (7700) 900-123", text), expected, "{text}");
        }
        for text in ["900123", "447700", "41793026727", "2026-11-25T10:00:00.000+0000"] {
            assert_eq!(hidden("447700900123", text), text);
        }
    }

    #[test]
    fn a_complete_number_is_found_with_any_signs_between_its_digits_and_in_other_scripts() {
        for (text, expected) in [
            ("44,7700,900,222", "44,****,***,*22"),
            ("44:7700:900222", "44:****:****22"),
            ("44\t7700\n900222", "44\t****\n****22"),
            ("44_7700'900;222", "44_****'***;*22"),
            ("４４７７００９００２２２", "４４********２２"),
            ("٤٤٧٧٠٠٩٠٠٢٢٢", "٤٤********٢٢"),
            ("to 44 7700\u{200B}900222, at 10:00:00", "to 44 ****\u{200B}****22, at 10:00:00"),
        ] {
            for known in ["447700900222", "４４７７００９００２２２"] {
                assert_eq!(hidden(known, text), expected, "{text:?}");
            }
        }
        for text in [
            "1,447,700.90",
            "7,700,900 of 22",
            "at 10:00:00, 22:07:59, 2026-11-28 07:00:22",
            "44 7700 x 900,222",
        ] {
            assert_eq!(hidden("447700900222", text), text);
        }
        assert_eq!(hidden("447700900000", "at 09:00:00.000"), "at 09:00:00.000");
    }

    #[test]
    fn a_mailbox_is_found_with_and_without_its_domain() {
        for (text, expected) in [
            ("to Jane.Doe@example.com", "to ***@example.com"),
            ("bulk-jane.doe-1", "bulk-***-1"),
            ("Xjane.doeX", "X***X"),
        ] {
            assert_eq!(hidden("jane.doe@example.com", text), expected, "{text}");
            assert_eq!(hidden("Jane <jane.doe+shop@example.com>", text), expected, "{text}");
        }
        assert_eq!(hidden("jim@example.com", "jim said jimmy"), "*** said jimmy");
        assert_eq!(hidden("\"a b\"@example.com", "from a b"), "from ***");
        assert_eq!(hidden("a@example.com", "a message"), "a message");
    }
}
