//! The socket inside this process.

use std::io;
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};

use crate::client::random::Random;

/// Listens under a name that nothing else has.
pub(super) fn listen() -> io::Result<(UnixListener, PathBuf)> {
    let mut random = Random::new();
    let bits: Vec<String> = (0..4).map(|_| format!("{:x}", random.unit().to_bits())).collect();
    let name = format!("omnilogs-{}-{}", std::process::id(), bits.join(""));
    let address = address(&name);
    Ok((UnixListener::bind(&address)?, address))
}

/// Linux has names for sockets that are in no folder: none stays behind.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn address(name: &str) -> PathBuf {
    PathBuf::from(format!("\0{name}"))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn address(name: &str) -> PathBuf {
    // The name of a socket can have a hundred bytes; folders of the user's may be longer.
    Path::new("/tmp").join(name)
}

/// Takes the name away, where it is one in a folder.
pub(super) fn remove(address: &Path) {
    if address.is_absolute() {
        // It may be gone already.
        let _ = std::fs::remove_file(address);
    }
}

/// Whether the other end is in this process as well: others must not use the proxy's password.
pub(super) fn is_own(client: &UnixStream) -> bool {
    let own = i32::try_from(std::process::id()).ok();
    client.peer_cred().is_ok_and(|target| target.pid() == own)
}
