//! What time it is, and waiting: the seam through which tests give time of their own.
//!
//! Nothing here decides how long to wait.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// Somebody asked the run to stop (Ctrl-C, SIGTERM); waits end at once.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    state: Arc<(Mutex<bool>, Condvar)>,
}

impl Interrupt {
    /// One that nobody has raised.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the run to stop.
    pub fn raise(&self) {
        let (flag, waiting) = &*self.state;
        *flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
        waiting.notify_all();
    }

    /// Whether the run was asked to stop.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        *self.state.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits this long at most; `true` when it was raised before or meanwhile.
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

/// The time of day, a steady counter, and sleep.
pub trait Clock: Send + Sync {
    /// The time of day.
    fn now(&self) -> DateTime<Utc>;
    /// Time since some fixed moment; never goes back.
    fn elapsed(&self) -> Duration;
    /// Sleeps; `true` when the sleep was cut short because the run was asked to stop.
    fn sleep(&self, how_long: Duration) -> bool;
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
    interrupt: Interrupt,
}

impl SystemClock {
    /// The machine's clock, whose sleeps end when `interrupt` is raised.
    #[must_use]
    pub fn new(interrupt: Interrupt) -> Self {
        Self { started: Instant::now(), interrupt }
    }
}

/// A clock whose sleeps nothing cuts short.
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
