//! The whole client against servers that fail in every way.

mod faults;
pub(super) mod tls;
