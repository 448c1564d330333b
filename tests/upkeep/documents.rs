//! Compares the help, the manual page, the completions and the documents with the program.

use std::fs;
use std::path::Path;

use crate::support::documentation::{anchors, commands, file, links, pages};
use crate::support::omnilogs;

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

/// Every page for users, in one text.
fn documentation() -> String {
    pages().iter().map(|page| file(page)).collect()
}

#[test]
fn the_first_two_commands_of_the_readme_are_the_complete_set_up() {
    let readme = file("README.md");
    let first: Vec<_> = readme.lines().filter(|line| line.starts_with("cargo ")).take(2).collect();
    assert_eq!(first, ["cargo run -- --sandbox --channel PUSH --limit 20", "cargo test"]);
    assert!(file(".ci/run").contains("cargo test"));
}

/// The flags of the program and of every command below it.
fn known_flags() -> Vec<String> {
    fn collect(names: &[&str], flags: &mut Vec<String>) {
        let help = output(&[names, &["--help"]].concat());
        flags.extend(long_flags(&help));
        for below in commands(&help) {
            collect(&[names, &[&below]].concat(), flags);
        }
    }
    let mut flags = Vec::new();
    collect(&[], &mut flags);
    flags
}

/// Flags of other programs in the documentation.
const OTHER_PROGRAMS: [&str; 3] = ["path", "release", "now"];

#[test]
fn the_documentation_names_every_flag_and_no_other() {
    let known = known_flags();
    let named = long_flags(&documentation());
    for flag in known.iter().filter(|flag| !["help", "version"].contains(&flag.as_str())) {
        assert!(named.contains(flag), "no page names --{flag}");
    }
    for flag in named.iter().filter(|flag| !OTHER_PROGRAMS.contains(&flag.as_str())) {
        assert!(known.contains(flag), "a page names --{flag}, which no command has");
    }
}

#[test]
fn the_readme_has_at_most_200_lines_and_gives_every_exit_status() {
    let readme = file("README.md");
    assert!(readme.lines().count() <= 200);
    let topic = output(&["help", "exit-codes"]);
    let codes = topic.lines().filter_map(|line| line.trim().split_once("  ")?.0.parse::<u8>().ok());
    let codes: Vec<u8> = codes.collect();
    assert!(codes.len() > 12, "{codes:?}");
    for code in codes {
        let rows = [format!("| {code} |"), format!("| {code}, "), format!(", {code} |")];
        assert!(rows.iter().any(|row| readme.contains(row)), "no row for {code}");
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

/// Every document, those for programmers too.
fn documents() -> Vec<String> {
    let others = ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];
    pages().into_iter().chain(others.map(str::to_owned)).collect()
}

/// Each hosted check can also be run on any machine.
#[test]
fn the_hosted_workflows_run_the_scripts_of_the_project_and_nothing_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/workflows");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let commands = text.lines().filter_map(|line| line.split_once("run:"));
        let scripts: Vec<_> =
            commands.map(|(_, command)| command.split_whitespace().next_back().unwrap()).collect();
        assert_eq!(scripts.len(), 1, "{}", path.display());
        assert!([".ci/run", "packaging/build"].contains(&scripts[0]), "{}", path.display());
    }
}

#[test]
fn every_path_that_the_documents_name_exists() {
    for document in documents() {
        let text = file(&document);
        let paths = text
            .split(|c: char| !(c.is_ascii_alphanumeric() || "_./-".contains(c)))
            .filter(|word| ["src/", "tests/", "docs/"].iter().any(|top| word.starts_with(top)))
            .map(|word| word.trim_end_matches('.'));
        for path in paths {
            let found = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
            assert!(found.exists(), "{document} names {path}");
        }
    }
}

#[test]
fn every_link_of_the_documents_leads_to_a_file_and_a_heading() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in documents() {
        let text = file(&document);
        for link in links(&text).iter().filter(|link| !link.contains("://")) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = root.join(&document);
            let target = match path {
                "" => root.join(&document),
                path => folder.parent().unwrap().join(path),
            };
            assert!(target.exists(), "{document} links to {link}");
            if !anchor.is_empty() {
                let text = fs::read_to_string(&target).unwrap();
                assert!(anchors(&text).contains(&anchor.to_owned()), "{document} links to {link}");
            }
        }
    }
}

#[test]
fn the_page_of_columns_has_every_column_with_its_heading() {
    let page = file("docs/columns.md");
    let rows = page.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| `")?.split(" | ").collect();
        Some((cells[0].trim_end_matches('`').to_owned(), cells[1].to_owned()))
    });
    let columns = omnilogs::sink::Column::all()
        .map(|column| (column.name().to_owned(), column.heading().to_owned()));
    assert_eq!(rows.collect::<Vec<_>>(), columns.collect::<Vec<_>>());
}

/// A support agent searches the page for the reason on the screen.
#[test]
fn the_page_for_support_quotes_only_reasons_that_the_program_shows() {
    let page = file("docs/support.md");
    let listed = output(&["explain", "--list", "-o", "jsonl"]);
    let rows = listed.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let known: Vec<String> =
        rows.filter_map(|row| row["short"].as_str().map(str::to_owned)).collect();
    let quoted: Vec<&str> =
        page.split("`✗ ").skip(1).filter_map(|rest| rest.split('`').next()).collect();
    assert!(quoted.len() > 15, "{quoted:?}");
    for reason in quoted {
        assert!(known.iter().any(|short| short == reason), "no code has the reason {reason}");
    }
}
