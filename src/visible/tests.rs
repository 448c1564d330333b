use proptest::prelude::*;

use super::*;

#[test]
fn terminal_sequences_are_shown() {
    assert_eq!(visible("\u{1B}[2J\u{1B}]0;t\u{7}\u{1B}P\u{1B}_x\u{1B}"), "^[[2J^[]0;t^G^[P^[_x^[");
    assert_eq!(visible("a\u{9B}31m\u{7F}"), "a<U+009B>31m^?");
}

#[test]
fn a_message_cannot_start_a_new_line() {
    assert_eq!(visible("x\r\n::error::y\t\u{B}\u{C}\u{8}\0"), "x\\r\\n::error::y\\t^K^L^H\\0");
    assert_eq!(visible("a\u{2028}b\u{2029}c\u{85}d"), "a<U+2028>b<U+2029>c<U+0085>d");
}

#[test]
fn characters_that_change_the_reading_order_are_shown_and_right_to_left_letters_stay() {
    assert_eq!(visible("a\u{202E}b\u{2066}\u{61C}\u{200F}"), "a<U+202E>b<U+2066><U+061C><U+200F>");
    for text in ["שלום עולם", "مرحبا بالعالم", "日本語 한국어 ไทย"]
    {
        assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
    }
}

#[test]
fn invisible_characters_are_shown() {
    assert_eq!(
        visible("a\u{200B}\u{2060}\u{FEFF}\u{AD}\u{E0041}\u{FFF9}"),
        "a<U+200B><U+2060><U+FEFF><U+00AD><U+E0041><U+FFF9>"
    );
    assert_eq!(visible("\u{E000}"), "\u{E000}");
}

#[test]
fn the_letters_beside_a_dangerous_character_are_harmless() {
    for c in [
        '\u{7F}', '\u{9F}', '\u{AD}', '\u{34F}', '\u{61C}', '\u{115F}', '\u{1160}', '\u{17B4}',
        '\u{17B5}', '\u{180E}', '\u{200B}', '\u{3164}', '\u{FEFF}',
    ] {
        assert!(is_dangerous(c), "{c:?}");
    }
    for c in [
        '~', '\u{A0}', '\u{AE}', '\u{34E}', '\u{350}', '\u{61B}', '\u{61D}', '\u{115E}',
        '\u{1161}', '\u{17B3}', '\u{17B6}', '\u{3163}', '\u{3165}', '\u{FEFE}',
    ] {
        assert!(!is_dangerous(c), "{c:?}");
    }
}

#[test]
fn joiners_stay_where_writing_needs_them() {
    for text in [
        "👨\u{200D}👩\u{200D}👧",
        "👩🏽\u{200D}🚀",
        "❤\u{FE0F}\u{200D}🔥",
        "🏳\u{FE0F}\u{200D}🌈",
        "می\u{200C}خواهم",
        "क\u{94D}\u{200D}ष",
        "അവന\u{D4D}\u{200D} വന്നു",
    ] {
        assert_eq!(visible(text), text);
    }
    assert_eq!(visible("pay\u{200D}pal"), "pay<U+200D>pal");
    assert_eq!(visible("pay\u{200C}pal"), "pay<U+200C>pal");
    assert_eq!(visible("👨\u{200D}\u{200D}👩"), "👨<U+200D><U+200D>👩");
    assert_eq!(visible("👨\u{200D}"), "👨<U+200D>");
}

#[test]
fn tags_stay_only_in_a_flag() {
    let scotland = "🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}";
    assert_eq!(visible(scotland), scotland);
    assert_eq!(visible("🏴\u{E0067}\u{E0062}"), "🏴<U+E0067><U+E0062>");
    let long = format!("🏴{}\u{E007F}", "\u{E0061}".repeat(7));
    assert_eq!(visible(&long), format!("🏴{}<U+E007F>", "<U+E0061>".repeat(7)));
}

#[test]
fn one_variation_selector_stays_after_its_base() {
    for text in ["❤\u{FE0F}", "1\u{FE0F}\u{20E3}", "葛\u{E0100}", "\u{1820}\u{180B}"] {
        assert_eq!(visible(text), text);
    }
    assert_eq!(visible("❤\u{FE0F}\u{FE0E}"), "❤\u{FE0F}<U+FE0E>");
    assert_eq!(visible("a\u{FE0F}\u{E0100}"), "a<U+FE0F><U+E0100>");
}

#[test]
fn json_keeps_its_value_and_its_bytes() {
    let plain = "{ \"a\": 1.50,\n\t\"b\": \"x\\u001b\" }";
    assert!(matches!(escape_json(plain), Cow::Borrowed(same) if same == plain));
    assert_eq!(
        escape_json("[\"é\u{7F}\u{9B}\u{202E}\u{200D}\u{FEFF}\u{E0041}\"]"),
        "[\"é\\u007f\\u009b\\u202e\u{200D}\\ufeff\\udb40\\udc41\"]"
    );
}

/// Text with many dangerous characters.
fn nasty() -> impl Strategy<Value = String> {
    let special = prop::sample::select(
        "\0\t\n\r\u{7}\u{1B}\u{7F}\u{85}\u{9B}\u{AD}\u{61C}\u{200B}\u{200C}\u{200D}\u{200E}\u{202E}\
         \u{2066}\u{2028}\u{FE0F}\u{FE0E}\u{FEFF}\u{E0041}\u{E0062}\u{E007F}\u{E0100}\u{1F3F4}👨🏽❤1aیक\
         \u{94D}葛\u{180B}\u{1820}"
            .chars()
            .collect::<Vec<_>>(),
    );
    prop::collection::vec(prop_oneof![3 => special, 1 => any::<char>()], 0..40)
        .prop_map(|characters| characters.into_iter().collect())
}

proptest! {
    #[test]
    fn visible_text_stays_the_same_and_has_no_control_character(text in nasty()) {
        let once = visible(&text).into_owned();
        prop_assert!(!once.chars().any(char::is_control), "{once:?}");
        prop_assert_eq!(visible(&once), once.as_str());
        // Joiners, variation selectors and tags may stay in their place.
        let unconditional = |c: char| is_dangerous(c) && !matches!(c, '\u{E0030}'..='\u{E007F}');
        prop_assert!(!once.chars().any(unconditional), "{once:?}");
    }

    #[test]
    fn a_dangerous_character_is_found_in_any_amount_of_harmless_text(
        parts in prop::collection::vec((0_usize..100, nasty()), 0..4),
    ) {
        let text: String = parts.iter().map(|(run, text)| "a".repeat(*run) + text).collect();
        let beyond = |c: char| c >= '\u{7F}' && is_dangerous(c);
        prop_assert_eq!(first_beyond_ascii(&text, beyond), text.find(beyond));
    }

    #[test]
    fn json_strings_parse_back_to_the_same_text(text in nasty()) {
        let json = serde_json::to_string(&text).unwrap();
        let escaped = escape_json(&json);
        prop_assert!(!escaped.chars().any(is_dangerous), "{escaped:?}");
        prop_assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
    }
}

#[test]
fn printable_ascii_is_distinguished_from_every_other_character_in_every_place() {
    for length in 1..44 {
        for at in 0..length {
            for c in ('\0'..='\u{FF}').chain(['\u{202E}', '\u{1F600}']) {
                let text: String = (0..length).map(|i| if i == at { c } else { '~' }).collect();
                let is_printable = matches!(c, ' '..='~');
                assert_eq!(is_printable_ascii(&text), is_printable, "{c:?} at {at} of {length}");
                let has_no_del = c.is_ascii() && c != '\u{7F}';
                assert_eq!(is_ascii_without_del(text.as_bytes()), has_no_del, "{c:?} at {at}");
            }
        }
    }
}
