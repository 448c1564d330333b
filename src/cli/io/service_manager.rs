//! Notifies systemd that the service is ready, of its status, and that it is alive. Without systemd it
//! does nothing.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use omnilogs::clock::Clock;
use sd_notify::NotifyState;

use super::environment::Environment;

/// The service manager that has started this program, if any.
pub(crate) struct ServiceManager {
    is_there: bool,
}

impl ServiceManager {
    /// The service manager that the environment names.
    pub(crate) fn of(environment: &Environment) -> Self {
        Self { is_there: environment.has("NOTIFY_SOCKET") }
    }

    /// Notifies that the service has started.
    pub(crate) fn ready(&self) {
        self.send(&[NotifyState::Ready, NotifyState::Watchdog]);
    }

    /// Notifies that the service is alive, with its status as a sentence.
    pub(crate) fn status(&self, text: &str) {
        self.send(&[NotifyState::Status(text), NotifyState::Watchdog]);
    }

    /// A clock whose sleeps notify the watchdog of the service manager; the same clock when there is no
    /// watchdog.
    pub(crate) fn watched(self, clock: Arc<dyn Clock>) -> Arc<dyn Clock> {
        match sd_notify::watchdog_enabled().filter(|_| self.is_there) {
            // systemd recommends a sign of life after half of the time.
            Some(limit) => Arc::new(WatchedClock { clock, pause: limit / 3, manager: self }),
            None => clock,
        }
    }

    fn send(&self, states: &[NotifyState<'_>]) {
        if self.is_there {
            // The service runs without a service manager that listens, too.
            let _ = sd_notify::notify(states);
        }
    }
}

/// A clock that notifies the watchdog before each sleep, and at intervals during a long one.
struct WatchedClock {
    clock: Arc<dyn Clock>,
    /// The longest time between two notifications.
    pause: Duration,
    manager: ServiceManager,
}

impl Clock for WatchedClock {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    fn sleep(&self, how_long: Duration) -> bool {
        let mut left = how_long;
        loop {
            self.manager.send(&[NotifyState::Watchdog]);
            let part = left.min(self.pause);
            if self.clock.sleep(part) {
                return true;
            }
            left = left.saturating_sub(part);
            if left.is_zero() {
                return false;
            }
        }
    }
}
