//! Parses the platform's list and the texts of this project, which are compiled into the program.
//!
//! Statuses are parsed at the first lookup of a status, and errors at that of an error: a listing of
//! messages that did not fail has no use for errors, of which there are six times as many. A line
//! that cannot be parsed is left out; a test checks that every line can.

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

/// The codes of one kind, in the order of the platform's list.
pub(super) struct CodeTable<C> {
    pub(super) codes: Vec<C>,
    /// Positions in `codes` by name. For a name that is listed several times: the first position.
    by_name: HashMap<&'static str, usize>,
}

pub(super) fn statuses() -> &'static CodeTable<StatusCode> {
    static TABLE: LazyLock<CodeTable<StatusCode>> = LazyLock::new(|| {
        let texts = texts(include_str!("status_texts.txt"));
        CodeTable::new(
            listed(ListedKind::Status).filter_map(|code| code.into_status(&texts)),
            |c| c.name,
        )
    });
    &TABLE
}

pub(super) fn errors() -> &'static CodeTable<ErrorCode> {
    static TABLE: LazyLock<CodeTable<ErrorCode>> = LazyLock::new(|| {
        let texts = texts(include_str!("error_texts.txt"));
        CodeTable::new(listed(ListedKind::Error).map(|code| code.into_error(&texts)), |c| c.name)
    });
    &TABLE
}

impl<C> CodeTable<C> {
    fn new(codes: impl Iterator<Item = C>, name: fn(&C) -> &'static str) -> Self {
        let codes: Vec<C> = codes.collect();
        let mut by_name = HashMap::with_capacity(codes.len());
        for (position, code) in codes.iter().enumerate() {
            by_name.entry(name(code)).or_insert(position);
        }
        Self { codes, by_name }
    }

    /// The first code with a name in any letter case. Published names have capital letters, and so
    /// have the names in nearly every row, so that a copy in capital letters is rarely needed.
    pub(super) fn get(&self, name: &str) -> Option<&C> {
        let position = self.by_name.get(name);
        let position = position.or_else(|| self.by_name.get(name.to_ascii_uppercase().as_str()))?;
        self.codes.get(*position)
    }
}

/// The codes of a kind.
fn listed(kind: ListedKind) -> impl Iterator<Item = ListedCode> {
    let lines = PUBLISHED.lines().skip(1).chain(EARLIER.lines());
    lines.filter_map(move |line| ListedCode::parse(line, kind))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ListedKind {
    Status,
    Error,
}

/// One line of the platform's list.
struct ListedCode {
    family: Family,
    group: &'static str,
    id: u32,
    name: &'static str,
    permanent: Option<bool>,
}

impl ListedCode {
    /// The code of a line; `None` for a line of another kind.
    fn parse(line: &'static str, kind: ListedKind) -> Option<Self> {
        let mut cells = line.split('\t');
        let family = Family::parse(cells.next()?)?;
        // The list marks the codes of this family as statuses, but has them under the heading "error
        // codes", with the names and ids of errors.
        let is_status = cells.next()? == "status" && family != Family::Dlt;
        if is_status != (kind == ListedKind::Status) {
            return None;
        }
        let group = cells.nth(1)?;
        let (id, name, permanent) = (cells.next()?.parse().ok()?, cells.next()?, cells.next()?);
        let permanent = match permanent {
            "True" => Some(true),
            "False" => Some(false),
            _ => None,
        };
        Some(Self { family, group, id, name, permanent })
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
