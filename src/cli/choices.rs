//! Options with a fixed set of values. The configuration file shares them, and needs nothing else
//! from the command line.

use clap::ValueEnum;

/// An output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatName {
    /// Aligned columns for people
    Table,
    /// {"results":[…]}, as the API sends it
    Json,
    /// One row per line
    #[value(alias = "ndjson")]
    Jsonl,
    /// RFC 4180, every documented field
    Csv,
    /// Tab-separated, every documented field
    Tsv,
    /// `<omniLogsResponse>` with one `<results>` per message
    Xml,
    /// Markdown for tickets and chats, redacted
    Md,
    /// Metrics in the text format of Prometheus (stats)
    Prometheus,
}

impl FormatName {
    /// Whether people read it.
    pub(crate) fn is_for_people(self) -> bool {
        matches!(self, Self::Table | Self::Md)
    }

    /// Whether errors are reported as JSON on the last line of standard error.
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

/// A response format that can be requested from the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BodyName {
    Json,
    Xml,
}
