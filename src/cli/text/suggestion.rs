//! Which known word was probably meant by one that is not known.

/// How similar two words are when one is probably a slip for the other, from 0 to 1.
const MIN_SIMILARITY: f64 = 0.8;

/// The known word that is most like this one, in any letter case; `None` when none is like it.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&known.to_lowercase(), &word), known))
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognized_and_another_word_is_not() {
        let known = ["SMS", "PUSH", "WHATSAPP"];
        assert_eq!(closest("psuh", known), Some("PUSH"));
        assert_eq!(closest("whatsap", known), Some("WHATSAPP"));
        assert_eq!(closest("carrier pigeon", known), None);
        assert_eq!(closest("", known), None);
    }
}
