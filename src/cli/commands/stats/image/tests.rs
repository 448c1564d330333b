use omnilogs::Log;
use omnilogs::sink::Sink;
use omnilogs::stats::{Key, Stats};

use super::*;

fn summary(rows: &[&str]) -> Summary {
    let mut stats = Stats::new(vec![Key::Sender, Key::Bucket], Zone::UTC);
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
    assert!(document.contains("&lt;b&gt;&amp;^[[2J / 11-22 10:00"), "{document}");
    assert!(document.contains("Messages sent 2026-11-22 10:00 to 2026-11-22 13:04, UTC"));
    assert!(document.contains("1 (33.3%), none final") && document.contains("100% of final"));
    assert!(!document.contains('\u{1b}'));
}

#[test]
fn an_svg_says_what_it_shows_and_follows_a_dark_page() {
    let document = svg(&summary(&ROWS), Zone::UTC).unwrap();
    let title =
        "<title id=\"title\">Messages sent 2026-11-22 10:00 to 2026-11-22 13:04, UTC</title>";
    assert!(document.contains(title), "{document}");
    let desc = "<desc id=\"desc\">100% delivered of 1 final";
    assert!(document.contains(desc) && document.contains(" role=\"img\""), "{document}");
    let (_, style) = document.split_once("@media (prefers-color-scheme:dark){").unwrap();
    let (style, drawn) = style.split_once("</style>").unwrap();
    for light in [palette::PANEL, palette::TEXT, palette::FAINT, palette::GRID, palette::EDGE] {
        let light = format!("=\"#{:02X}{:02X}{:02X}\"", light.0, light.1, light.2);
        assert!(style.contains(&light) && drawn.contains(&light), "{light}");
    }
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

/// Rows of one hour and one sender: delivered, pending and failed.
fn outcomes(counts: [usize; 3]) -> Summary {
    let statuses = [
        ("DELIVERED", "DELIVERED_TO_HANDSET"),
        ("PENDING", "PENDING_ENROUTE"),
        ("REJECTED", "REJECTED_NETWORK"),
    ];
    let mut stats = Stats::new(vec![Key::Sender], Zone::UTC);
    for ((group, name), count) in statuses.into_iter().zip(counts) {
        let row = format!(
            r#"{{"from":"A","sentAt":"2026-11-22T10:00:00Z","status":{{"groupName":"{group}","name":"{name}"}}}}"#
        );
        for _ in 0..count {
            stats.log(&Log::read(row.as_str(), |_| ())).unwrap();
        }
    }
    stats.summary()
}

/// How wide and how high the rectangles of a colour are, the squares of legends left out.
fn rectangles(document: &str, colour: plotters::style::RGBColor) -> Vec<(u32, u32)> {
    let fill = format!("fill=\"#{:02X}{:02X}{:02X}\"", colour.0, colour.1, colour.2);
    let number = |line: &str, name: &str| -> u32 {
        let (_, rest) = line.split_once(&format!(" {name}=\"")).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let lines = document.lines().filter(|line| line.starts_with("<rect") && line.contains(&fill));
    let sizes = lines.map(|line| (number(line, "width"), number(line, "height")));
    sizes.filter(|size| *size != (11, 11)).collect()
}

#[test]
fn bars_and_columns_of_a_picture_are_in_proportion_to_a_pixel() {
    let document = svg(&outcomes([600, 300, 100]), Zone::UTC).unwrap();
    let sizes = [palette::DELIVERED, palette::PENDING, palette::FAILED]
        .map(|colour| rectangles(&document, colour));
    // The column of the delivered share comes first, on a scale with lines at its ends.
    let grid = format!("stroke=\"#{:02X}{:02X}{:02X}\"", 0xE3, 0xE6, 0xEC);
    let lines: Vec<u32> = document
        .lines()
        .filter(|line| line.starts_with("<polyline") && line.contains(&grid))
        .map(|line| line.rsplit(',').next().unwrap().split(' ').next().unwrap().parse().unwrap())
        .collect();
    let whole = f64::from(lines[0] - lines[4]);
    assert!((f64::from(sizes[0][0].1) - whole * 6.0 / 7.0).abs() <= 1.0, "{sizes:?} {whole}");
    let height: u32 = sizes.iter().map(|sizes| sizes[sizes.len() - 2].1).sum();
    for (sizes, share) in sizes.iter().zip([0.6, 0.3, 0.1]) {
        let [.., column, bar] = sizes.as_slice() else { panic!("{sizes:?}") };
        assert!((f64::from(column.1) - f64::from(height) * share).abs() <= 1.0, "{column:?}");
        // A bar of all messages is 390 pixels long.
        assert!((f64::from(bar.0) - 390.0 * share).abs() <= 1.0, "{bar:?} {share}");
    }
}

#[test]
fn what_is_smaller_than_a_pixel_has_a_mark_in_the_picture_and_no_area() {
    let document = svg(&outcomes([5000, 1, 2]), Zone::UTC).unwrap();
    assert_eq!(rectangles(&document, palette::FAILED), []);
    assert_eq!(rectangles(&document, palette::PENDING), []);
    let marks = |mark: &str| document.lines().filter(|line| line.trim() == mark).count();
    assert_eq!((marks("!"), marks("~"), marks("+")), (2, 2, 0), "{document}");
}

#[test]
fn statistics_of_nothing_can_be_drawn() {
    assert!(svg(&summary(&[]), Zone::UTC).unwrap().contains("Messages"));
    assert!(!png(&summary(&[]), Zone::UTC).unwrap().is_empty());
}

#[test]
fn another_ending_is_refused_before_any_request() {
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
