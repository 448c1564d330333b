//! Groups of options that several commands share, as clap reads them.
//!
//! They have the typed values. `settings` decides which value applies.

mod archive;
pub(crate) mod completion;
mod connection;
mod filters;
mod list;
mod message_word;
mod output;
mod pace;
mod source;
pub(crate) mod values;

pub(crate) use archive::{ArchiveLocationArgs, ArchiveSourceArgs};
pub(crate) use connection::ConnectionArgs;
pub(crate) use filters::{ExtentArgs, FilterArgs, LocalFilterArgs};
pub(crate) use list::ListArgs;
pub(crate) use message_word::{MIN_ID_START, MessageWord, is_uuid, public_id};
pub(crate) use output::{ConditionArgs, FormatArgs, OutputArgs, RowArgs};
pub(crate) use pace::PaceArgs;
pub(crate) use source::{OriginArgs, SandboxSourceArgs};
