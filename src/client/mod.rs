//! The API as a [`crate::Source`]: one question, one HTTP GET, with retries, pace and limits.
//!
//! Async stays in `transport` and `probe`. What a body means is `wire`'s matter; which pages to ask for is that
//! of `pages`. No text made here holds a query value or a secret.

mod api;
mod body;
mod connect_failure;
mod credentials;
mod endpoint;
mod failure;
mod hiding;
mod judge;
mod observer;
mod pace;
mod probe;
mod proxy;
mod random;
mod request;
mod retry;
mod retry_after;
mod tls;
mod tls_failure;
mod transport;
mod tunnel;
mod waiting;

#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;

pub use api::{Client, ClientOptions};
pub use credentials::{Credentials, CredentialsError, Scheme};
pub use endpoint::{Endpoint, EndpointError};
pub use observer::{Answered, Observer, Wait, WaitReason};
pub use probe::{Certificate, Handshake, Probe, ProbeOptions, Reached};
pub use proxy::{ProxyError, ProxySettings};
pub use request::{Accept, Request, SecretVariables, USER_AGENT, shell_word};
pub use tls::{Authorities, AuthoritiesError};
pub use transport::Limits;
