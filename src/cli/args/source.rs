//! Where the messages come from, when not from the API.

use std::path::PathBuf;

use clap::Args;

/// What can be read again and again.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Source")]
pub(crate) struct SandboxSourceArgs {
    /// Ask a server inside the program, with made-up traffic; needs no account
    #[arg(long)]
    pub(crate) sandbox: bool,

    /// Makes other traffic for --sandbox; the same seed makes the same
    #[arg(long, value_name = "N", requires = "sandbox", hide_short_help = true)]
    pub(crate) seed: Option<u64>,
}

/// What can be read once, too.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Source")]
pub(crate) struct OriginArgs {
    #[command(flatten)]
    pub(crate) server: SandboxSourceArgs,

    /// Read saved responses instead (- for standard input): JSON, JSON lines or XML
    #[arg(long, value_name = "FILE", conflicts_with = "sandbox")]
    pub(crate) input: Option<PathBuf>,
}
