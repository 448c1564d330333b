//! Ports for the servers of the integration tests, which a unit test cannot import.

include!("../../../tests/support/unused_port.rs");
