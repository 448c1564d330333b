//! Codes in the formats for programs: JSON, JSON lines, CSV, TSV. The keys must not change.

use std::borrow::Cow;
use std::io::{self, Write};

use omnilogs::model::codes::{Code, ErrorGroup, Family};
use omnilogs::visible::{escape_json, visible};
use serde::Serialize;

use super::text::members;
use super::unpublished::UnpublishedCode;
use super::{ExplainStyle, ExplainedCode, MatchedCodes};

/// The values of one code. A value that the code does not have is `null` in JSON and empty in CSV.
#[derive(Serialize)]
struct CodeRow<'c> {
    kind: &'static str,
    id: Option<u32>,
    name: Option<&'c str>,
    group: Option<&'c str>,
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

impl<'c> CodeRow<'c> {
    fn new(code: ExplainedCode<'c>, messages: Option<u64>) -> Self {
        match code {
            ExplainedCode::Published(code) => Self::published(code, messages),
            ExplainedCode::Unpublished(code) => Self::unpublished(code, messages),
        }
    }

    fn unpublished(code: &'c UnpublishedCode, messages: Option<u64>) -> Self {
        let text = |text: &'c String| Some(text.as_str()).filter(|text| !text.is_empty());
        Self {
            kind: code.kind,
            id: code.id,
            name: text(&code.name),
            group: text(&code.group),
            is_final: code.is_final,
            permanent: None,
            family: None,
            short: None,
            meaning: code.meaning().into(),
            advice: code.advice().into(),
            members: None,
            messages,
        }
    }

    fn published(code: Code, messages: Option<u64>) -> Self {
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
            id: Some(code.id()),
            name: Some(code.name()),
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

fn rows(found: MatchedCodes<'_>) -> impl Iterator<Item = CodeRow<'_>> {
    found.codes.iter().map(move |code| CodeRow::new(*code, found.messages(*code)))
}

/// `{"results":[…]}`, like a list of messages.
pub(super) fn json(found: MatchedCodes<'_>, indent: bool, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct CodeList<'c> {
        results: Vec<CodeRow<'c>>,
    }
    let envelope = CodeList { results: rows(found).collect() };
    let json = if indent {
        serde_json::to_string_pretty(&envelope)?
    } else {
        serde_json::to_string(&envelope)?
    };
    writeln!(out, "{}", escape_json(&json))
}

/// One code per line.
pub(super) fn json_lines(found: MatchedCodes<'_>, out: &mut dyn Write) -> io::Result<()> {
    for row in rows(found) {
        writeln!(out, "{}", escape_json(&serde_json::to_string(&row)?))?;
    }
    Ok(())
}

/// CSV or TSV with a header. On a terminal, the texts of rows cannot control it.
pub(super) fn separated(
    found: MatchedCodes<'_>,
    delimiter: u8,
    style: ExplainStyle,
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
            &row.id.map(|id| id.to_string()).unwrap_or_default(),
            row.name.unwrap_or_default(),
            row.group.unwrap_or_default(),
            &flag(row.is_final),
            &flag(row.permanent),
            row.family.unwrap_or_default(),
            row.short.unwrap_or_default(),
            &row.meaning,
            &row.advice,
        ];
        let cells = cells.into_iter().chain(messages.as_deref());
        let shown = |cell| if style.width.is_some() { visible(cell) } else { Cow::Borrowed(cell) };
        csv.write_record(cells.map(|cell| shown(cell).into_owned()))?;
    }
    out.write_all(&csv.into_inner().map_err(csv::IntoInnerError::into_error)?)
}
