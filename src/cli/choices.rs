//! Words of which a flag takes one. The configuration file takes the same, and needs nothing else of
//! the command line.

use clap::ValueEnum;

/// A format of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatName {
    /// Aligned columns for people
    Table,
    /// {"results":[…]}, the API's own envelope
    Json,
    /// One row a line
    #[value(alias = "ndjson")]
    Jsonl,
    /// RFC 4180, every documented field
    Csv,
    /// Tab-separated, every documented field
    Tsv,
    /// `<omniLogsResponse>`, one `<results>` a message
    Xml,
}

impl FormatName {
    /// Whether errors are told as JSON on the last line of standard error.
    pub(crate) fn is_json(self) -> bool {
        matches!(self, Self::Json | Self::Jsonl)
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColourChoice {
    Auto,
    Always,
    Never,
}

/// A body that can be asked of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BodyName {
    Json,
    Xml,
}
