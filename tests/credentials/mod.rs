//! Credentials and the configuration file: where credentials come from, where they are sent, and that
//! they appear nowhere else.

mod canary;
mod configuration;
mod hosts;
mod secrets;
