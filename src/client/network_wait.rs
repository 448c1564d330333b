//! Waits for the network, until a limit or an interrupt.
//!
//! At first the thread that sends the request also runs the connections. When a response takes
//! longer, another thread runs them from then on, and the waiting thread only checks the clock. A
//! server that sends without a pause, and so keeps its connection busy, then cannot delay the end of
//! the wait.

use std::cell::Cell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tokio::runtime::{EnterGuard, Handle, Runtime};
use tokio::sync::oneshot;

use crate::clock::Interrupt;
use crate::source::SourceError;

use super::attempt_error::AttemptError;

/// The longest time until an interrupt is noticed, and the longest wait without a thread for the
/// connections.
const INTERRUPT_POLL: Duration = Duration::from_millis(50);

/// The longest wait for the connection of a complete response. It takes microseconds, and longer on a
/// machine whose processors are all busy.
const LONGEST_RELEASE: Duration = Duration::from_secs(1);

/// The runtime that runs connections during a wait.
pub(super) struct NetworkWait {
    runtime: Handle,
    interrupt: Interrupt,
    /// The runtime, until it has its own thread.
    on_this_thread: Cell<Option<Runtime>>,
    /// Dropping it stops the thread of the runtime.
    stop: Cell<Option<oneshot::Sender<()>>>,
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
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|_| unusable().error)?;
        Ok(Self {
            runtime: runtime.handle().clone(),
            interrupt,
            on_this_thread: Cell::new(Some(runtime)),
            stop: Cell::default(),
        })
    }

    /// Enters the runtime, so that the caller can open sockets and spawn tasks. They make progress
    /// during a wait.
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
        let end = Instant::now().checked_add(limit);
        // Held until the work is dropped: an abandoned request spawns a task that returns its
        // connection.
        let _context = self.enter();
        let mut work = pin!(work);
        if let Some(done) = self.wait_briefly(limit, work.as_mut())? {
            return done;
        }
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        loop {
            let left =
                end.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
            // Checked before the work is polled, because it may always be ready for more.
            if left.is_zero() {
                return Err(late());
            }
            if self.interrupt.is_raised() {
                return Err(AttemptError::interrupted());
            }
            if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
                self.release_connections(left);
                return done;
            }
            thread::park_timeout(left.min(INTERRUPT_POLL));
        }
    }

    /// Waits until the thread of the runtime has run the tasks that the end of a response made ready. One of
    /// them returns the connection, without which the next request would open another one.
    fn release_connections(&self, limit: Duration) {
        // The scheduler can run a task from another thread before those of its own, but not twice in a row.
        for _ in 0..2 {
            let (done, ran) = mpsc::channel();
            self.runtime.spawn(async move {
                // An error means that the wait was over before.
                let _ = done.send(());
            });
            // A connection that is always busy must not delay the end of the wait.
            if ran.recv_timeout(limit.min(LONGEST_RELEASE)).is_err() {
                return;
            }
        }
    }

    /// Waits on this thread for `limit` or [`INTERRUPT_POLL`], the shorter of the two. Returns `None`
    /// when `work` takes longer; the runtime then has its own thread.
    fn wait_briefly<F: Future>(
        &self,
        limit: Duration,
        work: Pin<&mut F>,
    ) -> Result<Option<F::Output>, AttemptError> {
        let Some(runtime) = self.on_this_thread.take() else { return Ok(None) };
        let soon = limit.min(INTERRUPT_POLL);
        let done = runtime.block_on(async { tokio::time::timeout(soon, work).await }).ok();
        if done.is_some() {
            self.on_this_thread.set(Some(runtime));
        } else {
            self.stop.set(Some(on_own_thread(runtime)?));
        }
        Ok(done)
    }
}

impl Drop for NetworkWait {
    /// Does not wait for the runtime to stop: a name lookup cannot be cancelled, and must not delay
    /// the end of the run.
    fn drop(&mut self) {
        if let Some(runtime) = self.on_this_thread.take() {
            runtime.shutdown_background();
        }
    }
}

/// Moves a runtime to its own thread, which ends when the returned sender is dropped.
fn on_own_thread(runtime: Runtime) -> Result<oneshot::Sender<()>, AttemptError> {
    let (stop, stopped) = oneshot::channel();
    let serve = move || {
        // An error means that the sender was dropped, which is the signal to stop.
        let _ = runtime.block_on(stopped);
        runtime.shutdown_background();
    };
    thread::Builder::new().name("network".to_owned()).spawn(serve).map_err(|_| unusable())?;
    Ok(stop)
}

fn unusable() -> AttemptError {
    let message = "the system cannot start a thread or a timer to wait for the network".to_owned();
    AttemptError::permanent(message, None)
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// The task ends only after the wait, so a wait that depends on it would never end.
    #[test]
    fn a_connection_that_is_always_busy_delays_neither_the_limit_nor_an_interrupt() {
        for interrupted in [false, true] {
            let interrupt = Interrupt::new();
            let waiting = NetworkWait::new(interrupt.clone()).unwrap();
            let done = Arc::new(AtomicBool::new(false));
            let (end, waits) = (Arc::clone(&done), thread::current().id());
            waiting.runtime.spawn(async move {
                while thread::current().id() == waits {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                if interrupted {
                    interrupt.raise();
                }
                while !end.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
            });
            let limit = if interrupted { Duration::MAX } else { INTERRUPT_POLL * 2 };
            let late = || AttemptError::transient("late".to_owned());
            let ended = waiting.wait(limit, pending::<Result<(), _>>(), late);
            assert!(ended.is_err());
            done.store(true, Ordering::Relaxed);
        }
    }

    struct StartsTaskWhenDropped;

    impl Drop for StartsTaskWhenDropped {
        fn drop(&mut self) {
            tokio::spawn(async {});
        }
    }

    #[test]
    fn abandoned_work_can_spawn_tasks() {
        for limit in [Duration::ZERO, INTERRUPT_POLL * 2] {
            let waiting = NetworkWait::new(Interrupt::new()).unwrap();
            let work = async {
                let _starts = StartsTaskWhenDropped;
                pending::<Result<(), _>>().await
            };
            let late = || AttemptError::transient("late".to_owned());
            assert!(waiting.wait(limit, work, late).is_err(), "{limit:?}");
        }
    }
}
