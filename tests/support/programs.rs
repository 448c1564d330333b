// The programs that tests run beside the built program. A test is skipped where its program is
// missing, and the run says so. The unit tests include this file too, so it has no inner doc comment.

use std::collections::HashSet;
use std::io::Write as _;
use std::panic::Location;
use std::path::PathBuf;
use std::sync::Mutex;

/// One line per program: its name, and the package of Debian that has it.
const LIST: &str = include_str!("../programs.txt");

/// A variable that is set, and not empty, where every program must be installed: a test then fails
/// instead of being skipped.
pub(crate) const NOTHING_IS_SKIPPED: &str = "OMNILOGS_TESTS_SKIP_NOTHING";

/// The tests of this run that were skipped.
static SKIPPED: Mutex<Option<HashSet<String>>> = Mutex::new(None);

/// The path of a program of `tests/programs.txt`. `None` when the machine does not have it: the test
/// then returns at once, and counts as skipped.
///
/// # Panics
/// When the program is not in the list, or is missing where nothing may be skipped.
#[track_caller]
pub(crate) fn found(program: &str) -> Option<PathBuf> {
    let lines = LIST.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let package = lines
        .filter(|words| words.first() == Some(&program))
        .find_map(|words| words.get(1).copied());
    let package = package.unwrap_or_else(|| panic!("{program} is not in tests/programs.txt"));
    let path = path_of(program);
    if path.is_none() {
        skip(&format!("{program} is not installed (package {package})"));
    }
    path
}

/// The path of a program, in the search path or where Debian has the programs of a PostgreSQL server.
pub(crate) fn path_of(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let servers = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let servers = servers.map(|version| version.path().join("bin"));
    let mut paths =
        std::env::split_paths(&folders).chain(servers).map(|folder| folder.join(program));
    paths.find(|path| path.is_file())
}

/// Counts the running test as skipped. For the test harness such a test passes, and the harness hides
/// its output. The line therefore goes to standard error past the harness. It has the count, so that the
/// last such line of a run has the number of skipped tests.
#[track_caller]
pub(crate) fn skip(reason: &str) {
    let may_be_skipped = std::env::var_os(NOTHING_IS_SKIPPED).is_none_or(|value| value.is_empty());
    assert!(may_be_skipped, "{reason}, and {NOTHING_IS_SKIPPED} is set");
    // A thread that a test started, and the only thread of a run, do not have the test's name.
    let thread = std::thread::current();
    let test = thread.name().filter(|name| name.contains("::"));
    let test = test.map_or_else(|| Location::caller().to_string(), str::to_owned);
    let mut skipped = SKIPPED.lock().unwrap();
    let skipped = skipped.get_or_insert_default();
    if skipped.insert(test.clone()) {
        let line = format!("skipped tests: {}: {test}: {reason}\n", skipped.len());
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
}
