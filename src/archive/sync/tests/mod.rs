//! Runs in virtual time against a server that the test controls.

mod property;
mod runs;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use std::time::Duration;

use super::{ArchiveAccount, SyncOptions, SyncReport, sync};
use crate::archive::ledger::{Ledger, Scope};
use crate::archive::selection::Selection;
use crate::archive::test_support::{TestStore, sqlite};
use crate::clock::Interrupt;
use crate::model::{Field, Finality, Log};
use crate::pages::test_support::{Message, START, Simulation};

const MINUTE: i64 = 60;
const HOUR: i64 = 3600;

/// A server with its messages, and an archive that is synced with it.
struct Bench {
    simulation: Simulation,
    messages: Vec<Message>,
    archive: TestStore,
    options: SyncOptions,
}

impl Bench {
    fn new(messages: Vec<Message>) -> Self {
        let simulation = Simulation::new(messages.clone()).with_retention().stating_the_time();
        Self::with_world(simulation, messages)
    }

    fn with_world(simulation: Simulation, messages: Vec<Message>) -> Self {
        let options = SyncOptions::new("test", "host");
        Self { simulation, messages, archive: sqlite(), options }
    }

    fn sleep(&self, seconds: i64) {
        self.simulation.clock().sleep(Duration::from_secs(seconds.unsigned_abs()));
    }

    fn sync(&mut self) -> SyncReport {
        self.sync_until(u64::MAX).unwrap()
    }

    /// Runs a sync that is killed after this many pages. Returns `None` if it was killed.
    fn sync_until(&mut self, pages: u64) -> Option<SyncReport> {
        let mut left = pages;
        let mut progress = |_: &_| {
            left -= 1;
            if left == 0 {
                // Unlike `panic!`, this prints no message.
                resume_unwind(Box::new("killed"));
            }
        };
        let TestStore { store, lease, account, .. } = &mut self.archive;
        let (source, clock) = (self.simulation.clone(), self.simulation.clock());
        let interrupt = Interrupt::new();
        let (account, options) = (*account, &self.options);
        let run = AssertUnwindSafe(|| {
            let archive = ArchiveAccount { store: store.as_mut(), lease, account };
            sync(archive, source, clock, &interrupt, options, &mut progress)
        });
        catch_unwind(run).ok().map(Result::unwrap)
    }

    fn ledger(&mut self) -> Ledger {
        self.archive.store.ledger(self.archive.account, Scope::ALL).unwrap()
    }

    /// The current versions of all messages.
    fn rows(&mut self) -> Vec<Log> {
        let rows = self.archive.store.rows(&Selection::default(), None, usize::MAX >> 8).unwrap();
        rows.into_iter().map(|row| row.log).collect()
    }

    /// The current version of a message.
    fn row(&mut self, id: &str) -> Option<Log> {
        self.rows().into_iter().find(|log| id_of(log) == id)
    }

    fn ids(&mut self) -> Vec<String> {
        let mut ids: Vec<_> = self.rows().iter().map(id_of).collect();
        ids.sort();
        ids
    }

    /// The number of requests that came after the first `before` ones.
    fn requests_since(&self, before: usize) -> usize {
        self.simulation.requests().len() - before
    }

    /// A violation of what the ledger claims, if there is one: the archive must have every message of
    /// a listed time that the server showed when it was listed, with a final status if it had one.
    fn broken_claim(&mut self) -> Option<String> {
        let rows = self.rows();
        let ledger = self.ledger();
        for message in &self.messages {
            let sent = START + message.sent * 1000 + message.millis;
            let listed = ledger.listed.iter().find(|piece| piece.range.contains(sent));
            let Some(listed_at) = listed.map(|piece| piece.listed_at) else { continue };
            if START + message.shown * 1000 > listed_at {
                continue;
            }
            let Some(row) = rows.iter().find(|log| id_of(log) == message.id) else {
                return Some(format!("{message:?} is not in the archive; listed at {listed_at}"));
            };
            let was_final = message
                .states
                .iter()
                .any(|(from, status)| START + from * 1000 <= listed_at && is_final(status));
            if was_final && row.finality() != Finality::Final {
                return Some(format!("{message:?} is not final in the archive"));
            }
        }
        None
    }
}

fn id_of(log: &Log) -> String {
    log.cell(Field::MessageId).into_text().into_owned()
}

fn is_final(status: &str) -> bool {
    !status.starts_with("PENDING")
}

/// Messages that were sent at these seconds, and delivered two seconds later.
fn delivered(seconds: impl IntoIterator<Item = i64>) -> Vec<Message> {
    let message = |(number, at): (usize, i64)| {
        Message::new(&format!("m{number}"), at).then(at + 2, "DELIVERED_TO_HANDSET")
    };
    seconds.into_iter().enumerate().map(message).collect()
}
