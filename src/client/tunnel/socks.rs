//! SOCKS 5 (RFC 1928, 1929), to an address of IPv6.

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
    let closed =
        |_| AttemptError::no_connection(Some(std::io::ErrorKind::UnexpectedEof), &target.next());
    let refused = |why: &str| {
        AttemptError::transient(format!(
            "{} does not connect to {}: {why}",
            target.next(),
            target.host
        ))
    };
    let address = target.address.rsplit_once(':').and_then(|(host, port)| {
        let host: Ipv6Addr = host.trim_matches(['[', ']']).parse().ok()?;
        Some((host, port.parse::<u16>().ok()?))
    });
    let Some((host, port)) = address else { return Err(refused("not an address of IPv6")) };
    let login = proxy.login();
    let methods: &[u8] = if login.is_some() { &[5, 2, 0, 2] } else { &[5, 1, 0] };
    stream.write_all(methods).await.map_err(closed)?;
    let mut choice = [0; 2];
    stream.read_exact(&mut choice).await.map_err(closed)?;
    match (choice, login) {
        ([5, 0], _) => {}
        ([5, 2], Some((user, password))) => {
            let prefixed = |text: &str| -> Option<Vec<u8>> {
                let length = u8::try_from(text.len()).ok()?;
                Some([&[length], text.as_bytes()].concat())
            };
            let (Some(user), Some(password)) = (prefixed(user), prefixed(password)) else {
                return Err(refused("the user name or the password is too long"));
            };
            stream.write_all(&[&[1][..], &user, &password].concat()).await.map_err(closed)?;
            stream.read_exact(&mut choice).await.map_err(closed)?;
            if choice[1] != 0 {
                let message = format!("{} refuses the user name and the password", target.next());
                return Err(AttemptError::permanent(message, Some("check the proxy's URL")));
            }
        }
        ([5, _], _) => {
            let message = format!("{} requires a user name and a password", target.next());
            return Err(AttemptError::permanent(message, Some("put them into the proxy's URL")));
        }
        _ => return Err(refused("it is not a SOCKS 5 proxy")),
    }
    let request = [&[5, 1, 0, 4][..], &host.octets(), &port.to_be_bytes()].concat();
    stream.write_all(&request).await.map_err(closed)?;
    let mut reply = [0; 4];
    stream.read_exact(&mut reply).await.map_err(closed)?;
    let [_, code, _, kind] = reply;
    if code != 0 {
        return Err(refused(&format!("SOCKS reply {code}")));
    }
    // The address that the proxy uses, which does not matter.
    let length = match kind {
        1 => 4,
        4 => 16,
        _ => usize::from(stream.read_u8().await.map_err(closed)?),
    };
    let mut rest = vec![0; length + 2];
    stream.read_exact(&mut rest).await.map_err(closed)?;
    Ok(())
}
