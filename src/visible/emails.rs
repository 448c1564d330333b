//! Finds e-mail addresses in texts.

use super::without_numbers;

/// The text with each e-mail address hidden up to its domain.
pub(crate) fn without_emails(text: &str) -> String {
    let mut hidden = String::with_capacity(text.len());
    let mut parts = text.split('@');
    let mut part = parts.next().unwrap_or_default();
    for next in parts {
        let kept = match part.strip_suffix('"').and_then(|quoted| quoted.rsplit_once('"')) {
            Some((kept, _)) => kept,
            None => part.trim_end_matches(is_local),
        };
        hidden.push_str(kept);
        hidden.push_str(if kept.len() < part.len() { "***@" } else { "@" });
        part = next;
    }
    hidden + part
}

/// Whether the local part of an e-mail address, before the `@`, may contain this character unquoted.
pub(crate) fn is_local(c: char) -> bool {
    c.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c)
}

/// The text without e-mail addresses up to their domains, and without numbers that may be phone
/// numbers: a text of a server, or of a row, that goes to standard error.
#[must_use]
pub fn without_addresses(text: &str) -> String {
    without_numbers(&without_emails(text))
}

#[cfg(test)]
mod tests {
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
}
