//! The program on terminals of any width, also with hostile messages.

mod commands;
mod environment;
mod keystrokes;
mod listing;
mod login;
mod narrow;
mod pager;
