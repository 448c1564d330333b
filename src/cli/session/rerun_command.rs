//! The command that requests one time range again, in a form that can be pasted into a shell.
//!
//! It appears on standard error, so `…` replaces every value that can identify a person or quote a
//! message: the reader has the original command.

use std::fmt::Write as _;

use omnilogs::model::codes;
use omnilogs::query::{FILTERS, Filter, Form};
use omnilogs::sandbox::Scenario;
use omnilogs::source::Gap;
use omnilogs::{Country, Query};

use crate::args::{ConnectionArgs, LocalFilterArgs, MIN_ID_START, OriginArgs};

/// The longest id that a command contains whole.
const MAX_WHOLE_ID: usize = 40;

/// The options that select the rows, without the window.
#[derive(Debug)]
pub(crate) struct RerunCommand {
    /// The options that select the source.
    source: String,
    /// The options that filter.
    filters: String,
}

impl RerunCommand {
    /// The command of a run with these options.
    pub(crate) fn new(
        query: &Query,
        local: &LocalFilterArgs,
        origin: &OriginArgs,
        connection: &ConnectionArgs,
    ) -> Self {
        let (mut source, mut filters) = (String::new(), String::new());
        add_source(&mut source, origin, connection);
        add_sent_filters(&mut filters, query);
        add_local_filters(&mut filters, local);
        Self { source, filters }
    }

    /// The command for one missing time range.
    pub(crate) fn command(&self, gap: &Gap) -> String {
        let mut command = "omnilogs --all".to_owned();
        for (flag, time) in [("--since", gap.since), ("--until", gap.until)] {
            if let Some(time) = time {
                add(&mut command, flag, &time.to_wire());
            }
        }
        command + &self.source + &self.filters
    }

    /// The command that shows a message; `None` for an id that a shell or a reader could take for
    /// something else.
    pub(crate) fn show(&self, id: &str) -> Option<String> {
        Some(format!("omnilogs show {}{}", short_id(id)?, self.source))
    }
}

/// The part of an id that finds its message: the beginning of an id of hexadecimal digits, else the
/// whole id. An id can be any text; `None` when it could be a phone number, or when a shell could
/// interpret it.
fn short_id(id: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !id.bytes().all(is_plain) || id.starts_with('-') {
        return None;
    }
    let start = id.get(..MIN_ID_START)?;
    if start.bytes().all(|byte| byte.is_ascii_hexdigit()) && !id.bytes().all(|b| b.is_ascii_digit())
    {
        return Some(start);
    }
    let can_be_number = id.len() <= 15 && !id.bytes().any(|byte| byte.is_ascii_alphabetic());
    (!can_be_number && id.len() <= MAX_WHOLE_ID).then_some(id)
}

/// Adds a flag with its value; writing to a string cannot fail.
fn add(words: &mut String, flag: &str, value: &str) {
    let _ = write!(words, " {flag} {value}");
}

fn add_source(words: &mut String, origin: &OriginArgs, connection: &ConnectionArgs) {
    match origin.server.sandbox {
        None => {}
        Some(Scenario::Normal) => words.push_str(" --sandbox"),
        Some(scenario) => words.extend([" --sandbox=", scenario.name()]),
    }
    if let Some(seed) = origin.server.seed {
        add(words, "--seed", &seed.to_string());
    }
    match &origin.archive.archive {
        None => {}
        Some(None) => words.push_str(" --archive"),
        Some(Some(_)) => words.push_str(" --archive=…"),
    }
    // Names of profiles and files can contain anything.
    let named = [
        ("--input", origin.input.is_some()),
        ("--profile", connection.profile.is_some()),
        ("--config", connection.config.is_some()),
        ("--base-url", connection.base_url.is_some()),
        ("--api-key-file", connection.api_key_file.is_some()),
    ];
    for (flag, _) in named.into_iter().filter(|(_, given)| *given) {
        add(words, flag, "…");
    }
}

/// The filters that were sent, apart from the window: the gap has its own.
fn add_sent_filters(words: &mut String, query: &Query) {
    let kept = |filter: &&Filter| !matches!(filter.form, Form::Since | Form::Until | Form::Limit);
    for filter in FILTERS.iter().filter(kept).filter(|filter| filter.value(query).is_some()) {
        add(words, filter.flag, filter.public_value(query).as_deref().unwrap_or("…"));
    }
    for _ in &query.extra {
        add(words, "--param", "…");
    }
}

fn add_local_filters(words: &mut String, local: &LocalFilterArgs) {
    for (flag, value) in public_local_filters(local) {
        match value {
            PublicValue::Switch => words.extend([" ", flag]),
            PublicValue::Known(value) => add(words, flag, &value),
            PublicValue::Hidden => add(words, flag, "…"),
        }
    }
}

/// The value of a local filter, for places that others read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PublicValue {
    /// The filter has no value.
    Switch,
    /// A value that is not about a person.
    Known(String),
    /// A value that can name a person or quote a message.
    Hidden,
}

/// The local filters that are given, each with its flag.
pub(crate) fn public_local_filters(local: &LocalFilterArgs) -> Vec<(&'static str, PublicValue)> {
    let LocalFilterArgs { grep, exclude, ignore_case, only_final, error, country, slow } = local;
    let hidden = |is_given: bool| is_given.then_some(PublicValue::Hidden);
    let switch = |is_given: bool| is_given.then_some(PublicValue::Switch);
    let is_code = |word: &String| !codes::find(word).is_empty();
    let errors = || {
        if error.iter().all(is_code) {
            PublicValue::Known(error.join(","))
        } else {
            PublicValue::Hidden
        }
    };
    let countries: Vec<_> = country.iter().flat_map(|word| Country::parse(word)).collect();
    let countries: Vec<_> = countries.iter().map(|country| country.iso).collect();
    let values = [
        ("--grep", hidden(grep.is_some())),
        ("--exclude", hidden(exclude.is_some())),
        ("--ignore-case", switch(*ignore_case)),
        ("--final", switch(*only_final)),
        ("--error", (!error.is_empty()).then(errors)),
        ("--country", (!countries.is_empty()).then(|| PublicValue::Known(countries.join(",")))),
        ("--slow", slow.map(|slow| PublicValue::Known(format!("{}ms", slow.as_millis())))),
    ];
    values.into_iter().filter_map(|(flag, value)| Some((flag, value?))).collect()
}

#[cfg(test)]
mod tests {
    use omnilogs::{Channel, Timestamp};

    use super::*;

    fn command(words: &[&str]) -> String {
        let words: Vec<_> = ["omnilogs"].iter().chain(words).map(Into::into).collect();
        let cli = crate::command_line::read(&words).unwrap();
        let mut query = Query::default();
        query.channels = vec![Channel::Push.to_string()];
        query.to = vec!["447700900123".to_owned()];
        query.extra = vec![("new".to_owned(), "secret".to_owned())];
        let gap = Gap {
            since: Timestamp::parse("2026-11-25T10:00:00.001Z"),
            until: None,
            at_least: 0,
            reason: String::new(),
        };
        RerunCommand::new(
            &query,
            &cli.default.list.local,
            &cli.default.list.origin,
            &cli.connection,
        )
        .command(&gap)
    }

    #[test]
    fn it_names_the_scenario_of_the_sandbox() {
        let command = command(&["--sandbox=outage", "--seed", "7"]);
        assert!(command.contains(" --sandbox=outage --seed 7 "), "{command}");
    }

    #[test]
    fn it_has_every_filter_and_no_value_that_can_identify_a_person() {
        let words = ["--grep", "your code", "-i", "--final", "-p", "Ana", "--sandbox", "--seed=7"];
        assert_eq!(
            command(&words),
            "omnilogs --all --since 2026-11-25T10:00:00.001+00:00 --sandbox --seed 7 \
             --profile … --to … --channel PUSH --param … --grep … --ignore-case --final"
        );
    }
}
