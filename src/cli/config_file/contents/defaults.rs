//! `[defaults]`: settings that apply when the command line does not set them.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use omnilogs::redaction::Redaction;
use omnilogs::sink::Column;
use omnilogs::zone::Zone;
use toml::de::DeValue;

use super::document::{Document, KeyValue, entries};
use super::{WithLine, keys};
use crate::choices::{ColourChoice, FormatName};
use crate::failure::Failure;

/// Settings that apply when the command line does not set them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Defaults {
    pub(crate) output: Option<FormatName>,
    pub(crate) color: Option<ColourChoice>,
    pub(crate) timezone: Option<Zone>,
    pub(crate) columns: Option<Vec<Column>>,
    pub(crate) redact: Option<Redaction>,
    /// The command line of the pager; empty for none.
    pub(crate) pager: Option<String>,
    /// Each key that was set, as it was written, with its line.
    pub(crate) written: Vec<(&'static str, WithLine<String>)>,
}

/// Reads `[defaults]`.
pub(super) fn read<'i>(
    document: &Document<'i>,
    defaults: &KeyValue<'_, 'i>,
) -> Result<Defaults, Failure> {
    let mut found = Defaults::default();
    for entry in entries(document.table(defaults)?) {
        let Some(key) = keys::DEFAULTS.into_iter().find(|key| *key == entry.key) else {
            return Err(keys::unknown(document, &entry, &keys::DEFAULTS));
        };
        if key == "redact" {
            let WithLine { value, line } = redaction(document, &entry)?;
            found.redact = value;
            found.written.push((key, WithLine { value: words(value), line }));
            continue;
        }
        if key == "pager" {
            let DeValue::String(text) = entry.value.get_ref() else {
                let is = entry.value.get_ref();
                return Err(document.wrong_type(&entry, "text in quotation marks", is));
            };
            // An empty one means no pager.
            found.pager = Some(text.to_string());
            let written = WithLine { value: text.to_string(), line: document.line(entry.at) };
            found.written.push((key, written));
            continue;
        }
        let written = document.words(&entry)?;
        let refuse = |works: String| document.refuse(entry.at, format!("{key} takes {works}"));
        match key {
            "output" => found.output = Some(message_format(&written.value).map_err(refuse)?),
            "color" => found.color = Some(choice(&written.value).map_err(refuse)?),
            "timezone" => {
                let zone = Zone::parse(&written.value);
                let works = "a zone such as Europe/Zagreb, UTC or an offset such as +02:00";
                found.timezone = Some(zone.ok_or_else(|| refuse(works.into()))?);
            }
            _ => found.columns = Some(columns(&written.value).map_err(refuse)?),
        }
        found.written.push((key, written));
    }
    Ok(found)
}

/// `true`, `false`, or what to hide.
pub(super) fn redaction<'i>(
    document: &Document<'i>,
    entry: &KeyValue<'_, 'i>,
) -> Result<WithLine<Option<Redaction>>, Failure> {
    let line = document.line(entry.at);
    if let DeValue::Boolean(hide) = entry.value.get_ref() {
        return Ok(WithLine { value: hide.then(Redaction::default), line });
    }
    let refused = || {
        let works = "redact takes true, false, or some of to, from and text, as in \"to,text\"";
        document.refuse(entry.at, works)
    };
    let words = document.words(entry).map_err(|_| refused())?;
    Ok(WithLine { value: Some(words.value.parse().map_err(|_| refused())?), line })
}

/// What is hidden, as it would be written.
pub(crate) fn words(redaction: Option<Redaction>) -> String {
    let Some(Redaction { to, from, text }) = redaction else { return "false".to_owned() };
    let parts = [(to, "to"), (from, "from"), (text, "text")];
    parts.into_iter().filter_map(|(is, word)| is.then_some(word)).collect::<Vec<_>>().join(",")
}

/// One of an enumeration's words, as the flag of that name takes them.
fn choice<T: ValueEnum>(word: &str) -> Result<T, String> {
    T::from_str(word.trim(), true)
        .map_err(|_| names(T::value_variants().iter().filter_map(ValueEnum::to_possible_value)))
}

fn names(values: impl Iterator<Item = PossibleValue>) -> String {
    values.map(|value| value.get_name().to_owned()).collect::<Vec<_>>().join(", ")
}

/// A format that every command which reads messages can print: a workbook needs a file, whose
/// extension chooses it anyway.
fn message_format(word: &str) -> Result<FormatName, String> {
    let is_of_messages =
        |format: &FormatName| !matches!(format, FormatName::Prometheus | FormatName::Xlsx);
    FormatName::from_str(word.trim(), true).ok().filter(is_of_messages).ok_or_else(|| {
        let formats = FormatName::value_variants().iter().filter(|format| is_of_messages(format));
        names(formats.filter_map(ValueEnum::to_possible_value))
    })
}

fn columns(list: &str) -> Result<Vec<Column>, String> {
    list.split(',').map(|name| Column::parse(name.trim())).collect::<Option<_>>().ok_or_else(|| {
        format!("some of {}", Column::all().map(Column::name).collect::<Vec<_>>().join(", "))
    })
}
