//! Options that choose the archive.

use std::path::{Path, PathBuf};

use clap::Args;

/// Which archive is used.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Archive")]
pub(crate) struct ArchiveLocationArgs {
    /// Use this archive instead of that of the profile or of the user
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) archive: Option<PathBuf>,

    /// Use an archive on a network file system, where it can be damaged
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) allow_network_archive: bool,
}

impl ArchiveLocationArgs {
    /// The path that was typed.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.archive.as_deref().filter(|path| !path.as_os_str().is_empty())
    }
}
