//! The socket that the HTTP client connects to. Other processes must not use it.

use std::io;
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};

use crate::client::random::Random;

/// Listens at a new, random name.
pub(super) fn listen() -> io::Result<(UnixListener, PathBuf)> {
    let mut random = Random::new();
    let bits: Vec<String> = (0..4).map(|_| format!("{:x}", random.unit().to_bits())).collect();
    let name = format!("omnilogs-{}-{}", std::process::id(), bits.join(""));
    let address = address(&name);
    Ok((UnixListener::bind(&address)?, address))
}

/// An abstract name, which Linux keeps out of the file system: no file stays behind.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn address(name: &str) -> PathBuf {
    PathBuf::from(format!("\0{name}"))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn address(name: &str) -> PathBuf {
    // The path of a socket has about a hundred bytes at most; the user's own folders may be longer.
    Path::new("/tmp").join(name)
}

/// Removes the file of the socket, if it has one.
pub(super) fn remove(address: &Path) {
    if address.is_absolute() {
        // It may be gone already.
        let _ = std::fs::remove_file(address);
    }
}

/// Whether the other end is this process: another one must not use the password of the proxy.
pub(super) fn is_own(client: &UnixStream) -> bool {
    let own = i32::try_from(std::process::id()).ok();
    client.peer_cred().is_ok_and(|peer| peer.pid() == own)
}
