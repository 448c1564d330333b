//! The program in a closed environment, and loopback servers that answer what a test tells them.

pub mod answer;
pub mod certificates;
pub mod command;
pub mod confined;
pub mod messages;
pub mod model;
#[cfg(target_os = "linux")]
pub mod preload;
pub mod proxy;
pub mod running;
pub mod server;
pub mod sockets;
pub mod terminal;

pub use answer::Answer;
pub use command::{Omnilogs, Ran, omnilogs};
pub use server::Server;
