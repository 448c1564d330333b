//! Converts errors of the server and of the connection to errors of the store.
//!
//! They contain the message of the server only: its detail can contain values of a row.

use std::error::Error as _;
use std::io;

use postgres::Error;
use postgres::error::SqlState;

use crate::archive::error::StoreError;
use crate::client::tls_failure;

/// Errors of the driver that mean that the configuration does not allow a login.
const LOGIN_ERRORS: [&str; 3] =
    ["invalid configuration", "authentication error", "error performing TLS handshake"];

/// Why a transaction failed, before the name of the archive is known.
#[derive(Debug)]
pub(super) enum ServerFailure {
    /// The server or the connection failed.
    Server(Error),
    /// The store itself failed the transaction.
    Store(StoreError),
}

impl From<Error> for ServerFailure {
    fn from(error: Error) -> Self {
        Self::Server(error)
    }
}

impl From<StoreError> for ServerFailure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl ServerFailure {
    /// Whether the same transaction may succeed if it is repeated: the server refused it because of
    /// another transaction, or the connection ended, perhaps during the commit.
    pub(super) fn is_transient(&self) -> bool {
        let Self::Server(error) = self else { return false };
        match error.code() {
            Some(code) => is_transient(code),
            None => error.is_closed() || connection_error(error).is_some(),
        }
    }

    /// Whether the server gave up waiting for a lock.
    pub(super) fn is_locked(&self) -> bool {
        let Self::Server(error) = self else { return false };
        error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE)
    }

    /// Whether the failure is not one that the server sent, such as a failed connection.
    pub(super) fn is_without_reason(&self) -> bool {
        match self {
            Self::Server(error) => error.code().is_none(),
            Self::Store(error) => matches!(error, StoreError::Unreachable { .. }),
        }
    }

    /// Converts the failure to an error of the store with this name, on this host.
    pub(super) fn named(self, name: &str, host: &str) -> StoreError {
        match self {
            Self::Server(error) => store_error(name, host, &error),
            Self::Store(error) => error.with_name(name),
        }
    }
}

fn is_transient(code: &SqlState) -> bool {
    let named = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        // Another program created the same object or row at the same time.
        SqlState::UNIQUE_VIOLATION,
        SqlState::DUPLICATE_SCHEMA,
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_OBJECT,
    ];
    named.contains(code) || code.code().starts_with("08") || code.code().starts_with("57P0")
}

/// The I/O error that caused an error; `None` for an error of TLS.
fn connection_error(error: &Error) -> Option<&io::Error> {
    let error = error.source()?.downcast_ref::<io::Error>()?;
    tls_error(error).is_none().then_some(error)
}

fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

fn store_error(name: &str, host: &str, error: &Error) -> StoreError {
    let name = name.to_owned();
    let Some(server) = error.as_db_error() else {
        return without_code(name, host, error);
    };
    let code = server.code();
    let reason = server.message().to_owned();
    if is_transient(code) {
        return StoreError::Unreachable { name, reason };
    }
    match code.code() {
        "25006" => StoreError::ReadOnly { name },
        "3F000" | "42P01" => StoreError::Missing { name },
        "53100" => StoreError::Full { name },
        "55P03" => StoreError::Busy { name, holder: None },
        "XX001" | "XX002" => StoreError::Damaged { name, reason },
        "28000" | "28P01" | "3D000" | "42501" => StoreError::Refused { name, reason },
        code => StoreError::Io { name, reason: format!("{reason} (SQLSTATE {code})") },
    }
}

/// An error that the server did not send.
fn without_code(name: String, host: &str, error: &Error) -> StoreError {
    let source = error.source();
    let system = source.and_then(|source| source.downcast_ref::<io::Error>());
    if let Some(tls) = system.and_then(tls_error) {
        return StoreError::Refused { name, reason: tls_failure(tls, host) };
    }
    if error.is_closed() {
        let reason = "the server closed the connection".to_owned();
        return StoreError::Unreachable { name, reason };
    }
    let kind = error.to_string();
    match (system, source) {
        (Some(system), _) => StoreError::Unreachable { name, reason: system_text(system) },
        // The driver reports these before the server can refuse anything.
        (None, Some(source)) if LOGIN_ERRORS.contains(&kind.as_str()) => {
            StoreError::Refused { name, reason: source.to_string() }
        }
        (None, Some(source)) => StoreError::Io { name, reason: format!("{kind}: {source}") },
        (None, None) => StoreError::Io { name, reason: kind },
    }
}

/// The error text of the system, without the error number.
fn system_text(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}
