//! Suggestions for unknown words: the known word that was probably meant.

/// With at least this similarity (0 to 1), one word is probably a misspelling of the other.
pub(crate) const MIN_SIMILARITY: f64 = 0.8;

/// Words that are less similar than the best one by more than this are not suggested.
const MAX_DIFFERENCE: f64 = 0.05;

/// The similarity of two words of which one has two neighbouring letters swapped. This misspelling is
/// more likely than one with other letters, which the measure of Jaro and Winkler can prefer.
const SWAPPED: f64 = 0.99;

/// How similar two words are, case-insensitive: 1 for the same word.
pub(crate) fn similarity(word: &str, known: &str) -> f64 {
    let (word, known) = (word.to_lowercase(), known.to_lowercase());
    if strsim::osa_distance(&word, &known) == 1 && letters(&word) == letters(&known) {
        return SWAPPED;
    }
    strsim::jaro_winkler(&known, &word)
}

/// The letters of a word in one order for all words of these letters.
fn letters(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

/// The most similar known word; `None` when no word is similar enough.
pub(crate) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    closest_by(known, |known| similarity(word, known)).into_iter().next()
}

/// The words that are similar enough, the most similar first.
pub(crate) fn closest_by<'a>(
    known: impl IntoIterator<Item = &'a str>,
    similarity: impl Fn(&str) -> f64,
) -> Vec<&'a str> {
    let rated = known.into_iter().map(|known| (similarity(known), known));
    let mut rated: Vec<_> = rated.filter(|(rating, _)| *rating >= MIN_SIMILARITY).collect();
    rated.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let best = rated.first().map_or(0.0, |(rating, _)| *rating);
    rated.retain(|(rating, _)| best - rating <= MAX_DIFFERENCE);
    rated.into_iter().map(|(_, known)| known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_is_recognized_and_another_word_is_not() {
        let known = ["SMS", "PUSH", "WHATSAPP"];
        assert_eq!(closest("psuh", known), Some("PUSH"));
        assert_eq!(closest("whatsap", known), Some("WHATSAPP"));
        assert_eq!(closest("carrier pigeon", known), None);
        assert_eq!(closest("", known), None);
        assert_eq!(closest("yaml", ["table", "json", "jsonl", "csv", "tsv", "xml"]), None);
    }

    #[test]
    fn a_word_with_two_letters_swapped_is_preferred() {
        assert_eq!(closest("form", ["for", "format", "from"]), Some("from"));
        assert_eq!(closest("Form", ["for", "FROM"]), Some("FROM"));
        assert_eq!(closest("fo", ["for", "from"]), Some("for"));
    }

    #[test]
    fn only_words_that_are_about_as_similar_as_the_best_are_suggested() {
        let rate = |known: &str| match known {
            "a" => 0.82,
            "b" => 0.95,
            "c" => 0.91,
            _ => 0.5,
        };
        assert_eq!(closest_by(["a", "b", "c", "d"], rate), ["b", "c"]);
        assert_eq!(closest_by(["d"], rate), [""; 0]);
    }
}
