//! Finds messages in the archive, with every version of them.

use std::collections::HashMap;

use omnilogs::model::Identity;
use omnilogs::pages::Pages;
use omnilogs::query::Extent;
use omnilogs::{Log, Query, SourceError, SourceKind};

use super::find::{FoundMessages, Search};
use crate::args::{MIN_ID_START, MessageWord};
use crate::failure::Failure;
use crate::session::archive_reading::ReadableArchive;
use crate::session::context::Context;
use crate::session::prepare::PreparedRun;
use crate::session::source_failure::{self, RequestOrigins};

/// Finds the rows of every word, in the order of the words. For people, the earlier versions of a
/// row come before it.
///
/// # Errors
/// When the archive cannot be read.
pub(super) fn find(
    words: &[MessageWord],
    archive: &ReadableArchive<'_>,
    prepared: &PreparedRun<'_>,
    context: &Context,
) -> Result<Vec<FoundMessages>, Failure> {
    let pages = |query: Query, start: Option<&str>| -> Result<Box<dyn Pages>, SourceError> {
        let pages = archive.pages(&query)?;
        let Some(start) = start else { return Ok(Box::new(pages)) };
        let prefix = id_prefix(archive, &query, start)?;
        Ok(Box::new(pages.with_id_prefix(&prefix)))
    };
    let (kind, filters) = (SourceKind::Archive, &prepared.query);
    let search = Search { pages: &pages, kind, filters, prepared, context };
    let find = |word| {
        let mut found = search.find(word)?;
        if archive.state.allows_gaps {
            found.gaps.clear();
        }
        if prepared.output_settings.format.is_for_people() {
            found.rows = with_versions(found.rows, archive, filters)?;
        }
        Ok(found)
    };
    let found = words.iter().map(find).collect::<Result<Vec<_>, SourceError>>();
    context.report.status("");
    found.map_err(|error| {
        source_failure::failure(&error, &RequestOrigins::default(), context.signals.kind())
    })
}

/// The prefix with which the index of the archive finds ids that begin with `start`: in the letter
/// case of the archive, and no longer than the part that has no hyphen in any notation of an id.
fn id_prefix(
    archive: &ReadableArchive<'_>,
    query: &Query,
    start: &str,
) -> Result<String, SourceError> {
    let typed: String = start.chars().take(MIN_ID_START).take_while(|c| *c != '-').collect();
    for prefix in [typed.to_ascii_lowercase(), typed.to_ascii_uppercase()] {
        let mut one = query.clone();
        (one.extent, one.limit) = (Extent::OnePage, Some(1));
        let mut pages = archive.pages(&one)?.with_id_prefix(&prefix);
        if pages.next_page().transpose()?.is_some_and(|page| !page.logs.is_empty()) {
            return Ok(prefix);
        }
    }
    Ok(typed)
}

/// The rows, each after its earlier versions, of which the oldest comes first.
fn with_versions(
    rows: Vec<Log>,
    archive: &ReadableArchive<'_>,
    filters: &Query,
) -> Result<Vec<Log>, SourceError> {
    let ids = rows.iter().filter_map(|row| match row.identity() {
        Identity::Message { id, .. } => Some(String::from(id)),
        Identity::Row(_) => None,
    });
    let mut query = filters.clone();
    (query.message_ids, query.extent, query.limit) = (ids.collect(), Extent::All, None);
    query.message_ids.sort_unstable();
    query.message_ids.dedup();
    if query.message_ids.is_empty() {
        return Ok(rows);
    }
    let mut versions: HashMap<Identity, Vec<Log>> = HashMap::new();
    let mut pages = archive.pages(&query)?.with_all_versions();
    while let Some(page) = pages.next_page() {
        for version in page?.logs {
            versions.entry(version.identity()).or_default().push(version);
        }
    }
    let mut all = Vec::new();
    for row in rows {
        // The archive returns the latest version first.
        all.extend(versions.remove(&row.identity()).unwrap_or_default().into_iter().rev());
        all.push(row);
    }
    Ok(all)
}
