// A PostgreSQL server of the tests' own, on loopback, in a temporary folder. It ends with the tests,
// also when they are killed. The unit tests include this file too, so it has no inner doc comment.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

use super::programs;
use super::unused_port::unused_port;

/// The variable with the address of a server for the tests, whose user may create databases and roles.
/// Without it the tests start a server.
const ADDRESS: &str = "OMNILOGS_TEST_POSTGRES";

/// A server that has not started in this time does not start, on however busy a machine.
const PATIENCE: Duration = Duration::from_secs(900);

/// The user `nobody`: a server refuses to run as root.
const UNPRIVILEGED: u32 = 65534;

/// A shell script that runs the server for as long as its standard input is open. Lines on standard
/// input stop the server at once, as a crash does, and start it again.
const SUPERVISOR: &str = r#"
serve() { "$BIN/postgres" -D "$FOLDER/data" "$@" >>"$FOLDER/log" 2>&1 & server=$!; }
end() { kill -QUIT $server 2>/dev/null; wait $server; }
serve "$@"
while read -r line; do
    case $line in stop) end ;; start) serve "$@" ;; esac
done
end
rm -rf "$FOLDER"
"#;

/// A PostgreSQL server, which PostgreSQL calls a cluster of databases.
pub(crate) struct Cluster {
    /// The address of its administrator, without a database.
    address: String,
    /// The folder with its data; `None` for a server that the tests did not start.
    folder: Option<PathBuf>,
    supervisor: Option<Mutex<Child>>,
}

/// The server of this run of the tests. `None` when the machine has none: the test then returns, and
/// counts as skipped.
#[track_caller]
pub(crate) fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    if let Ok(address) = std::env::var(ADDRESS) {
        let address = address.trim_end_matches('/').to_owned();
        return Some(CLUSTER.get_or_init(|| Cluster { address, folder: None, supervisor: None }));
    }
    let initdb = programs::found("initdb")?;
    Some(CLUSTER.get_or_init(|| Cluster::start(&initdb, &[], "")))
}

/// A server for one test, with further settings, and lines that come first in `pg_hba.conf`.
#[track_caller]
pub(crate) fn own_cluster(settings: &[&str], access: &str) -> Option<Cluster> {
    let initdb = programs::found("initdb")?;
    Some(Cluster::start(&initdb, settings, access))
}

impl Cluster {
    fn start(initdb: &Path, settings: &[&str], access: &str) -> Self {
        let bin = initdb.canonicalize().unwrap().parent().unwrap().to_owned();
        (0..10).find_map(|_| Self::try_start(&bin, settings, access)).expect("a free port")
    }

    /// Makes a cluster and starts its server; `None` when another program took its port in the
    /// meantime.
    fn try_start(bin: &Path, settings: &[&str], access: &str) -> Option<Self> {
        let folder = new_folder();
        let template = Template::of_this_run(bin).data();
        succeed(as_user(Path::new("/bin/cp"), &folder).arg("-a").arg(template).arg("data"));
        prepend(&folder.join("data/pg_hba.conf"), access);
        let port = unused_port();
        let mut shell = as_user(Path::new("/bin/sh"), &folder);
        shell.arg("-c").arg(SUPERVISOR).arg("sh").env("BIN", bin).env("FOLDER", &folder);
        let fixed = ["fsync=off", "shared_buffers=16MB", "max_connections=60"];
        let address = [&format!("port={port}"), "listen_addresses=127.0.0.1"];
        let socket = ["unix_socket_directories=."];
        for setting in fixed.iter().chain(settings).chain(&address).chain(&socket) {
            shell.arg("-c").arg(setting);
        }
        // An interrupt from the terminal must reach the tests only.
        let shell = shell.process_group(0).stdin(Stdio::piped()).spawn().unwrap();
        let supervisor = Some(Mutex::new(shell));
        let address = format!("postgres://postgres@127.0.0.1:{port}");
        let cluster = Self { address, folder: Some(folder), supervisor };
        cluster.has_started().then_some(cluster)
    }

    /// Waits until it responds; `false` when another program took the port.
    fn has_started(&self) -> bool {
        let started = Instant::now();
        let log = self.folder().join("log");
        while started.elapsed() < PATIENCE {
            let log = std::fs::read_to_string(&log).unwrap_or_default();
            if log.contains("could not create any TCP/IP sockets") {
                return false;
            }
            assert!(!log.contains("FATAL:  configuration"), "{log}");
            // Until the server is ready, the port can be that of another program, which may never respond.
            let is_ready = log.contains("ready to accept connections");
            if is_ready && Client::connect(&self.url("postgres"), NoTls).is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("no response from {}", self.address);
    }

    /// The address of a database.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.address)
    }

    /// The host and the port.
    #[allow(dead_code, reason = "for the commands of the documentation")]
    pub(crate) fn host(&self) -> String {
        self.address.split('@').next_back().unwrap_or_default().to_owned()
    }

    /// A connection of the administrator.
    pub(crate) fn admin(&self) -> Client {
        Client::connect(&self.url("postgres"), NoTls).unwrap()
    }

    /// A new database, which is dropped at the end of the test.
    pub(crate) fn database(&self) -> Database<'_> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("omnilogs_test_{}_{number}", std::process::id());
        self.admin().batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        Database { cluster: self, name }
    }

    /// The folder with its data.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.as_deref().unwrap()
    }

    /// Stops the server at once, as a crash does.
    pub(crate) fn stop(&self) {
        self.send_to_supervisor("stop\n");
        while Client::connect(&self.url("postgres"), NoTls).is_ok() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts the server again, without waiting until it responds.
    pub(crate) fn start_again(&self) {
        self.send_to_supervisor("start\n");
    }

    fn send_to_supervisor(&self, line: &str) {
        let mut shell = self.supervisor.as_ref().unwrap().lock().unwrap();
        shell.stdin.as_mut().unwrap().write_all(line.as_bytes()).unwrap();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let Some(shell) = &self.supervisor else { return };
        let mut shell = shell.lock().unwrap();
        drop(shell.stdin.take());
        let _ = shell.wait();
    }
}

/// The data of a server that has never run: copying them takes a fifth of the time of making them.
struct Template {
    folder: PathBuf,
    /// Removes the folder when the tests have ended, by the end of its standard input.
    _remover: Child,
}

impl Template {
    fn of_this_run(bin: &Path) -> &'static Self {
        static TEMPLATE: OnceLock<Template> = OnceLock::new();
        TEMPLATE.get_or_init(|| Self::make(bin))
    }

    fn make(bin: &Path) -> Self {
        let folder = new_folder();
        let mut shell = as_user(Path::new("/bin/sh"), &folder);
        shell.args(["-c", "cat; rm -rf \"$FOLDER\""]).env("FOLDER", &folder);
        let shell = shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null());
        let template = Self { folder, _remover: shell.spawn().unwrap() };
        let options = ["--no-sync", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"];
        let mut initdb = as_user(&bin.join("initdb"), &template.folder);
        succeed(initdb.args(options).arg("-D").arg(template.data()));
        template
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }
}

/// A database of one test.
pub(crate) struct Database<'c> {
    cluster: &'c Cluster,
    pub(crate) name: String,
}

impl Database<'_> {
    /// The address for the administrator.
    pub(crate) fn url(&self) -> String {
        self.cluster.url(&self.name)
    }

    /// Whether the server continues to run after the tests.
    #[allow(dead_code, reason = "for unit tests, which use a database again")]
    pub(crate) fn is_kept(&self) -> bool {
        self.cluster.folder.is_none()
    }

    /// A connection of the administrator to the database.
    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.url(), NoTls).unwrap()
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A test may have stopped the server.
        if let Ok(mut admin) = Client::connect(&self.cluster.url("postgres"), NoTls) {
            let _ = admin.batch_execute(&sql);
        }
    }
}

/// A new folder of the user that runs servers, in memory if the machine has a file system in memory:
/// what survives a power failure is not tested here. A shell removes it.
fn new_folder() -> PathBuf {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap().keep();
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&folder, Some(UNPRIVILEGED), Some(UNPRIVILEGED)).unwrap();
    }
    folder
}

/// Runs a program, which has to succeed.
fn succeed(command: &mut Command) {
    let ran = command.output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

/// A program as a user that may run a server, in this folder.
fn as_user(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    if rustix::process::geteuid().is_root() {
        command.uid(UNPRIVILEGED).gid(UNPRIVILEGED);
    }
    command.current_dir(folder).env_clear().env("PATH", "/usr/bin:/bin");
    command
}

/// Puts lines before those of a file.
fn prepend(path: &Path, lines: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    std::fs::write(path, format!("{lines}\n{text}")).unwrap();
}
