//! Servers that take their time.

use std::time::Duration;

use super::{ask, ids, tried_again, two_rows};
use crate::support::{Answer, Server};

const EACH: Duration = Duration::from_millis(20);

/// H17.
#[test]
fn headers_or_a_body_that_drip_end_with_the_time_for_one_try_and_are_tried_again() {
    for start in ["HTTP/1.1 200 OK\r\nX-Slow: ", "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"]
    {
        let server = Server::always(Answer::raw(start).then_for_ever("x", EACH));
        let ran = ask(&server.url()).args(["--request-timeout", "700ms"]).retries(1).code(6);
        assert!(tried_again(&ran), "{}", ran.stderr);
        assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", 2));
        ran.says("sent no complete response within 0.7 s");
    }
}

/// H17.
#[test]
fn a_server_that_says_nothing_ends_with_the_time_for_one_try() {
    let server = Server::always(Answer::nothing().then_pause(Duration::from_secs(30)));
    let ran = ask(&server.url()).args(["--request-timeout", "700ms"]).code(6);
    ran.says("sent no complete response within 0.7 s");
}

/// H17. The limits as they are by default, on a clock that goes thirty times as fast.
#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_stalls_ends_after_30_s_and_one_that_drips_after_60_s() {
    let start = "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n{";
    let stalls = || Server::always(Answer::raw(start).then_pause(Duration::from_secs(600)));
    let drips = Server::always(Answer::raw(start).then_for_ever("x", EACH));
    let ask = |server: &Server| ask(&server.url()).playing("PLAYED_HASTE", "30");
    std::thread::scope(|scope| {
        scope.spawn(|| ask(&stalls()).code(6).says("stopped sending"));
        scope.spawn(|| {
            let ran = ask(&stalls()).args(["--request-timeout", "20s"]).code(6);
            ran.says("sent no complete response within 20 s");
        });
        ask(&drips).code(6).says("sent no complete response within 60 s");
    });
}

/// H17. A drip within the limits is no fault.
#[test]
fn a_slow_answer_that_is_whole_in_time_is_shown() {
    let body = two_rows();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    let (first, rest) = body.split_at(30);
    let server = Server::always(Answer::raw(head).then_drip(first, EACH).then_send(rest));
    assert_eq!(ids(&ask(&server.url()).code(0)), ["m1", "m2"]);
}

const INTERIM: &str = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";

/// H19.
#[test]
fn a_flood_of_interim_answers_before_the_page_is_skipped() {
    let body = two_rows();
    let page = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let server = Server::always(Answer::raw(INTERIM.repeat(5000)).then_send(page));
    assert_eq!(ids(&ask(&server.url()).code(0)), ["m1", "m2"]);
}

/// H19.
#[test]
fn a_flood_of_interim_answers_without_end_ends_with_the_time_for_one_try() {
    let server = Server::always(Answer::nothing().then_for_ever(INTERIM, Duration::ZERO));
    let ran = ask(&server.url()).args(["--request-timeout", "700ms"]).code(6);
    ran.says("sent no complete response within 0.7 s");
}
