//! The message when TLS fails: what is wrong with which certificate, and how to fix it.
//!
//! A problem with a certificate is never retried, and cannot be ignored.

use chrono::DateTime;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error};

use crate::source::Hint;
use crate::visible::visible;

use super::attempt_error::{AttemptError, Target};
use super::tls::UnknownAuthority;

const CHECK_CLOCK: &str = "check the clock of this machine";

/// The attempt error for an error of TLS with the endpoint.
pub(super) fn of(error: &Error, target: &Target) -> AttemptError {
    let hint = match error {
        Error::InvalidMessage(_) => Some("check the port of the base URL"),
        Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. }) => {
            Some("check the base URL")
        }
        _ => None,
    };
    let failure = of_server(error, &target.host, &target.address);
    match hint {
        Some(hint) => failure.with_hint(Hint::from(hint)),
        None => failure,
    }
}

/// The attempt error for an error of TLS with any server, with no hint about the base URL.
pub(super) fn of_server(error: &Error, host: &str, address: &str) -> AttemptError {
    match error {
        Error::InvalidCertificate(error) => of_certificate(error, host),
        Error::InvalidMessage(_) => {
            AttemptError::permanent(format!("{address} is not a TLS server"), None)
        }
        Error::PeerIncompatible(_) | Error::AlertReceived(AlertDescription::ProtocolVersion) => {
            AttemptError::permanent(
                format!("{host} does not offer TLS 1.2 or newer, which is required"),
                None,
            )
        }
        Error::AlertReceived(alert) => {
            AttemptError::permanent(format!("{host} aborted the TLS handshake: {alert:?}"), None)
        }
        _ => AttemptError::permanent(format!("TLS with {host} failed"), None),
    }
}

/// The message alone, for a connection to another server than the API.
#[cfg(feature = "archive-postgres")]
pub(crate) fn text(error: &Error, host: &str) -> String {
    of_server(error, host, host).error.to_string()
}

fn of_certificate(error: &CertificateError, host: &str) -> AttemptError {
    match error {
        CertificateError::ExpiredContext { not_after, .. } => AttemptError::permanent(
            format!("the certificate of {host} expired on {}", day(*not_after)),
            Some(CHECK_CLOCK),
        ),
        CertificateError::NotValidYetContext { not_before, .. } => AttemptError::permanent(
            format!("the certificate of {host} is not valid before {}", day(*not_before)),
            Some(CHECK_CLOCK),
        ),
        CertificateError::NotValidForNameContext { presented, .. } => {
            AttemptError::permanent(wrong_name(host, presented), None)
        }
        CertificateError::UnknownIssuer => AttemptError::permanent(
            format!("the certificate of {host} is from an authority that is not trusted"),
            None,
        )
        .with_hint(Hint::TrustAuthority),
        CertificateError::Other(other) => {
            let issuer = other.0.downcast_ref::<UnknownAuthority>();
            AttemptError::permanent(
                issuer.map_or_else(|| not_trusted(host), |issuer| unknown(host, issuer)),
                None,
            )
            .with_hint(Hint::TrustAuthority)
        }
        _ => AttemptError::permanent(not_trusted(host), None),
    }
}

fn not_trusted(host: &str) -> String {
    format!("the certificate of {host} cannot be trusted")
}

fn unknown(host: &str, unknown: &UnknownAuthority) -> String {
    let issuer: String = unknown.issuer.chars().take(120).collect();
    let issuer = visible(&issuer);
    if unknown.self_signed {
        format!("the certificate of {host} is self-signed ({issuer})")
    } else {
        format!("the certificate of {host} is from «{issuer}», which is not trusted")
    }
}

/// The message for a certificate of another host. rustls writes the names of a certificate as
/// `DnsName("a.example")`.
fn wrong_name(host: &str, presented: &[String]) -> String {
    let names: Vec<String> = presented
        .iter()
        .take(5)
        .map(|name| {
            let name = name.split_once('(').map_or(name.as_str(), |(_, inner)| inner);
            visible(name.trim_end_matches(')').trim_matches('"')).chars().take(80).collect()
        })
        .collect();
    match names.as_slice() {
        [] => format!("the certificate that {host} sent names no host"),
        names => format!("the certificate that {host} sent is for {}", names.join(", ")),
    }
}

fn day(time: UnixTime) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .map_or_else(|| "an unknown day".to_owned(), |time| time.format("%Y-%m-%d").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceError;

    fn message_of(error: &Error) -> String {
        let target =
            Target { host: "h.example".into(), address: "h.example:443".into(), proxy: None };
        match of(error, &target).error {
            SourceError::Unreachable { message, hint, transient: false, .. } => {
                let hint = match hint {
                    Some(Hint::Text(text)) => text,
                    Some(hint) => format!("{hint:?}"),
                    None => String::new(),
                };
                format!("{message} ({hint})")
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_of_a_certificate_are_shown_without_their_type_and_made_visible() {
        let message =
            wrong_name("h", &["DnsName(\"a.example\")".into(), "IpAddress(127.0.0.1)".into()]);
        assert_eq!(message, "the certificate that h sent is for a.example, 127.0.0.1");
        assert!(!wrong_name("h", &["DnsName(\"\u{1b}[2J\")".into()]).contains('\u{1b}'));
        assert!(wrong_name("h", &[]).ends_with("names no host"));
    }

    #[test]
    fn an_old_protocol_is_distinguished_from_no_tls_at_all() {
        assert_eq!(
            message_of(&Error::AlertReceived(AlertDescription::ProtocolVersion)),
            "h.example does not offer TLS 1.2 or newer, which is required ()"
        );
        assert_eq!(
            message_of(&Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)),
            "h.example:443 is not a TLS server (check the port of the base URL)"
        );
        assert_eq!(
            message_of(&Error::AlertReceived(AlertDescription::HandshakeFailure)),
            "h.example aborted the TLS handshake: HandshakeFailure ()"
        );
    }

    #[test]
    fn the_day_of_expiry_is_named() {
        let day_of =
            |seconds| day(UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)));
        assert_eq!(day_of(1_600_000_000), "2020-09-13");
        assert_eq!(day_of(u64::MAX), "an unknown day");
    }
}
