//! Message texts: templates in 13 languages and eight scripts, filled with names and numbers. They must
//! not contain the name, account or address of a real person.

mod asian;
mod cyrillic_and_semitic;
mod latin;

use super::seeded_random::{Choice, below, pick};

/// The language of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    French,
    German,
    Swedish,
    Croatian,
    Portuguese,
    Russian,
    Arabic,
    Hebrew,
    Chinese,
    Japanese,
    Korean,
    Hindi,
}

/// The purpose of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Code,
    Parcel,
    Payment,
    Invoice,
    Reminder,
    Offer,
}

/// The templates of one language, with the placeholders `{brand}`, `{name}`, `{code}`, `{ref}`,
/// `{amount}` and `{time}`.
struct Phrases {
    names: &'static [&'static str],
    code: &'static [&'static str],
    parcel: &'static [&'static str],
    payment: &'static [&'static str],
    invoice: &'static [&'static str],
    reminder: &'static [&'static str],
    offer: &'static [&'static str],
}

impl Language {
    const fn phrases(self) -> &'static Phrases {
        match self {
            Self::English => &latin::ENGLISH,
            Self::French => &latin::FRENCH,
            Self::German => &latin::GERMAN,
            Self::Swedish => &latin::SWEDISH,
            Self::Croatian => &latin::CROATIAN,
            Self::Portuguese => &latin::PORTUGUESE,
            Self::Russian => &cyrillic_and_semitic::RUSSIAN,
            Self::Arabic => &cyrillic_and_semitic::ARABIC,
            Self::Hebrew => &cyrillic_and_semitic::HEBREW,
            Self::Chinese => &asian::CHINESE,
            Self::Japanese => &asian::JAPANESE,
            Self::Korean => &asian::KOREAN,
            Self::Hindi => &asian::HINDI,
        }
    }
}

/// The text of a message. `template_key` selects the template and is the same for all messages of a
/// campaign; `key` selects the names and numbers in it.
pub(super) fn text(
    language: Language,
    purpose: Purpose,
    brand: &str,
    template_key: u64,
    key: u64,
) -> String {
    let phrases = language.phrases();
    let templates = match purpose {
        Purpose::Code => phrases.code,
        Purpose::Parcel => phrases.parcel,
        Purpose::Payment => phrases.payment,
        Purpose::Invoice => phrases.invoice,
        Purpose::Reminder => phrases.reminder,
        Purpose::Offer => phrases.offer,
    };
    let mut rest = *pick(templates, template_key, Choice::Template);
    let mut text = String::with_capacity(rest.len() + 32);
    while let Some((before, after)) = rest.split_once('{') {
        let (field, left) = after.split_once('}').unwrap_or((after, ""));
        text.push_str(before);
        text.push_str(&placeholder_value(field, phrases, brand, key));
        rest = left;
    }
    text.push_str(rest);
    text
}

fn placeholder_value(field: &str, phrases: &Phrases, brand: &str, key: u64) -> String {
    match field {
        "brand" => brand.to_owned(),
        "name" => (*pick(phrases.names, key, Choice::Name)).to_owned(),
        "code" => format!("{:06}", below(key, Choice::Code, 1_000_000)),
        "ref" => format!("PX-{:05}", below(key, Choice::Reference, 100_000)),
        "amount" => {
            let cents = 150 + below(key, Choice::Amount, 24_850);
            format!("{}.{:02}", cents / 100, cents % 100)
        }
        "time" => {
            let quarter = 32 + below(key, Choice::Minute, 44);
            format!("{}:{:02}", quarter / 4, quarter % 4 * 15)
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGES: [Language; 13] = [
        Language::English,
        Language::French,
        Language::German,
        Language::Swedish,
        Language::Croatian,
        Language::Portuguese,
        Language::Russian,
        Language::Arabic,
        Language::Hebrew,
        Language::Chinese,
        Language::Japanese,
        Language::Korean,
        Language::Hindi,
    ];
    const PURPOSES: [Purpose; 6] = [
        Purpose::Code,
        Purpose::Parcel,
        Purpose::Payment,
        Purpose::Invoice,
        Purpose::Reminder,
        Purpose::Offer,
    ];

    #[test]
    fn every_placeholder_of_every_template_is_replaced() {
        for language in LANGUAGES {
            for purpose in PURPOSES {
                for template_key in 0..12 {
                    let text = text(language, purpose, "ShopOn", template_key, 40 + template_key);
                    assert!(!text.is_empty() && !text.contains(['{', '}']), "{text}");
                    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text}");
                }
            }
        }
        let fields = ["brand", "name", "code", "ref", "amount", "time"];
        for field in fields {
            assert!(!placeholder_value(field, Language::Hindi.phrases(), "ShopOn", 1).is_empty());
        }
        for language in LANGUAGES {
            let all = language.phrases();
            let groups = [all.code, all.parcel, all.payment, all.invoice, all.reminder, all.offer];
            for template in groups.into_iter().flatten() {
                for field in template.split('{').skip(1) {
                    let name = field.split('}').next().unwrap();
                    assert!(fields.contains(&name), "{template}");
                }
            }
        }
    }

    #[test]
    fn one_template_key_gives_one_template_with_different_names() {
        let texts: Vec<String> =
            (0..20).map(|key| text(Language::German, Purpose::Offer, "ShopOn", 5, key)).collect();
        assert!(texts.iter().any(|text| *text != texts[0]));
        let ending = |text: &str| text.chars().rev().take(12).collect::<String>();
        assert!(texts.iter().all(|text| ending(text) == ending(&texts[0])), "{texts:?}");
    }
}
