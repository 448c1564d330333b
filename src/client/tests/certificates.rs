//! The certificates of the integration tests, which a unit test cannot import.

include!("../../../tests/support/certificates.rs");
