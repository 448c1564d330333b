//! Help, manual page, completions and README against the program.

use std::fs;
use std::path::Path;

use crate::support::omnilogs;

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn output(words: &[&str]) -> String {
    omnilogs().args(words).run().code(0).stdout
}

/// The long flags that a text names.
fn long_flags(text: &str) -> Vec<String> {
    let mut flags: Vec<String> = text
        .split("--")
        .skip(1)
        .map(|rest| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect())
        .filter(|flag: &String| flag.len() > 1)
        .collect();
    flags.sort_unstable();
    flags.dedup();
    flags
}

/// The commands that a text shows after this prefix, without pipes.
fn commands<'t>(text: &'t str, prefix: &str) -> Vec<&'t str> {
    text.lines()
        .map(str::trim)
        .filter_map(|line| line.strip_prefix(prefix))
        .filter(|line| line.contains("--sandbox") && !line.contains(['|', '>', '&', '…']))
        .map(|line| line.split(" # ").next().unwrap().trim())
        .collect()
}

/// Splits a line into words as a shell does, with single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_example_of_the_readme_runs_against_the_sandbox() {
    let readme = file("README.md");
    let examples = commands(&readme, "omnilogs ");
    assert!(examples.len() >= 5, "{examples:?}");
    for example in examples {
        let ran = omnilogs().args(words(example)).run();
        assert!([0, 10].contains(&ran.code), "{example}: {} {}", ran.code, ran.stderr);
    }
}

#[test]
fn the_first_two_commands_of_the_readme_are_the_complete_set_up() {
    let readme = file("README.md");
    let first: Vec<_> = readme.lines().filter(|line| line.starts_with("cargo ")).take(2).collect();
    assert_eq!(first, ["cargo run -- --sandbox --channel PUSH --limit 20", "cargo test"]);
    assert!(file(".ci/run").contains("cargo test"));
}

#[test]
fn the_readme_names_every_flag_and_no_other() {
    let help = output(&["--help"]);
    let readme = file("README.md");
    let known = long_flags(&help);
    for flag in known.iter().filter(|flag| !["help", "version"].contains(&flag.as_str())) {
        assert!(readme.contains(&format!("--{flag}")), "the README does not name --{flag}");
    }
}

#[test]
fn the_readme_gives_every_exit_status() {
    let readme = file("README.md");
    for code in ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "130, 143"] {
        assert!(readme.contains(&format!("| {code} |")), "no row for {code}");
    }
}

#[test]
fn the_manual_page_names_every_flag() {
    let page = output(&["man"]).replace("\\-", "-");
    for flag in long_flags(&output(&["--help"])) {
        assert!(page.contains(&format!("--{flag}")), "the page does not name --{flag}");
    }
    assert!(page.contains("OMNILOGS_API_KEY"));
}

#[test]
fn the_completion_files_are_what_the_program_prints() {
    for (shell, name) in [
        ("bash", "omnilogs.bash"),
        ("zsh", "_omnilogs"),
        ("fish", "omnilogs.fish"),
        ("powershell", "_omnilogs.ps1"),
        ("elvish", "omnilogs.elv"),
    ] {
        assert_eq!(file(&format!("completions/{name}")), output(&["completions", shell]), "{name}");
    }
}

#[test]
fn config_init_writes_the_example_file() {
    let run = omnilogs();
    let path = run.home().join("config.toml");
    let path_text = path.display().to_string();
    let home = run.args(["config", "init", "--config", &path_text]);
    let kept = home.home().to_owned();
    let mut command = home.command;
    command.assert().success();
    assert!(kept.exists());
    assert_eq!(fs::read_to_string(path).unwrap(), file("config.example.toml"));
}

#[test]
fn the_crate_documentation_names_the_rust_version_of_the_manifest() {
    let sentence = format!("Rust {} or newer is needed", env!("CARGO_PKG_RUST_VERSION"));
    assert!(file("src/lib.rs").contains(&sentence), "src/lib.rs does not say: {sentence}");
}

#[test]
fn every_path_that_the_documents_name_exists() {
    let documents = [
        "README.md",
        "CONTRIBUTING.md",
        "docs/architecture.md",
        "docs/archive.md",
        "docs/sandbox.md",
    ];
    for document in documents {
        let text = file(document);
        let paths = text
            .split(|c: char| !(c.is_ascii_alphanumeric() || "_./".contains(c)))
            .filter(|word| ["src/", "tests/", "docs/"].iter().any(|top| word.starts_with(top)))
            .map(|word| word.trim_end_matches('.'));
        for path in paths {
            let found = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
            assert!(found.exists(), "{document} names {path}");
        }
    }
}
