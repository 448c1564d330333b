//! What is checked: the account of the settings, or the sandbox inside the program.

use omnilogs::client::{Credentials, Endpoint};
use omnilogs::sandbox::{Sandbox, Scenario};

use crate::credentials::ResolvedAccount;
use crate::failure::Failure;
use crate::session::context::Context;
use crate::session::sandbox_server;
use crate::session::source_failure;
use crate::settings;

/// The account and the server that are checked.
pub(super) struct DoctorTarget {
    pub(super) endpoint: Endpoint,
    pub(super) base_url_origin: String,
    /// Kind and origin of the credentials, if there are any.
    pub(super) credentials: Option<(&'static str, String)>,
    /// Notes about further credentials, which are not used.
    pub(super) passed_over: Vec<String>,
    /// The environment variable that names the proxy; the host of the base URL may be exempt from it.
    pub(super) proxy_variable: Option<&'static str>,
    key: TargetKey,
}

/// Where the credentials come from.
enum TargetKey {
    /// The settings. The credentials are not read yet.
    Settings(Box<ResolvedAccount>),
    /// The sandbox, which serves until it is dropped.
    Sandbox(Credentials, Sandbox),
}

impl DoctorTarget {
    pub(super) fn account(account: ResolvedAccount, context: &Context) -> Self {
        Self {
            endpoint: account.endpoint.clone(),
            base_url_origin: account.endpoint_origin.to_string(),
            credentials: account
                .found
                .as_ref()
                .map(|found| (found.kind(), found.origin.to_string())),
            passed_over: account.passed_over.clone(),
            proxy_variable: settings::proxy_variable(&context.environment),
            key: TargetKey::Settings(Box::new(account)),
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
            proxy_variable: settings::proxy_variable(&context.environment),
            key: TargetKey::Sandbox(credentials, server),
        })
    }

    /// The failure for missing credentials; `None` when there are some.
    pub(super) fn missing_credentials(&self) -> Option<Failure> {
        match &self.key {
            TargetKey::Settings(account) if account.found.is_none() => Some(account.missing()),
            _ => None,
        }
    }

    /// Reads the credentials. The sandbox is returned with them, since it serves until it is dropped.
    ///
    /// # Errors
    /// When the credentials cannot be read.
    pub(super) fn open(self) -> Result<(Credentials, Option<Sandbox>), Failure> {
        match self.key {
            TargetKey::Settings(account) => Ok((account.credentials()?, None)),
            TargetKey::Sandbox(credentials, server) => Ok((credentials, Some(server))),
        }
    }

    /// The origins of the base URL, the credentials and the proxy, for messages.
    pub(super) fn origins(&self) -> source_failure::RequestOrigins {
        source_failure::RequestOrigins {
            credentials: self.credentials.as_ref().map(|(_, origin)| origin.clone()),
            base_url: Some(self.base_url_origin.clone()),
            proxy: self.proxy_variable,
            ..source_failure::RequestOrigins::default()
        }
    }
}
