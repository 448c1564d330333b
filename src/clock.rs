//! The clock and the interrupt, behind a trait so that tests can use virtual time.
//!
//! Nothing here decides how long to wait.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// A request to stop the run (Ctrl-C, SIGTERM). It ends every wait at once. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    state: Arc<(Mutex<bool>, Condvar)>,
}

impl Interrupt {
    /// An interrupt that is not raised.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests that the run stops.
    pub fn raise(&self) {
        let (flag, waiting) = &*self.state;
        *flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
        waiting.notify_all();
    }

    /// Whether the run must stop.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        *self.state.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits at most this long. Returns `true` if the interrupt was raised before or during the
    /// wait.
    #[must_use]
    pub fn wait(&self, at_most: Duration) -> bool {
        let (flag, waiting) = &*self.state;
        let raised = flag.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting
            .wait_timeout_while(raised, at_most, |raised| !*raised)
            .unwrap_or_else(PoisonError::into_inner)
            .0
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
