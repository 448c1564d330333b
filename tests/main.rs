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
mod doctor;
mod faults;
mod jq;
mod paging;
mod published_codes;
mod redaction;
mod requests;
mod saved_responses;
mod sorting;
mod statuses;
mod suggestions;
mod surface;
mod upkeep;
mod watching;
