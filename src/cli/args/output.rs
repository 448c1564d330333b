//! How the answer is shown. Each command takes the groups that mean something to it, so that clap
//! refuses the rest.

use std::path::PathBuf;

use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use super::{completion, values};

/// What applies to every output.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Leave the header line out (table, csv, tsv)
    #[arg(long)]
    pub(crate) no_header: bool,

    /// Hide personal data: to, from, text, or some of them
    ///
    /// Numbers keep their country code and last two digits, a text becomes its length. The numbers
    /// and e-mail addresses are hidden wherever they stand in the row. Fields that are not known
    /// are hidden too, since they can hold anything.
    #[arg(long, value_name = "WHAT", num_args = 0..=1, require_equals = true,
          default_missing_value = "to,from,text", value_parser = values::redaction)]
    pub(crate) redact: Option<omnilogs::redaction::Redaction>,

    /// Guard spreadsheets: a ' in csv and tsv cells before what would start a formula
    ///
    /// A formula can start at the beginning of a cell and after a separator or a line end inside
    /// it, also behind characters that are not shown. Plain numbers stay as they are.
    #[arg(long, hide_short_help = true)]
    pub(crate) csv_safe: bool,

    /// Write to a file, whole or not at all; - is standard output
    #[arg(long, value_name = "PATH")]
    pub(crate) output_file: Option<PathBuf>,
}

/// What applies where rows are shown.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct RowArgs {
    /// Columns for table, csv, tsv: messageId,status.name,latency,final,why
    #[arg(long, alias = "fields", value_name = "LIST", add = ArgValueCompleter::new(completion::columns))]
    pub(crate) columns: Option<String>,

    /// More columns, why a message failed among them
    ///
    /// Where no table fits the terminal, a field a line.
    #[arg(short = 'w', long)]
    pub(crate) wide: bool,

    /// Show table cells whole
    #[arg(long)]
    pub(crate) no_truncate: bool,

    /// Run a jq program over the JSON output; texts come out raw
    ///
    /// With -o json (the default here) it sees the whole envelope, {"results":[…]}; with -o jsonl
    /// one row at a time, which keeps memory flat. Its environment ($ENV) is empty; halt ends the
    /// output with status 0, halt_error with status 1.
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub(crate) jq: Option<String>,
}

/// What listing takes.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct FormatArgs {
    #[command(flatten)]
    pub(crate) rows: RowArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,

    /// Sort a page by columns: status.name,-sentAt; - the greatest first
    ///
    /// Moments are sorted by instant, numbers and prices exactly, all else as text; rows without
    /// a value come last, equal ones stay as they came. A single page is sorted: up to --limit
    /// 1000, or all of a file with --input, which is then held in memory.
    #[arg(long, value_name = "KEY", allow_hyphen_values = true, add = ArgValueCompleter::new(completion::sort_keys))]
    pub(crate) sort: Option<String>,

    /// Keep what an interrupted run has written, and continue it (jsonl, csv, tsv)
    ///
    /// Until the result is complete, the rows are in PATH.partial and the proof of them is in
    /// PATH.checkpoint; the same command with the same credentials continues from both. Times that
    /// are relative to now are those of the first run: what it does not cover is named, and the
    /// exit status is 3 when that is more than a tenth of the window.
    #[arg(long, requires = "output_file", hide_short_help = true)]
    pub(crate) resume: bool,

    /// Write what was asked and found as JSON: window, pages, rows, gaps, SHA-256 of the output
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) manifest: Option<PathBuf>,

    /// End with 10 when no message was shown
    #[arg(long, hide_short_help = true)]
    pub(crate) fail_on_empty: bool,
}
