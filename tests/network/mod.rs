//! Network failures and malformed responses: the program over real sockets. Each run has a marked key,
//! phone number and text, which must not appear on standard error.

mod anomalies;
mod bodies;
mod certificates;
mod completeness;
mod connection;
mod dates;
mod encoding;
mod limits;
mod numbers;
mod proxies;
mod redirects;
mod responses;
mod rows;
mod slow;
mod status_messages;
mod statuses;
mod throttle;
mod xml;

use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::support::{Omnilogs, Ran, omnilogs};

/// The key of each run.
const KEY: &str = "marked-key-5b1e77c0";
/// The destination in the query of each run and in each row.
const NUMBER: &str = "447700900123";
/// The text of each row.
const TEXT: &str = "marked words of a message";

/// The output formats of a listing.
const FORMATS: [&str; 6] = ["jsonl", "json", "table", "csv", "tsv", "xml"];

/// A row with the members that the API documents, followed by these.
fn row_with(id: &str, members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(
        r#"{{"bulkId":"b1","messageId":"{id}","to":"{NUMBER}","from":"InfoSMS","text":"{TEXT}","sentAt":"2015-02-23T17:40:31.773+0100","doneAt":"2015-02-23T17:40:32.000+0100","messageCount":1,"mccmnc":"22801","price":{{"pricePerMessage":0.0100,"currency":"EUR"}},"status":{{"groupId":3,"groupName":"DELIVERED","id":5,"name":"DELIVERED_TO_HANDSET","description":"Message delivered to handset"}},"error":{{"groupId":0,"groupName":"OK","id":0,"name":"NO_ERROR","description":"No Error","permanent":false}},"channel":"SMS"{comma}{members}}}"#
    )
}

fn row(id: &str) -> String {
    row_with(id, "")
}

fn page(rows: &[String]) -> String {
    format!(r#"{{"results":[{}]}}"#, rows.join(","))
}

/// A page of two rows.
fn two_rows() -> String {
    page(&[row("m1"), row("m2")])
}

/// A listing with the highest verbosity, and without retries unless they are set.
struct ListRun {
    program: Omnilogs,
    retries: u32,
    format: &'static str,
    /// `None` for the built-in limit.
    request_timeout: Option<&'static str>,
}

/// Lists from this base URL with the marked key and the marked number as destination.
fn list(base_url: &str) -> ListRun {
    let program = omnilogs()
        .env("OMNILOGS_BASE_URL", base_url)
        .env("OMNILOGS_API_KEY", KEY)
        .args(["-vv", "--to", NUMBER]);
    // On a busy machine, a large body can take longer than the built-in limit.
    ListRun { program, retries: 0, format: "jsonl", request_timeout: Some("900s") }
}

impl ListRun {
    fn args<const N: usize>(mut self, words: [&str; N]) -> Self {
        self.program = self.program.args(words);
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.program = self.program.env(name, value);
        self
    }

    /// Loads `tests/support/preload.c` with this setting.
    #[cfg(target_os = "linux")]
    fn with_preload(mut self, name: &'static str, value: &'static str) -> Self {
        self.program = self.program.with_preload(name, value);
        self
    }

    fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    fn request_timeout(mut self, limit: &'static str) -> Self {
        self.request_timeout = Some(limit);
        self
    }

    fn built_in_request_timeout(mut self) -> Self {
        self.request_timeout = None;
        self
    }

    fn format(mut self, format: &'static str) -> Self {
        self.format = format;
        self
    }

    /// Trusts this authority.
    fn trusting(self, pem: &str) -> Self {
        let path = self.file("authority.pem", pem);
        self.args(["--cacert", path.to_str().unwrap()])
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.program.home().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn program(self) -> Omnilogs {
        let program =
            self.program.args(["-o", self.format, "--retries", &self.retries.to_string()]);
        program
            .args(self.request_timeout.map(|limit| ["--request-timeout", limit]).iter().flatten())
    }

    /// Runs, expects this exit status, and checks what is true for every run.
    #[track_caller]
    fn code(self, wanted: i32) -> Ran {
        let format = self.format;
        let ran = self.program().run().code(wanted);
        check_invariants(&ran, format);
        ran
    }
}

/// Checks what is true for every run, whatever failed.
#[track_caller]
fn check_invariants(ran: &Ran, format: &str) {
    assert!((0..=10).contains(&ran.code), "status {}:\n{}", ran.code, ran.stderr);
    let packed = [KEY.to_owned(), format!("App {KEY}"), format!(":{KEY}")]
        .map(|text| BASE64_STANDARD.encode(text).trim_end_matches('=').to_owned());
    for marked in packed.iter().map(String::as_str).chain([KEY, NUMBER, TEXT]) {
        assert!(!ran.stderr.contains(marked), "{marked} is on stderr:\n{}", ran.stderr);
    }
    assert!(!ran.stdout.contains(KEY), "the key is on stdout:\n{}", ran.stdout);
    let is_dangerous = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
    assert!(!ran.stderr.contains(is_dangerous), "stderr controls the terminal:\n{:?}", ran.stderr);
    assert!(ran.stdout.is_empty() || ran.stdout.ends_with('\n'), "cut:\n{}", ran.stdout);
    if format != "jsonl" {
        return;
    }
    for line in ran.stdout.lines() {
        let whole: Result<&RawValue, _> = serde_json::from_str(line);
        assert!(whole.is_ok(), "not a complete row:\n{line}");
    }
    if ran.code != 0 {
        assert_eq!(ran.error_json()["error"]["code"], ran.code, "{}", ran.stderr);
    }
}

/// The ids of the rows in the output.
fn ids(ran: &Ran) -> Vec<String> {
    let id = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        row["messageId"].as_str().unwrap_or_default().to_owned()
    };
    ran.stdout.lines().map(id).collect()
}

/// The warnings on standard error.
fn warnings(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter_map(|line| line.strip_prefix("warning: ")).collect()
}

/// True if standard error reports a failed attempt that is followed by another.
fn was_retried(ran: &Ran) -> bool {
    ran.stderr.lines().any(|line| line.starts_with("< attempt ") && line.contains(" failed: "))
}
