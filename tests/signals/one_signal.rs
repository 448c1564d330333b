//! One signal ends a run whatever it is doing, and the run ends by that signal.

use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::mpsc::channel;

use rustix::process::Signal;

use super::listing::stalled;
use crate::support::messages::{many, message, results};
use crate::support::running::ChildGuard;
use crate::support::{PATIENCE, Response, Server, omnilogs};

/// Every signal that stops a run, and its exit status in a shell.
const SIGNALS: [(Signal, i32); 4] =
    [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129), (Signal::QUIT, 131)];

/// K13.
#[test]
fn a_stopped_run_ends_by_the_signal_itself_and_leaves_no_file() {
    for (signal, code) in SIGNALS {
        let server = Server::always(stalled());
        let run = omnilogs().at(&server.url()).args(["-o", "json", "--output-file", "out"]).start();
        run.until(|| server.targets().len() == 1);
        run.signal(signal);
        let folder = run.home().to_owned();
        let (ran, left) = run.end_and_inspect(|| fs::read_dir(&folder).unwrap().count());
        let error = ran.code(code).error_json();
        assert_eq!((error["error"]["code"].as_i64(), left), (Some(code.into()), 0));
    }
}

/// K13. Settings are still being read, and the files of the run are already open.
#[test]
fn a_signal_while_a_command_prints_credentials_leaves_no_file() {
    for (signal, code) in SIGNALS {
        let run = omnilogs().config("credential_command = \"touch ran; sleep 3\"\n");
        let run = run.args(["--output-file", "out", "--manifest", "manifest"]);
        let ran = run.home().join("ran");
        let run = run.start();
        run.until(|| ran.exists());
        run.signal(signal);
        let folder = run.home().to_owned();
        let (ended, left) = run.end_and_inspect(|| fs::read_dir(&folder).unwrap().count());
        ended.code(code);
        assert_eq!(left, 2, "the configuration and what the command made");
    }
}

#[test]
fn a_hangup_that_is_ignored_at_the_start_stays_ignored() {
    let (release, released) = channel();
    let released = Mutex::new(released);
    let server = Server::start(move |_, _| {
        released.lock().unwrap().recv().unwrap();
        Response::json(results([message("m1", "hi")]))
    });
    let run = omnilogs().at(&server.url()).wrapped_by(&["/usr/bin/env", "--ignore-signal=HUP"]);
    let run = run.start();
    run.until(|| server.targets().len() == 1);
    run.signal(Signal::HUP);
    release.send(()).unwrap();
    assert!(run.end().code(0).stdout.contains("hi"));
}

/// bash ends a loop when a signal ended the program, and not when the program exits with 130.
#[test]
fn ctrl_c_ends_the_shell_loop_that_the_run_is_in() {
    let server = Server::always(stalled());
    let script = "for n in 1 2 3; do \"$@\"; echo next round; done";
    let run = omnilogs().at(&server.url()).wrapped_by(&["/bin/bash", "-c", script, "bash"]);
    let mut screen = run.on_terminal(80);
    // A shell that does not wait yet for the run would miss why the run ends.
    let waits_in = format!("/proc/{}/wchan", screen.id());
    let shell_waits = || fs::read_to_string(&waits_in).unwrap().contains("do_wait");
    let started = std::time::Instant::now();
    while server.targets().is_empty() || !shell_waits() {
        assert!(started.elapsed() < PATIENCE, "no request, or the shell does not wait");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    screen.type_in("\x03");
    let screen = screen.end().code(130);
    assert!(!screen.text().contains("next round"), "{}", screen.text());
    assert_eq!(server.targets().len(), 1);
}

/// K22.
#[test]
fn one_signal_ends_a_run_whose_output_is_not_read() {
    let server = Server::always(Response::json(many(800)));
    let listing = ["-o", "jsonl", "-n", "1000"];
    let table = ["-o", "table", "-n", "1000"];
    let follow = ["follow", "--interval", "1s", "-o", "jsonl", "-n", "1000"];
    let runs = [&listing[..], &table, &listing, &follow].into_iter().zip(SIGNALS);
    let runs: Vec<_> = runs
        .map(|(words, (signal, code))| {
            let mut run = omnilogs().at(&server.url()).args(words).start();
            run.until_it_prints();
            run.signal(signal);
            (run, words, code)
        })
        .collect();
    for (run, words, code) in runs {
        assert_eq!(run.end_unread(), code, "{words:?}");
    }
}

/// K22.
#[test]
fn one_signal_ends_a_run_whose_messages_are_not_read() {
    for (signal, code) in [SIGNALS[1], SIGNALS[2]] {
        let server = Server::always(Response::json(results([message("m1", "hi")])));
        let (reader, mut writer) = std::io::pipe().unwrap();
        let size = rustix::pipe::fcntl_setpipe_size(&writer, 4096).unwrap();
        writer.write_all(&vec![b'x'; size]).unwrap();
        let run = omnilogs().at(&server.url()).args(["-v", "--output-file", "out"]);
        let (mut command, home) = run.into_command();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(writer);
        let mut child = ChildGuard(child.spawn().unwrap());
        // It blocks at its first message, as the state of the process shows.
        let status = format!("/proc/{}/wchan", child.0.id());
        let started = std::time::Instant::now();
        while !fs::read_to_string(&status).unwrap().contains("pipe_write") {
            assert!(started.elapsed() < PATIENCE, "it is not blocked");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let id = rustix::process::Pid::from_child(&child.0);
        rustix::process::kill_process(id, signal).unwrap();
        let status = child.0.wait().unwrap();
        assert_eq!(status.signal(), Some(code - 128));
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
        drop(reader);
    }
}

/// K22.
#[test]
fn one_signal_ends_an_endless_jq_program() {
    let server = Server::always(Response::json(results([message("m1", "hi")])));
    let programs = ["until(false; .)", "last(repeat(1))"].into_iter().zip(SIGNALS);
    let runs: Vec<_> = programs
        .map(|(program, (signal, code))| {
            let words = ["--jq", program, "--output-file", "out"];
            let run = omnilogs().at(&server.url()).args(words).start();
            run.until_it_computes();
            run.signal(signal);
            (run, program, code)
        })
        .collect();
    for (run, program, code) in runs {
        let folder = run.home().to_owned();
        let (ran, left) = run.end_and_inspect(|| fs::read_dir(&folder).unwrap().count());
        ran.code(code);
        assert_eq!(left, 0, "{program}");
    }
}

/// K13. C23.
#[test]
fn a_file_that_reaches_the_limit_of_the_system_is_an_error_and_the_old_file_stays() {
    let server = Server::always(Response::json(many(10)));
    for flag in ["--output-file", "--manifest"] {
        let run = omnilogs().at(&server.url()).args([flag, "out"]);
        fs::write(run.home().join("out"), "old").unwrap();
        let run = run.wrapped_by(&["/usr/bin/prlimit", "--fsize=100:100"]).start();
        let folder = run.home().to_owned();
        let see = || {
            let old = fs::read_to_string(folder.join("out")).unwrap();
            (old, fs::read_dir(&folder).unwrap().count())
        };
        let (ran, seen) = run.end_and_inspect(see);
        ran.code(1).says("output incomplete: ");
        assert_eq!(seen, ("old".to_owned(), 1), "{flag}");
    }
}
