//! How a follow polls.

use std::time::Duration;

use clap::Args;

use super::values::{duration, interval};

/// How a follow goes on.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Following")]
pub(crate) struct PaceArgs {
    /// Time between two polls, at least 1s [default: 5s]
    #[arg(long, value_name = "DURATION", value_parser = interval)]
    pub(crate) interval: Option<Duration>,

    /// How far back messages may come late, and statuses change [default: 15m]
    ///
    /// A message whose status changes is shown again; JSON formats have
    /// "omnilogs":{"previousStatus":…} at the end of such a row.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) lookback: Option<Duration>,

    /// End after this time, which includes every wait for the server; never when not given
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub(crate) time: Option<Duration>,
}

impl PaceArgs {
    /// The first flag that was given, for a run that does not follow.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let Self { interval, lookback, time } = self;
        [("--interval", interval), ("--lookback", lookback), ("--for", time)]
            .into_iter()
            .find_map(|(flag, value)| value.map(|_| flag))
    }
}
