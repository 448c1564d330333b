//! Credentials and the configuration file: where they come from, where they go, and that they appear
//! nowhere else.

mod canary;
mod configuration;
mod hosts;
mod secrets;
