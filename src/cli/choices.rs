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
    // As the textfile collector of node_exporter reads it.
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

    /// Whether people read it.
    pub(crate) fn is_for_people(self) -> bool {
        matches!(self, Self::Table | Self::Md)
    }

    /// Whether it shows rows in columns, which can be chosen.
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
pub(crate) enum BodyName {
    Json,
    Xml,
}
