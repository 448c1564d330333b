//! Countries: their networks, languages, prices, and the phone numbers that may be shown.
//!
//! No number here can ring at somebody's home. Ranges that the regulators reserve for fiction:
//! - United Kingdom 07700 900000 to 900999 (Ofcom, drama numbers)
//! - United States 555-0100 to 555-0199 behind any area code (NANPA)
//! - Ireland 020 91 00000 to 99999 (ComReg)
//! - France 06 39 98 00 00 to 99 99 (Arcep)
//! - Germany 0176 040690 00 to 99 (Bundesnetzagentur, numbers for media productions)
//! - Sweden 070 174 06 05 to 06 99 (PTS)
//! - Australia 0491 570 156 to 159 (ACMA)
//!
//! Switzerland has none: there the one number of the API's own page stands for everybody. For the
//! other countries none is known here: their numbers put 000, which no number there begins with,
//! behind the country code, and are too short to be dialled.

use super::chance::{Lane, pick_weighted};
use super::texts::Language;

/// A country that messages go to.
pub(super) struct Place {
    pub(super) language: Language,
    /// Mobile country code and mobile network code in one, as the field `mccmnc` has them.
    pub(super) networks: &'static [&'static str],
    /// How often it is written to, among all.
    weight: u32,
    numbers: Numbers,
    /// Prices of one message in euro, as the API writes them: SMS, a voice call, a chat message.
    pub(super) sms: &'static str,
    pub(super) voice: &'static str,
    pub(super) chat: &'static str,
}

/// Prefixes, and below each the numbers from `first` on, `count` of them, `digits` wide.
struct Numbers {
    prefixes: &'static [&'static str],
    digits: usize,
    first: u32,
    count: u32,
}

const fn numbers(prefixes: &'static [&'static str], digits: usize, count: u32) -> Numbers {
    Numbers { prefixes, digits, first: 0, count }
}

/// A mobile number too short to exist, in a country that reserves none.
const fn impossible(prefixes: &'static [&'static str]) -> Numbers {
    numbers(prefixes, 4, 10_000)
}

const fn place(
    language: Language,
    networks: &'static [&'static str],
    weight: u32,
    numbers: Numbers,
    [sms, voice, chat]: [&'static str; 3],
) -> Place {
    Place { language, networks, weight, numbers, sms, voice, chat }
}

static PLACES: [Place; 17] = [
    place(
        Language::English,
        &["23410", "23415", "23420", "23430"],
        20,
        numbers(&["447700900"], 3, 1000),
        ["0.0378", "0.0210", "0.0334"],
    ),
    place(
        Language::English,
        &["310260", "310410", "311480"],
        17,
        numbers(
            &[
                "120255501",
                "121255501",
                "121355501",
                "130555501",
                "131255501",
                "141555501",
                "161755501",
                "171355501",
            ],
            2,
            100,
        ),
        ["0.0065", "0.0090", "0.0147"],
    ),
    place(
        Language::English,
        &["27201", "27203", "27205"],
        5,
        numbers(&["3532091"], 5, 100_000),
        ["0.0590", "0.0305", "0.0450"],
    ),
    place(
        Language::English,
        &["50501", "50502", "50503"],
        2,
        Numbers { prefixes: &["61491570"], digits: 3, first: 156, count: 4 },
        ["0.0412", "0.0288", "0.0399"],
    ),
    place(
        Language::French,
        &["20801", "20810", "20815", "20820"],
        12,
        numbers(&["3363998"], 4, 10_000),
        ["0.0495", "0.0460", "0.0712"],
    ),
    place(
        Language::German,
        &["26201", "26202", "26203"],
        9,
        numbers(&["49176040690"], 2, 100),
        ["0.0753", "0.0910", "0.0679"],
    ),
    place(
        Language::German,
        &["22801", "22802", "22803"],
        2,
        numbers(&["41793026727"], 0, 1),
        ["0.0104", "0.1250", "0.0679"],
    ),
    place(
        Language::Swedish,
        &["24001", "24002", "24007"],
        3,
        Numbers { prefixes: &["46701740"], digits: 3, first: 605, count: 95 },
        ["0.0489", "0.0345", "0.0590"],
    ),
    place(
        Language::Croatian,
        &["21901", "21902", "21910"],
        7,
        impossible(&["385000"]),
        ["0.0430", "0.0855", "0.0285"],
    ),
    place(
        Language::Portuguese,
        &["72403", "72405", "72411"],
        6,
        impossible(&["55000"]),
        ["0.0240", "0.0310", "0.0500"],
    ),
    place(
        Language::Russian,
        &["25001", "25002", "25099"],
        4,
        impossible(&["7000"]),
        ["0.1205", "0.0700", "0.0180"],
    ),
    place(
        Language::Arabic,
        &["42402", "42403"],
        4,
        impossible(&["971000"]),
        ["0.0360", "0.1800", "0.0340"],
    ),
    place(
        Language::Hebrew,
        &["42501", "42502", "42503"],
        3,
        impossible(&["972000"]),
        ["0.0187", "0.0150", "0.0318"],
    ),
    place(
        Language::Chinese,
        &["46000", "46001"],
        3,
        impossible(&["86000"]),
        ["0.0300", "0.0350", "0.0280"],
    ),
    place(
        Language::Japanese,
        &["44010", "44020", "44050"],
        4,
        impossible(&["81000"]),
        ["0.0690", "0.0720", "0.0150"],
    ),
    place(
        Language::Korean,
        &["45005", "45006", "45008"],
        4,
        impossible(&["82000"]),
        ["0.0220", "0.0400", "0.0085"],
    ),
    place(
        Language::Hindi,
        &["40410", "40445", "405857"],
        8,
        impossible(&["91000"]),
        ["0.0021", "0.0060", "0.0085"],
    ),
];

impl Place {
    /// How many numbers may be shown.
    fn size(&self) -> u32 {
        u32::try_from(self.numbers.prefixes.len())
            .map_or(u32::MAX, |prefixes| prefixes.saturating_mul(self.numbers.count))
    }

    /// The phone number of a person, counted round when there are more people than numbers.
    pub(super) fn number(&self, person: u32) -> String {
        let Numbers { prefixes, digits, first, count } = self.numbers;
        let nth = usize::try_from(person / count).unwrap_or(0) % prefixes.len();
        let prefix = prefixes.get(nth).copied().unwrap_or_default();
        if digits == 0 {
            return prefix.to_owned();
        }
        format!("{prefix}{:0digits$}", first + person % count)
    }
}

/// A country by chance, as often as its weight says: one where `people` can be written to without
/// writing to one twice, in the given mobile country codes, or in any when none is given.
pub(super) fn pick_place(home: &[&str], people: u32, key: u64) -> &'static Place {
    let at_home = |place: &&'static Place| {
        home.is_empty()
            || place.networks.iter().any(|network| home.iter().any(|mcc| network.starts_with(mcc)))
    };
    let fitting = PLACES.iter().filter(at_home).filter(|place| place.size() >= people);
    let [first, ..] = &PLACES;
    pick_weighted(fitting, |place| place.weight, key, Lane::Place).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_stay_in_the_ranges_named_above() {
        let reserved =
            ["447700900", "1", "3532091", "61491570", "3363998", "49176040690", "46701740"];
        for place in &PLACES {
            for person in [0, 1, 99, 100, 1234, 99_999, u32::MAX] {
                let number = place.number(person);
                let invalid = number.contains("000") && number.len() <= 10;
                assert!(
                    number == "41793026727"
                        || invalid
                        || reserved.iter().any(|prefix| number.starts_with(prefix)),
                    "{number}"
                );
                if number.starts_with('1') {
                    assert_eq!((&number[4..9], number.len()), ("55501", 11));
                }
            }
        }
        assert_eq!(PLACES[3].number(5), "61491570157");
        assert_eq!(PLACES[7].number(94), "46701740699");
    }

    #[test]
    fn a_country_has_as_many_numbers_as_it_says() {
        for place in PLACES.iter().filter(|place| place.size() <= 1000) {
            let all: HashSet<String> = (0..place.size()).map(|nth| place.number(nth)).collect();
            assert_eq!(all.len(), usize::try_from(place.size()).unwrap());
        }
    }

    #[test]
    fn a_home_bounds_the_choice() {
        for key in 0..200 {
            assert_eq!(pick_place(&["440"], 1000, key).language, Language::Japanese);
        }
    }
}
