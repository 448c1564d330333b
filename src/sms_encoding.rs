//! The alphabet and the number of segments that an SMS needs for a text, by 3GPP TS 23.038 and
//! TS 23.040.
//!
//! A network can send the text otherwise: some networks have national alphabets.

/// The characters of the GSM 7-bit default alphabet that are not in ASCII.
const BASIC: &str = "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";

/// An alphabet of SMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Alphabet {
    /// The GSM 7-bit default alphabet with its extension table.
    Gsm7,
    /// UCS-2, for a text with a character outside the GSM 7-bit alphabet. In practice it is UTF-16: a
    /// character outside the basic plane takes two units.
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

    /// The number of units of a character, which are septets or 16 bits; `None` for a character that
    /// is not in the alphabet.
    fn units(self, c: char) -> Option<usize> {
        match self {
            Self::Gsm7 => septets(c),
            Self::Ucs2 => Some(c.len_utf16()),
        }
    }

    /// The units that fit into a single segment, and those that fit into each of several segments,
    /// which have a header.
    fn capacities(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }

    /// The number of segments for the units of each character of a text. A character is never split:
    /// neither one of the extension table, which takes two septets, nor a pair of surrogates.
    fn segments(self, units: impl Iterator<Item = usize>) -> u64 {
        let (single, each) = self.capacities();
        let (mut total, mut segments, mut used) = (0, 1, 0);
        for units in units {
            total += units;
            if used + units > each {
                segments += 1;
                used = 0;
            }
            used += units;
        }
        if total <= single { 1 } else { segments }
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
    /// The encoding that a text needs.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let is_gsm7 = text.chars().all(|c| septets(c).is_some());
        let alphabet = if is_gsm7 { Alphabet::Gsm7 } else { Alphabet::Ucs2 };
        let segments = alphabet.segments(text.chars().filter_map(|c| alphabet.units(c)));
        Self { alphabet, segments }
    }
}

/// The only character without which a text would have fewer segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CostlyCharacter {
    /// The character, which can occur several times.
    pub character: char,
    /// The segments of the text with another character in its place, in GSM-7.
    pub segments_without: u64,
}

/// The only character of a text that is outside the GSM 7-bit alphabet; `None` where a text has
/// several such characters or none, or where the text has as many segments without it.
#[must_use]
pub fn costly_character(text: &str) -> Option<CostlyCharacter> {
    let mut outside = text.chars().filter(|c| septets(*c).is_none());
    let character = outside.next()?;
    if outside.any(|c| c != character) {
        return None;
    }
    let units = text.chars().map(|c| septets(c).unwrap_or(1));
    let segments_without = Alphabet::Gsm7.segments(units);
    let is_costly = segments_without < SmsEncoding::of(text).segments;
    is_costly.then_some(CostlyCharacter { character, segments_without })
}

/// The number of septets of a character; `None` for a character outside the GSM 7-bit alphabet.
fn septets(c: char) -> Option<usize> {
    match c {
        // The extension table: an escape, then the character.
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
        // The 128 positions of the standard without the escape, and the ten of the extension table.
        let all = ('\0'..='\u{FFFF}').filter_map(septets);
        assert_eq!(all.fold([0, 0], |[one, two], it| [one + it % 2, two + it / 2]), [127, 10]);
    }

    #[test]
    fn a_text_has_one_segment_or_several_with_a_header() {
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
    fn a_costly_character_is_found_only_where_it_is_the_only_one() {
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
        fn segments_hold_every_unit_and_leave_at_most_one_unit_of_each_empty(text in "[a€ж😀]{0,400}") {
            let SmsEncoding { alphabet, segments } = SmsEncoding::of(&text);
            let units: usize = text.chars().filter_map(|c| alphabet.units(c)).sum();
            let (single, each) = alphabet.capacities();
            let segments = usize::try_from(segments).unwrap();
            let capacity = if segments == 1 { single } else { segments * each };
            prop_assert!(units <= capacity);
            // One segment less would be too short, wherever the characters are.
            prop_assert!(segments == 1 || units > (segments - 1) * (each - 1));
        }
    }
}
