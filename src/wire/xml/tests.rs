use super::*;
use crate::model::Field;

fn page(xml: &str) -> Page {
    decode(xml.as_bytes(), DecodeOptions::default()).unwrap()
}

fn error(xml: &str) -> DecodeError {
    decode(xml.as_bytes(), DecodeOptions::default()).unwrap_err()
}

fn rows(page: &Page) -> Vec<&str> {
    page.logs.iter().map(Log::json).collect()
}

#[test]
fn the_three_shapes_give_the_same_rows() {
    let row = "<messageId>m</messageId><messageCount>2</messageCount>";
    let wanted = [r#"{"messageId":"m","messageCount":2}"#; 2];
    for xml in [
        format!(
            "<smsLogsResponse><results><result>{row}</result>\n<result>{row}</result></results></smsLogsResponse>"
        ),
        format!(
            "<omniLogsResponse><results>{row}</results>\n<results>{row}</results></omniLogsResponse>"
        ),
        format!(
            "<omniLogsResponse><results><result>{row}</result><result>{row}</result></results></omniLogsResponse>"
        ),
        format!(
            "<o:omniLogsResponse xmlns:o='x'><o:results>{row}</o:results><o:results>{row}</o:results></o:omniLogsResponse>"
        ),
    ] {
        assert_eq!(rows(&page(&xml)), wanted, "{xml}");
    }
}

#[test]
fn a_response_without_rows_has_none() {
    for xml in [
        "<smsLogsResponse><results/></smsLogsResponse>",
        "<omniLogsResponse/>",
        "<omniLogsResponse><results>\n</results></omniLogsResponse>",
        "<!-- a --><?xml version='1.0'?><omniLogsResponse></omniLogsResponse>\n<!-- b -->",
    ] {
        assert!(page(xml).logs.is_empty(), "{xml}");
    }
}

#[test]
fn values_become_the_values_of_a_json_body() {
    let page = page(
        "<omniLogsResponse><results><to>417</to><smsCount>1</smsCount>
         <price><pricePerMessage> 0.0100 </pricePerMessage></price>
         <status><groupId/><id>x5</id></status><error><permanent>false</permanent></error>
         <new><deep>1</deep></new><text xsi:nil='true'/></results></omniLogsResponse>",
    );
    let wanted = r#"{"to":"417","smsCount":1,"price":{"pricePerMessage":0.0100},"status":{"groupId":null,"id":"x5"},"error":{"permanent":false},"new":{"deep":"1"},"text":null}"#;
    assert_eq!(rows(&page), [wanted]);
}

#[test]
fn text_is_kept_exactly_and_references_are_resolved() {
    let page = page(
        "<r><results><text>  a &lt;b&gt; &amp; &#27;&#x1F642; <![CDATA[<c> &amp;]]> </text>
         <from> </from><new>x &unknown; & y</new></results></r>",
    );
    let log = &page.logs[0];
    let text = "  a <b> & \u{1B}🙂 <c> &amp; ";
    assert_eq!(log.cell(Field::Text).into_text(), text);
    assert_eq!(log.cell(Field::From).into_text(), " ");
    assert!(log.json().ends_with(r#""new":"x &unknown; & y"}"#));
}

#[test]
fn repeated_elements_become_a_list_and_of_documented_ones_the_last_counts() {
    let page = page(
        "<r><results><tag>1</tag><to>a</to><tag>2</tag><to>b</to><tag><x/>mixed</tag></results></r>",
    );
    let wanted = r##"{"tag":["1","2",{"x":"","#text":"mixed"}],"to":"a","to":"b"}"##;
    assert_eq!(rows(&page), [wanted]);
    assert_eq!(page.logs[0].cell(Field::To).into_text(), "b");
    assert!(page.field_anomalies().has(Anomaly::DuplicateKey));
}

#[test]
fn a_document_that_ends_early_is_cut_off() {
    let whole = "<?xml version='1.0'?><smsLogsResponse><results><result><text>a<![CDATA[b]]>&amp;<!-- c --></text></result></results></smsLogsResponse>";
    for length in 1..whole.len() {
        let cut = &whole[..length];
        assert!(matches!(error(cut), DecodeError::CutOff { .. }), "{cut}");
    }
}

#[test]
fn rows_before_a_cut_are_returned() {
    let mut rows = XmlRows::new(&b"<r><results><to>1</to></results><results><to>2"[..]);
    let Ok(Some(XmlItem::Row { json, .. })) = rows.next() else { panic!("the first row") };
    assert_eq!(json, r#"{"to":"1"}"#);
    let Err(XmlError::Decode(error)) = rows.next() else { panic!("the cut") };
    assert!(matches!(error, DecodeError::CutOff { .. }));
}

#[test]
fn xml_that_is_not_a_response_is_refused() {
    for (xml, wanted) in [
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><r><results/></r>", "with a document type"),
        ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'", "with a document type"),
        ("<r><results><a></b></results></r>", "not well-formed at byte 15"),
        ("<r><!x></r>", "not well-formed"),
        ("<r><results/></r><r/>", "something follows"),
        ("<other><x>1</x></other>", "no results"),
    ] {
        let DecodeError::NotUnderstood { message, .. } = error(xml) else { panic!("{xml}") };
        assert!(message.contains(wanted), "{xml}: {message}");
    }
}

#[test]
fn nesting_is_limited() {
    let deep = |levels: usize| {
        let (open, close) = ("<a>".repeat(levels), "</a>".repeat(levels));
        format!("<r><results>{open}{close}</results></r>")
    };
    assert_eq!(page(&deep(62)).logs.len(), 1);
    for levels in [63, 200_000] {
        assert!(matches!(error(&deep(levels)), DecodeError::NotUnderstood { .. }));
    }
}

#[test]
fn the_row_of_bytes_that_are_not_utf8_is_named() {
    let xml = b"<r><results><to>1</to></results><results><to>\xFF</to></results></r>";
    let page = decode(xml, DecodeOptions::default()).unwrap();
    assert_eq!(page.logs[1].cell(Field::To).into_text(), "\u{FFFD}");
    assert_eq!(page.anomalies.iter().collect::<Vec<_>>(), [(Anomaly::InvalidUtf8, 1, 2)]);
}

#[test]
fn the_memory_of_a_message_is_limited() {
    let message = |inside: &str| format!("<r><results>{inside}</results></r>");
    let elements = message(&"<a/>".repeat(MAX_HELD_ELEMENTS));
    let text = message(&format!("<text>{}</text>", "x".repeat(5 << 20)));
    let before = format!("<r>{}{}", "<x>1</x>".repeat(MAX_HELD_ELEMENTS), "</r>");
    for (xml, wanted) in [
        (elements, "more than 20000 elements"),
        (text, "more than 4 MiB"),
        (before, "more than 20000 elements"),
    ] {
        let DecodeError::NotUnderstood { message, .. } = error(&xml) else { panic!("{wanted}") };
        assert!(message.contains(wanted), "{message}");
    }
    let controls = message(&format!("<text>{}</text>", "\u{1}".repeat(100)));
    let limited = |max| decode_within(controls.as_bytes(), DecodeOptions::default(), max);
    assert!(limited(600).is_err() && limited(611).is_ok());
    let junk = "<results><to>1</to></results><x><y>1</y></x>".repeat(MAX_HELD_ELEMENTS / 2);
    let options = DecodeOptions::max_rows(usize::MAX);
    let page = decode(format!("<r>{junk}</r>").as_bytes(), options).unwrap();
    assert_eq!(page.logs.len(), MAX_HELD_ELEMENTS / 2);
}
