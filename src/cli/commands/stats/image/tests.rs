use omnilogs::Log;
use omnilogs::sink::Sink;
use omnilogs::stats::{Key, Stats};

use super::*;

fn summary(rows: &[&str]) -> Summary {
    let mut stats = Stats::new(vec![Key::Sender, Key::Hour], Zone::UTC);
    for row in rows {
        stats.log(&Log::read(*row, |_| ())).unwrap();
    }
    stats.summary()
}

const ROWS: [&str; 3] = [
    r#"{"from":"<b>&\u001b[2J","sentAt":"2026-11-22T10:00:00Z","doneAt":"2026-11-22T10:00:04Z",
        "status":{"groupName":"DELIVERED","name":"DELIVERED_TO_HANDSET"}}"#,
    r#"{"from":"InfoSMS","sentAt":"2026-11-22T13:00:00Z","status":{"groupName":"PENDING"}}"#,
    r#"{"from":"NoTime","status":{"groupName":"SEEN"}}"#,
];

#[test]
fn an_svg_is_whole_and_holds_the_names_as_text() {
    let document = svg(&summary(&ROWS), Zone::UTC).unwrap();
    let mut reader = quick_xml::Reader::from_str(&document);
    let mut depth = 0;
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(_) => depth += 1,
            quick_xml::events::Event::End(_) => depth -= 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    assert!(document.contains("&lt;b&gt;&amp;^[[2J / 2026-11-22 10:00"), "{document}");
    assert!(document.contains("Messages sent 2026-11-22 10:00 to 2026-11-22 13:59, UTC"));
    assert!(document.contains("1 (33.3%), none final") && document.contains("100% of final"));
    assert!(!document.contains('\u{1b}'));
}

#[test]
fn a_png_can_be_read_back_and_is_not_blank() {
    let file = png(&summary(&ROWS), Zone::UTC).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(frame.width, WIDTH * PNG_SCALE);
    let delivered: [u8; 3] = palette::DELIVERED.into_rgb();
    assert!(pixels.chunks_exact(3).filter(|pixel| **pixel == delivered).count() > 1000);
}

/// The bytes of a colour.
trait IntoRgb {
    fn into_rgb(self) -> [u8; 3];
}

impl IntoRgb for plotters::style::RGBColor {
    fn into_rgb(self) -> [u8; 3] {
        [self.0, self.1, self.2]
    }
}

#[test]
fn statistics_of_nothing_can_be_drawn() {
    assert!(svg(&summary(&[]), Zone::UTC).unwrap().contains("Messages"));
    assert!(!png(&summary(&[]), Zone::UTC).unwrap().is_empty());
}

#[test]
fn another_ending_is_refused_before_anything_is_asked() {
    for name in ["report.pdf", "report", ".svg"] {
        let failure = Plot::open(Path::new(name)).err().unwrap();
        assert_eq!(failure.kind, Kind::Usage, "{name}");
    }
}

#[test]
fn a_picture_takes_its_place_whole_and_leaves_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.SVG");
    let plot = Plot::open(&path).unwrap();
    assert!(!path.exists());
    plot.draw(&summary(&ROWS), Zone::UTC).unwrap();
    assert!(std::fs::read_to_string(&path).unwrap().ends_with("</svg>\n"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
