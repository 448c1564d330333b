//! A checked question to the logs endpoint.
//!
//! Nothing here asks it; a query that exists can be sent.

mod id_lists;
mod matching;
mod parameters;
mod phone_number;

pub use matching::RowFilter;
pub(crate) use matching::split_network;
pub use parameters::Parameter;
pub(crate) use parameters::name;
pub use phone_number::{PhoneNumberError, phone_number};

use crate::model::{StatusGroup, Timestamp};

/// One question: which messages are wanted. What is `None` or empty is not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The sender.
    pub from: Option<String>,
    /// The destination: a phone number, an e-mail address, a push registration or another id.
    pub to: Option<String>,
    /// Bulk ids, any of which a message may carry.
    pub bulk_ids: Vec<String>,
    /// Message ids, any of which a message may carry.
    pub message_ids: Vec<String>,
    /// The status group.
    pub status: Option<StatusGroup>,
    /// The first moment of sending that is wanted.
    pub since: Option<Timestamp>,
    /// The last moment of sending that is wanted.
    pub until: Option<Timestamp>,
    /// How many rows at most, in one answer; the API gives 50 when not told and 1000 at most.
    pub limit: Option<u32>,
    /// Mobile country code, digits.
    pub mcc: Option<String>,
    /// Mobile network code, digits.
    pub mnc: Option<String>,
    /// The channel, in any letter case. The API knows those of [`Channel`](crate::Channel); rows may
    /// name others.
    pub channel: Option<String>,
    /// Parameters that this crate does not know, sent as they are.
    pub extra: Vec<(String, String)>,
}

impl Query {
    /// The most rows that the API gives in one answer.
    pub const MOST_ROWS: u32 = 1000;
    /// How many rows the API gives when no limit is sent.
    pub const DEFAULT_ROWS: u32 = 50;
    /// Requests a minute that the API publishes for this endpoint.
    pub const PUBLISHED_RATE: u32 = 120;
    /// How long the API keeps logs.
    pub const KEPT_HOURS: i64 = 48;

    /// The earliest moment of sending that the API can still show.
    #[must_use]
    pub const fn kept_since(now: Timestamp) -> Timestamp {
        now.plus_millis(-Self::KEPT_HOURS * 3_600_000)
    }
}
