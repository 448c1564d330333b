//! Notifies systemd that the service is ready, of its status, and that it is alive. Without systemd it
//! does nothing.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use omnilogs::clock::Clock;
use sd_notify::NotifyState;

use super::environment::Environment;

/// A shorter pause would keep the processor busy.
const MIN_PAUSE: Duration = Duration::from_millis(1);

/// The service manager that has started this program, if any.
pub(crate) struct ServiceManager {
    is_present: bool,
}

impl ServiceManager {
    /// The service manager that the environment names.
    pub(crate) fn of(environment: &Environment) -> Self {
        Self { is_present: environment.has("NOTIFY_SOCKET") }
    }

    /// Notifies that the service has started.
    pub(crate) fn ready(&self) {
        self.send(&[NotifyState::Ready, NotifyState::Watchdog]);
    }

    /// Notifies that the service is alive, with its status as a sentence.
    pub(crate) fn status(&self, text: &str) {
        self.send(&[NotifyState::Status(text), NotifyState::Watchdog]);
    }

    /// A clock whose sleeps notify the watchdog of the service manager; the same clock without a
    /// watchdog.
    pub(crate) fn watched(self, clock: Arc<dyn Clock>) -> Arc<dyn Clock> {
        let limit = sd_notify::watchdog_enabled().filter(|_| self.is_present);
        match limit.and_then(notification_pause) {
            Some(pause) => Arc::new(WatchedClock { clock, pause, manager: self }),
            None => clock,
        }
    }

    fn send(&self, states: &[NotifyState<'_>]) {
        if self.is_present {
            // The service runs without a service manager that listens, too.
            let _ = sd_notify::notify(states);
        }
    }
}

/// The time between two notifications of a watchdog with this limit; `None` for a limit that is too
/// short for a pause, as is 0, which turns the watchdog off.
///
/// systemd recommends half of the limit. A third leaves room for a pause that a busy machine extends.
fn notification_pause(limit: Duration) -> Option<Duration> {
    Some(limit / 3).filter(|pause| *pause >= MIN_PAUSE)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watchdog_without_a_limit_gets_no_notifications() {
        let pause = |micros| notification_pause(Duration::from_micros(micros));
        assert_eq!(pause(0), None);
        assert_eq!(pause(2), None);
        assert_eq!(pause(30_000_000), Some(Duration::from_secs(10)));
    }
}
