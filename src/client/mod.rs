//! The API as a [`crate::Source`]: one query, one HTTP GET, with retries, pace and limits.
//!
//! Async code stays in `transport`, `tunnel` and `probe`. `wire` decodes bodies, and `pages` decides
//! which pages to fetch. No text made here contains a query value or a secret.

mod api;
mod attempt_error;
mod body;
mod connect_error;
mod credentials;
mod endpoint;
mod network_wait;
mod observer;
mod pace;
mod probe;
mod proxy;
mod random;
mod request;
mod response;
mod retry;
mod retry_after;
mod text_mask;
mod tls;
mod tls_error;
mod transport;
mod tunnel;

#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;

pub use api::{Client, ClientOptions};
pub use credentials::{Credentials, CredentialsError, Scheme};
pub use endpoint::{Endpoint, EndpointError};
pub use observer::{Observer, ResponseSummary, Wait, WaitReason};
pub use probe::{Certificate, Handshake, Probe, ProbeConnection, ProbeOptions};
pub use proxy::{ProxyError, ProxySettings};
pub use request::{Accept, Request, SecretVariables, USER_AGENT, shell_word};
pub use tls::{Authorities, AuthoritiesError};
pub use transport::Limits;

#[cfg(feature = "archive-postgres")]
pub(crate) use tls::config_of_database as tls_config;
#[cfg(feature = "archive-postgres")]
pub(crate) use tls_error::text as tls_failure;
