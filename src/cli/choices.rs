//! The options with a fixed set of values. They are apart from the other options because the
//! configuration file has the same values, and must not depend on the command line.

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
    #[value(help = "<omniLogsResponse> with one <results> per message")]
    Xml,
    /// Markdown for tickets and chats, redacted unless --redact=none
    Md,
    /// Metrics in the text format of Prometheus (stats)
    Prometheus,
    /// An Excel workbook, into a file only
    Xlsx,
}

/// The extensions of file names, each with the format that it chooses.
const EXTENSIONS: [(&str, FormatName); 11] = [
    ("txt", FormatName::Table),
    ("json", FormatName::Json),
    ("jsonl", FormatName::Jsonl),
    ("ndjson", FormatName::Jsonl),
    ("csv", FormatName::Csv),
    ("tsv", FormatName::Tsv),
    ("xml", FormatName::Xml),
    ("md", FormatName::Md),
    ("markdown", FormatName::Md),
    ("xlsx", FormatName::Xlsx),
    // The textfile collector of node_exporter reads files with this extension.
    ("prom", FormatName::Prometheus),
];

impl FormatName {
    /// The format that the extension of a file name chooses, in any letter case.
    pub(crate) fn of_extension(extension: &str) -> Option<Self> {
        let found = EXTENSIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(extension));
        found.map(|(_, format)| *format)
    }

    /// Every extension that chooses a format.
    pub(crate) fn extensions() -> impl Iterator<Item = &'static str> {
        EXTENSIONS.iter().map(|(extension, _)| *extension)
    }

    /// Whether the format is for people, and not for programs.
    pub(crate) fn is_for_people(self) -> bool {
        matches!(self, Self::Table | Self::Md)
    }

    /// Whether the format has columns, which can be chosen.
    pub(crate) fn has_columns(self) -> bool {
        !matches!(self, Self::Json | Self::Jsonl | Self::Xml | Self::Prometheus)
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
pub(crate) enum AcceptName {
    Json,
    Xml,
}
