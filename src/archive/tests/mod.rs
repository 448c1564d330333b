//! What every store must do, written once and run for each.

use super::test_support::{Factory, TestStore, lease_request, message, page, sqlite, with_status};
use super::*;
use crate::model::{Log, StatusGroup, TimeRange};

mod leases;
mod ledgers;
mod listing;
mod maintenance;
mod pages;
mod reading;

/// An empty store of each kind.
fn stores() -> Vec<Factory> {
    vec![sqlite]
}

/// Runs a test on an empty store of each kind.
fn on_each_store(test: impl Fn(&mut TestStore)) {
    for make in stores() {
        test(&mut make());
    }
}
