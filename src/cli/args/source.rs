//! Where the logs come from, when not from the API.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Source")]
pub(crate) struct OriginArgs {
    /// Ask a server inside the program, with made-up traffic; needs no account
    #[arg(long, conflicts_with = "input")]
    pub(crate) sandbox: bool,

    /// Makes other traffic for --sandbox; the same seed makes the same
    #[arg(long, value_name = "N", requires = "sandbox", hide_short_help = true)]
    pub(crate) seed: Option<u64>,

    /// Read saved responses instead (- for standard input): JSON, JSON lines or XML
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
}
