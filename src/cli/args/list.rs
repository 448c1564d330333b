//! What selects, formats and supplies the messages of a listing.

use clap::Args;

use super::{FilterArgs, FormatArgs, LocalFilterArgs, OriginArgs};

/// What list and follow take.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    #[command(flatten)]
    pub(crate) local: LocalFilterArgs,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
    #[command(flatten)]
    pub(crate) origin: OriginArgs,
}
