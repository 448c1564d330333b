//! The shells: their scripts, and the words and candidates that a script and the program exchange.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_complete::env::{self, EnvCompleter, Shells};

use super::candidates::{Candidate, candidates};
use super::shell_line::ShellLine;

/// Every shell that has a script.
pub(crate) const SHELLS: Shells<'static> = Shells(&[
    &Shell {
        known: &env::Bash,
        script: Some(include_str!("../../../../completions/omnilogs.bash")),
        reply: bash,
    },
    &Shell {
        known: &env::Zsh,
        script: Some(include_str!("../../../../completions/_omnilogs")),
        reply: zsh,
    },
    &Shell {
        known: &env::Fish,
        script: Some(include_str!("../../../../completions/omnilogs.fish")),
        reply: fish,
    },
    &Shell { known: &env::Powershell, script: None, reply: with_tabs },
    &Shell { known: &env::Elvish, script: None, reply: values },
]);

/// Makes candidates, one per line, from the words that a script passes.
type Reply = fn(&Command, Vec<OsString>, Option<&Path>) -> io::Result<String>;

/// A shell whose script runs this program.
struct Shell {
    /// The definition of clap: the names of the shell, and a script.
    known: &'static (dyn EnvCompleter + Sync),
    /// The script of this program, used instead of that of clap.
    script: Option<&'static str>,
    reply: Reply,
}

impl EnvCompleter for Shell {
    fn name(&self) -> &'static str {
        self.known.name()
    }

    fn is(&self, name: &str) -> bool {
        self.known.is(name)
    }

    fn write_registration(
        &self,
        variable: &str,
        name: &str,
        program: &str,
        completer: &str,
        script: &mut dyn Write,
    ) -> io::Result<()> {
        match self.script {
            Some(text) => script.write_all(text.as_bytes()),
            None => self.known.write_registration(variable, name, program, completer, script),
        }
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        current_dir: Option<&Path>,
        output: &mut dyn Write,
    ) -> io::Result<()> {
        output.write_all((self.reply)(command, words, current_dir)?.as_bytes())
    }
}

/// Receives the line up to the cursor, and the part of the last word that bash replaces. A candidate
/// ends with the space that follows it: before version 4 of bash, a script cannot suppress the space
/// for some candidates only.
fn bash(command: &Command, words: Vec<OsString>, current_dir: Option<&Path>) -> io::Result<String> {
    let mut words = words.into_iter().map(|word| word.to_string_lossy().into_owned());
    let (line, replaced) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let line = ShellLine::parse(&line);
    let typed = line.words.last().map(String::as_str).unwrap_or_default();
    let kept = typed.strip_suffix(&replaced).unwrap_or_default();
    let words = line.words.iter().map(OsString::from).collect();
    let candidates = candidates(command, words, current_dir)?;
    let replacement = |candidate: &Candidate| {
        let value = line.quoted(candidate.value.strip_prefix(kept)?);
        let is_complete = line.open_mark.is_none() && !value.ends_with('/');
        Some(format!("{value}{}\n", if is_complete { " " } else { "" }))
    };
    Ok(candidates.iter().filter_map(replacement).collect())
}

/// Writes the form that `_describe` of zsh reads: a value and its meaning, with a colon between them.
fn zsh(command: &Command, words: Vec<OsString>, current_dir: Option<&Path>) -> io::Result<String> {
    let line = |Candidate { value, about }: Candidate| {
        let value = value.replace('\\', r"\\").replace(':', r"\:");
        let about = about.map(|about| format!(":{about}")).unwrap_or_default();
        format!("{value}{about}\n")
    };
    Ok(candidates(command, words, current_dir)?.into_iter().map(line).collect())
}

/// Receives the last word as it is typed, with quotation marks and backslashes.
fn fish(
    command: &Command,
    mut words: Vec<OsString>,
    current_dir: Option<&Path>,
) -> io::Result<String> {
    if let Some(last) = words.last_mut()
        && let Some(typed) = ShellLine::parse(&last.to_string_lossy()).words.pop()
    {
        *last = typed.into();
    }
    with_tabs(command, words, current_dir)
}

/// Writes a value and its meaning, with a tab between them.
fn with_tabs(
    command: &Command,
    words: Vec<OsString>,
    current_dir: Option<&Path>,
) -> io::Result<String> {
    let line = |Candidate { value, about }: Candidate| {
        let about = about.map(|about| format!("\t{about}")).unwrap_or_default();
        format!("{value}{about}\n")
    };
    Ok(candidates(command, words, current_dir)?.into_iter().map(line).collect())
}

fn values(
    command: &Command,
    words: Vec<OsString>,
    current_dir: Option<&Path>,
) -> io::Result<String> {
    let candidates = candidates(command, words, current_dir)?;
    Ok(candidates.into_iter().map(|candidate| candidate.value + "\n").collect())
}
