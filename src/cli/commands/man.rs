//! `man`: prints the manual page, made from the same descriptions as the help.

use anyhow::Context as _;
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::failure::Failure;
use crate::io::output::print;

const ENVIRONMENT: [(&str, &str); 9] = [
    ("OMNILOGS_API_KEY", "API key; else INFOBIP_API_KEY, IB_API_KEY"),
    (
        "OMNILOGS_USERNAME, OMNILOGS_PASSWORD",
        "user name and password, if no key is set; else INFOBIP_USERNAME, INFOBIP_PASSWORD",
    ),
    ("OMNILOGS_BASE_URL", "base URL of the account; else INFOBIP_BASE_URL, IB_BASE_URL"),
    ("OMNILOGS_PROFILE", "profile in the configuration file"),
    ("OMNILOGS_CONFIG", "configuration file"),
    ("NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM", "whether to use colour"),
    ("TZ", "local time zone, unless --timezone is given"),
    ("HTTPS_PROXY, ALL_PROXY, NO_PROXY", "proxies for https"),
    ("SSL_CERT_FILE, SSL_CERT_DIR", "certificate authorities instead of the system's"),
];

/// The manual page in roff.
pub(crate) fn page(command: Command) -> std::io::Result<String> {
    let mut page = Vec::new();
    // Without this, options that the short help omits would have no text in the page.
    let man = Man::new(command.mut_args(|arg| arg.hide_short_help(false)));
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    man.render_subcommands_section(&mut page)?;
    let mut roff = Roff::new();
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in ENVIRONMENT {
        roff.control("TP", []).text([bold(name)]).text([roman(meaning)]);
    }
    roff.control("SH", ["FILES"]);
    roff.control("TP", [])
        .text([bold("config.toml")])
        .text([roman("configuration file; 'omnilogs config path' prints its path")]);
    roff.to_writer(&mut page)?;
    man.render_extra_section(&mut page)?;
    man.render_version_section(&mut page)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// Prints the manual page.
pub(crate) fn run(command: Command) -> Result<(), Failure> {
    let page = page(command).context("cannot write the manual page")?;
    print(page.as_bytes())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::command_line::Cli;

    #[test]
    fn every_option_of_the_manual_page_has_a_text() {
        let page = page(Cli::command()).unwrap();
        let lines: Vec<&str> = page.lines().collect();
        let mut options = 0;
        for [tag, name, text] in lines.array_windows() {
            if *tag == ".TP" && name.starts_with("\\fB") {
                let text = text.trim();
                assert!(!text.is_empty() && !text.starts_with('.'), "{name} has no text");
                options += 1;
            }
        }
        assert!(options > 50, "{options}");
    }

    #[test]
    fn every_option_of_every_command_has_a_help_text() {
        fn check(command: &Command) {
            for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
                let text = arg.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(!text.trim().is_empty(), "{} {}", command.get_name(), arg.get_id());
            }
            command.get_subcommands().for_each(check);
        }
        let mut command = Cli::command();
        command.build();
        check(&command);
    }
}
