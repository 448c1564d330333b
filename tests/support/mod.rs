//! The program in a clean environment, and loopback servers that send what a test defines.

pub mod certificates;
pub mod command;
pub mod messages;
pub mod model;
#[cfg(target_os = "linux")]
pub mod preload;
pub mod proxy;
pub mod response;
pub mod restricted;
pub mod running;
pub mod server;
pub mod shells;
pub mod sockets;
pub mod terminal;
pub mod unreliable;

pub use command::{Omnilogs, Ran, omnilogs};
pub use response::Response;
pub use server::Server;
