//! Waits for the network: within a limit, and until the run is interrupted.
//!
//! Connections are served by a thread of their own. The thread that waits looks at the clock itself,
//! so that a server which sends without a pause, and so keeps its connection busy, cannot hold up
//! the end of the wait.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tokio::runtime::{EnterGuard, Handle};
use tokio::sync::oneshot;

use crate::clock::Interrupt;
use crate::source::SourceError;

use super::attempt_error::AttemptError;

/// How long a request to stop may go unnoticed.
const INTERRUPT_POLL: Duration = Duration::from_millis(50);

/// The runtime that serves connections while something is waited for.
pub(super) struct NetworkWait {
    runtime: Handle,
    interrupt: Interrupt,
    /// Its end stops the runtime. The thread is left behind rather than awaited: a name lookup
    /// cannot be called off, and must not hold up the end of the run.
    _stop: oneshot::Sender<()>,
}

/// Wakes the thread that waits.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl NetworkWait {
    pub(super) fn new(interrupt: Interrupt) -> Result<Self, SourceError> {
        let unusable = |_| {
            let message = "the system gives no means to wait for the network".to_owned();
            AttemptError::permanent(message, None).error
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(unusable)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            // An error says that the sender is gone, which is the signal to stop.
            let _ = runtime.block_on(stopped);
            runtime.shutdown_background();
        };
        thread::Builder::new().name("network".to_owned()).spawn(serve).map_err(unusable)?;
        Ok(Self { runtime: handle, interrupt, _stop: stop })
    }

    /// Lets sockets be opened and work be started that is done while something is waited for.
    pub(super) fn enter(&self) -> EnterGuard<'_> {
        self.runtime.enter()
    }

    /// Waits for `work`; `late` is the error when it takes longer than `limit`.
    pub(super) fn wait<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, AttemptError>>,
        late: impl FnOnce() -> AttemptError,
    ) -> Result<T, AttemptError> {
        let started = Instant::now();
        let _context = self.enter();
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        // This timer wakes the thread in time as long as the runtime is not kept busy.
        let mut work = pin!(tokio::time::timeout(limit, work));
        loop {
            if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
                return done.unwrap_or_else(|_| Err(late()));
            }
            if self.interrupt.is_raised() {
                return Err(AttemptError::interrupted());
            }
            let left = limit.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(late());
            }
            thread::park_timeout(left.min(INTERRUPT_POLL));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// The task ends only after the wait, so a wait that depends on it would never end.
    #[test]
    fn a_connection_that_is_always_busy_holds_up_neither_the_limit_nor_an_interrupt() {
        for interrupted in [false, true] {
            let interrupt = Interrupt::new();
            let waiting = NetworkWait::new(interrupt.clone()).unwrap();
            let (busy, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
            let (seen, end) = (Arc::clone(&busy), Arc::clone(&done));
            waiting.runtime.spawn(async move {
                while !end.load(Ordering::Relaxed) {
                    seen.store(true, Ordering::Relaxed);
                    thread::yield_now();
                }
            });
            while !busy.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            if interrupted {
                interrupt.raise();
            }
            let limit = if interrupted { Duration::MAX } else { Duration::from_millis(1) };
            let late = || AttemptError::transient("late".to_owned());
            let ended = waiting.wait(limit, pending::<Result<(), _>>(), late);
            assert!(ended.is_err());
            done.store(true, Ordering::Relaxed);
        }
    }
}
