//! The archive as a source: the messages that match a query, newest first, and the gaps in them.
//!
//! The store applies the filters that it has an index for; all others are matched row by row. Memory
//! holds one page, however large the archive is.

use std::sync::mpsc::Receiver;

use super::account::AccountId;
use super::error::StoreError;
use super::ledger::{Ledger, Scope};
use super::message_columns::destination_key;
use super::ranges;
use super::seen_at_member::with_seen_at;
use super::selection::{Cursor, Selection, StoredRow, StoredVersion};
use super::store::Store;
use super::stored_rows::StoredRows;
use super::unchecked_page::{UncheckedPage, changed_text};
use crate::clock::Interrupt;
use crate::model::{Log, Page, TimeRange, Timestamp};
use crate::pages::{Pages, Resume, RunReport};
use crate::query::{Extent, Query, RowFilter};
use crate::source::{Gap, Source, SourceError, SourceKind};

/// The number of rows that are read at once.
const PAGE_ROWS: usize = 1000;

/// Gets the current version of each message, and the number of its versions that the pages have.
type MessageObserver = Box<dyn FnMut(&Log, usize) + Send>;

/// The pages of a query over an archive.
pub struct ArchivePages {
    store: Box<dyn Store>,
    listing: Listing,
}

impl ArchivePages {
    /// The messages of an account, or of every account, that match a query.
    #[must_use]
    pub fn new(store: Box<dyn Store>, query: &Query, account: Option<AccountId>) -> Self {
        Self { store, listing: Listing::new(query, account) }
    }

    /// Continues where an earlier run ended.
    #[must_use]
    pub fn resuming(mut self, resume: Resume) -> Self {
        self.listing.resume(resume);
        self
    }

    /// Restricts the pages to messages whose ids begin with this prefix.
    #[must_use]
    pub fn with_id_prefix(mut self, prefix: &str) -> Self {
        self.listing.selection.message_id_prefix = Some(prefix.to_owned());
        self
    }

    /// Ends with [`SourceError::Interrupted`] soon after the interrupt is raised, also while no row
    /// matches.
    #[must_use]
    pub fn interruptible(mut self, interrupt: Interrupt) -> Self {
        self.listing.interrupt = interrupt;
        self
    }

    /// Sets the time before which messages have expired on the server, in milliseconds since 1970. What
    /// was not listed before it is missing for good, also after the end of the archive.
    #[must_use]
    pub fn with_edge(mut self, edge: i64) -> Self {
        self.listing.edge = edge;
        self
    }

    /// Returns every version of each message, the latest first, each with a member `seenAt`: the
    /// time at which the version was first seen.
    #[must_use]
    pub fn with_all_versions(mut self) -> Self {
        self.listing.all_versions = true;
        self
    }

    /// Like [`ArchivePages::with_all_versions`]. Before a page with versions of a message is returned,
    /// `observe` gets the current version of the message, and the number of its versions in the page.
    /// The order is that of the pages.
    #[must_use]
    pub fn with_observed_versions(
        mut self,
        observe: impl FnMut(&Log, usize) + Send + 'static,
    ) -> Self {
        self.listing.observer = Some(Box::new(observe));
        self.with_all_versions()
    }

    /// The name of the archive.
    pub(super) fn name(&self) -> &str {
        self.store.name()
    }

    /// Leaves it to the caller to compare the rows of the pages with their hashes. Rows that are compared
    /// with filters, or looked up, are compared with their hashes before, because a changed text might
    /// not match, or have the id of another message.
    ///
    /// The caller returns the memory of the rows that it has compared through the channel.
    pub(super) fn leave_rows_unchecked(&mut self, compared: Receiver<StoredRows>) {
        if self.listing.filter.is_none() && !self.listing.all_versions {
            self.listing.hash_check = HashCheck::ByCaller(compared);
        }
    }

    /// The next page, whose rows are to be compared with its hashes.
    pub(super) fn next_unchecked(&mut self) -> Option<Result<UncheckedPage, SourceError>> {
        self.listing.next_page(&mut *self.store)
    }
}

impl Pages for ArchivePages {
    fn next_page(&mut self) -> Option<Result<Page, SourceError>> {
        self.next_unchecked().map(|page| page.map(|page| page.page))
    }

    fn report(&self) -> RunReport {
        self.listing.report()
    }
}

/// When rows are compared with their hashes.
#[derive(Debug)]
enum HashCheck {
    /// When they are read.
    OnReading,
    /// When the caller gets the page. It returns the memory of the rows, for those of a later page.
    ByCaller(Receiver<StoredRows>),
}

/// The state of a query over an archive.
struct Listing {
    selection: Selection,
    /// The filters that the store does not apply; `None` if it applies all of them.
    filter: Option<RowFilter>,
    /// The number of rows that are still to be returned.
    left: u64,
    /// Whether to return every version, not only the current ones.
    all_versions: bool,
    observer: Option<MessageObserver>,
    hash_check: HashCheck,
    /// The memory of the rows of the last page, for those of the next one.
    memory: StoredRows,
    /// Where the next page begins.
    after: Option<Cursor>,
    /// What the ledgers prove; `None` before the first page.
    proof: Option<LedgerProof>,
    report: RunReport,
    earlier_gaps: Vec<Gap>,
    /// Messages that were sent before this time have expired on the server.
    edge: i64,
    interrupt: Interrupt,
    /// Every matching row from this time on was returned, in milliseconds since 1970.
    covered_since: i64,
    /// Whether the store has no further matching row.
    is_done: bool,
    /// Whether there are no further pages.
    has_ended: bool,
    /// What the number of messages is compared with when all were read; `None` if it is not.
    check: Option<CountCheck>,
}

/// Counts the messages of a listing that reads all of an account or of the archive, or those with certain
/// ids. In a file without checksums, a page of an index can be replaced by another page of it, which hides
/// messages.
struct CountCheck {
    counted: CountedMessages,
    /// The [`Store::change_number`] when the listing began.
    change_number: i64,
    /// Messages that were read.
    read: u64,
}

/// Which messages a [`CountCheck`] counts.
#[derive(Clone, Copy, Debug)]
enum CountedMessages {
    /// All of an account or of the archive.
    All,
    /// Those that are selected by their ids, or the beginning of these, alone.
    WithIds,
}

impl Listing {
    fn new(query: &Query, account: Option<AccountId>) -> Self {
        let left = match query.extent {
            Extent::OnePage => query.limit.unwrap_or(Query::DEFAULT_ROWS).into(),
            Extent::Rows(rows) => rows,
            Extent::All => u64::MAX,
        };
        let selection = selection(query, account);
        Self {
            covered_since: selection.range.map_or(i64::MAX, |range| range.until),
            selection,
            filter: filter(query),
            left,
            all_versions: false,
            observer: None,
            hash_check: HashCheck::OnReading,
            memory: StoredRows::default(),
            after: None,
            proof: None,
            report: RunReport {
                since: query.since,
                until: query.until,
                order_proved: true,
                ..RunReport::default()
            },
            earlier_gaps: Vec::new(),
            edge: i64::MIN,
            interrupt: Interrupt::new(),
            is_done: false,
            has_ended: false,
            check: None,
        }
    }

    fn resume(&mut self, resume: Resume) {
        let range = self.selection.range.unwrap_or(EVERY_TIME);
        let until = range.until.min(resume.since.millis());
        self.selection.range = Some(TimeRange { until, ..range });
        self.covered_since = until;
        self.earlier_gaps = resume.gaps;
    }

    fn next_page(&mut self, store: &mut dyn Store) -> Option<Result<UncheckedPage, SourceError>> {
        if self.has_ended {
            return None;
        }
        let page = self.read(store);
        // After the last page, the messages are counted.
        let is_checked = self.check.is_none();
        self.has_ended = (self.is_done && is_checked) || !matches!(page, Ok(Some(_)));
        page.transpose()
    }

    /// Begins to count the messages, if the store can compare their number.
    fn start_check(&mut self, store: &mut dyn Store) -> Result<(), StoreError> {
        if let Some(counted) = self.counted_messages()
            && let Some(change_number) = store.change_number()?
        {
            self.check = Some(CountCheck { counted, change_number, read: 0 });
        }
        Ok(())
    }

    /// The messages that can be counted: `None` if they are selected by anything but their account or
    /// ids.
    fn counted_messages(&self) -> Option<CountedMessages> {
        let Selection { account, message_ids, message_id_prefix, .. } = &self.selection;
        let by_ids = Selection {
            account: *account,
            message_ids: message_ids.clone(),
            message_id_prefix: message_id_prefix.clone(),
            ..Selection::default()
        };
        match (message_ids.as_slice(), message_id_prefix) {
            _ if self.selection != by_ids => None,
            ([], None) => Some(CountedMessages::All),
            ([], Some(_)) | ([_, ..], None) => Some(CountedMessages::WithIds),
            ([_, ..], Some(_)) => None,
        }
    }

    /// Fails if another number of messages was read than the archive has. If messages are selected by
    /// ids, they are counted only when an id was not found: usually all are.
    fn check_count(&mut self, store: &mut dyn Store) -> Result<(), StoreError> {
        let Some(CountCheck { counted, change_number, read }) = self.check.take() else {
            return Ok(());
        };
        let ids = self.selection.message_ids.len().max(1) as u64;
        let count = match counted {
            CountedMessages::All => {
                store.count_without_index(self.selection.account, change_number, read)?
            }
            CountedMessages::WithIds if read < ids => {
                store.count_ids_without_index(&self.selection, change_number)?
            }
            CountedMessages::WithIds => None,
        };
        let Some(count) = count.filter(|count| *count != read) else { return Ok(()) };
        // The others can be of any time.
        self.report.reached = None;
        let reason = match counted {
            CountedMessages::All => format!("{read} of its {count} messages were read"),
            CountedMessages::WithIds => "its index of ids lacks a message".to_owned(),
        };
        Err(StoreError::Damaged { name: store.name().to_owned(), reason })
    }

    fn read(&mut self, store: &mut dyn Store) -> Result<Option<UncheckedPage>, SourceError> {
        if self.proof.is_none() {
            self.proof = Some(LedgerProof::read(store, self.selection.account)?);
            self.start_check(store)?;
        }
        if self.is_done {
            self.check_count(store)?;
            return Ok(None);
        }
        let mut unchecked = UncheckedPage::default();
        while unchecked.len() == 0 && !self.is_done {
            if self.interrupt.is_raised() {
                return Err(SourceError::Interrupted);
            }
            self.fill(store, &mut unchecked)?;
        }
        if unchecked.len() == 0 && self.report.pages > 0 {
            self.check_count(store)?;
            return Ok(None);
        }
        self.report.pages += 1;
        self.report.rows += unchecked.len() as u64;
        self.report.bytes += unchecked.page.bytes as u64;
        Ok(Some(unchecked))
    }

    /// Adds the matching rows among the next rows of the store.
    fn fill(&mut self, store: &mut dyn Store, to: &mut UncheckedPage) -> Result<(), StoreError> {
        // Often all of the first rows match, so the first read takes only as many rows as are to be
        // returned.
        let limit = if self.filter.is_none() || self.report.requests == 0 {
            usize::try_from(self.left).unwrap_or(usize::MAX).min(PAGE_ROWS)
        } else {
            PAGE_ROWS
        };
        let mut rows = match &self.hash_check {
            HashCheck::OnReading => std::mem::take(&mut self.memory),
            HashCheck::ByCaller(compared) => compared.try_recv().unwrap_or_default(),
        };
        store.read_rows(&self.selection, self.after.as_ref(), limit, &mut rows)?;
        self.report.requests += 1;
        self.is_done = rows.len() < limit;
        if let Some(check) = &mut self.check {
            check.read += rows.len() as u64;
        }
        let reached = match self.hash_check {
            HashCheck::OnReading => {
                let found = rows.to_rows();
                self.memory = rows;
                self.add_matching(store, found, &mut to.page)?
            }
            HashCheck::ByCaller(_) => self.add_unchecked(rows, to),
        };
        if self.left == 0 {
            // The rest is not read.
            (self.is_done, self.check) = (true, None);
        }
        let until = self.covered_since;
        self.covered_since = match reached {
            // More rows of this millisecond may follow.
            Some(at) if self.left == 0 || !self.is_done => until.min(at.saturating_add(1)),
            _ => self.selection.range.map_or(i64::MIN, |range| range.since),
        };
        let first_until = to.page.covers.map_or(until, |range| range.until);
        to.page.covers = Some(TimeRange { since: self.covered_since, until: first_until });
        Ok(())
    }

    /// Adds the rows that match the filter, and returns the time of the last row that was read.
    fn add_matching(
        &mut self,
        store: &mut dyn Store,
        rows: Vec<StoredRow>,
        page: &mut Page,
    ) -> Result<Option<i64>, StoreError> {
        if !rows.iter().all(StoredRow::is_intact) {
            return Err(changed_text(store.name()));
        }
        let mut reached = None;
        for row in rows {
            if self.left == 0 {
                break;
            }
            reached = Some(row.at);
            self.after = Some(row.cursor.clone());
            if self.filter.as_ref().is_none_or(|filter| filter.matches(&row.log)) {
                self.report.reached = reached.map(Timestamp::from_millis);
                self.add_row(store, row, page)?;
            }
        }
        Ok(reached)
    }

    /// Adds all rows, which are not more than are to be returned, and returns the time of the last.
    fn add_unchecked(&mut self, rows: StoredRows, to: &mut UncheckedPage) -> Option<i64> {
        let last = rows.last()?;
        let reached = Some(last.at);
        self.after = Some(last.cursor.clone());
        self.report.reached = reached.map(Timestamp::from_millis);
        self.left = self.left.saturating_sub(rows.len() as u64);
        to.page.bytes += rows.text_bytes();
        to.rows = rows;
        reached
    }

    fn add_row(
        &mut self,
        store: &mut dyn Store,
        row: StoredRow,
        page: &mut Page,
    ) -> Result<(), StoreError> {
        if !self.all_versions {
            self.left -= 1;
            page.bytes += row.log.bytes().len();
            page.logs.push(row.log);
            return Ok(());
        }
        let mut versions = store.versions(row.account, &row.key())?;
        if !versions.iter().all(StoredVersion::is_intact) {
            return Err(changed_text(store.name()));
        }
        if versions.is_empty() && is_still_there(store, &row)? {
            let reason = "the versions of a message that was read were not found".to_owned();
            return Err(StoreError::Damaged { name: store.name().to_owned(), reason });
        }
        versions.reverse();
        versions.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
        self.left -= versions.len() as u64;
        if let Some(observe) = &mut self.observer {
            observe(&row.log, versions.len());
        }
        for version in versions {
            let log = with_seen_at(&version.log, Timestamp::from_millis(version.seen_at));
            page.bytes += log.bytes().len();
            page.logs.push(log);
        }
        Ok(())
    }

    /// Where rows may be missing in the time range that was returned so far.
    fn gaps(&self) -> Vec<Gap> {
        let Some(proof) = &self.proof else { return Vec::new() };
        let requested = self.selection.range.unwrap_or(EVERY_TIME);
        proof.gaps(&ReturnedRange { requested, since: self.covered_since, edge: self.edge })
    }

    fn report(&self) -> RunReport {
        let mut report = self.report.clone();
        report.gaps = self.gaps();
        report.gaps.extend(self.earlier_gaps.iter().cloned());
        report
    }
}

/// Whether the store still has a message that was read: another program may have deleted it since.
fn is_still_there(store: &mut dyn Store, row: &StoredRow) -> Result<bool, StoreError> {
    let before = Cursor { number: row.cursor.number.saturating_add(1), ..row.cursor.clone() };
    let next = store.rows(&Selection::default(), Some(&before), 1)?;
    Ok(next.iter().any(|next| next.cursor == row.cursor))
}

const EVERY_TIME: TimeRange = TimeRange { since: i64::MIN, until: i64::MAX };

/// The part of a query that a store applies by its indexes.
fn selection(query: &Query, account: Option<AccountId>) -> Selection {
    let range = (query.since.is_some() || query.until.is_some()).then(|| TimeRange {
        since: query.since.map_or(i64::MIN, Timestamp::millis),
        until: query.until.map_or(i64::MAX, |until| until.millis().saturating_add(1)),
    });
    Selection {
        account,
        range,
        destinations: query.to.iter().map(|to| destination_key(to).into_owned()).collect(),
        message_ids: query.message_ids.clone(),
        message_id_prefix: None,
        bulk_ids: query.bulk_ids.clone(),
        statuses: query.statuses.clone(),
    }
}

/// The filters that are not part of the selection, and the time range: a row without a readable time
/// of sending matches no time range, but the store selects it by the time at which it was first seen.
fn filter(query: &Query) -> Option<RowFilter> {
    let rest = Query {
        to: Vec::new(),
        message_ids: Vec::new(),
        bulk_ids: Vec::new(),
        statuses: Vec::new(),
        limit: None,
        extent: Extent::default(),
        extra: Vec::new(),
        ..query.clone()
    };
    (rest != Query::default()).then(|| RowFilter::new(&rest))
}

/// The time range of which a listing has returned the messages so far.
struct ReturnedRange {
    requested: TimeRange,
    /// Every message from this time on was returned.
    since: i64,
    /// Messages that were sent before this time have expired on the server.
    edge: i64,
}

impl ReturnedRange {
    /// The earliest time of which every requested message was returned.
    fn since(&self) -> i64 {
        self.requested.since.max(self.since)
    }

    /// The range in an archive that is meant to hold the messages from `start` on, and was listed up to
    /// `newest`. A range without a beginning begins where the archive does, unless it ends before that.
    fn window(&self, start: i64, newest: i64) -> TimeRange {
        let TimeRange { since, until } = self.requested;
        let until = if until < i64::MAX {
            until
        } else if since >= newest {
            // Nothing is known of it.
            i64::MAX
        } else if since > i64::MIN {
            // Everything since then was requested. What has not expired, the next sync brings.
            newest.max(self.edge)
        } else {
            newest
        };
        let since = self.since();
        let has_beginning = since > i64::MIN || self.requested.until <= start;
        TimeRange { since: if has_beginning { since } else { start }, until }
    }
}

/// What the ledgers of the accounts of a listing prove.
struct LedgerProof {
    ledgers: Vec<Ledger>,
}

impl LedgerProof {
    fn read(store: &mut dyn Store, account: Option<AccountId>) -> Result<Self, StoreError> {
        let accounts = match account {
            Some(account) => vec![account],
            None => store.accounts()?.into_iter().map(|account| account.id).collect(),
        };
        let ledgers = accounts
            .into_iter()
            .map(|account| store.ledger(account, Scope::ALL))
            .collect::<Result<Vec<_>, _>>()?;
        // An archive without an account has listed nothing either.
        Ok(Self { ledgers: if ledgers.is_empty() { vec![Ledger::default()] } else { ledgers } })
    }

    /// The gaps in what was returned, newest first.
    fn gaps(&self, returned: &ReturnedRange) -> Vec<Gap> {
        let mut gaps: Vec<_> = self
            .ledgers
            .iter()
            .flat_map(|ledger| gaps_of(ledger, returned))
            .map(|(range, at_least, reason)| Gap {
                since: (range.since > i64::MIN).then(|| Timestamp::from_millis(range.since)),
                until: (range.until < i64::MAX)
                    .then(|| Timestamp::from_millis(range.until.saturating_sub(1))),
                at_least,
                reason,
            })
            .collect();
        gaps.sort_by_key(|gap| std::cmp::Reverse(gap.until.map_or(i64::MAX, Timestamp::millis)));
        gaps
    }
}

/// The gaps of one account in a window: the recorded gaps, and the ranges that were never listed.
fn gaps_of(ledger: &Ledger, returned: &ReturnedRange) -> Vec<(TimeRange, u64, String)> {
    let start = ledger.start.or_else(|| ledger.listed.first().map(|piece| piece.range.since));
    let (Some(start), Some(newest)) = (start, ledger.newest()) else {
        // Imported messages do not prove that others are not missing.
        let window = TimeRange { since: returned.since(), ..returned.requested };
        return vec![(window, 0, "nothing was listed yet".to_owned())];
    };
    let window = returned.window(start, newest);
    let recorded: Vec<_> = ledger
        .gaps
        .iter()
        .filter_map(|gap| Some((ranges::intersection(gap.range, window)?, gap)))
        .collect();
    let mut explained = ledger.covered();
    explained.extend(recorded.iter().map(|(range, _)| *range));
    let mut gaps: Vec<_> = recorded
        .into_iter()
        .map(|(range, gap)| {
            let is_whole = range == gap.range;
            (range, if is_whole { gap.at_least } else { 0 }, gap.reason.clone())
        })
        .collect();
    for range in ranges::uncovered(window, &explained) {
        let reason = if range.until <= start {
            "the archive begins later"
        } else if range.since >= newest {
            "the archive was not synced since then"
        } else {
            "the time was not listed yet"
        };
        gaps.push((range, 0, reason.to_owned()));
    }
    gaps
}

/// An archive as a source of single pages.
pub struct ArchiveSource {
    store: Box<dyn Store>,
    account: Option<AccountId>,
}

impl ArchiveSource {
    /// A source over the messages of an account, or of every account.
    #[must_use]
    pub fn new(store: Box<dyn Store>, account: Option<AccountId>) -> Self {
        Self { store, account }
    }
}

impl Source for ArchiveSource {
    /// Returns the newest matching rows, up to the limit of the query.
    fn fetch(&mut self, query: &Query) -> Result<Page, SourceError> {
        let query = Query { extent: Extent::OnePage, ..query.clone() };
        let mut listing = Listing::new(&query, self.account);
        let mut whole = Page::default();
        while let Some(page) = listing.next_page(&mut *self.store) {
            let page = page?.page;
            whole.bytes += page.bytes;
            whole.logs.extend(page.logs);
        }
        Ok(whole)
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Archive
    }
}
