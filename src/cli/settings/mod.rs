//! What holds: flag before environment before file before default.
//!
//! Each kind of argument is resolved by taking it apart without `..`, so that a new option does not
//! compile until its precedence is decided. Nothing is sent or printed here, and every error is one
//! of usage.

mod columns;
mod connection;
mod ids;
mod local;
mod question;
mod shown;

pub(crate) use columns::{refuse_sorting, refuse_sorting_of_pages};
pub(crate) use connection::{
    USER_AGENT, accept, authorities, client_options, proxies, proxy_variable, timeout,
};
pub(crate) use ids::ids;
pub(crate) use local::LocalFilter;
pub(crate) use question::{Question, question};
pub(crate) use shown::{Shown, colour, shown, zone_note};
