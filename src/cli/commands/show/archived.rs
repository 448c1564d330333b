//! Finds messages in the archive, with every version of them.

use std::collections::HashMap;

use omnilogs::archive::{AccountId, ArchivePages, StoreError, without_seen_at};
use omnilogs::model::Identity;
use omnilogs::pages::Pages;
use omnilogs::query::Extent;
use omnilogs::{Log, Query, SourceError, SourceKind};

use super::find::{FoundMessages, Search};
use super::view::RowVersion;
use crate::args::{MIN_ID_START, MessageWord};
use crate::choices::FormatName;
use crate::failure::Failure;
use crate::session::archive_reading::ReadableArchive;
use crate::session::context::Context;
use crate::session::prepare::PreparedRun;
use crate::session::source_failure::{self, RequestOrigins};

/// Finds the rows of every word, in the order of the words, and for people and in JSON every version
/// of them. A word comes once for each account that has a message of it.
///
/// # Errors
/// When the archive cannot be read.
pub(super) fn find(
    words: &[MessageWord],
    archive: &ReadableArchive<'_>,
    prepared: &PreparedRun<'_>,
    context: &Context,
) -> Result<(Vec<MessageWord>, Vec<FoundMessages>), Failure> {
    let accounts: Vec<_> = archive.accounts().iter().copied().map(Some).collect();
    // An archive without an account is searched as well: that it is empty is a gap.
    let accounts = if accounts.is_empty() { vec![None] } else { accounts };
    let find = |word: &MessageWord| -> Result<Vec<FoundMessages>, SourceError> {
        let searches = accounts.iter().map(|account| AccountArchive { archive, account: *account });
        let found = searches.map(|search| search.find(word, prepared, context));
        Ok(with_rows(found.collect::<Result<_, SourceError>>()?))
    };
    let found = words.iter().map(|word| Ok((word, find(word)?)));
    let found = found.collect::<Result<Vec<_>, SourceError>>();
    context.report.status("");
    let found = found.map_err(|error| {
        source_failure::failure(&error, &RequestOrigins::default(), context.signals.kind())
    })?;
    let each = found
        .into_iter()
        .flat_map(|(word, found)| found.into_iter().map(move |found| (word.clone(), found)));
    Ok(each.unzip())
}

/// What was found in the accounts that have rows of a word; if there is none, in all of them together.
/// The gaps of the other accounts count as well.
fn with_rows(found: Vec<FoundMessages>) -> Vec<FoundMessages> {
    let (mut with_rows, without): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|found| !found.rows.is_empty());
    let mut without = without.into_iter();
    if with_rows.is_empty() {
        with_rows.extend(without.next());
    }
    if let Some(first) = with_rows.first_mut() {
        for other in without {
            first.held_back += other.held_back;
            first.gaps.extend(other.gaps);
        }
    }
    with_rows
}

/// An account of an archive. Two accounts can have a message of the same id, for instance when an account
/// was archived under two base URLs.
struct AccountArchive<'a> {
    archive: &'a ReadableArchive<'a>,
    /// `None` in an archive that has no account yet.
    account: Option<AccountId>,
}

impl AccountArchive<'_> {
    fn find(
        &self,
        word: &MessageWord,
        prepared: &PreparedRun<'_>,
        context: &Context,
    ) -> Result<FoundMessages, SourceError> {
        let pages = |query: Query, start: Option<&str>| -> Result<Box<dyn Pages>, SourceError> {
            let pages = self.pages(&query)?;
            let Some(start) = start else { return Ok(Box::new(pages)) };
            let prefix = self.id_prefix(&query, start)?;
            Ok(Box::new(pages.with_id_prefix(&prefix)))
        };
        let (kind, filters) = (SourceKind::Archive, &prepared.query);
        let search = Search { pages: &pages, kind, filters, prepared, context };
        let mut found = search.find(word)?;
        if self.archive.state.allows_gaps {
            found.gaps.clear();
        }
        let format = prepared.output_settings.format;
        if format.is_for_people() || matches!(format, FormatName::Json | FormatName::Jsonl) {
            found.versions = self.versions(&found.rows, filters)?;
        }
        Ok(found)
    }

    fn pages(&self, query: &Query) -> Result<ArchivePages, StoreError> {
        self.archive.pages_of(self.account, query)
    }

    /// The prefix with which the index of the archive finds ids that begin with `start`: in the letter
    /// case of the archive, and no longer than the part that has no hyphen in any notation of an id.
    fn id_prefix(&self, query: &Query, start: &str) -> Result<String, SourceError> {
        let typed: String = start.chars().take(MIN_ID_START).take_while(|c| *c != '-').collect();
        for prefix in [typed.to_ascii_lowercase(), typed.to_ascii_uppercase()] {
            let mut one = query.clone();
            (one.extent, one.limit) = (Extent::OnePage, Some(1));
            let mut pages = self.pages(&one)?.with_id_prefix(&prefix);
            if pages.next_page().transpose()?.is_some_and(|page| !page.logs.is_empty()) {
                return Ok(prefix);
            }
        }
        Ok(typed)
    }

    /// Every version of the rows, oldest first.
    fn versions(
        &self,
        rows: &[Log],
        filters: &Query,
    ) -> Result<HashMap<Identity, Vec<RowVersion>>, SourceError> {
        let current: HashMap<Identity, &Log> =
            rows.iter().map(|row| (row.identity(), row)).collect();
        let ids = current.keys().filter_map(|identity| match identity {
            Identity::Message { id, .. } => Some(String::from(id.clone())),
            Identity::Row(_) => None,
        });
        let mut query = filters.clone();
        (query.message_ids, query.extent, query.limit) = (ids.collect(), Extent::All, None);
        query.message_ids.sort_unstable();
        query.message_ids.dedup();
        let mut versions: HashMap<Identity, Vec<RowVersion>> = HashMap::new();
        if query.message_ids.is_empty() {
            return Ok(versions);
        }
        let mut pages = self.pages(&query)?.with_all_versions();
        while let Some(page) = pages.next_page() {
            for log in page?.logs {
                let (log, seen_at) = without_seen_at(log);
                let identity = log.identity();
                let Some(row) = current.get(&identity) else { continue };
                let is_current = log.json() == row.json();
                versions.entry(identity).or_default().push(RowVersion { log, seen_at, is_current });
            }
        }
        // The archive returns the latest version first.
        for versions in versions.values_mut() {
            versions.reverse();
        }
        Ok(versions)
    }
}
