//! Every command of the documentation runs as it is printed, or can at least be parsed.
//!
//! A block of `sh` runs: all blocks of a page in one shell, in their order, with an account on a test
//! server. In other blocks, and between backquotes, the commands of the program are parsed.

use std::fs;

use omnilogs::sandbox::Sandbox;

use crate::support::account::{account, on_account};
use crate::support::documentation::{Block, blocks, file, pages, prose};
use crate::support::postgres_cluster::{Cluster, own_cluster};
use crate::support::programs::found;
use crate::support::unused_port::unused_port;
use crate::support::{Omnilogs, at_once, omnilogs};

/// Lets a page run without a person: a login needs a terminal, a follow and a server in the foreground have
/// no end, an erasure prompts for confirmation, and cargo would build the program itself.
const PRELUDE: &str = r#"
set -euo pipefail
trap 'kill $(jobs -p) 2> /dev/null || :' EXIT
cargo() { :; }
omnilogs() {
    case "${1-}" in
        login) command omnilogs "$@" --help > /dev/null ;;
        sandbox)
            [ "$BASH_SUBSHELL" -eq 0 ] || exec omnilogs "$@"
            command omnilogs "$@" --help > /dev/null ;;
        follow)
            # Into a file, it ends by itself.
            [[ " $* " != *' --output-file '* ]] || { command omnilogs "$@"; return; }
            command omnilogs "$@" > followed.txt &
            until [ -s followed.txt ]; do sleep 0.1; jobs %% > /dev/null; done
            kill %%
            wait %% || [ "$?" -eq 143 ]
            cat followed.txt ;;
        archive)
            [[ "$*" != 'archive erase '* || " $* " == *' --'[yd]* ]] || set -- "$@" --dry-run
            command omnilogs "$@" ;;
        *) command omnilogs "$@" ;;
    esac
}
"#;

/// Programs that a page may use and a machine may lack.
const PROGRAMS: [&str; 8] =
    ["jq", "curl", "sqlite3", "sha256sum", "createdb", "psql", "pg_dump", "pg_restore"];

/// The database server of the documentation.
const DATABASE_SERVER: &str = "db.example.com";

/// The ids of messages of the sandbox, one per line.
fn ids(filters: &[&str]) -> String {
    let columns = ["--columns", "messageId", "--no-header", "-o", "csv"];
    omnilogs().args(["--sandbox", "-n2"]).args(filters).args(columns).run().code(0).stdout
}

/// The blocks of a page as one script. The ids and the port are those of this run.
fn script(page: &str, failed: &str, server: Option<&Cluster>) -> Option<String> {
    let port = unused_port();
    let mut ids = failed.lines();
    let (first, second) = (ids.next().unwrap(), ids.next().unwrap());
    let mut script = PRELUDE.to_owned();
    let all = blocks(page);
    for (at, Block { text, .. }) in all.iter().enumerate().filter(|(_, it)| it.language == "sh") {
        let lacks =
            |program: &&str| text.contains(&format!("{program} ")) && found(program).is_none();
        let uses_server = text.contains(DATABASE_SERVER) || text.contains("psql");
        if PROGRAMS.iter().any(lacks) || uses_server && server.is_none() {
            continue;
        }
        let text = text
            .replace("show ID ID2", &format!("show {first} {second}"))
            .replace("show ID", &format!("show {first}"))
            .replace("8080", &port.to_string())
            .replace(DATABASE_SERVER, &server.map(Cluster::host).unwrap_or_default())
            // The prelude ends it when something was shown, on a machine of any speed.
            .replace("--for 5s", "--for 1d");
        script.extend(["echo 'block ", &at.to_string(), "' >&2\n", &text]);
    }
    (script != PRELUDE).then_some(script)
}

/// A database server for a page that uses one, if the machine has one.
fn database_server(page: &str) -> Option<Cluster> {
    if page.contains("createdb") { own_cluster(&[], "") } else { None }
}

/// The shell of a page: a home with an account, and with the files that examples name.
fn shell(script: &str, account: &Sandbox, delivered: &str, server: Option<&Cluster>) -> Omnilogs {
    let shell = on_account(account).env("OMNILOGS_ARCHIVE", "try.db").env("EDITOR", "true");
    let address = server.map(Cluster::host).unwrap_or_default();
    let (host, port) = address.split_once(':').unwrap_or_default();
    let shell = shell.env("PGHOST", host).env("PGPORT", port).env("PGUSER", "postgres");
    let home = shell.home().to_owned();
    fs::write(home.join("ids.txt"), delivered).unwrap();
    // The default archive is the one that the page creates at its start.
    std::os::unix::fs::symlink("try.db", home.join("archive.db")).unwrap();
    shell.in_bash(script)
}

#[test]
fn every_block_of_commands_in_the_documentation_runs() {
    let account = account(8);
    let (failed, delivered) = (ids(&["--failed"]), ids(&["--delivered", "--final"]));
    let pages = pages();
    assert!(pages.len() > 12, "{pages:?}");
    let check = |page: &String| {
        let text = file(page);
        let server = database_server(&text);
        let Some(script) = script(&text, &failed, server.as_ref()) else { return };
        let ran = shell(&script, &account, &delivered, server.as_ref()).run();
        assert_eq!(ran.code, 0, "{page}\n{}\n{}", ran.stdout, ran.stderr);
    };
    at_once(&pages, check);
}

/// The commands of the program in the blocks of a page that do not run, and between backquotes.
fn mentioned(page: &str) -> Vec<String> {
    let other = blocks(page).into_iter().filter(|block| block.language != "sh");
    let lines: String = other.map(|block| block.text.replace("\\\n", " ")).collect();
    let in_lines = lines.lines().filter_map(|line| {
        // A prompt, a schedule or a path can come before the command.
        let starts = line.match_indices("omnilogs ").map(|(start, _)| start);
        let mut starts = starts.filter(|start| {
            let before = &line[..*start];
            before.is_empty() || ["$ ", "  ", "/"].iter().any(|end| before.ends_with(end))
        });
        let line = line[starts.next()?..].replace("\\%", "%");
        Some(line.split(" | ").next().unwrap().trim_end_matches(" &").to_owned())
    });
    let prose = prose(page);
    let quoted: Vec<&str> = prose.split('`').skip(1).step_by(2).collect();
    let in_quotes = quoted.into_iter().filter(|text| text.starts_with("omnilogs "));
    let shown = in_quotes.map(|text| text.split([' ', '\n']).collect::<Vec<_>>().join(" "));
    let is_command = |line: &String| !line.contains(['…', '<']) || line.contains("<(");
    in_lines.chain(shown).filter(is_command).collect()
}

#[test]
fn every_command_that_the_documentation_mentions_can_be_parsed() {
    let mut all = String::new();
    for page in pages() {
        for line in mentioned(&file(&page)) {
            all.extend([
                "echo ",
                &quoted(&format!("{page}: {line}")),
                "\n",
                &line,
                " > /dev/null\n",
            ]);
        }
    }
    assert!(all.lines().count() > 40, "{all}");
    // Help is printed when everything before it could be parsed.
    let parsed = "set -eu\nwatch() { :; }\nomnilogs() { command omnilogs \"$@\" --help; }\n";
    let ran = omnilogs().in_bash(&format!("{parsed}{all}")).run();
    let last = ran.stdout.lines().last().unwrap_or_default();
    assert_eq!(ran.code, 0, "{last}\n{}", ran.stderr);
}

/// A text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
