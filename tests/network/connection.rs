//! No way to the server, or a connection that ends before an answer begins.

use std::net::SocketAddr;

use super::{ask, ids, row, tried_again, two_rows};
use crate::support::certificates::Authority;
use crate::support::sockets::{ClosedPort, DeafPort};
use crate::support::{Answer, Server};

/// H01.
#[test]
fn a_host_that_does_not_exist_is_named_with_the_hint_to_check_the_base_url() {
    let pem = Authority::named("Test").pem();
    // RFC 6761: never to be found.
    let ran = ask("https://no-such-host.invalid").trusting(&pem).code(6);
    ran.says("cannot find host no-such-host.invalid").says("the base URL");
}

/// H01. What the resolver of a Linux machine may say, each by its number.
#[cfg(target_os = "linux")]
#[test]
fn only_a_lookup_that_failed_for_now_is_tried_again() {
    for (said, number, again) in [
        ("no such name (NXDOMAIN)", "-2", false),
        ("try again: SERVFAIL, or no resolver answers", "-3", true),
        ("failed for good", "-4", false),
        ("a name without an address", "-5", false),
    ] {
        let pem = Authority::named("Test").pem();
        let run = ask("https://logs.example.test").trusting(&pem).retries(1);
        let ran = run.playing("PLAYED_LOOKUP", number).code(6);
        assert_eq!(tried_again(&ran), again, "{said}: {}", ran.stderr);
        assert_eq!(ran.stderr.contains("the name lookup failed for now"), again, "{said}");
        ran.says("cannot find host logs.example.test").says("the base URL");
    }
}

/// H02.
#[test]
fn a_port_where_nothing_listens_is_tried_again_and_named() {
    let closed = ClosedPort::new();
    let address = format!("127.0.0.1:{}", closed.port);
    let ran = ask(&format!("http://{address}")).retries(1).code(6);
    assert!(tried_again(&ran), "{}", ran.stderr);
    ran.says(&format!("error: nothing listens at {address}"));
    assert!(!tried_again(&ask(&format!("http://{address}")).code(6)));
}

/// H03.
#[test]
fn a_host_that_drops_every_packet_ends_at_the_limit_for_connecting_and_is_tried_again() {
    let deaf = DeafPort::at("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://127.0.0.1:{}", deaf.port);
    let again = ask(&url).args(["--request-timeout", "300ms"]).retries(1).code(6);
    assert!(tried_again(&again), "{}", again.stderr);
    #[cfg(target_os = "linux")]
    {
        // Well before the time for one try, and so ended by the limit for connecting: 10 s, which
        // pass in a third of a second.
        let limit = ask(&url).playing("PLAYED_HASTE", "30").code(6);
        limit.says(&format!("no connection to 127.0.0.1:{} in time", deaf.port));
    }
}

/// H04. The address of IPv6 comes first and never answers, or cannot be reached at all.
#[cfg(target_os = "linux")]
#[test]
fn a_dead_way_by_ipv6_is_left_for_ipv4() {
    for is_deaf in [true, false] {
        let server = Server::always(Answer::json(two_rows()));
        let address = SocketAddr::new("::1".parse().unwrap(), server.port());
        let _deaf = is_deaf.then(|| DeafPort::at(address));
        let run = ask(&server.url_by("localhost")).playing("PLAYED_LOOKUP", "both");
        let ran = run.args(["--request-timeout", "5s"]).code(0);
        assert_eq!(ids(&ran), ["m1", "m2"]);
    }
}

/// H04.
#[test]
fn an_ipv6_address_is_taken_as_a_host() {
    let authority = Authority::named("Test");
    let (answer, config) = (Answer::json(two_rows()), authority.server("::1", 2020, 2100));
    for config in [None, Some(config)] {
        // A machine without IPv6 has nothing to show.
        let Some(server) = Server::over_ipv6(config, answer.clone()) else { return };
        let ran = ask(&server.url_by("[::1]")).trusting(&authority.pem()).code(0);
        assert_eq!(ids(&ran), ["m1", "m2"]);
    }
}

/// H09.
#[test]
fn a_connection_closed_without_a_byte_is_replaced_at_once_even_without_retries() {
    let server = Server::sequence([Answer::nothing(), Answer::json(two_rows())]);
    assert_eq!(ids(&ask(&server.url()).code(0)), ["m1", "m2"]);
    assert_eq!((server.heads().len(), server.connections()), (2, 2));
}

/// H09.
#[test]
fn an_idle_connection_that_the_server_has_closed_costs_no_row() {
    let page = |rows: &[String]| Answer::json(super::page(rows));
    // That the server returns more rows when it has more shows that the first response is whole.
    let more = page(&["m1", "m2", "m3"].map(row));
    let server = Server::sequence([page(&[row("m1")]), Answer::nothing().then_reset(), more]);
    assert_eq!(ids(&ask(&server.url()).args(["--all"]).code(0)), ["m1"]);
    assert_eq!((server.heads().len(), server.connections()), (3, 2));
}

/// H09.
#[test]
fn a_server_that_only_closes_is_asked_at_once_and_then_by_the_policy() {
    let server = Server::always(Answer::nothing());
    let ran = ask(&server.url()).retries(1).code(6);
    ran.says("closed the connection without a response");
    assert_eq!(server.heads().len(), 3);
    let server = Server::always(Answer::nothing());
    ask(&server.url()).code(6);
    assert_eq!(server.heads().len(), 2);
}
