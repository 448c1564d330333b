//! Hides the sender or the destination of a message, and keeps a part that helps to recognize it: the
//! country of a number, the domain of an e-mail address.
//!
//! The parent module decides which fields contain addresses.

use super::digits::{MIN_NUMBER, is_between_digits, masked_text, runs, with_ascii_digits};

/// The fewest digits of a number that are hidden; in a shorter number, the country code is hidden too.
const MIN_HIDDEN: usize = 4;

/// Country calling codes of two digits (ITU-T E.164). Those of one digit are 1 and 7.
const TWO_DIGIT_CODES: &str = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 \
    58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98";

/// Country calling codes of three digits.
const THREE_DIGIT_CODES: &str = "211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 \
    233 234 235 236 237 238 239 240 241 242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 \
    257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 \
    357 358 359 370 371 372 373 374 375 376 377 378 379 380 381 382 383 385 386 387 389 420 421 423 \
    500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 \
    675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 800 808 850 852 853 855 856 \
    870 878 880 881 882 883 886 888 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 \
    977 979 992 993 994 995 996 998";

/// Redacts a destination in the way of [`Redaction::to`](super::Redaction::to): an e-mail address, a
/// number, or an id of any other kind.
#[must_use]
pub fn redact_destination(text: &str) -> String {
    let text = &*with_ascii_digits(text);
    redact_email(text).or_else(|| redact_telephone(text)).unwrap_or_else(|| redact_id(text))
}

/// Redacts a sender in the way of [`Redaction::from`](super::Redaction::from): as a destination, but a
/// name or a short number stays. A phone number inside a name is hidden.
#[must_use]
pub fn redact_sender(text: &str) -> String {
    let text = &*with_ascii_digits(text);
    redact_email(text).or_else(|| redact_telephone(text)).unwrap_or_else(|| without_numbers(text))
}

fn redact_email(text: &str) -> Option<String> {
    let (_, after) = text.rsplit_once('@')?;
    let is_domain = |c: char| c.is_alphanumeric() || c == '.' || c == '-';
    let domain = after.split(|c| !is_domain(c)).next().unwrap_or_default();
    Some(format!("***@{}", without_numbers(domain)))
}

/// Redacts a text that is one number, grouped in any way: `+41 (0)79 302-67-27`. `None` for other text.
fn redact_telephone(text: &str) -> Option<String> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_one = text.chars().all(|c| c.is_ascii_digit() || is_between_digits(c));
    if digits < MIN_NUMBER || !is_one {
        return None;
    }
    let mut masked = vec![false; text.len()];
    mark_digits(text, &(0..text.len()).collect::<Vec<_>>(), &mut masked);
    Some(masked_text(text, &masked))
}

/// Marks the hidden digits of the number whose digits are at these byte offsets.
fn mark_digits(text: &str, places: &[usize], masked: &mut [bool]) {
    let digit = |at: &usize| text.as_bytes().get(*at).filter(|byte| byte.is_ascii_digit());
    let places: Vec<usize> = places.iter().copied().filter(|at| digit(at).is_some()).collect();
    let digits: String = places.iter().filter_map(digit).map(|byte| char::from(*byte)).collect();
    let last_two = digits.len().saturating_sub(2);
    for at in places.get(kept_in_front(&digits)..last_two).unwrap_or_default() {
        if let Some(mask) = masked.get_mut(*at) {
            *mask = true;
        }
    }
}

/// The digits that identify a number: without its country code, or without the leading zeros of a
/// number that has none.
pub(super) fn significant_digits(digits: &str) -> &str {
    let number = digits.strip_prefix("00").unwrap_or(digits);
    let national = number.get(country_code(number)..).unwrap_or(number).trim_start_matches('0');
    if national.len() >= MIN_NUMBER { national } else { number }
}

/// How many digits stay at the start: the country code, and `00` before it if present.
fn kept_in_front(digits: &str) -> usize {
    let (prefix, number) = match digits.strip_prefix("00") {
        Some(number) => (2, number),
        None => (0, digits),
    };
    let front = prefix + country_code(number);
    if digits.len() < front + MIN_HIDDEN + 2 { 0 } else { front }
}

/// The length of the country code; 0 for a number that does not start with one.
fn country_code(number: &str) -> usize {
    let starts = |length, codes: &str| {
        number.get(..length).is_some_and(|start| codes.split_whitespace().any(|code| code == start))
    };
    if starts(1, "1 7") {
        1
    } else if starts(2, TWO_DIGIT_CODES) {
        2
    } else if starts(3, THREE_DIGIT_CODES) {
        3
    } else {
        0
    }
}

/// The text with each number that is long enough for a phone number hidden.
pub(super) fn without_numbers(text: &str) -> String {
    let mut masked = vec![false; text.len()];
    mark_numbers(text, &mut masked);
    masked_text(text, &masked)
}

/// Marks the hidden digits of each number that is long enough for a phone number.
pub(super) fn mark_numbers(text: &str, masked: &mut [bool]) {
    for run in runs(text).iter().filter(|run| run.len() >= MIN_NUMBER) {
        mark_digits(text, &run.iter().map(|digit| digit.at).collect::<Vec<_>>(), masked);
    }
}

/// The first and last two characters of an id; `***` for an id of fewer than eight characters.
fn redact_id(text: &str) -> String {
    let count = text.chars().count();
    if count < 8 {
        return "***".to_owned();
    }
    let start: String = text.chars().take(2).collect();
    let end: String = text.chars().skip(count - 2).collect();
    format!("{start}***{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_country_code_and_its_last_two_digits() {
        assert_eq!(redact_destination("41793026727"), "41*******27");
        assert_eq!(redact_destination("+447700900123"), "+44********23");
        assert_eq!(redact_destination("0041793026727"), "0041*******27");
        assert_eq!(redact_destination("12025550101"), "1********01");
        assert_eq!(redact_destination("385912345678"), "385*******78");
        assert_eq!(redact_destination("+41 79 302-67-27"), "+41 ** ***-**-27");
        assert_eq!(redact_destination("４１７９３０２６７２７"), "41*******27");
    }

    #[test]
    fn a_number_without_a_country_code_keeps_only_its_last_two_digits() {
        assert_eq!(redact_destination("0793026727"), "********27");
        assert_eq!(redact_destination("3850912"), "*****12");
    }

    #[test]
    fn an_email_keeps_its_domain() {
        assert_eq!(redact_destination("jane.doe@example.com"), "***@example.com");
        assert_eq!(redact_destination("\"a@b\"@example.com"), "***@example.com");
        assert_eq!(redact_destination("Jane <jane@example.com>, 5"), "***@example.com");
        assert_eq!(redact_destination("jane@41793026727"), "***@41*******27");
    }

    #[test]
    fn numbers_inside_a_text_are_hidden() {
        assert_eq!(without_numbers("no route to 447700900123."), "no route to 44********23.");
        assert_eq!(without_numbers("error 500 after 3 tries"), "error 500 after 3 tries");
    }

    #[test]
    fn other_ids_keep_their_ends() {
        assert_eq!(redact_destination("f6a3c2d1-77b0"), "f6***b0");
        assert_eq!(redact_destination("secret1"), "***");
        assert_eq!(redact_destination("日本語日本語日本"), "日本***日本");
    }

    #[test]
    fn a_name_stays_as_a_sender_and_a_number_does_not() {
        assert_eq!(redact_sender("InfoSMS"), "InfoSMS");
        assert_eq!(redact_sender("1234"), "1234");
        assert_eq!(redact_sender("41793026727"), "41*******27");
        assert_eq!(redact_sender("٤١٧٩٣٠٢٦٧٢٧"), "41*******27");
        assert_eq!(redact_sender("Shop 24/7, 41793026727 ok"), "Shop 24/7, 41*******27 ok");
        assert_eq!(redact_sender("Shop, +41 79 302 67 27"), "Shop, +41 ** *** ** 27");
    }
}
