//! Secrets: who can read them, which one takes precedence, and which characters they may contain.

use std::fs;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::support::command::set_mode;
use crate::support::messages::results;
use crate::support::{Omnilogs, Ran, Response, Server, omnilogs};

const STORED: &str = "api_key = \"hunter2\"\n";

fn server() -> Server {
    Server::always(Response::json(results([])))
}

/// A run with stored credentials whose file has this mode.
fn stored(mode: u32) -> Omnilogs {
    let server = server();
    let run = omnilogs().config(&format!("base_url = \"{}\"\n{STORED}", server.url()));
    set_mode(&run.home().join(".config/omnilogs/config.toml"), mode);
    run
}

/// C14.
#[test]
fn a_file_with_a_secret_that_others_can_read_is_refused_with_the_command_that_fixes_it() {
    for mode in [0o644, 0o604, 0o666] {
        let run = stored(mode);
        let path = run.home().join(".config/omnilogs/config.toml");
        let line = format!("chmod 600 {}", path.display());
        let stderr = run.run().code(2).says(&line).stderr;
        assert!(!stderr.contains("hunter2"), "{stderr}");
    }
    stored(0o600).run().code(0);
    stored(0o640).run().code(0).says("its group can read it");
}

/// C14.
#[test]
fn a_readable_file_is_accepted_when_the_environment_allows_it() {
    stored(0o444).env("OMNILOGS_ALLOW_READABLE_CONFIG", "1").run().code(0);
    stored(0o444).env("OMNILOGS_ALLOW_READABLE_CONFIG", "0").run().code(2);
}

/// C14.
#[test]
fn a_key_file_that_others_can_read_is_refused_as_well() {
    let server = server();
    let run = omnilogs().env("OMNILOGS_BASE_URL", server.url());
    let path = run.home().join("key");
    fs::write(&path, "hunter2\n").unwrap();
    set_mode(&path, 0o644);
    run.args(["--api-key-file", "key"]).run().code(2).says("chmod 600 key");
    assert_eq!(server.targets(), Vec::<String>::new());
}

/// C16.
#[test]
fn two_kinds_of_credentials_at_one_level_are_refused() {
    let both = omnilogs()
        .env("OMNILOGS_API_KEY", "hunter2")
        .env("OMNILOGS_USERNAME", "me")
        .env("OMNILOGS_PASSWORD", "hunter3");
    both.run().code(2).says("two kinds of credentials").says("keep one");
    let text = "api_key = \"hunter2\"\nusername = \"me\"\npassword = \"hunter3\"\n";
    let stderr = omnilogs().config(text).run().code(2).says("two kinds of credentials").stderr;
    assert!(stderr.contains("keep one") && !stderr.contains("hunter"), "{stderr}");
}

/// C17.
#[test]
fn a_user_name_with_a_colon_is_refused_before_anything_is_sent() {
    let server = server();
    let run = omnilogs()
        .env("OMNILOGS_BASE_URL", server.url())
        .env("OMNILOGS_USERNAME", "me:you")
        .env("OMNILOGS_PASSWORD", "hunter2");
    let stderr = run.run().code(2).says("colon").stderr;
    assert!(!stderr.contains("you"), "{stderr}");
    assert_eq!(server.targets(), Vec::<String>::new());
}

/// The `Authorization` header for a key in a file, or the run that refuses the key.
fn key_in_file(key: &[u8], on_standard_input: bool) -> Result<String, Ran> {
    let server = server();
    let mut run = omnilogs().env("OMNILOGS_BASE_URL", server.url());
    if on_standard_input {
        run = run.args(["--api-key-file", "-"]).stdin(key);
    } else {
        let path = run.home().join("key");
        fs::write(&path, key).unwrap();
        set_mode(&path, 0o600);
        run = run.args(["--api-key-file", "key"]);
    }
    let ran = run.run();
    let Some(head) = server.heads().pop() else { return Err(ran.code(2)) };
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let header = head.lines().find_map(|line| line.strip_prefix("authorization: "));
    Ok(header.unwrap().to_owned())
}

/// C18.
#[test]
fn one_newline_at_the_end_of_a_key_is_removed_and_one_inside_is_refused() {
    for standard_input in [false, true] {
        for key in ["hunter2", "hunter2\n", "hunter2\r\n"] {
            let sent = key_in_file(key.as_bytes(), standard_input).ok();
            assert_eq!(sent.as_deref(), Some("App hunter2"), "{key:?}");
        }
        for key in ["hunter2\nhunter3\n", "hunter2\n\n", "hunt\x07er2", "hunt\x7Fer2\n", "\n", ""] {
            let refused = key_in_file(key.as_bytes(), standard_input).unwrap_err();
            assert!(!refused.stderr.contains("hunt"), "{}", refused.stderr);
        }
    }
}

/// C18.
#[test]
fn a_key_file_that_is_not_utf_8_is_refused_with_its_encoding() {
    assert!(key_in_file(b"hunter2\xFF\n", false).unwrap_err().stderr.contains("not valid UTF-8"));
    let wide: Vec<u8> = "\u{feff}hunter2".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for standard_input in [false, true] {
        key_in_file(&wide, standard_input).unwrap_err().says("is UTF-16, not UTF-8");
    }
}

/// C18.
#[test]
fn a_user_name_and_a_password_outside_ascii_are_sent_as_utf8() {
    let server = server();
    let run = omnilogs()
        .env("OMNILOGS_BASE_URL", server.url())
        .env("OMNILOGS_USERNAME", "müller")
        .env("OMNILOGS_PASSWORD", "пароль:1");
    run.run().code(0);
    let wanted = format!("authorization: Basic {}\r\n", BASE64_STANDARD.encode("müller:пароль:1"));
    assert!(server.heads()[0].contains(&wanted), "{:?}", server.heads());
}

/// C18.
#[test]
fn a_byte_order_mark_is_not_part_of_a_key_from_a_file_a_pipe_or_a_command() {
    let marked = include_bytes!("../fixtures/input/keybom.txt");
    for standard_input in [false, true] {
        assert_eq!(key_in_file(marked, standard_input).ok().as_deref(), Some("App k-123"));
    }
    let server = server();
    let text = format!(
        "\u{feff}base_url = \"{}\"\ncredential_command = 'printf \"\\357\\273\\277k-123\"'\n",
        server.url()
    );
    omnilogs().config(&text).run().code(0);
    assert!(server.heads()[0].contains("authorization: App k-123\r\n"), "{:?}", server.heads());
}

/// The `Authorization` header of a run with these variables and these lines in its configuration.
fn authorization(variables: &[(&str, &str)], config: &str) -> String {
    let server = server();
    let text = format!("base_url = \"{}\"\n{config}\n", server.url());
    let mut run = omnilogs().config(&text).env("OMNILOGS_BASE_URL", server.url());
    for (name, value) in variables {
        run = run.env(name, value);
    }
    run.run().code(0);
    let head = server.heads().pop().unwrap();
    let header = head.lines().find_map(|line| line.strip_prefix("authorization: "));
    header.unwrap().to_owned()
}

/// C18.
#[test]
fn a_byte_order_mark_is_not_part_of_credentials_in_the_environment_or_the_configuration() {
    let app = "App k-123";
    let basic = format!("Basic {}", BASE64_STANDARD.encode("me:hunter2"));
    assert_eq!(authorization(&[("OMNILOGS_API_KEY", "\u{feff}k-123")], ""), app);
    assert_eq!(authorization(&[("OMNILOGS_API_KEY", "\u{feff}App k-123")], ""), app);
    assert_eq!(authorization(&[], r#"api_key = "\uFEFFk-123""#), app);
    assert_eq!(authorization(&[], r#"token = "\uFEFFk-123""#), "Bearer k-123");
    assert_eq!(authorization(&[], r#"ibsso_token = "\uFEFFk-123""#), "IBSSO k-123");
    let pair = [("OMNILOGS_USERNAME", "\u{feff}me"), ("OMNILOGS_PASSWORD", "\u{feff}hunter2")];
    assert_eq!(authorization(&pair, ""), basic);
    let pair = "username = \"\\uFEFFme\"\npassword = \"\\uFEFFhunter2\"";
    assert_eq!(authorization(&[], pair), basic);
}

/// C18. As Kubernetes passes a secret that was made with `echo KEY | base64`.
#[test]
fn line_ends_around_credentials_in_the_environment_or_the_configuration_are_not_part_of_them() {
    for key in ["k-123\n", "k-123\r\n", "\nk-123\n\n", " k-123 \n", "\u{feff}App k-123\n"] {
        assert_eq!(authorization(&[("OMNILOGS_API_KEY", key)], ""), "App k-123", "{key:?}");
    }
    assert_eq!(authorization(&[], "api_key = \"\"\"\nk-123\n\"\"\""), "App k-123");
    // A blank can be part of a password, a line end cannot.
    let pair = [("OMNILOGS_USERNAME", "me\n"), ("OMNILOGS_PASSWORD", " hunter2 \r\n")];
    let basic = format!("Basic {}", BASE64_STANDARD.encode("me: hunter2 "));
    assert_eq!(authorization(&pair, ""), basic);
}

/// C18. As docker's `--env-file` passes a value.
#[test]
fn a_key_with_an_invalid_character_is_refused_with_the_reason_before_anything_is_sent() {
    for (key, reason) in [
        ("\"hunter2\"", "quotation marks"),
        ("'hunter2'", "quotation marks"),
        ("App \"hunter2\"", "quotation marks"),
        ("hunter2 hunter3", "a blank"),
        ("hunter2\u{a0}", "outside ASCII"),
        ("hünter2", "outside ASCII"),
        ("<hunter2>", "letters, digits and -._~+/="),
        ("hu\"nter2", "letters, digits and -._~+/="),
        ("hunter2,hunter3", "letters, digits and -._~+/="),
        ("${hunter2}", "letters, digits and -._~+/="),
    ] {
        let server = server();
        let run = omnilogs().env("OMNILOGS_BASE_URL", server.url()).env("OMNILOGS_API_KEY", key);
        let stderr = run.run().code(2).says("because: it ").says(reason).stderr;
        assert!(!stderr.contains("nter2") && stderr.contains("OMNILOGS_API_KEY"), "{stderr}");
        for standard_input in [false, true] {
            key_in_file(key.as_bytes(), standard_input).unwrap_err().says(reason);
        }
        let quoted = key.replace('\\', "\\\\").replace('"', "\\\"");
        for name in ["api_key", "token", "ibsso_token"] {
            let text = format!("base_url = \"{}\"\n{name} = \"{quoted}\"\n", server.url());
            let stderr = omnilogs().config(&text).run().code(2).says(reason).stderr;
            assert!(!stderr.contains("nter2"), "{stderr}");
        }
        assert_eq!(server.targets(), Vec::<String>::new());
    }
}

/// C21. As docker's `--env-file` passes a value.
#[test]
fn a_base_url_or_user_name_in_quotation_marks_is_refused_with_the_reason() {
    for (name, value) in
        [("OMNILOGS_BASE_URL", "\"https://h.example\""), ("OMNILOGS_USERNAME", "'me'")]
    {
        let run = omnilogs().env("OMNILOGS_PASSWORD", "p").env("OMNILOGS_USERNAME", "me");
        run.env(name, value).run().code(2).says("quotation marks").says("docker --env-file");
    }
}

/// C09.
#[test]
fn ids_of_a_file_are_sent_without_the_byte_order_mark_and_quotation_marks_around_them() {
    for (file, wanted) in [
        (&include_bytes!("../fixtures/input/ids-bom.txt")[..], "messageId=id-1,id-2"),
        (include_bytes!("../fixtures/input/ids-q.txt"), "messageId=id-1,id-2"),
    ] {
        let server = server();
        let run = omnilogs().at(&server.url());
        fs::write(run.home().join("ids.txt"), file).unwrap();
        run.args(["--message-id", "@ids.txt"]).run().code(0);
        omnilogs().at(&server.url()).args(["--message-id", "@-"]).stdin(file).run().code(0);
        omnilogs().at(&server.url()).args(["--message-id", "\"id-1\",'id-2'"]).run().code(0);
        let targets = server.targets();
        assert!(targets.len() == 3 && targets.iter().all(|t| t.contains(wanted)), "{targets:?}");
    }
}

/// C09. Spreadsheets and chats replace quotation marks, and `cat` keeps the mark of each file.
#[test]
fn typographic_quotation_marks_and_the_byte_order_marks_of_joined_files_are_not_part_of_ids() {
    let file = "\u{feff}id-1\n\u{feff}\u{201C}id-2\u{201D}\r\n\u{2018}id-3\u{2019}\n\
                \u{feff}\n\u{201E}id-4\u{201C}\n\u{feff}";
    let server = server();
    omnilogs().at(&server.url()).args(["--message-id", "@-"]).stdin(file).run().code(0);
    let words = "\u{201C}id-1\u{201D},id-2,\u{2018}id-3\u{2019},id-4";
    omnilogs().at(&server.url()).args(["--message-id", words]).run().code(0);
    let targets = server.targets();
    let wanted = "messageId=id-1,id-2,id-3,id-4";
    assert!(targets.len() == 2 && targets.iter().all(|t| t.ends_with(wanted)), "{targets:?}");
}

/// C18.
#[test]
fn a_newline_inside_a_variable_is_refused_and_starts_no_header() {
    let server = server();
    let run = omnilogs()
        .env("OMNILOGS_BASE_URL", server.url())
        .env("OMNILOGS_API_KEY", "hunter2\r\nX-Injected: 1");
    let stderr = run.run().code(2).stderr;
    assert!(!stderr.contains("hunter2"), "{stderr}");
    assert_eq!(server.targets(), Vec::<String>::new());
}

/// C19.
#[test]
fn a_variable_that_is_set_but_empty_counts_as_unset_with_a_note() {
    let stderr = omnilogs().env("OMNILOGS_API_KEY", "").run().code(4).stderr;
    assert!(stderr.contains("OMNILOGS_API_KEY is set but empty"), "{stderr}");
    assert!(stderr.contains("no credentials"), "{stderr}");
}

/// C19.
#[test]
fn a_variable_that_contains_only_spaces_is_refused() {
    for name in ["OMNILOGS_API_KEY", "OMNILOGS_BASE_URL", "OMNILOGS_PROFILE"] {
        omnilogs().env(name, " \t").run().code(2).says(name);
    }
}

/// C20.
#[test]
fn without_credentials_the_searched_places_are_listed() {
    let stderr = omnilogs().run().code(4).stderr;
    for place in ["--api-key-file", "OMNILOGS_API_KEY", "INFOBIP_API_KEY", "config.toml"] {
        assert!(stderr.contains(place), "{place} is not in:\n{stderr}");
    }
}

/// C20.
#[test]
fn without_a_home_and_a_terminal_it_neither_prompts_nor_waits() {
    let run = omnilogs().env("HOME", "").env("XDG_CONFIG_HOME", "/nowhere").stdin("typed\n");
    run.run().code(4).says("omnilogs config init").says("/nowhere/omnilogs/config.toml");
    omnilogs().args(["--api-key-file", "-"]).stdin("").run().code(2);
}

/// C20. In the environment of a service, where neither variable is set.
#[test]
fn without_home_and_xdg_it_ends_with_4_and_lists_the_places() {
    let mut run = omnilogs();
    run.command.env_remove("HOME").env_remove("XDG_CONFIG_HOME");
    run.run().code(4).says("looked at --api-key-file; OMNILOGS_API_KEY").says("config.toml");
}

/// A run whose configuration sets this `credential_command`.
fn with_command(server: &Server, command: &str) -> Omnilogs {
    let url = server.url();
    omnilogs().config(&format!("base_url = \"{url}\"\ncredential_command = '{command}'\n"))
}

/// K24. A child process that keeps running, such as an agent, keeps the pipe open.
#[test]
fn the_output_of_a_credential_command_is_used_once_it_has_ended() {
    let server = server();
    with_command(&server, "sleep 40 & echo k-123").run().code(0);
    assert!(server.heads()[0].contains("authorization: App k-123\r\n"), "{:?}", server.heads());
}

/// Sends a signal when the credential command has started a child process, and waits until both have
/// ended. By themselves, they would outlast the patience of the test.
#[cfg(target_os = "linux")]
fn check_signal_during_command(prepare: impl FnOnce(Omnilogs) -> Omnilogs) {
    let server = server();
    let command = "sleep 1000 & echo $$ $! >ids.new; mv ids.new ids; sleep 1000";
    let running = prepare(with_command(&server, command)).start();
    let ids = running.home().join("ids");
    running.until(|| ids.exists());
    let ids = fs::read_to_string(ids).unwrap();
    running.signal(rustix::process::Signal::TERM);
    let has_ended = |id: &str| {
        let status = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let state = status.rsplit(") ").next().unwrap_or_default();
        state.is_empty() || state.starts_with(['Z', 'X'])
    };
    running.until(|| ids.split_whitespace().all(has_ended));
    running.end().code(143);
}

/// K24.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_a_credential_command_with_its_child_processes() {
    check_signal_during_command(|run| run);
}

/// K24. On a busy processor, the command can run before the program knows its number.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_just_after_a_credential_command_has_started_ends_it_too() {
    check_signal_during_command(|run| run.with_preload("PRELOAD_SPAWN_DELAY", "900"));
}

/// K24. Anyone who can change or replace the file decides what runs.
#[test]
fn a_configuration_whose_command_another_user_could_have_written_is_refused() {
    let refused = |prepare: fn(&std::path::Path), reason: &str| {
        let server = server();
        let run = with_command(&server, "touch ran; echo k-123");
        let folder = run.home().join(".config/omnilogs");
        let ran_file = run.home().join("ran");
        prepare(&folder);
        let (ran, has_run) = run.start().end_and_inspect(|| ran_file.exists());
        ran.code(2).says(reason).says("names a command to run");
        assert!(!has_run && server.connections() == 0);
    };
    refused(|folder| set_mode(folder, 0o777), "others can change its folder");
    refused(|folder| set_mode(folder.parent().unwrap(), 0o777), "others can change its folder");
    if rustix::process::geteuid().is_root() {
        let of_file = |folder: &std::path::Path| {
            std::os::unix::fs::chown(folder.join("config.toml"), Some(4711), None).unwrap();
        };
        refused(of_file, "belongs to another user");
        let of_folder =
            |folder: &std::path::Path| std::os::unix::fs::chown(folder, Some(4711), None).unwrap();
        refused(of_folder, "others can change its folder");
    }
    let server = server();
    let run = with_command(&server, "echo k-123");
    set_mode(&run.home().join(".config/omnilogs"), 0o777);
    run.env("OMNILOGS_ALLOW_READABLE_CONFIG", "1").run().code(0);
}

/// C13. A dangling link is not the same as a missing file.
#[test]
fn a_dangling_link_is_reported_as_such() {
    const MESSAGE: &str = "is a link to /nowhere/at/all, which does not exist";
    let link = |run: &Omnilogs, name: &str| {
        let path = run.home().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink("/nowhere/at/all", path).unwrap();
    };
    let run = omnilogs();
    link(&run, ".config/omnilogs/config.toml");
    run.env("OMNILOGS_API_KEY", "k").run().code(2).says(MESSAGE);
    let run = omnilogs().args(["config", "init"]);
    link(&run, ".config/omnilogs/config.toml");
    let stderr = run.run().code(2).says(MESSAGE).says("remove the link").stderr;
    assert!(!stderr.contains("already exists"), "{stderr}");
    let run = omnilogs().args(["--api-key-file", "key"]);
    link(&run, "key");
    run.run().code(2).says(MESSAGE);
}

/// A run whose key is in a file that this variable names.
fn key_file_of(variable: &str, path: &std::path::Path, server: &Server) -> Omnilogs {
    omnilogs().env("OMNILOGS_BASE_URL", server.url()).env(variable, path)
}

/// A file that only its owner reads.
fn private(path: &std::path::Path, text: &str) {
    fs::write(path, text).unwrap();
    set_mode(path, 0o600);
}

/// The `Authorization` header of the last request.
fn sent(server: &Server) -> String {
    let head = server.heads().pop().unwrap();
    head.lines().find_map(|line| line.strip_prefix("authorization: ")).unwrap().to_owned()
}

#[test]
fn a_variable_names_a_file_with_the_key_below_the_flag_and_above_the_vendor() {
    let (server, folder) = (server(), tempfile::tempdir().unwrap());
    let file = |name: &str, key: &str| {
        let path = folder.path().join(name);
        private(&path, key);
        path
    };
    let (own, vendor) = (file("own", "hunter2\n"), file("vendor", "hunter3"));
    for variable in ["OMNILOGS_API_KEY_FILE", "INFOBIP_API_KEY_FILE"] {
        key_file_of(variable, &own, &server).run().code(0);
        assert_eq!(sent(&server), "App hunter2", "{variable}");
    }
    let both = || key_file_of("OMNILOGS_API_KEY_FILE", &own, &server);
    both().env("INFOBIP_API_KEY_FILE", &vendor).run().code(0);
    assert_eq!(sent(&server), "App hunter2");
    both().env("INFOBIP_API_KEY", "hunter4").run().code(0);
    assert_eq!(sent(&server), "App hunter2");
    both().args(["--api-key-file"]).args([&vendor]).run().code(0);
    assert_eq!(sent(&server), "App hunter3");
    let shown = both().args(["config", "show"]).run().code(0);
    assert!(shown.stdout.contains("OMNILOGS_API_KEY_FILE"), "{}", shown.stdout);
    both().args(["-v"]).run().code(0).says("credentials from OMNILOGS_API_KEY_FILE");
    both().args(["doctor"]).run();
}

/// C16.
#[test]
fn a_key_file_beside_another_kind_of_credentials_at_the_same_level_is_refused() {
    let (server, folder) = (server(), tempfile::tempdir().unwrap());
    let path = folder.path().join("key");
    private(&path, "hunter2");
    for (name, value) in [("OMNILOGS_API_KEY", "hunter3"), ("OMNILOGS_USERNAME", "me")] {
        let run = key_file_of("OMNILOGS_API_KEY_FILE", &path, &server).env(name, value);
        let ran = run.run().code(2).says("two kinds of credentials");
        assert!(ran.stderr.contains(&format!("unset {name}")), "{}", ran.stderr);
        assert!(!ran.stderr.contains("hunter"), "{}", ran.stderr);
    }
    assert_eq!(server.targets(), Vec::<String>::new());
}

/// The variable has the key itself in place of its file, or names a file that cannot be used.
#[test]
fn a_key_file_of_a_variable_that_cannot_be_used_is_refused_by_the_name_of_the_variable() {
    let (server, folder) = (server(), tempfile::tempdir().unwrap());
    let refused = |path: &std::path::Path| {
        let ran = key_file_of("OMNILOGS_API_KEY_FILE", path, &server).run().code(2);
        ran.says("OMNILOGS_API_KEY_FILE")
    };
    for key in ["hunter2hunter2".to_owned(), "hunter2".repeat(100)] {
        let ran = refused(std::path::Path::new(&key)).says("the file does not exist");
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    }
    let path = folder.path().join("key");
    private(&path, "hunter2");
    set_mode(&path, 0o644);
    refused(&path).says("chmod 600 ").says("OMNILOGS_ALLOW_READABLE_CONFIG=1");
    private(&path, "");
    refused(&path);
    refused(folder.path()).says("is a directory");
    refused(std::path::Path::new("-")).says("use --api-key-file -");
    refused(std::path::Path::new(" ")).says("nothing but white space");
    let empty = key_file_of("OMNILOGS_API_KEY_FILE", std::path::Path::new(""), &server);
    empty.run().code(4).says("OMNILOGS_API_KEY_FILE is set but empty");
    private(&path, "hunter2");
    let run = key_file_of("OMNILOGS_API_KEY_FILE", &path, &server);
    let ran = run.args(["--output-file"]).args([&path]).run().code(2);
    ran.says("OMNILOGS_API_KEY_FILE and --output-file name the same file");
    assert_eq!(fs::read_to_string(&path).unwrap(), "hunter2");
    assert_eq!(server.targets(), Vec::<String>::new());
}

/// As Kubernetes mounts a secret: the key is a link into a folder that is replaced as a whole.
#[test]
fn a_secret_that_kubernetes_mounts_is_read_through_its_links_and_again_after_it_was_replaced() {
    let (server, folder) = (server(), tempfile::tempdir().unwrap());
    let mount = folder.path();
    let publish = |version: &str, key: &str, mode: u32| {
        fs::create_dir(mount.join(version)).unwrap();
        private(&mount.join(version).join("api-key"), key);
        set_mode(&mount.join(version).join("api-key"), mode);
        std::os::unix::fs::symlink(version, mount.join("..data_tmp")).unwrap();
        fs::rename(mount.join("..data_tmp"), mount.join("..data")).unwrap();
    };
    std::os::unix::fs::symlink("..data/api-key", mount.join("api-key")).unwrap();
    let run = || key_file_of("OMNILOGS_API_KEY_FILE", &mount.join("api-key"), &server);
    for (version, key, mode) in [("..one", "hunter2", 0o400), ("..two", "hunter3", 0o440)] {
        publish(version, key, mode);
        run().run().code(0);
        assert_eq!(sent(&server), format!("App {key}"));
    }
    // The default mode of a secret.
    publish("..three", "hunter4", 0o644);
    run().run().code(2).says("everybody on this machine can read");
    run().env("OMNILOGS_ALLOW_READABLE_CONFIG", "1").run().code(0);
    assert_eq!(sent(&server), "App hunter4");
    fs::remove_file(mount.join("..data")).unwrap();
    run().run().code(2).says("OMNILOGS_API_KEY_FILE");
}

/// As systemd passes `LoadCredential=`: a folder that only the service can read.
#[test]
fn a_credential_that_systemd_loads_is_read_from_its_folder() {
    let (server, folder) = (server(), tempfile::tempdir().unwrap());
    let credentials = folder.path().join("omnilogs.service");
    fs::create_dir(&credentials).unwrap();
    private(&credentials.join("api-key"), "hunter2\n");
    set_mode(&credentials.join("api-key"), 0o400);
    set_mode(&credentials, 0o500);
    let run = omnilogs().env("OMNILOGS_BASE_URL", server.url());
    let run = run.env("CREDENTIALS_DIRECTORY", &credentials);
    let line = r#"OMNILOGS_API_KEY_FILE="$CREDENTIALS_DIRECTORY/api-key" omnilogs --limit 1"#;
    run.in_bash(line).run().code(0);
    assert_eq!(sent(&server), "App hunter2");
    set_mode(&credentials, 0o700);
}
