//! Runs that continue an earlier run: the rows that they show and write.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Stdio;
use std::sync::atomic::Ordering;

use chrono::Duration;

use super::{
    Traffic, acknowledged, age, folder_with_state, followed, followed_into_file, key, sent_ago,
    with_more_time,
};
use crate::support::messages::NUMBER;
use crate::support::restricted::with_file_size_limit;
use crate::support::{Ran, omnilogs};

#[test]
fn messages_sent_while_no_follow_ran_are_shown_oldest_first_and_once() {
    let (_folder, state, traffic, _) = followed(&[]);
    age(&state, &traffic, Duration::hours(5));
    traffic.flows.store(false, Ordering::SeqCst);
    let missed = [("late", 10), ("mid", 150), ("early", 290)];
    traffic
        .held
        .lock()
        .unwrap()
        .extend(missed.map(|(id, minutes)| sent_ago(id, Duration::minutes(minutes))));
    let ran = traffic.rest(&state, &[]);
    let ids: Vec<_> = ran.stdout.lines().map(|line| key(line).0).collect();
    let new: Vec<_> = ids.iter().filter(|id| !id.starts_with('r')).collect();
    assert_eq!(new, ["early", "mid", "late"], "{ids:?}");
    assert_eq!(traffic.rest(&state, &[]).stdout, "");
}

#[test]
fn messages_that_expired_while_no_follow_ran_are_reported_as_missing() {
    let (folder, state, traffic, _) = followed(&[]);
    age(&state, &traffic, Duration::hours(60));
    traffic.flows.store(false, Ordering::SeqCst);
    traffic.held.lock().unwrap().push(sent_ago("kept", Duration::hours(40)));
    let follow = |time: &str| {
        let run = omnilogs().at(&traffic.server.url()).args(["follow", "-o", "jsonl"]);
        run.args(["--for", time, "--state"]).args([&state]).run().code(3)
    };
    let ran = with_more_time(follow, |ran| ran.stdout.contains("kept"));
    ran.says("messages may be missing from ").says("the API keeps messages for 48 hours");
    drop(folder);
}

#[test]
fn a_longer_lookback_or_interval_repeats_nothing() {
    let (_folder, state, traffic, _) = followed(&["--lookback", "1m"]);
    traffic.flows.store(false, Ordering::SeqCst);
    // Shown by an earlier run, and so old that it is no longer known.
    traffic.held.lock().unwrap().push(sent_ago("forgotten", Duration::minutes(10)));
    let ran = traffic.rest(&state, &["--lookback", "2h"]);
    assert!(!ran.stdout.contains("forgotten"), "{}", ran.stdout);
}

#[test]
fn the_state_has_no_number_no_text_and_no_key_and_only_its_owner_can_read_it() {
    let (_folder, state, _traffic, rows) = followed(&[]);
    assert!(rows.contains(NUMBER));
    let text = fs::read_to_string(&state).unwrap();
    for secret in [NUMBER, "long text", "test-key", "r0-1"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn the_first_run_shows_the_last_messages_and_later_runs_only_what_is_new() {
    let (_folder, state, traffic, rows) = followed(&["-n", "3"]);
    assert!(rows.lines().count() >= 3, "{rows}");
    assert_eq!(traffic.rest(&state, &["-n", "3"]).stdout.matches("previousStatus").count(), 0);
    let quiet = traffic.follow(&state, &["--fail-on-empty", "--for", "1s"]).run().code(10);
    assert_eq!(quiet.stdout, "");
}

#[test]
fn a_csv_file_has_one_header_and_a_moved_file_is_created_again() {
    let (folder, state) = folder_with_state();
    let rows = folder.path().join("rows.csv");
    let args = [
        "-o",
        "csv",
        "--columns",
        "messageId,status.name",
        "--output-file",
        rows.to_str().unwrap(),
    ];
    let traffic = Traffic::start();
    for _ in 0..3 {
        traffic.follow(&state, &args).args(["--for", "1s"]).run().code(0);
    }
    traffic.rest(&state, &args);
    let text = fs::read_to_string(&rows).unwrap();
    assert_eq!(text.matches("messageId,status.name\n").count(), 1, "{text}");
    let (lines, unique): (Vec<_>, HashSet<_>) = (text.lines().collect(), text.lines().collect());
    assert_eq!(lines.len(), unique.len());
    // As logrotate does.
    fs::rename(&rows, folder.path().join("rows.csv.1")).unwrap();
    traffic.held.lock().unwrap().push(sent_ago("new", Duration::seconds(1)));
    traffic.rest(&state, &args);
    assert_eq!(
        fs::read_to_string(&rows).unwrap(),
        "messageId,status.name\nnew,DELIVERED_TO_HANDSET\n"
    );
}

#[test]
fn rows_that_a_killed_run_wrote_and_that_have_expired_stay_in_the_file() {
    let (_folder, state, traffic, rows) = followed_into_file();
    let args = ["--output-file", rows.to_str().unwrap()];
    let text = fs::read_to_string(&rows).unwrap();
    let written = sent_ago("written", Duration::hours(50)).to_string();
    for (hours, is_kept) in [(1, false), (50, true)] {
        fs::write(&rows, format!("{text}{written}\n{{\"half")).unwrap();
        if is_kept {
            age(&state, &traffic, Duration::hours(hours));
        }
        traffic.flows.store(false, Ordering::SeqCst);
        let ran = traffic.follow(&state, &args).args(["--for", "1s"]).run();
        assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
        let now = fs::read_to_string(&rows).unwrap();
        assert_eq!(now.contains("\"written\""), is_kept, "{now}");
        assert!(!now.contains("{\"half"));
    }
}

#[test]
fn a_state_that_cannot_be_saved_ends_the_follow_with_an_error_that_names_it() {
    let (_folder, state) = folder_with_state();
    let traffic = Traffic::start();
    // Enough for a state without messages.
    let output = with_file_size_limit(traffic.follow(&state, &[]), 500, Stdio::piped());
    let ran = Ran::from(output).code(1);
    ran.says(&format!("cannot write {}", state.display())).says("File too large");
    let left = fs::metadata(&state).unwrap();
    assert!(left.size() > 0 && acknowledged(&state) == 0);
}
