//! A database that keeps every message that the API returned, with every status that it went
//! through, and records which times of sending were listed completely.
//!
//! [`Store`] is the trait of such a database. [`SqliteStore`] implements it in one file and, with
//! the feature `archive-postgres`, `PostgresStore` on a server. Nothing here prints, opens a
//! connection to the API or reads the clock of the system: the caller provides the source and the
//! times.

mod account;
mod erasure_rows;
mod error;
mod keyed_row;
mod lease;
mod ledger;
mod listing;
mod listing_ahead;
mod maintenance;
mod message_columns;
mod page_write;
#[cfg(feature = "archive-postgres")]
mod postgresql;
mod ranges;
mod run;
mod seen_at_member;
mod selection;
mod sqlite;
mod store;
mod stored_bytes;
mod stored_rows;
mod suppression;
mod sync;
mod take_lease;
mod target_finder;
mod unchecked_page;
mod versions_member;
mod written_character;

pub use account::{Account, AccountId};
pub use error::StoreError;
pub use keyed_row::KeyedRow;
pub use lease::{Holder, Lease, LeaseRequest};
pub use ledger::{GapRecord, Ledger, LedgerPiece, ListedRange, Scope};
pub use listing::{ArchivePages, ArchiveSource};
pub use listing_ahead::ArchivePrefetch;
pub use maintenance::{
    AccountFigures, DeletedCounts, Erasure, ErasureReport, ErasureTarget, PruneOptions, PruneStep,
    StoreFigures, Verification, VerifyDepth,
};
pub use message_columns::{MessageKey, destination_key};
pub use page_write::{PageCounts, PageWrite};
#[cfg(feature = "archive-postgres")]
pub use postgresql::{
    Distribution, PostgresAccess, PostgresAddress, PostgresAddressError, PostgresStore, schema_sql,
};
pub use run::{RunCounts, RunId, RunRecord, RunStart};
pub use seen_at_member::{with_seen_at, without_seen_at};
pub use selection::{Cursor, PendingMessage, Selection, StoredRow, StoredVersion};
pub use sqlite::{OpenMode, SqliteOptions, SqliteStore};
pub use store::Store;
pub use stored_rows::StoredRows;
pub use sync::{ArchiveAccount, DEFAULT_LOOKBACK, SyncOptions, SyncProgress, SyncReport, sync};
pub use take_lease::take_lease;
pub use versions_member::{as_sent, with_versions};

#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;
