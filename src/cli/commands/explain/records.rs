//! Codes as data: JSON, JSON lines, CSV, TSV. The keys are fixed.

use std::io::{self, Write};

use omnilogs::model::codes::Code;
use serde::Serialize;

use super::text::members;

/// One code; what a kind of code does not have is `null` in JSON and empty in CSV.
#[derive(Serialize)]
struct Record {
    kind: &'static str,
    id: u32,
    name: &'static str,
    group: Option<&'static str>,
    #[serde(rename = "final")]
    is_final: Option<bool>,
    permanent: Option<bool>,
    published: bool,
    short: Option<&'static str>,
    meaning: &'static str,
    advice: &'static str,
    /// Names of a group's codes; left out of CSV, where they would not fit a cell.
    members: Option<Vec<&'static str>>,
}

impl Record {
    fn new(code: Code) -> Self {
        let (kind, group, is_final, permanent, published) = match code {
            Code::Status(s) => {
                ("status", Some(s.group.as_str()), Some(s.is_final), None, s.published)
            }
            Code::Error(e) => {
                ("error", Some(e.group.as_str()), None, Some(e.permanent), e.published)
            }
            Code::StatusGroup(_) => ("statusGroup", None, None, None, true),
            Code::ErrorGroup(_) => ("errorGroup", None, None, None, true),
        };
        Self {
            kind,
            id: code.id(),
            name: code.name(),
            group,
            is_final,
            permanent,
            published,
            short: code.short(),
            meaning: code.meaning(),
            advice: code.advice(),
            members: group.is_none().then(|| members(code)),
        }
    }
}

/// `{"results":[…]}`, as messages are listed.
pub(super) fn json(found: &[Code], indent: bool, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Envelope {
        results: Vec<Record>,
    }
    let envelope = Envelope { results: found.iter().copied().map(Record::new).collect() };
    if indent {
        serde_json::to_writer_pretty(&mut *out, &envelope)?;
    } else {
        serde_json::to_writer(&mut *out, &envelope)?;
    }
    writeln!(out)
}

/// One code a line.
pub(super) fn json_lines(found: &[Code], out: &mut dyn Write) -> io::Result<()> {
    for code in found {
        serde_json::to_writer(&mut *out, &Record::new(*code))?;
        writeln!(out)?;
    }
    Ok(())
}

/// CSV or TSV with a header.
pub(super) fn separated(found: &[Code], delimiter: u8, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::WriterBuilder::new().delimiter(delimiter).from_writer(out);
    csv.write_record([
        "kind",
        "id",
        "name",
        "group",
        "final",
        "permanent",
        "published",
        "short",
        "meaning",
        "advice",
    ])?;
    let truth = |truth: Option<bool>| truth.map(|t| t.to_string()).unwrap_or_default();
    for code in found {
        let record = Record::new(*code);
        csv.write_record([
            record.kind,
            &record.id.to_string(),
            record.name,
            record.group.unwrap_or_default(),
            &truth(record.is_final),
            &truth(record.permanent),
            &record.published.to_string(),
            record.short.unwrap_or_default(),
            record.meaning,
            record.advice,
        ])?;
    }
    csv.flush()
}
