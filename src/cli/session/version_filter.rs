//! Applies the local filters to a listing of every version: a message is shown with all of its versions,
//! or not at all. It does not remove rows itself.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, channel};

use omnilogs::Log;
use omnilogs::archive::ArchivePages;

use crate::settings::LocalFilter;

/// Whether the filters keep the current version of a message, and how many of its versions follow.
#[derive(Clone, Copy, Debug)]
struct MessageDecision {
    is_kept: bool,
    versions: usize,
}

/// Decides for each version in the order of the pages. The current version can be in any place among the
/// versions, and the pages may be read ahead in another thread.
pub(crate) struct VersionFilter {
    decisions: Receiver<MessageDecision>,
    /// The decision on the message of the next version, with the versions that are left.
    latest: Cell<MessageDecision>,
}

impl VersionFilter {
    /// Makes the pages return every version, and decide on each message.
    pub(crate) fn attached(pages: ArchivePages, local: LocalFilter) -> (ArchivePages, Self) {
        let (sender, decisions) = channel();
        let pages = pages.with_observed_versions(move |current: &Log, versions| {
            // After the last row that is wanted, the receiver is gone.
            let _ = sender.send(MessageDecision { is_kept: local.keeps(current), versions });
        });
        let latest = Cell::new(MessageDecision { is_kept: false, versions: 0 });
        (pages, Self { decisions, latest })
    }

    /// Whether the next version is shown.
    pub(crate) fn keeps_next(&self) -> bool {
        let mut decision = self.latest.get();
        while decision.versions == 0 {
            // Each version of the pages has a decision, which was sent before the page was returned.
            let Ok(next) = self.decisions.try_recv() else { return true };
            decision = next;
        }
        decision.versions -= 1;
        self.latest.set(decision);
        decision.is_kept
    }
}
