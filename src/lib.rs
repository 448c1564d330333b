//! Reads the message logs of the Infobip OMNI API (`GET /omni/1/logs`).
//!
//! A [`Query`] goes to a [`Source`], which gives a [`Page`] of [`Log`]s; pages go into a
//! [`sink::Sink`]. The library reads no environment, no clock and no file of its own accord:
//! whatever it needs comes in as a value.
//!
//! ```
//! use omnilogs::{Channel, Query, StatusGroup};
//!
//! let query = Query {
//!     channel: Some(Channel::Push.to_string()),
//!     status: Some(StatusGroup::Rejected),
//!     limit: Some(20),
//!     ..Query::default()
//! };
//! let asked: Vec<_> = query.parameters().into_iter().map(|p| (p.name, p.value)).collect();
//! assert_eq!(asked[0], ("generalStatus".into(), "REJECTED".into()));
//! ```

pub mod client;
pub mod clock;
pub mod model;
pub mod pages;
pub mod pump;
pub mod query;
pub mod redaction;
pub mod sandbox;
pub mod saved;
pub mod sink;
pub mod source;
mod splitmix;
pub mod stats;
pub mod visible;
pub mod wire;
pub mod zone;

pub use model::{
    Anomaly, Cell, Channel, Field, Finality, Log, Outcome, Page, StatusGroup, Timestamp,
};
pub use query::Query;
pub use source::{Source, SourceError, SourceKind};
