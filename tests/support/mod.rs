//! Runs the program in a clean environment, and loopback servers that send the responses of a test.

pub mod account;
pub mod certificates;
pub mod command;
pub mod documentation;
pub mod messages;
pub mod model;
pub mod postgres_cluster;
pub mod postgres_proxy;
#[cfg(target_os = "linux")]
pub mod preload;
pub mod programs;
pub mod proxy;
pub mod response;
pub mod restricted;
pub mod running;
pub mod server;
pub mod shells;
pub mod sockets;
pub mod terminal;
pub mod unreliable;
pub mod unused_port;

pub use command::{Omnilogs, Ran, omnilogs};
pub use response::Response;
pub use server::Server;

/// A run that has not reached the expected state in this time hangs, on however busy a machine.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(900);

/// Checks all of these cases at the same time: for those that pass most of their time waiting.
pub fn at_once<T: Send>(cases: impl IntoIterator<Item = T>, check: impl Fn(T) + Sync) {
    std::thread::scope(|scope| {
        for case in cases {
            let check = &check;
            scope.spawn(move || check(case));
        }
    });
}
