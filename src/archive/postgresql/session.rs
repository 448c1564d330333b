//! One connection to the server, with its prepared statements.

use std::collections::HashMap;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use postgres::types::{FromSqlOwned, ToSql};
use postgres::{Client, Error, NoTls, Row, Statement};

use super::PostgresAccess;
use super::address::PostgresAddress;
use super::failure::ServerFailure;
use super::tls::Encryption;
use crate::archive::error::StoreError;
use crate::client::{Authorities, tls_config};

/// How long the whole login may take. A server that hangs still accepts connections.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(20);

/// Statements name the schema of the archive; no other schema is searched.
const SETTINGS: &str = "SET search_path = pg_catalog; SET client_min_messages = error;";

/// A reader cannot write, even if its role may. A standby does not support a stricter isolation level.
const READER: &str = "SET default_transaction_read_only = on;
    SET default_transaction_isolation = 'repeatable read';";

/// The protocol that the client names in the TLS handshake (ALPN).
const ALPN: &[u8] = b"postgresql";

/// The values of a statement.
pub(super) type Values<'v> = &'v [&'v (dyn ToSql + Sync)];

/// Connects to the server of an archive.
pub(super) struct Connector {
    pub(super) address: PostgresAddress,
    pub(super) access: PostgresAccess,
    encryption: Option<Encryption>,
}

impl Connector {
    /// A connector to this address, which trusts `authorities` instead of those of the system.
    pub(super) fn new(
        address: PostgresAddress,
        access: PostgresAccess,
        authorities: Option<&Authorities>,
    ) -> Result<Self, StoreError> {
        let mut encryption = None;
        if address.is_encrypted() {
            let config = tls_config(authorities, ALPN).map_err(|error| StoreError::Io {
                name: address.name().to_owned(),
                reason: error.to_string(),
            })?;
            encryption = Some(Encryption(Arc::new(config)));
        }
        Ok(Self { address, access, encryption })
    }

    pub(super) fn connect(&self) -> Result<Session, ServerFailure> {
        let mut client = self.login()?;
        client.batch_execute(SETTINGS)?;
        match self.access {
            PostgresAccess::Read => client.batch_execute(READER)?,
            PostgresAccess::Write => save_commits(&mut client)?,
        }
        Ok(Session { client, statements: HashMap::new() })
    }

    fn login(&self) -> Result<Client, ServerFailure> {
        let (config, encryption) = (self.address.config.clone(), self.encryption.clone());
        let (sender, receiver) = mpsc::channel();
        // The timeout of the driver ends with the TCP connection, before the login.
        thread::spawn(move || {
            let client = match encryption {
                Some(encryption) => config.connect(encryption),
                None => config.connect(NoTls),
            };
            // After the timeout, the receiver is gone.
            let _ = sender.send(client);
        });
        let late = StoreError::Unreachable {
            name: self.address.name().to_owned(),
            reason: format!("it did not respond within {} s", LOGIN_TIMEOUT.as_secs()),
        };
        Ok(receiver.recv_timeout(LOGIN_TIMEOUT).map_err(|_| late)??)
    }
}

/// Makes sure that a commit survives a power failure of the server, even if the server is configured
/// to acknowledge commits earlier.
fn save_commits(client: &mut Client) -> Result<(), ServerFailure> {
    let row = client.query_one("SELECT current_setting('synchronous_commit')", &[])?;
    if row.try_get::<_, &str>(0)? == "off" {
        client.batch_execute("SET synchronous_commit = on")?;
    }
    Ok(())
}

/// A connection, with the statements that it has prepared.
pub(super) struct Session {
    client: Client,
    statements: HashMap<String, Statement>,
}

impl Session {
    pub(super) fn query(&mut self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, Error> {
        let statement = self.prepared(sql)?;
        self.client.query(&statement, values)
    }

    /// Runs a statement, and returns the number of rows that it changed.
    pub(super) fn execute(&mut self, sql: &str, values: Values<'_>) -> Result<u64, Error> {
        let statement = self.prepared(sql)?;
        self.client.execute(&statement, values)
    }

    /// Returns the value of the first column of the first row; `None` without a row.
    pub(super) fn value<T: FromSqlOwned>(
        &mut self,
        sql: &str,
        values: Values<'_>,
    ) -> Result<Option<T>, Error> {
        self.query(sql, values)?.first().map(|row| row.try_get(0)).transpose()
    }

    /// Returns the count that a statement selects.
    pub(super) fn count(&mut self, sql: &str, values: Values<'_>) -> Result<u64, Error> {
        Ok(counted(self.value(sql, values)?.unwrap_or_default()))
    }

    /// Runs statements without values, one after another.
    pub(super) fn run(&mut self, sql: &str) -> Result<(), Error> {
        self.client.batch_execute(sql)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// Converts a count to an integer of the server.
pub(super) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Converts an integer of the server to a count.
pub(super) fn counted(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
