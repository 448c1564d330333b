//! The process groups of the commands that this program waits for. A signal that ends the program also
//! ends the commands.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};

static WAITED_FOR: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

fn waited_for() -> MutexGuard<'static, Vec<Pid>> {
    WAITED_FOR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a command in a process group of its own, which is waited for until [`forget`] or [`end`].
///
/// # Errors
/// When the command cannot be started.
pub(crate) fn start(command: &mut Command) -> io::Result<Child> {
    // Locked until the group is in the list, so that a signal cannot miss it.
    let mut waited_for = waited_for();
    let child = command.process_group(0).spawn()?;
    waited_for.push(Pid::from_child(&child));
    Ok(child)
}

/// No longer waits for the group of a command, which has ended.
pub(crate) fn forget(command: &Child) {
    let group = Pid::from_child(command);
    waited_for().retain(|other| *other != group);
}

/// Ends every process of the group of a command.
pub(crate) fn end(command: &Child) {
    kill(Pid::from_child(command));
    forget(command);
}

/// Ends every process of every group that is waited for. No command can be started in a group while
/// the result exists.
pub(crate) fn end_all() -> impl Sized {
    let waited_for = waited_for();
    waited_for.iter().copied().for_each(kill);
    waited_for
}

fn kill(group: Pid) {
    // An error means that it has already ended.
    let _ = kill_process_group(group, Signal::KILL);
}
