//! Phone numbers as people write them, and as the API knows them: digits alone.
//!
//! The API compares text: `+44 7700 900456` finds nothing where `447700900456` finds messages. A
//! sender or a destination may also be a name, an address or another id; those are never changed.

/// Digits of the longest phone number (ITU-T E.164).
const MAX_DIGITS: usize = 15;

/// A text that has the form of a phone number and cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneNumberError {
    /// It begins with a single 0, as numbers are dialled within a country.
    #[error("a single 0 in front is used only within a country")]
    National,
    /// It is nothing but signs.
    #[error("it has no digits")]
    NoDigits,
    /// It has more digits than any phone number.
    #[error("it has more than 15 digits, which no phone number has")]
    TooLong,
}

/// The digits of a text that is a phone number, without `+` or `00` in front; `None` for a text
/// that is none, such as a name, an address or an id.
///
/// Blanks, `+ ( ) - . /` and their forms in other scripts may be between the digits, as may the
/// characters without width that contact lists put around numbers. A trunk prefix (`+44 (0)20…`) is
/// left out. More than 15 digits without a sign between them are an id.
///
/// # Errors
/// When the text has the form of a phone number and cannot be one.
pub fn phone_number(text: &str) -> Result<Option<String>, PhoneNumberError> {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars().filter(|character| !is_blank(*character)) {
        match ascii_form(character) {
            Some(form) => plain.push(form),
            None => return Ok(None),
        }
    }
    if plain.is_empty() {
        return Ok(None);
    }
    let is_international = plain.starts_with('+') || plain.starts_with("00");
    if is_international {
        plain = plain.replacen("(0)", "", 1);
    }
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    let number = digits.strip_prefix("00").unwrap_or(&digits);
    if number.is_empty() {
        return Err(PhoneNumberError::NoDigits);
    }
    if number.len() > MAX_DIGITS {
        let is_id = text.bytes().all(|byte| byte.is_ascii_digit());
        return if is_id { Ok(None) } else { Err(PhoneNumberError::TooLong) };
    }
    if number.starts_with('0') {
        return Err(PhoneNumberError::National);
    }
    Ok(Some(number.to_owned()))
}

/// A digit of a phone number in any script, as ASCII; `None` for any other character.
#[cfg(feature = "archive")]
#[must_use]
pub(crate) fn phone_digit(character: char) -> Option<char> {
    ascii_form(character).filter(char::is_ascii_digit)
}

/// White space, characters without width, and marks of the direction of writing.
fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '\u{200B}'..='\u{200F}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2060}'
                | '\u{2066}'..='\u{2069}'
                | '\u{FEFF}'
        )
}

/// A digit or sign of a phone number as ASCII; `None` for a character that no phone number has.
fn ascii_form(character: char) -> Option<char> {
    let digit = |zero: char| {
        let value = u32::from(character).checked_sub(u32::from(zero))?;
        char::from_digit(value, 10)
    };
    match character {
        '+' | '\u{FF0B}' => Some('+'),
        '(' | '\u{FF08}' => Some('('),
        ')' | '\u{FF09}' => Some(')'),
        // Hyphens, dashes, the minus sign.
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FF0D}' => Some('-'),
        '.' | '\u{FF0E}' => Some('.'),
        '/' | '\u{FF0F}' => Some('/'),
        // Decimal digits: ASCII, full-width, Arabic, Persian, Devanagari.
        _ => ['0', '\u{FF10}', '\u{660}', '\u{6F0}', '\u{966}'].into_iter().find_map(digit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_any_notation_becomes_its_digits() {
        for written in [
            "12135550166",
            "+12135550166",
            "+1 213 555 0166",
            "0012135550166",
            "+1 (213) 555-0166",
            "+1.213.555.0166",
            "1/213/5550166",
            " 12135550166 ",
            "+0012135550166",
            "00 1 213 555 01 66",
            "+1\u{A0}213\u{202F}555\u{2011}0166",
            "\u{202A}+12135550166\u{202C}",
            "\u{FF0B}\u{FF11}\u{FF12}\u{FF11}\u{FF13}\u{FF15}\u{FF15}\u{FF15}\u{FF10}\u{FF11}\u{FF16}\u{FF16}",
            "١٢١٣٥٥٥٠١٦٦",
        ] {
            assert_eq!(phone_number(written), Ok(Some("12135550166".to_owned())), "{written}");
        }
        for written in ["+44 (0)20 7946 0123", "0044 (0)20 7946 0123"] {
            assert_eq!(phone_number(written), Ok(Some("442079460123".to_owned())), "{written}");
        }
        assert_eq!(phone_number("12345"), Ok(Some("12345".to_owned())));
        assert_eq!(phone_number("00123456789012345"), Ok(Some("123456789012345".to_owned())));
    }

    #[test]
    fn names_addresses_and_ids_are_none() {
        for text in [
            "InfoSMS",
            "1InfoSMS",
            "ana@example.com",
            "82bf2748-5c33-4c8a-9d7e-2f6d6a1c0b7e",
            "1234567890123456",
            "0001234567890123456",
            "tel:+12135550166",
            "12135550166x2",
            "14:00",
            "#12135550166",
            "",
            " ",
        ] {
            assert_eq!(phone_number(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_a_number_is_refused() {
        for (text, error) in [
            ("07700 900456", PhoneNumberError::National),
            ("0", PhoneNumberError::National),
            ("+0 7700 900456", PhoneNumberError::National),
            ("000", PhoneNumberError::National),
            ("(020) 7946 0123", PhoneNumberError::National),
            ("00", PhoneNumberError::NoDigits),
            ("+", PhoneNumberError::NoDigits),
            ("-", PhoneNumberError::NoDigits),
            ("+00", PhoneNumberError::NoDigits),
            ("+1234567890123456", PhoneNumberError::TooLong),
            ("1234-5678-9012-3456", PhoneNumberError::TooLong),
        ] {
            assert_eq!(phone_number(text), Err(error), "{text}");
        }
    }
}
