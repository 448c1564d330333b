//! The program in a closed environment, and a loopback server that answers what a test tells it.

pub mod command;
pub mod server;

pub use command::{Omnilogs, Ran, omnilogs};
pub use server::{Answer, Server};
