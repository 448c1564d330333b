//! Faults of disks, files and permissions.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Mutex;

use rustix::process::Signal;
use serde_json::Value;

use super::{ArchiveFolder, serve, until_requests};
use crate::support::command::set_mode;
use crate::support::messages::results;
use crate::support::model;
use crate::support::restricted::{can_mount, with_file_size_limit, without_root_capabilities};
use crate::support::{Omnilogs, Ran, Server, at_once, omnilogs};

/// Runs syncs with different amounts of room, and checks the archive that each leaves.
fn with_little_room(messages: &[Value], room: impl Fn(usize, Omnilogs) -> Output) -> Vec<i32> {
    let mut codes = Vec::new();
    for kilobytes in [0, 8, 64, 200, 300, 400, 500, 600, 800, 40_000] {
        let (folder, server) = (ArchiveFolder::new(), serve(messages, 100));
        let ran = Ran::from(room(kilobytes, folder.sync(&server)));
        assert!(matches!(ran.code, 0 | 1), "{kilobytes} kB: {} {}", ran.code, ran.stderr);
        let held = held_after(&folder, &ran, messages);
        assert_eq!(ran.code == 0, held == messages.len(), "{kilobytes} kB: {}", ran.stderr);
        codes.push(ran.code);
        folder.sync(&server).run().code(0);
        assert_eq!(folder.check(messages), messages.len());
    }
    codes
}

/// The number of messages after a run that may have had too little room to create the archive.
fn held_after(folder: &ArchiveFolder, ran: &Ran, messages: &[Value]) -> usize {
    let is_empty = folder.path().metadata().is_ok_and(|file| file.len() == 0);
    if is_empty {
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        return 0;
    }
    folder.check(messages)
}

/// A06.
#[test]
fn a_limit_of_the_file_size_undoes_a_page_and_leaves_what_was_stored() {
    let messages = model::recent(1000, 2);
    let codes = with_little_room(&messages, |kilobytes, run| {
        let ran = with_file_size_limit(run, kilobytes * 1024, std::process::Stdio::piped());
        let stderr = String::from_utf8_lossy(&ran.stderr);
        let is_explained = stderr.contains("would exceed the file size limit of this process")
            && stderr.contains("raise the file size limit");
        assert!(ran.status.success() || is_explained, "{kilobytes} kB: {stderr}");
        ran
    });
    assert_eq!((codes.first(), codes.last()), (Some(&1), Some(&0)), "{codes:?}");
}

/// A06.
#[test]
fn a_disk_that_fails_to_write_undoes_a_page_and_leaves_what_was_stored() {
    let messages = model::recent(300, 2);
    let codes = Mutex::new(Vec::new());
    at_once([1, 2, 3, 4, 5, 6, 8, 11, 1000], |first: i32| {
        let (folder, server) = (ArchiveFolder::new(), serve(&messages, 100));
        let first = first.to_string();
        let ran = folder.sync(&server).with_preload("PRELOAD_SYNC_ERROR", &first).run();
        assert!(matches!(ran.code, 0 | 1), "{first}: {} {}", ran.code, ran.stderr);
        assert!(ran.code == 0 || ran.stderr.contains("cannot use the archive"), "{}", ran.stderr);
        let held = held_after(&folder, &ran, &messages);
        assert!(ran.code != 0 || held == messages.len(), "{first}: {}", ran.stderr);
        codes.lock().unwrap().push(ran.code);
        folder.sync(&server).run().code(0);
        assert_eq!(folder.check(&messages), messages.len());
    });
    let codes = codes.into_inner().unwrap();
    assert!(codes.contains(&0) && codes.iter().filter(|code| **code == 1).count() > 3, "{codes:?}");
}

/// A06.
#[test]
fn an_archive_that_is_deleted_during_a_sync_ends_it_and_the_next_one_makes_another() {
    let messages = model::recent(300, 5);
    let (folder, held) = (ArchiveFolder::new(), messages.clone());
    let path = folder.path();
    let server = Server::start(move |number, head| {
        if number == 4 {
            // The pages before are stored when the program sends the next request.
            std::fs::remove_file(&path).unwrap();
        }
        model::response_to(&held, head, 50)
    });
    folder.sync(&server).run().code(11).says("there is no archive at");
    folder.sync(&server).run().code(0);
    assert_eq!(folder.check(&messages), messages.len());
}

/// Runs the program through a shell that may mount file systems which no other process sees. `before` is
/// what the shell does first, and `after` what it does last.
fn in_own_mounts(run: Omnilogs, before: &str, after: &str) -> Output {
    let script = format!("{before} || exit 90; \"$0\" \"$@\"; code=$?; {after}; exit $code");
    let flags = if rustix::process::geteuid().is_root() { "-m" } else { "-rm" };
    run.wrapped_by(&["unshare", flags, "sh", "-c", &script]).command.output().unwrap()
}

/// A05.
#[test]
fn a_disk_that_is_full_undoes_a_page_and_leaves_what_was_stored() {
    if !can_mount() {
        return;
    }
    let messages = model::recent(1000, 2);
    let codes = with_little_room(&messages, |kilobytes, run| {
        let archive = run.command.get_args().find_map(|word| {
            word.to_str().and_then(|word| word.strip_prefix("--archive=")).map(PathBuf::from)
        });
        let folder = archive.unwrap().parent().unwrap().to_path_buf();
        let (folder, out) = (folder.display(), folder.join("out").display().to_string());
        // What the program leaves in the small file system is moved out of it.
        let pages = (kilobytes / 4).max(1);
        let before = format!(
            "mkdir {out} && mount --bind {out} /mnt && \
             mount -t tmpfs -o nr_blocks={pages} tmpfs {folder}"
        );
        let after = format!("cp -p {folder}/a.db* /mnt/");
        let ran = in_own_mounts(run, &before, &after);
        for file in std::fs::read_dir(&out).unwrap().flatten() {
            std::fs::rename(file.path(), Path::new(&folder.to_string()).join(file.file_name()))
                .unwrap();
        }
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert!(
            ran.status.success() || stderr.contains("there is no space left"),
            "{kilobytes} kB: {stderr}"
        );
        ran
    });
    assert_eq!((codes.first(), codes.last()), (Some(&1), Some(&0)), "{codes:?}");
}

#[test]
fn an_erasure_without_space_says_whether_the_messages_are_deleted() {
    let messages = model::recent(1000, 2);
    let id = messages.last().unwrap()["messageId"].as_str().unwrap();
    let (mut failed_before, mut failed_after) = (0, 0);
    for kilobytes in [8, 100, 200, 300, 400, 600, 40_000] {
        let (folder, server) = (ArchiveFolder::new(), serve(&messages, 1000));
        folder.sync(&server).run().code(0);
        let path = format!("--archive={}", folder.path().display());
        let erase = || omnilogs().args(["archive", "erase", "--message-id", id, "--yes", &path]);
        let limit = kilobytes * 1024;
        let ran = Ran::from(with_file_size_limit(erase(), limit, std::process::Stdio::piped()));
        let left =
            omnilogs().args(["--message-id", id, "--allow-gaps", "-o", "jsonl", &path]).run();
        let is_deleted = left.stdout.is_empty();
        assert!(!ran.stderr.contains("archive prune"), "{}", ran.stderr);
        if ran.code != 0 {
            let says_so = ran.stderr.contains("the messages are deleted, but");
            assert_eq!((ran.code, says_so), (1, is_deleted), "{kilobytes} kB: {}", ran.stderr);
            let advises_to_repeat = ran.stderr.contains("run the same command again");
            assert_eq!(advises_to_repeat, is_deleted, "{kilobytes} kB: {}", ran.stderr);
            *(if is_deleted { &mut failed_after } else { &mut failed_before }) += 1;
        }
        erase().run().code(0);
        let bytes = std::fs::read(folder.path()).unwrap();
        assert!(!bytes.windows(id.len()).any(|part| part == id.as_bytes()));
    }
    assert!(failed_before > 0 && failed_after > 0, "{failed_before} {failed_after}");
}

#[test]
fn pruning_without_space_does_not_advise_to_prune() {
    let messages = model::recent(300, 2);
    let (folder, server) = (ArchiveFolder::new(), serve(&messages, 1000));
    folder.sync(&server).run().code(0);
    let path = format!("--archive={}", folder.path().display());
    let prune = omnilogs().args(["archive", "prune", "--older-than", "0s", "--yes", &path]);
    let ran = Ran::from(with_file_size_limit(prune, 8 * 1024, std::process::Stdio::piped()));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(!ran.stderr.contains("archive prune --older"), "{}", ran.stderr);
}

#[test]
fn an_archive_can_be_read_with_a_file_size_limit_of_0() {
    let (folder, messages) = (ArchiveFolder::new(), model::recent(30, 5));
    let server = serve(&messages, 1000);
    folder.sync(&server).run().code(0);
    let list = folder.command(&server, &["list", "--all", "-o", "csv", "--allow-gaps"]);
    let ran = Ran::from(with_file_size_limit(list, 0, std::process::Stdio::piped())).code(0);
    assert_eq!(ran.stdout.lines().count(), 31, "{}", ran.stdout);
}

#[test]
fn a_file_size_limit_does_not_end_a_service() {
    let (folder, server) = (ArchiveFolder::new(), serve(&model::recent(1000, 2), 100));
    let words = ["archive", "sync", "--every", "1s"];
    let ignored = "trap '' XFSZ; exec \"$0\" \"$@\"";
    let limited = ["prlimit", "--fsize=307200:307200", "sh", "-c", ignored];
    let mut running = folder.command(&server, &words).wrapped_by(&limited).start();
    running.until_stderr_contains("would exceed the file size limit of this process; still trying");
    running.signal(Signal::INT);
    running.end().code(130);
}

/// What a shell does to put a copy of an archive into a file system that has no space left, as
/// `/mnt/a.db`.
fn in_full_file_system(archive: &Path) -> String {
    let archive = archive.display();
    format!(
        "mount -t tmpfs -o size=8m tmpfs /mnt && cp -p {archive} /mnt/ && \
         {{ cat /dev/zero > /mnt/fill 2> /dev/null || true; }}"
    )
}

/// A05.
#[test]
fn an_archive_on_a_full_disk_can_be_read_and_writing_to_it_says_that_no_space_is_left() {
    if !can_mount() {
        return;
    }
    let (folder, messages) = (ArchiveFolder::new(), model::recent(30, 5));
    let id = messages[0]["messageId"].as_str().unwrap();
    let server = serve(&messages, 1000);
    folder.sync(&server).run().code(0);
    let before = in_full_file_system(&folder.path());
    let run = |words: &[&str]| {
        let run = omnilogs().at(&server.url()).args(words).args(["--archive=/mnt/a.db"]);
        Ran::from(in_own_mounts(run, &before, ":"))
    };
    let listed = run(&["list", "--all", "-o", "csv", "--allow-gaps"]).code(0);
    assert_eq!(listed.stdout.lines().count(), 31, "{}", listed.stdout);
    run(&["archive", "status"]).code(0);
    run(&["archive", "verify", "--full"]).code(0);
    for words in [
        &["archive", "sync"][..],
        &["archive", "prune", "--older-than", "0s", "--yes"],
        &["archive", "erase", "--message-id", id, "--yes"],
    ] {
        let ran = run(words).code(1).says("there is no space left for the archive /mnt/a.db");
        assert!(ran.stderr.contains("try: free space on the disk"), "{words:?} {}", ran.stderr);
    }
}

/// A05.
#[test]
fn a_service_that_starts_on_a_full_disk_syncs_when_there_is_space() {
    if !can_mount() {
        return;
    }
    let (folder, messages) = (ArchiveFolder::new(), model::recent(30, 5));
    let server = serve(&messages, 1000);
    folder.sync(&server).run().code(0);
    // The loop ends with the program, whose process has the id of this shell.
    let script = format!(
        "{} || exit 90; \
         until_said() {{ until grep -qs \"$1\" errors || ! kill -0 $$; do sleep 0.05; done; }}; \
         (until_said 'still trying'; rm /mnt/fill; until_said synced; kill -TERM $$) \
         > /dev/null 2>&1 & exec \"$0\" \"$@\" 2> errors",
        in_full_file_system(&folder.path())
    );
    let words = ["archive", "sync", "--every", "1s", "--archive=/mnt/a.db", "--rate", "0"];
    let flags = if rustix::process::geteuid().is_root() { "-m" } else { "-rm" };
    let run = omnilogs().at(&server.url()).args(words);
    let running = run.wrapped_by(&["unshare", flags, "sh", "-c", &script]).start();
    let (ran, errors) = {
        let errors = running.home().join("errors");
        running.end_and_inspect(|| std::fs::read_to_string(errors).unwrap())
    };
    ran.code(143);
    let warning = "there is no space left for the archive /mnt/a.db; still trying";
    assert!(errors.contains(warning) && errors.contains("synced"), "{errors}");
}

/// A06.
#[test]
fn a_read_only_file_system_can_be_read_and_is_not_written_to() {
    if !can_mount() {
        return;
    }
    let (folder, messages) = (ArchiveFolder::new(), model::recent(30, 5));
    let server = serve(&messages, 1000);
    folder.sync(&server).run().code(0);
    let before = std::fs::read(folder.path()).unwrap();
    let path = folder.0.path().display().to_string();
    let read_only = format!("mount --bind {path} {path} && mount -o remount,ro,bind {path}");
    let list = folder.command(&server, &["list", "--all", "-o", "csv", "--allow-gaps"]);
    let ran = Ran::from(in_own_mounts(list, &read_only, ":")).code(0);
    assert_eq!(ran.stdout.lines().count(), 31, "{}", ran.stdout);
    let ran = Ran::from(in_own_mounts(folder.sync(&server), &read_only, ":")).code(11);
    assert!(ran.stderr.contains("is read-only"), "{}", ran.stderr);
    assert_eq!(std::fs::read(folder.path()).unwrap(), before);
}

/// A06.
#[test]
fn an_archive_that_cannot_be_written_can_be_read_and_a_sync_reports_why() {
    let messages = model::recent(30, 5);
    let server = serve(&messages, 1000);
    for (file_mode, folder_mode) in [(0o400, 0o700), (0o600, 0o500), (0o400, 0o500)] {
        let folder = ArchiveFolder::new();
        folder.sync(&server).run().code(0);
        set_mode(&folder.path(), file_mode);
        set_mode(folder.0.path(), folder_mode);
        let list = folder.command(&server, &["list", "--all", "-o", "csv", "--allow-gaps"]);
        let listed = Ran::from(without_root_capabilities(list));
        let synced = Ran::from(without_root_capabilities(folder.sync(&server)));
        set_mode(folder.0.path(), 0o700);
        set_mode(&folder.path(), 0o600);
        assert_eq!(listed.code, 0, "{}", listed.stderr);
        assert_eq!(listed.stdout.lines().count(), 31, "{}", listed.stdout);
        assert_eq!(synced.code, 11, "{file_mode:o} {folder_mode:o} {}", synced.stderr);
        assert!(
            synced.stderr.contains("make the file and its folder writable"),
            "{}",
            synced.stderr
        );
        folder.sync(&server).run().code(0);
        assert_eq!(folder.check(&messages), messages.len());
    }
}

/// A21.
#[test]
fn an_archive_without_permission_cannot_be_used_and_the_error_names_the_file() {
    let server = serve(&model::recent(30, 5), 1000);
    let folder = ArchiveFolder::new();
    folder.sync(&server).run().code(0);
    let inner = folder.0.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    let archive = inner.join("a.db");
    std::fs::copy(folder.path(), &archive).unwrap();
    let (all, listing) = (
        &[
            &["list", "--all"][..],
            &["archive", "status"],
            &["archive", "verify"],
            &["archive", "sync"],
            &["archive", "prune", "--older-than", "1d", "--yes"],
            &["archive", "erase", "--to", "447700900123", "--yes"],
        ][..],
        &[&["list", "--all"][..], &["archive", "status"]][..],
    );
    let (log, index) = (inner.join("a.db-wal"), inner.join("a.db-shm"));
    std::fs::write(&index, "").unwrap();
    let writing = &all[3..];
    for (path, mode, commands, action) in [
        (&index, 0o400, writing, format!("write to {}", index.display())),
        (&archive, 0o000, all, format!("read {}", archive.display())),
        (&inner, 0o000, all, format!("search the folder {}", inner.display())),
        (&log, 0o000, listing, format!("read {}", log.display())),
    ] {
        std::fs::write(&log, if *path == log { "log" } else { "" }).unwrap();
        set_mode(path, mode);
        for words in commands {
            let option = format!("--archive={}", archive.display());
            let run = omnilogs().at(&server.url()).args(*words).args([&option]);
            let ran = Ran::from(without_root_capabilities(run)).code(11);
            ran.says(&format!("no permission to {action}"));
        }
        set_mode(path, 0o700);
    }
    std::fs::remove_file(&archive).unwrap();
    set_mode(&inner, 0o500);
    let option = format!("--archive={}", inner.join("new/a.db").display());
    let create = omnilogs().at(&server.url()).args(["archive", "sync", &option]);
    let ran = Ran::from(without_root_capabilities(create)).code(11);
    ran.says(&format!("no permission to create files in the folder {}", inner.display()));
    set_mode(&inner, 0o700);
}

/// A07, A08.
#[test]
fn a_cut_or_newer_archive_is_refused_and_not_changed() {
    let (whole, messages) = (ArchiveFolder::new(), model::recent(200, 5));
    let server = serve(&messages, 1000);
    whole.sync(&server).run().code(0);
    let bytes = std::fs::read(whole.path()).unwrap();
    let mut newer = bytes.clone();
    newer[60..64].copy_from_slice(&99_u32.to_be_bytes());
    let cuts = [100, 4096, bytes.len() / 2, bytes.len() - 1];
    let cases = cuts.map(|length| (bytes[..length].to_vec(), "it was cut to"));
    let newer = [(newer, "has version 99 of the archive's format")];
    at_once(cases.into_iter().chain(newer), |(bytes, reason)| {
        let folder = ArchiveFolder::new();
        std::fs::write(folder.path(), &bytes).unwrap();
        for words in [&["archive", "sync"][..], &["archive", "status"], &["list"]] {
            folder.command(&server, words).run().code(11).says(reason);
        }
        let ran =
            folder.command(&server, &["archive", "verify", "--full"]).run().code(11).says(reason);
        assert!(!ran.stderr.contains("archive verify"), "{}", ran.stderr);
        assert!(std::fs::read(folder.path()).unwrap() == bytes, "{reason}");
    });
}

/// A07.
#[test]
fn a_listing_of_an_overwritten_archive_has_every_row_or_says_that_it_is_damaged() {
    const PLACES: usize = 32;
    let (whole, messages) = (ArchiveFolder::new(), model::recent(1200, 2));
    let server = serve(&messages, 1000);
    whole.sync(&server).run().code(0);
    let list = ["--all", "--allow-gaps", "-o", "jsonl"];
    let rows = whole.command(&server, &list).run().code(0).stdout;
    assert_eq!(rows.lines().count(), messages.len());
    let bytes = std::fs::read(whole.path()).unwrap();
    let damaged = Mutex::new(0);
    at_once(0..PLACES, |place| {
        let folder = ArchiveFolder::new();
        // The middle of each part, so that most places are not the beginning of a page, where a
        // change of the header is always noticed.
        let start = bytes.len() * (2 * place + 1) / (2 * PLACES);
        let mut changed = bytes.clone();
        for (byte, value) in changed[start..].iter_mut().zip([0xDE, 0xAD, 0xBE, 0xEF].repeat(512)) {
            *byte = value;
        }
        std::fs::write(folder.path(), &changed).unwrap();
        let ran = folder.command(&server, &list).run();
        if ran.code == 0 {
            assert!(ran.stdout == rows, "{start}: {} rows", ran.stdout.lines().count());
        } else {
            assert!(matches!(ran.code, 3 | 11), "{start}: {} {}", ran.code, ran.stderr);
            ran.says("omnilogs archive verify");
            *damaged.lock().unwrap() += 1;
        }
        assert!(std::fs::read(folder.path()).unwrap() == changed, "{start}");
    });
    assert!(*damaged.lock().unwrap() > PLACES / 2);
}

#[test]
fn a_cut_file_is_imported_up_to_the_cut_and_the_exit_status_says_so() {
    let body = results(model::recent(20, 5));
    let whole_rows = body[..body.len() / 2].matches("\"messageId\"").count() - 1;
    let line = format!(
        "head -c {} whole.json > cut.json; omnilogs archive import cut.json --archive=a.db; echo $?; \
         omnilogs archive import whole.json --archive=a.db -o json",
        body.len() / 2
    );
    let run = omnilogs().in_bash(&line);
    std::fs::write(run.home().join("whole.json"), &body).unwrap();
    let ran = run.run().code(0);
    assert!(ran.stdout.starts_with("3\n"), "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("cut.json"), "{}", ran.stderr);
    let report: Value = serde_json::from_str(ran.stdout.lines().nth(1).unwrap()).unwrap();
    let unchanged = report["unchanged"].as_u64().unwrap();
    let new = report["new"].as_u64().unwrap();
    assert_eq!(new + unchanged, 20, "{report}");
    assert!(unchanged <= whole_rows as u64 + 1, "{report}");
}

/// A21.
#[test]
fn an_archive_is_private_with_any_umask() {
    use std::os::unix::fs::PermissionsExt;

    let server = serve(&model::recent(100, 5), 10);
    let line = "umask 000; omnilogs archive sync --archive=new/folder/a.db --rate 0";
    let running = omnilogs().at(&server.url()).in_bash(line).start();
    until_requests(&running, &server, 4);
    let folder = running.home().join("new/folder");
    let seen = Mutex::new(HashSet::new());
    running.until(|| {
        for file in std::fs::read_dir(&folder).unwrap().flatten() {
            let Ok(metadata) = file.metadata() else { continue };
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{file:?}");
            seen.lock().unwrap().insert(file.file_name());
        }
        seen.lock().unwrap().len() >= 3
    });
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    running.end().code(0);
}
