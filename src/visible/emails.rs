//! Finds e-mail addresses in texts.

use std::ops::Range;

use super::without_numbers;

/// The notations of the sign between the local part and the domain: itself and its full-width forms, and
/// the codes of URLs, HTML and JSON, in lower case.
const AT_SIGNS: [&str; 9] =
    ["@", "＠", "﹫", "%40", "%2540", "%ef%bc%a0", "&#64;", "&#x40;", "\\u0040"];

/// The text with each e-mail address hidden up to its domain, and with the user of a URL hidden.
pub(crate) fn without_emails(text: &str) -> String {
    let mut hidden = String::with_capacity(text.len());
    let mut copied = 0;
    for sign in at_signs(text) {
        let before = text.get(..sign.start).unwrap_or_default();
        let after = text.get(sign.end..).unwrap_or_default();
        let is_encoded = !matches!(text.get(sign.clone()), Some("@" | "＠" | "﹫"));
        let start = local_start(before, is_encoded).max(copied);
        let local = text.get(start..sign.start).unwrap_or_default();
        hidden.push_str(text.get(copied..start).unwrap_or_default());
        hidden.push_str(if local.is_empty() || is_rate(local, after) { local } else { "***" });
        hidden.push_str(text.get(sign.clone()).unwrap_or_default());
        copied = sign.end;
    }
    hidden + text.get(copied..).unwrap_or_default()
}

/// The byte ranges of the signs in a text that may be those of e-mail addresses.
fn at_signs(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let mut signs: Vec<Range<usize>> = AT_SIGNS
        .iter()
        .flat_map(|sign| lower.match_indices(sign).map(|(at, sign)| at..at + sign.len()))
        .collect();
    signs.sort_by_key(|sign| sign.start);
    signs
}

/// Where the local part starts that ends this text. In a URL, the user and the password are hidden, and
/// its host, path and parameters are not a part of an address.
fn local_start(before: &str, is_encoded: bool) -> usize {
    if let Some(start) = quoted_start(before) {
        return start;
    }
    let local = before.trim_end_matches(is_part_of_local).len();
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let url = word.rsplit_once("://").map(|(_, url)| url);
    if url.is_some_and(is_user) {
        return before.len() - url.map_or(0, str::len);
    }
    if url.is_none() && !is_encoded {
        return local;
    }
    let parameter = before.rfind(['/', '?', '&', '=', '#']).map_or(0, |at| at + 1);
    local.max(parameter)
}

/// Whether this text between `://` and an `@` is a user, with or without a password, and not a host with
/// a path.
fn is_user(url: &str) -> bool {
    let Some((authority, _)) = url.split_once(['/', '?', '#']) else { return true };
    let host = authority.rsplit('@').next().unwrap_or_default();
    // A slash may be in the password. The port of a host has digits only.
    match host.split_once(':') {
        Some((name, port)) => !name.starts_with('[') && !port.chars().all(|c| c.is_ascii_digit()),
        None => false,
    }
}

/// Where the quotation marks open that close at the end of this text.
fn quoted_start(before: &str) -> Option<usize> {
    let quoted = before.strip_suffix('"')?;
    let is_escaped = |at: usize| {
        let before = quoted.get(..at).unwrap_or_default();
        (before.len() - before.trim_end_matches('\\').len()) % 2 == 1
    };
    quoted.rmatch_indices('"').map(|(at, _)| at).find(|at| !is_escaped(*at))
}

/// Whether a number before an `@` and the text after it are a count and a rate, as in `5@3.5`.
fn is_rate(local: &str, after: &str) -> bool {
    let is_domain = |c: char| c.is_alphanumeric() || ".-_".contains(c);
    let domain: String = after.chars().take_while(|c| is_domain(*c)).collect();
    let rate = domain.trim_end_matches('.');
    let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    is_number(local)
        && rate.starts_with(|c: char| c.is_ascii_digit())
        && rate.splitn(2, '.').all(is_number)
}

/// Whether the local part of an address may contain this character, in any script, also one that is not
/// seen. `…` replaces hidden text.
fn is_part_of_local(c: char) -> bool {
    is_local(c) || !c.is_ascii() && c != '…' && !c.is_whitespace()
}

/// Whether the local part of an e-mail address, before the `@`, may contain this character unquoted.
pub(crate) fn is_local(c: char) -> bool {
    c.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c)
}

/// The text without e-mail addresses up to their domains, and without numbers that may be phone
/// numbers: a text of a server, or of a row, that goes to standard error.
#[must_use]
pub fn without_addresses(text: &str) -> String {
    let hide = |text: &str| without_numbers(&without_emails(text));
    let mut hidden = hide(text);
    // A hidden number can join two words, of which the second is the end of an address then.
    loop {
        let again = hide(&hidden);
        if again == hidden {
            return hidden;
        }
        hidden = again;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_e_mail_address_inside_a_text_keeps_its_domain_alone() {
        let quoted = "<jane.doe@example.com> or \"a b\"@x";
        assert_eq!(without_emails(quoted), "<***@example.com> or ***@x");
        assert_eq!(without_emails("no address, @NotBlank"), "no address, @NotBlank");
        let text = "447700900123 or 447700900123@1234567.example";
        assert_eq!(without_addresses(text), "… or ***@….example");
        assert_eq!(without_addresses("… or ***@….example"), "… or ***@….example");
    }

    #[test]
    fn every_notation_of_an_address_is_hidden() {
        for (text, expected) in [
            ("to=jane%40host.com", "to=***%40host.com"),
            ("jane%2540host.com", "***%2540host.com"),
            ("jane＠host.com", "***＠host.com"),
            ("jane&#64;host.com", "***&#64;host.com"),
            ("jane\u{200b}@host.com", "***@host.com"),
            ("jose\u{301}@host.com", "***@host.com"),
            ("\"a \\\"b\"@x", "***@x"),
            ("1001@10.0.0.5", "***@10.0.0.5"),
        ] {
            assert_eq!(without_emails(text), expected);
            assert_eq!(without_emails(expected), expected);
        }
    }

    #[test]
    fn the_rest_of_a_url_beside_an_address_stays() {
        for (text, expected) in [
            ("at https://jane@host/a?b=1", "at https://***@host/a?b=1"),
            ("https://jane:p/w@host/a", "https://***@host/a"),
            ("https://jane@corp:pw@host/a", "https://***@***@host/a"),
            ("https://host:80/a/jane@x.org/b", "https://host:80/a/***@x.org/b"),
            ("https://host/?to=jane@x.org&n=1", "https://host/?to=***@x.org&n=1"),
            ("/logs?to=jane%40x.org&n=1", "/logs?to=***%40x.org&n=1"),
            ("rate 5@3, 5@3.5", "rate 5@3, 5@3.5"),
        ] {
            assert_eq!(without_emails(text), expected);
            assert_eq!(without_emails(expected), expected);
        }
    }

    proptest! {
        #[test]
        fn hiding_twice_is_hiding_once_and_no_plain_number_is_left(
            text in r#"([0-9a-fT]|[0-9]{2,4}|[ ./:+%@"\\(-]|%20|%40|http |://|2026-11-22| 10:00|10\.200\.3\.4|0\.0){0,20}"#,
        ) {
            let hidden = without_addresses(&text);
            prop_assert_eq!(without_addresses(&hidden), hidden.as_str());
            let is_plain = |c: char| c.is_ascii_digit() || c == '.';
            for number in hidden.split(|c| !is_plain(c)) {
                let digits = number.chars().filter(char::is_ascii_digit).count();
                prop_assert!(digits < 7 || number.contains('.'), "{} of {}", hidden, text);
            }
        }
    }
}
