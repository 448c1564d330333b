//! Hides who a message went to or came from, and leaves what tells one from another: a number's
//! country, an e-mail's domain.
//!
//! Which fields hold addresses is not known here.

/// A run of this many digits is taken for a telephone number.
const SHORTEST_NUMBER: usize = 7;

/// How many digits of a number are hidden at least; below that its country is hidden too.
const FEWEST_HIDDEN: usize = 4;

/// Country calling codes of two digits (ITU-T E.164). Those of one digit are 1 and 7.
const TWO_DIGITS: &str = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 \
    58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98";

/// Country calling codes of three digits.
const THREE_DIGITS: &str = "211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 \
    233 234 235 236 237 238 239 240 241 242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 \
    257 258 260 261 262 263 264 265 266 267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 \
    357 358 359 370 371 372 373 374 375 376 377 378 379 380 381 382 383 385 386 387 389 420 421 423 \
    500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 \
    675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 800 808 850 852 853 855 856 \
    870 878 880 881 882 883 886 888 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 \
    977 979 992 993 994 995 996 998";

/// A destination: an e-mail address, a number, or an id of any other kind.
pub(super) fn destination(text: &str) -> String {
    email(text).or_else(|| telephone(text)).unwrap_or_else(|| id(text))
}

/// A sender: as a destination, but a name or a short number stays. A number inside a name goes.
pub(super) fn sender(text: &str) -> String {
    email(text).or_else(|| telephone(text)).unwrap_or_else(|| without_numbers(text))
}

fn email(text: &str) -> Option<String> {
    let (_, domain) = text.rsplit_once('@')?;
    Some(format!("***@{domain}"))
}

/// A text that is one number, however it is grouped: `+41 (0)79 302-67-27`.
fn telephone(text: &str) -> Option<String> {
    let punctuated = |c: char| c.is_ascii_digit() || " +-()./\u{A0}".contains(c);
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < SHORTEST_NUMBER || !text.chars().all(punctuated) {
        return None;
    }
    let front = kept_in_front(&digits);
    let mut at = 0;
    let masked = |c: char| {
        if !c.is_ascii_digit() {
            return c;
        }
        at += 1;
        if at <= front || at > digits.len() - 2 { c } else { '*' }
    };
    Some(text.chars().map(masked).collect())
}

/// How many digits stay in front: the country code, with `00` before it if it is written so.
fn kept_in_front(digits: &str) -> usize {
    let (prefix, number) = match digits.strip_prefix("00") {
        Some(number) => (2, number),
        None => (0, digits),
    };
    let front = prefix + country_code(number);
    if digits.len() < front + FEWEST_HIDDEN + 2 { 0 } else { front }
}

/// Length of the country code; 0 for a number that starts with none.
fn country_code(number: &str) -> usize {
    let starts = |length, codes: &str| {
        number.get(..length).is_some_and(|start| codes.split_whitespace().any(|code| code == start))
    };
    if starts(1, "1 7") {
        1
    } else if starts(2, TWO_DIGITS) {
        2
    } else if starts(3, THREE_DIGITS) {
        3
    } else {
        0
    }
}

/// Every run of digits that is long enough for a number, hidden where it stands.
fn without_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (name, digits_on) = rest.split_at(start);
        let end = digits_on.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits_on.len());
        let (digits, after) = digits_on.split_at(end);
        shown.push_str(name);
        shown.push_str(&telephone(digits).unwrap_or_else(|| digits.to_owned()));
        rest = after;
    }
    shown + rest
}

/// The ends of an id that is long enough to keep its middle secret.
fn id(text: &str) -> String {
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
    fn a_number_keeps_its_country_and_its_last_two_digits() {
        assert_eq!(destination("41793026727"), "41*******27");
        assert_eq!(destination("+447700900123"), "+44********23");
        assert_eq!(destination("0041793026727"), "0041*******27");
        assert_eq!(destination("12025550101"), "1********01");
        assert_eq!(destination("385912345678"), "385*******78");
        assert_eq!(destination("+41 79 302-67-27"), "+41 ** ***-**-27");
    }

    #[test]
    fn a_number_without_a_country_keeps_its_last_two_digits_alone() {
        assert_eq!(destination("0793026727"), "********27");
        assert_eq!(destination("3850912"), "*****12");
    }

    #[test]
    fn an_email_keeps_its_domain() {
        assert_eq!(destination("jane.doe@example.com"), "***@example.com");
        assert_eq!(destination("\"a@b\"@example.com"), "***@example.com");
    }

    #[test]
    fn other_ids_keep_their_ends() {
        assert_eq!(destination("f6a3c2d1-77b0"), "f6***b0");
        assert_eq!(destination("secret1"), "***");
        assert_eq!(destination("日本語日本語日本"), "日本***日本");
    }

    #[test]
    fn a_name_stays_as_a_sender_and_a_number_does_not() {
        assert_eq!(sender("InfoSMS"), "InfoSMS");
        assert_eq!(sender("1234"), "1234");
        assert_eq!(sender("41793026727"), "41*******27");
        assert_eq!(sender("Shop 24 41793026727 ok"), "Shop 24 41*******27 ok");
    }
}
