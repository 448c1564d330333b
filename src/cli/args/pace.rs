//! Options of `follow` that decide how it polls.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::values::{duration, interval};

/// Options of `follow` that decide how it polls, when it ends and where it continues.
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

    /// Continue where an earlier run with this file ended, and record there what is shown
    ///
    /// The file is created when it does not exist, and replaced in one step. No row that the source
    /// still has is lost. A run that ends by itself, by Ctrl-C or by SIGTERM repeats none; after a kill,
    /// rows of the last poll may come twice in a pipe. With --output-file, rows are appended to the
    /// file (jsonl, csv, tsv), each exactly once, even after a kill. Another query or account is
    /// refused.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) state: Option<PathBuf>,

    /// Continue from --state although the credentials changed: they belong to the same account
    #[arg(long, requires = "state", hide_short_help = true)]
    pub(crate) same_account: bool,
}

impl PaceArgs {
    /// The first flag that was given, for the error message of a run that does not follow.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let Self { interval, lookback, time, state, same_account } = self;
        let given = [
            ("--interval", interval.is_some()),
            ("--lookback", lookback.is_some()),
            ("--for", time.is_some()),
            ("--state", state.is_some()),
            ("--same-account", *same_account),
        ];
        given.into_iter().find_map(|(flag, is_given)| is_given.then_some(flag))
    }
}
