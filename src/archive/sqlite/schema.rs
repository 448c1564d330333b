//! The tables of an archive, and the version of the format.

/// The application id that identifies a SQLite file as an archive: "OMLG".
pub(super) const APPLICATION_ID: i64 = 0x4f4d_4c47;

/// The version of the format that this program writes.
pub(super) const VERSION: i64 = 1;

/// The statements that create the tables in an empty database.
pub(super) const TABLES: &str = include_str!("schema.sql");
