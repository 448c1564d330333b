//! Why an archive cannot be used. Texts are safe to show: they name files and servers, and never a
//! query value or the content of a message.

use super::lease::Holder;
use crate::source::SourceError;

/// Why an archive cannot be used. `name` is the path or the address of the archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no archive.
    #[error("there is no archive at {name}")]
    Missing {
        /// The path or the address.
        name: String,
    },
    /// The file or database is not an archive. It was not changed.
    #[error("{name} is not an archive: {reason}")]
    Foreign {
        /// The path or the address.
        name: String,
        /// What it is instead, as a clause.
        reason: String,
    },
    /// The file has 0 bytes. Opening it to create an archive makes one of it.
    #[error("{name} is not an archive: the file is empty")]
    Empty {
        /// The path.
        name: String,
    },
    /// A newer version of this program wrote the archive. It was not changed.
    #[error(
        "{name} has version {found} of the archive's format; this program knows version {known}"
    )]
    Newer {
        /// Which archive.
        name: String,
        /// Its version.
        found: i64,
        /// The newest version that this program can use.
        known: i64,
    },
    /// An older version of this program wrote the archive, and opening it may not migrate it.
    #[error(
        "{name} has version {found} of the archive's format, which must be migrated to version {known} first"
    )]
    Older {
        /// Which archive.
        name: String,
        /// Its version.
        found: i64,
        /// The version that this program uses.
        known: i64,
    },
    /// The archive is damaged. It was not changed.
    #[error("the archive {name} is damaged: {reason}")]
    Damaged {
        /// Which archive.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Another program is writing to the archive.
    #[error("the archive {name} is in use{}", holder_text(holder.as_deref()))]
    Busy {
        /// Which archive.
        name: String,
        /// The program that uses it, if that is known.
        holder: Option<Box<Holder>>,
    },
    /// The lease expired, and another program took it. What was written before stays.
    #[error("another program took over the archive {name}")]
    LeaseLost {
        /// Which archive.
        name: String,
    },
    /// The archive cannot be written to.
    #[error("the archive {name} is read-only")]
    ReadOnly {
        /// Which archive.
        name: String,
    },
    /// A permission on the file of the archive, a file beside it, or its folder is missing.
    #[error("no permission to {action}")]
    NoPermission {
        /// Which archive.
        name: String,
        /// What is not permitted, with the file or folder.
        action: String,
    },
    /// The archive is on a file system where locks and shared memory are not reliable.
    #[error("the archive {name} is on a network file system ({kind}), where it can be damaged")]
    NetworkFileSystem {
        /// Which archive.
        name: String,
        /// The name of the file system.
        kind: &'static str,
    },
    /// The path cannot be used for an archive: it is a symbolic link, a folder or a device.
    #[error("{name} cannot be used for an archive: {reason}")]
    UnsafePath {
        /// The path.
        name: String,
        /// Why it cannot be used, as a clause.
        reason: String,
    },
    /// There is no space left. The page that was being written is not in the archive.
    #[error("there is no space left for the archive {name}")]
    Full {
        /// Which archive.
        name: String,
    },
    /// A file of the archive would exceed the file size limit of the process. The page that was being
    /// written is not in the archive.
    #[error("a file of the archive {name} would exceed the file size limit of this process")]
    FileTooLarge {
        /// Which archive.
        name: String,
    },
    /// Reading or writing failed.
    #[error("cannot use the archive {name}: {reason}")]
    Io {
        /// Which archive.
        name: String,
        /// The error text of the system or of the database.
        reason: String,
    },
    /// The server of the archive does not respond, or ended the connection. Another attempt may
    /// succeed.
    #[error("cannot reach the archive {name}: {reason}")]
    Unreachable {
        /// Which archive.
        name: String,
        /// Why.
        reason: String,
    },
    /// The server of the archive refuses this user, or does not allow it this operation.
    #[error("the server of the archive {name} refuses: {reason}")]
    Refused {
        /// Which archive.
        name: String,
        /// The message of the server.
        reason: String,
    },
    /// The account's messages come from another server than those in the archive.
    #[error("the account {account} of the archive {name} belongs to {stored}, not to {given}")]
    OtherServer {
        /// Which archive.
        name: String,
        /// The name of the account.
        account: String,
        /// The base URL in the archive.
        stored: String,
        /// The base URL that was given.
        given: String,
    },
}

impl StoreError {
    /// Whether one operation failed, for example because the disk is full. Otherwise the archive as
    /// it is cannot be used.
    #[must_use]
    pub const fn is_local_failure(&self) -> bool {
        matches!(self, Self::Full { .. } | Self::FileTooLarge { .. } | Self::Io { .. })
    }

    /// Whether another attempt may succeed later with the same settings: when the server is back, the
    /// other program has ended, or there is space again: on the disk, or in the file after a prune.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Busy { .. }
                | Self::LeaseLost { .. }
                | Self::Full { .. }
                | Self::FileTooLarge { .. }
        )
    }

    /// The same error with the name of the archive, if it is an error of a transaction, which does
    /// not know the name.
    pub(super) fn with_name(self, name: &str) -> Self {
        let name = name.to_owned();
        match self {
            Self::Busy { holder, .. } => Self::Busy { name, holder },
            Self::LeaseLost { .. } => Self::LeaseLost { name },
            Self::OtherServer { account, stored, given, .. } => {
                Self::OtherServer { name, account, stored, given }
            }
            other => other,
        }
    }
}

impl From<StoreError> for SourceError {
    fn from(error: StoreError) -> Self {
        Self::Archive { message: error.to_string(), is_unusable: !error.is_local_failure() }
    }
}

fn holder_text(holder: Option<&Holder>) -> String {
    holder.map_or_else(
        || ": another program has locked it".to_owned(),
        |holder| format!(" by process {} on {}", holder.pid, holder.host),
    )
}
