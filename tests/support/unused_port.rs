// Ports for programs that are started with a number. The unit tests include this file too, so it has no
// inner doc comment.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A port of 127.0.0.1 for a program that is started with its number. It is below the ports that
/// the system gives to connections and to servers without a number, so that none of them takes it
/// in the meantime.
pub(crate) fn unused_port() -> u16 {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    // Other runs of the tests begin elsewhere.
    let start = std::process::id() as usize * 37;
    let ports = std::iter::repeat_with(|| {
        let at = (start + NEXT.fetch_add(1, Ordering::SeqCst)) % 12_000;
        u16::try_from(20_000 + at).unwrap()
    });
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    ports.take(12_000).find(is_free).expect("an unused port")
}
