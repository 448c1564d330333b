//! Tells systemd that the service is ready, what it does, and that it is alive. Without systemd,
//! nothing happens.

use std::time::Duration;

use sd_notify::NotifyState;

use super::environment::Environment;

/// The longest pause between two signs of life, when the service manager sets no time.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// The service manager that has started this program, if any.
pub(crate) struct ServiceManager {
    is_there: bool,
    watchdog: Option<Duration>,
}

impl ServiceManager {
    /// That of this environment.
    pub(crate) fn of(environment: &Environment) -> Self {
        let is_there = environment.has("NOTIFY_SOCKET");
        let watchdog = if is_there { sd_notify::watchdog_enabled() } else { None };
        Self { is_there, watchdog }
    }

    /// The service has started.
    pub(crate) fn ready(&self) {
        self.send(&[NotifyState::Ready, NotifyState::Watchdog]);
    }

    /// What the service does, as a sentence.
    pub(crate) fn status(&self, text: &str) {
        self.send(&[NotifyState::Status(text)]);
    }

    /// The service is alive.
    pub(crate) fn alive(&self) {
        if self.watchdog.is_some() {
            self.send(&[NotifyState::Watchdog]);
        }
    }

    /// How long the service may wait between two signs of life.
    pub(crate) fn pause(&self) -> Duration {
        self.watchdog.map_or(MAX_PAUSE, |limit| (limit / 3).min(MAX_PAUSE))
    }

    fn send(&self, states: &[NotifyState<'_>]) {
        if self.is_there {
            // A service manager that does not listen changes nothing for the service.
            let _ = sd_notify::notify(states);
        }
    }
}
