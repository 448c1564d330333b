//! One file for two purposes, and the paths of standard streams: which runs are refused before anything
//! is read or sent, and where the others write.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::support::command::set_mode;
use crate::support::messages::{many, message, results};
use crate::support::model::{ServerBehavior, serve};
use crate::support::{Omnilogs, Response, Server, omnilogs};

fn one_row() -> Server {
    serve(vec![message("m1", "hi")], ServerBehavior::default())
}

/// The names and contents of the files of a folder, without links.
fn contents(folder: &Path) -> Vec<(String, String)> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    found.sort();
    found
}

/// A home in which `f` contains rows and other names link to it; `n` is a link to a missing file.
fn home_with_names(run: Omnilogs) -> Omnilogs {
    let home = run.home();
    fs::write(home.join("f"), results([message("m1", "hi")])).unwrap();
    set_mode(&home.join("f"), 0o600);
    symlink("f", home.join("link")).unwrap();
    fs::hard_link(home.join("f"), home.join("hard")).unwrap();
    symlink(".", home.join("folder")).unwrap();
    symlink("new", home.join("n")).unwrap();
    run
}

/// K12.
#[test]
fn one_file_for_two_purposes_is_refused_and_stays_unchanged() {
    let server = one_row();
    for words in [
        &["--output-file", "f", "--manifest", "f"][..],
        &["--output-file", "f", "--manifest", "./f"],
        &["--output-file", "link", "--manifest", "f"],
        &["--output-file", "f", "--manifest", "hard"],
        &["--output-file", "folder/f", "--manifest", "f"],
        // None of these files exists yet.
        &["--output-file", "new", "--manifest", "new"],
        &["--output-file", "new", "--manifest", "folder/./new"],
        &["--output-file", "new", "--manifest", "n"],
        &["--input", "f", "--manifest", "f"],
        &["--input", "f", "--output-file", "link"],
        &["--input", "hard", "--output-file", "f"],
        &["--message-id", "@f", "--output-file", "f"],
        &["--bulk-id", "@link", "--manifest", "f"],
        &["--api-key-file", "f", "--output-file", "f"],
        &["--config", "f", "--manifest", "f"],
        &["--cacert", "f", "--output-file", "f"],
        &["-o", "jsonl", "--resume", "--output-file", "new", "--manifest", "new.partial"],
        &["-o", "jsonl", "--resume", "--output-file", "new", "--manifest", "./new.checkpoint"],
        &["-o", "jsonl", "--resume", "--output-file", "a", "--manifest", "a.checkpoint.next"],
        &["stats", "--plot", "a.svg", "--output-file", "./a.svg", "-o", "csv"],
        &["stats", "--input", "f", "--output-file", "hard"],
        &["follow", "--message-id", "@f", "--output-file", "f"],
        &["wait", "--message-id", "@f", "--output-file", "link"],
        &["--archive=f", "--output-file", "hard"],
        // The files of SQLite beside an archive, whether they exist or not.
        &["--archive=f", "--output-file", "f-wal"],
        &["--archive=f", "--manifest", "./f-shm", "--output-file", "new"],
        &["stats", "--archive=f", "--output-file", "folder/f-wal", "-o", "csv"],
        &["archive", "import", "f", "--archive=f"],
        &["archive", "import", "new-wal", "--archive=./folder/new"],
    ] {
        let run = home_with_names(omnilogs().at(&server.url()).args(words));
        let home = run.home().to_owned();
        let before = contents(&home);
        let (mut command, _home) = run.into_command();
        let ran = command.stdin(Stdio::null()).output().unwrap();
        let stderr = String::from_utf8(ran.stderr).unwrap();
        let is_config = words.contains(&"--config");
        assert_eq!(ran.status.code(), Some(2), "{words:?}: {stderr}");
        let reason = ["written twice", "the input file is the output file"];
        assert!(is_config || reason.iter().any(|why| stderr.contains(why)), "{words:?}: {stderr}");
        assert_eq!(contents(&home), before, "{words:?}");
    }
    assert_eq!(server.targets(), [""; 0]);
}

/// K12. Files that the environment or the address of an archive names.
#[test]
fn a_file_that_is_read_without_an_option_of_its_own_is_not_written() {
    let server = one_row();
    let address = "--archive=postgres://u@127.0.0.1:1/m?sslrootcert=f";
    for (variable, words) in [
        (Some("SSL_CERT_FILE"), &["--output-file", "link"][..]),
        (Some("SSL_CERT_FILE"), &["--output-file", "new", "--manifest", "f"]),
        (Some("SSL_CERT_FILE"), &["stats", "--output-file", "hard", "-o", "csv"]),
        (Some("PGPASSFILE"), &["--archive=postgres://u@127.0.0.1:1/m", "--output-file", "hard"]),
        (None, &[address, "--output-file", "./f"]),
    ] {
        let run = home_with_names(omnilogs().at(&server.url()).args(words));
        let home = run.home().to_owned();
        let run = match variable {
            Some(name) => run.env(name, home.join("f")),
            None => run,
        };
        let before = contents(&home);
        let (mut command, _home) = run.into_command();
        let ran = command.stdin(Stdio::null()).output().unwrap();
        let stderr = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{words:?}: {stderr}");
        assert!(stderr.contains("the input file is the output file"), "{words:?}: {stderr}");
        assert_eq!(contents(&home), before, "{words:?}");
    }
    assert_eq!(server.targets(), [""; 0]);
}

/// K23. Each of two readers of a pipe gets a part of it.
#[test]
fn an_import_reads_standard_input_once() {
    for words in [["-", "-"], ["/dev/stdin", "-"], ["/dev/stdin", "/dev/fd/0"]] {
        let run = home_with_names(omnilogs());
        let run = run.args(["archive", "import", "--archive=a.db"]).args(words);
        let ran = run.stdin(results([message("m1", "hi")])).run().code(2);
        ran.says("standard input can be read once: archive import names it twice");
    }
}

/// Runs through a shell with these redirections.
fn through_shell(run: Omnilogs, redirections: &str) -> Output {
    let script = format!("exec \"$@\" {redirections}");
    let (mut command, _home) = run.wrapped_by(&["/bin/bash", "-c", &script, "bash"]).into_command();
    command.stdin(Stdio::null()).output().unwrap()
}

/// K12. Each written row would be read again.
#[test]
fn an_input_that_standard_output_goes_to_is_refused() {
    for (words, redirections) in [
        (&["--input", "f", "-o", "jsonl"][..], ">> f"),
        (&["--input", "link", "-o", "jsonl"], ">> hard"),
        (&["--input", "-", "-o", "jsonl"], "< f >> f"),
        (&["--input", "/dev/stdin", "-o", "jsonl"], "< f >> f"),
        (&["stats", "--input", "f", "-o", "json"], ">> f"),
        (&["--input", "f", "-o", "jsonl"], "2>> f"),
    ] {
        let run = home_with_names(omnilogs().args(words));
        let path = run.home().join("f");
        let home = tempfile::tempdir().unwrap();
        let kept = home.path().join("f");
        fs::hard_link(&path, &kept).unwrap();
        let before = fs::read_to_string(&kept).unwrap();
        let ran = through_shell(run, redirections);
        let after = fs::read_to_string(&kept).unwrap();
        let stderr = String::from_utf8(ran.stderr).unwrap() + &after;
        assert_eq!(ran.status.code(), Some(2), "{words:?} {redirections}: {stderr}");
        assert!(stderr.contains("the input file is the output file"), "{words:?}: {stderr}");
        assert!(after.starts_with(&before), "{words:?}: {after}");
    }
}

/// K12. Messages that are written to a file that is then replaced are lost.
#[test]
fn an_output_file_that_standard_error_goes_to_is_refused() {
    let server = one_row();
    for flag in ["--output-file", "--manifest"] {
        let run = omnilogs().at(&server.url()).args([flag, "f"]);
        assert_eq!(through_shell(run, "2> f").status.code(), Some(2), "{flag}");
    }
    assert_eq!(server.targets(), [""; 0]);
}

#[test]
fn files_that_are_certainly_different_may_have_the_same_name() {
    let server = one_row();
    for (words, redirections) in [
        (&["--output-file", "/dev/null", "--manifest", "/dev/null"][..], ""),
        (&["-o", "csv", "-v"], "> f 2>&1"),
        (&["--message-id", "@ids", "--bulk-id", "@ids"], ""),
    ] {
        let run = omnilogs().at(&server.url()).args(words);
        fs::write(run.home().join("ids"), "m1\n").unwrap();
        let ran = through_shell(run, redirections);
        assert!(ran.status.success(), "{words:?}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}

/// K23.
#[test]
fn standard_input_for_two_purposes_is_refused_and_not_read() {
    let server = one_row();
    for words in [
        &["--api-key-file", "-", "--message-id", "@-"][..],
        &["--api-key-file", "-", "--bulk-id", "@-"],
        &["--input", "-", "--message-id", "@-"],
        &["--message-id", "@-", "--bulk-id", "@-"],
        &["--message-id", "@-", "--message-id", "@-"],
        &["--input", "/dev/stdin", "--message-id", "@-"],
        &["--message-id", "@/dev/fd/0", "--bulk-id", "@-"],
        &["--api-key-file", "/proc/self/fd/0", "--message-id", "@/dev/stdin"],
        &["wait", "--message-id", "@-", "--api-key-file", "-"],
        &["follow", "--message-id", "@-", "--api-key-file", "-"],
        &["stats", "--input", "-", "--bulk-id", "@-"],
    ] {
        let run = omnilogs().at(&server.url()).args(words).stdin("a-secret-key\n");
        let ran = run.run().code(2).says("standard input can be read once");
        assert!(!ran.stderr.contains("a-secret-key") && ran.stdout.is_empty(), "{}", ran.stderr);
    }
    assert_eq!(server.targets(), [""; 0]);
}

/// K23. Each reader would get a part of the data, or wait forever.
#[test]
fn reading_one_pipe_twice_is_refused() {
    for words in [
        &["--message-id", "@fifo", "--bulk-id", "@./fifo"][..],
        &["--input", "fifo", "--message-id", "@fifo"],
    ] {
        let run = omnilogs().args(words);
        let fifo = run.home().join("fifo");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        run.run().code(2).says("a pipe can be read once");
    }
}

#[test]
fn a_dash_as_output_file_is_standard_output() {
    let server = one_row();
    for words in [&["-o", "csv"][..], &["-o", "json"], &["stats", "-o", "csv"]] {
        let plain = omnilogs().at(&server.url()).args(words).run().code(0).stdout;
        let run = omnilogs().at(&server.url()).args(words).args(["--output-file", "-"]);
        let home = run.home().to_owned();
        let (mut command, kept) = run.into_command();
        let ran = command.output().unwrap();
        assert_eq!(String::from_utf8(ran.stdout).unwrap(), plain, "{words:?}");
        assert_eq!(contents(&home), []);
        drop(kept);
    }
    let run = omnilogs().at(&server.url()).args(["--output-file", "./-"]);
    let home = run.home().to_owned();
    let (mut command, _kept) = run.into_command();
    assert!(command.output().unwrap().stdout.is_empty());
    assert_eq!(contents(&home).len(), 1, "a file of that name");
    let resume = ["-o", "jsonl", "--resume", "--output-file", "-"];
    omnilogs().at(&server.url()).args(resume).run().code(2).says("--resume needs --output-file");
}

/// The output of other programs to the same file stays.
#[test]
fn the_path_of_a_descriptor_is_written_to_and_not_replaced() {
    let server = one_row();
    let wanted = omnilogs().at(&server.url()).args(["-o", "csv"]).run().code(0).stdout;
    for (name, open) in [
        ("/dev/stdout", "> f"),
        ("/dev/stdout", ">> f"),
        ("/dev/fd/1", "> f"),
        ("/proc/self/fd/1", ">> f"),
        ("out", "> f"),
        ("/dev/stderr", "2>> f"),
        ("/dev/fd/7", "7> f"),
    ] {
        let run = omnilogs().at(&server.url()).args(["-o", "csv", "--output-file", name]);
        let path = run.home().join("f");
        fs::write(&path, "before\n").unwrap();
        symlink("/dev/stdout", run.home().join("out")).unwrap();
        let stays = open.contains(">>");
        let script = format!("{{ echo first; \"$@\"; echo last; }} {open}");
        let script = match name {
            "/dev/stderr" => {
                script.replace("echo first", "echo first >&2").replace("echo last", "echo last >&2")
            }
            "/dev/fd/7" => {
                script.replace("echo first", "echo first >&7").replace("; echo last", "")
            }
            _ => script,
        };
        let (mut command, kept) =
            run.wrapped_by(&["/bin/bash", "-c", &script, "bash"]).into_command();
        assert!(command.stdin(Stdio::null()).output().unwrap().status.success(), "{name} {open}");
        let last = if name == "/dev/fd/7" { "" } else { "last\n" };
        let before = if stays { "before\n" } else { "" };
        let found = fs::read_to_string(&path).unwrap();
        assert_eq!(found, format!("{before}first\n{wanted}{last}"), "{name} {open}");
        drop(kept);
    }
}

/// K13.
#[test]
fn a_link_to_a_missing_file_is_written_through() {
    let server = one_row();
    for words in [
        &["--output-file", "link"][..],
        &["--manifest", "link"],
        &["stats", "--output-file", "link"],
    ] {
        let run = omnilogs().at(&server.url()).args(words);
        let home = run.home().to_owned();
        fs::create_dir(home.join("sub")).unwrap();
        symlink("sub/other", home.join("link")).unwrap();
        symlink("out", home.join("sub/other")).unwrap();
        let (mut command, kept) = run.into_command();
        assert!(command.output().unwrap().status.success());
        assert!(fs::symlink_metadata(home.join("link")).unwrap().is_symlink(), "{words:?}");
        assert!(fs::symlink_metadata(home.join("sub/other")).unwrap().is_symlink(), "{words:?}");
        assert!(fs::symlink_metadata(home.join("sub/out")).unwrap().is_file(), "{words:?}");
        drop(kept);
    }
    // A circle of links has no target.
    let run = omnilogs().at(&server.url()).args(["--output-file", "a"]);
    symlink("a", run.home().join("a")).unwrap();
    run.run().code(1).says("Too many levels of symbolic links");
}

/// K13.
#[test]
fn a_manifest_records_that_the_reader_closed_the_pipe() {
    let server = Server::always(Response::json(many(300)));
    for words in [&["-o", "jsonl"][..], &["-o", "csv"], &["-o", "table"]] {
        let run = omnilogs().at(&server.url()).args(words);
        let mut run = run.args(["-n", "300", "--manifest", "manifest"]).start();
        let path = run.home().join("manifest");
        run.until_it_prints();
        let (ran, manifest) = run.close_output_and_inspect(|| fs::read(&path).unwrap());
        ran.code(0);
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        assert_eq!(manifest["complete"], false, "{words:?}");
        assert_eq!(manifest["failure"], "the reader of the output closed the pipe", "{words:?}");
    }
    let run = omnilogs().at(&server.url()).args(["--manifest", "manifest"]);
    let path = run.home().join("manifest");
    let (mut command, _home) = run.into_command();
    let full = File::options().write(true).open("/dev/full").unwrap();
    assert_eq!(command.stdout(full).output().unwrap().status.code(), Some(1));
    let mut manifest = String::new();
    File::open(path).unwrap().read_to_string(&mut manifest).unwrap();
    assert!(manifest.contains("\"complete\": false"), "{manifest}");
}
