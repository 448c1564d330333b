//! Makes text from a server safe to show: it may repeat the secret or the values that were sent.

use percent_encoding::utf8_percent_encode;

use crate::query::{FILTERS, Filter, Form, Query};
use crate::visible::{visible, without_addresses};

use super::credentials::Credentials;
use super::endpoint::ESCAPED;

/// Hides the secret and the values of a query in text from a server.
pub(super) struct TextMask<'a> {
    credentials: &'a Credentials,
    /// The values that a person chose, longest first, each as typed and as encoded in a URL.
    values: Vec<String>,
}

impl<'a> TextMask<'a> {
    pub(super) fn new(credentials: &'a Credentials, query: &Query) -> Self {
        let chosen = |filter: &&Filter| matches!(filter.form, Form::Party | Form::Ids);
        let mut values: Vec<String> = FILTERS
            .iter()
            .filter(chosen)
            .flat_map(|filter| filter.values(query))
            .chain(query.extra.iter().map(|(_, value)| value.clone()))
            .flat_map(|value| [utf8_percent_encode(&value, ESCAPED).to_string(), value])
            .filter(|value| !value.is_empty())
            .collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.dedup();
        Self { credentials, values }
    }

    /// The text on one line, with everything secret hidden and without characters that control a
    /// terminal.
    pub(super) fn apply(&self, text: &str) -> String {
        let text = self.credentials.hide_in(text);
        let text = self.values.iter().fold(text, |text, value| without_word(&text, value));
        visible(&without_addresses(&text)).into_owned()
    }
}

/// The text with a word hidden where it is a word of its own: a value of one letter must not hide
/// that letter inside other words.
fn without_word(text: &str, word: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, found) = rest.split_at(at);
        let (found, after) = found.split_at(word.len());
        let touches = before.ends_with(char::is_alphanumeric)
            && word.starts_with(char::is_alphanumeric)
            || after.starts_with(char::is_alphanumeric) && word.ends_with(char::is_alphanumeric);
        out.push_str(before);
        out.push_str(if touches { found } else { "…" });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let credentials = Credentials::app("hunter2").unwrap();
        let query = Query {
            from: Some("My Shop".into()),
            to: vec!["someone@example.com".into()],
            bulk_ids: vec!["a".into()],
            message_ids: vec!["promo-7".into(), "promo-77".into()],
            extra: vec![("k".into(), "ключ".into())],
            ..Query::default()
        };
        TextMask::new(&credentials, &query).apply(text)
    }

    #[test]
    fn a_response_that_repeats_the_request_shows_none_of_it() {
        assert_eq!(
            shown("bad to <someone@example.com> from 'My Shop', promo-77, promo-7, ключ"),
            "bad to <…> from '…', …, …, …"
        );
        assert_eq!(
            shown("/omni/1/logs?to=someone%40example.com&from=My%20Shop: App hunter2"),
            "/omni/1/logs?to=…&from=…: App ***"
        );
    }

    #[test]
    fn a_number_that_is_not_in_the_query_is_hidden_as_well() {
        assert_eq!(shown("no route to 447700900123, code 1234"), "no route to …, code 1234");
    }

    #[test]
    fn a_short_value_hides_no_part_of_another_word() {
        assert_eq!(shown("a bad parameter: a"), "… bad parameter: …");
    }

    #[test]
    fn text_from_a_server_cannot_control_a_terminal() {
        assert_eq!(shown("no\u{1b}[2J"), "no^[[2J");
    }
}
