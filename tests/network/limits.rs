//! Response heads that are larger than any response needs, or contradict themselves.

use super::{ids, list, two_rows};
use crate::support::{Ran, Response, Server};

fn refused(headers: &str) -> Ran {
    let head = format!("HTTP/1.1 200 OK\r\n{headers}\r\n{}", two_rows());
    let server = Server::always(Response::raw(head));
    let ran = list(&server.url()).retries(3).code(8);
    assert_eq!((ran.stdout.as_str(), server.heads().len()), ("", 1));
    ran
}

/// H18.
#[test]
fn more_than_a_hundred_headers_are_refused_without_a_retry() {
    refused(&"X-Many: 1\r\n".repeat(101)).says("are too large");
}

/// H18.
#[test]
fn a_head_of_more_than_64_kb_is_refused_without_a_retry() {
    refused(&format!("X-Long: {}\r\n", "x".repeat(65 << 10))).says("are too large");
    let long = format!("X-Long: {}\r\n", "x".repeat(1000));
    refused(&long.repeat(70)).says("are too large");
}

/// H18.
#[test]
fn lengths_that_contradict_each_other_are_refused_without_a_retry() {
    refused("Content-Length: 10\r\nContent-Length: 20\r\n");
    refused("Content-Length: 10, 20\r\n");
    refused("Content-Length: -1\r\n");
    refused("Content-Length: 99999999999999999999999\r\n");
}

/// H18. A hundred headers of half a kilobyte are within the limits.
#[test]
fn a_large_head_within_the_limits_is_read() {
    let headers: Vec<_> = (0..90).map(|n| (format!("X-{n}"), "x".repeat(500))).collect();
    let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let server = Server::always(Response::new("200 OK", &headers, two_rows()));
    assert_eq!(ids(&list(&server.url()).code(0)), ["m1", "m2"]);
}
