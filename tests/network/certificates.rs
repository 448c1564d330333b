//! Servers that must not receive a key: their certificate is not valid, or they do not speak TLS.

use std::sync::Arc;

use rustls::ServerConfig;

use super::{ids, list, two_rows, was_retried};
use crate::support::certificates::{Authority, self_signed};
use crate::support::sockets::Greeter;
use crate::support::{Ran, Response, Server, omnilogs};

/// Runs against a server with this certificate, trusting the authority: no request is sent and the
/// connection is not retried.
fn refusal(authority: &Authority, config: Arc<ServerConfig>) -> Ran {
    let server = Server::over_tls(config, [Response::json(two_rows())]);
    let run = list(&server.url_by("localhost")).trusting(&authority.pem()).retries(3);
    let mut ran = run.code(6);
    assert_eq!((server.heads(), server.connections()), (vec![], 1));
    assert!(!was_retried(&ran) && ran.stdout.is_empty());
    ran.stderr = ran.stderr.replace(&format!(":{}", server.port()), "");
    ran
}

/// H05.
#[test]
fn an_expired_certificate_is_refused_with_its_day_before_anything_is_sent() {
    let authority = Authority::named("Test");
    refusal(&authority, authority.server("localhost", 2019, 2020))
        .says("error: the certificate of localhost expired on 2020-01-01")
        .says("check the clock of this machine");
}

/// H05.
#[test]
fn a_certificate_that_is_not_valid_yet_is_refused_with_its_day() {
    let authority = Authority::named("Test");
    refusal(&authority, authority.server("localhost", 2090, 2100))
        .says("error: the certificate of localhost is not valid before 2090-01-01")
        .says("check the clock of this machine");
}

/// H06.
#[test]
fn an_unknown_authority_is_named_with_the_file_that_does_not_hold_it() {
    let (ours, other) = (Authority::named("Ours"), Authority::named("Acme \u{1b}[2J\u{202e} Ltd"));
    refusal(&ours, other.server("localhost", 2020, 2100))
        .says(r"«CN=Acme \1b[2J<U+202E> Ltd»")
        .says("which is not trusted")
        .says("because: the certificate of its issuer is not in ")
        .says("authority.pem (--cacert)\n")
        .says("add its certificate there");
    let response = || Response::json(two_rows());
    let server = Server::over_tls(other.server("localhost", 2020, 2100), [response(), response()]);
    let url = server.url_by("localhost");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.pem");
    std::fs::write(&file, ours.pem()).unwrap();
    for words in [&["list"][..], &["doctor"]] {
        let ran = omnilogs().at(&url).env("SSL_CERT_FILE", &file).args(words).run().code(6);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains(&format!("{} (SSL_CERT_FILE)", file.display())), "{said}");
        assert!(!said.contains("--cacert FILE"), "{said}");
    }
    list(&url).code(6).says("--cacert FILE");
}

/// H06.
#[test]
fn a_self_signed_certificate_is_refused_and_no_switch_lets_it_pass() {
    let authority = Authority::named("Test");
    refusal(&authority, self_signed("localhost"))
        .says("is self-signed")
        .says("authority.pem (--cacert)");
    let server = Server::over_tls(self_signed("localhost"), [Response::json(two_rows())]);
    for switch in ["--insecure", "-k", "--no-verify"] {
        list(&server.url_by("localhost")).args([switch]).code(2);
    }
    assert_eq!(server.connections(), 0);
}

/// H06. The same authority, trusted by `--cacert`.
#[test]
fn a_certificate_of_the_authority_in_cacert_is_trusted() {
    let authority = Authority::named("Test");
    let config = authority.server("localhost", 2020, 2100);
    let server = Server::over_tls(config, [Response::json(two_rows())]);
    let ran = list(&server.url_by("localhost")).trusting(&authority.pem()).code(0);
    assert_eq!(ids(&ran), ["m1", "m2"]);
}

/// H07.
#[test]
fn a_certificate_of_another_host_is_refused_with_both_names() {
    let authority = Authority::named("Test");
    refusal(&authority, authority.server("other.example", 2020, 2100))
        .says("error: the certificate that localhost sent is for other.example");
}

/// H07. T14.
#[test]
fn a_hostile_name_in_a_certificate_is_shown_safely() {
    let authority = Authority::named("Test");
    let ran = refusal(&authority, authority.server("x\u{1b}[2J.example", 2020, 2100));
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
    ran.says("certificate");
}

/// Runs against a server that sends these bytes on its TLS port.
fn run_against(bytes: impl AsRef<[u8]>) -> Ran {
    let greeter = Greeter::sending(bytes);
    let pem = Authority::named("Test").pem();
    let ran =
        list(&format!("https://localhost:{}", greeter.port)).trusting(&pem).retries(3).code(6);
    assert_eq!(greeter.connections(), 1, "{}", ran.stderr);
    ran
}

/// H08.
#[test]
fn a_server_without_tls_on_the_port_is_recognized() {
    for banner in
        ["HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", "SSH-2.0-OpenSSH_9.6\r\n"]
    {
        run_against(banner).says("is not a TLS server").says("check the port of the base URL");
    }
}

/// H08.
#[test]
fn a_server_that_only_speaks_tls_1_0_is_refused_with_the_note_that_tls_1_2_is_needed() {
    // The alert "protocol version" (RFC 8446, 6.2), in a record of TLS 1.0.
    run_against([21, 3, 1, 0, 2, 2, 70]).says("does not offer TLS 1.2 or newer, which is required");
    // A hello that settles on TLS 1.0: 32 bytes of random, no session, AES128-SHA, no compression.
    let hello = [&[22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1][..], &[7; 32], &[0, 0, 47, 0]].concat();
    run_against(hello).says("does not offer TLS 1.2 or newer, which is required");
}

/// K16.
#[test]
fn a_file_of_certificates_that_cannot_be_one_is_refused_before_anything_is_sent() {
    let refused = |path: &str, reason: &str| {
        let run = || list("https://localhost:1");
        run().args(["--cacert", path]).code(2).says("--cacert: cannot use ").says(reason);
        run().env("SSL_CERT_FILE", path).code(2).says("SSL_CERT_FILE: cannot use ").says(reason);
    };
    refused("/dev/zero", "it is not a regular file");
    refused("/dev/null", "it is not a regular file");
    refused("/nowhere/at/all", "the file does not exist");
    refused("/", "it is a directory");
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("text"), "no certificate").unwrap();
    refused(&path("text"), "it holds no PEM certificate");
    std::fs::write(path("cut"), &Authority::named("Test").pem()[..300]).unwrap();
    refused(&path("cut"), "it holds a certificate that cannot be read");
    std::fs::File::create(path("large")).unwrap().set_len(1 << 40).unwrap();
    refused(&path("large"), "it is larger than 4096 KiB");
    assert!(std::process::Command::new("mkfifo").arg(path("fifo")).status().unwrap().success());
    refused(&path("fifo"), "it is not a regular file");
    std::os::unix::fs::symlink("/nowhere/at/all", path("link")).unwrap();
    refused(&path("link"), "it is a link to /nowhere/at/all, which does not exist");
}

/// H06. The variables of OpenSSL name the authorities, and a problem with them is reported.
#[test]
fn the_variables_that_name_certificates_are_used_and_named_when_they_cannot_be() {
    let authority = Authority::named("Test");
    let config = authority.server("localhost", 2020, 2100);
    let server = Server::over_tls(config, [Response::json(two_rows())]);
    let run = || list(&server.url_by("localhost"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("0a1b2c3d.0");
    std::fs::write(&file, authority.pem()).unwrap();
    let (file, folder) = (file.to_str().unwrap(), folder.path().to_str().unwrap());
    assert_eq!(ids(&run().env("SSL_CERT_FILE", file).code(0)), ["m1", "m2"]);
    assert_eq!(ids(&run().env("SSL_CERT_DIR", folder).code(0)), ["m1", "m2"]);
    let both = run().env("SSL_CERT_FILE", file).env("SSL_CERT_DIR", folder);
    assert_eq!(ids(&both.code(0)), ["m1", "m2"]);
    run().env("SSL_CERT_FILE", "").code(2).says("SSL_CERT_FILE is set but empty");
    run().env("SSL_CERT_DIR", "/nowhere/at/all").code(2).says("SSL_CERT_DIR: cannot use /nowhere");
    run()
        .env("SSL_CERT_DIR", file)
        .code(2)
        .says("SSL_CERT_DIR: cannot use ")
        .says("is not a folder");
    let empty = tempfile::tempdir().unwrap();
    let empty = empty.path().to_str().unwrap();
    for words in [&["list"][..], &["doctor"]] {
        let ran = omnilogs().at(&server.url_by("localhost")).env("SSL_CERT_DIR", empty).args(words);
        let ran = ran.run().code(6);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains(&format!("{empty} (SSL_CERT_DIR) holds none")), "{said}");
        assert!(!said.contains("ca-certificates"), "{said}");
    }
    // Plain http needs no certificates.
    let plain = Server::always(Response::json(two_rows()));
    list(&plain.url()).env("SSL_CERT_FILE", "/dev/zero").code(0);
}
