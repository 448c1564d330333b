//! The whole client against servers that fail in every way.

pub(super) mod certificates;
mod faults;
mod proxies;
pub(super) mod tls;
