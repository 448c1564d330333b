//! Completion in bash, zsh and fish as people run them, installed as `completions --help` says.

use std::fs;

use crate::support::programs::found;
use crate::support::terminal::OnTerminal;
use crate::support::{Omnilogs, omnilogs};

/// What is typed before the key for completion, and the words of the line after it.
const LINES: &[(&str, &[&str])] = &[
    ("omnilogs expl", &["omnilogs", "explain"]),
    ("omnilogs --chan", &["omnilogs", "--channel"]),
    ("omnilogs explain EC_ABSENT_SUBSCRIBER_", &["omnilogs", "explain", "EC_ABSENT_SUBSCRIBER_SM"]),
    ("omnilogs explain ec_spam_d", &["omnilogs", "explain", "EC_SPAM_DETECTED"]),
    ("omnilogs --channel=P", &["omnilogs", "--channel=PUSH"]),
    ("omnilogs --channel P", &["omnilogs", "--channel", "PUSH"]),
    ("omnilogs -c p", &["omnilogs", "-c", "PUSH"]),
    ("omnilogs --channel=p", &["omnilogs", "--channel=PUSH"]),
    ("omnilogs --channel SMS,P", &["omnilogs", "--channel", "SMS,PUSH"]),
    ("omnilogs --channel=sms,p", &["omnilogs", "--channel=sms,PUSH"]),
    ("omnilogs stats --status=rej", &["omnilogs", "stats", "--status=REJECTED"]),
    ("omnilogs -o JSONL", &["omnilogs", "-o", "jsonl"]),
    ("omnilogs stats --by channel,n", &["omnilogs", "stats", "--by", "channel,network"]),
    ("omnilogs --columns to,messagei", &["omnilogs", "--columns", "to,messageId"]),
    ("omnilogs --timezone Europe/Zag", &["omnilogs", "--timezone", "Europe/Zagreb"]),
    ("omnilogs --timezone=europe/zag", &["omnilogs", "--timezone=Europe/Zagreb"]),
    (
        "omnilogs --since 14:00 -z Pacific/Fij",
        &["omnilogs", "--since", "14:00", "-z", "Pacific/Fiji"],
    ),
    ("omnilogs --message-id @id", &["omnilogs", "--message-id", "@ids.txt"]),
    ("omnilogs --message-id=@id", &["omnilogs", "--message-id=@ids.txt"]),
    ("omnilogs --bulk-id @sa", &["omnilogs", "--bulk-id", "@saved ids.txt"]),
    ("omnilogs wait @folder/m", &["omnilogs", "wait", "@folder/more ids.txt"]),
    ("omnilogs --input sa", &["omnilogs", "--input", "saved ids.txt"]),
    ("omnilogs --input 'saved i", &["omnilogs", "--input", "saved ids.txt"]),
    (r"omnilogs --input saved\ i", &["omnilogs", "--input", "saved ids.txt"]),
    ("omnilogs -z \"Europe/Zag", &["omnilogs", "-z", "Europe/Zagreb"]),
    // A file is offered only where one is expected.
    ("omnilogs follow ids", &["omnilogs", "follow", "ids"]),
    ("omnilogs -p stag", &["omnilogs", "-p", "staging"]),
    ("omnilogs --profile=stag", &["omnilogs", "--profile=staging"]),
    (
        "omnilogs --config other.toml -p el",
        &["omnilogs", "--config", "other.toml", "-p", "elsewhere"],
    ),
    ("omnilogs --sandbox -c em", &["omnilogs", "--sandbox", "-c", "EMAIL"]),
    ("omnilogs --sandbox=OUT", &["omnilogs", "--sandbox=outage"]),
    ("omnilogs --country=hr", &["omnilogs", "--country=HR"]),
];

/// The lines for the files of bash and zsh, as in `completions --help`.
const BASH: &str = "source <(omnilogs completions bash)";
const ZSH: &str = "fpath=(~/.zfunc $fpath); autoload -U compinit && compinit";

/// The program with the files and profiles of these lines.
fn program() -> Omnilogs {
    let run = omnilogs().config("[profiles.staging]\napi_key = \"k\"\n");
    let home = run.home();
    fs::create_dir(home.join("folder")).unwrap();
    for file in ["ids.txt", "saved ids.txt", "folder/more ids.txt"] {
        fs::write(home.join(file), "m1\n").unwrap();
    }
    fs::write(home.join("other.toml"), "[profiles.elsewhere]\napi_key = \"k\"\n").unwrap();
    run.env("TERM", "xterm").env("LC_ALL", "C.UTF-8")
}

fn script(shell: &str) -> String {
    omnilogs().args(["completions", shell]).run().code(0).stdout
}

/// A command that shows the words of its line, also when these are over several lines of the screen.
const SHOW_WORDS: &str = "show_words() { printf '\\n['; printf '%s|' \"$@\"; printf ']\\n'; }\n";

/// Completes a line and returns the words of the result. The shell reads the keys in order, so that the
/// line is complete when the cursor goes to its beginning.
fn completed(run: &mut OnTerminal, typed: &str) -> Vec<String> {
    run.type_in(&format!("{typed}\t\u{1}show_words \n"));
    let shown = run.next_between("\r\n[", "|]");
    shown.split('|').map(str::to_owned).collect()
}

fn check(run: Option<OnTerminal>) {
    let Some(mut run) = run else { return };
    let completed_lines = LINES.iter().map(|(typed, words)| (completed(&mut run, typed), words));
    let wrong: Vec<_> = completed_lines.filter(|(completed, words)| completed != *words).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    // The common beginning of several candidates.
    let words = completed(&mut run, "omnilogs explain ec_absent");
    assert_eq!(words, ["omnilogs", "explain", "EC_ABSENT_SUBSCRIBER"]);
    assert_eq!(completed(&mut run, "omnilogs --timezone Eu").last().unwrap(), "Europe/");
    // No space comes after a folder, and its files are next.
    let words = completed(&mut run, "omnilogs wait @fol\tm");
    assert_eq!(words, ["omnilogs", "wait", "@folder/more ids.txt"]);
    run.type_in("exit\n");
    run.end().code(0);
}

fn in_bash() -> Option<OnTerminal> {
    let bash = found("bash")?;
    let run = program();
    let rc = format!("PS1='> '\n{SHOW_WORDS}{BASH}\n");
    fs::write(run.home().join(".bashrc"), rc).unwrap();
    Some(run.in_shell(bash, &["-i"]).on_terminal(200))
}

fn in_zsh() -> Option<OnTerminal> {
    let zsh = found("zsh")?;
    let run = program();
    let home = run.home();
    fs::create_dir(home.join(".zfunc")).unwrap();
    fs::write(home.join(".zfunc/_omnilogs"), script("zsh")).unwrap();
    let rc = format!("PS1='> '\nLISTMAX=1000\n{SHOW_WORDS}{ZSH}\n");
    fs::write(home.join(".zshrc"), rc).unwrap();
    Some(run.in_shell(zsh, &["-d", "-i"]).on_terminal(200))
}

fn in_fish() -> Option<OnTerminal> {
    let fish = found("fish")?;
    let run = program();
    let completions = run.home().join(".config/fish/completions");
    fs::create_dir_all(&completions).unwrap();
    fs::write(completions.join("omnilogs.fish"), script("fish")).unwrap();
    let rc = "function fish_prompt; echo -n '> '; end\nfunction fish_greeting; end\n\
        function show_words; printf '\\n['; printf '%s|' $argv; printf ']\\n'; end\n";
    fs::write(run.home().join(".config/fish/config.fish"), rc).unwrap();
    Some(run.in_shell(fish, &["-i"]).on_terminal(200))
}

/// What a shell shows after these keys.
fn shown(mut run: OnTerminal, keys: &str) -> String {
    completed(&mut run, keys);
    run.type_in("exit\n");
    String::from_utf8(run.end().bytes).unwrap()
}

/// Checks that options are listed after a `-`, and otherwise commands.
///
/// Bash and zsh first insert the common beginning, and list when there is nothing more to insert.
fn check_lists(start: fn() -> Option<OnTerminal>, keys: &str) {
    let Some(run) = start() else { return };
    let commands = shown(run, &format!("omnilogs {keys}"));
    assert!(commands.contains("archive") && commands.contains("explain"), "{commands}");
    assert!(!commands.contains("no-pager"), "{commands}");
    let options = shown(start().unwrap(), &format!("omnilogs -{keys}"));
    assert!(options.contains("no-pager") && options.contains("dry-run"), "{options}");
}

#[test]
fn bash_completes_lines() {
    check(in_bash());
}

#[test]
fn zsh_completes_lines() {
    check(in_zsh());
}

#[test]
fn fish_completes_lines() {
    check(in_fish());
}

#[test]
fn bash_completes_its_own_variables() {
    let Some(mut run) = in_bash() else { return };
    let words = completed(&mut run, "omnilogs --input $LC_AL");
    assert_eq!(words, ["omnilogs", "--input", "C.UTF-8"]);
}

#[test]
fn bash_lists_options_after_a_hyphen_only() {
    check_lists(in_bash, "\t\t");
}

#[test]
fn zsh_lists_options_after_a_hyphen_only() {
    check_lists(in_zsh, "\t");
}

#[test]
fn fish_lists_options_after_a_hyphen_only() {
    check_lists(in_fish, "");
}

#[test]
fn the_help_says_how_to_install_the_script() {
    let help = omnilogs().args(["completions", "--help"]).env("COLUMNS", "80").run().code(0);
    for line in [BASH, ZSH] {
        assert!(help.stdout.contains(&format!("\n  {line}\n")), "{}", help.stdout);
    }
    for file in [
        "~/.local/share/bash-completion/completions/omnilogs",
        "~/.zfunc/_omnilogs",
        "~/.config/fish/completions/omnilogs.fish",
    ] {
        assert!(help.stdout.contains(file), "{}", help.stdout);
    }
}

#[test]
fn every_shell_gets_candidates_with_their_meanings() {
    for (shell, lines) in [
        (
            "powershell",
            "--sandbox=outage\tone network delivers 40 % of its SMS from 35 minutes ago\n",
        ),
        ("elvish", "--sandbox=outage\n"),
        ("fish", "--sandbox=outage\tone network delivers 40 % of its SMS from 35 minutes ago\n"),
        ("zsh", "--sandbox=outage:one network delivers 40 % of its SMS from 35 minutes ago\n"),
    ] {
        let run = omnilogs().env("OMNILOGS_COMPLETE", shell);
        let ran = run.args(["--", "omnilogs", "--sandbox=out"]).run().code(0);
        assert_eq!(ran.stdout, lines, "{shell}");
    }
    let run = omnilogs().env("OMNILOGS_COMPLETE", "fish");
    let ran = run.args(["--", "omnilogs", "sta"]).run().code(0);
    assert_eq!(
        ran.stdout,
        "stats\tCount messages: how many arrived, how long they took, what they cost\n"
    );
}

#[test]
fn nothing_is_printed_without_a_candidate() {
    let broken = omnilogs().config("not = a configuration = file");
    for (run, words) in [
        (broken, ["omnilogs", "-p", ""]),
        (omnilogs(), ["omnilogs", "-p", ""]),
        (omnilogs(), ["omnilogs", "--channel", "FAX"]),
        (omnilogs(), ["omnilogs", "--message-id", "@no/such/folder/"]),
        (omnilogs(), ["omnilogs", "--no-such-option", "x"]),
        (omnilogs(), ["omnilogs", "--columns", "to,nothing"]),
    ] {
        let ran = run.env("OMNILOGS_COMPLETE", "fish").args(["--"]).args(words).run().code(0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "{words:?}");
    }
}
