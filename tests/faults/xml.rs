//! XML, asked for or not, harmless or not.

use super::{NUMBER, ask, two_rows};
use crate::support::{Answer, Ran, Server};

macro_rules! example {
    ($name:literal) => {
        include_str!(concat!("../fixtures/api/", $name))
    };
}

fn shown(answer: Answer, format: &'static str) -> Ran {
    let server = Server::always(answer);
    ask(&server.url()).format(format).code(0)
}

/// H38. The three shapes that the API's page prints, each beside the same rows in JSON.
#[test]
fn the_three_shapes_of_xml_give_the_rows_of_the_json() {
    for (json, xml) in [
        (example!("bulk-ids.json"), example!("bulk-ids.xml")),
        (example!("no-parameters.json"), example!("no-parameters.xml")),
        (example!("channel.json"), example!("channel.xml")),
    ] {
        let csv = shown(Answer::xml(xml), "csv").stdout;
        assert_eq!(csv, shown(Answer::json(json), "csv").stdout);
        assert!(csv.lines().count() > 1);
    }
}

/// H38.
#[test]
fn xml_is_read_though_json_was_asked_for() {
    let server = Server::always(Answer::xml(example!("channel.xml")));
    let ran = ask(&server.url()).code(0);
    assert!(server.heads()[0].to_lowercase().contains("\r\naccept: application/json\r\n"));
    assert!(!ran.stdout.is_empty());
    let server = Server::always(Answer::json(two_rows()));
    let ran = ask(&server.url()).args(["--accept", "xml"]).code(0);
    assert!(server.heads()[0].to_lowercase().contains("\r\naccept: application/xml\r\n"));
    assert_eq!(ran.stdout.lines().count(), 2);
}

fn refused(body: &str) -> Ran {
    let server = Server::always(Answer::xml(body));
    let ran = ask(&server.url()).retries(3).code(8);
    assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", 1));
    ran
}

const ROWS: &str = "<omniLogsResponse><results><messageId>m1</messageId><text>&lol9;</text></results></omniLogsResponse>";

/// H39.
#[test]
fn an_entity_bomb_is_refused_for_its_document_type() {
    let mut bomb = "<!DOCTYPE lolz [<!ENTITY lol0 \"lol\">".to_owned();
    for n in 1..10 {
        bomb += &format!("<!ENTITY lol{n} \"{}\">", format!("&lol{};", n - 1).repeat(10));
    }
    refused(&format!("<?xml version=\"1.0\"?>{bomb}]>{ROWS}")).says("document type not allowed");
}

/// H39.
#[test]
fn an_external_entity_or_document_type_is_refused_and_looked_up_nowhere() {
    let witness = Server::always(Answer::json("{}"));
    let url = witness.url();
    for doctype in [
        format!(r#"<!DOCTYPE x [<!ENTITY lol9 SYSTEM "{url}/x">]>"#),
        format!(r#"<!DOCTYPE x SYSTEM "{url}/x.dtd">"#),
        r#"<!DOCTYPE x [<!ENTITY lol9 SYSTEM "file:///etc/passwd">]>"#.to_owned(),
    ] {
        let ran = refused(&format!("{doctype}{ROWS}")).says("document type not allowed");
        assert!(!ran.stderr.contains("root:"), "{}", ran.stderr);
    }
    assert_eq!(witness.connections(), 0);
}

/// H39.
#[test]
fn xml_nested_two_hundred_thousand_deep_is_refused() {
    let deep = "<a>".repeat(200_000) + &"</a>".repeat(200_000);
    refused(&format!("<omniLogsResponse><results>{deep}</results></omniLogsResponse>"))
        .says("nested deeper than");
    refused(&deep).says("nested deeper than");
}

/// H40.
#[test]
fn a_character_reference_that_makes_an_escape_cannot_drive_a_terminal() {
    let body = format!(
        "<omniLogsResponse><results><messageId>m1</messageId><to>{NUMBER}</to>\
         <from>a&#27;[2J&#x202e;b</from></results></omniLogsResponse>"
    );
    let table = shown(Answer::xml(&body), "table").stdout;
    assert!(table.contains("a^[[2J<U+202E>b"), "{table}");
    assert!(!table.contains(['\u{1b}', '\u{202e}']), "{table}");
    let json = shown(Answer::xml(&body), "jsonl").stdout;
    assert!(json.contains(r#""from":"a\u001b[2J\u202eb""#), "{json}");
    let csv = shown(Answer::xml(&body), "csv").stdout;
    assert!(csv.contains("a\u{1b}[2J\u{202e}b"), "{csv}");
}

/// H40.
#[test]
fn the_xml_that_is_written_holds_no_character_that_xml_forbids() {
    let body = two_rows().replace("InfoSMS", r"a\u001b[2J");
    let xml = shown(Answer::json(body), "xml").stdout;
    assert!(!xml.contains('\u{1b}') && xml.contains("[2J"), "{xml}");
}
