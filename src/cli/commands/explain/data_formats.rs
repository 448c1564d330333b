//! Codes in the formats for programs: JSON, JSON lines, CSV, TSV. The keys must not change.

use std::borrow::Cow;
use std::io::{self, Write};

use omnilogs::model::codes::{Code, ErrorGroup, Family};
use serde::Serialize;

use super::MatchedCodes;
use super::text::members;

/// The values of one code. A value that the code does not have is `null` in JSON and empty in CSV.
#[derive(Serialize)]
struct CodeRow {
    kind: &'static str,
    id: u32,
    name: &'static str,
    group: Option<&'static str>,
    #[serde(rename = "final")]
    is_final: Option<bool>,
    permanent: Option<bool>,
    family: Option<&'static str>,
    short: Option<&'static str>,
    meaning: Cow<'static, str>,
    advice: Cow<'static, str>,
    /// The codes of a group. CSV does not have them, since a cell holds one value.
    members: Option<Vec<&'static str>>,
    /// The number of messages that have the code, where messages were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<u64>,
}

impl CodeRow {
    fn new(code: Code, messages: Option<u64>) -> Self {
        let (kind, group, is_final, permanent) = match code {
            Code::Status(status) => {
                ("status", Some(status.group.as_str()), Some(status.is_final), None)
            }
            Code::Error(error) => {
                ("error", error.group.map(ErrorGroup::as_str), None, error.permanent)
            }
            Code::StatusGroup(_) => ("statusGroup", None, None, None),
            Code::ErrorGroup(_) => ("errorGroup", None, None, None),
        };
        let is_group = matches!(code, Code::StatusGroup(_) | Code::ErrorGroup(_));
        Self {
            kind,
            id: code.id(),
            name: code.name(),
            group,
            is_final,
            permanent,
            family: code.family().map(Family::as_str),
            short: code.short(),
            meaning: code.meaning(),
            advice: code.advice(),
            members: is_group.then(|| members(code)),
            messages,
        }
    }
}

fn rows(found: MatchedCodes<'_>) -> impl Iterator<Item = CodeRow> {
    found.codes.iter().map(move |code| CodeRow::new(*code, found.messages(*code)))
}

/// `{"results":[…]}`, like a list of messages.
pub(super) fn json(found: MatchedCodes<'_>, indent: bool, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct CodeList {
        results: Vec<CodeRow>,
    }
    let envelope = CodeList { results: rows(found).collect() };
    if indent {
        serde_json::to_writer_pretty(&mut *out, &envelope)?;
    } else {
        serde_json::to_writer(&mut *out, &envelope)?;
    }
    writeln!(out)
}

/// One code per line.
pub(super) fn json_lines(found: MatchedCodes<'_>, out: &mut dyn Write) -> io::Result<()> {
    for row in rows(found) {
        serde_json::to_writer(&mut *out, &row)?;
        writeln!(out)?;
    }
    Ok(())
}

/// CSV or TSV with a header.
pub(super) fn separated(
    found: MatchedCodes<'_>,
    delimiter: u8,
    out: &mut dyn Write,
) -> io::Result<()> {
    // In memory, since an error of the csv crate hides that standard output is a closed pipe.
    let mut csv = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    let header = [
        "kind",
        "id",
        "name",
        "group",
        "final",
        "permanent",
        "family",
        "short",
        "meaning",
        "advice",
    ];
    csv.write_record(header.into_iter().chain(found.occurrences.map(|_| "messages")))?;
    let flag = |value: Option<bool>| value.map(|flag| flag.to_string()).unwrap_or_default();
    for row in rows(found) {
        let messages = row.messages.map(|messages| messages.to_string());
        let cells = [
            row.kind,
            &row.id.to_string(),
            row.name,
            row.group.unwrap_or_default(),
            &flag(row.is_final),
            &flag(row.permanent),
            row.family.unwrap_or_default(),
            row.short.unwrap_or_default(),
            &row.meaning,
            &row.advice,
        ];
        csv.write_record(cells.into_iter().chain(messages.as_deref()))?;
    }
    out.write_all(&csv.into_inner().map_err(csv::IntoInnerError::into_error)?)
}
