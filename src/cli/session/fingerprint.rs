//! The fingerprint of a run with `--resume` or `--state`: its account, its rows and their format.
//!
//! A run may continue the rows of another only when these are the same. They are stored as salted
//! hashes, so that the file of the state holds no phone number and nothing to guess a key from.

use clap::ValueEnum;
use omnilogs::Query;
use omnilogs::client::{Credentials, Endpoint};
use omnilogs::redaction::Redaction;
use omnilogs::sandbox::Scenario;
use omnilogs::sink::Column;
use ring::digest::{Context, SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::args::{FilterArgs, LocalFilterArgs};
use crate::failure::{Failure, Kind};
use crate::io::digest::hex;
use crate::settings::OutputSettings;

/// Changes whenever the same run would give another value.
const VERSION: u32 = 3;

/// The difference between runs of two accounts, or of one account with two credentials.
pub(crate) const OTHER_ACCOUNT: &str = "it belongs to another account or to other credentials";

/// The account whose messages are requested, as a digest from which no credentials can be read.
#[derive(Clone)]
pub(crate) struct SourceIdentity(Vec<u8>);

impl SourceIdentity {
    /// An account of the API. Renewed credentials, such as a new token, count as another account,
    /// since they do not say to which account they belong.
    pub(crate) fn account(endpoint: &Endpoint, credentials: &Credentials) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(b"account\0");
        context.update(endpoint.origin().as_bytes());
        context.update(b"\0");
        credentials.identify(&mut |bytes| context.update(bytes));
        Self(context.finish().as_ref().to_vec())
    }

    /// The sandbox, whose messages depend on its seed and its scenario.
    pub(crate) fn sandbox(seed: u64, scenario: Scenario) -> Self {
        let name = format!("sandbox\0{seed}\0{}", scenario.name());
        Self(digest(&SHA256, name.as_bytes()).as_ref().to_vec())
    }
}

/// The properties that a run shares with the run that it continues, as hashes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Fingerprint {
    salt: String,
    source: String,
    query: String,
}

impl Fingerprint {
    /// A fingerprint with a new salt.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub(crate) fn new(source: &SourceIdentity, query: &QueryIdentity) -> Result<Self, Failure> {
        let mut salt = [0; 16];
        SystemRandom::new()
            .fill(&mut salt)
            .map_err(|_| Failure::new(Kind::Local, "cannot get random bytes from the system"))?;
        Ok(Self::salted(hex(salt), source, query))
    }

    fn salted(salt: String, source: &SourceIdentity, query: &QueryIdentity) -> Self {
        let (source, query) = (source.0.as_slice(), query.0.to_string());
        Self { source: hashed(&salt, source), query: hashed(&salt, query.as_bytes()), salt }
    }

    /// The fingerprint of the same rows, from another account or with other credentials.
    pub(crate) fn with_source(self, source: &SourceIdentity) -> Self {
        let source = hashed(&self.salt, &source.0);
        Self { source, ..self }
    }

    /// How a run differs from the run of this fingerprint, as a clause; `None` when it does not.
    pub(crate) fn difference(
        &self,
        source: &SourceIdentity,
        query: &QueryIdentity,
    ) -> Option<&'static str> {
        let other = Self::salted(self.salt.clone(), source, query);
        if self.source != other.source {
            Some(OTHER_ACCOUNT)
        } else if self.query != other.query {
            Some("it belongs to another query or to another output format")
        } else {
            None
        }
    }
}

fn hashed(salt: &str, bytes: &[u8]) -> String {
    hex(digest(&SHA256, &[salt.as_bytes(), bytes].concat()))
}

/// The rows that are requested and the form in which they are written, from the options as typed.
pub(crate) struct QueryIdentity(Value);

impl QueryIdentity {
    /// The identity of a run with these settings.
    pub(crate) fn new(
        query: &Query,
        filters: &FilterArgs,
        local: &LocalFilterArgs,
        settings: &OutputSettings,
    ) -> Self {
        let mut all = selection(query, filters, local, settings);
        all.insert("rows".to_owned(), filters.limit.into());
        Self(with_form(all, settings))
    }

    /// The identity of a follow. The form of its rows counts only where all runs append to one file.
    pub(crate) fn of_follow(
        query: &Query,
        filters: &FilterArgs,
        local: &LocalFilterArgs,
        settings: &OutputSettings,
        is_appended: bool,
    ) -> Self {
        let mut all = selection(query, filters, local, settings);
        all.insert("follow".to_owned(), true.into());
        Self(if is_appended { with_form(all, settings) } else { Value::Object(all) })
    }
}

/// The options that select the rows.
fn selection(
    query: &Query,
    filters: &FilterArgs,
    local: &LocalFilterArgs,
    settings: &OutputSettings,
) -> Map<String, Value> {
    let LocalFilterArgs { grep, exclude, ignore_case, only_final, error, country, slow } = local;
    let typed_time = filters.since.is_some() || filters.until.is_some();
    let members = [
        ("version", json!(VERSION)),
        ("parameters", json!(parameters(query))),
        // As typed: a time that is relative to now differs in each run.
        ("since", json!(filters.since)),
        ("until", json!(filters.until)),
        ("timeZone", json!(typed_time.then(|| settings.zone.to_string()))),
        ("grep", json!(grep)),
        ("exclude", json!(exclude)),
        ("ignoreCase", json!(ignore_case)),
        ("final", json!(only_final)),
        ("error", json!(error)),
        ("country", json!(country)),
        ("slow", json!(slow.map(|slow| slow.as_millis().to_string()))),
    ];
    members.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
}

/// Adds the options that decide how rows are written.
fn with_form(mut all: Map<String, Value>, settings: &OutputSettings) -> Value {
    let format = settings.format.to_possible_value();
    let columns = settings
        .columns
        .as_ref()
        .map(|columns| columns.iter().copied().map(Column::name).collect::<Vec<_>>());
    let redaction = settings.redaction.map(|Redaction { to, from, text }| [to, from, text]);
    all.extend(
        [
            ("format", json!(format.map(|value| value.get_name().to_owned()))),
            ("columns", json!(columns)),
            ("header", json!(!settings.no_header)),
            ("redaction", json!(redaction)),
            ("csvSafe", json!(settings.csv.safe)),
            ("delimiter", json!(settings.csv.delimiter)),
            ("byteOrderMark", json!(settings.csv.bom)),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    Value::Object(all)
}

/// The parameters that are sent, except for the window and the limit.
fn parameters(query: &Query) -> Vec<[String; 2]> {
    let mut query = query.clone();
    (query.since, query.until, query.limit) = (None, None, None);
    let pair = |p: omnilogs::query::Parameter| [p.name.into_owned(), p.value];
    query.parameters().into_iter().map(pair).collect()
}
