//! The built program against real HTTP on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    reason = "a test that cannot go on has failed"
)]

mod support;

mod commands;
mod content;
mod credentials;
mod files;
mod network;
mod signals;
mod terminal;
mod upkeep;
