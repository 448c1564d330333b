//! The PostgreSQL server of the integration tests, which a unit test cannot import.

include!("../../../tests/support/postgres_cluster.rs");
