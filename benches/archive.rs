//! Measures how fast an archive is written and read. Run it with
//! `cargo bench --bench archive -- ROWS FOLDER`. It generates the rows in `FOLDER/rows.jsonl`, unless
//! that file exists, and reads them from there. `archive_peer.py` stores the same file with Python's
//! `sqlite3`. The archive in SQLite is `FOLDER/archive.db`, which must not exist.
//!
//! With `OMNILOGS_BENCH_POSTGRES=postgres://…`, it then measures the same in that database, which must
//! not have an archive. The figures are of use only if the server has `fsync` on. The processor time
//! of the server is not counted.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use omnilogs::archive::{
    KeyedRow, LeaseRequest, ListedRange, OpenMode, PageWrite, RunStart, Scope, Selection,
    SqliteOptions, SqliteStore, Store,
};
#[cfg(feature = "archive-postgres")]
use omnilogs::archive::{PostgresAccess, PostgresAddress, PostgresStore};
use omnilogs::model::TimeRange;
use omnilogs::wire::{DecodeOptions, decode};

const PAGE: usize = 1000;
const LEASE: LeaseRequest<'_> =
    LeaseRequest { program: "bench", pid: 1, host: "host", now: 0, replaces: Some(1) };
/// The time of sending of the newest row, in milliseconds since 1970.
const NEWEST: i64 = 1_795_000_000_000;

#[expect(clippy::print_stdout, reason = "the figures are the output")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().filter(|argument| argument != "--bench").collect();
    let [_, rows, folder] = arguments.as_slice() else {
        return Err("usage: archive ROWS FOLDER".into());
    };
    let (rows, folder): (u64, _) = (rows.parse()?, Path::new(folder));
    let source = folder.join("rows.jsonl");
    if !source.exists() {
        write_rows(rows, &source)?;
    }
    let path = folder.join("archive.db");
    if path.exists() {
        return Err(format!("{} exists", path.display()).into());
    }
    let open = |mode| SqliteStore::open(&path, SqliteOptions::new(mode));
    for what in ["new", "unchanged"] {
        let stopwatch = Stopwatch::start();
        store_rows(&source, &mut open(OpenMode::Create)?)?;
        println!("{what}: {}", stopwatch.figure(rows));
    }
    let stopwatch = Stopwatch::start();
    let bytes = read_rows(rows, &mut open(OpenMode::Read)?, &folder.join("back.jsonl"))?;
    println!("back as JSON lines: {}", stopwatch.figure(rows));
    let size = path.metadata()?.len();
    #[expect(clippy::cast_precision_loss, reason = "a ratio with two digits")]
    let ratio = size as f64 / bytes as f64;
    println!("size: {size} bytes, {ratio:.2} times the JSON");
    #[cfg(feature = "archive-postgres")]
    if let Ok(address) = std::env::var("OMNILOGS_BENCH_POSTGRES") {
        measure_server(rows, folder, &PostgresAddress::parse(&address)?)?;
    }
    Ok(())
}

/// Measures the same on a server, and the time to connect and read the newest 50 rows.
#[cfg(feature = "archive-postgres")]
#[expect(clippy::print_stdout, reason = "the figures are the output")]
fn measure_server(
    rows: u64,
    folder: &Path,
    address: &PostgresAddress,
) -> Result<(), Box<dyn Error>> {
    let mut store = PostgresStore::prepare(address.clone(), None)?;
    let lease = store.take_lease(&LEASE)?;
    if !store.make(&lease)? {
        return Err("the database has an archive".into());
    }
    store.release_lease(&lease)?;
    let open = |access| PostgresStore::open(address.clone(), access, None);
    for what in ["new", "unchanged"] {
        let stopwatch = Stopwatch::start();
        store_rows(&folder.join("rows.jsonl"), &mut open(PostgresAccess::Write)?)?;
        println!("server, {what}: {}", stopwatch.figure(rows));
    }
    let stopwatch = Stopwatch::start();
    read_rows(rows, &mut open(PostgresAccess::Read)?, &folder.join("back.jsonl"))?;
    println!("server, back as JSON lines: {}", stopwatch.figure(rows));
    let started = Instant::now();
    open(PostgresAccess::Read)?.rows(&Selection::default(), None, 50)?;
    println!("server, newest 50: {:.1} ms", started.elapsed().as_secs_f64() * 1000.0);
    Ok(())
}

/// Measures the elapsed time, and the processor time of this thread: on a busy machine, only the
/// latter can be compared.
struct Stopwatch {
    started: Instant,
    used: Duration,
}

impl Stopwatch {
    fn start() -> Self {
        Self { started: Instant::now(), used: processor_time() }
    }

    #[expect(clippy::cast_precision_loss, reason = "a figure with a few digits")]
    fn figure(&self, rows: u64) -> String {
        let passed = self.started.elapsed().as_secs_f64();
        let used = processor_time().saturating_sub(self.used).as_secs_f64();
        format!("{:.0} rows/s, {used:.2} s of processor time", rows as f64 / passed)
    }
}

/// The processor time of this thread, from Linux; zero on other systems.
fn processor_time() -> Duration {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = statistics.split(' ').next().and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

/// A pseudorandom number for `n`.
fn scrambled(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The row with this number; row 0 is the newest.
fn row(n: u64) -> String {
    let (one, two) = (scrambled(n), scrambled(!n));
    let time = |millis: i64| {
        chrono::DateTime::from_timestamp_millis(millis)
            .map(|time| time.format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string())
            .unwrap_or_default()
    };
    let sent = NEWEST - i64::try_from(n).unwrap_or_default() * 80;
    let (group, group_id, name, id) = match one % 20 {
        0 => ("UNDELIVERABLE", 2, "UNDELIVERABLE_NOT_DELIVERED", 9),
        1 => ("PENDING", 1, "PENDING_ENROUTE", 7),
        _ => ("DELIVERED", 3, "DELIVERED_TO_HANDSET", 5),
    };
    format!(
        concat!(
            r#"{{"bulkId":"bulk-{:08x}","messageId":"{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}","channel":"SMS","to":"4477009{:05}","from":"Shop","#,
            r#""text":"Your order {} is on its way. Track it at https://example.com/t/{:x} or reply STOP.","#,
            r#""sentAt":"{}","doneAt":"{}","messageCount":1,"mccmnc":"23410","price":{{"pricePerMessage":0.0412,"currency":"EUR"}},"#,
            r#""status":{{"groupId":{},"groupName":"{}","id":{},"name":"{}","description":"Message status as the network reported it"}},"#,
            r#""error":{{"groupId":0,"groupName":"OK","id":0,"name":"NO_ERROR","description":"No Error","permanent":false}}}}"#,
        ),
        n / 5000,
        one >> 32,
        one >> 16 & 0xFFFF,
        one & 0xFFF,
        two >> 52,
        two & 0xFFFF_FFFF_FFFF,
        two % 100_000,
        n,
        two,
        time(sent),
        time(sent + 1200),
        group_id,
        group,
        id,
        name,
    )
}

fn write_rows(rows: u64, path: &Path) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::new(File::create(path)?);
    for n in 0..rows {
        writeln!(file, "{}", row(n))?;
    }
    Ok(file.flush()?)
}

/// Stores the pages as a sync does: each is decoded and written in one transaction.
fn store_rows(source: &Path, store: &mut dyn Store) -> Result<(), Box<dyn Error>> {
    let lease = store.take_lease(&LEASE)?;
    let account = store.add_account(&lease, "default", "https://api.example.com")?;
    let start = RunStart { account, started: 0, program: "bench", host: "host" };
    let run = store.begin_run(&lease, &start)?;
    let mut until = NEWEST + 1;
    let mut lines = BufReader::new(File::open(source)?).lines();
    loop {
        let page: Vec<_> = lines.by_ref().take(PAGE).collect::<Result<_, _>>()?;
        if page.is_empty() {
            return Ok(store.release_lease(&lease)?);
        }
        let body = format!("{{\"results\":[{}]}}", page.join(","));
        let page = decode(body.as_bytes(), Some("application/json"), DecodeOptions::default())?;
        let oldest = page.logs.iter().filter_map(omnilogs::Log::sent_at).min();
        let since = oldest.map_or(until, |oldest| oldest.millis() + 1);
        let range = TimeRange { since, until };
        let rows: Vec<_> = page.logs.into_iter().map(KeyedRow::new).collect();
        store.write_page(&PageWrite {
            lease: &lease,
            now: 0,
            account,
            run,
            seen_at: NEWEST,
            rows: &rows,
            covers: Some(ListedRange { scope: Scope::ALL, range, listed_at: NEWEST }),
        })?;
        until = since;
    }
}

/// Reads every row, the newest first, and writes it to a file. Returns the number of bytes.
fn read_rows(rows: u64, store: &mut dyn Store, into: &Path) -> Result<u64, Box<dyn Error>> {
    let mut file = BufWriter::with_capacity(1 << 16, File::create(into)?);
    let (mut after, mut count, mut bytes) = (None, 0, 0);
    loop {
        let page = store.rows(&Selection::default(), after.as_ref(), 1000)?;
        let Some(last) = page.last() else { break };
        after = Some(last.cursor.clone());
        for row in &page {
            file.write_all(row.log.bytes())?;
            file.write_all(b"\n")?;
            bytes += row.log.bytes().len() as u64 + 1;
        }
        count += page.len() as u64;
    }
    file.flush()?;
    if count == rows { Ok(bytes) } else { Err(format!("read {count} of {rows} rows").into()) }
}
