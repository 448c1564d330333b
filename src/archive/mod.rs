//! A database that keeps every message that the API has shown, with every status it went through,
//! and that knows which times are listed completely.
//!
//! [`Store`] is what a database must do; [`SqliteStore`] does it in one file, and with the feature
//! `archive-postgres` a `PostgresStore` on a server. Nothing here sends a request to the API, prints,
//! or reads the clock: times are given by the caller.

mod account;
mod erasure_form;
mod error;
mod exclusive;
mod keyed_row;
mod lease;
mod ledger;
mod listing;
mod maintenance;
mod message_columns;
mod page_write;
#[cfg(feature = "archive-postgres")]
mod postgresql;
mod ranges;
mod run;
mod selection;
mod sqlite;
mod store;
mod stored_bytes;
mod suppression;
mod sync;

pub use account::{Account, AccountId};
pub use error::StoreError;
pub use exclusive::take_lease;
pub use lease::{Holder, Lease, LeaseRequest};
pub use ledger::{GapRecord, Ledger, Listed, ListedRange, Scope};
pub use listing::{ArchivePages, ArchiveSource};
pub use maintenance::{
    AccountFigures, Deleted, Erasure, ErasureReport, ErasureTarget, Prune, PruneStep, StoreFigures,
    Verification, VerifyDepth,
};
pub use message_columns::MessageKey;
pub use page_write::{PageCounts, PageWrite};
#[cfg(feature = "archive-postgres")]
pub use postgresql::{
    Distribution, PostgresAccess, PostgresAddress, PostgresAddressError, PostgresStore, schema_sql,
};
pub use run::{RunCounts, RunId, RunRecord, RunStart};
pub use selection::{Cursor, PendingMessage, Selection, StoredRow, StoredVersion};
pub use sqlite::{OpenMode, SqliteOptions, SqliteStore};
pub use store::Store;
pub use sync::{ArchiveAccount, DEFAULT_LOOKBACK, SyncOptions, SyncProgress, SyncReport, sync};

#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;
