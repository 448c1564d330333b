//! A clock for tests.

use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, Utc};
use omnilogs::clock::Clock;

/// A clock that advances only when something sleeps.
#[derive(Default)]
pub(crate) struct VirtualClock(Mutex<Duration>);

impl Clock for VirtualClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + self.elapsed()
    }

    fn elapsed(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, how_long: Duration) -> bool {
        *self.0.lock().unwrap() += how_long;
        false
    }
}
