use super::test_support::{SharedBytes, SmallDisk, run, written};
use super::*;
use crate::redaction::Redaction;

const ROW: &str = r#"{"messageId":"m1","channel":"SMS","to":"41793026727","from":"InfoSMS","text":"Test SMS.","sentAt":"2015-02-23T17:40:31.773+0100","status":{"groupName":"DELIVERED","name":"DELIVERED_TO_HANDSET"}}"#;

/// A sink of every format that writes into this writer.
fn formats<W: io::Write + Clone + 'static>(out: &W) -> Vec<Box<dyn Sink>> {
    vec![
        Box::new(Json::compact(out.clone())),
        Box::new(Json::indented(out.clone())),
        Box::new(JsonLines::new(out.clone())),
        Box::new(Csv::new(out.clone(), CsvOptions::new(Dialect::Csv))),
        Box::new(Csv::new(out.clone(), CsvOptions::new(Dialect::Tsv))),
        Box::new(Xml::new(out.clone())),
        Box::new(Table::new(out.clone(), TableOptions::default())),
    ]
}

/// C23.
#[test]
fn a_disk_that_fills_up_at_any_byte_is_an_error_in_every_format() {
    for format in 0..formats(&SharedBytes::default()).len() {
        let whole = SharedBytes::default();
        run(&mut *formats(&whole).swap_remove(format), &[ROW, ROW]).unwrap();
        let size = whole.text().len();
        for room in 0..size {
            let error = run(&mut *formats(&SmallDisk(room)).swap_remove(format), &[ROW, ROW]);
            assert!(error.is_err(), "format {format}, {room} of {size} bytes");
        }
        run(&mut *formats(&SmallDisk(size)).swap_remove(format), &[ROW, ROW]).unwrap();
    }
}

#[test]
fn rows_that_do_not_match_are_counted() {
    let out = SharedBytes::default();
    let keep = Box::new(|log: &Log| log.json().contains("InfoSMS"));
    let mut sink = FilteringSink::new(JsonLines::new(out.clone()), keep);
    run(&mut sink, &[ROW, "{}", "{}"]).unwrap();
    assert_eq!((sink.filtered_out(), out.text()), (2, format!("{ROW}\n")));
}

#[test]
fn every_format_shows_the_redacted_row() {
    for format in 0..formats(&SharedBytes::default()).len() {
        let text = written(
            |out| RedactingSink::new(formats(&out).swap_remove(format), Redaction::default()),
            &[ROW],
        );
        assert!(text.contains("41*******27") && text.contains("[9 characters]"), "{text}");
        assert!(!text.contains("41793026727") && !text.contains("Test SMS."), "{text}");
    }
}
