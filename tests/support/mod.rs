//! The program in a closed environment, and a loopback server that answers what a test tells it.

pub mod command;
pub mod messages;
pub mod model;
pub mod running;
pub mod server;
pub mod terminal;

pub use command::{Omnilogs, Ran, omnilogs};
pub use server::{Answer, Server};
