//! Options of the connection to the API, and options that every command takes.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueHint};
use clap_complete::engine::ArgValueCompleter;

use super::{completion, values};
use crate::choices::{AcceptName, ColourChoice, FormatName};

#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct ConnectionArgs {
    /// Output format [default: table]
    #[arg(short, long, value_name = "FORMAT", global = true, ignore_case = true)]
    pub(crate) output: Option<FormatName>,

    /// When to use colour; NO_COLOR, CLICOLOR, CLICOLOR_FORCE and TERM=dumb are respected
    #[arg(long, alias = "colour", value_name = "WHEN", global = true, ignore_case = true)]
    pub(crate) color: Option<ColourChoice>,

    /// Write to the terminal without a pager
    ///
    /// On a terminal, a listing longer than the screen goes through the pager of OMNILOGS_PAGER, the
    /// configuration file or PAGER, or through less -FIRX. An empty value or cat means none.
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) no_pager: bool,

    /// Time zone for reading and showing times: Europe/Zagreb, +02:00
    #[arg(short = 'z', long, value_name = "TZ", global = true, allow_hyphen_values = true, value_parser = values::zone,
          add = ArgValueCompleter::new(completion::zones))]
    pub(crate) timezone: Option<omnilogs::zone::Zone>,

    /// The same as --timezone UTC
    #[arg(long, global = true, conflicts_with = "timezone")]
    pub(crate) utc: bool,

    /// Show requests and responses with secrets masked; twice for headers
    #[arg(short, long, action = ArgAction::Count, global = true)]
    pub(crate) verbose: u8,

    /// Omit summaries, warnings and progress; errors are still shown
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Profile in the configuration file
    #[arg(short, long, value_name = "NAME", global = true, help_heading = "Connection")]
    pub(crate) profile: Option<String>,

    /// Configuration file to read instead of the default one
    #[arg(long, value_name = "FILE", global = true, help_heading = "Connection", hide_short_help = true, value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// Base URL of the account: xxxxx.api.infobip.com
    #[arg(long, value_name = "URL", global = true, help_heading = "Connection")]
    pub(crate) base_url: Option<String>,

    /// Read the API key from a file (- for standard input)
    #[arg(long, value_name = "FILE", global = true, help_heading = "Connection", hide_short_help = true, value_hint = ValueHint::FilePath)]
    pub(crate) api_key_file: Option<PathBuf>,

    /// Response format to request from the API; the rows are the same [default: json]
    #[arg(
        long,
        value_name = "BODY",
        global = true,
        help_heading = "Connection",
        hide_short_help = true,
        ignore_case = true
    )]
    pub(crate) accept: Option<AcceptName>,

    /// Maximum time for one attempt of a request, body included [default: 60s]
    #[arg(long, value_name = "DURATION", global = true, help_heading = "Connection", hide_short_help = true, value_parser = values::duration)]
    pub(crate) request_timeout: Option<std::time::Duration>,

    /// Number of retries after a transient error, 0 to 10 [default: 3]
    #[arg(long, value_name = "N", global = true, help_heading = "Connection", hide_short_help = true, value_parser = clap::value_parser!(u32).range(0..=10))]
    pub(crate) retries: Option<u32>,

    /// Maximum total wait for a server that throttles or fails [default: 60s]
    #[arg(long, value_name = "DURATION", global = true, help_heading = "Connection", hide_short_help = true, value_parser = values::duration)]
    pub(crate) max_wait: Option<std::time::Duration>,

    /// Maximum number of requests per minute, 0 for no limit [default: 120/m]
    #[arg(long, value_name = "N/m", global = true, help_heading = "Connection", hide_short_help = true, value_parser = values::rate)]
    pub(crate) rate: Option<values::RateLimit>,

    /// Trust this certificate authority (PEM) and no other
    #[arg(long, value_name = "FILE", global = true, help_heading = "Connection", hide_short_help = true, value_hint = ValueHint::FilePath)]
    pub(crate) cacert: Option<PathBuf>,

    /// Print each request as a curl command, with a variable for the secret; send nothing
    #[arg(long, global = true, help_heading = "Connection")]
    pub(crate) dry_run: bool,
}
