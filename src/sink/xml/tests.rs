use quick_xml::Reader;

use super::*;
use crate::sink::test_support::written;

/// Element names and texts in the order in which a reader finds them: `a(` opens, `)` closes.
fn read_back(xml: &str) -> String {
    let mut reader = Reader::from_str(xml);
    let mut found = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => found.extend([start.name().as_ref(), "("]),
            Event::Empty(start) => found.extend([start.name().as_ref(), "()"]),
            Event::End(_) => found.push(')'),
            Event::Text(text) => found += text.xml10_content().trim_matches(['\n', ' ']),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().unwrap() {
                Some(c) => found.push(c),
                None => found.extend(["&", reference.xml10_content().as_ref(), ";"]),
            },
            Event::Eof => return found,
            _ => (),
        }
    }
}

fn row(json: &str) -> String {
    let found = read_back(&written(Xml::new, &[json]));
    let inner = found.strip_prefix("omniLogsResponse(").unwrap().strip_suffix(')').unwrap();
    inner.to_owned()
}

#[test]
fn a_message_is_one_results_element_in_the_order_of_the_row() {
    assert_eq!(
        written(
            Xml::new,
            &[
                r#"{"to":"41793026727","price":{"pricePerMessage":0.0100,"currency":"EUR"},"new":[1, true]}"#,
                "{}"
            ]
        ),
        r#"<?xml version="1.0" encoding="UTF-8"?>
<omniLogsResponse>
  <results>
    <to>41793026727</to>
    <price><pricePerMessage>0.0100</pricePerMessage><currency>EUR</currency></price>
    <new>1</new>
    <new>true</new>
  </results>
  <results></results>
</omniLogsResponse>
"#
    );
}

#[test]
fn a_document_without_rows_is_an_empty_root() {
    assert_eq!(
        written(Xml::new, &[]),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<omniLogsResponse>\n</omniLogsResponse>\n"
    );
}

#[test]
fn lists_and_objects_nest_in_each_other() {
    assert_eq!(
        row(r#"{"a":[{"b":1},{"b":[2,[3,null]]}],"e":[],"o":{},"f":{"g":{"h":"x"}}}"#),
        "results(a(b(1))a(b(2)b(b(3)b()))e()o()f(g(h(x))))"
    );
}

#[test]
fn null_differs_from_an_empty_text() {
    let xml = written(Xml::new, &[r#"{"text":"","doneAt":null}"#]);
    assert!(xml.contains("    <text></text>\n"), "{xml}");
    let nil = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"";
    assert!(xml.contains(&format!("    <doneAt {nil}/>\n")), "{xml}");
}

#[test]
fn a_row_that_is_not_an_object_is_still_one_row() {
    assert_eq!(row("[1,[2]]"), "results(item(1)item(item(2)))");
    assert_eq!(row("\"x\""), "results(x)");
    assert_eq!(row("null"), "results()");
}

#[test]
fn a_text_is_read_back_as_it_was_sent() {
    assert_eq!(
        row(r#"{"text":" a\r\n\tb<\u202e>\u0085 ","\u0031 key":1}"#),
        "results(text( a\r\n\tb&lt;\u{202E}&gt;\u{85} )_1_key(1))"
    );
    let xml = written(Xml::new, &[r#"{"text":"\u001b[2J\u202e\n::error::"}"#]);
    assert!(!xml.chars().any(|c| c != '\n' && crate::visible::is_dangerous(c)), "{xml:?}");
    assert!(xml.contains("<text>\u{FFFD}[2J&#x202E;&#10;::error::</text>"), "{xml}");
}

#[test]
fn a_row_of_a_hundred_thousand_levels_is_written() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let json = format!("{{\"new\":{}1{}}}", open.repeat(100_000), close.repeat(100_000));
        let xml = written(Xml::new, &[&json]);
        assert_eq!(xml.matches('<').count(), xml.matches('>').count());
        assert!(xml.ends_with("</results>\n</omniLogsResponse>\n"));
    }
}
