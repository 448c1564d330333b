//! Parses the platform's list and the texts of this project, which are compiled into the program.
//!
//! They are parsed once, at the first lookup of a code. A line that cannot be parsed is left out; a
//! test checks that every line can.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{CodeText, ErrorCode, ErrorGroup, Family, StatusCode};
use crate::model::StatusGroup;
use crate::model::status_group::is_final_in;

/// The platform's list. Columns: family, kind, group id, group, id, name, permanence.
const PUBLISHED: &str = include_str!("published.tsv");

/// Codes under the names of earlier versions of the platform's list, which rows can still have.
const EARLIER: &str = "\
General status codes\tstatus\t5\tRejected\t14\tREJECTED_DESTINATION\t
General error codes\terror\t2\tUser errors\t2053\tEC_SOURCE_ADDRESS_BLACKLISTED\tTrue
General error codes\terror\t2\tUser errors\t4101\tEC_VALIDITYEXPIRED\tTrue
";

pub(super) struct CodeTable {
    pub(super) statuses: Vec<StatusCode>,
    pub(super) errors: Vec<ErrorCode>,
    /// Positions in `statuses` by name. For a name that is listed several times: the first position.
    status_by_name: HashMap<&'static str, usize>,
    /// Positions in `errors` by name, likewise.
    error_by_name: HashMap<&'static str, usize>,
}

pub(super) fn get() -> &'static CodeTable {
    static TABLE: LazyLock<CodeTable> = LazyLock::new(CodeTable::read);
    &TABLE
}

impl CodeTable {
    fn read() -> Self {
        let status_texts = texts(include_str!("status_texts.txt"));
        let error_texts = texts(include_str!("error_texts.txt"));
        let mut table = Self {
            statuses: Vec::new(),
            errors: Vec::new(),
            status_by_name: HashMap::new(),
            error_by_name: HashMap::new(),
        };
        for line in PUBLISHED.lines().skip(1).chain(EARLIER.lines()) {
            let Some(code) = ListedCode::parse(line) else { continue };
            if code.is_status {
                let Some(status) = code.into_status(&status_texts) else { continue };
                table.status_by_name.entry(status.name).or_insert(table.statuses.len());
                table.statuses.push(status);
            } else {
                let error = code.into_error(&error_texts);
                table.error_by_name.entry(error.name).or_insert(table.errors.len());
                table.errors.push(error);
            }
        }
        table
    }

    pub(super) fn status(&self, name: &str) -> Option<&StatusCode> {
        self.statuses.get(position(&self.status_by_name, name)?)
    }

    pub(super) fn error(&self, name: &str) -> Option<&ErrorCode> {
        self.errors.get(position(&self.error_by_name, name)?)
    }
}

/// The position for a name in any letter case. Published names have capital letters, and so have the
/// names in nearly every row, so that a copy in capital letters is rarely needed.
fn position(by_name: &HashMap<&'static str, usize>, name: &str) -> Option<usize> {
    by_name.get(name).or_else(|| by_name.get(name.to_ascii_uppercase().as_str())).copied()
}

/// One line of the platform's list.
struct ListedCode {
    family: Family,
    is_status: bool,
    group: &'static str,
    id: u32,
    name: &'static str,
    permanent: Option<bool>,
}

impl ListedCode {
    fn parse(line: &'static str) -> Option<Self> {
        let mut cells = line.split('\t');
        let family = Family::parse(cells.next()?)?;
        let kind = cells.next()?;
        let group = cells.nth(1)?;
        let (id, name, permanent) = (cells.next()?.parse().ok()?, cells.next()?, cells.next()?);
        Some(Self {
            family,
            // The list marks these as statuses, but has them under the heading "error codes", with
            // the names and ids of errors.
            is_status: kind == "status" && family != Family::Dlt,
            group,
            id,
            name,
            permanent: match permanent {
                "True" => Some(true),
                "False" => Some(false),
                _ => None,
            },
        })
    }

    fn into_status(self, texts: &HashMap<&str, CodeText>) -> Option<StatusCode> {
        let group = StatusGroup::parse(self.group)?;
        let Self { family, id, name, .. } = self;
        let is_final = is_final_in(group, name);
        Some(StatusCode { id, name, family, group, is_final, text: texts.get(name).copied() })
    }

    fn into_error(self, texts: &HashMap<&str, CodeText>) -> ErrorCode {
        let Self { family, id, name, permanent, .. } = self;
        let group = ErrorGroup::parse(self.group);
        ErrorCode { id, name, family, group, permanent, text: texts.get(name).copied() }
    }
}

/// Texts by the name of the code. A block has four lines: name, short text, meaning, advice; an empty
/// line ends it.
fn texts(blocks: &'static str) -> HashMap<&'static str, CodeText> {
    let text = |block: &'static str| {
        let mut lines = block.lines();
        let name = lines.next()?;
        let (short, meaning, advice) = (lines.next()?, lines.next()?, lines.next()?);
        Some((name, CodeText { short, meaning, advice }))
    };
    blocks.split("\n\n").filter_map(text).collect()
}
