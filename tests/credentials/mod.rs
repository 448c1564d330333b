//! Credentials and the configuration file: where they come from, where they are sent, and that they
//! do not appear anywhere else.

mod canary;
mod configuration;
mod hosts;
mod secrets;
