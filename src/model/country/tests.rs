use super::*;
use std::collections::HashSet;

#[test]
fn every_line_of_the_list_is_read_and_no_code_or_name_is_there_twice() {
    assert_eq!(COUNTRIES.len(), LIST.lines().count() - 1);
    let (mut codes, mut names) = (HashSet::new(), HashSet::new());
    for country in Country::all() {
        assert_eq!((country.iso.len(), country.iso3.len()), (2, 3), "{country:?}");
        for code in country.codes.split(',') {
            assert!(code.bytes().all(|byte| byte.is_ascii_digit()), "{country:?}");
            assert!((3..=6).contains(&code.len()) && codes.insert(code), "{country:?}");
        }
        for name in country.names().chain([country.iso, country.iso3]) {
            assert!(plain(name).is_ascii() && names.insert(plain(name)), "{name}");
            assert_eq!(Country::parse(name), Ok(country), "{name}");
        }
    }
    assert_eq!(COUNTRIES.len(), 233);
    assert!(COUNTRIES.is_sorted_by_key(|country| country.iso));
}

#[test]
fn a_network_belongs_to_the_country_of_its_first_three_digits() {
    for (network, iso) in [
        ("22801", "CH"),
        ("228", "CH"),
        ("23410", "GB"),
        ("23599", "GB"),
        ("310260", "US"),
        ("405857", "IN"),
        ("22101", "XK"),
        ("64703", "RE"),
    ] {
        assert_eq!(Country::of_network(network).map(|country| country.iso), Some(iso), "{network}");
    }
    for none in ["", "2", "22", "90112", "99999", "000", "abc", "Übersee", "ÜÜ1"] {
        assert_eq!(Country::of_network(none), None, "{none}");
    }
}

#[test]
fn a_network_of_a_shared_country_code_can_belong_to_another_territory() {
    for (network, iso) in [("42505", "PS"), ("42501", "IL"), ("23455", "GG"), ("64701", "YT")] {
        assert_eq!(Country::of_network(network).map(|country| country.iso), Some(iso), "{network}");
    }
}

#[test]
fn a_country_is_known_by_codes_names_and_parts_of_names() {
    for (word, iso) in [
        ("gb", "GB"),
        ("GBR", "GB"),
        ("uk", "GB"),
        ("234", "GB"),
        (" 235 ", "GB"),
        ("united kingdom", "GB"),
        ("United-Kingdom", "GB"),
        ("switz", "CH"),
        ("cote d'ivoire", "CI"),
        ("CÔTE D\u{2019}IVOIRE", "CI"),
        ("Ivory Coast", "CI"),
        ("reunion", "RE"),
        ("Turkiye", "TR"),
        ("turkey", "TR"),
        // A whole name, and a part of others.
        ("Niger", "NE"),
        ("guinea", "GN"),
        ("Dominica", "DM"),
        ("samoa", "WS"),
        ("india", "IN"),
    ] {
        assert_eq!(Country::parse(word).map(|country| country.iso), Ok(iso), "{word}");
    }
}

#[test]
fn a_word_that_means_no_country_or_several_is_refused() {
    for word in ["", " ", "-", "Atlantis", "QQ", "xx", "ia", "999", "901", "22", "44"] {
        assert_eq!(Country::parse(word), Err(CountryError::Unknown), "{word}");
    }
    let candidates = |word: &str| match Country::parse(word) {
        Err(CountryError::Ambiguous(all)) => all.iter().map(|country| country.iso).collect(),
        _ => Vec::new(),
    };
    assert_eq!(candidates("korea"), ["KP", "KR"]);
    assert_eq!(candidates("congo"), ["CD", "CG"]);
    assert_eq!(candidates("united"), ["AE", "GB", "US", "VI"]);
}

#[test]
fn a_row_has_the_country_of_its_network() {
    let iso = |row: &str| Log::new(row).country().map(|country| country.iso);
    assert_eq!(iso(r#"{"mccmnc":"22801"}"#), Some("CH"));
    assert_eq!(iso(r#"{"mccmnc":22801}"#), Some("CH"));
    for none in ["{}", r#"{"mccmnc":null}"#, r#"{"mccmnc":["22801"]}"#, "[]"] {
        assert_eq!(iso(none), None, "{none}");
    }
}
