//! The programs of the integration tests, which a unit test cannot import.

include!("../../../tests/support/programs.rs");
