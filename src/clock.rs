//! The clock and the interrupt, behind a trait so that tests can use virtual time.
//!
//! Nothing here decides how long to wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// A request to stop the run (Ctrl-C, SIGTERM). It ends every wait at once. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    flag: Arc<AtomicBool>,
    waiting: Arc<(Mutex<()>, Condvar)>,
}

impl Interrupt {
    /// An interrupt that is not raised.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests that the run stops.
    pub fn raise(&self) {
        self.flag.store(true, Ordering::SeqCst);
        let (lock, waiting) = &*self.waiting;
        // A wait that has checked the flag holds the lock until it can be notified.
        drop(lock.lock().unwrap_or_else(PoisonError::into_inner));
        waiting.notify_all();
    }

    /// The flag of the interrupt, for a signal handler, which must not take a lock. Setting it ends no
    /// wait: [`Interrupt::raise`] must follow.
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.flag)
    }

    /// Whether the run must stop.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.flag.load(Ordering::SeqCst)
    }

    /// Whether the run must stop, also because of a signal that was sent before this call and not
    /// delivered yet. At the end of an input, the input may be incomplete because the same signal ended
    /// the program that wrote it.
    ///
    /// A signal to the process goes to its main thread, which handles it at the latest when it returns
    /// from a system call. So only the main thread learns of every signal.
    #[must_use]
    pub fn is_raised_by_now(&self) -> bool {
        thread::yield_now();
        self.is_raised()
    }

    /// Waits at most this long. Returns `true` if the interrupt was raised before or during the
    /// wait.
    #[must_use]
    pub fn wait(&self, at_most: Duration) -> bool {
        let (lock, waiting) = &*self.waiting;
        let guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
        drop(
            waiting
                .wait_timeout_while(guard, at_most, |()| !self.is_raised())
                .unwrap_or_else(PoisonError::into_inner),
        );
        self.is_raised()
    }
}

/// The current time, a monotonic clock, and a way to sleep.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> DateTime<Utc>;
    /// The time since a fixed instant; it never decreases.
    fn elapsed(&self) -> Duration;
    /// Sleeps for this long. Returns `true` if an interrupt ended the sleep early.
    fn sleep(&self, how_long: Duration) -> bool;
}

/// The clock of the system.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
    interrupt: Interrupt,
}

impl SystemClock {
    /// Creates a clock whose sleeps end when `interrupt` is raised.
    #[must_use]
    pub fn new(interrupt: Interrupt) -> Self {
        Self { started: Instant::now(), interrupt }
    }
}

/// A clock whose sleeps are never interrupted.
impl Default for SystemClock {
    fn default() -> Self {
        Self::new(Interrupt::new())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, how_long: Duration) -> bool {
        self.interrupt.wait(how_long)
    }
}
