//! `login`: prompts for the base URL and the API key, checks them with the API, and saves them.
//!
//! It must not show the key, nor save anything before the API has accepted the key.

use std::path::PathBuf;
use std::sync::Arc;

use omnilogs::client::{Client, Credentials, CredentialsError, Endpoint};
use omnilogs::{Query, Source as _};
use secrecy::zeroize::Zeroizing;

use crate::args::ConnectionArgs;
use crate::config_file::{self, ConfigFile, DEFAULT_PROFILE, EXAMPLE, Profile};
use crate::credentials::{self, AccountArgs, Origin};
use crate::failure::{Failure, Kind};
use crate::io::private_file::without_byte_order_mark;
use crate::io::prompt::Prompt;
use crate::io::system_error::error_text;
use crate::session::context::Context;
use crate::session::progress::RequestsLeft;
use crate::session::request_log::RequestLog;
use crate::session::source_failure::{self, RequestLimits, RequestOrigins};
use crate::settings;
use crate::text::quoted;

/// How often an invalid value can be typed before the command fails.
const MAX_TRIES: usize = 3;

const INTRODUCTION: &str = "\
In the Infobip portal (https://portal.infobip.com), Developer tools > API keys creates an API key and \
shows your base URL. To read message logs, the key needs the scope omni-failover:logs:read (or \
omni-failover:manage).";

/// The profile that a login writes.
struct LoginTarget<'a> {
    path: PathBuf,
    profile: String,
    /// The contents of the file; `None` when it does not exist.
    config: Option<ConfigFile>,
    args: AccountArgs<'a>,
}

/// Prompts, checks and saves.
pub(crate) fn run(connection: &ConnectionArgs, context: &Context) -> Result<(), Failure> {
    let environment = &context.environment;
    if !(environment.stdin_terminal && environment.stderr_terminal) {
        return Err(Failure::usage("login needs a terminal, where it prompts for the API key")
            .hint("omnilogs config init writes a commented file for base URL and API key")
            .hint("OMNILOGS_API_KEY=… OMNILOGS_BASE_URL=… omnilogs, from the environment"));
    }
    refuse_other_sources(connection)?;
    let target = LoginTarget::find(settings::account_args(connection), context)?;
    let prompt = Prompt::new(Arc::clone(&context.report));
    target.confirm(&prompt)?;
    context.report.say(INTRODUCTION);
    let endpoint = target.prompt_for_base_url(&prompt, context)?;
    let (key, credentials) = prompt_for_key(&prompt, context)?;
    check(endpoint.clone(), credentials, connection, context)?;
    target.save(&endpoint, &key)?;
    let LoginTarget { path, profile, .. } = &target;
    context.report.say(&format!(
        "The API accepts the key. It is saved in {}, profile {profile}; only you can read the file.",
        path.display()
    ));
    target.warn_of_other_credentials(context);
    context.report.say(&match profile.as_str() {
        DEFAULT_PROFILE => "Next: omnilogs lists the newest messages.".to_owned(),
        name => format!("Next: omnilogs -p {name} lists the newest messages."),
    });
    Ok(())
}

fn refuse_other_sources(connection: &ConnectionArgs) -> Result<(), Failure> {
    let flags =
        [("--api-key-file", connection.api_key_file.is_some()), ("--dry-run", connection.dry_run)];
    match flags.into_iter().find(|(_, is_given)| *is_given) {
        Some((flag, _)) => Err(Failure::usage(format!("{flag} cannot be used with login"))
            .because("login prompts for the key, checks it and saves it")
            .hint(format!("omit {flag}"))),
        None => Ok(()),
    }
}

/// The failure when the input ended (Ctrl-D).
fn cancelled() -> Failure {
    Failure::usage("login was cancelled; nothing was saved")
}

fn unreadable(error: &std::io::Error) -> Failure {
    Failure::new(Kind::Local, "cannot read from the terminal").because(error_text(error))
}

impl<'a> LoginTarget<'a> {
    fn find(args: AccountArgs<'a>, context: &Context) -> Result<Self, Failure> {
        let environment = &context.environment;
        let path = credentials::required_config_path(&args, environment)?;
        let profile = credentials::profile_name(&args, environment)?;
        if !config_file::is_profile_name(&profile) {
            return Err(Failure::usage(format!("{} cannot name a profile", quoted(&profile)))
                .hint("use letters, digits, '.', '_' and '-', at most 64"));
        }
        let config = config_file::load(&path, environment)?;
        Ok(Self { path, profile, config, args })
    }

    /// The profile in the file.
    fn current(&self) -> Option<&Profile> {
        let config = self.config.as_ref()?;
        if self.profile == DEFAULT_PROFILE {
            Some(&config.top)
        } else {
            config.profiles.get(&self.profile)
        }
    }

    /// Lets the user confirm that credentials of the profile are replaced.
    fn confirm(&self, prompt: &Prompt) -> Result<(), Failure> {
        if self.current().is_none_or(|profile| profile.stored.is_none()) {
            return Ok(());
        }
        let text = format!(
            "Profile {} in {} has credentials. Replace them? [y/N]",
            self.profile,
            self.path.display()
        );
        let typed = prompt.line(&text).map_err(|error| unreadable(&error))?;
        match typed.as_deref().map(str::to_lowercase).as_deref() {
            Some("y" | "yes") => Ok(()),
            _ => Err(cancelled().hint("omnilogs login -p NAME saves another profile")),
        }
    }

    /// Prompts for the base URL, unless it is given by an option.
    fn prompt_for_base_url(&self, prompt: &Prompt, context: &Context) -> Result<Endpoint, Failure> {
        const FORM: &str = "write it as https://xxxxx.api.infobip.com";
        if let Some(text) = self.args.base_url {
            return Endpoint::parse(text)
                .map_err(|error| Failure::usage(error.to_string()).hint(FORM));
        }
        let current = self.current().and_then(|profile| profile.base_url.as_ref());
        let current = current.map(|url| url.value.as_str());
        let default = current.map(|url| format!(" [{url}]")).unwrap_or_default();
        let text = format!("Base URL, such as https://xxxxx.api.infobip.com{default}:");
        let mut tries = 0;
        loop {
            tries += 1;
            let typed = prompt.line(&text).map_err(|error| unreadable(&error))?;
            let typed = typed.ok_or_else(cancelled)?;
            let url = if typed.is_empty() { current.unwrap_or_default() } else { &typed };
            match Endpoint::parse(url) {
                Ok(endpoint) => return Ok(endpoint),
                Err(error) if tries < MAX_TRIES => {
                    context.report.say(&format!("{error}; {FORM}"));
                }
                Err(error) => return Err(Failure::usage(error.to_string()).hint(FORM)),
            }
        }
    }

    fn save(&self, endpoint: &Endpoint, key: &str) -> Result<(), Failure> {
        let path = &self.path;
        let failed = |error: std::io::Error| {
            Failure::new(Kind::Local, format!("cannot write {}", path.display()))
                .because(error_text(&error))
        };
        let old = match &self.config {
            None => Zeroizing::new(EXAMPLE.to_owned()),
            Some(_) => Zeroizing::new(std::fs::read_to_string(path).map_err(failed)?),
        };
        let new = config_file::with_api_key(&old, &self.profile, &endpoint.origin(), key);
        let Some(new) = new else {
            return Err(Failure::usage(format!(
                "{} is written in a way that login cannot change",
                path.display()
            ))
            .because(format!("profile {} is not a section of plain lines", self.profile))
            .hint("omnilogs config edit opens the file"));
        };
        match &self.config {
            None => config_file::create(path, &new),
            Some(_) => config_file::replace(path, &new),
        }
        .map_err(failed)
    }

    /// Warns when another origin takes precedence over what was saved.
    fn warn_of_other_credentials(&self, context: &Context) {
        let Ok(account) = credentials::resolve(&self.args, &context.environment) else { return };
        let others = [account.found.map(|found| found.origin), Some(account.endpoint_origin)];
        for origin in others.into_iter().flatten() {
            if !matches!(origin, Origin::File { .. } | Origin::Flag(_)) {
                context.report.warn(&format!("{origin} takes precedence over what was saved"));
            }
        }
    }
}

/// Prompts for the key until the text has the form of one. The text is not shown.
fn prompt_for_key(
    prompt: &Prompt,
    context: &Context,
) -> Result<(Zeroizing<String>, Credentials), Failure> {
    let mut tries = 0;
    loop {
        tries += 1;
        let typed = prompt.secret("API key (not shown):").map_err(|error| unreadable(&error))?;
        let typed = typed.ok_or_else(cancelled)?;
        let key = without_byte_order_mark(&typed);
        let key = Zeroizing::new(key.strip_prefix("App ").unwrap_or(key).trim().to_owned());
        match Credentials::app(&key) {
            Ok(credentials) => return Ok((key, credentials)),
            Err(error) if tries < MAX_TRIES => context.report.say(&why_not(error)),
            Err(error) => return Err(Failure::usage(why_not(error))),
        }
    }
}

fn why_not(error: CredentialsError) -> String {
    format!("this cannot be an API key: {error}")
}

/// Checks the credentials by one request for one message, which is not shown.
fn check(
    endpoint: Endpoint,
    credentials: Credentials,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let options =
        settings::client_options(connection, endpoint, credentials, &context.environment)?;
    let observer = RequestLog::new(Arc::clone(&context.report), RequestsLeft::unknown());
    let mut query = Query::default();
    query.limit = Some(1);
    context.report.status("checking the key");
    let (clock, interrupt) = (Arc::clone(&context.clock), context.interrupt.clone());
    let checked = Client::with_clock(options, clock, interrupt, Box::new(observer))
        .and_then(|mut client| client.fetch(&query));
    context.report.status("");
    let authorities = settings::authorities_origin(connection, &context.environment);
    let proxy = settings::proxy_variable(&context.environment);
    let limits = RequestLimits::of(connection);
    let origins = RequestOrigins { authorities, proxy, limits, ..RequestOrigins::default() };
    match checked {
        Ok(_) => Ok(()),
        Err(error) => {
            let mut failure = source_failure::failure(&error, &origins, context.signals.kind());
            failure.message = format!("nothing was saved: {}", failure.message);
            Err(failure)
        }
    }
}
