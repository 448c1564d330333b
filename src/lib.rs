//! Reads the message logs of the Infobip OMNI API (`GET /omni/1/logs`).
//!
//! A [`Query`] says which messages are wanted. A [`Source`] turns it into a [`Page`] of [`Log`]s:
//! [`Client`] queries the API over HTTPS, with retries, a request rate and limits on responses.
//! [`pages::list`] reads as many pages as the query needs, [`pump()`] passes their rows to a
//! [`Sink`], and [`Follow`] reports new messages and new statuses as they come.
//!
//! The library reads no environment variables and no files, and prints nothing. You can try it
//! without an account: [`sandbox::Sandbox`] is a server on this machine that speaks the API.
//! The examples below use it; for your account, use the base URL and the API key that the Infobip
//! web interface shows.
//!
//! # Get a page and print it
//!
//! ```
//! use omnilogs::sandbox::{Sandbox, SandboxOptions};
//! use omnilogs::{Client, ClientOptions, Credentials, Endpoint, Field, Query, Source, StatusGroup};
//!
//! let sandbox = Sandbox::start(SandboxOptions::default())?;
//! let endpoint = Endpoint::parse(&sandbox.base_url())?;
//! let credentials = Credentials::app(sandbox.api_key())?;
//! let mut client = Client::new(ClientOptions::new(endpoint, credentials))?;
//!
//! let mut query = Query::default();
//! query.statuses = vec![StatusGroup::Delivered];
//! query.limit = Some(20);
//! let page = client.fetch(&query)?;
//! for log in &page.logs {
//!     let to = log.cell(Field::To).into_text();
//!     println!("{:?} {to} {:?}", log.sent_at(), log.outcome());
//! }
//! # assert_eq!(page.logs.len(), 20);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Read everything into a sink of your own
//!
//! The API returns at most 1000 messages per request. [`pages::list`] sends further requests until
//! it has every message of the time range, and its report says where messages may be missing.
//!
//! ```
//! use chrono::Utc;
//! # use omnilogs::sandbox::{Sandbox, SandboxOptions};
//! use omnilogs::clock::Interrupt;
//! use omnilogs::pages;
//! use omnilogs::query::Extent;
//! use omnilogs::sink::{Flow, SinkError};
//! use omnilogs::{Client, ClientOptions, Credentials, Endpoint, Log, Outcome, Query, Sink, pump};
//!
//! /// Keeps the messages that were not delivered.
//! #[derive(Default)]
//! struct Failures(Vec<Log>);
//!
//! impl Sink for Failures {
//!     fn log(&mut self, log: &Log) -> Result<Flow, SinkError> {
//!         if log.outcome() == Outcome::Failed {
//!             self.0.push(log.clone());
//!         }
//!         Ok(Flow::Continue)
//!     }
//! }
//!
//! # let sandbox = Sandbox::start(SandboxOptions::default())?;
//! # let endpoint = Endpoint::parse(&sandbox.base_url())?;
//! # let credentials = Credentials::app(sandbox.api_key())?;
//! let client = Client::new(ClientOptions::new(endpoint, credentials))?;
//! let mut query = Query::default();
//! query.extent = Extent::All;
//! let mut pages = pages::list(client, query, Utc::now().into(), None);
//! let mut failures = Failures::default();
//! let outcome = pump(&mut *pages, &mut failures, &Interrupt::new())?;
//!
//! println!("{} of {} messages failed", failures.0.len(), outcome.rows);
//! if let Some(error) = outcome.failure {
//!     println!("the pages ended early: {error}");
//! }
//! for gap in outcome.report.gaps {
//!     println!("messages may be missing: {}", gap.reason);
//! }
//! # assert!(outcome.rows > 1000 && !failures.0.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Follow new messages
//!
//! [`Follow`] does not sleep: it returns how long to wait before the next poll.
//!
//! ```
//! use std::sync::Arc;
//! use std::thread;
//! use std::time::Duration;
//!
//! use omnilogs::clock::SystemClock;
//! use omnilogs::pages::follow::{Event, Follow, FollowOptions};
//! # use omnilogs::sandbox::{Sandbox, SandboxOptions};
//! use omnilogs::{Client, ClientOptions, Credentials, Endpoint, Field, Query};
//!
//! # let sandbox = Sandbox::start(SandboxOptions::default())?;
//! # let endpoint = Endpoint::parse(&sandbox.base_url())?;
//! # let credentials = Credentials::app(sandbox.api_key())?;
//! let client = Client::new(ClientOptions::new(endpoint, credentials))?;
//! let mut options = FollowOptions::default();
//! options.duration = Some(Duration::from_millis(50)); // without it, follow forever
//! let clock = Arc::new(SystemClock::default());
//! let mut follow = Follow::new(client, Query::default(), options, clock);
//! # let mut events = 0;
//! while let Some(wait) = follow.time_to_next_poll() {
//!     thread::sleep(wait);
//!     for event in follow.poll()?.events {
//! #       events += 1;
//!         let status = event.log().cell(Field::StatusName).into_text();
//!         match &event {
//!             Event::New(log) => println!("{:?} {status}", log.sent_at()),
//!             Event::Changed { previous, .. } => println!("{previous} is now {status}"),
//!             _ => {}
//!         }
//!     }
//! }
//! # assert!(events > 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Count messages
//!
//! [`Stats`](stats::Stats) is a sink; its summary has the figures.
//!
//! ```
//! use chrono::Utc;
//! use omnilogs::clock::Interrupt;
//! use omnilogs::pages;
//! use omnilogs::query::Extent;
//! # use omnilogs::sandbox::{Sandbox, SandboxOptions};
//! use omnilogs::stats::{Key, Stats};
//! use omnilogs::zone::Zone;
//! use omnilogs::{Client, ClientOptions, Credentials, Endpoint, Query, pump};
//!
//! # let sandbox = Sandbox::start(SandboxOptions::default())?;
//! # let endpoint = Endpoint::parse(&sandbox.base_url())?;
//! # let credentials = Credentials::app(sandbox.api_key())?;
//! let client = Client::new(ClientOptions::new(endpoint, credentials))?;
//! let mut query = Query::default();
//! query.extent = Extent::Rows(2000);
//! let mut pages = pages::list(client, query, Utc::now().into(), None);
//! let mut stats = Stats::new(vec![Key::Channel], Zone::UTC);
//! pump(&mut *pages, &mut stats, &Interrupt::new())?;
//!
//! let summary = stats.summary();
//! for group in &summary.groups {
//!     println!("{:?}: {:?} delivered", group.values, group.figures.delivered_share());
//! }
//! # assert!(summary.total.messages > 100 && summary.groups.len() > 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The command-line program
//!
//! The feature `cli`, on by default, builds the program `omnilogs`. A crate that uses the library
//! alone turns it off: `default-features = false`.
//!
//! # Versions
//!
//! This crate follows [semantic versioning](https://semver.org). Before 1.0, a release that breaks
//! code which uses the library raises the minor version. Options and enums that the API or this
//! crate may extend are `#[non_exhaustive]`: new filters, channels, formats and errors come
//! without such a break. Rust 1.89 or newer is needed; a newer Rust is required only by a new minor
//! version. The program runs on Unix.
//!
//! A few functions that the program shares with the library are public and not documented here: they may
//! change in any release.

#[cfg(feature = "archive")]
pub mod archive;
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
pub mod sms_encoding;
pub mod source;
mod splitmix;
pub mod stats;
#[doc(hidden)]
pub mod visible;
pub mod wire;
pub mod zone;

pub use client::{Client, ClientOptions, Credentials, Endpoint};
pub use model::{
    Anomaly, Cell, Channel, Country, Field, Finality, Log, Outcome, Page, StatusGroup, Timestamp,
};
pub use pages::Pages;
pub use pages::follow::Follow;
pub use pump::pump;
pub use query::Query;
pub use sink::Sink;
pub use source::{Source, SourceError, SourceKind};
