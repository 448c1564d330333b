//! How the API is reached, and what every command shares.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueHint};
use clap_complete::engine::ArgValueCompleter;

use super::{completion, values};
use crate::choices::{BodyName, ColourChoice, FormatName};

#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct ConnectionArgs {
    /// Format of what is printed [default: table]
    #[arg(short, long, value_name = "FORMAT", global = true)]
    pub(crate) output: Option<FormatName>,

    /// When to colour: NO_COLOR, CLICOLOR, CLICOLOR_FORCE and TERM=dumb are heeded
    #[arg(long, alias = "colour", value_name = "WHEN", global = true)]
    pub(crate) color: Option<ColourChoice>,

    /// Time zone in which times are read and shown: Europe/Zagreb, +02:00
    #[arg(short = 'z', long, value_name = "TZ", global = true, allow_hyphen_values = true, value_parser = values::zone)]
    pub(crate) timezone: Option<omnilogs::zone::Zone>,

    /// The same as --timezone UTC
    #[arg(long, global = true, conflicts_with = "timezone")]
    pub(crate) utc: bool,

    /// Show requests, answers and sizes; twice shows headers
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub(crate) verbose: u8,

    /// No summary, warnings or progress; errors stay
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Profile of the configuration file
    #[arg(short, long, value_name = "NAME", global = true, help_heading = "Connection",
          add = ArgValueCompleter::new(completion::profiles))]
    pub(crate) profile: Option<String>,

    /// Configuration file to read instead of the user's
    #[arg(long, value_name = "FILE", global = true, help_heading = "Connection", hide_short_help = true, value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// Base URL of the account: xxxxx.api.infobip.com
    #[arg(long, value_name = "URL", global = true, help_heading = "Connection")]
    pub(crate) base_url: Option<String>,

    /// Read the API key from a file (- for standard input)
    #[arg(long, value_name = "FILE", global = true, help_heading = "Connection", hide_short_help = true, value_hint = ValueHint::FilePath)]
    pub(crate) api_key_file: Option<PathBuf>,

    /// Body that is asked of the API; the rows are the same [default: json]
    #[arg(
        long,
        value_name = "BODY",
        global = true,
        help_heading = "Connection",
        hide_short_help = true
    )]
    pub(crate) accept: Option<BodyName>,

    /// How long one attempt of a request may take, body included [default: 60s]
    #[arg(long, value_name = "DURATION", global = true, help_heading = "Connection", hide_short_help = true, value_parser = values::duration)]
    pub(crate) request_timeout: Option<std::time::Duration>,

    /// Further attempts after a passing fault, 0 to 10 [default: 3]
    #[arg(long, value_name = "N", global = true, help_heading = "Connection", hide_short_help = true, value_parser = clap::value_parser!(u32).range(0..=10))]
    pub(crate) retries: Option<u32>,

    /// Longest wait for a throttled or failing server, in all [default: 60s]
    #[arg(long, value_name = "DURATION", global = true, help_heading = "Connection", hide_short_help = true, value_parser = values::duration)]
    pub(crate) max_wait: Option<std::time::Duration>,

    /// Most requests a minute, 0 for no limit of our own [default: 120/m]
    #[arg(long, value_name = "N/m", global = true, help_heading = "Connection", hide_short_help = true, value_parser = values::rate)]
    pub(crate) rate: Option<values::Rate>,

    /// Trust this certificate authority (PEM), and no other
    #[arg(long, value_name = "FILE", global = true, help_heading = "Connection", hide_short_help = true, value_hint = ValueHint::FilePath)]
    pub(crate) cacert: Option<PathBuf>,

    /// Print each request as a curl command, the secret as a variable; send nothing
    #[arg(long, global = true, help_heading = "Connection")]
    pub(crate) dry_run: bool,
}
