//! The commands of the program, and the options that several commands share.

mod alarms;
mod archive;
#[cfg(target_os = "linux")]
mod archive_faults;
mod archive_reading;
mod archive_server;
mod archive_server_faults;
mod archive_server_soak;
mod archive_service;
mod completions;
mod config;
mod doctor;
mod documented;
mod examples;
mod explain;
mod filters;
mod follow;
mod follow_state;
mod help;
mod list;
mod man;
mod metrics;
mod paging;
mod sandbox;
mod show;
mod sort;
mod stats;
mod suggestions;
mod usage;
mod wait;
