//! Options of the output. Each command has only the groups that apply to it, so that clap refuses the
//! others.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use clap_complete::engine::ArgValueCompleter;

use super::{completion, values};

/// Options of every output.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Write to a file, completely or not at all; - for standard output
    ///
    /// Without -o, the extension of the file chooses the format: json, jsonl, ndjson, csv, tsv, xml,
    /// md, xlsx, prom, or txt for a table.
    #[arg(short = 'O', long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub(crate) output_file: Option<PathBuf>,

    /// Omit the header line (table, csv, tsv, xlsx)
    #[arg(long)]
    pub(crate) no_header: bool,

    /// Hide personal data: to, from, text, or some of them
    ///
    /// A number keeps its country code and last two digits; a text is replaced by its length.
    /// Numbers and e-mail addresses are hidden wherever they are in the row. Unknown fields are
    /// hidden too, since they can contain anything.
    #[arg(long, value_name = "WHAT", num_args = 0..=1, require_equals = true,
          default_missing_value = "to,from,text", value_parser = values::redaction,
          add = ArgValueCompleter::new(completion::redactions))]
    pub(crate) redact: Option<omnilogs::redaction::Redaction>,

    /// Protect spreadsheets from formulas: put a ' in front of them in csv and tsv cells
    ///
    /// A formula can start at the beginning of a cell and after a separator or a line break in it,
    /// also behind invisible characters. Plain numbers are not changed.
    #[arg(long, hide_short_help = true)]
    pub(crate) csv_safe: bool,

    /// Separate the cells of csv by this character instead of a comma: ';', '|' or tab
    #[arg(long, value_name = "CHAR", value_parser = values::delimiter, hide_short_help = true)]
    pub(crate) delimiter: Option<u8>,

    /// Begin csv and tsv with a byte order mark, so that Excel recognizes UTF-8
    #[arg(long, hide_short_help = true)]
    pub(crate) csv_bom: bool,
}

/// Options of outputs that show rows.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct RowArgs {
    /// Columns of table, csv, tsv, md and xlsx: sentAt,to,result,why,country
    #[arg(long, alias = "fields", value_name = "LIST", add = ArgValueCompleter::new(completion::columns))]
    pub(crate) columns: Option<String>,

    /// Show more columns, such as the exact status and error
    ///
    /// A status that is not final is followed by ~. If the table does not fit the terminal, each field is on its own line.
    #[arg(short = 'w', long)]
    pub(crate) wide: bool,

    /// Do not shorten table cells
    #[arg(long)]
    pub(crate) no_truncate: bool,

    /// Filter the JSON output with a jq program; strings are written raw
    ///
    /// With -o json (the default with --jq) the program gets the whole document, {"results":[…]};
    /// with -o jsonl it gets one row at a time, in constant memory. Its environment ($ENV) is
    /// empty. halt ends the output with exit status 0, halt_error with 1.
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub(crate) jq: Option<String>,
}

/// Options that make the exit status depend on the messages.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct ConditionArgs {
    /// Exit with status 10 if no message was shown
    #[arg(long, hide_short_help = true)]
    pub(crate) fail_on_empty: bool,
}

/// Options of a listing. Those outside the flattened groups need a result with an end.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct FormatArgs {
    #[command(flatten)]
    pub(crate) rows: RowArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) condition: ConditionArgs,

    /// Sort a page by columns, - for descending order: status.name,-sentAt
    ///
    /// Timestamps are compared as instants, numbers and prices by their exact value, anything else
    /// as text. Rows without a value come last; equal rows keep their order. Sorts a single page,
    /// up to --limit 1000, or a whole --input, which is then held in memory.
    #[arg(long, value_name = "KEY", allow_hyphen_values = true, add = ArgValueCompleter::new(completion::sort_keys))]
    pub(crate) sort: Option<String>,

    /// Continue the output file of an interrupted run (jsonl, csv, tsv)
    ///
    /// Until the result is complete, its rows are in PATH.partial and its state in
    /// PATH.checkpoint; the same command with the same credentials continues from there. The window
    /// is that of the first run: if a relative time such as 2h now means a window that is later by
    /// more than a tenth, the exit status is 3 and the message names the time range that the file
    /// lacks.
    #[arg(long, hide_short_help = true)]
    pub(crate) resume: bool,

    /// Exit with status 10 if a message was shown
    #[arg(long, conflicts_with = "fail_on_empty", hide_short_help = true)]
    pub(crate) fail_on_match: bool,

    /// Write a JSON report of the run: filters, window, pages, rows, gaps, SHA-256 of the output
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) manifest: Option<PathBuf>,
}
