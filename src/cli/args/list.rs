//! Options of a listing: filters, format and source.

use clap::Args;

use super::{ExtentArgs, FilterArgs, FormatArgs, LocalFilterArgs, OriginArgs};

/// Options of a listing. Its groups are of two kinds: those that `follow` takes too, and those of a
/// result with an end.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    #[command(flatten)]
    pub(crate) extent: ExtentArgs,
    #[command(flatten)]
    pub(crate) local: LocalFilterArgs,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
    #[command(flatten)]
    pub(crate) origin: OriginArgs,

    /// List every version of each message in the archive, with the time when it was first seen (seenAt)
    ///
    /// The version that was seen last comes first. The filters apply to the current version of a
    /// message, also those that are applied locally, such as --final; --limit counts versions.
    #[arg(
        long,
        help_heading = "Source",
        requires = "from_archive",
        conflicts_with_all = ["sandbox", "input"],
        hide_short_help = true
    )]
    pub(crate) versions: bool,
}
