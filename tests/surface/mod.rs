//! What a person meets: the command line, settings, credentials, terminals, pipes, signals and the
//! contents of messages, hostile ones too.

mod canary;
mod configuration;
mod content;
mod credentials;
mod environment;
mod failing_server;
mod files;
mod hosts;
mod identity;
mod one_signal;
mod resume;
mod screens;
mod shared_files;
mod signals;
mod signals_while_waiting;
mod terminal;
mod usage;
mod write_errors;
