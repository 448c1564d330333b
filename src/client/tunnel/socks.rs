//! SOCKS 5 (RFC 1928 and RFC 1929), to an IPv6 address.

use std::net::Ipv6Addr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::client::attempt_error::{AttemptError, Target};
use crate::client::proxy::Proxy;

/// Requests a connection to the endpoint from the proxy.
pub(super) async fn connect(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    proxy: &Proxy,
    target: &Target,
) -> Result<(), AttemptError> {
    let address = target.address.rsplit_once(':').and_then(|(host, port)| {
        let host: Ipv6Addr = host.trim_matches(['[', ']']).parse().ok()?;
        Some((host, port.parse::<u16>().ok()?))
    });
    let Some((host, port)) = address else {
        return Err(refused(target, "not an IPv6 address"));
    };
    log_in(stream, proxy, target).await?;
    let request = [&[5, 1, 0, 4][..], &host.octets(), &port.to_be_bytes()].concat();
    stream.write_all(&request).await.map_err(|_| closed(target))?;
    read_reply(stream, target).await
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
    let mut choice = [0; 2];
    stream.read_exact(&mut choice).await.map_err(|_| closed(target))?;
    let (user, password) = match (choice, login) {
        ([5, 0], _) => return Ok(()),
        ([5, 2], Some(login)) => login,
        ([5, _], _) => {
            let message = format!("{} requires a user name and a password", target.peer());
            return Err(AttemptError::permanent(message, Some("put them into the proxy's URL")));
        }
        _ => return Err(refused(target, "it is not a SOCKS 5 proxy")),
    };
    let (Some(user), Some(password)) = (length_prefixed(user), length_prefixed(password)) else {
        return Err(refused(target, "the user name or the password is too long"));
    };
    let credentials = [&[1][..], &user, &password].concat();
    stream.write_all(&credentials).await.map_err(|_| closed(target))?;
    let mut reply = [0; 2];
    stream.read_exact(&mut reply).await.map_err(|_| closed(target))?;
    if reply[1] != 0 {
        let message = format!("{} refuses the user name and the password", target.peer());
        return Err(AttemptError::permanent(message, Some("check the proxy's URL")));
    }
    Ok(())
}

/// Reads whether the proxy has connected to the endpoint.
async fn read_reply(
    stream: &mut (impl AsyncRead + Unpin),
    target: &Target,
) -> Result<(), AttemptError> {
    let mut reply = [0; 4];
    stream.read_exact(&mut reply).await.map_err(|_| closed(target))?;
    let [_, code, _, kind] = reply;
    if code != 0 {
        return Err(refused(target, &format!("SOCKS reply {code}")));
    }
    // The address that the proxy uses, which does not matter.
    let length = match kind {
        1 => 4,
        4 => 16,
        _ => usize::from(stream.read_u8().await.map_err(|_| closed(target))?),
    };
    let mut rest = vec![0; length + 2];
    stream.read_exact(&mut rest).await.map_err(|_| closed(target))?;
    Ok(())
}

/// A text of at most 255 bytes, after its length.
fn length_prefixed(text: &str) -> Option<Vec<u8>> {
    let length = u8::try_from(text.len()).ok()?;
    Some([&[length], text.as_bytes()].concat())
}

fn closed(target: &Target) -> AttemptError {
    AttemptError::no_connection(Some(std::io::ErrorKind::UnexpectedEof), &target.peer())
}

fn refused(target: &Target, why: &str) -> AttemptError {
    let message = format!("{} does not connect to {}: {why}", target.peer(), target.host);
    AttemptError::transient(message)
}
