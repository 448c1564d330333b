//! How an SMS carries a text, by 3GPP TS 23.038 and TS 23.040: in the GSM 7-bit alphabet or in UCS-2,
//! in one segment or in several.
//!
//! This is what the text needs. A network can do otherwise: some have national alphabets.

/// The characters of the GSM 7-bit default alphabet that ASCII does not have.
const BASIC: &str = "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";

/// An alphabet of SMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Alphabet {
    /// The GSM 7-bit default alphabet with its extension table.
    Gsm7,
    /// UTF-16, which every character outside the GSM 7-bit alphabet needs.
    Ucs2,
}

impl Alphabet {
    /// `GSM-7` or `UCS-2`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        }
    }

    /// The units that a character takes: septets, or 16 bits; `None` where the alphabet does not have
    /// it.
    fn units(self, c: char) -> Option<usize> {
        match self {
            Self::Gsm7 => septets(c),
            Self::Ucs2 => Some(c.len_utf16()),
        }
    }

    /// The units of a text that is sent alone, and of each segment of a longer one, which has a
    /// header.
    fn room(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }

    /// The segments for a text of characters with these units. No character is split: neither a
    /// character of the extension table, which takes two septets, nor a pair of surrogates.
    fn segments(self, units: impl Iterator<Item = usize>) -> u64 {
        let (alone, each) = self.room();
        let (mut total, mut segments, mut used) = (0, 1, 0);
        for units in units {
            total += units;
            if used + units > each {
                segments += 1;
                used = 0;
            }
            used += units;
        }
        if total <= alone { 1 } else { segments }
    }
}

/// How an SMS carries a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmsEncoding {
    /// The alphabet.
    pub alphabet: Alphabet,
    /// The number of segments, at least 1.
    pub segments: u64,
}

impl SmsEncoding {
    /// What a text needs.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let is_gsm7 = text.chars().all(|c| septets(c).is_some());
        let alphabet = if is_gsm7 { Alphabet::Gsm7 } else { Alphabet::Ucs2 };
        let segments = alphabet.segments(text.chars().filter_map(|c| alphabet.units(c)));
        Self { alphabet, segments }
    }
}

/// The one character without which a text would have fewer segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CostlyCharacter {
    /// The character, which can occur several times.
    pub character: char,
    /// The segments of the text with another character in its place, in GSM-7.
    pub segments_without: u64,
}

/// The character that alone makes a text UCS-2 and longer; `None` where there are several such
/// characters, or where the text would have as many segments without it.
#[must_use]
pub fn costly_character(text: &str) -> Option<CostlyCharacter> {
    let mut outside = text.chars().filter(|c| septets(*c).is_none());
    let character = outside.next()?;
    if outside.any(|c| c != character) {
        return None;
    }
    let units = text.chars().map(|c| septets(c).unwrap_or(1));
    let segments_without = Alphabet::Gsm7.segments(units);
    let is_dearer = segments_without < SmsEncoding::of(text).segments;
    is_dearer.then_some(CostlyCharacter { character, segments_without })
}

/// The septets of a character; `None` where the GSM 7-bit alphabet does not have it.
fn septets(c: char) -> Option<usize> {
    match c {
        // The extension table: an escape, and then the character.
        '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' | '\u{C}' => Some(2),
        '`' => None,
        ' '..='~' | '\n' | '\r' => Some(1),
        c => BASIC.contains(c).then_some(1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn segments(text: &str) -> u64 {
        SmsEncoding::of(text).segments
    }

    #[test]
    fn the_alphabet_is_the_smallest_that_has_every_character() {
        for text in
            ["", "Hello, world!", "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ", "{[~]}\\|^€\u{c}", "ä¿§"]
        {
            assert_eq!(SmsEncoding::of(text).alphabet, Alphabet::Gsm7, "{text}");
        }
        for text in ["č", "ç", "`", "’", "\t", "\u{A0}", "שלום", "😀", "\u{1b}", "\0"] {
            assert_eq!(SmsEncoding::of(text).alphabet, Alphabet::Ucs2, "{text}");
        }
        // 128 places in the standard: without the escape and the ten of the extension table.
        let all = ('\0'..='\u{FFFF}').filter_map(septets);
        assert_eq!(all.fold([0, 0], |[one, two], it| [one + it % 2, two + it / 2]), [127, 10]);
    }

    #[test]
    fn a_text_fits_alone_or_has_segments_with_a_header() {
        for (unit, alone, each) in [("a", 160, 153), ("ж", 70, 67)] {
            let of = |count: usize| segments(&unit.repeat(count));
            assert_eq!([of(0), of(1), of(alone), of(alone + 1)], [1, 1, 1, 2], "{unit}");
            assert_eq!([of(2 * each), of(2 * each + 1), of(3 * each)], [2, 3, 3], "{unit}");
        }
    }

    #[test]
    fn a_character_of_two_units_is_never_split() {
        // 160 septets, and 161.
        assert_eq!(segments(&"€".repeat(80)), 1);
        assert_eq!(segments(&format!("{}a", "€".repeat(80))), 2);
        // 153 is odd: the last septet of a segment stays empty.
        assert_eq!(segments(&"€".repeat(152)), 2);
        assert_eq!(segments(&"€".repeat(153)), 3);
        assert_eq!(segments(&format!("{}€{}", "a".repeat(152), "a".repeat(151))), 2);
        assert_eq!(segments(&format!("{}€{}", "a".repeat(152), "a".repeat(152))), 3);
        // 67 is odd, too: 33 pairs of surrogates.
        assert_eq!(segments(&"😀".repeat(35)), 1);
        assert_eq!(segments(&"😀".repeat(36)), 2);
        assert_eq!(segments(&"😀".repeat(66)), 2);
        assert_eq!(segments(&"😀".repeat(67)), 3);
        assert_eq!(segments(&format!("{}😀{}", "ж".repeat(66), "ж".repeat(65))), 2);
        assert_eq!(segments(&format!("{}😀{}", "ж".repeat(66), "ж".repeat(66))), 3);
    }

    #[test]
    fn the_character_that_makes_a_text_longer_is_named_only_where_it_is_one() {
        let long = "a".repeat(100);
        let costly =
            |text: &str| costly_character(text).map(|it| (it.character, it.segments_without));
        assert_eq!(costly(&format!("{long}’")), Some(('’', 1)));
        assert_eq!(costly(&format!("’{long}’{long}’")), Some(('’', 2)));
        assert_eq!(costly(&format!("{long}😀")), Some(('😀', 1)));
        for cheap in ["a’", "", &long, &format!("{long}’č")] {
            assert_eq!(costly(cheap), None, "{cheap}");
        }
    }

    proptest! {
        #[test]
        fn segments_hold_every_unit_and_waste_at_most_one_each(text in "[a€ж😀]{0,400}") {
            let SmsEncoding { alphabet, segments } = SmsEncoding::of(&text);
            let units: usize = text.chars().filter_map(|c| alphabet.units(c)).sum();
            let (alone, each) = alphabet.room();
            let most = if segments == 1 { alone } else { usize::try_from(segments).unwrap() * each };
            prop_assert!(units <= most);
            // One segment less would not hold them, wherever the characters are.
            let less = usize::try_from(segments - 1).unwrap();
            prop_assert!(segments == 1 || units > less * (each - 1));
        }
    }
}
