//! A message as the server sent it, and the codes that the platform publishes.
//!
//! Rows are lossless: a [`Log`] keeps the row's own JSON text, and every typed view is read from
//! that text. Nothing here sends requests, prints, or decides what is shown.

mod anomaly;
mod cells;
mod channel;
pub mod codes;
mod country;
mod coverage;
mod failure_text;
mod finality;
mod index;
mod json_text;
mod log;
mod message_code;
mod page;
mod previous_status;
mod sent_at_scan;
mod sort_value;
mod status;
mod status_group;
mod timestamp;
mod tokens;

pub use anomaly::{Anomalies, Anomaly};
pub(crate) use cells::FieldKind;
pub use cells::{Cell, Field};
pub use channel::Channel;
pub use country::{Country, CountryError};
pub use coverage::{Coverage, Gap, TimeRange};
pub(crate) use index::{Member, field_of_string, member};
pub(crate) use json_text::unquote;
pub use log::{Identity, Log};
pub use message_code::MessageCode;
pub use page::Page;
pub(crate) use sort_value::SortValue;
pub use status::{Finality, Outcome};
pub use status_group::StatusGroup;
pub use timestamp::Timestamp;
pub(crate) use tokens::{Token, Tokens};
