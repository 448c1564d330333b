//! A query to the logs endpoint: which messages are wanted.
//!
//! Nothing here sends it. Whether a row fits it is decided here too, for sources that no server
//! filters.

mod filters;
mod parameters;
mod parts;
mod phone_number;
mod row_filter;

pub(crate) use filters::split_network;
pub use filters::{FILTERS, Filter, Form};
pub use parameters::Parameter;
pub use phone_number::{PhoneNumberError, phone_number};
pub use row_filter::RowFilter;

use crate::model::{StatusGroup, Timestamp};

/// Which messages are wanted. What is `None` or empty is not sent.
///
/// A list holds values of which a message fits any. The API takes ids as a list, and one
/// destination, status group and channel per request: [`Query::parts`] splits a query that has more.
///
/// ```
/// use omnilogs::{Query, StatusGroup};
///
/// let mut query = Query::default();
/// query.statuses = vec![StatusGroup::Rejected];
/// query.limit = Some(20);
/// let sent: Vec<_> = query.parameters().into_iter().map(|p| (p.name, p.value)).collect();
/// assert_eq!(sent[0], ("generalStatus".into(), "REJECTED".into()));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Query {
    /// The sender.
    pub from: Option<String>,
    /// Destinations: phone numbers, e-mail addresses, push registrations or other ids.
    pub to: Vec<String>,
    /// Bulk ids, any of which a message may carry.
    pub bulk_ids: Vec<String>,
    /// Message ids, any of which a message may carry.
    pub message_ids: Vec<String>,
    /// Status groups.
    pub statuses: Vec<StatusGroup>,
    /// The earliest time of sending that is wanted.
    pub since: Option<Timestamp>,
    /// The latest time of sending that is wanted.
    pub until: Option<Timestamp>,
    /// The most rows of one response; the API sends 50 without it and 1000 at most.
    pub limit: Option<u32>,
    /// How many of the messages that fit are read. It is not sent: paging turns it into requests.
    pub extent: Extent,
    /// Mobile country code, digits.
    pub mcc: Option<String>,
    /// Mobile network code, digits.
    pub mnc: Option<String>,
    /// Channels, in any letter case. The API knows those of [`Channel`](crate::Channel); rows may
    /// name others.
    pub channels: Vec<String>,
    /// Parameters that this crate does not know, sent unchanged.
    pub extra: Vec<(String, String)>,
}

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
