//! `omnilogs config`: writes, edits, shows or finds the configuration file.

mod edit;
mod init;
mod show;

use clap::Subcommand;
use omnilogs::sink::width::wrap_words;
use omnilogs::visible::visible;

use crate::args::ConnectionArgs;
use crate::choices::FormatName;
use crate::credentials::{self, AccountArgs};
use crate::failure::Failure;
use crate::help::with_help_marker;
use crate::io::environment::Environment;
use crate::io::output::{json_document, print};
use crate::session::context::Context;
use crate::settings::account_args;

/// The commands for the configuration file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
#[command(mut_subcommands(|below| with_help_marker(below, "config")))]
pub(crate) enum ConfigCommand {
    /// Write a commented file for your credentials, and print its path
    ///
    /// Only you can read it. An existing file is never changed.
    Init,
    /// Open the file in your editor (VISUAL, EDITOR), and check it afterwards
    ///
    /// A file that does not exist is written first, as config init does.
    Edit,
    /// Show every setting and where it comes from, secrets masked
    Show,
    /// Print the path of the file, whether it exists or not
    Path,
}

pub(crate) fn run(
    command: ConfigCommand,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let json = connection.output.is_some_and(FormatName::is_json);
    let (args, environment) = (account_args(connection), &context.environment);
    if command == ConfigCommand::Edit {
        return edit::run(&credentials::required_config_path(&args, environment)?, context);
    }
    let output = config_output(command, &args, json, environment)?;
    for warning in &output.warnings {
        context.report.warn(warning);
    }
    print(&output.stdout)?;
    if command == ConfigCommand::Init {
        context.report.summary(
            "next: omnilogs login prompts for your base URL and API key, and saves them in this file; \
             or write them with omnilogs config edit, and check them with omnilogs doctor",
        );
    }
    Ok(())
}

/// The output of a command.
#[derive(Debug, Default, PartialEq, Eq)]
struct ConfigOutput {
    /// The bytes for standard output: a path need not be UTF-8.
    stdout: Vec<u8>,
    /// The warnings for standard error.
    warnings: Vec<String>,
}

/// The output of a command, after `init` has written the file; `json` is for `show` only.
///
/// # Errors
/// When no path is known, the file cannot be written or read, or a setting is refused.
fn config_output(
    command: ConfigCommand,
    args: &AccountArgs<'_>,
    json: bool,
    environment: &Environment,
) -> Result<ConfigOutput, Failure> {
    let path = || credentials::required_config_path(args, environment);
    match command {
        ConfigCommand::Init => {
            let path = path()?;
            init::write(&path)?;
            Ok(line(path.as_os_str().as_encoded_bytes()))
        }
        // `run` starts the editor, which has no output for this program to write.
        ConfigCommand::Path | ConfigCommand::Edit => {
            Ok(line(path()?.as_os_str().as_encoded_bytes()))
        }
        ConfigCommand::Show => {
            let account = credentials::resolve(args, environment)?;
            let terminal = environment.stdout_terminal;
            let text = if json {
                json_document(&show::json(&account), terminal)?
            } else {
                let width = terminal.then(|| environment.width.unwrap_or(80));
                visible_lines(&show::text(&account), width) + "\n"
            };
            Ok(ConfigOutput { stdout: text.into_bytes(), warnings: account.warnings })
        }
    }
}

fn line(text: &[u8]) -> ConfigOutput {
    ConfigOutput { stdout: [text, b"\n"].concat(), warnings: Vec::new() }
}

/// Lines without control characters, wrapped to the width of the terminal if there is one.
fn visible_lines(lines: &[String], width: Option<usize>) -> String {
    let shown = lines.iter().map(|line| match width {
        Some(width) => wrap_words(&visible(line), width, show::VALUE_COLUMN),
        None => visible(line).into_owned(),
    });
    shown.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
