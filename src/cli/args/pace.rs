//! Options of polling in `follow`.

use std::time::Duration;

use clap::Args;

use super::values::{duration, interval};

/// Options of polling in `follow`.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Follow")]
pub(crate) struct PaceArgs {
    /// Time between two polls, at least 1s [default: 5s]
    #[arg(long, value_name = "DURATION", value_parser = interval)]
    pub(crate) interval: Option<Duration>,

    /// How far back to look for late messages and changed statuses [default: 15m]
    ///
    /// A message whose status changes is shown again; in the JSON formats such a row ends with
    /// "omnilogs":{"previousStatus":…}.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) lookback: Option<Duration>,

    /// End after this time, which includes all waits for the server [default: run until Ctrl-C]
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub(crate) time: Option<Duration>,
}

impl PaceArgs {
    /// The first flag that was given, for the error message of a run that does not follow.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let Self { interval, lookback, time } = self;
        [("--interval", interval), ("--lookback", lookback), ("--for", time)]
            .into_iter()
            .find_map(|(flag, value)| value.map(|_| flag))
    }
}
