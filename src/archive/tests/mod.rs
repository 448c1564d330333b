//! Tests of what every store must do; each test runs for every store.

use super::test_support::{
    Factory, TestStore, keyed, lease_request, message, page, sqlite, with_status,
};
use super::*;
use crate::model::{Log, StatusGroup, TimeRange};

mod leases;
mod ledgers;
mod listing;
mod maintenance;
mod pages;
mod reading;

/// An empty store of each kind that this machine has.
#[track_caller]
fn stores() -> Vec<Factory> {
    #[cfg(feature = "archive-postgres")]
    if super::test_support::postgres_cluster::cluster().is_some() {
        return vec![sqlite, super::test_support::postgres];
    }
    vec![sqlite]
}

/// Runs a test on an empty store of each kind.
#[track_caller]
fn on_each_store(test: impl Fn(&mut TestStore)) {
    for make in stores() {
        test(&mut make());
    }
}
