//! Who is examined: the account of the settings, or the sandbox inside the program.

use omnilogs::client::{Credentials, Endpoint};
use omnilogs::sandbox::{Sandbox, Scenario};

use crate::credentials::ResolvedAccount;
use crate::failure::Failure;
use crate::session::context::Context;
use crate::session::sandbox_server;
use crate::session::source_failure;

/// Who is examined.
pub(super) struct DoctorTarget {
    pub(super) endpoint: Endpoint,
    pub(super) base_url_origin: String,
    /// Kind and origin of the credentials, if there are any.
    pub(super) credentials: Option<(&'static str, String)>,
    /// Credentials that are there too, and are not used.
    pub(super) passed_over: Vec<String>,
    key: TargetKey,
}

enum TargetKey {
    /// Not opened yet.
    ResolvedAccount(Box<ResolvedAccount>),
    /// The server's own; it serves as long as it is kept.
    Sandbox(Credentials, Sandbox),
}

impl DoctorTarget {
    pub(super) fn account(account: ResolvedAccount) -> Self {
        Self {
            endpoint: account.endpoint.clone(),
            base_url_origin: account.endpoint_origin.to_string(),
            credentials: account
                .found
                .as_ref()
                .map(|found| (found.kind(), found.origin.to_string())),
            passed_over: account.passed_over.clone(),
            key: TargetKey::ResolvedAccount(Box::new(account)),
        }
    }

    pub(super) fn sandbox(
        scenario: Scenario,
        seed: Option<u64>,
        context: &Context,
    ) -> Result<Self, Failure> {
        let seed = seed.unwrap_or(sandbox_server::SEED);
        let server = sandbox_server::start(0, seed, scenario, context)?;
        let (endpoint, credentials) = sandbox_server::account(&server)?;
        Ok(Self {
            endpoint,
            base_url_origin: "--sandbox".to_owned(),
            credentials: Some(("api_key", "--sandbox".to_owned())),
            passed_over: Vec::new(),
            key: TargetKey::Sandbox(credentials, server),
        })
    }

    /// The failure of credentials that are not there.
    pub(super) fn missing(&self) -> Option<Failure> {
        match &self.key {
            TargetKey::ResolvedAccount(account) if account.found.is_none() => {
                Some(account.missing())
            }
            _ => None,
        }
    }

    /// Opens the credentials. The server that serves as long as it is kept comes along.
    pub(super) fn open(self) -> Result<(Credentials, Option<Sandbox>), Failure> {
        match self.key {
            TargetKey::ResolvedAccount(account) => Ok((account.credentials()?, None)),
            TargetKey::Sandbox(credentials, server) => Ok((credentials, Some(server))),
        }
    }

    /// Where the request goes and whose credentials it carries.
    pub(super) fn origins(&self) -> source_failure::RequestOrigins {
        source_failure::RequestOrigins {
            credentials_origin: self.credentials.as_ref().map(|(_, origin)| origin.clone()),
            base_url_origin: Some(self.base_url_origin.clone()),
        }
    }
}
