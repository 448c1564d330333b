//! What holds for every refusal of what a person wrote: it is safe to show, short, and tells what
//! would work.

use super::visible::{harmless_to_look_at, longest_number};
use crate::failure::{Failure, Kind};

/// Checks a refusal.
pub(super) fn check(failure: &Failure) {
    assert_eq!(failure.kind, Kind::Usage);
    assert!(!failure.message.is_empty());
    for words in parts(failure) {
        harmless_to_look_at(words);
        assert!(words.chars().count() <= 400, "{words:?} is long");
        // A NUL that was typed is shown with a zero, and is no digit.
        let typed = words.replace("\\0", "_");
        assert!(longest_number(&typed) < 7, "{words:?} may hold a phone number");
    }
}

/// The message, the causes and the hints.
pub(super) fn parts(failure: &Failure) -> impl Iterator<Item = &str> {
    let more = failure.causes.iter().chain(&failure.hints);
    std::iter::once(&failure.message).chain(more).map(String::as_str)
}
