//! XML responses, requested or not, valid or hostile.

use std::fmt::Write;

use super::{NUMBER, list, page, row, two_rows};
use crate::support::{Ran, Response, Server};

/// The members of `row("m1")` as XML.
const ROW: &str = "<bulkId>b1</bulkId><messageId>m1</messageId><to>447700900123</to>\
    <from>InfoSMS</from><text>marked words of a message</text>\
    <sentAt>2015-02-23T17:40:31.773+0100</sentAt><doneAt>2015-02-23T17:40:32.000+0100</doneAt>\
    <messageCount>1</messageCount><mccmnc>22801</mccmnc>\
    <price><pricePerMessage>0.0100</pricePerMessage><currency>EUR</currency></price>\
    <status><groupId>3</groupId><groupName>DELIVERED</groupName><id>5</id>\
    <name>DELIVERED_TO_HANDSET</name><description>Message delivered to handset</description></status>\
    <error><groupId>0</groupId><groupName>OK</groupName><id>0</id><name>NO_ERROR</name>\
    <description>No Error</description><permanent>false</permanent></error><channel>SMS</channel>";

fn list_as(response: Response, format: &'static str) -> Ran {
    let server = Server::always(response);
    list(&server.url()).format(format).code(0)
}

/// H38. The three shapes that the API's page prints, and the current one.
#[test]
fn every_shape_of_xml_gives_the_rows_of_the_json() {
    let second = ROW.replace("m1", "m2").replace("SMS", "VOICE");
    let listed = |row: &str| format!("<result>{row}</result><result>{second}</result>");
    let older = ROW.replace("messageCount", "smsCount");
    let rows = [row("m1"), row("m2").replace("SMS", "VOICE")];
    for format in ["jsonl", "csv", "table"] {
        let wanted = list_as(Response::json(page(&rows)), format).stdout;
        for body in [
            format!("<smsLogsResponse><results>{}</results></smsLogsResponse>", listed(ROW)),
            format!("<omniLogsResponse><results>{}</results></omniLogsResponse>", listed(ROW)),
            format!(
                "<omniLogsResponse><results>{ROW}</results><results>{second}</results></omniLogsResponse>"
            ),
        ] {
            assert_eq!(list_as(Response::xml(body), format).stdout, wanted, "{format}");
        }
        if format != "jsonl" {
            let body =
                format!("<smsLogsResponse><results>{}</results></smsLogsResponse>", listed(&older));
            assert_eq!(list_as(Response::xml(body), format).stdout, wanted, "{format}");
        }
    }
}

/// H38.
#[test]
fn xml_is_read_although_json_was_requested_and_the_reverse() {
    let server = Server::always(Response::xml(include_str!("../fixtures/api/channel.xml")));
    let ran = list(&server.url()).code(0);
    assert!(server.heads()[0].to_lowercase().contains("\r\naccept: application/json\r\n"));
    assert_eq!(ran.stdout.lines().count(), 2);
    let server = Server::always(Response::json(two_rows()));
    let ran = list(&server.url()).args(["--accept", "xml"]).code(0);
    assert!(server.heads()[0].to_lowercase().contains("\r\naccept: application/xml\r\n"));
    assert_eq!(ran.stdout.lines().count(), 2);
}

fn refused(body: &str) -> Ran {
    let server = Server::always(Response::xml(body));
    let ran = list(&server.url()).retries(3).code(8);
    assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", 1));
    ran
}

const ROWS: &str = "<omniLogsResponse><results><messageId>m1</messageId><text>&lol9;</text></results></omniLogsResponse>";

/// H39.
#[test]
fn an_entity_bomb_is_refused_for_its_document_type() {
    let mut bomb = "<!DOCTYPE lolz [<!ENTITY lol0 \"lol\">".to_owned();
    for n in 1..10 {
        let ten = format!("&lol{};", n - 1).repeat(10);
        write!(bomb, "<!ENTITY lol{n} \"{ten}\">").unwrap();
    }
    refused(&format!("<?xml version=\"1.0\"?>{bomb}]>{ROWS}"))
        .says("XML with a document type, which is not allowed");
}

/// H39.
#[test]
fn an_external_entity_or_document_type_is_refused_and_never_fetched() {
    let witness = Server::always(Response::json("{}"));
    let url = witness.url();
    for doctype in [
        format!(r#"<!DOCTYPE x [<!ENTITY lol9 SYSTEM "{url}/x">]>"#),
        format!(r#"<!DOCTYPE x SYSTEM "{url}/x.dtd">"#),
        r#"<!DOCTYPE x [<!ENTITY lol9 SYSTEM "file:///etc/passwd">]>"#.to_owned(),
    ] {
        let ran = refused(&format!("{doctype}{ROWS}"))
            .says("XML with a document type, which is not allowed");
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
fn a_character_reference_that_makes_an_escape_cannot_control_a_terminal() {
    let body = format!(
        "<omniLogsResponse><results><messageId>m1</messageId><to>{NUMBER}</to>\
         <from>a&#27;[2J&#x202e;b</from></results></omniLogsResponse>"
    );
    let table = list_as(Response::xml(&body), "table").stdout;
    assert!(table.contains("a^[[2J<U+202E>b"), "{table}");
    assert!(!table.contains(['\u{1b}', '\u{202e}']), "{table}");
    let json = list_as(Response::xml(&body), "jsonl").stdout;
    assert!(json.contains(r#""from":"a\u001b[2J\u202eb""#), "{json}");
    let csv = list_as(Response::xml(&body), "csv").stdout;
    assert!(csv.contains("a\u{1b}[2J\u{202e}b"), "{csv}");
}

/// H40.
#[test]
fn the_xml_output_contains_no_character_that_xml_forbids() {
    let body = two_rows().replace("InfoSMS", r"a\u001b[2J");
    let xml = list_as(Response::json(body), "xml").stdout;
    assert!(!xml.contains('\u{1b}') && xml.contains("[2J"), "{xml}");
}
