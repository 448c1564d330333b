//! Options that replace the API as the source of messages.

use std::path::PathBuf;

use clap::Args;

/// The source that can be polled.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Source")]
pub(crate) struct SandboxSourceArgs {
    /// Use a server inside the program, with generated traffic; needs no account
    #[arg(long)]
    pub(crate) sandbox: bool,

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

    /// Read saved responses instead (- for standard input): JSON, JSON lines or XML
    #[arg(long, value_name = "FILE", conflicts_with = "sandbox")]
    pub(crate) input: Option<PathBuf>,
}
