//! Checks what holds for every error about typed text: it is short and safe to display.

use omnilogs::visible::has_phone_number;

use super::visible::{assert_safe_to_display, longest_number};
use crate::failure::{Failure, Kind};

/// The list of all columns has 370 characters.
const MAX_LENGTH: usize = 450;

/// Checks an error.
pub(super) fn check(failure: &Failure) {
    assert_eq!(failure.kind, Kind::Usage);
    assert!(!failure.message.is_empty());
    for words in parts(failure) {
        assert_safe_to_display(words);
        assert!(words.chars().count() <= MAX_LENGTH, "{words:?} is long");
        // A typed NUL is displayed with a zero, which is not a digit of the input.
        let typed = words.replace("\\0", "_");
        // A fraction or the like may have many digits.
        let is_safe = longest_number(&typed) < 7 || !has_phone_number(&typed);
        assert!(is_safe, "{words:?} may hold a phone number");
    }
}

/// The message, the causes and the hints.
pub(super) fn parts(failure: &Failure) -> impl Iterator<Item = &str> {
    let more = failure.causes.iter().chain(&failure.hints);
    std::iter::once(&failure.message).chain(more).map(String::as_str)
}
