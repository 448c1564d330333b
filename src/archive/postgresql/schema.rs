//! The tables of an archive, and the number of their version.
//!
//! Every statement leaves alone what exists, so that it can be run again. Keys begin with the column
//! that a distributed engine spreads the rows by.

use std::fmt::Write as _;

/// What leads from each version of the format to the next one; version 0 is an empty schema.
pub(super) const STEPS: [&str; 1] = [include_str!("version_1.sql")];

/// The version of the format that this program writes.
pub(super) const VERSION: i64 = 1;

/// Makes the schema.
pub(super) const SCHEMA: &str = "CREATE SCHEMA IF NOT EXISTS omnilogs;";

/// Makes the lease, under which everything else is made.
pub(super) const LEASE: &str = include_str!("lease.sql");

/// Spreads the messages over the machines of Citus.
const CITUS: &str = include_str!("citus.sql");

/// What roles need.
const ROLES: &str = include_str!("roles.sql");

/// How the messages of an archive are spread over machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// They are on one server.
    None,
    /// Over the workers of Citus.
    Citus,
}

/// What makes a new archive, for an administrator who runs it.
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

/// Notes the version of the format.
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
    fn each_version_has_the_step_that_leads_to_it() {
        assert_eq!(i64::try_from(STEPS.len()), Ok(VERSION));
    }
}
