//! A query to the logs endpoint: which messages are wanted.
//!
//! Nothing here sends it. Whether a row fits it is decided here too, for sources that no server
//! filters.

mod filters;
mod parameters;
mod parts;
mod phone_number;
mod row_filter;

pub use filters::{FILTERS, Filter, Form, Query};
pub use parameters::Parameter;
#[cfg(feature = "archive")]
pub(crate) use phone_number::phone_digit;
pub use phone_number::{PhoneNumberError, phone_number};
pub use row_filter::RowFilter;

impl Query {
    /// Rows of one response at most.
    pub const MAX_ROWS: u32 = 1000;
    /// Rows of one response when no limit is sent.
    pub const DEFAULT_ROWS: u32 = 50;
    /// Requests per minute that the API publishes for this endpoint.
    pub const PUBLISHED_RATE: u32 = 120;
}

/// How many of the messages that fit a query are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Extent {
    /// What one request brings: no paging, and every row as sent. The limit of the query counts.
    #[default]
    OnePage,
    /// This many of the newest messages, over as many pages as they take.
    Rows(u64),
    /// Every message, over as many pages as they take.
    All,
}
