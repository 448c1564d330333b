//! Tells systemd that the service is ready, what it does, and that it is alive. Without systemd,
//! nothing happens.

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
    /// That of this environment.
    pub(crate) fn of(environment: &Environment) -> Self {
        Self { is_there: environment.has("NOTIFY_SOCKET") }
    }

    /// The service has started.
    pub(crate) fn ready(&self) {
        self.send(&[NotifyState::Ready, NotifyState::Watchdog]);
    }

    /// The service is alive; what it does, as a sentence.
    pub(crate) fn status(&self, text: &str) {
        self.send(&[NotifyState::Status(text), NotifyState::Watchdog]);
    }

    /// A clock whose sleeps tell the watchdog of the service manager that the service is alive; the
    /// same clock when there is no watchdog.
    pub(crate) fn watched(self, clock: Arc<dyn Clock>) -> Arc<dyn Clock> {
        match sd_notify::watchdog_enabled().filter(|_| self.is_there) {
            // systemd recommends a sign of life after half of the time.
            Some(limit) => Arc::new(WatchedClock { clock, pause: limit / 3, manager: self }),
            None => clock,
        }
    }

    fn send(&self, states: &[NotifyState<'_>]) {
        if self.is_there {
            // A service manager that does not listen changes nothing for the service.
            let _ = sd_notify::notify(states);
        }
    }
}

/// A clock that gives a sign of life before each sleep, and at intervals during a long one.
struct WatchedClock {
    clock: Arc<dyn Clock>,
    /// The longest time without a sign of life.
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
