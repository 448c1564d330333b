//! The tables of an archive, and the version of the format.
//!
//! The statements can be run again: none changes a table that exists. Keys begin with the
//! distribution column, by which a distributed database assigns rows to its machines.

use std::fmt::Write as _;

/// The steps from each version of the format to the next one; version 0 is an empty schema.
pub(super) const STEPS: [&str; 1] = [include_str!("version_1.sql")];

/// The version of the format that this program writes.
pub(super) const VERSION: i64 = 1;

/// Creates the schema.
pub(super) const SCHEMA: &str = "CREATE SCHEMA IF NOT EXISTS omnilogs;";

/// Creates the lease, under which all other tables are created.
pub(super) const LEASE: &str = include_str!("lease.sql");

/// Distributes the messages over the workers of Citus.
const CITUS: &str = include_str!("citus.sql");

/// The privileges that roles need, as comments.
const ROLES: &str = include_str!("roles.sql");

/// How the messages of an archive are distributed over machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// On one server.
    None,
    /// Over the workers of Citus.
    Citus,
}

/// The SQL script that creates a new archive, for an administrator to run.
#[must_use]
pub fn schema_sql(distribution: Distribution) -> String {
    let mut sql = format!("BEGIN;\n\n{SCHEMA}\n{LEASE}\n");
    for step in STEPS {
        sql.push_str(step);
        sql.push('\n');
    }
    let _ = writeln!(sql, "{}", note_version(VERSION));
    if distribution == Distribution::Citus {
        let _ = write!(sql, "\n{CITUS}");
    }
    let _ = write!(sql, "\nCOMMIT;\n\n{ROLES}");
    sql
}

/// The statement that records the version of the format.
pub(super) fn note_version(version: i64) -> String {
    format!(
        "INSERT INTO omnilogs.meta (key, value) VALUES ('version', '{version}')
ON CONFLICT (key) DO UPDATE SET value = excluded.value;"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_a_migration_step() {
        assert_eq!(i64::try_from(STEPS.len()), Ok(VERSION));
    }
}
