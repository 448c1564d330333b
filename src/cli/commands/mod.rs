//! One file or folder per command: its options, and what it does.
//!
//! A command never imports another command.

pub(crate) mod archive;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod follow;
pub(crate) mod help;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod man;
pub(crate) mod sandbox;
pub(crate) mod show;
pub(crate) mod stats;
pub(crate) mod wait;
