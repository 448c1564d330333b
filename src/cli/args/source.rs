//! Options that replace the API as the source of messages.

use std::path::PathBuf;

use clap::Args;
use omnilogs::sandbox::Scenario;

use super::{ArchiveSourceArgs, values};

/// The sandbox as a source that can be polled.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Source")]
pub(crate) struct SandboxSourceArgs {
    /// Use a server inside the program, with generated traffic; no account
    ///
    /// SCENARIO is what happens there: normal (the default); outage, where one network fails from 35
    /// minutes ago; slow; throttled, with HTTP 429; empty; or busy, with many pages.
    #[arg(
        long,
        value_name = "SCENARIO",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "normal",
        ignore_case = true,
        hide_possible_values = true,
        value_parser = values::scenario()
    )]
    pub(crate) sandbox: Option<Scenario>,

    /// Seed of the traffic of --sandbox; the same seed gives the same messages
    #[arg(long, value_name = "N", requires = "sandbox", hide_short_help = true)]
    pub(crate) seed: Option<u64>,
}

/// The source of a listing, which is read once.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Source")]
pub(crate) struct OriginArgs {
    #[command(flatten)]
    pub(crate) server: SandboxSourceArgs,

    /// Read saved responses: JSON, JSON lines or XML (- for standard input)
    #[arg(long, value_name = "FILE", conflicts_with = "sandbox")]
    pub(crate) input: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) archive: ArchiveSourceArgs,
}
