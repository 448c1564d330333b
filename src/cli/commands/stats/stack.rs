//! The status groups in the order in which columns over time are stacked, for every kind of chart.

use omnilogs::{Outcome, StatusGroup};

/// The groups from the bottom of a column up: the group, its letter where no colour is used, and the
/// outcome of its messages. Groups of one outcome are beside each other; `None` is for all unknown
/// groups.
pub(super) const STACK: [(Option<StatusGroup>, char, Outcome); 7] = [
    (Some(StatusGroup::Delivered), 'D', Outcome::Delivered),
    (Some(StatusGroup::Accepted), 'A', Outcome::Pending),
    (Some(StatusGroup::Pending), 'P', Outcome::Pending),
    (None, '?', Outcome::Pending),
    (Some(StatusGroup::Expired), 'E', Outcome::Failed),
    (Some(StatusGroup::Undeliverable), 'U', Outcome::Failed),
    (Some(StatusGroup::Rejected), 'R', Outcome::Failed),
];

/// The counts by group of [`omnilogs::stats::BucketFigures::by_status`] in the order of [`STACK`].
pub(super) fn stacked(by_status: &[u64; 7]) -> [u64; 7] {
    let index = |group: Option<StatusGroup>| group.map_or(StatusGroup::ALL.len(), |g| g as usize);
    STACK.map(|(group, ..)| by_status.get(index(group)).copied().unwrap_or(0))
}
