//! Formats parts of messages: counts, quotations and suggestions.

mod count;
mod quote;
mod suggestion;

pub(crate) use count::{byte_count, count, counted};
pub(crate) use quote::{quoted, quoted_name};
pub(crate) use suggestion::{MIN_SIMILARITY, closest, closest_by, similarity};
