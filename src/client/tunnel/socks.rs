//! SOCKS 4, 4a and 5 (RFC 1928 and RFC 1929).
//!
//! The HTTP client speaks SOCKS as well, but its errors do not say why a proxy did not connect.

use std::net::IpAddr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::client::attempt_error::{AttemptError, Target};
use crate::client::proxy::{Proxy, Socks};
use crate::client::retry::Remedy;

const PROXY_DECIDES: &str = "the proxy decides which hosts it connects to";
const CHECK_BASE_URL: &str = "check the base URL, and that the proxy can reach its host";
const CHECK_HOST_AND_PORT: &str = "check the host and the port of the base URL";
const CHECK_SCHEME: &str =
    "check the proxy's URL: http:// is for an HTTP proxy, socks4:// and socks5:// for SOCKS";

/// Another attempt may succeed.
const LATER: Remedy = Remedy::Later { retry_after: None };

/// The endpoint as the proxy receives it.
pub(super) struct Destination {
    host: Host,
    port: u16,
}

enum Host {
    Address(IpAddr),
    /// A name that the proxy looks up.
    Name(String),
}

impl Destination {
    /// Looks up the name of the endpoint where the scheme of the proxy leaves this to the client.
    pub(super) async fn of(target: &Target, socks: Socks) -> Result<Self, AttemptError> {
        let unreadable = || refused(target, "its port cannot be read", None);
        let (host, port) = target.address.rsplit_once(':').ok_or_else(unreadable)?;
        let port = port.parse().map_err(|_| unreadable())?;
        let host = host.trim_matches(['[', ']']);
        let host = match host.parse() {
            Ok(address) => Host::Address(address),
            Err(_) if socks.resolves => Host::Name(host.to_owned()),
            Err(_) => Host::Address(look_up(host, port, target, socks).await?),
        };
        Ok(Self { host, port })
    }
}

async fn look_up(
    host: &str,
    port: u16,
    target: &Target,
    socks: Socks,
) -> Result<IpAddr, AttemptError> {
    let found = tokio::net::lookup_host((host, port)).await.map_err(|error| {
        let own = Target { proxy: None, ..target.clone() };
        let scheme = if socks.version == 4 { "socks4a" } else { "socks5h" };
        let hint = format!("if only the proxy knows this name, begin its URL with {scheme}://");
        AttemptError::name_lookup(&error.to_string(), &own).with_hint(hint.as_str().into())
    })?;
    let mut addresses = found.map(|address| address.ip());
    addresses
        .find(|address| socks.version == 5 || address.is_ipv4())
        .ok_or_else(|| only_ipv4(target))
}

/// Requests a connection to the endpoint from the proxy.
pub(super) async fn connect(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    proxy: &Proxy,
    socks: Socks,
    destination: &Destination,
    target: &Target,
) -> Result<(), AttemptError> {
    if socks.version == 4 {
        return connect_by_4(stream, proxy, destination, target).await;
    }
    log_in(stream, proxy, target).await?;
    let host = match &destination.host {
        Host::Address(IpAddr::V4(address)) => [&[1][..], &address.octets()].concat(),
        Host::Address(IpAddr::V6(address)) => [&[4][..], &address.octets()].concat(),
        Host::Name(name) => {
            let name = length_prefixed(name)
                .ok_or_else(|| refused(target, "its name is too long for SOCKS 5", None))?;
            [&[3][..], &name].concat()
        }
    };
    let request = [&[5, 1, 0][..], &host, &destination.port.to_be_bytes()].concat();
    stream.write_all(&request).await.map_err(|_| closed(target))?;
    read_reply(stream, destination, target).await
}

/// Agrees on how to log in, and sends the user name and the password if the proxy requires them.
async fn log_in(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    proxy: &Proxy,
    target: &Target,
) -> Result<(), AttemptError> {
    let login = proxy.login();
    let methods: &[u8] = if login.is_some() { &[5, 2, 0, 2] } else { &[5, 1, 0] };
    stream.write_all(methods).await.map_err(|_| closed(target))?;
    let method = read_version(stream, 5, target).await?;
    let (user, password) = match (method, login) {
        (0, _) => return Ok(()),
        (2, Some(login)) => login,
        (_, Some(_)) => return Err(unsupported_login(target)),
        (_, None) => {
            let message = format!("{} requires a user name and a password", target.peer());
            let hint = "put them into the proxy's URL: socks5h://USER:PASSWORD@HOST:PORT";
            return Err(AttemptError::permanent(message, Some(hint)));
        }
    };
    let (Some(user), Some(password)) = (length_prefixed(user), length_prefixed(password)) else {
        let message = format!("the user name or the password is too long for {}", target.peer());
        return Err(AttemptError::permanent(message, Some("SOCKS 5 allows 255 bytes for each")));
    };
    let credentials = [&[1][..], &user, &password].concat();
    stream.write_all(&credentials).await.map_err(|_| closed(target))?;
    let mut reply = [0; 2];
    stream.read_exact(&mut reply).await.map_err(|_| closed(target))?;
    if reply[1] != 0 {
        let message =
            format!("{} refuses the user name and the password in its URL", target.peer());
        let hint = "check them; characters such as @ and : are written as %40 and %3A there";
        return Err(AttemptError::permanent(message, Some(hint)));
    }
    Ok(())
}

/// Reads the first byte of a reply, which must be this one, and returns the second. Not both at once: a
/// server of another protocol may send less and wait.
async fn read_version(
    stream: &mut (impl AsyncRead + Unpin),
    expected: u8,
    target: &Target,
) -> Result<u8, AttemptError> {
    if stream.read_u8().await.map_err(|_| closed(target))? != expected {
        // A reply of SOCKS 4 begins with 0.
        let version = if expected == 0 { 4 } else { expected };
        let message = format!("{} does not speak SOCKS {version}", target.peer());
        return Err(AttemptError::permanent(message, Some(CHECK_SCHEME)));
    }
    stream.read_u8().await.map_err(|_| closed(target))
}

/// Reads whether the proxy has connected to the endpoint.
async fn read_reply(
    stream: &mut (impl AsyncRead + Unpin),
    destination: &Destination,
    target: &Target,
) -> Result<(), AttemptError> {
    let code = read_version(stream, 5, target).await?;
    if code != 0 {
        return Err(reply_error(code, destination, target));
    }
    let mut rest = [0; 2];
    stream.read_exact(&mut rest).await.map_err(|_| closed(target))?;
    // The address that the proxy uses, which does not matter.
    let length = match rest[1] {
        1 => 4,
        4 => 16,
        _ => usize::from(stream.read_u8().await.map_err(|_| closed(target))?),
    };
    let mut rest = vec![0; length + 2];
    stream.read_exact(&mut rest).await.map_err(|_| closed(target))?;
    Ok(())
}

/// The error for a reply of SOCKS 5 other than success (RFC 1928, section 6).
fn reply_error(code: u8, destination: &Destination, target: &Target) -> AttemptError {
    let (remedy, why, hint) = match code {
        1 => (LATER, "a general failure", None),
        2 => (Remedy::None, "its rules do not allow the connection", Some(PROXY_DECIDES)),
        3 => (LATER, "it has no route to the network of the host", Some(CHECK_BASE_URL)),
        4 => (LATER, "it cannot reach the host", Some(CHECK_BASE_URL)),
        5 => (LATER, "the host refused the connection", Some(CHECK_HOST_AND_PORT)),
        6 => (LATER, "the host did not respond in time", Some(CHECK_BASE_URL)),
        7 => (Remedy::None, "it does not support connections of this kind", Some(PROXY_DECIDES)),
        8 => match destination.host {
            Host::Name(_) => (
                Remedy::None,
                "it does not look up names",
                Some("begin its URL with socks5://, so that this machine looks the name up"),
            ),
            Host::Address(_) => (
                Remedy::None,
                "it does not support this kind of address",
                Some("begin its URL with socks5h://, so that the proxy looks the name up"),
            ),
        },
        _ => (LATER, "an unknown reason", None),
    };
    replied(code, remedy, why, hint, target)
}

async fn connect_by_4(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    proxy: &Proxy,
    destination: &Destination,
    target: &Target,
) -> Result<(), AttemptError> {
    let (address, name) = match &destination.host {
        Host::Address(IpAddr::V4(address)) => (address.octets(), None),
        Host::Address(IpAddr::V6(_)) => return Err(only_ipv4(target)),
        // This address announces a name after the user name.
        Host::Name(name) => ([0, 0, 0, 1], Some(name)),
    };
    // SOCKS 4 has no password.
    let user = proxy.login().map(|(user, _)| user).unwrap_or_default();
    if user.contains('\0') {
        let message = format!("the user name for {} cannot be sent", target.peer());
        return Err(AttemptError::permanent(message, Some("check the proxy's URL")));
    }
    let mut request =
        [&[4, 1][..], &destination.port.to_be_bytes(), &address, user.as_bytes(), &[0]].concat();
    if let Some(name) = name {
        request.extend([name.as_bytes(), &[0]].concat());
    }
    stream.write_all(&request).await.map_err(|_| closed(target))?;
    let code = read_version(stream, 0, target).await?;
    let (remedy, why, hint) = match code {
        90 => {
            // The address that the proxy uses, which does not matter.
            let mut rest = [0; 6];
            stream.read_exact(&mut rest).await.map_err(|_| closed(target))?;
            return Ok(());
        }
        91 => (LATER, "it refused or could not", Some(CHECK_BASE_URL)),
        92 | 93 => (
            Remedy::None,
            "it does not accept the user name",
            Some("put the user name into the proxy's URL: socks4a://USER@HOST:PORT"),
        ),
        _ => (LATER, "an unknown reason", None),
    };
    Err(replied(code, remedy, why, hint, target))
}

/// A text of at most 255 bytes, after its length.
fn length_prefixed(text: &str) -> Option<Vec<u8>> {
    let length = u8::try_from(text.len()).ok()?;
    Some([&[length], text.as_bytes()].concat())
}

fn only_ipv4(target: &Target) -> AttemptError {
    let hint = "SOCKS 4 reaches IPv4 addresses only; use SOCKS 5 if the proxy supports it";
    refused(target, "it has no IPv4 address", Some(hint))
}

fn unsupported_login(target: &Target) -> AttemptError {
    let message =
        format!("{} does not accept a login with a user name and a password", target.peer());
    AttemptError::permanent(message, Some("only such a login can be sent to a proxy"))
}

fn closed(target: &Target) -> AttemptError {
    AttemptError::no_connection(Some(std::io::ErrorKind::UnexpectedEof), &target.peer())
}

fn refused(target: &Target, why: &str, hint: Option<&str>) -> AttemptError {
    unconnected(target, why, hint, Remedy::None)
}

/// The error for a reply with this code.
fn replied(
    code: u8,
    remedy: Remedy,
    why: &str,
    hint: Option<&str>,
    target: &Target,
) -> AttemptError {
    unconnected(target, &format!("{why} (SOCKS reply {code})"), hint, remedy)
}

fn unconnected(target: &Target, why: &str, hint: Option<&str>, remedy: Remedy) -> AttemptError {
    let message = format!("{} does not connect to {}: {why}", target.peer(), target.host);
    AttemptError::unreachable(message, hint, remedy)
}
