//! Options that choose the archive, and decide how it is read.

use std::path::{Path, PathBuf};

use clap::Args;

/// The archive that a command uses.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Archive")]
pub(crate) struct ArchiveLocationArgs {
    /// Use this archive instead of that of the profile or of the user
    ///
    /// A file, or a PostgreSQL server such as postgres://user@host/database. A password does not
    /// belong on a command line: keep it in PGPASSWORD or in ~/.pgpass.
    #[arg(long, value_name = "FILE|URL", global = true)]
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

/// The archive as the source of messages.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Source")]
pub(crate) struct ArchiveSourceArgs {
    /// Read the archive instead of the API; nothing is sent
    ///
    /// It is a file, or a PostgreSQL server such as postgres://user@host/database. Without a value,
    /// the archive is that of OMNILOGS_ARCHIVE, of the profile, or of the user. The exit status is 3
    /// when messages of the requested time may be missing from it.
    // Its own id distinguishes it from the global option of `omnilogs archive`.
    #[arg(
        id = "from_archive",
        long = "archive",
        value_name = "FILE|URL",
        num_args = 0..=1,
        require_equals = true,
        conflicts_with_all = ["sandbox", "input"]
    )]
    #[expect(clippy::option_option, reason = "the option may be given without a value")]
    pub(crate) archive: Option<Option<PathBuf>>,

    /// Exit with 0 although messages may be missing from the archive
    // clap does not require an option while another one excludes it, so the excluded ones are listed
    // here, too.
    #[arg(
        long,
        requires = "from_archive",
        conflicts_with_all = ["sandbox", "input"],
        hide_short_help = true
    )]
    pub(crate) allow_gaps: bool,

    /// Read an archive on a network file system, where it can be damaged
    #[arg(
        id = "from_network_archive",
        long = "allow-network-archive",
        requires = "from_archive",
        conflicts_with_all = ["sandbox", "input"],
        hide_short_help = true
    )]
    pub(crate) allow_network_archive: bool,
}

impl ArchiveSourceArgs {
    /// Whether the archive is read.
    pub(crate) const fn is_given(&self) -> bool {
        self.archive.is_some()
    }

    /// The location of the archive that is read.
    pub(crate) fn location(&self) -> ArchiveLocationArgs {
        ArchiveLocationArgs {
            archive: self.archive.clone().flatten(),
            allow_network_archive: self.allow_network_archive,
        }
    }
}
