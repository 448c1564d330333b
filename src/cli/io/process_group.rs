//! The process group of the command that this program waits for. A signal that ends the program also
//! ends the command.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};

static WAITED_FOR: Mutex<Option<Pid>> = Mutex::new(None);

fn waited_for() -> MutexGuard<'static, Option<Pid>> {
    WAITED_FOR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets the group that is waited for; `None` when its command has ended.
pub(crate) fn wait_for(group: Option<Pid>) {
    *waited_for() = group;
}

/// Ends every process of the group that is waited for.
pub(crate) fn end_waited_for() {
    if let Some(group) = waited_for().take() {
        end(group);
    }
}

/// Ends every process of a group.
pub(crate) fn end(group: Pid) {
    // An error means that it has already ended.
    let _ = kill_process_group(group, Signal::KILL);
}
