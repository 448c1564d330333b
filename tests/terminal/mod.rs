//! What a person sees on a terminal of any width, with hostile messages too.

mod commands;
mod environment;
mod listing;
