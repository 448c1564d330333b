//! Countries: their networks, languages, prices, and phone numbers that are safe to show.
//!
//! No number here may belong to a person. The ranges that regulators reserve for fiction are:
//! - United Kingdom 07700 900000 to 900999 (Ofcom, drama numbers)
//! - United States 555-0100 to 555-0199 behind any area code (NANPA)
//! - Ireland 020 91 00000 to 99999 (ComReg)
//! - France 06 39 98 00 00 to 99 99 (Arcep)
//! - Germany 0176 040690 00 to 99 (Bundesnetzagentur, numbers for media productions)
//! - Sweden 070 174 06 05 to 06 99 (PTS)
//! - Australia 0491 570 156 to 159 (ACMA)
//!
//! Switzerland has no such range: all its messages go to the number in the documentation of the API.
//! For the other countries, the numbers have 000 after the country code, which no number there has, and
//! are too short to be dialled.

use super::seeded_random::{Choice, pick_weighted};
use super::texts::Language;

/// A country that messages are sent to.
pub(super) struct TrafficCountry {
    pub(super) language: Language,
    /// Mobile country code and mobile network code together, as in the field `mccmnc`.
    pub(super) networks: &'static [&'static str],
    /// Its share of the traffic, relative to the other countries.
    weight: u32,
    numbers: NumberRange,
    /// The prices of an SMS, a voice call and a chat message in euro, as the API writes them.
    pub(super) sms: &'static str,
    pub(super) voice: &'static str,
    pub(super) chat: &'static str,
}

/// Prefixes, each followed by `count` numbers of `digits` digits, beginning with `first`.
struct NumberRange {
    prefixes: &'static [&'static str],
    digits: usize,
    first: u32,
    count: u32,
}

const fn numbers(prefixes: &'static [&'static str], digits: usize, count: u32) -> NumberRange {
    NumberRange { prefixes, digits, first: 0, count }
}

/// Numbers that are too short to exist, for a country without a known range for fiction.
const fn nonexistent(prefixes: &'static [&'static str]) -> NumberRange {
    numbers(prefixes, 4, 10_000)
}

const fn country(
    language: Language,
    networks: &'static [&'static str],
    weight: u32,
    numbers: NumberRange,
    [sms, voice, chat]: [&'static str; 3],
) -> TrafficCountry {
    TrafficCountry { language, networks, weight, numbers, sms, voice, chat }
}

static COUNTRIES: [TrafficCountry; 17] = [
    country(
        Language::English,
        &["23410", "23415", "23420", "23430"],
        20,
        numbers(&["447700900"], 3, 1000),
        ["0.0378", "0.0210", "0.0334"],
    ),
    country(
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
    country(
        Language::English,
        &["27201", "27203", "27205"],
        5,
        numbers(&["3532091"], 5, 100_000),
        ["0.0590", "0.0305", "0.0450"],
    ),
    country(
        Language::English,
        &["50501", "50502", "50503"],
        2,
        NumberRange { prefixes: &["61491570"], digits: 3, first: 156, count: 4 },
        ["0.0412", "0.0288", "0.0399"],
    ),
    country(
        Language::French,
        &["20801", "20810", "20815", "20820"],
        12,
        numbers(&["3363998"], 4, 10_000),
        ["0.0495", "0.0460", "0.0712"],
    ),
    country(
        Language::German,
        &["26201", "26202", "26203"],
        9,
        numbers(&["49176040690"], 2, 100),
        ["0.0753", "0.0910", "0.0679"],
    ),
    country(
        Language::German,
        &["22801", "22802", "22803"],
        2,
        numbers(&["41793026727"], 0, 1),
        ["0.0104", "0.1250", "0.0679"],
    ),
    country(
        Language::Swedish,
        &["24001", "24002", "24007"],
        3,
        NumberRange { prefixes: &["46701740"], digits: 3, first: 605, count: 95 },
        ["0.0489", "0.0345", "0.0590"],
    ),
    country(
        Language::Croatian,
        &["21901", "21902", "21910"],
        7,
        nonexistent(&["385000"]),
        ["0.0430", "0.0855", "0.0285"],
    ),
    country(
        Language::Portuguese,
        &["72403", "72405", "72411"],
        6,
        nonexistent(&["55000"]),
        ["0.0240", "0.0310", "0.0500"],
    ),
    country(
        Language::Russian,
        &["25001", "25002", "25099"],
        4,
        nonexistent(&["7000"]),
        ["0.1205", "0.0700", "0.0180"],
    ),
    country(
        Language::Arabic,
        &["42402", "42403"],
        4,
        nonexistent(&["971000"]),
        ["0.0360", "0.1800", "0.0340"],
    ),
    country(
        Language::Hebrew,
        &["42501", "42502", "42503"],
        3,
        nonexistent(&["972000"]),
        ["0.0187", "0.0150", "0.0318"],
    ),
    country(
        Language::Chinese,
        &["46000", "46001"],
        3,
        nonexistent(&["86000"]),
        ["0.0300", "0.0350", "0.0280"],
    ),
    country(
        Language::Japanese,
        &["44010", "44020", "44050"],
        4,
        nonexistent(&["81000"]),
        ["0.0690", "0.0720", "0.0150"],
    ),
    country(
        Language::Korean,
        &["45005", "45006", "45008"],
        4,
        nonexistent(&["82000"]),
        ["0.0220", "0.0400", "0.0085"],
    ),
    country(
        Language::Hindi,
        &["40410", "40445", "405857"],
        8,
        nonexistent(&["91000"]),
        ["0.0021", "0.0060", "0.0085"],
    ),
];

impl TrafficCountry {
    /// How many different numbers the country has.
    fn size(&self) -> u32 {
        u32::try_from(self.numbers.prefixes.len())
            .map_or(u32::MAX, |prefixes| prefixes.saturating_mul(self.numbers.count))
    }

    /// The phone number of a person. With more people than numbers, numbers repeat.
    pub(super) fn number(&self, person: u32) -> String {
        let NumberRange { prefixes, digits, first, count } = self.numbers;
        let nth = usize::try_from(person / count).unwrap_or(0) % prefixes.len();
        let prefix = prefixes.get(nth).copied().unwrap_or_default();
        if digits == 0 {
            return prefix.to_owned();
        }
        format!("{prefix}{:0digits$}", first + person % count)
    }
}

/// A random one of the four countries with the most traffic. Each has at least three networks.
pub(super) fn pick_busy_country(key: u64) -> &'static TrafficCountry {
    const BUSY: u32 = 9;
    let busy: Vec<_> = COUNTRIES.iter().filter(|country| country.weight >= BUSY).collect();
    pick_country(&busy, key)
}

/// The countries with at least `people` numbers and one of the mobile country codes in `home`. An empty
/// list means all countries.
pub(super) fn countries(home: &[&str], people: u32) -> Vec<&'static TrafficCountry> {
    let at_home = |country: &&'static TrafficCountry| {
        home.is_empty()
            || country
                .networks
                .iter()
                .any(|network| home.iter().any(|mcc| network.starts_with(mcc)))
    };
    COUNTRIES.iter().filter(at_home).filter(|country| country.size() >= people).collect()
}

/// One of these countries, at random in proportion to their weights; the first of all if there is none.
pub(super) fn pick_country(
    countries: &[&'static TrafficCountry],
    key: u64,
) -> &'static TrafficCountry {
    let [first, ..] = &COUNTRIES;
    pick_weighted(countries, |country| country.weight, key, Choice::Country)
        .copied()
        .unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_are_in_the_documented_ranges() {
        let reserved =
            ["447700900", "1", "3532091", "61491570", "3363998", "49176040690", "46701740"];
        for country in &COUNTRIES {
            for person in [0, 1, 99, 100, 1234, 99_999, u32::MAX] {
                let number = country.number(person);
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
        assert_eq!(COUNTRIES[3].number(5), "61491570157");
        assert_eq!(COUNTRIES[7].number(94), "46701740699");
    }

    #[test]
    fn a_country_has_as_many_numbers_as_its_size() {
        for country in COUNTRIES.iter().filter(|country| country.size() <= 1000) {
            let all: HashSet<String> = (0..country.size()).map(|nth| country.number(nth)).collect();
            assert_eq!(all.len(), usize::try_from(country.size()).unwrap());
        }
    }

    #[test]
    fn country_codes_restrict_the_choice() {
        for key in 0..200 {
            assert_eq!(pick_country(&countries(&["440"], 1000), key).language, Language::Japanese);
        }
    }
}
