//! Options of a listing: filters, format and source.

use clap::Args;

use super::{FilterArgs, FormatArgs, LocalFilterArgs, OriginArgs};

/// Options that list and follow share.
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
