//! The tables of an archive, and the number of their version.

/// Marks a SQLite file as an archive: "OMLG".
pub(super) const APPLICATION_ID: i64 = 0x4f4d_4c47;

/// The version of the format that this program writes.
pub(super) const VERSION: i64 = 1;

/// Makes the tables of an empty database.
pub(super) const TABLES: &str = include_str!("schema.sql");
