//! Waits for the lease of an archive.

use std::time::Duration;

use super::error::StoreError;
use super::lease::{Holder, Lease, LeaseRequest};
use super::store::Store;
use crate::clock::Clock;

/// How long to wait for another program: a scheduled run must not fail because the run before it
/// ends a little late.
const MAX_WAIT: Duration = Duration::from_secs(10);
/// The time between two attempts.
const PAUSE: Duration = Duration::from_millis(250);

/// Takes the lease, and waits up to ten seconds for another program that has it. `has_ended` returns
/// whether a holder is a process of this machine that ended without giving the lease back.
///
/// # Errors
/// [`StoreError::Busy`] with the holder if it keeps the lease or the wait is interrupted, and every
/// other error of [`Store::take_lease`].
pub fn take_lease(
    store: &mut dyn Store,
    request: &LeaseRequest<'_>,
    clock: &dyn Clock,
    has_ended: &dyn Fn(&Holder) -> bool,
) -> Result<Lease, StoreError> {
    let deadline = clock.elapsed() + MAX_WAIT;
    let mut replaces = request.replaces;
    loop {
        let now = clock.now().timestamp_millis();
        let error = match store.take_lease(&LeaseRequest { now, replaces, ..request.clone() }) {
            Ok(lease) => return Ok(lease),
            Err(error) => error,
        };
        let StoreError::Busy { holder, .. } = &error else { return Err(error) };
        let ended = holder.as_deref().filter(|holder| has_ended(holder)).map(|holder| holder.fence);
        if ended.is_some() && ended != replaces {
            replaces = ended;
            continue;
        }
        if clock.elapsed() >= deadline || clock.sleep(PAUSE) {
            return Err(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::test_support::sqlite;
    use crate::pages::test_support::Simulation;

    fn request(program: &str) -> LeaseRequest<'_> {
        LeaseRequest { program, pid: 9, host: "other", now: 0, replaces: None }
    }

    /// A03.
    #[test]
    fn a_lease_that_another_program_keeps_is_waited_for_ten_seconds() {
        let mut archive = sqlite();
        let simulation = Simulation::new(Vec::new());
        let clock = simulation.clock();
        archive.lease =
            take_lease(archive.store.as_mut(), &request("one"), &*clock, &|_| false).unwrap();
        let error =
            take_lease(archive.store.as_mut(), &request("two"), &*clock, &|_| false).unwrap_err();
        assert!(matches!(error, StoreError::Busy { holder: Some(_), .. }), "{error:?}");
        assert_eq!(simulation.second(), 10);
    }

    #[test]
    fn the_lease_of_a_process_that_has_ended_is_taken_at_once() {
        let mut archive = sqlite();
        let simulation = Simulation::new(Vec::new());
        let clock = simulation.clock();
        take_lease(archive.store.as_mut(), &request("one"), &*clock, &|_| false).unwrap();
        let lease =
            take_lease(archive.store.as_mut(), &request("two"), &*clock, &|_| true).unwrap();
        assert_eq!(simulation.second(), 0);
        archive.store.renew_lease(&lease, 1).unwrap();
    }
}
