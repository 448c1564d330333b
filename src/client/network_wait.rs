//! Waits for the network: within a limit, and until the run is interrupted.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::clock::Interrupt;
use crate::source::SourceError;

use super::attempt_error::AttemptError;

/// How long a request to stop may go unnoticed.
const INTERRUPT_POLL: Duration = Duration::from_millis(50);

/// The runtime that waits for futures.
pub(super) struct NetworkWait {
    /// There until the end, when it is left behind rather than awaited: a name lookup cannot be
    /// called off, and must not hold up the end of the run.
    runtime: Option<Runtime>,
    interrupt: Interrupt,
}

impl NetworkWait {
    pub(super) fn new(interrupt: Interrupt) -> Result<Self, SourceError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|_| {
            let message = "the system gives no means to wait for the network".to_owned();
            AttemptError::permanent(message, None).error
        })?;
        Ok(Self { runtime: Some(runtime), interrupt })
    }

    /// Lets sockets be opened and work be started that is done while something is waited for.
    pub(super) fn enter(&self) -> Option<tokio::runtime::EnterGuard<'_>> {
        self.runtime.as_ref().map(Runtime::enter)
    }

    /// Waits for `work`; `late` is the error when it takes longer than `limit`.
    pub(super) fn wait<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, AttemptError>>,
        late: impl FnOnce() -> AttemptError,
    ) -> Result<T, AttemptError> {
        let Some(runtime) = &self.runtime else { return Err(AttemptError::interrupted()) };
        runtime.block_on(async {
            tokio::select! {
                done = tokio::time::timeout(limit, work) => done.unwrap_or_else(|_| Err(late())),
                () = self.interrupted() => Err(AttemptError::interrupted()),
            }
        })
    }

    async fn interrupted(&self) {
        while !self.interrupt.is_raised() {
            tokio::time::sleep(INTERRUPT_POLL).await;
        }
    }
}

impl Drop for NetworkWait {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
