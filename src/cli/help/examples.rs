//! The examples of every command, for help and manual pages.
//!
//! Each one runs as it is: a test runs it on the sandbox or against a test server, with a
//! configuration file that has the profile `staging`, and with files `ids.txt` and `saved.json`. A
//! command has at least three.

/// An example: a command line, and what it does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Example {
    pub(crate) line: &'static str,
    pub(crate) about: &'static str,
}

const fn example(line: &'static str, about: &'static str) -> Example {
    Example { line, about }
}

/// The number of examples in the short help of the program.
pub(super) const SHORT: usize = 5;

/// The examples of each command, by its name without `omnilogs`.
const EXAMPLES: &[(&str, &[Example])] = &[
    (
        "",
        &[
            example("omnilogs --sandbox", "the newest test messages"),
            example("omnilogs --sandbox --status rejected", "what was rejected, and why"),
            example("omnilogs 447700900200 --sandbox", "did it arrive? by number or id"),
            example("omnilogs stats --sandbox --since 6h", "how many were delivered"),
            example("omnilogs explain EC_ABSENT_SUBSCRIBER", "what a code means"),
            example("omnilogs --sandbox -c push -n 20 --wide", "20 push messages, more columns"),
            example("omnilogs --sandbox --grep code -i --since 1h", "messages with this text"),
            example("omnilogs --sandbox -s 1h --jq '.results[].status.name'", "with a jq program"),
            example("omnilogs --sandbox --all --since 6h -O messages.xlsx", "a spreadsheet"),
            example("omnilogs --input saved.json --pending", "saved responses, without a server"),
            example("omnilogs -p staging --since 15m", "a profile of the configuration file"),
            example(
                "omnilogs --sandbox --to 447700900123 --dry-run",
                "the request, as a curl command",
            ),
        ],
    ),
    (
        "follow",
        &[
            example("omnilogs follow --sandbox", "new messages as they arrive, until Ctrl-C"),
            example(
                "omnilogs follow --sandbox -c sms --interval 2s --for 10m",
                "SMS, for 10 minutes",
            ),
            example("omnilogs follow --sandbox -n 100 -o jsonl", "one JSON row per line"),
            example(
                "omnilogs follow --sandbox --state follow.state -o jsonl",
                "continues after a restart",
            ),
        ],
    ),
    (
        "show",
        &[
            example(
                "omnilogs show 2f53f8ad-7fc0-4f1c-8b1e-94a3e1c8ad27",
                "did it arrive, and if not, why",
            ),
            example(
                "omnilogs show 2f53f8ad-7fc0-4f1c-8b1e-94a3e1c8ad27 -o md",
                "the same for a ticket, redacted",
            ),
            example("omnilogs show --sandbox 447700900200", "the messages to a number"),
            example("omnilogs 447700900200 --sandbox", "the same, shorter"),
        ],
    ),
    (
        "wait",
        &[
            example(
                "omnilogs wait --message-id 2f53f8ad-7fc0-4f1c-8b1e-94a3e1c8ad27",
                "one message",
            ),
            example("omnilogs wait --message-id @ids.txt --timeout 2m", "one id per line"),
            example("omnilogs wait --bulk-id order-4711 --interval 1s", "all messages of a bulk"),
        ],
    ),
    (
        "explain",
        &[
            example("omnilogs explain EC_ABSENT_SUBSCRIBER", "a code by its name"),
            example("omnilogs explain 5 PENDING", "a code by its id, and a group"),
            example("omnilogs explain --sandbox --failed", "the codes of failed messages"),
            example("omnilogs explain --list -o csv > codes.csv", "every known code"),
        ],
    ),
    (
        "stats",
        &[
            example("omnilogs stats --sandbox=outage --since 3h", "by channel, worst first"),
            example("omnilogs stats --sandbox=outage -s 1h -c sms --by network", "where SMS fail"),
            example(
                "omnilogs stats --sandbox --since 6h --vs yesterday",
                "compared with yesterday",
            ),
            example(
                "omnilogs stats --sandbox -s 6h --by bucket,status --every 30m -o csv",
                "for a spreadsheet",
            ),
            example("omnilogs stats --sandbox --since 2h --plot report.svg", "a picture"),
            example(
                "omnilogs stats --sandbox -s 1h --by channel --min 50 --fail-if 'delivered<5%'",
                "an alarm",
            ),
        ],
    ),
    (
        "archive",
        &[
            example("omnilogs archive sync", "fetch what is missing"),
            example("omnilogs archive status", "what the archive holds, and what is missing"),
            example("omnilogs archive sync --sandbox --archive=try.db", "without an account"),
        ],
    ),
    (
        "archive sync",
        &[
            example("omnilogs archive sync", "once, for a scheduler"),
            example("omnilogs archive sync --every 5m", "until stopped, as a service"),
            example("omnilogs archive sync --sandbox --archive=try.db", "without an account"),
        ],
    ),
    (
        "archive status",
        &[
            example("omnilogs archive status", "what is held and what is missing"),
            example("omnilogs archive status -o json", "for a script"),
            example("omnilogs archive status --acknowledge", "accept the gaps"),
        ],
    ),
    (
        "archive verify",
        &[
            example("omnilogs archive verify", "structure and ledger"),
            example("omnilogs archive verify --full", "every text and column too"),
            example("omnilogs archive verify --live 1h", "against the API too"),
        ],
    ),
    (
        "archive prune",
        &[
            example(
                "omnilogs archive prune --older-than 400d --dry-run",
                "how much would be deleted",
            ),
            example("omnilogs archive prune --older-than 400d --yes", "for a scheduler"),
            example(
                "omnilogs archive prune --older-than 90d --keep-failed --compact --yes",
                "keep failures, and make the file smaller",
            ),
        ],
    ),
    (
        "archive erase",
        &[
            example(
                "omnilogs archive erase --to 447700900123 --dry-run",
                "how much would be deleted",
            ),
            example("omnilogs archive erase --to 447700900123 --yes", "the messages of a person"),
            example(
                "omnilogs archive erase --message-id 2f53f8ad-7fc0-4f1c-8b1e-94a3e1c8ad27 --yes",
                "one message",
            ),
        ],
    ),
    (
        "archive import",
        &[
            example("omnilogs archive import saved.json", "what curl or --output saved"),
            example("jq -c '.results[]' saved.json | omnilogs archive import -", "from a pipe"),
            example("omnilogs archive import saved.json --archive=messages.db", "another archive"),
        ],
    ),
    (
        "archive init",
        &[
            example("omnilogs archive init", "the archive of the user"),
            example("omnilogs archive init --archive=messages.db", "at another path"),
            example("omnilogs archive init --print-sql", "for a server with PostgreSQL"),
        ],
    ),
    (
        "login",
        &[
            example("omnilogs login", "save the account of the default profile"),
            example("omnilogs login -p staging", "save another profile"),
            example("omnilogs login --config ./omnilogs.toml", "save it in another file"),
        ],
    ),
    (
        "config",
        &[
            example("omnilogs config init", "write a commented file for your key"),
            example("omnilogs config show", "every setting and where it comes from"),
            example("omnilogs config show -p staging", "the settings of another profile"),
            example("omnilogs config path", "where the file is"),
        ],
    ),
    (
        "config edit",
        &[
            example("omnilogs config edit", "in the editor of VISUAL or EDITOR"),
            example("EDITOR=nano omnilogs config edit", "in another editor"),
            example("omnilogs config edit --config ./omnilogs.toml", "another file"),
        ],
    ),
    (
        "config init",
        &[
            example("omnilogs config init", "at the default path"),
            example("omnilogs config init --config ./omnilogs.toml", "at another path"),
            example("omnilogs config init && omnilogs config edit", "write it, and open it"),
        ],
    ),
    (
        "config show",
        &[
            example("omnilogs config show", "every setting and where it comes from"),
            example("omnilogs config show -p staging -o json", "another profile, for a script"),
            example("OMNILOGS_PROFILE=staging omnilogs config show", "with a variable"),
        ],
    ),
    (
        "config path",
        &[
            example("omnilogs config path", "where the file is"),
            example("ls -l \"$(omnilogs config path)\"", "who can read it"),
            example("cp \"$(omnilogs config path)\" backup.toml", "a copy of it"),
        ],
    ),
    (
        "doctor",
        &[
            example("omnilogs doctor", "check your account"),
            example("omnilogs doctor -p staging -o json", "another profile, for a script"),
            example("omnilogs doctor --sandbox", "what a good result looks like"),
        ],
    ),
    (
        "sandbox",
        &[
            example("omnilogs sandbox", "any free port; prints the variables to set"),
            example("omnilogs sandbox --port 8080", "a port for the test of a script"),
            example("omnilogs sandbox outage --seed 7", "an incident, with other messages"),
        ],
    ),
    (
        "completions",
        &[
            example(
                "omnilogs completions bash > ~/.local/share/bash-completion/completions/omnilogs",
                "bash, for every new shell",
            ),
            example(
                "omnilogs completions zsh > ~/.zfunc/_omnilogs",
                "zsh, with ~/.zfunc in fpath before compinit",
            ),
            example(
                "omnilogs completions fish > ~/.config/fish/completions/omnilogs.fish",
                "fish, for every new shell",
            ),
            example("source <(omnilogs completions bash)", "this shell only, bash or zsh"),
        ],
    ),
    (
        "man",
        &[
            example("omnilogs man | man -l -", "read the page of the program"),
            example("omnilogs man follow | man -l -", "read the page of a command"),
            example("omnilogs man follow > omnilogs-follow.1", "a file for a package"),
        ],
    ),
    (
        "help",
        &[
            example("omnilogs help follow", "everything about a command"),
            example("omnilogs help exit-codes", "what each exit status means"),
            example("omnilogs help connection", "credentials, proxies, time limits"),
        ],
    ),
];

/// The examples of a command; its name is without `omnilogs`.
pub(crate) fn of(command: &str) -> &'static [Example] {
    EXAMPLES.iter().find(|(name, _)| *name == command).map_or(&[], |(_, examples)| examples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::command;

    #[test]
    fn every_command_has_at_least_three_examples() {
        let mut program = command();
        program.build();
        assert!(of("").len() > SHORT);
        for command in program.get_subcommands().filter(|command| !command.is_hide_set()) {
            let name = command.get_name();
            assert!(of(name).len() >= 3, "{name} has {} examples", of(name).len());
            for below in command.get_subcommands() {
                let name = format!("{name} {}", below.get_name());
                assert!(of(&name).len() >= 3, "{name} has {} examples", of(&name).len());
            }
        }
    }

    #[test]
    fn every_example_is_of_a_command_that_exists() {
        let mut program = command();
        program.build();
        for (name, _) in EXAMPLES {
            let mut found = Some(&program);
            for word in name.split_whitespace() {
                found = found.and_then(|command| command.find_subcommand(word));
            }
            assert!(found.is_some(), "{name} is not a command");
        }
    }
}
