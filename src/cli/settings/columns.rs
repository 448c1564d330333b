//! Columns by their names: those that are shown, and those that rows are sorted by.

use omnilogs::sink::{Column, SortKey};

use crate::failure::Failure;

/// Columns by their dotted names; an unknown one is refused with all of them.
pub(super) fn parse_columns(list: &str) -> Result<Vec<Column>, Failure> {
    list.split(',').map(|name| parse("--columns", name.trim())).collect()
}

/// Columns to sort by; a `-` before a name turns its order round.
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
    let near = |known: &str| strsim::jaro_winkler(&known.to_lowercase(), &name.to_lowercase());
    let all: Vec<_> = Column::all().map(Column::name).collect();
    let nearest = all.iter().copied().max_by(|a, b| near(a).total_cmp(&near(b)));
    let mut failure = Failure::usage(format!("{flag}: no column has that name"));
    if let Some(nearest) = nearest.filter(|_| !name.is_empty()) {
        failure = failure.because(format!("the nearest is {nearest}"));
    }
    Err(failure.hint(format!("columns: {}", all.join(","))))
}
