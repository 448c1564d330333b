//! Recognizes an HTML page (of a captive portal, a login, or the error of a proxy) and reads its title.

use super::one_line::one_line;
use super::text::Text;

/// How many bytes of a page are searched for its title.
const HEAD_BYTES: usize = 64 * 1024;

/// The title of an HTML page, on one line of at most 80 characters; `None` when the body is not an
/// HTML page, or has no title.
#[must_use]
#[doc(hidden)]
pub fn html_title(body: &[u8]) -> Option<String> {
    let text = Text::read(body.get(..HEAD_BYTES).unwrap_or(body)).ok()?;
    if is_html(text.as_str()) { title(text.as_str()) } else { None }
}

/// The message for a page where a response was expected.
pub(super) fn message(text: &str) -> String {
    match title(text) {
        Some(title) => format!("expected JSON, got an HTML page titled «{title}»"),
        None => "expected JSON, got an HTML page".to_owned(),
    }
}

/// Whether a text is an HTML page, by the first tag that is neither comment nor declaration.
pub(super) fn is_html(text: &str) -> bool {
    const TAGS: [&str; 10] =
        ["!doctype html", "html", "head", "body", "title", "meta", "script", "center", "h1", "p"];
    let mut rest = text.trim_start();
    loop {
        let after = match (rest.strip_prefix("<?"), rest.strip_prefix("<!--")) {
            (Some(declaration), _) => declaration.split_once("?>"),
            (_, Some(comment)) => comment.split_once("-->"),
            _ => break,
        };
        let Some((_, after)) = after else { return false };
        rest = after.trim_start();
    }
    let tag = rest.strip_prefix('<').unwrap_or_default();
    TAGS.iter().any(|wanted| {
        tag.get(..wanted.len()).is_some_and(|start| start.eq_ignore_ascii_case(wanted))
            && tag.get(wanted.len()..).is_none_or(|next| !next.starts_with(char::is_alphanumeric))
    })
}

fn title(text: &str) -> Option<String> {
    let mut end = text.len().min(HEAD_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end)?;
    // Only ASCII letters change, so that an index into one text is valid in the other.
    let lower = text.to_ascii_lowercase();
    let tag = lower.find("<title")?;
    let from = tag + lower.get(tag..)?.find('>')? + 1;
    let length = lower.get(from..)?.find('<')?;
    let inner = text.get(from..from + length)?;
    let decoded = quick_xml::escape::unescape(inner).unwrap_or(inner.into());
    one_line(&decoded, 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_of_a_page_is_found_on_one_line() {
        let page =
            b"<!-- x --> <!DocType HTML><html><head><TITLE lang=en>\n Log in &amp;\n go </TITLE>";
        assert_eq!(html_title(page).unwrap(), "Log in & go");
        assert_eq!(message("<html></html>"), "expected JSON, got an HTML page");
    }

    #[test]
    fn a_response_that_mentions_html_is_not_a_page() {
        for body in
            ["<results><text>&lt;html&gt;</text></results>", "<htmlish/>", "{}", "", "<!-- "]
        {
            assert!(!is_html(body), "{body}");
            assert_eq!(html_title(body.as_bytes()), None);
        }
    }
}
