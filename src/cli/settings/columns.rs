//! Parses the columns of `--columns` and `--sort`.

use omnilogs::sink::{Column, SortKey};

use crate::failure::Failure;
use crate::text::{closest, quoted};

/// Parses columns by their dotted names. The error for an unknown column lists them all.
pub(super) fn parse_columns(list: &str) -> Result<Vec<Column>, Failure> {
    list.split(',').map(|name| parse("--columns", name.trim())).collect()
}

/// Parses the columns to sort by. A `-` in front of a name means descending order.
pub(super) fn parse_sort(list: &str) -> Result<Vec<SortKey>, Failure> {
    let key = |name: &str| {
        let (name, descending) = match name.trim().strip_prefix('-') {
            Some(name) => (name, true),
            None => (name.trim(), false),
        };
        Ok(SortKey { column: parse("--sort", name)?, descending })
    };
    list.split(',').map(key).collect()
}

fn parse(flag: &str, name: &str) -> Result<Column, Failure> {
    if let Some(column) = Column::parse(name) {
        return Ok(column);
    }
    let all: Vec<_> = Column::all().map(Column::name).collect();
    let mut failure = Failure::usage(if name.is_empty() {
        format!("{flag}: a column name is empty")
    } else {
        format!("{flag}: {} is not a column", quoted(name))
    });
    // A heading of several words has a name of one word as well.
    let headings = Column::all().map(Column::heading).filter(|heading| !heading.contains(' '));
    let headings: Vec<_> = headings.map(str::to_lowercase).collect();
    if let Some(meant) =
        closest(name, all.iter().copied().chain(headings.iter().map(String::as_str)))
    {
        failure = failure.hint(format!("did you mean {meant}?"));
    }
    Err(failure.hint(format!("columns: {}", all.join(", "))))
}
