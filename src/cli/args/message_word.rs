//! Words on the command line that name messages: an id, the beginning of an id, or the number or
//! address that they were sent to. Only the form of the word decides; nothing is looked up here.

use omnilogs::query::{PhoneNumberError, phone_number};
use omnilogs::visible::{visible, without_numbers};

/// How many characters of an id are enough to find its message.
pub(crate) const MIN_ID_START: usize = 8;

/// A word that names messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MessageWord {
    /// A whole message id.
    Id(String),
    /// The beginning of a message id.
    IdStart(String),
    /// A phone number, as digits.
    Number(String),
    /// An e-mail address.
    Address(String),
}

impl MessageWord {
    /// Reads a word by its form; `None` for a word of another form.
    ///
    /// # Errors
    /// When the word has the form of a phone number that cannot be one.
    pub(crate) fn parse(word: &str) -> Result<Option<Self>, PhoneNumberError> {
        let word = word.trim();
        if is_uuid(word) || is_long_number(word) {
            return Ok(Some(Self::Id(word.to_owned())));
        }
        if is_address(word) {
            return Ok(Some(Self::Address(word.to_owned())));
        }
        let digits = word.chars().filter(|c| c.is_numeric()).count();
        match phone_number(word) {
            Ok(Some(number)) if (7..=15).contains(&number.len()) => {
                return Ok(Some(Self::Number(number)));
            }
            Err(PhoneNumberError::National) if (7..=15).contains(&digits) => {
                return Err(PhoneNumberError::National);
            }
            _ => {}
        }
        Ok(is_id_start(word).then(|| Self::IdStart(word.to_owned())))
    }

    /// Whether the word names messages also without the command `show`. No command has such a name,
    /// nor a name that such a word could misspell.
    pub(crate) fn is_known_form(word: &str) -> bool {
        let has_both = |word: &str| {
            let hex = || word.bytes().filter(u8::is_ascii_hexdigit);
            hex().any(|byte| byte.is_ascii_digit()) && hex().any(|byte| !byte.is_ascii_digit())
        };
        match Self::parse(word) {
            Ok(Some(Self::IdStart(start))) => has_both(&start),
            Ok(word) => word.is_some(),
            Err(_) => true,
        }
    }
}

/// An id for a message, with visible escapes; `…` in its place when it has the form of a phone number.
pub(crate) fn public_id(id: &str) -> String {
    let shown = visible(id).into_owned();
    match MessageWord::parse(id) {
        Ok(Some(MessageWord::Number(_))) | Err(_) => without_numbers(&shown),
        Ok(_) => shown,
    }
}

/// Whether a text is a UUID: 8, 4, 4, 4 and 12 hexadecimal digits.
pub(crate) fn is_uuid(word: &str) -> bool {
    let lengths = word.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && word.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

/// Whether a text is a number that is too long for a phone number. Newer endpoints have such ids.
fn is_long_number(word: &str) -> bool {
    word.len() >= 16 && word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_address(word: &str) -> bool {
    let parts = word.split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !word.contains(char::is_whitespace)
}

/// Whether a text can be the beginning of an id of hexadecimal digits, with hyphens between them.
fn is_id_start(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_hexdigit).count();
    digits >= MIN_ID_START
        && word.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
        && !word.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(word: &str) -> Option<MessageWord> {
        MessageWord::parse(word).unwrap()
    }

    #[test]
    fn each_form_is_known_by_what_it_consists_of() {
        let id = "82bf2748-5c33-4c8a-9d7e-2f6d6a1c0b7e";
        assert_eq!(parse(id), Some(MessageWord::Id(id.into())));
        let digits = "12345678-1234-1234-1234-123456789012";
        assert_eq!(parse(digits), Some(MessageWord::Id(digits.into())));
        assert_eq!(parse("1234567890123456"), Some(MessageWord::Id("1234567890123456".into())));
        for number in ["447700900123", "+44 7700 900123", "00447700900123", "(44) 7700/900.123"] {
            assert_eq!(parse(number), Some(MessageWord::Number("447700900123".into())), "{number}");
        }
        let address = "ana+1@example.com";
        assert_eq!(parse(address), Some(MessageWord::Address(address.into())));
        for start in ["82bf2748", "82bf2748-5c", "abcdefab", "82BF27485c334c8a"] {
            assert_eq!(parse(start), Some(MessageWord::IdStart(start.into())), "{start}");
        }
        assert_eq!(MessageWord::parse("07700 900456"), Err(PhoneNumberError::National));
        for word in ["stats", "sttas", "82bf274", "123456", "ana@", "a@b@c", "order-4711", "", "-"]
        {
            assert_eq!(parse(word), None, "{word}");
        }
    }

    #[test]
    fn an_id_is_shown_unless_it_has_the_form_of_a_phone_number() {
        for number in ["447700900123", "+447700900123", "07700900456", "(44) 7700/900.123"] {
            let shown = public_id(number);
            assert!(!shown.contains(|c: char| c.is_ascii_digit()), "{number}: {shown}");
        }
        for id in ["m1", "123456", "1234567890123456", "82bf2748-5c33-4c8a-9d7e-2f6d6a1c0b7e"] {
            assert_eq!(public_id(id), id);
        }
        assert_eq!(public_id("a\u{1b}b"), "a^[b");
    }

    #[test]
    fn a_word_that_could_be_a_misspelled_command_is_not_taken_for_messages() {
        for word in ["447700900123", "82bf2748", "ana@example.com", "07700 900456"] {
            assert!(MessageWord::is_known_form(word), "{word}");
        }
        for word in ["sttas", "abcdefab", "12345", "feedback", "deadbeef-cafe", "list"] {
            assert!(!MessageWord::is_known_form(word), "{word}");
        }
    }
}
