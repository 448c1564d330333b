//! Bodies that are cut, packed badly, or without end.

use std::io::Write;

use flate2::{Compress, Compression, FlushCompress, GzBuilder};

use super::{Ask, ask, ids, page, row, row_with, tried_again, two_rows};
use crate::support::{Answer, Server};

/// What comes of an answer that is cut: the page is dropped whole and asked for again, its rows
/// come once; if it stays cut, the run ends with 6 and shows no row of it.
fn cut(answer: &Answer) {
    cut_as(answer, Ask::retries);
}

fn cut_as(answer: &Answer, change: impl Fn(Ask, u32) -> Ask) {
    let server = Server::sequence([answer.clone(), Answer::json(two_rows())]);
    let ran = change(ask(&server.url()), 1).code(0);
    assert_eq!((ids(&ran).join(" "), server.heads().len()), ("m1 m2".into(), 2), "{}", ran.stderr);
    assert!(tried_again(&ran), "{}", ran.stderr);
    let server = Server::always(answer.clone());
    let ran = change(ask(&server.url()), 1).code(6);
    assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", 2));
}

fn with_head(headers: &str, body: impl AsRef<[u8]>) -> Answer {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{headers}\r\n");
    Answer::raw([head.as_bytes(), body.as_ref()].concat())
}

/// H10.
#[test]
fn a_reset_within_the_body_drops_the_page_whole_and_doubles_no_row() {
    let whole_row = &two_rows()[..page(&[row("m1")]).len() - 2];
    let pause = std::time::Duration::from_millis(50);
    cut(&with_head("Content-Length: 9999\r\n", whole_row).then_pause(pause).then_reset());
}

/// H10. The rows of the pages before it stay.
#[test]
fn a_reset_on_a_later_page_leaves_the_rows_before_it_and_says_that_more_are_missing() {
    let cut = with_head("Content-Length: 9999\r\n", &two_rows()[..40]).then_reset();
    let server = Server::sequence([Answer::json(two_rows()), cut]);
    let ran = ask(&server.url()).args(["--all"]).code(3);
    assert_eq!(ids(&ran), ["m1", "m2"]);
    ran.says("incomplete: 2 rows written, the rest are missing");
}

/// H11.
#[test]
fn a_body_shorter_than_its_announced_length_is_cut_off() {
    cut(&with_head("Content-Length: 9999\r\n", two_rows()));
}

fn chunk(body: &str) -> String {
    format!("{:x}\r\n{body}\r\n", body.len())
}

/// H12.
#[test]
fn a_chunked_body_without_its_last_chunk_is_cut_off_though_its_json_is_whole() {
    cut(&with_head("Transfer-Encoding: chunked\r\n", chunk(&two_rows())));
}

/// H12.
#[test]
fn a_body_cut_within_a_chunk_is_cut_off() {
    let chunk = chunk(&two_rows());
    cut(&with_head("Transfer-Encoding: chunked\r\n", &chunk[..chunk.len() / 2]));
}

/// H13.
#[test]
fn json_that_ends_early_with_the_connection_is_cut_off() {
    let body = two_rows();
    for length in [1, 12, 40, body.len() / 2, body.len() - 1] {
        cut(&with_head("", &body[..length]));
    }
}

/// H13.
#[test]
fn xml_that_ends_early_with_the_connection_is_cut_off() {
    let body = include_str!("../fixtures/api/channel.xml");
    for length in [body.len() / 2, body.trim_end().len() - 3] {
        let answer = with_head("", &body[..length]);
        cut_as(&answer, |ask, retries| ask.args(["--accept", "xml"]).retries(retries));
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn packed(body: impl AsRef<[u8]>) -> Answer {
    with_head("Content-Encoding: gzip\r\n", body)
}

/// H14.
#[test]
fn gzip_that_is_cut_or_damaged_is_asked_for_again() {
    let body = gzip(two_rows().as_bytes());
    cut(&packed(&body[..body.len() / 2]));
    cut(&packed(&body[..body.len() - 4]));
    let mut damaged = body;
    let crc = damaged.len() - 8;
    damaged[crc] ^= 0xff;
    cut(&packed(&damaged));
}

/// H14.
#[test]
fn a_body_that_is_no_gzip_though_announced_as_such_is_not_understood() {
    let server = Server::always(packed(two_rows()));
    let ran = ask(&server.url()).retries(3).code(8);
    ran.says("announces a gzip body and sends something else");
    assert_eq!(server.heads().len(), 1);
}

/// H14.
#[test]
fn bytes_behind_the_gzip_are_ignored_and_told_when_asked() {
    let server = Server::always(packed([&gzip(two_rows().as_bytes())[..], b"trailing"].concat()));
    let ran = ask(&server.url()).code(0);
    assert_eq!(ids(&ran), ["m1", "m2"]);
    ran.says("bytes after the end of the compressed body were ignored");
}

/// A body of `start`, then `unit` up to about so many MB, then `end`, packed: one block, repeated.
fn repeated(start: &str, unit: &str, megabytes: usize, end: &str) -> Vec<u8> {
    let mut packer = Compress::new(Compression::best(), false);
    let mut pack = |bytes: &[u8], flush| {
        let mut block = Vec::with_capacity(1 << 16);
        // Complete after a full flush, and without a memory of what came before.
        packer.compress_vec(bytes, &mut block, flush).unwrap();
        block
    };
    let first = pack(start.as_bytes(), FlushCompress::Full);
    let middle = pack(unit.repeat(1_000_000 / unit.len()).as_bytes(), FlushCompress::Full);
    let last = pack(end.as_bytes(), FlushCompress::Finish);
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut crc = flate2::Crc::new();
    crc.update(start.as_bytes());
    for _ in 0..megabytes {
        crc.update(unit.repeat(1_000_000 / unit.len()).as_bytes());
    }
    crc.update(end.as_bytes());
    let tail = [crc.sum().to_le_bytes(), crc.amount().to_le_bytes()].concat();
    [&head[..], &first, &middle.repeat(megabytes), &last, &tail].concat()
}

/// K14. What a response may cost is bounded whatever it holds.
#[test]
fn sixty_three_megabytes_of_anything_in_a_little_gzip_cost_less_than_256_mb() {
    let row = format!("{},", row_with("m1", &format!("\"more\":\"{}\"", "x".repeat(3000))));
    for (start, unit, end, code, said) in [
        ("{\"results\":[", "{},", "{}]}", 8, "holds more than 20000 rows"),
        ("{\"results\":[{\"a\":[", "1,", "]}]}", 8, "holds a message of more than 4 MiB"),
        ("{\"errorCode\":\"E1\",\"violations\":[", "{},", "{}]}", 9, "E1"),
        // Read once more without its last comma.
        ("{\"results\":[", &row, "]}", 0, ""),
    ] {
        let body = repeated(start, unit, 63, end);
        assert!(body.len() < 2_000_000, "{}", body.len());
        let server = Server::always(packed(body));
        let run = ask(&server.url()).format("csv").args(["--columns", "messageId"]);
        let (ran, peak_kib) = run.program().run_measured();
        assert_eq!(ran.code, code, "{start}{unit}: {}", ran.stderr);
        ran.says(said);
        assert!((10_000..256_000).contains(&peak_kib), "{start}{unit}: {peak_kib} KiB");
    }
}

/// H15.
#[test]
fn a_gzip_bomb_stops_at_64_mib_unpacked_and_memory_stays_below_150_mb() {
    let bomb = repeated("{\"results\":[", " ", 300, "]}");
    assert!(bomb.len() < 600_000, "{}", bomb.len());
    stops_at_the_cap(&Server::always(packed(bomb)));
}

fn endless(headers: &str, bytes: &[u8]) {
    let start = with_head(headers, "");
    let server = Server::always(start.then_for_ever(bytes, std::time::Duration::ZERO));
    stops_at_the_cap(&server);
}

/// The answer is left after 64 MiB, with no more memory than that takes, and not asked for again.
fn stops_at_the_cap(server: &Server) {
    let (ran, peak_kib) = ask(&server.url()).retries(3).program().run_measured();
    super::hold(&ran, "jsonl");
    let ran = ran.code(8).says("is larger than 64 MiB").says("--limit");
    assert!((10_000..150_000).contains(&peak_kib), "{peak_kib} KiB");
    assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", 1));
}

/// H16.
#[test]
fn a_body_without_end_stops_at_64_mib_chunked_or_not() {
    let rows = format!("{},", row("m1")).repeat(100);
    endless("", rows.as_bytes());
    endless("Transfer-Encoding: chunked\r\n", chunk(&rows).as_bytes());
}

/// K14. The four bytes of an element took 30 times their size.
#[test]
fn millions_of_tiny_rows_or_elements_cost_little_more_than_their_text() {
    const SIZE: usize = 16 << 20;
    let json = |row: &str| {
        let mut body = format!("{{\"results\":[{row}");
        body.push_str(&format!(",{row}").repeat(SIZE / (row.len() + 1)));
        body + "]}"
    };
    let xml = |inside: &str| format!("<r><results>{inside}</results></r>");
    for (body, wanted) in [
        (json("[1,]"), "more than 20000 rows"),
        (xml(&"<a/>".repeat(SIZE / 4)), "more than 20000 elements"),
    ] {
        let server = Server::always(Answer::json(body));
        let (ran, peak_kib) = ask(&server.url()).program().run_measured();
        ran.code(8).says(wanted);
        assert!((10_000..80_000).contains(&peak_kib), "{wanted}: {peak_kib} KiB");
        assert_eq!(server.heads().len(), 1);
    }
}
