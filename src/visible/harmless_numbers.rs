//! Recognizes the numbers in a text that are certainly not phone numbers, although they have as many
//! digits: times, dates, UUIDs, IP addresses, decimal fractions, HTTP statuses.
//!
//! A number that could also be a phone number is not recognized, because it must be hidden.

use std::net::Ipv4Addr;

use super::is_dangerous;

/// Whether this character may be between the digits of one phone number: a blank, a dash, a bracket, a
/// point, a slash, or a character that is not seen.
pub(super) fn is_separator(c: char) -> bool {
    let is_dash_or_selector = matches!(c, '\u{2010}'..='\u{2015}' | '\u{FE00}'..='\u{FE0F}');
    let is_sign = "()[]-+./·•\u{2212}\u{200C}\u{200D}\u{20E3}".contains(c);
    let is_unseen = !matches!(c, '\n' | '\r') && (c.is_whitespace() || is_dangerous(c));
    is_sign || is_dash_or_selector || is_unseen
}

/// The length of the number at this place that is certainly not a phone number; `None` for any other
/// number. `follows_digits` says whether digits before it may belong to the same number.
pub(super) fn harmless_length(text: &[char], at: usize, follows_digits: bool) -> Option<usize> {
    let (before, rest) = text.split_at_checked(at)?;
    if !rest.first()?.is_ascii_hexdigit() || !can_start_after(before) {
        return None;
    }
    let alone = || fraction(rest).or_else(|| host(rest)).filter(|_| !follows_digits);
    let length = uuid(rest)
        .or_else(|| date_and_time(rest))
        .or_else(|| time(rest))
        .or_else(|| status(before, rest))
        .or_else(alone)?;
    let after = rest.get(length..)?;
    // The time after a date may be encoded.
    let is_date_of_time = date(rest) == Some(length) && after.first() == Some(&'T');
    (is_date_of_time || can_end_before(after)).then_some(length)
}

/// Whether a number can start after this text: it is not a part of a longer one.
fn can_start_after(before: &[char]) -> bool {
    match before {
        [.., '+'] => false,
        [.., digit, last] if is_tight(*last) => !digit.is_numeric(),
        [.., last] => !last.is_alphanumeric(),
        [] => true,
    }
}

/// Whether a number can end before this text.
fn can_end_before(after: &[char]) -> bool {
    match after {
        [first, digit, ..] if is_tight(*first) => !digit.is_numeric(),
        [first, ..] => !first.is_alphanumeric(),
        [] => true,
    }
}

/// Whether this character joins digits to one number even where blanks are between numbers.
fn is_tight(c: char) -> bool {
    is_separator(c) && !c.is_whitespace() && !"()[]".contains(c)
}

/// Whether the text starts with this pattern: `0` is a digit, `x` a hexadecimal digit, and any other
/// character itself.
fn starts_with(text: &[char], pattern: &str) -> bool {
    let fits = |(c, expected): (&char, char)| match expected {
        '0' => c.is_ascii_digit(),
        'x' => c.is_ascii_hexdigit(),
        _ => *c == expected,
    };
    text.len() >= pattern.len() && text.iter().zip(pattern.chars()).all(fits)
}

/// The number that these digits are.
fn value(text: &[char], start: usize, length: usize) -> u32 {
    let digits = text.iter().skip(start).take(length);
    digits.filter_map(|digit| digit.to_digit(10)).fold(0, |number, digit| number * 10 + digit)
}

/// How many digits the text starts with.
fn leading_digits(text: &[char]) -> usize {
    text.iter().take_while(|c| c.is_ascii_digit()).count()
}

/// The last group of a UUID has the length of a phone number. It must have a letter.
fn uuid(text: &[char]) -> Option<usize> {
    const PATTERN: &str = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    let last = text.get(PATTERN.len() - 12..PATTERN.len())?;
    let has_letter = last.iter().any(char::is_ascii_alphabetic);
    (starts_with(text, PATTERN) && has_letter).then_some(PATTERN.len())
}

fn date_and_time(text: &[char]) -> Option<usize> {
    let date = date(text)?;
    let time = match text.get(date..)? {
        ['T' | 't', rest @ ..] => time(rest).map(|length| length + 1),
        _ => None,
    };
    Some(date + time.unwrap_or_default())
}

/// A date of this or the last century. A typed month or day that does not exist is part of a date, too.
fn date(text: &[char]) -> Option<usize> {
    let is_year = |start| matches!(value(text, start, 4), 1900..=2099);
    let year_first = ["0000-00-00", "0000/00/00", "0000.00.00"];
    let year_last = ["00-00-0000", "00/00/0000", "00.00.0000"];
    let is_date = year_first.iter().any(|pattern| starts_with(text, pattern)) && is_year(0)
        || year_last.iter().any(|pattern| starts_with(text, pattern))
            && is_year(6)
            && value(text, 0, 2) <= 31
            && value(text, 3, 2) <= 31;
    is_date.then_some("0000-00-00".len())
}

/// A time of day, with or without seconds, their fraction and the UTC offset.
fn time(text: &[char]) -> Option<usize> {
    if !starts_with(text, "00:00") || value(text, 0, 2) > 24 || value(text, 3, 2) > 59 {
        return None;
    }
    let mut length = 5;
    if starts_with(text.get(5..)?, ":00") && value(text, 6, 2) <= 60 {
        length = 8;
        if let ['.' | ',', fraction @ ..] = text.get(8..)?
            && matches!(leading_digits(fraction), 1..=9)
        {
            length += 1 + leading_digits(fraction);
        }
    }
    Some(length + utc_offset(text.get(length..)?))
}

/// The length of the UTC offset at the start of the text; 0 without one.
fn utc_offset(text: &[char]) -> usize {
    match text {
        ['Z' | 'z', ..] => 1,
        ['+' | '-' | '\u{2212}', rest @ ..] => match leading_digits(rest) {
            2 if starts_with(rest, "00:00") => 6,
            length @ (2 | 4) => 1 + length,
            _ => 0,
        },
        _ => 0,
    }
}

/// The status after `HTTP` or after the version of HTTP.
fn status(before: &[char], text: &[char]) -> Option<usize> {
    let start = before.len().saturating_sub("HTTP/1.1 ".len());
    let near: String = before.get(start..)?.iter().map(char::to_ascii_lowercase).collect();
    let follows_name = near.ends_with("http ")
        || near.trim_end().rsplit_once("http/").is_some_and(|(_, version)| {
            near.ends_with(' ') && version.chars().all(|c| c.is_ascii_digit() || c == '.')
        });
    let is_status = leading_digits(text) == 3 && (100..600).contains(&value(text, 0, 3));
    (follows_name && is_status).then_some(3)
}

/// A fraction of one. A national phone number may start with 0 as well, but not with two, has seven
/// digits or more, and 15 digits at most.
fn fraction(text: &[char]) -> Option<usize> {
    let ['0', '.' | ',', rest @ ..] = text else { return None };
    let length = leading_digits(rest);
    let mut after = rest.get(length..)?.iter().skip_while(|c| c.is_whitespace());
    let is_short = (1..7).contains(&length) && !after.next().is_some_and(|c| c.is_numeric());
    (rest.first() == Some(&'0') || is_short || length > 15).then_some(2 + length)
}

/// An IP address of version 4, with or without the length of its prefix. Four groups of two digits are
/// the notation of phone numbers in some countries, too, unless a port follows.
fn host(text: &[char]) -> Option<usize> {
    let address: String =
        text.iter().take_while(|c| c.is_ascii_digit() || **c == '.').take(16).collect();
    let address = address.trim_end_matches('.');
    address.parse::<Ipv4Addr>().ok()?;
    let rest = text.get(address.len()..)?;
    let has_port = starts_with(rest, ":0");
    if address.split('.').all(|group| group.len() == 2) && !has_port {
        return None;
    }
    let prefix = match rest {
        ['/', prefix @ ..] => leading_digits(prefix),
        _ => 0,
    };
    Some(address.len() + if (1..=2).contains(&prefix) { 1 + prefix } else { 0 })
}
