//! Codes as data: JSON, JSON lines, CSV, TSV. The keys are fixed.

use std::borrow::Cow;
use std::io::{self, Write};

use omnilogs::model::codes::{Code, ErrorGroup, Family};
use serde::Serialize;

use super::MatchedCodes;
use super::text::members;

/// One code. What a code does not have is `null` in JSON and empty in CSV.
#[derive(Serialize)]
struct Record {
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
    /// The codes of a group; not in CSV, where they would not fit into a cell.
    members: Option<Vec<&'static str>>,
    /// How many messages have the code, where messages were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<u64>,
}

impl Record {
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

fn records(found: MatchedCodes<'_>) -> impl Iterator<Item = Record> {
    found.codes.iter().map(move |code| Record::new(*code, found.messages(*code)))
}

/// `{"results":[…]}`, like a list of messages.
pub(super) fn json(found: MatchedCodes<'_>, indent: bool, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct CodeList {
        results: Vec<Record>,
    }
    let envelope = CodeList { results: records(found).collect() };
    if indent {
        serde_json::to_writer_pretty(&mut *out, &envelope)?;
    } else {
        serde_json::to_writer(&mut *out, &envelope)?;
    }
    writeln!(out)
}

/// One code per line.
pub(super) fn json_lines(found: MatchedCodes<'_>, out: &mut dyn Write) -> io::Result<()> {
    for record in records(found) {
        serde_json::to_writer(&mut *out, &record)?;
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
    // Into memory first: an error of the csv crate hides that the reader of standard output has gone.
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
    let truth = |truth: Option<bool>| truth.map(|t| t.to_string()).unwrap_or_default();
    for record in records(found) {
        let messages = record.messages.map(|messages| messages.to_string());
        let cells = [
            record.kind,
            &record.id.to_string(),
            record.name,
            record.group.unwrap_or_default(),
            &truth(record.is_final),
            &truth(record.permanent),
            record.family.unwrap_or_default(),
            record.short.unwrap_or_default(),
            &record.meaning,
            &record.advice,
        ];
        csv.write_record(cells.into_iter().chain(messages.as_deref()))?;
    }
    out.write_all(&csv.into_inner().map_err(csv::IntoInnerError::into_error)?)
}
