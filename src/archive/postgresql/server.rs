//! Transactions on the server, which are repeated after a transient error.
//!
//! Every transaction must be repeatable: if the server committed it but the response was lost, the
//! second attempt must change nothing.

use std::thread;
use std::time::Duration;

use super::PostgresAccess;
use super::failure::ServerFailure;
use super::leases;
use super::session::{Connector, Session};
use crate::archive::error::StoreError;
use crate::archive::lease::Lease;

/// How long a transaction is repeated. A restart of the server takes less.
const MAX_WAIT: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// If a program is suspended within a transaction, the server ends its connection before the lease
/// expires, so that it does not keep other programs from writing.
const BEGIN_WRITE: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 60000; \
                           SET LOCAL lock_timeout = 5000";
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The server of an archive, and the connection to it.
pub(super) struct ArchiveServer {
    connector: Connector,
    /// `None` before the first use, and after the connection was lost.
    session: Option<Session>,
    /// Whether a connection was made before. Otherwise a failed connection is not repeated: more
    /// likely than a restart of the server, the address is wrong.
    has_connected: bool,
}

impl ArchiveServer {
    pub(super) fn new(connector: Connector) -> Self {
        Self { connector, session: None, has_connected: false }
    }

    /// The address, for messages.
    pub(super) fn name(&self) -> &str {
        self.connector.address.name()
    }

    /// Reads within one snapshot.
    pub(super) fn read<T>(
        &mut self,
        read: impl FnMut(&mut Session) -> Result<T, ServerFailure>,
    ) -> Result<T, StoreError> {
        self.repeat(Some(BEGIN_READ), read)
    }

    /// Runs statements without a transaction around them: each is a transaction by itself.
    pub(super) fn once<T>(
        &mut self,
        run: impl FnMut(&mut Session) -> Result<T, ServerFailure>,
    ) -> Result<T, StoreError> {
        self.repeat(None, run)
    }

    /// Writes in one transaction, which is rolled back if anything fails.
    pub(super) fn write<T>(
        &mut self,
        write: impl FnMut(&mut Session) -> Result<T, ServerFailure>,
    ) -> Result<T, StoreError> {
        if self.connector.access == PostgresAccess::Read {
            return Err(StoreError::ReadOnly { name: self.name().to_owned() });
        }
        self.repeat(Some(BEGIN_WRITE), write)
    }

    /// Writes in one transaction, if no other program has taken the lease.
    pub(super) fn write_under<T>(
        &mut self,
        lease: &Lease,
        mut write: impl FnMut(&mut Session) -> Result<T, ServerFailure>,
    ) -> Result<T, StoreError> {
        self.write(|session| {
            leases::check(session, lease)?;
            write(session)
        })
    }

    fn repeat<T>(
        &mut self,
        begin: Option<&str>,
        mut work: impl FnMut(&mut Session) -> Result<T, ServerFailure>,
    ) -> Result<T, StoreError> {
        let mut pauses = ReconnectPauses::new();
        loop {
            let failure = match self.attempt(begin, &mut work) {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let is_hopeless = failure.is_without_reason() && !self.has_connected;
            if is_hopeless || !failure.is_transient() || !pauses.pause() {
                let (host, _) = self.connector.address.host_and_port();
                return Err(failure.named(self.name(), host));
            }
        }
    }

    fn attempt<T>(
        &mut self,
        begin: Option<&str>,
        work: &mut impl FnMut(&mut Session) -> Result<T, ServerFailure>,
    ) -> Result<T, ServerFailure> {
        let mut session = match self.session.take() {
            Some(session) if !session.is_closed() => session,
            _ => self.connector.connect()?,
        };
        self.has_connected = true;
        let result = transact(&mut session, begin, work);
        // After a failure that the server did not send, the state of the connection is not known.
        let is_usable = match &result {
            Err(ServerFailure::Server(error)) => error.code().is_some(),
            _ => true,
        };
        if is_usable && !session.is_closed() {
            self.session = Some(session);
        }
        result
    }
}

fn transact<T>(
    session: &mut Session,
    begin: Option<&str>,
    work: &mut impl FnMut(&mut Session) -> Result<T, ServerFailure>,
) -> Result<T, ServerFailure> {
    let Some(begin) = begin else { return work(session) };
    session.run(begin)?;
    match work(session) {
        Ok(value) => {
            session.run("COMMIT")?;
            Ok(value)
        }
        Err(failure) => {
            // If this fails too, the first failure is the one to report.
            let _ = session.run("ROLLBACK");
            Err(failure)
        }
    }
}

/// The pauses between attempts, each twice as long as the one before.
struct ReconnectPauses {
    next: Duration,
    waited: Duration,
}

impl ReconnectPauses {
    fn new() -> Self {
        Self { next: FIRST_PAUSE, waited: Duration::ZERO }
    }

    /// Waits before the next attempt. Returns `false`, without a wait, after [`MAX_WAIT`] in total.
    fn pause(&mut self) -> bool {
        if self.waited >= MAX_WAIT {
            return false;
        }
        thread::sleep(self.next);
        self.waited += self.next;
        self.next = (self.next * 2).min(MAX_PAUSE);
        true
    }
}
