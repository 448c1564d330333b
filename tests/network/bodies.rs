//! Bodies that are truncated, badly compressed, or endless.

use std::io::Write;

use flate2::{Compress, Compression, FlushCompress, GzBuilder};

use super::{ListRun, ids, list, page, row, row_with, two_rows, was_retried};
use crate::support::{Response, Server};

/// Checks a truncated response: the whole page is discarded and requested again, and each row is
/// shown once; if it is truncated again, the run ends with 6 and shows none of its rows.
fn check_truncated(response: &Response) {
    check_truncated_with(response, ListRun::retries);
}

fn check_truncated_with(response: &Response, change: impl Fn(ListRun, u32) -> ListRun) {
    let server = Server::sequence([response.clone(), Response::json(two_rows())]);
    let ran = change(list(&server.url()), 1).code(0);
    assert_eq!((ids(&ran).join(" "), server.heads().len()), ("m1 m2".into(), 2), "{}", ran.stderr);
    assert!(was_retried(&ran), "{}", ran.stderr);
    let server = Server::always(response.clone());
    let ran = change(list(&server.url()), 1).code(6);
    assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", 2));
}

fn with_head(headers: &str, body: impl AsRef<[u8]>) -> Response {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{headers}\r\n");
    Response::raw([head.as_bytes(), body.as_ref()].concat())
}

/// H10.
#[test]
fn a_reset_within_the_body_discards_the_whole_page_and_duplicates_no_row() {
    let whole_row = &two_rows()[..page(&[row("m1")]).len() - 2];
    let pause = std::time::Duration::from_millis(50);
    check_truncated(
        &with_head("Content-Length: 9999\r\n", whole_row).then_pause(pause).then_reset(),
    );
}

/// H10.
#[test]
fn a_reset_on_a_later_page_keeps_the_earlier_rows_and_reports_that_rows_are_missing() {
    let cut = with_head("Content-Length: 9999\r\n", &two_rows()[..40]).then_reset();
    let server = Server::sequence([Response::json(two_rows()), cut]);
    let ran = list(&server.url()).args(["--all"]).code(3);
    assert_eq!(ids(&ran), ["m1", "m2"]);
    ran.says("incomplete: 2 rows received, the remaining rows are missing");
}

/// H11.
#[test]
fn a_body_shorter_than_its_announced_length_is_cut_off() {
    check_truncated(&with_head("Content-Length: 9999\r\n", two_rows()));
}

fn chunk(body: &str) -> String {
    format!("{:x}\r\n{body}\r\n", body.len())
}

/// H12.
#[test]
fn a_chunked_body_without_its_last_chunk_is_cut_off_though_its_json_is_complete() {
    check_truncated(&with_head("Transfer-Encoding: chunked\r\n", chunk(&two_rows())));
}

/// H12.
#[test]
fn a_body_cut_within_a_chunk_is_cut_off() {
    let chunk = chunk(&two_rows());
    check_truncated(&with_head("Transfer-Encoding: chunked\r\n", &chunk[..chunk.len() / 2]));
}

/// H13.
#[test]
fn json_that_ends_early_with_the_connection_is_cut_off() {
    let body = two_rows();
    for length in [1, 12, 40, body.len() / 2, body.len() - 1] {
        check_truncated(&with_head("", &body[..length]));
    }
}

/// H13.
#[test]
fn xml_that_ends_early_with_the_connection_is_cut_off() {
    let body = include_str!("../fixtures/api/channel.xml");
    for length in [body.len() / 2, body.trim_end().len() - 3] {
        let response = with_head("", &body[..length]);
        check_truncated_with(&response, |run, retries| {
            run.args(["--accept", "xml"]).retries(retries)
        });
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn gzip_response(body: impl AsRef<[u8]>) -> Response {
    with_head("Content-Encoding: gzip\r\n", body)
}

/// H14.
#[test]
fn truncated_or_damaged_gzip_is_requested_again() {
    let body = gzip(two_rows().as_bytes());
    check_truncated(&gzip_response(&body[..body.len() / 2]));
    check_truncated(&gzip_response(&body[..body.len() - 4]));
    let mut damaged = body;
    let crc = damaged.len() - 8;
    damaged[crc] ^= 0xff;
    check_truncated(&gzip_response(&damaged));
}

/// H14.
/// H42.
#[test]
fn a_compressed_error_of_the_api_is_read_like_any_other() {
    let body = r#"{"errorCode":"E400","description":"Request cannot be processed",
        "violations":[{"property":"sentSince","violation":"Invalid date"}]}"#;
    let head = [("Content-Encoding", "gzip"), ("Content-Type", "application/json")];
    let server = Server::always(Response::new("400 Bad Request", &head, gzip(body.as_bytes())));
    let ran = crate::support::omnilogs().at(&server.url()).run();
    ran.says("Request cannot be processed").says("because: sentSince: Invalid date");
}

#[test]
fn a_body_that_is_not_gzip_although_declared_as_gzip_is_not_understood() {
    let server = Server::always(gzip_response(two_rows()));
    let ran = list(&server.url()).retries(3).code(8);
    ran.says("announces a gzip body and sends something else");
    assert_eq!(server.heads().len(), 1);
}

/// H14.
#[test]
fn bytes_after_the_gzip_are_ignored_and_reported_with_verbose() {
    let server =
        Server::always(gzip_response([&gzip(two_rows().as_bytes())[..], b"trailing"].concat()));
    let ran = list(&server.url()).code(0);
    assert_eq!(ids(&ran), ["m1", "m2"]);
    ran.says("bytes after the end of the compressed body were ignored");
}

/// A compressed body of `start`, then `unit` repeated to about this many MB, then `end`.
fn repeated(start: &str, unit: &str, megabytes: usize, end: &str) -> Vec<u8> {
    let block = unit.repeat(1_000_000 / unit.len());
    repeated_block(start, &block, megabytes, end)
}

/// A compressed body of `start`, then `block` this many times, then `end`.
fn repeated_block(start: &str, block: &str, times: usize, end: &str) -> Vec<u8> {
    let mut packer = Compress::new(Compression::best(), false);
    let mut pack = |bytes: &[u8], flush| {
        let mut output = Vec::with_capacity(1 << 20);
        // After a full flush the output is complete and independent of the data before it.
        packer.compress_vec(bytes, &mut output, flush).unwrap();
        output
    };
    let first = pack(start.as_bytes(), FlushCompress::Full);
    let middle = pack(block.as_bytes(), FlushCompress::Full);
    let last = pack(end.as_bytes(), FlushCompress::Finish);
    let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut crc = flate2::Crc::new();
    crc.update(start.as_bytes());
    for _ in 0..times {
        crc.update(block.as_bytes());
    }
    crc.update(end.as_bytes());
    let tail = [crc.sum().to_le_bytes(), crc.amount().to_le_bytes()].concat();
    [&head[..], &first, &middle.repeat(times), &last, &tail].concat()
}

/// K14. Memory is bounded whatever a response contains.
#[test]
fn sixty_three_megabytes_of_anything_in_a_small_gzip_body_take_less_than_256_mb() {
    let row = format!("{},", row_with("m1", &format!("\"more\":\"{}\"", "x".repeat(3000))));
    for (start, unit, end, code, reason) in [
        ("{\"results\":[", "{},", "{}]}", 8, "holds more than 20000 rows"),
        ("{\"results\":[{\"a\":[", "1,", "]}]}", 8, "holds a message of more than 4 MiB"),
        ("{\"errorCode\":\"E1\",\"violations\":[", "{},", "{}]}", 9, "E1"),
        // Parsed a second time without the trailing comma.
        ("{\"results\":[", &row, "]}", 0, ""),
    ] {
        let body = repeated(start, unit, 63, end);
        assert!(body.len() < 2_000_000, "{}", body.len());
        let server = Server::always(gzip_response(body));
        let run = list(&server.url()).format("csv").args(["--columns", "messageId"]);
        let (ran, peak_kib) = run.program().run_measured();
        assert_eq!(ran.code, code, "{start}{unit}: {}", ran.stderr);
        ran.says(reason);
        assert!((10_000..256_000).contains(&peak_kib), "{start}{unit}: {peak_kib} KiB");
    }
}

/// K14. The limit on memory also holds for a row in another format: an XML element takes far more
/// memory than the two brackets that it represents.
#[test]
fn a_message_near_the_limit_of_one_costs_less_than_256_mb_as_xml() {
    const SIZE: usize = 4_100_000;
    let deep = |open: &str, close: &str| {
        let levels = SIZE / (open.len() + close.len());
        format!("{{\"new\":{}1{}}}", open.repeat(levels), close.repeat(levels))
    };
    // With these, a response is nearly as long as it may be.
    let text = format!("{{\"text\":\"{}\"}},", "x".repeat(SIZE));
    let deepest = format!("{},{}]}}", deep("[", "]"), deep("{\"\":", "}"));
    let body = repeated_block("{\"results\":[", &text, 13, &deepest);
    let server = Server::always(gzip_response(body));
    let run = list(&server.url()).format("xml").args(["--output-file", "rows"]);
    let (ran, peak_kib) = run.program().run_measured();
    ran.code(0);
    assert!((10_000..256_000).contains(&peak_kib), "{peak_kib} KiB");
}

/// A response of 20 rows with this many times this value between them.
fn rows_of(value: &str, count: usize) -> String {
    let row = format!("[{}]", vec![value; count / 20].join(","));
    format!("{{\"results\":[{}]}}", vec![row; 20].join(","))
}

/// K14. Two bytes of JSON are an object that takes fifty times as much.
#[test]
fn a_response_of_tiny_values_takes_less_than_256_mb_in_the_process_of_a_jq_program() {
    // The largest accepted number of each value, and twice as many.
    for (value, max) in [("{}", 460_000), ("{\"\":1}", 250_000), ("\"a\"", 1_200_000)] {
        for (count, code) in [(max, 0), (2 * max, 8)] {
            let server = Server::always(Response::json(rows_of(value, count)));
            let run = list(&server.url()).format("json").args(["--jq", ".results | length"]);
            let (ran, peak_kib) = run.program().run_measured();
            let ran = ran.code(code);
            assert!((10_000..256_000).contains(&peak_kib), "{value}: {peak_kib} KiB");
            if code == 0 {
                assert_eq!(ran.stdout, "20\n", "{value}");
            } else {
                ran.says("a response would take more than 192 MiB").says("-o jsonl runs");
            }
        }
    }
    // One row at a time takes a twentieth.
    let server = Server::always(Response::json(rows_of("{\"\":1}", 500_000)));
    let ran = list(&server.url()).format("jsonl").args(["--jq", "length"]).code(0);
    assert_eq!(ran.stdout, "25000\n".repeat(20));
}

/// H15.
#[test]
fn a_gzip_bomb_stops_at_64_mib_decompressed_and_memory_stays_below_150_mb() {
    let bomb = repeated("{\"results\":[", " ", 300, "]}");
    assert!(bomb.len() < 600_000, "{}", bomb.len());
    stops_at_the_cap(&Server::always(gzip_response(bomb)));
}

fn endless(headers: &str, bytes: &[u8]) {
    let start = with_head(headers, "");
    let server = Server::always(start.then_repeat(bytes, std::time::Duration::ZERO));
    stops_at_the_cap(&server);
}

/// Checks that the response is abandoned after 64 MiB, without much more memory, and not requested
/// again.
fn stops_at_the_cap(server: &Server) {
    let (ran, peak_kib) = list(&server.url()).retries(3).program().run_measured();
    super::check_invariants(&ran, "jsonl");
    let ran = ran.code(8).says("is larger than 64 MiB").says("--limit");
    assert!((10_000..150_000).contains(&peak_kib), "{peak_kib} KiB");
    assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", 1));
}

/// H16.
#[test]
fn an_endless_body_stops_at_64_mib_chunked_or_not() {
    let rows = format!("{},", row("m1")).repeat(100);
    endless("", rows.as_bytes());
    endless("Transfer-Encoding: chunked\r\n", chunk(&rows).as_bytes());
}

/// K14. An element of four bytes could take 30 times its size.
#[test]
fn millions_of_tiny_rows_or_elements_take_little_more_memory_than_their_text() {
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
        let server = Server::always(Response::json(body));
        let (ran, peak_kib) = list(&server.url()).program().run_measured();
        ran.code(8).says(wanted);
        assert!((10_000..80_000).contains(&peak_kib), "{wanted}: {peak_kib} KiB");
        assert_eq!(server.heads().len(), 1);
    }
}
