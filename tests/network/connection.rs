//! Servers that cannot be reached, and connections that close before a response begins.

use std::net::SocketAddr;

use super::{ids, list, row, two_rows, was_retried};
use crate::support::certificates::Authority;
use crate::support::sockets::{ClosedPort, UnresponsivePort};
use crate::support::{Response, Server};

/// H01.
#[test]
fn a_host_that_does_not_exist_is_named_with_the_hint_to_check_the_base_url() {
    let pem = Authority::named("Test").pem();
    // RFC 6761: this name never resolves.
    let ran = list("https://no-such-host.invalid").trusting(&pem).code(6);
    ran.says("cannot find host no-such-host.invalid").says("the base URL");
}

/// H01. The errors of the resolver on Linux, by number.
#[cfg(target_os = "linux")]
#[test]
fn only_a_temporary_lookup_failure_is_retried() {
    for (lookup_error, number, again) in [
        ("no such name (NXDOMAIN)", "-2", false),
        ("try again: SERVFAIL, or no resolver responds", "-3", true),
        ("failed for good", "-4", false),
        ("a name without an address", "-5", false),
    ] {
        let pem = Authority::named("Test").pem();
        let run = list("https://logs.example.test").trusting(&pem).retries(1);
        let ran = run.with_preload("PRELOAD_LOOKUP", number).code(6);
        assert_eq!(was_retried(&ran), again, "{lookup_error}: {}", ran.stderr);
        assert_eq!(
            ran.stderr.contains("the name lookup failed temporarily"),
            again,
            "{lookup_error}"
        );
        ran.says("cannot find host logs.example.test").says("the base URL");
    }
}

/// H02.
#[test]
fn a_port_where_nothing_listens_is_retried_and_named() {
    let closed = ClosedPort::new();
    let address = format!("127.0.0.1:{}", closed.port);
    let ran = list(&format!("http://{address}")).retries(1).code(6);
    assert!(was_retried(&ran), "{}", ran.stderr);
    ran.says(&format!("error: nothing listens at {address}"));
    assert!(!was_retried(&list(&format!("http://{address}")).code(6)));
}

/// H03.
#[test]
fn a_host_that_drops_every_packet_ends_at_the_connect_timeout_and_is_retried() {
    let port = UnresponsivePort::at("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://127.0.0.1:{}", port.port);
    let again = list(&url).request_timeout("300ms").retries(1).code(6);
    assert!(was_retried(&again), "{}", again.stderr);
    #[cfg(target_os = "linux")]
    {
        // The connect timeout of 10 s, which pass in a third of a second here, ends the attempt well
        // before its request timeout.
        let limit = list(&url).with_preload("PRELOAD_CLOCK_SPEED", "30").code(6);
        limit.says(&format!("no connection to 127.0.0.1:{} in time", port.port));
    }
}

/// H04. The IPv6 address comes first and never responds, or cannot be reached at all.
#[cfg(target_os = "linux")]
#[test]
fn a_dead_ipv6_address_falls_back_to_ipv4() {
    for is_open in [true, false] {
        let server = Server::always(Response::json(two_rows()));
        let address = SocketAddr::new("::1".parse().unwrap(), server.port());
        let _port = is_open.then(|| UnresponsivePort::at(address));
        let run = list(&server.url_by("localhost")).with_preload("PRELOAD_LOOKUP", "both");
        let ran = run.request_timeout("30s").code(0);
        assert_eq!(ids(&ran), ["m1", "m2"]);
    }
}

/// H04.
#[test]
fn an_ipv6_address_is_accepted_as_a_host() {
    let authority = Authority::named("Test");
    let (response, config) = (Response::json(two_rows()), authority.server("::1", 2020, 2100));
    for config in [None, Some(config)] {
        // Nothing to test on a machine without IPv6.
        let Some(server) = Server::over_ipv6(config, response.clone()) else { return };
        let ran = list(&server.url_by("[::1]")).trusting(&authority.pem()).code(0);
        assert_eq!(ids(&ran), ["m1", "m2"]);
    }
}

/// H09.
#[test]
fn a_connection_closed_without_a_byte_is_replaced_at_once_even_without_retries() {
    let server = Server::sequence([Response::nothing(), Response::json(two_rows())]);
    assert_eq!(ids(&list(&server.url()).code(0)), ["m1", "m2"]);
    assert_eq!((server.heads().len(), server.connections()), (2, 2));
}

/// H09.
#[test]
fn an_idle_connection_that_the_server_has_closed_loses_no_row() {
    let page = |rows: &[String]| Response::json(super::page(rows));
    // A response with more rows proves that the first response was complete.
    let more = page(&["m1", "m2", "m3"].map(row));
    let server = Server::sequence([page(&[row("m1")]), Response::nothing().then_reset(), more]);
    assert_eq!(ids(&list(&server.url()).args(["--all"]).code(0)), ["m1"]);
    assert_eq!((server.heads().len(), server.connections()), (3, 2));
}

/// H09.
#[test]
fn a_server_that_only_closes_is_retried_at_once_and_then_by_the_policy() {
    let server = Server::always(Response::nothing());
    let ran = list(&server.url()).retries(1).code(6);
    ran.says("closed the connection without a response");
    assert_eq!(server.heads().len(), 3);
    let server = Server::always(Response::nothing());
    list(&server.url()).code(6);
    assert_eq!(server.heads().len(), 2);
}
