//! No way to the server, or a connection that ends before an answer begins.

use std::net::SocketAddr;

use super::{ask, ids, row, tried_again, two_rows};
use crate::support::certificates::Authority;
use crate::support::sockets::{ClosedPort, DeafPort};
use crate::support::{Answer, Server};

/// H01. Whether the failure passes is told from the resolver's word, which no test can choose;
/// the client's own tests hold that.
#[test]
fn a_host_that_does_not_exist_is_named_with_the_hint_to_check_the_base_url() {
    let pem = Authority::named("Test").pem();
    // RFC 6761: never to be found.
    let ran = ask("https://no-such-host.invalid").trusting(&pem).code(6);
    ran.says("cannot find host no-such-host.invalid").says("the base URL");
}

/// H02.
#[test]
fn a_port_where_nothing_listens_is_tried_again_and_named() {
    let closed = ClosedPort::new();
    let address = format!("127.0.0.1:{}", closed.port);
    let ran = ask(&format!("http://{address}")).retries(1).code(6);
    assert!(tried_again(&ran), "{}", ran.stderr);
    ran.says(&format!("error: nothing answers at {address}"));
    assert!(!tried_again(&ask(&format!("http://{address}")).code(6)));
}

/// H03.
#[test]
fn a_host_that_drops_every_packet_ends_at_the_limit_for_connecting_and_is_tried_again() {
    let deaf = DeafPort::at("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://127.0.0.1:{}", deaf.port);
    let (limit, again) = std::thread::scope(|scope| {
        // Well before the time for one try, and so ended by the limit for connecting.
        let limit = scope.spawn(|| ask(&url).args(["--timeout", "15s"]).code(6));
        let again = ask(&url).args(["--timeout", "300ms"]).retries(1).code(6);
        (limit.join().unwrap(), again)
    });
    limit.says(&format!("no connection to 127.0.0.1:{} in time", deaf.port));
    assert!(tried_again(&again), "{}", again.stderr);
}

/// H04. Where `localhost` has an IPv6 address, it is tried first and never answers.
#[test]
fn a_dead_way_by_ipv6_is_left_for_ipv4() {
    let server = Server::always(Answer::json(two_rows()));
    let _deaf = DeafPort::at(SocketAddr::new("::1".parse().unwrap(), server.port()));
    let ran = ask(&server.url_by("localhost")).args(["--timeout", "5s"]).code(0);
    assert_eq!(ids(&ran), ["m1", "m2"]);
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
    let none = Answer::json(r#"{"results":[]}"#);
    let first = Answer::json(super::page(&[row("m1")]));
    let server = Server::sequence([first, Answer::nothing().then_reset(), none]);
    assert_eq!(ids(&ask(&server.url()).args(["--all"]).code(0)), ["m1"]);
    assert_eq!((server.heads().len(), server.connections()), (3, 2));
}

/// H09.
#[test]
fn a_server_that_only_closes_is_asked_at_once_and_then_by_the_policy() {
    let server = Server::always(Answer::nothing());
    let ran = ask(&server.url()).retries(1).code(6);
    ran.says("closed the connection without an answer");
    assert_eq!(server.heads().len(), 3);
    let server = Server::always(Answer::nothing());
    ask(&server.url()).code(6);
    assert_eq!(server.heads().len(), 2);
}
