//! Signals: Ctrl-C, SIGTERM and others, whatever the program is doing.

mod listing;
mod one_signal;
mod waiting;
