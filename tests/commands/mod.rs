//! What each command does, one file per command.

mod doctor;
mod explain;
mod follow;
mod list;
mod paging;
mod sandbox;
mod sort;
mod stats;
mod suggestions;
mod usage;
mod wait;
