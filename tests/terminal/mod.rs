//! What a person sees on a terminal of any width, also with hostile messages.

mod commands;
mod environment;
mod listing;
mod login;
mod pager;
