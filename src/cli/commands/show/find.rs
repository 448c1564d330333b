//! Finds the rows of the messages that the words name.
//!
//! A whole id takes one request. The beginning of an id is searched on the newest page, and then page
//! by page: this takes two requests where the newest page has it. A file is read once, for all words.
//! The archive finds ids, their beginnings and destinations by its indexes.

use std::collections::{BTreeSet, HashMap};

use omnilogs::model::{Anomalies, Anomaly, Identity};
use omnilogs::pages::{self, Pages, SharedSource};
use omnilogs::pump::RunOutcome;
use omnilogs::query::{Extent, RowFilter};
use omnilogs::{Field, Log, Query, Source as _, SourceError, SourceKind, Timestamp};

use super::view::RowVersion;
use crate::args::{MIN_ID_START, MessageWord, is_uuid};
use crate::failure::Failure;
use crate::session::context::Context;
use crate::session::prepare::PreparedRun;
use crate::session::run_result::run_result;
use crate::session::source::SourceHandle;
use crate::session::source_failure;
use crate::session::summary::{self, RunTotals};
use crate::text::counted;
use crate::time_input::short_time_text;

/// A word of at least this length is more probably a whole id than the beginning of one.
const MIN_WHOLE_ID: usize = 20;

/// The messages that a word has found.
#[derive(Debug)]
pub(super) struct FoundMessages {
    /// The rows, newest first.
    pub(super) rows: Vec<Log>,
    /// Every version of the rows, from a source that keeps them, oldest first.
    pub(super) versions: HashMap<Identity, Vec<RowVersion>>,
    /// Whether the source may have more of them.
    pub(super) is_cut: bool,
    /// Rows that local filters removed.
    pub(super) held_back: u64,
    /// Whether the source also returned messages that the word does not name. They are not in `rows`.
    pub(super) has_others: bool,
    /// The anomalies of the responses.
    pub(super) anomalies: Anomalies,
    /// Whether the word was found as a destination.
    pub(super) is_destination: bool,
    /// Why rows may be missing, where that is known.
    pub(super) gaps: Vec<String>,
    /// The kind of source that was searched.
    pub(super) kind: SourceKind,
}

impl FoundMessages {
    fn new(kind: SourceKind) -> Self {
        Self {
            rows: Vec::new(),
            versions: HashMap::new(),
            is_cut: false,
            held_back: 0,
            has_others: false,
            anomalies: Anomalies::default(),
            is_destination: false,
            gaps: Vec::new(),
            kind,
        }
    }

    /// The versions of a row, oldest first; the row alone where the source keeps no others.
    pub(super) fn versions_of(&self, row: &Log) -> Vec<RowVersion> {
        match self.versions.get(&row.identity()) {
            Some(versions) => versions.clone(),
            None => vec![row.clone().into()],
        }
    }

    /// The distinct ids of the rows.
    pub(super) fn ids(&self) -> BTreeSet<String> {
        self.rows.iter().map(|row| row.cell(Field::MessageId).into_text().into_owned()).collect()
    }
}

/// The query for a word; the beginning of an id is not a filter of the API.
pub(super) fn query_of(word: &MessageWord, filters: &Query) -> Query {
    let mut query = filters.clone();
    match word {
        MessageWord::Id(id) => {
            query.message_ids = vec![id.clone()];
            (query.extent, query.limit) = (Extent::OnePage, Some(Query::MAX_ROWS));
        }
        MessageWord::IdStart(_) => {
            (query.extent, query.limit) = (Extent::OnePage, Some(Query::MAX_ROWS));
        }
        MessageWord::Number(to) | MessageWord::Address(to) => query.to = vec![to.clone()],
    }
    query
}

/// Finds the rows of every word, in the order of the words.
///
/// # Errors
/// When the source fails.
pub(super) fn find(
    words: &[MessageWord],
    prepared: &PreparedRun<'_>,
    context: &Context,
) -> Result<Vec<FoundMessages>, Failure> {
    let SourceHandle { source, origins, connection, .. } = prepared.open_source()?;
    let (kind, source) = (source.kind(), SharedSource::new(source));
    // The API does not filter by the beginning of an id.
    let pages = |query, _: Option<&str>| {
        Ok(pages::list(source.clone(), query, context.clock.now().into(), None) as Box<dyn Pages>)
    };
    let search = Search { pages: &pages, kind, filters: &prepared.query, prepared, context };
    let found = words.iter().map(|word| search.find(word)).collect::<Result<Vec<_>, _>>();
    context.report.status("");
    // The sandbox serves until its connection is dropped.
    drop(connection);
    let failed = |error| source_failure::failure(&error, &origins, context.signals.kind());
    let found = found.map_err(failed)?;
    warn(&found, context);
    Ok(found)
}

/// The pages of a query; where the source can select them, only those of messages whose ids begin
/// with a text.
pub(super) type PagesOf<'a> =
    dyn Fn(Query, Option<&str>) -> Result<Box<dyn Pages>, SourceError> + 'a;

/// A search over a source that takes several queries.
pub(super) struct Search<'a> {
    pub(super) pages: &'a PagesOf<'a>,
    pub(super) kind: SourceKind,
    /// The filters of the command line.
    pub(super) filters: &'a Query,
    pub(super) prepared: &'a PreparedRun<'a>,
    pub(super) context: &'a Context,
}

impl Search<'_> {
    /// Finds the rows of a word.
    pub(super) fn find(&self, word: &MessageWord) -> Result<FoundMessages, SourceError> {
        match word {
            MessageWord::Id(id) if is_uuid(id) => self.rows(query_of(word, self.filters)),
            MessageWord::Id(id) => self.by_id_or_destination(id),
            MessageWord::IdStart(start) if start.len() >= MIN_WHOLE_ID => {
                let found = self.by_id_or_destination(start)?;
                if found.rows.is_empty() { self.by_start(start) } else { Ok(found) }
            }
            MessageWord::IdStart(start) => self.by_start(start),
            MessageWord::Number(to) | MessageWord::Address(to) => {
                let found = self.to(word)?;
                if found.rows.is_empty() && can_be_id_start(word) {
                    self.by_start(to)
                } else {
                    Ok(found)
                }
            }
        }
    }

    /// The rows of a whole id, or else those to a destination that looks like an id, such as the push
    /// registration of an app.
    fn by_id_or_destination(&self, word: &str) -> Result<FoundMessages, SourceError> {
        let found = self.rows(query_of(&MessageWord::Id(word.to_owned()), self.filters))?;
        if !found.rows.is_empty() {
            return Ok(found);
        }
        let to = self.to(&MessageWord::Address(word.to_owned()))?;
        Ok(FoundMessages { has_others: found.has_others || to.has_others, ..to })
    }

    /// The rows to a destination.
    fn to(&self, word: &MessageWord) -> Result<FoundMessages, SourceError> {
        let found = self.rows(query_of(word, self.filters))?;
        Ok(FoundMessages { is_destination: !found.rows.is_empty(), ..found })
    }

    /// The rows of a query that the local filters keep, newest first. A server that ignores the id or
    /// the destination returns other messages, which must not be taken for those that were requested.
    fn rows(&self, query: Query) -> Result<FoundMessages, SourceError> {
        let named = NamedMessages::of(&query);
        let limit = u64::from(query.limit.unwrap_or(Query::DEFAULT_ROWS));
        let is_one_page = query.extent == Extent::OnePage;
        let mut pages = (self.pages)(query, None)?;
        let mut found = FoundMessages::new(self.kind);
        let matches = usize::try_from(self.prepared.matches.unwrap_or(u64::MAX));
        let matches = matches.unwrap_or(usize::MAX);
        let (mut received, mut others) = (0, 0);
        while found.rows.len() < matches
            && let Some(page) = pages.next_page()
        {
            let mut logs = page?.logs;
            received += logs.len() as u64;
            let before = logs.len();
            logs.retain(|row| named.contains(row));
            others += (before - logs.len()) as u64;
            let kept = logs.into_iter().filter(|row| self.prepared.local.keeps(row));
            found.rows.extend(kept);
        }
        found.held_back = received - others - found.rows.len() as u64;
        found.has_others = others > 0;
        found.anomalies = pages.report().anomalies;
        found.is_cut = is_one_page && received >= limit || found.rows.len() >= matches;
        newest_first(&mut found.rows);
        found.rows.truncate(matches);
        found.gaps = pages.report().gaps.into_iter().map(|gap| gap.reason).collect();
        Ok(found)
    }

    /// The rows of the messages whose ids begin with a text. If only one message has such an id, these
    /// are all of its rows; otherwise they are those of the first page that has any.
    fn by_start(&self, start: &str) -> Result<FoundMessages, SourceError> {
        let newest = query_of(&MessageWord::IdStart(start.to_owned()), self.filters);
        let mut found = self.first_page_with(start, newest.clone())?;
        if found.rows.is_empty() {
            found = self.first_page_with(start, everything(newest))?;
        }
        match found.ids().into_iter().collect::<Vec<_>>().as_slice() {
            [only] => self.rows(query_of(&MessageWord::Id(only.clone()), self.filters)),
            _ => Ok(found),
        }
    }

    /// The rows with such an id on the first page that has any. The status line shows the progress.
    fn first_page_with(&self, start: &str, query: Query) -> Result<FoundMessages, SourceError> {
        let mut pages = (self.pages)(query, Some(start))?;
        while let Some(page) = pages.next_page() {
            let mut rows = page?.logs;
            rows.retain(|row| begins_with(row, start));
            if !rows.is_empty() {
                newest_first(&mut rows);
                return Ok(FoundMessages { rows, ..FoundMessages::new(self.kind) });
            }
            let report = pages.report();
            let settings = &self.prepared.output_settings;
            let back = report.reached.map(|reached| {
                format!(", back to {}", short_time_text(reached, settings.zone, settings.today))
            });
            let searched = counted(report.rows, "message");
            let text = format!("looking for the id: {searched}{}", back.unwrap_or_default());
            self.context.report.status(&text);
        }
        let gaps = pages.report().gaps.into_iter().map(|gap| gap.reason).collect();
        Ok(FoundMessages { gaps, ..FoundMessages::new(self.kind) })
    }
}

/// The messages that a query names by their ids or their destination.
struct NamedMessages {
    ids: Vec<String>,
    to: RowFilter,
}

impl NamedMessages {
    fn of(query: &Query) -> Self {
        let mut to = Query::default();
        to.to.clone_from(&query.to);
        Self { ids: query.message_ids.clone(), to: RowFilter::new(&to) }
    }

    fn contains(&self, row: &Log) -> bool {
        let has_id = self.ids.is_empty() || self.ids.iter().any(|id| begins_with(row, id));
        has_id && self.to.matches(row)
    }
}

/// Warns about what the source returned beside the messages that the words name, and about anomalies.
fn warn(found: &[FoundMessages], context: &Context) {
    let mut anomalies = Anomalies::default();
    for found in found {
        anomalies.add(&found.anomalies, 0);
    }
    // The messages are sorted in any case.
    anomalies.remove(Anomaly::Unsorted);
    if found.iter().any(|found| found.has_others) {
        // Of these rows, the warning of the anomaly says that they are shown.
        anomalies.remove(Anomaly::NotInQuery);
        context.report.warn("the server returned messages that were not requested; not shown");
    }
    for sentence in summary::anomalies(&anomalies, true) {
        context.report.warn(&sentence);
    }
}

/// Whether a number can also be the beginning of an id, whose first 8 characters can all be digits.
fn can_be_id_start(word: &MessageWord) -> bool {
    matches!(word, MessageWord::Number(number) if number.len() == MIN_ID_START)
}

/// The same query over every page.
fn everything(mut query: Query) -> Query {
    (query.extent, query.limit) = (Extent::All, None);
    query
}

/// Whether the id of a row begins with a text. Letter case and hyphens do not count: tools differ in
/// how they print hexadecimal digits.
fn begins_with(row: &Log, start: &str) -> bool {
    fn digits(text: &str) -> impl Iterator<Item = char> {
        text.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase())
    }
    let id = row.cell(Field::MessageId).into_text();
    let mut id = digits(&id);
    digits(start).all(|digit| id.next() == Some(digit))
}

fn newest_first(rows: &mut [Log]) {
    rows.sort_by_cached_key(|row| std::cmp::Reverse(row.sent_at().map(Timestamp::millis)));
}

/// Selects the rows of a file that a word names.
struct WordFilter {
    /// The beginning of the id, if the word can be one.
    start: Option<String>,
    /// The whole id, if the word can be one.
    id: Option<RowFilter>,
    /// The destination.
    to: RowFilter,
}

impl WordFilter {
    fn new(word: &MessageWord) -> Self {
        let filter = |word| RowFilter::new(&query_of(&word, &Query::default()));
        let (text, start) = match word {
            MessageWord::IdStart(text) => (text, Some(text.clone())),
            MessageWord::Number(text) if can_be_id_start(word) => (text, Some(text.clone())),
            MessageWord::Id(text) | MessageWord::Number(text) | MessageWord::Address(text) => {
                (text, None)
            }
        };
        let is_id = matches!(word, MessageWord::Id(_) | MessageWord::IdStart(_));
        Self {
            start,
            id: is_id.then(|| filter(MessageWord::Id(text.clone()))),
            to: filter(MessageWord::Address(text.clone())),
        }
    }

    /// Adds the row if the word names it. Rows with the id replace those to the destination.
    fn add(&self, row: &Log, is_kept: bool, found: &mut FoundMessages) {
        let has_id = self.id.as_ref().is_some_and(|id| id.matches(row))
            || self.start.as_ref().is_some_and(|start| begins_with(row, start));
        let is_to = !has_id && self.to.matches(row);
        if !is_kept {
            found.held_back += u64::from(has_id || is_to);
            return;
        }
        if has_id && std::mem::take(&mut found.is_destination) {
            found.rows.clear();
        }
        if has_id || (is_to && (found.rows.is_empty() || found.is_destination)) {
            found.is_destination = is_to;
            found.rows.push(row.clone());
        }
    }
}

/// Keeps the rows of the first messages, up to this number of messages. Returns whether any row was
/// removed.
fn keep_messages(rows: &mut Vec<Log>, limit: u64) -> bool {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut ids, before) = (BTreeSet::new(), rows.len());
    rows.retain(|row| {
        let id = row.cell(Field::MessageId).into_text().into_owned();
        ids.contains(&id) || ids.len() < limit && ids.insert(id)
    });
    rows.len() < before
}

/// Reads a file once, and finds the rows of every word; `limit` is the maximum number of messages to
/// a destination.
///
/// # Errors
/// When the file or some of its rows cannot be read.
pub(super) fn find_in_file(
    words: &[MessageWord],
    prepared: &PreparedRun<'_>,
    limit: Option<u64>,
    context: &Context,
) -> Result<Vec<FoundMessages>, Failure> {
    let mut reader = prepared.open_pages(false)?;
    let filters: Vec<WordFilter> = words.iter().map(WordFilter::new).collect();
    let mut found: Vec<FoundMessages> =
        words.iter().map(|_| FoundMessages::new(reader.kind)).collect();
    let mut outcome = RunOutcome { rows: 0, report: reader.pages.report(), failure: None };
    while let Some(page) = reader.pages.next_page() {
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                outcome.failure = Some(error);
                break;
            }
        };
        outcome.rows += page.logs.len() as u64;
        for row in &page.logs {
            let is_kept = prepared.local.keeps(row);
            for (filter, found) in filters.iter().zip(&mut found) {
                filter.add(row, is_kept, found);
            }
        }
    }
    outcome.report = reader.pages.report();
    let settings = &prepared.output_settings;
    let rerun = prepared.rerun_command();
    let totals = RunTotals {
        query: &prepared.query,
        outcome: &outcome,
        rows_shown: outcome.rows,
        rows_before: 0,
        held_back: 0,
        has_enough: false,
        outcomes: None,
        zone: settings.zone,
        today: settings.today,
        kind: reader.kind,
        archive: reader.archive,
        rerun: &rerun,
    };
    run_result(&totals, &reader, context)?;
    for found in &mut found {
        newest_first(&mut found.rows);
        if let Some(limit) = limit.filter(|_| found.is_destination) {
            found.is_cut = keep_messages(&mut found.rows, limit);
        }
    }
    Ok(found)
}
