//! An account on a sandbox server in the process of the test.

use chrono::{TimeDelta, Utc};
use omnilogs::sandbox::{Sandbox, SandboxOptions};

use super::command::{Omnilogs, omnilogs};

/// An account without a rate limit, whose messages were sent in the last hours, 48 at most. All 48 have
/// 20,000 messages, which the development build takes seconds to store in an archive.
pub fn account(hours: i64) -> Sandbox {
    let mut options = SandboxOptions::default();
    options.now = Utc::now() + TimeDelta::hours(48 - hours);
    options.rate_per_minute = 0;
    Sandbox::start(options).unwrap()
}

/// A run with the base URL and the key of an account.
pub fn on_account(account: &Sandbox) -> Omnilogs {
    omnilogs().at(&account.base_url()).env("OMNILOGS_API_KEY", account.api_key())
}
